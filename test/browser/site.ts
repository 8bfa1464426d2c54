import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import cookieParser from 'cookie-parser';
import express, { type Express, type Request } from 'express';
import { createBalancer, type Balancer } from 'express-proxy-balancer';
import { createManager, type Manager } from 'express-proxy-balancer/manager';
import type { Page } from 'playwright-core';
import { ask, type Told } from '../support/ask.ts';
import { startBackend, stopBackends, type Backend } from '../support/backend.ts';

/** An app with a login, a shop behind a balancer, and the manager. */
export type Site = Readonly<{
  url: string;
  port: number;
  balancer: Balancer;
  /** `app1`, `app2` … by their names. */
  backends: ReadonlyMap<string, Backend>;
  /** Everybody is logged out. */
  endSessions(): void;
  /** Visits the shop as a browser would that has this cookie, or none. */
  visit(cookie?: string): Promise<Told>;
  /** Stops listening, and ends every connection. */
  stop(): Promise<void>;
  /** Listens again on the same port, with another manager: as after a restart. */
  start(): Promise<void>;
  close(): Promise<void>;
}>;

/** Starts backends, each of which begins a session that is bound to it: `sid=KEY.app1`. */
export async function startBackends(count: number): Promise<ReadonlyMap<string, Backend>> {
  const names = Array.from({ length: count }, (_, i) => `app${i + 1}`);
  const started = await Promise.all(
    names.map(async (name) => {
      const backend = await startBackend(name, (req, res) => {
        if (!req.headers.cookie?.includes('sid='))
          res.setHeader('Set-Cookie', `sid=${randomUUID()}.${name}; Path=/`);
        res.end(name);
      });
      return [name, backend] as const;
    }),
  );
  return new Map(started);
}

/** What a test may want otherwise. `members`: how many; they share three backends. */
type SiteOptions = Readonly<{ members?: number }>;

/** Starts the app. */
export async function startSite({ members = 3 }: SiteOptions = {}): Promise<Site> {
  const backends = await startBackends(Math.min(members, 3));
  const all = [...backends.values()];
  const balancer: Balancer = createBalancer({
    name: 'shop',
    stickysession: 'sid',
    logger: false,
    members: Array.from({ length: members }, (_, i) => ({
      url: members === all.length ? all[i]!.url : `${all[i % all.length]!.url}/${i + 1}/`,
      route: `app${i + 1}`,
    })),
  });
  let manager = createOwnManager();
  const app = buildApp(balancer, () => manager);
  let server: Server | undefined;
  let port = 0;

  async function start(): Promise<void> {
    server = createServer(app).listen(port, '127.0.0.1');
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
  }

  async function stop(): Promise<void> {
    const closing = server;
    server = undefined;
    if (!closing) return;
    closing.close();
    closing.closeAllConnections();
    await once(closing, 'close');
  }

  function createOwnManager(): Manager {
    return createManager({
      balancers: [balancer],
      authorize: (req) => sessions.get(readLogin(req as Request)),
    });
  }

  await start();
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    balancer,
    backends,
    endSessions: () => {
      sessions.clear();
    },
    visit: (cookie) => ask(port, { path: '/shop', headers: cookie === undefined ? {} : { Cookie: cookie } }),
    stop,
    async start() {
      manager.close();
      manager = createOwnManager();
      await start();
    },
    async close() {
      manager.close();
      await stop();
      await balancer.close();
      await stopBackends();
    },
  };
}

type User = Readonly<{ user: string; readOnly?: boolean }>;

/** Sessions outlive a restart, as they do in a store. */
const sessions = new Map<string, User>();

const users: Readonly<Record<string, User>> = { ann: { user: 'ann' }, bob: { user: 'bob', readOnly: true } };

function buildApp(balancer: Balancer, manager: () => Manager): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(cookieParser());
  app.get('/login', (_req, res) => {
    res.send(
      '<!doctype html><html lang="en"><title>Login</title><h1>Login</h1><form method="post">' +
        '<label>Name <input name="name"></label> <label>Password <input name="password" type="password"></label> <button>Log in</button></form>',
    );
  });
  app.post('/login', express.urlencoded({ extended: false }), (req, res) => {
    const { name, password } = req.body as Record<string, string>;
    const user = password === 'secret' && name !== undefined ? users[name] : undefined;
    if (!user) {
      res.status(403).send('no');
      return;
    }
    const id = randomUUID();
    sessions.set(id, user);
    res.cookie('login', id, { httpOnly: true, sameSite: 'strict' }).redirect(303, '/balancer-manager/');
  });
  app.get('/favicon.ico', (_req, res) => {
    res.status(204).end();
  });
  app.get('/balancer-manager', (req, res, next) => {
    if (req.path === '/balancer-manager' && !sessions.has(readLogin(req))) res.redirect(303, '/login');
    else next();
  });
  app.use('/balancer-manager', (req, res, next) => {
    manager()(req, res, next);
  });
  app.use('/shop', balancer);
  return app;
}

function readLogin({ cookies }: Request): string {
  return (cookies as Readonly<Record<string, string>>)['login'] ?? '';
}

/** Logs in as an operator does, and waits for the manager's page. */
export async function logIn(page: Page, site: Site, name = 'ann'): Promise<void> {
  await page.goto(`${site.url}/login`);
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill('secret');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Balancer manager' }).waitFor();
}

/** Visits the shop again and again until told to stop. */
export function startVisits(site: Site, everyMs = 20): () => void {
  const timer = setInterval(() => {
    void site.visit().catch(() => undefined);
  }, everyMs);
  return () => {
    clearInterval(timer);
  };
}
