import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import connect from 'connect';
import express from 'express';
import express4 from 'express4';

/** `next`, as every host hands it in. */
export type Next = (error?: unknown) => void;
export type Handler = (req: IncomingMessage, res: ServerResponse, next: Next) => unknown;
export type ErrorHandler = (error: unknown, req: IncomingMessage, res: ServerResponse, next: Next) => unknown;

/** What is mounted in a host, in this order; the error handler sits behind all. */
export type Mounts = Readonly<{
  /** Path and handler; a host without paths calls the first that begins the URL, and takes nothing off. */
  handlers: readonly (readonly [path: string, handler: Handler])[];
  /** Default: the host's own way. */
  onError?: ErrorHandler;
}>;

/** Something that middleware can live in. */
export type Host = Readonly<{
  name: string;
  /** Whether it takes the mount path off the URL. */
  mounts: boolean;
  build: (mounts: Mounts) => (req: IncomingMessage, res: ServerResponse) => unknown;
}>;

type App = Readonly<{ use: (...args: never[]) => unknown }> & ((req: never, res: never) => unknown);

function mountAll(app: App, { handlers, onError }: Mounts): ReturnType<Host['build']> {
  // The hosts' types differ in what they promise of req and res, and none of it is used here.
  const use = app.use.bind(app) as (...args: unknown[]) => unknown;
  for (const [path, handler] of handlers) use(path, handler);
  if (onError) {
    // Four parameters are how a host knows an error handler.
    use((error: unknown, req: IncomingMessage, res: ServerResponse, next: Next) =>
      onError(error, req, res, next),
    );
  }
  return app as unknown as ReturnType<Host['build']>;
}

function createExpress(create: typeof express, mounts: Mounts): ReturnType<Host['build']> {
  const app = create();
  // Otherwise Express's own error page prints to the console, and shows the stack.
  app.set('env', 'test').disable('x-powered-by');
  return mountAll(app, mounts);
}

/** No host at all: each handler calls the next one, and what nobody takes is 404. */
function buildPlain({ handlers, onError = answerPlainly }: Mounts): ReturnType<Host['build']> {
  return (req, res) => {
    const left = handlers.filter(([path]) => req.url!.replace(/^https?:\/\/[^/]*/, '').startsWith(path));
    const next: Next = (error) => {
      if (error !== undefined) {
        onError(error, req, res, () => undefined);
        return;
      }
      const [, handler] = left.shift() ?? [];
      if (handler) handler(req, res, next);
      else res.writeHead(404).end();
    };
    next();
  };
}

function answerPlainly(error: unknown, _req: IncomingMessage, res: ServerResponse): void {
  const { status = 500 } = error as { status?: number };
  res.writeHead(status).end();
}

/** Every host that the README promises. */
export const hosts: readonly Host[] = [
  { name: 'Express 5', mounts: true, build: (mounts) => createExpress(express, mounts) },
  { name: 'Express 4', mounts: true, build: (mounts) => createExpress(express4, mounts) },
  { name: 'Connect', mounts: true, build: (mounts) => mountAll(connect(), mounts) },
  { name: 'plain http', mounts: false, build: buildPlain },
];

const running: Server[] = [];

/** Serves on a port of its own. */
export async function serve(listener: ReturnType<Host['build']>): Promise<number> {
  const server = createServer((req, res) => void listener(req, res)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  running.push(server);
  return (server.address() as AddressInfo).port;
}

/** Stops what `serve` has started. */
export async function stopHosts(): Promise<void> {
  await Promise.all(
    running.splice(0).map(async (server) => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    }),
  );
}
