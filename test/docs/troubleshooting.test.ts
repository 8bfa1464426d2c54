import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { execFileSync } from 'node:child_process';
import { afterAll, afterEach, describe, expect, jest, test } from '@jest/globals';
import express, { type Express } from 'express';
import { createBalancer, type Balancer, type BalancerDefinition } from '../../src/index.ts';
import { ask } from '../support/ask.ts';
import { deadUrl, startBackend, stopBackends } from '../support/backend.ts';
import { openGuide } from '../support/guide.ts';
import { until } from '../support/idle.ts';
import { requestTarget } from '../support/request-target.ts';
import { closeWebSockets, openWebSocket, say, startChat } from '../support/websocket.ts';

const guide = openGuide('docs/troubleshooting.md');

afterEach(async () => {
  jest.restoreAllMocks();
  closeWebSockets();
  await guide.close();
  await stopBackends();
});
afterAll(guide.expectAllRun);

const [first, second] = ['http://localhost:4001', 'http://localhost:4002'];

function listen(url: string): Readonly<Record<string, string>> {
  return { [first]: url };
}

/** `listen` on any port, of an app whose block says which. */
function anyPort(app: Express): Express {
  const wanted = app.listen.bind(app) as (port: number, host: string) => ReturnType<Express['listen']>;
  app.listen = (() => wanted(0, '127.0.0.1')) as Express['listen'];
  return app;
}

/** What Express's module is to a block that makes its app by itself. */
function expressOn(made: (server: ReturnType<Express['listen']>) => void): typeof express {
  const make = (): Express => {
    const app = anyPort(express());
    const own = app.listen.bind(app) as () => ReturnType<Express['listen']>;
    app.listen = (() => {
      const server = own();
      made(server);
      return server;
    }) as Express['listen'];
    return app;
  };
  return Object.assign(make, express);
}

