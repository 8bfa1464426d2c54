import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import connect from 'connect';
import express from 'express';
import express4 from 'express4';
import type { VirtualHost } from '../../src/httpd-conf/httpd-conf.ts';
import { createHttpdHandler, type Mounted } from '../../src/httpd-conf/mount/handler.ts';
import type { HttpdHandler, HttpdHandlerOptions } from '../../src/httpd-conf/mount/handler-options.ts';
import type { Next } from '../../src/handle-request.ts';
import { attachUpgrades } from '../../src/index.ts';

/** A configuration that is served on a real port. */
export type MountedConf = Readonly<{
  port: number;
  handler: HttpdHandler;
  server: Server;
  /** What has come to the app behind it: the places of requests, as it saw them. */
  passed: Passed[];
  /** What has come to the app's error handler. */
  errors: unknown[];
}>;

/** A request behind the configuration. */
export type Passed = Readonly<{ url: string; originalUrl: unknown; baseUrl: unknown }>;

/** What it is mounted in. */
export type Kind = 'express 5' | 'express 4' | 'connect' | 'plain http';

export const kinds: readonly Kind[] = ['express 5', 'express 4', 'connect', 'plain http'];

/** What a test may want otherwise. */
export type MountedOptions = HttpdHandlerOptions &
  Readonly<{ kind?: Kind; below?: string; before?: (app: express.Express) => void }>;

const running: (() => Promise<void>)[] = [];

/** Ends every one that a test has started; call it in `afterEach`. */
export async function closeMounted(): Promise<void> {
  await Promise.all(running.splice(0).map((end) => end()));
}

/** Serves a configuration; behind it, an app that notes what comes to it and answers 404, or an error's status and code. */
export async function startMounted(
  conf: Mounted,
  { kind = 'express 5', below, before, ...options }: MountedOptions = {},
): Promise<MountedConf> {
  const handler = createHttpdHandler(conf, { logger: false, ...options });
  const passed: Passed[] = [];
  const errors: unknown[] = [];
  const page = (error: unknown, req: Parameters<HttpdHandler>[0], res: Parameters<HttpdHandler>[1]): void => {
    const {
      url = '',
      originalUrl,
      baseUrl,
    } = req as { url?: string; originalUrl?: unknown; baseUrl?: unknown };
    passed.push({ url, originalUrl, baseUrl });
    if (error !== undefined) errors.push(error);
    const { status = 500, code } = (error ?? { status: 404 }) as { status?: number; code?: string };
    res.writeHead(status, { 'Content-Type': 'application/json' });
    res.end(JSON.stringify({ code, message: error instanceof Error ? error.message : undefined }));
  };
  const server = createServer(buildApp(kind, handler, page, below, before)).listen(0, '127.0.0.1');
  attachUpgrades(server, server.listeners('request')[0] as RequestListener);
  await once(server, 'listening');
  running.push(async () => {
    await handler.close();
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, handler, server, passed, errors };
}

type Page = (error: unknown, req: Parameters<HttpdHandler>[0], res: Parameters<HttpdHandler>[1]) => void;

function buildApp(
  kind: Kind,
  handler: HttpdHandler,
  page: Page,
  below: string | undefined,
  before?: (app: express.Express) => void,
): RequestListener {
  const last = (req: Parameters<Page>[1], res: Parameters<Page>[2]): void => {
    page(undefined, req, res);
  };
  // Four parameters make it one for errors.
  const failed = (error: unknown, req: Parameters<Page>[1], res: Parameters<Page>[2], _next: Next): void => {
    page(error, req, res);
  };
  if (kind === 'plain http')
    return (req, res) => {
      handler(req, res, (error) => {
        page(error, req, res);
      });
    };
  const app = kind === 'connect' ? connect() : kind === 'express 4' ? express4() : express();
  if (kind !== 'connect') before?.(app as express.Express);
  const use = app.use.bind(app) as (...args: unknown[]) => unknown;
  use(...(below === undefined ? [handler] : [below, handler]));
  use(last);
  use(failed);
  return app as RequestListener;
}

/** A virtual host, as one writes it. */
export function host(serverName: string | undefined, others: Partial<VirtualHost> = {}): VirtualHost {
  return {
    serverName,
    serverAlias: [],
    ports: [],
    isTls: false,
    inherits: true,
    place: { file: 'httpd.conf', line: 1 },
    ...others,
  };
}
