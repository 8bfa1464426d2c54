import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import express, { type ErrorRequestHandler, type Express } from 'express';
import {
  createBalancer,
  type Balancer,
  type BalancerDefinition,
  type BalancerError,
} from '../../src/index.ts';

/** An app on a real port, with one balancer or whatever `build` mounts. */
export type Front = Readonly<{
  app: Express;
  server: Server;
  port: number;
  url: string;
  balancer: Balancer;
  /** Every error that has reached the app's error handler. */
  errors: BalancerError[];
  close(): Promise<void>;
}>;

/** Both ways of carrying a request: what one can do the other can, unless a test says why not. */
export const senders = [
  ['itself', {}],
  ['http-proxy-middleware', { httpProxyMiddleware: {} }],
] as const satisfies readonly (readonly [string, Partial<BalancerDefinition>])[];

const running: Front[] = [];

/** Every front that a test has started and not closed. */
export function runningFronts(): readonly Front[] {
  return running;
}

/** Closes every front that a test has started; call it in `afterEach` or `afterAll`. */
export async function closeFronts(): Promise<void> {
  await Promise.all(running.splice(0).map((front) => front.close()));
}

/** What a test may want otherwise than `startFront` has it. */
export type FrontOptions = Readonly<{
  mount?: string | RegExp | (string | RegExp)[];
  /** Runs before the balancer is mounted: parsers, settings. */
  before?: (app: Express) => void;
  /** Runs after it: later middleware. */
  after?: (app: Express) => void;
}>;

/** Silences what tests provoke on purpose. */
export const silent = { logger: false } as const;

/** An Express app with one balancer, and an error page that says the code. */
export async function startFront(
  definition: BalancerDefinition,
  { mount = '/', before, after }: FrontOptions = {},
): Promise<Front> {
  const app = express();
  const errors: BalancerError[] = [];
  before?.(app);
  const balancer: Balancer = createBalancer({ ...silent, ...definition });
  app.use(mount, balancer);
  after?.(app);
  const page: ErrorRequestHandler = (error: BalancerError, _req, res, _next) => {
    errors.push(error);
    res.status(error.status).json({ code: error.code, message: error.message });
  };
  app.use(page);
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const front: Front = {
    app,
    server,
    port,
    url: `http://127.0.0.1:${port}`,
    balancer,
    errors,
    async close() {
      await balancer.close();
      server.closeAllConnections();
      if (server.listening) {
        server.close();
        await once(server, 'close');
      }
    },
  };
  running.push(front);
  return front;
}

/** Writes bytes to a port and collects everything that comes back until the other side ends or `until` says enough. */
export async function exchangeBytes(
  port: number,
  bytes: string | Buffer,
  until: (text: string) => boolean = () => false,
): Promise<string> {
  const socket: Socket = connect(port, '127.0.0.1');
  let text = '';
  const { promise, resolve } = Promise.withResolvers<string>();
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    if (until(text)) socket.destroy();
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    resolve(text);
  });
  socket.write(bytes);
  return promise;
}