describe('Look first', () => {
  test('/why tells who would get a request and why not the others; a line tells who got it; errors lead to the page', async () => {
    const [a, b] = [await startBackend('a'), await startBackend('b')];
    const lines: string[] = [];
    const errors: unknown[][] = [];
    const console = {
      log: (...words: unknown[]) => void lines.push(words.join(' ')),
      error: (...words: unknown[]) => void errors.push(words),
    };
    let server: ReturnType<Express['listen']> | undefined;
    guide.run('Look first', 0, {
      modules: { express: expressOn((each) => (server = each)) },
      names: { console },
      replace: { [first]: a.url, [second]: b.url },
    });
    const port = await guide.keep(server!);

    const unbound = JSON.parse((await requestTarget(port, '/why')).body) as {
      member: string;
      members: unknown[];
    };
    expect(unbound.members).toHaveLength(2);
    const bound = await requestTarget(port, '/why', { headers: { Cookie: 'ROUTEID=app2' } });
    const told = JSON.parse(bound.body) as {
      member: string;
      text: string;
      members: { name: string; why: string; text: string }[];
    };
    expect(told.member).toBe('app2');
    expect(told.members.every(({ why, text }) => why !== '' && text !== '')).toBe(true);

    await requestTarget(port, '/cart', { headers: { Cookie: 'ROUTEID=app2' } });
    await until(() => lines.length > 0);
    expect(lines[0]).toMatch(/^GET \/cart 200 +ROUTEID app2 \(\S+\) answered$/);

    await Promise.all([a.stop(), b.stop()]);
    const failed = await requestTarget(port, '/cart');
    expect([failed.status, failed.body]).toEqual([503, 'Back in a minute.']);
    expect(errors[0]).toEqual([
      'ERR_BALANCER_CONNECT',
      expect.any(String),
      expect.stringContaining('http://'),
      expect.stringMatching(/docs\/troubleshooting\.md#err_balancer_connect$/),
    ]);
  });

  test('the fields of a member that are named are there', () => {
    const balancer = createBalancer({ members: ['http://a.test'] });
    const [member] = balancer.view();
    expect(Object.keys(member!)).toEqual(
      expect.arrayContaining(['status', 'inError', 'retryInMs', 'busy', 'failures']),
    );
    return balancer.close();
  });
});

describe('By symptom', () => {
  test('sessions stay, once the balancer sets a cookie of its own', async () => {
    const [a, b] = [await startBackend('a'), await startBackend('b')];
    const balancer = makeOne('Sessions jump from member to member', { [first]: a.url, [second]: b.url });
    const request = await guide.serve(express().use(balancer));
    const answer = await request('/');
    const cookie = String(answer.headers['set-cookie']).split(';', 1)[0]!;
    expect(cookie).toMatch(/^ROUTEID=app[12]$/);
    for (let i = 0; i < 3; i += 1)
      expect((await request('/', { headers: { Cookie: cookie } })).body).toBe(answer.body);
  });

  test('redirects to another URL that stands for the mount path come back to it', async () => {
    const backend = await startBackend('a', (_req, res) => {
      res.writeHead(302, { Location: 'https://shop.internal/login' }).end();
    });
    const balancer = makeOne('Redirects lead to an internal host', listen(backend.url));
    const request = await guide.serve(express().use('/shop', balancer));
    expect((await request('/shop/')).headers['location']).toMatch(/^http:\/\/[^/]+\/shop\/login$/);
  });

  test('the member is told whom the trusted proxy has told of', async () => {
    const backend = await startBackend();
    const app = express();
    guide.run('The member sees the proxy’s address as the client’s'.replaceAll('’', "'"), 0, {
      names: { app },
      replace: listen(backend.url),
    });
    const request = await guide.serve(app);
    await request('/', { headers: { 'X-Forwarded-For': '203.0.113.9' } });
    expect(backend.received[0]!.headers['x-forwarded-for']).toBe('203.0.113.9, 127.0.0.1');
  });

  test('a member that is back is found by a health check', async () => {
    const [a, b] = [await startBackend('a'), await startBackend('b')];
    const balancer = makeOne('A member that is back gets nothing', { [first]: a.url, [second]: b.url });
    await until(() => a.received.length > 0 && b.received.length > 0);
    expect(a.received[0]!.url).toBe('/health');
    expect(balancer.view().map(({ status }) => status)).toEqual(['', '']);
  });

  test.each([
    [
      "`app.use('/shop', balancer)`, `http://host/`",
      '/',
      (app: Express, it: Balancer) => app.use('/shop', it),
    ],
    [
      "`app.use('/shop', balancer)`, `http://host/shop/`",
      '/shop/',
      (app: Express, it: Balancer) => app.use('/shop', it),
    ],
    [
      "`app.all('/shop/{*path}', balancer)`, `http://host/`",
      '/',
      (app: Express, it: Balancer) => app.all('/shop/{*path}', it),
    ],
    [
      "`app.use('/shop', balancer.at('/x'))`, `http://host/`",
      '/',
      (app: Express, it: Balancer) => app.use('/shop', it.at('/x')),
    ],
  ] as const)('%s asks for what the table says', async (written, base, mount) => {
    const rows = guide.readTable('404 from the member').slice(1);
    const row = rows.find(([cell]) => cell === written);
    expect(rows).toHaveLength(4);
    const backend = await startBackend();
    const balancer = createBalancer({ members: [backend.url + base], logger: false });
    const app = express();
    mount(app, balancer);
    const request = await guide.serve(app);
    await request('/shop/cart');
    expect(`\`${backend.received[0]!.url}\``).toBe(row![1]);
    await balancer.close();
  });

  test('what a request is refused for, and what the codes of 503 mean, is told as the page says', async () => {
    const balancer: Balancer = createBalancer({ members: [await deadUrl()], logger: false });
    const app = express().use(balancer);
    const codes: string[] = [];
    const page: express.ErrorRequestHandler = (
      error: { code: string; status: number; cause?: unknown },
      _req,
      res,
      _next,
    ) => {
      codes.push(error.code);
      res.status(error.status).end();
    };
    app.use(page);
    const server = app.listen(0, '127.0.0.1');
    const port = await guide.keep(server);
    await ask(port, { path: '/a/%2e%2e/b' });
    await ask(port);
    balancer.change(balancer.view()[0]!.name, '+D');
    await ask(port);
    await balancer.close();
    await ask(port);
    expect(codes).toEqual([
      'ERR_BALANCER_BAD_REQUEST',
      'ERR_BALANCER_CONNECT',
      'ERR_BALANCER_NO_MEMBER',
      'ERR_BALANCER_CLOSED',
    ]);
  });
});

describe('By warning code', () => {
  test('a code that is switched off is not said, and the line looks as it is shown', async () => {
    const backend = await startBackend();
    const lines: string[] = [];
    const note = jest
      .spyOn(console, 'warn')
      .mockImplementation((line: unknown) => void lines.push(String(line)));
    const names = {
      createBalancer: (definition: BalancerDefinition) => keepBalancer({ ...definition, name: 'shop' }),
    };
    guide.run('By warning code', 0, { names, replace: listen(backend.url) });
    const off = kept.at(-1)!;
    const request = await guide.serve(
      express()
        .use('/off', off)
        .use(
          keepBalancer({
            name: 'shop',
            routeCookie: true,
            members: [{ url: backend.url, route: 'app1' }, `${backend.url}/b`],
            warnings: { WARN_BALANCER_TRUST_PROXY: false },
          }),
        ),
    );
    await request('/off', { headers: { 'X-Forwarded-For': '203.0.113.9' } });
    expect(note).not.toHaveBeenCalled();
    await request('/');
    const shown = guide
      .readSection('By warning code')
      .split('\n')
      .find((line) => line.startsWith('[shop]'))!;
    const said = lines[0]!.replaceAll(/http:[^']*/g, 'http://…').replace(/file:.*/, 'file:///…');
    expect(said).toBe(shown);
    await closeKept();
  });

  test('one balancer for each tenant, kept, is created once', async () => {
    const backend = await startBackend();
    const app = express();
    guide.run('WARN_BALANCER_CREATED_PER_REQUEST', 0, { names: { app }, replace: listen(backend.url) });
    const request = await guide.serve(app);
    for (const path of ['/red/a', '/red/b', '/blue/a', '/green/a']) await request(path);
    expect(backend.received.map(({ url }) => url)).toEqual(['/red/a', '/red/b', '/blue/a']);
    expect(guide.balancers).toHaveLength(2);
  });

  test('bytes that are kept come as they were, and there is nothing to warn of', async () => {
    const backend = await startBackend();
    const note = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    const { app } = guide.run('WARN_BALANCER_BODY_REMADE', 0, {
      modules: { 'express-proxy-balancer': { createBalancer: keepBalancer } },
      replace: listen(backend.url),
      wanted: ['app'],
    }) as { app: Express };
    const port = await guide.keep(app.listen(0, '127.0.0.1'));
    const body = Buffer.from('{ "b":1.0, "a": 12345678901234567890 }');
    await ask(port, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
    expect(backend.received[0]!.body.equals(body)).toBe(true);
    expect(note).not.toHaveBeenCalled();
    await closeKept();
  });

  test('a check of the connection alone is passed by who has no page for it, and failed by who is down', async () => {
    const note = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    const nothingHere: Parameters<typeof startBackend>[1] = (_req, res) => {
      res.writeHead(404).end();
    };
    const [a, b] = [await startBackend('a', nothingHere), await startBackend('b', nothingHere)];
    const balancer = makeOne('WARN_BALANCER_CHECKS_FAIL', {
      [first]: a.url,
      [second]: b.url,
      "'2s'": "'100ms'",
    });
    await b.stop();
    await until(() => balancer.view()[1]!.status === 'C');
    expect(balancer.view()[0]!.status).toBe('');
    expect(note).not.toHaveBeenCalled();
  });

  test('WebSockets open once upgrades are attached', async () => {
    const chat = await startChat();
    const app = anyPort(express());
    const { server } = guide.run('WARN_BALANCER_UPGRADE_NOT_ATTACHED', 0, {
      names: { app },
      replace: listen(chat.url),
      wanted: ['server'],
    }) as { server: ReturnType<Express['listen']> };
    const port = await guide.keep(server);
    const { socket } = await openWebSocket(port);
    expect(await say(socket, 'hello')).toBe('hello');
  });

  test('one listener hands each path to its taker', async () => {
    const chat = await startChat();
    const { server } = guide.run('WARN_BALANCER_UPGRADE_CONTESTED', 0, {
      names: { app: express() },
      replace: { ...listen(chat.url), 'server.listen(8080)': "server.listen(0, '127.0.0.1')" },
      wanted: ['server'],
    }) as { server: ReturnType<Express['listen']> };
    if (!server.listening) await once(server, 'listening');
    const port = (server.address() as AddressInfo).port;
    await guide.keep(server);
    const { socket } = await openWebSocket(port, '/chat');
    expect(await say(socket, 'hello')).toBe('hello');
    await expect(openWebSocket(port, '/other')).rejects.toThrow();
  });
});

test('what is typed into a shell is a script', () => {
  const scripts = guide.findSnippets('sh');
  expect(scripts).toHaveLength(2);
  for (const { code } of scripts) execFileSync('sh', ['-n'], { input: code });
});

const kept: Balancer[] = [];

/** With the console as its logger, as a block has it. */
function keepBalancer(definition: BalancerDefinition): Balancer {
  const balancer: Balancer = createBalancer(definition);
  kept.push(balancer);
  return balancer;
}

async function closeKept(): Promise<void> {
  await Promise.all(kept.splice(0).map((balancer) => balancer.close()));
}

function makeOne(heading: string, replace: Readonly<Record<string, string>>): Balancer {
  guide.run(heading, 0, { replace });
  return guide.balancers.at(-1)!;
}
