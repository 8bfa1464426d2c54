import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { jest } from '@jest/globals';
import type { HttpProxyMiddleware } from '../../src/definition/definition.ts';
import { createHpmSender } from '../../src/forward/hpm-sender.ts';
import type { Sender } from '../../src/forward/sender.ts';
import { stopBackends } from './backend.ts';
import type { FrontOptions } from './front.ts';
import { stopHandlers } from './handler.ts';
import { startToldFront, type ToldFront } from './stories.ts';
import { resumeTime } from './time.ts';

/** A front whose members, in this order, are asked through http-proxy-middleware. */
export function startHpmFront(
  urls: readonly string[],
  httpProxyMiddleware: HttpProxyMiddleware,
  options: FrontOptions = {},
): Promise<ToldFront> {
  const members = urls.map((url, i) => ({ url, route: 'abc'[i]!, lbset: i, timeout: '20s' as const }));
  return startToldFront({ members, httpProxyMiddleware }, options);
}

const senders: Sender[] = [];
const leftovers: (() => unknown)[] = [];

/** A sender with nothing around it. */
export function createSender(options: HttpProxyMiddleware = {}): Sender {
  const sender = createHpmSender(options);
  senders.push(sender);
  return sender;
}

/** Ends a connection with the test, whatever becomes of it. */
export function endWithTest(socket: Duplex): void {
  leftovers.push(() => socket.destroy());
}

/** Ends what a test has started. */
export async function closeSenders(): Promise<void> {
  jest.useRealTimers();
  resumeTime();
  await Promise.all(senders.splice(0).map((sender) => sender.destroy()));
  await Promise.all(leftovers.splice(0).map((end) => end()));
  await Promise.all([stopBackends(), stopHandlers()]);
}

/** A client's request whose head has come, and what the client may do next. */
export type Uploading = Readonly<{
  req: IncomingMessage;
  res: ServerResponse;
  write: (text: string | Buffer) => void;
  leave: () => void;
}>;

/** Begins a POST with these fields. */
export async function startUpload(...fields: readonly string[]): Promise<Uploading> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.on('error', () => client.destroy());
  leftovers.push(() => {
    client.destroy();
    server.closeAllConnections();
    server.close();
    return once(server, 'close');
  });
  client.write(['POST / HTTP/1.1', 'Host: front', ...fields, '', ''].join('\r\n'));
  const [req, res] = (await once(server, 'request')) as [IncomingMessage, ServerResponse];
  return {
    req,
    res,
    write: (text) => client.write(text),
    leave: () => client.resetAndDestroy(),
  };
}
