import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { createProxyMiddleware, type Options } from 'http-proxy-middleware';
import { createBalancer, type BalancerDefinition, type HttpProxyMiddleware } from '../../src/index.ts';
import { ask, type Asked, type Told } from './ask.ts';
import { startBackend, type Backend, type Received } from './backend.ts';
import { untilIdle } from './request-target.ts';

/** What came of one request: what the backend has got, what the client has. */
export type Outcome = Readonly<{ got: Got | undefined; told: Said }>;
type Got = Readonly<Pick<Received, 'method' | 'url' | 'headers'> & { body: string }>;
type Said = Readonly<Pick<Told, 'status' | 'headers' | 'text'>>;

/** How an app is built around what is compared. */
export type Around = Readonly<{
  mount?: string;
  /** Path of the target, and of the member. */
  base?: string;
  before?: (app: Express) => void;
  after?: (app: Express) => void;
  /** What stands beside `members`. */
  beside?: Partial<BalancerDefinition>;
  backend?: Parameters<typeof startBackend>[1];
}>;

const endings: (() => Promise<unknown>)[] = [];

/** Ends what a comparison has started. */
export async function closeBeside(): Promise<void> {
  for (const end of endings.splice(0)) await end();
}

/** Has something ended with the comparison, before what was there before. */
export function endWithBeside(end: () => Promise<unknown>): void {
  endings.unshift(end);
}

/** Serves on a free port until `closeBeside`. */
export async function serveBeside(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  endings.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return (server.address() as AddressInfo).port;
}

/** Errors that nobody has answered, told the same way in both apps. */
const tell: ErrorRequestHandler = (error: { status?: number; code?: string }, _req, res, _next) => {
  res.status(error.status ?? 500).json({ code: error.code });
};

/**
 * The same options in two apps over one backend: those of `createProxyMiddleware({ target, … })`, and those of
 * `createBalancer({ members: [target], httpProxyMiddleware: { … } })`. `ask` sends one request to each.
 */
export async function startBeside(
  options: HttpProxyMiddleware,
  { mount = '/', base = '', before, after, beside, backend: answer }: Around = {},
): Promise<Beside> {
  const backend = await startBackend('backend', answer);
  const target = `${backend.url}${base}`;
  const balancer = createBalancer({
    logger: false,
    ...beside,
    members: [target],
    httpProxyMiddleware: options,
  });
  endings.unshift(async () => {
    await untilIdle([balancer]);
    await balancer.close();
  });
  async function serveOne(proxy: RequestHandler): Promise<number> {
    const app = express();
    before?.(app);
    app.use(mount, proxy);
    after?.(app);
    app.use(tell);
    return serveBeside(app);
  }
  const proxy = createProxyMiddleware({ ...(options as Options), target });
  const ports = { hpm: await serveOne(proxy), ours: await serveOne(balancer) };

  async function askOne(port: number, asked: Asked): Promise<Outcome> {
    const from = backend.received.length;
    const { status, headers, text } = await ask(port, {
      ...asked,
      headers: { Host: 'front.test', ...asked.headers },
    });
    const one = backend.received[from];
    const got = one && {
      method: one.method,
      url: one.url,
      headers: without(one.headers, ownToBoth),
      body: one.body.toString('latin1'),
    };
    return { got, told: { status, headers: without(headers, ['date', 'connection', 'keep-alive']), text } };
  }

  async function askNames(port: number): Promise<readonly string[]> {
    const req = request({ host: '127.0.0.1', port, agent: false }).end();
    const [res] = (await once(req, 'response')) as [IncomingMessage];
    res.resume();
    return res.rawHeaders.filter((_each, i) => i % 2 === 0);
  }

  return {
    backend,
    ports,
    ask: async (asked = {}) => ({
      hpm: await askOne(ports.hpm, asked),
      ours: await askOne(ports.ours, asked),
    }),
    askOurs: (asked = {}) => askOne(ports.ours, asked),
    askNames: async () => ({ hpm: await askNames(ports.hpm), ours: await askNames(ports.ours) }),
  };
}

/** Two apps with the same options. */
export type Beside = Readonly<{
  backend: Backend;
  ports: Readonly<{ hpm: number; ours: number }>;
  /** Sends one request to each, one after the other. */
  ask: (asked?: Asked) => Promise<Readonly<{ hpm: Outcome; ours: Outcome }>>;
  /** Sends one to the balancer alone: where http-proxy-middleware would not answer. */
  askOurs: (asked?: Asked) => Promise<Outcome>;
  /** The field names of an answer to GET, as they are spelt. */
  askNames: () => Promise<Readonly<{ hpm: readonly string[]; ours: readonly string[] }>>;
}>;

/** What differs on purpose, whatever the options: a hop's own fields, and who asks. */
const ownToBoth = [
  ...['connection', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'],
  ...['x-forwarded-server', 'x-forwarded-port', 'x-forwarded-prefix'],
];

function without<T extends object>(headers: T, names: readonly string[]): T {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name))) as T;
}
