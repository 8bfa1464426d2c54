import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler, type Express } from 'express';
import { createBalancer, type Balancer } from '../../src/index.ts';
import { insideOf } from '../../src/inside.ts';
import { createManager, type Manager, type ManagerOptions } from '../../src/manager/index.ts';
import { requestTarget, type Answered, type Wishes } from './request-target.ts';

/** A balancer, its manager, and a server for it. */
export type Managed = Readonly<{
  balancer: Balancer;
  manager: Manager;
  server: Server;
  port: number;
  /** What the log was told. */
  logged: unknown[][];
  /** What has reached the app's error handler. */
  errors: unknown[];
  /** Asks for a path below the mount path, as host `ops.example`. */
  ask(path: string, wishes?: Wishes): Promise<Answered>;
  /** Makes a change or asks a question, as the page would: with a token, from the right origin. */
  send(method: string, path: string, body?: unknown, headers?: Wishes['headers']): Promise<Answered>;
  /** The same by a form. */
  sendForm(
    kind: string,
    fields: Readonly<Record<string, string>>,
    headers?: Wishes['headers'],
  ): Promise<Answered>;
  token(headers?: Wishes['headers']): Promise<string>;
  /** Everything that a change could change. */
  state(): unknown;
}>;

/** What a test may want otherwise. */
export type ManagedOptions = Partial<ManagerOptions> &
  Readonly<{
    /** Default: `/balancer-manager` of an Express app. */
    mount?: string;
    before?: (app: Express) => void;
    /** Another server than one with an Express app. */
    serve?: (manager: Manager) => RequestListener;
    /** URL of the member `app1`, which nobody needs to be behind. */
    url?: string;
  }>;

const running: { server: Server; balancer: Balancer; manager: Manager }[] = [];

/** Ends what a test has started; call it in `afterEach`. */
export async function stopManaged(): Promise<void> {
  await Promise.all(
    running.splice(0).map(async ({ server, balancer, manager }) => {
      manager.close();
      await balancer.close();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    }),
  );
}

/** The user that a header names; nobody without it. */
export const byHeader: ManagerOptions['authorize'] = ({ headers }) => headers['x-user']?.toString();

/** Starts a manager of one balancer with the members `app1` and `app2`. */
export async function startManaged(options: ManagedOptions = {}): Promise<Managed> {
  const {
    mount = '/balancer-manager',
    before,
    serve,
    url = 'http://127.0.0.1:9/',
    ...managerOptions
  } = options;
  const logged: unknown[][] = [];
  const errors: unknown[] = [];
  const log = (...words: unknown[]): void => {
    logged.push(words);
  };
  const balancer: Balancer = createBalancer({
    name: 'shop',
    logger: false,
    members: [
      { url, route: 'app1' },
      { url: 'http://127.0.0.1:10/', route: 'app2' },
    ],
  });
  const manager = createManager({
    balancers: [balancer],
    authorize: byHeader,
    logger: { info: log, warn: log, error: log },
    ...managerOptions,
  });
  const server = createServer(serve?.(manager) ?? buildApp(manager, mount, errors, before)).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  running.push({ server, balancer, manager });
  const { port } = server.address() as AddressInfo;
  const base = serve ? '' : mount.replace(/\/$/, '');
  const ann = { Host: 'ops.example', 'X-User': 'ann' };

  const ask: Managed['ask'] = (path, { headers, ...wishes } = {}) =>
    requestTarget(port, `${base}${path}`, { ...wishes, headers: { ...ann, ...headers } });
  const token: Managed['token'] = async (headers = {}) => {
    const { body } = await ask('/api/token', { headers });
    return (JSON.parse(body) as { token: string }).token;
  };
  const origin = (headers: Wishes['headers'] = {}): string => `http://${String(headers['Host'] ?? ann.Host)}`;

  return {
    balancer,
    manager,
    server,
    port,
    logged,
    errors,
    ask,
    token,
    async send(method, path, body, headers = {}) {
      const given = headers['X-Manager-Token'] ?? (await token(headers));
      const proof = { Origin: origin(headers), 'X-Manager-Token': given };
      if (body === undefined) return ask(path, { method, headers: { ...proof, ...headers } });
      const type = { 'Content-Type': 'application/json' };
      return ask(path, { method, headers: { ...type, ...proof, ...headers }, body: JSON.stringify(body) });
    },
    async sendForm(kind, fields, headers = {}) {
      const body = new URLSearchParams({ token: await token(headers), ...fields }).toString();
      const type = { 'Content-Type': 'application/x-www-form-urlencoded', Origin: origin(headers) };
      return ask(`/forms/${kind}`, { method: 'POST', headers: { ...type, ...headers }, body });
    },
    state: () => ({
      members: balancer.view(),
      definition: insideOf(balancer).roster.definition(),
      changes: manager.changes(),
    }),
  };
}

function buildApp(
  manager: Manager,
  mount: string,
  errors: unknown[],
  before: ManagedOptions['before'],
): Express {
  const app = express();
  before?.(app);
  app.use(mount, manager);
  const page: ErrorRequestHandler = (error: unknown, _req, res, _next) => {
    errors.push(error);
    res.status(500).type('text').send('the app’s own error page');
  };
  app.use(page);
  return app;
}
