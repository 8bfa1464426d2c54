import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, describe, expect, jest, test } from '@jest/globals';
import cookieParser from 'cookie-parser';
import { sign } from 'cookie-signature';
import express, { type ErrorRequestHandler, type Express } from 'express';
import { attachUpgrades, createBalancer, type Balancer, type BalancerError } from '../../src/index.ts';
import { startBackend, stopBackends, type Backend } from '../support/backend.ts';
import { openGuide } from '../support/guide.ts';
import { readCode } from '../support/pages.ts';
import { requestTarget, type Answered, type Wishes } from '../support/request-target.ts';
import { runSnippet } from '../support/snippets.ts';
import { closeWebSockets, openWebSocket, startChat } from '../support/websocket.ts';

const guide = openGuide('docs/sticky-sessions.md');

afterEach(async () => {
  closeWebSockets();
  await guide.close();
  await stopBackends();
});
afterAll(guide.expectAllRun);

type Ask = (target: string, wishes?: Wishes) => Promise<Answered>;

/** So many backends, each named after its place in the page. */
async function startNumbered(count: number): Promise<readonly Backend[]> {
  return Promise.all(Array.from({ length: count }, (_, i) => startBackend(String(4001 + i))));
}

function place(backends: readonly Backend[]): Readonly<Record<string, string>> {
  return Object.fromEntries(backends.map(({ url }, i) => [`http://localhost:${4001 + i}`, url]));
}

/** Runs a block that mounts something on an app. */
async function mount(
  heading: string,
  backends: readonly Backend[],
  before?: (app: Express) => void,
): Promise<Ask> {
  const app = express();
  before?.(app);
  guide.run(heading, 0, { names: { app }, replace: place(backends) });
  return guide.serve(app);
}

async function startWhole(
  heading: string,
): Promise<Readonly<{ app: Express; backends: readonly Backend[] }>> {
  const backends = await startNumbered(2);
  const replace = { ...place(backends), 'app.listen(8080);': '' };
  const { app } = guide.run(heading, 0, { replace, wanted: ['app'] });
  return { app: app as Express, backends };
}

/** Who answers each of these requests, in turn. */
async function askInTurn(ask: Ask, count: number, headers: Wishes['headers'] = {}): Promise<string> {
  const bodies: string[] = [];
  for (let i = 0; i < count; i += 1) bodies.push((await ask('/', { headers })).body);
  return bodies.join(' ');
}

function cookieOf({ headers }: Answered): string {
  return headers['set-cookie']?.[0] ?? '';
}

