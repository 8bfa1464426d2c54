import { once, type EventEmitter } from 'node:events';
import {
  createServer,
  request,
  type ClientRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import type { BodySource } from '../../../src/request/body-source.ts';
import { StreamBody } from '../../../src/request/body.ts';

export type Arrival = Readonly<{ req: IncomingMessage; res: ServerResponse }>;
export type Exchange = Arrival & Readonly<{ client: ClientRequest }>;

/** A server that hands each request to the test. */
export type Loopback = Readonly<{
  port: number;
  /** Begins a request, its head already sent, and waits until it has arrived. */
  post: (headers?: Readonly<Record<string, string>>) => Promise<Exchange>;
  /** The next request, whoever sends it. */
  arrival: () => Promise<Arrival>;
  close: () => Promise<void>;
}>;

export async function startLoopback(): Promise<Loopback> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const arrival = async (): Promise<Arrival> => {
    const [req, res] = (await once(server, 'request')) as [IncomingMessage, ServerResponse];
    return { req, res };
  };
  return {
    port,
    arrival,
    async post(headers = {}) {
      const client = request({ port, host: '127.0.0.1', method: 'POST', headers, agent: false });
      // What breaks a request off here is what a test does to it.
      client.on('error', () => undefined);
      const arrived = arrival();
      client.flushHeaders();
      return { client, ...(await arrived) };
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Pours a source out; fails as the source does. */
export async function drink(source: BodySource): Promise<Buffer> {
  const chunks: Buffer[] = [];
  source.on('data', (chunk) => chunks.push(chunk));
  source.resume();
  await once(source, 'end');
  return Buffer.concat(chunks);
}

/** A port that nobody listens on: it was bound and let go. */
export async function findDeadPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Lets everything happen that is already due. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A request whose bytes come when the test says so. */
export function fakeRequest(): Readable & { rawTrailers: string[] } {
  return Object.assign(new Readable({ read: () => undefined }), { rawTrailers: [] });
}

export function streamBody(req: Readable, replayBytes: number): StreamBody {
  return new StreamBody(req as unknown as IncomingMessage, undefined, replayBytes); // all of a request that a body looks at
}

/** Resolves at 'close', whatever else happens. */
export function whenClosed(emitter: EventEmitter): Promise<void> {
  return new Promise((resolve) => {
    emitter.once('close', resolve);
  });
}

export function listenersOf(req: Readable): number {
  return req.eventNames().reduce((sum, name) => sum + req.listenerCount(name), 0);
}
