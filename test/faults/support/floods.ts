import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer, type Server, type ServerOptions } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { attachUpgrades, type BalancerDefinition } from '../../../src/index.ts';
import { ask } from '../../support/ask.ts';
import { listen, type Backend, type Received } from '../../support/backend.ts';
import { startFront, type Front } from '../../support/front.ts';

/** So much of a head gets through to the balancer: it is then what bounds. */
const mostOfHead = 4 * 2 ** 20;

/** A front whose server reads heads of four mebibytes, and any number of lines. */
export async function startWideFront(definition: BalancerDefinition): Promise<Front> {
  const front = await startFront(definition);
  // Node looks at them when a connection comes.
  Object.assign(front.server, { maxHeaderSize: mostOfHead, maxHeadersCount: 0 });
  return front;
}

/** A member that reads as much, and keeps nothing of it. */
export async function startWideBackend(): Promise<Backend> {
  const received: Received[] = [];
  const begun: string[] = [];
  const server = createServer({ maxHeaderSize: 2 * mostOfHead }, (req, res) => {
    begun.push(req.method!);
    req.resume().on('end', () => res.end('ok'));
  });
  server.maxHeadersCount = 0;
  return listen(server, received, () => 0, {}, begun);
}

/** The least time that something takes of several: a pause of the machine hits one of them. */
export async function measureMs(times: number, work: () => unknown): Promise<number> {
  let least = Infinity;
  for (let i = 0; i < times; i += 1) {
    const start = performance.now();
    await work();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

const strict: Server[] = [];

/** Another server before a front's app, which looks after its clients every tenth of a second. */
export async function startStrictServer(
  front: Front,
  limits: ServerOptions,
): Promise<Server & { port: number }> {
  const server = createServer({ connectionsCheckingInterval: 100, ...limits }, front.app);
  attachUpgrades(server, front.app);
  strict.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(server, { port: (server.address() as AddressInfo).port });
}

const clients = new Set<Socket>();

/** Ends the clients and servers from here; call it in `afterEach`, before what is left is looked for. */
export async function stopFloods(): Promise<void> {
  for (const client of clients) client.destroy();
  const ends = strict.splice(0).map(async (server) => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  });
  await Promise.all(ends);
}

/** Many connections at once; each is told of its number. */
export async function openMany(
  count: number,
  port: number,
  first: string | ((index: number) => string) = '',
): Promise<readonly Socket[]> {
  const opened = Array.from({ length: count }, async (_, i) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    clients.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => clients.delete(socket));
    await once(socket, 'connect');
    const text = typeof first === 'string' ? first : first(i);
    if (text !== '') socket.write(text, 'latin1');
    return socket;
  });
  return Promise.all(opened);
}

/** All that comes on a connection up to its end, however that comes. */
export function readAll(socket: Socket): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let text = '';
  socket.setEncoding('latin1').on('data', (piece: string) => (text += piece));
  for (const event of ['end', 'close'] as const) {
    socket.once(event, () => {
      resolve(text);
    });
  }
  if (socket.destroyed) resolve(text);
  return promise;
}

/** Writes a letter from time to time, as long as anybody listens. */
export async function drip(socket: Socket): Promise<void> {
  while (socket.writable) {
    socket.write('x');
    await delay(50);
  }
}

/** How many files and sockets this process has open. */
export function countDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

/** Asks one request after the other; the longest that one took. Each must be answered 200. */
export async function askMeanwhile(port: number, count: number): Promise<number> {
  let slowestMs = 0;
  for (let i = 0; i < count; i += 1) {
    const start = performance.now();
    const { status } = await ask(port, { path: '/quick' });
    if (status !== 200) throw new Error(`another client was answered ${status}`);
    slowestMs = Math.max(slowestMs, performance.now() - start);
  }
  return slowestMs;
}