describe('the shortest way', () => {
  const heading = 'The shortest way';

  test('sets the cookie that the page shows, and keeps its client where it is', async () => {
    const ask = await guide.serve((await startWhole(heading)).app);
    expect(await askInTurn(ask, 4)).toBe('4001 4002 4001 4002');
    const first = await ask('/');
    expect(cookieOf(first)).toMatch(/^ROUTEID=s%3Aa\.[^;]+; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(guide.text).toContain('`Set-Cookie: ROUTEID=…; Path=/; HttpOnly; SameSite=Lax`');
    const Cookie = cookieOf(first).split(';')[0]!;
    expect(await askInTurn(ask, 4, { Cookie })).toBe('4001 4001 4001 4001');
    // The session's requests count: new clients go to the other one.
    expect(await askInTurn(ask, 4)).toBe('4002 4002 4002 4002');
  });

  test('is seen by the lines for curl', async () => {
    const { app } = await startWhole(heading);
    const port = await guide.keep(app.listen(0, '127.0.0.1'));
    const { code } = guide.findSnippets('sh')[0]!;
    const cwd = await mkdtemp(join(tmpdir(), 'sticky-'));
    try {
      const script = code.replaceAll('localhost:8080', `127.0.0.1:${port}`);
      const { stdout } = await promisify(execFile)('sh', ['-euc', script], { cwd });
      const said = stdout.match(/4\d{3}/g) ?? [];
      expect([new Set(said.slice(0, 4)).size, new Set(said.slice(4)).size, said.length]).toEqual([2, 1, 8]);
    } finally {
      await rm(cwd, { recursive: true });
    }
  });

  test('takes a value without its signature for none', async () => {
    const ask = await guide.serve((await startWhole(heading)).app);
    expect(await askInTurn(ask, 4, { Cookie: 'ROUTEID=b' })).toBe('4001 4002 4001 4002');
  });

  test('names the next member when the first dies, and stays there when it is back', async () => {
    const { app, backends } = await startWhole(heading);
    const ask = await guide.serve(app);
    const first = cookieOf(await ask('/')).split(';')[0]!;
    await backends[0]!.stop();
    const moved = await ask('/', { headers: { Cookie: first } });
    expect([moved.body, cookieOf(moved)]).toEqual(['4002', expect.stringMatching(/^ROUTEID=s%3Ab\./)]);
    await backends[0]!.start();
    guide.balancers[0]!.change('a', '-E');
    expect(await askInTurn(ask, 3, { Cookie: cookieOf(moved).split(';')[0]! })).toBe('4002 4002 4002');
  });
});

describe('the route in the session id', () => {
  const heading = 'The route in the session id';

  test('is read in path parameters, the query and the cookie, in this order', async () => {
    const ask = await mount(heading, await startNumbered(2));
    const headers = { Cookie: 'JSESSIONID=4711.app1' };
    const targets = [
      '/cart;jsessionid=4711.app2',
      '/cart?jsessionid=4711.app2',
      '/cart',
      '/cart;jsessionid=1.app9',
    ];
    const answers = await Promise.all(targets.map((target) => ask(target, { headers })));
    expect(answers.map(({ body }) => body)).toEqual(['4002', '4002', '4001', '4001']);
  });

  test('each row of the table is read with its options', async () => {
    const [, ...rows] = guide.readTable(heading);
    expect(rows).toHaveLength(7);
    for (const [value = '', options = ''] of rows) {
      const told = readCode(options)
        .filter((code) => code.includes(':'))
        .join(', ');
      const { definition } = runSnippet(`const definition = { ${told} };`, {}, {}, ['definition']);
      const balancer = createBalancer({
        logger: false,
        stickysession: 'sid',
        ...(definition as object),
        members: ['app1', 'app2'].map((route, i) => ({ url: `http://127.0.0.1:${i + 1}/`, route })),
      });
      const req = {
        method: 'GET',
        url: '/',
        headers: { cookie: `sid=${encodeURIComponent(readCode(value)[0]!)}` },
      };
      expect([value, explain(balancer, req)]).toEqual([value, 'app2']);
      await balancer.close();
    }
  });

  test('where a member dies another one answers; when it is back, the old id leads to it', async () => {
    const backends = await startNumbered(2);
    const ask = await mount(heading, backends);
    const headers = { Cookie: 'JSESSIONID=4711.app2' };
    await backends[1]!.stop();
    expect(await askInTurn(ask, 2, headers)).toBe('4001 4001');
    await backends[1]!.start();
    guide.balancers[0]!.change('app2', '-E');
    expect(await askInTurn(ask, 2, headers)).toBe('4002 4002');
  });

  test('Tomcat’s line is XML with the route of a member', () => {
    const { code } = guide.findSnippets('xml')[0]!;
    expect(code).toMatch(/^<Engine( \w+="\w+")* jvmRoute="app1">$/m);
  });
});

/** Which route a request is bound to. */
function explain(balancer: Balancer, req: { headers: Record<string, string> }): string | undefined {
  const rawHeaders = Object.entries({ host: 'front.example', ...req.headers }).flat();
  const whole = { httpVersion: '1.1', rawHeaders, socket: {}, ...req };
  return balancer.explain(whole as unknown as Parameters<Balancer['explain']>[0]).route;
}

describe('express-session', () => {
  const [member] = guide.findSnippets('js').filter(({ heading }) => heading === 'express-session');
  const secret = 'kept secret';

  /** A session's cookie, as express-session makes it: the id of `genid`, signed by cookie-signature behind `s:`. */
  function makeCookie(route: string): string {
    const session = jest.fn((_options: unknown) => (_req: unknown, _res: unknown, next: () => void) => {
      next();
    });
    const modules = {
      express,
      'express-session': { default: session, __esModule: true },
      'node:crypto': process.getBuiltinModule('node:crypto'),
    };
    const env = { ROUTE: route, SESSION_SECRET: secret };
    runSnippet(member!.code, modules, { process: { env } });
    const [options] = session.mock.calls[0] as [{ genid: () => string; secret: string }];
    return `connect.sid=${encodeURIComponent(`s:${sign(options.genid(), options.secret)}`)}`;
  }

  async function startFront(
    routeregex: RegExp,
    before: (app: Express) => void = () => undefined,
  ): Promise<Ask> {
    const app = express();
    before(app);
    const [a, b] = await startNumbered(2);
    const balancer = createBalancer({
      stickysession: 'connect.sid',
      routeregex,
      members: [
        { url: a!.url, route: 'app1' },
        { url: b!.url, route: 'app2' },
      ],
    });
    app.use(balancer);
    const port = await guide.keep(app.listen(0, '127.0.0.1'));
    return (target, wishes) => requestTarget(port, target, wishes);
  }

  test('its signed cookie leads to the member whose genid made it', async () => {
    expect(guide.readSection('express-session')).toContain('`routeregex: /!([^.]+)\\./`');
    const ask = await startFront(/!([^.]+)\./);
    for (const [route, body] of [
      ['app2', '4002'],
      ['app1', '4001'],
      ['app2', '4002'],
    ] as const)
      expect((await ask('/', { headers: { Cookie: makeCookie(route) } })).body).toBe(body);
  });

  test('behind cookie-parser the value has no signature, and a forged one binds nobody', async () => {
    const ask = await startFront(/!(.*)$/, (app) => app.use(cookieParser(secret)));
    const Cookie = makeCookie('app2');
    expect(await askInTurn(ask, 2, { Cookie: Cookie.replace(/....$/, 'AAAA') })).toBe('4001 4002');
    expect(await askInTurn(ask, 2, { Cookie })).toBe('4002 4002');
  });
});

test('PHP writes the route where the pattern of the page finds it', () => {
  const { code } = guide.findSnippets('php')[0]!;
  expect(code).toContain("getenv('ROUTE') . '-' . parent::create_sid()");
  expect(/^([^-]+)-/.exec('app2-ak3l2,4hd-9')?.[1]).toBe('app2');
  expect(guide.readSection('PHP')).toContain('`routeregex: /^([^-]+)-/`');
});

test('Socket.IO: polling and the WebSocket find the member that gave out the id', async () => {
  const { code } = guide.findSnippets('js').filter(({ heading }) => heading === 'Socket.IO')[0]!;
  const engine = { generateId: () => '' };
  const modules = {
    'node:crypto': process.getBuiltinModule('node:crypto'),
    'socket.io': {
      Server: class {
        engine = engine;
      },
    },
  };
  runSnippet(code, modules, { process: { env: { ROUTE: 'app2' } } });
  const chats = [await startChat('one'), await startChat('two')];
  const app = express();
  const balancer = createBalancer({
    stickysession: 'sid',
    members: chats.map(({ url }, i) => ({ url, route: `app${i + 1}` })),
  });
  app.use(balancer);
  const server = app.listen(0, '127.0.0.1');
  const port = await guide.keep(server);
  attachUpgrades(server, app);
  const target = `/socket.io/?EIO=4&transport=polling&sid=${engine.generateId()}`;
  for (let i = 0; i < 3; i += 1) expect((await requestTarget(port, target)).body).toBe('two');
  const { head } = await openWebSocket(port, target.replace('polling', 'websocket'));
  expect(head.headers['x-backend']).toBe('two');
  closeWebSockets();
  await balancer.close();
});

test('byhash keeps a tenant on its member, and gives it back when that is back', async () => {
  const backends = await startNumbered(3);
  const ask = await mount('Without anything in the client', backends);
  const whoServes = async (tenant: string): Promise<string> =>
    (await ask('/', { headers: { 'X-Tenant': tenant } })).body;
  const tenants = Array.from({ length: 12 }, (_, i) => `tenant ${i}`);
  const before = await Promise.all(tenants.map(whoServes)).then(() => inTurn(tenants, whoServes));
  expect(new Set(before).size).toBe(3);
  expect(await inTurn(tenants, whoServes)).toEqual(before);
  await backends[1]!.stop();
  const meanwhile = await inTurn(tenants, whoServes);
  const moved = tenants.filter((_tenant, i) => meanwhile[i] !== before[i]);
  expect(moved).toEqual(tenants.filter((_tenant, i) => before[i] === '4002'));
  await backends[1]!.start();
  guide.balancers[0]!.change(guide.balancers[0]!.view()[1]!.name, '-E');
  expect(await inTurn(tenants, whoServes)).toEqual(before);
});

async function inTurn<T>(
  values: readonly T[],
  ask: (value: T) => Promise<string>,
): Promise<readonly string[]> {
  const answers: string[] = [];
  for (const value of values) answers.push(await ask(value));
  return answers;
}

describe('when a member goes', () => {
  const bound = { headers: { Cookie: 'sid=x.a' } };

  async function startPair(
    more: object = {},
  ): Promise<Readonly<{ ask: Ask; balancer: Balancer; backends: readonly Backend[] }>> {
    const backends = await startNumbered(3);
    const balancer: Balancer = createBalancer({
      logger: false,
      stickysession: 'sid',
      members: backends.map(({ url }, i) => ({
        url,
        route: 'abc'[i]!,
        ...(i === 0 ? { redirect: 'c' } : {}),
      })),
      ...more,
    });
    const app = express();
    const page: ErrorRequestHandler = ({ status, code }: BalancerError, _req, res, _next) => {
      res.status(status).send(`${status} ${code}`);
    };
    app.use(balancer, page);
    const ask = await guide.serve(app);
    return { ask, balancer, backends };
  }

  test('its sessions go where redirect says, or get 503 with nofailover', async () => {
    const { ask, balancer, backends } = await startPair();
    await backends[0]!.stop();
    expect(await askInTurn(ask, 3, bound.headers)).toBe('4003 4003 4003');
    await balancer.close();
    const strict = await startPair({ nofailover: true });
    strict.balancer.change('a', { redirect: null });
    await strict.backends[0]!.stop();
    expect(await askInTurn(strict.ask, 2, bound.headers)).toBe(
      '503 ERR_BALANCER_CONNECT 503 ERR_BALANCER_NO_FAILOVER',
    );
    await strict.balancer.close();
  });

  test('they stay while it is drained, and leave when it is disabled or removed', async () => {
    const { ask, balancer } = await startPair();
    balancer.change('a', '+N');
    expect(await askInTurn(ask, 3, bound.headers)).toBe('4001 4001 4001');
    expect(await askInTurn(ask, 4)).not.toContain('4001');
    balancer.change('a', '-N');
    balancer.change('a', '+D');
    expect(await askInTurn(ask, 3, bound.headers)).toBe('4003 4003 4003');
    await balancer.remove('a');
    expect(await askInTurn(ask, 3, bound.headers)).not.toContain('4001');
    await balancer.close();
  });
});

test('the cookie is for the mount path, and says Secure to those who came by https', async () => {
  const [backend] = await startNumbered(1);
  const app = express();
  app.set('trust proxy', true);
  const balancer = createBalancer({
    routeCookie: { name: 'SHOPROUTE' },
    members: [{ url: backend!.url, route: '1' }],
  });
  app.use('/shop', balancer);
  const ask = await guide.serve(app);
  expect(cookieOf(await ask('/shop/cart'))).toBe('SHOPROUTE=1; Path=/shop; HttpOnly; SameSite=Lax');
  const secure = cookieOf(await ask('/shop', { headers: { 'X-Forwarded-Proto': 'https' } }));
  expect(secure).toBe('SHOPROUTE=1; Path=/shop; HttpOnly; Secure; SameSite=Lax');
  await balancer.close();
});

test('the log tells hits, new clients and sessions that have moved; /why tells who would be chosen', async () => {
  const lines: string[] = [];
  const console = { log: (...words: unknown[]) => lines.push(words.join(' ').trim()) };
  const backends = await startNumbered(2);
  const app = express();
  guide.run('See that it works', 0, { names: { app, console }, replace: place(backends) });
  const ask = await guide.serve(app);
  await ask('/cart', { headers: { Cookie: 'ROUTEID=a' } });
  await ask('/cart');
  await ask('/cart');
  const why = JSON.parse((await ask('/why', { headers: { Cookie: 'ROUTEID=b' } })).body) as unknown;
  expect(why).toMatchObject({ member: 'b', route: 'b', sticky: 'ROUTEID' });
  await backends[0]!.stop();
  await ask('/cart', { headers: { Cookie: 'ROUTEID=a' } });
  const cart = lines.filter((line) => line.startsWith('/cart'));
  expect(cart[0]).toBe('/cart ROUTEID a -> a');
  expect(cart.slice(1, 3)).toContain('/cart unbound - -> b changed');
  expect(cart[3]).toBe('/cart ROUTEID a -> b changed');
  for (const line of [cart[0]!, '/cart unbound - -> b changed', cart[3]!])
    expect(guide.text).toContain(`\`${line}\``);
});
