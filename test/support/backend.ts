import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  createServer as createTcpServer,
  type AddressInfo,
  type Server as TcpServer,
  type Socket,
} from 'node:net';
import { once } from 'node:events';

/** A request as a backend has got it. */
export type Received = Readonly<{
  method: string;
  url: string;
  headers: Record<string, string | string[] | undefined>;
  rawHeaders: readonly string[];
  body: Buffer;
  trailers: Record<string, string | undefined>;
  /** Counts up for each connection of the backend, from 0. */
  connection: number;
}>;

/** A real server behind a member. */
export type Backend = Readonly<{
  port: number;
  /** `http://127.0.0.1:port`, or what its place is called. */
  url: string;
  /** Whole requests, in the order in which their last byte came. */
  received: Received[];
  /** `METHOD url` of every request whose head has come, whole or not. */
  begun: string[];
  connections: () => number;
  /** Ends listening and every connection; the port refuses from then on. */
  stop(): Promise<void>;
  /** Listens on the same port again. */
  start(): Promise<void>;
}>;

export type Answering = (req: IncomingMessage, res: ServerResponse, received: Received) => void;

const running: Backend[] = [];

/** Stops every backend that a test has started; call it in `afterEach` or `afterAll`. */
export async function stopBackends(): Promise<void> {
  await Promise.all(running.splice(0).map((backend) => backend.stop()));
}

/** An HTTP backend that reads each request whole, notes it, and answers with its name unless told otherwise. */
export async function startBackend(
  name = 'backend',
  answer: Answering = (_req, res) => {
    res.setHeader('X-Backend', name);
    res.end(name);
  },
  port = 0,
): Promise<Backend> {
  const received: Received[] = [];
  const begun: string[] = [];
  const numbers = new WeakMap<Socket, number>();
  let count = 0;
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    begun.push(`${req.method!} ${req.url!}`);
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const one: Received = {
        method: req.method!,
        url: req.url!,
        headers: req.headers,
        rawHeaders: req.rawHeaders,
        body: Buffer.concat(chunks),
        trailers: req.trailers,
        connection: numbers.get(req.socket)!,
      };
      received.push(one);
      answer(req, res, one);
    });
  });
  server.on('connection', (socket) => numbers.set(socket, count++));
  return listen(server, received, () => count, { port }, begun);
}

/** A backend on bare sockets: `talk` gets each connection, its number, and the text of each head that comes on it. */
export async function startRawBackend(
  talk: (socket: Socket, head: string, connection: number) => void,
): Promise<Backend> {
  let count = 0;
  const received: Received[] = [];
  const begun: string[] = [];
  const server = createTcpServer((socket) => {
    const connection = count++;
    let text = '';
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end !== -1; end = text.indexOf('\r\n\r\n')) {
        const head = text.slice(0, end + 4);
        text = text.slice(end + 4);
        const [method = '', url = ''] = head.split(' ');
        begun.push(`${method} ${url}`);
        received.push({
          method,
          url,
          headers: {},
          rawHeaders: [head],
          body: Buffer.alloc(0),
          trailers: {},
          connection,
        });
        talk(socket, head, connection);
      }
    });
  });
  return listen(server, received, () => count, {}, begun);
}

/** Where a backend listens, and how its URL begins. */
export type Place = Readonly<{ port?: number; host?: string; path?: string; scheme?: 'http' | 'https' }>;

/** Makes a backend of a server that does not listen yet. */
export async function listen(
  server: Server | TcpServer,
  received: Received[],
  connections: () => number,
  { port: wanted = 0, host = '127.0.0.1', path, scheme = 'http' }: Place = {},
  begun: string[] = [],
): Promise<Backend> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const listenAt = async (port: number): Promise<void> => {
    server.listen(path === undefined ? { port, host } : { path });
    await once(server, 'listening');
  };
  for (let isOpen = false; !isOpen;) {
    try {
      await listenAt(wanted || choosePort());
      isOpen = true;
    } catch (error) {
      // Another test has it.
      if (wanted !== 0 || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
  const port = path === undefined ? (server.address() as AddressInfo).port : 0;
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const backend: Backend = {
    port,
    url: path === undefined ? `${scheme}://${authority}` : `unix:${path}|${scheme}://localhost`,
    received,
    begun,
    connections,
    async stop() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    start: () => listenAt(port),
  };
  running.push(backend);
  return backend;
}

/** Below those that the system gives to outgoing connections, which would take the port of a backend that is stopped for a while. */
function choosePort(): number {
  return 10_000 + Math.floor(Math.random() * 20_000);
}

let nextDead = 1;

/**
 * The URL of a port that refuses. One that was bound and let go is soon somebody else's, with so many tests side by side;
 * nobody serves the reserved ports below the well-known services.
 */
export function deadUrl(): Promise<string> {
  nextDead = (nextDead % 6) + 1;
  return Promise.resolve(`http://127.0.0.1:${nextDead}`);
}
