import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { promisify } from 'node:util';
import { WebSocket, WebSocketServer, type ClientOptions, type ServerOptions } from 'ws';
import { attachUpgrades, type BalancerDefinition } from '../../src/index.ts';
import { listen, type Backend, type Place } from './backend.ts';
import type { FrontOptions } from './front.ts';
import { until } from './idle.ts';
import { startToldFront, type ToldFront } from './stories.ts';

/** A backend that may be upgraded, and the requests that asked for it. */
export type UpgradeBackend = Backend & Readonly<{ handshakes: IncomingMessage[] }>;

/** A backend of WebSockets, and its ends of them. */
export type Chat = UpgradeBackend & Readonly<{ sockets: WebSocket[] }>;

/** What a member says that switches to WebSocket, without the fields of WebSocket. */
export const SWITCH = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';

/** The lines of a client that wants a WebSocket. */
export function askToSwitch(path = '/', ...fields: readonly string[]): readonly string[] {
  return [
    `GET ${path} HTTP/1.1`,
    'Host: front.test',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...fields,
  ];
}

/** A backend on an HTTP server that leaves upgrades to `onUpgrade`, and answers other requests with its name. */
export async function startUpgradeBackend(
  onUpgrade: (socket: Duplex, head: Buffer, req: IncomingMessage) => void,
  name = 'backend',
  place: Place = {},
  server: Server = createServer(),
): Promise<UpgradeBackend> {
  const handshakes: IncomingMessage[] = [];
  let connections = 0;
  server.on('connection', () => (connections += 1));
  server.on('request', (req, res) => {
    handshakes.push(req);
    req.resume();
    req.on('end', () => res.setHeader('X-Backend', name).end(name));
  });
  server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => {
    handshakes.push(req);
    socket.on('error', () => socket.destroy());
    onUpgrade(socket, head, req);
  });
  return { ...(await listen(server, [], () => connections, place)), handshakes };
}

/** A backend of WebSockets that sends every message back. */
export async function startChat(
  name = 'chat',
  options: ServerOptions = {},
  place?: Place,
  server?: Server,
): Promise<Chat> {
  const chats = new WebSocketServer({ ...options, noServer: true });
  const sockets: WebSocket[] = [];
  chats.on('headers', (headers) => headers.push(`X-Backend: ${name}`));
  chats.on('connection', (socket) => {
    sockets.push(socket);
    socket.on('error', () => {
      socket.terminate();
    });
    socket.on('message', (data, isBinary) => {
      socket.send(data, { binary: isBinary });
    });
  });
  const backend = await startUpgradeBackend(
    (socket, head, req) => {
      chats.handleUpgrade(req, socket, head, (opened) => chats.emit('connection', opened, req));
    },
    name,
    place,
    server,
  );
  return { ...backend, sockets };
}

/** A backend that switches and then has the raw connection. */
export function startSwitching(
  talk: (socket: Duplex, head: Buffer) => void = takeAll,
): Promise<UpgradeBackend> {
  return startUpgradeBackend((socket, head) => {
    socket.write(SWITCH);
    talk(socket, head);
  });
}

/** Takes what comes, and ends when the other side does. */
export function takeAll(socket: Duplex): void {
  socket.resume().on('end', () => socket.end());
}

/** What the other side says until it ends its own; unlike Node's consumers, leaves this side open. */
export async function readToEnd(socket: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk)).resume();
  await once(socket, 'end');
  return Buffer.concat(chunks);
}

/** A front whose upgrades travel through its app. */
export async function startUpgradeFront(
  definition: BalancerDefinition,
  options: FrontOptions = {},
): Promise<ToldFront> {
  const front = await startToldFront(definition, options);
  attachUpgrades(front.server, front.app);
  return front;
}

/** A client's end of a WebSocket, and the head of the answer that opened it. */
export type Opened = Readonly<{ socket: WebSocket; head: IncomingMessage }>;

const open: (() => unknown)[] = [];

/** Ends every client that a test has left open; call it in `afterEach`. */
export function closeWebSockets(): void {
  for (const close of open.splice(0)) close();
}

/** A client whose connection has been switched, and that goes on when the other side has ended. */
export async function openHalf(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  open.push(() => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.write(`${askToSwitch().join('\r\n')}\r\n\r\n`);
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  if (!/^HTTP\/1\.1 101 /.test(bytes.toString())) throw new Error(`not switched: ${bytes.toString()}`);
  // Given back before anything else has read: `once` has made it flow.
  socket.pause().unshift(bytes.subarray(bytes.indexOf('\r\n\r\n') + 4));
  return socket;
}

/** Opens a WebSocket, over TLS where there is a `ca`; fails with the answer's status when it is refused. */
export async function openWebSocket(
  port: number,
  path = '/',
  { protocols = [], ...options }: ClientOptions & { protocols?: string[] } = {},
): Promise<Opened> {
  const scheme = options.ca === undefined ? 'ws' : 'wss';
  const socket = new WebSocket(`${scheme}://127.0.0.1:${port}${path}`, protocols, options);
  open.push(() => {
    socket.terminate();
  });
  const upgraded = once(socket, 'upgrade') as Promise<[IncomingMessage]>;
  await Promise.all([once(socket, 'open'), upgraded]);
  const [head] = await upgraded;
  return { socket, head };
}

/** Says something and waits for what comes back. */
export async function say(socket: WebSocket, message: string | Buffer): Promise<string> {
  const answered = once(socket, 'message') as Promise<[Buffer]>;
  socket.send(message);
  const [answer] = await answered;
  return answer.toString();
}

/** What a client is told whose WebSocket is refused. */
export async function readRefusal(
  port: number,
  path = '/',
  options: ClientOptions = {},
): Promise<Readonly<{ status: number; headers: IncomingMessage['headers']; body: string }>> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, options);
  open.push(() => {
    socket.terminate();
  });
  socket.on('error', () => undefined);
  const [, res] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  res.setEncoding('utf8');
  let body = '';
  for await (const chunk of res) body += String(chunk);
  return { status: res.statusCode!, headers: res.headers, body };
}

/** Resolves when a server has no connection left, whatever its clients do. */
export async function becomesLonely(server: Server): Promise<void> {
  const count = promisify(server.getConnections.bind(server));
  let connections = await count();
  await until(() => {
    void count().then((now) => (connections = now));
    return connections === 0;
  });
}
