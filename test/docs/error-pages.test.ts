import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import express, { type ErrorRequestHandler, type Express } from 'express';
import { attachUpgrades, createBalancer, type BalancerError } from '../../src/index.ts';
import { ask, type Asked, type Told } from '../support/ask.ts';
import { deadUrl, startBackend, startRawBackend, stopBackends } from '../support/backend.ts';
import { openGuide } from '../support/guide.ts';
import { readCode } from '../support/pages.ts';
import { closeWebSockets, readRefusal, startUpgradeBackend } from '../support/websocket.ts';

const guide = openGuide('docs/error-pages.md');

afterEach(async () => {
  closeWebSockets();
  await guide.close();
  await stopBackends();
});
afterAll(guide.expectAllRun);

type Ask = (asked?: Asked) => Promise<Told>;

async function serve(app: Express): Promise<Ask> {
  const port = await guide.keep(app.listen(0, '127.0.0.1'));
  return (asked) => ask(port, asked);
}

/** Runs a block over these in the place of its members; an app that it makes, or that it is given. */
async function run(heading: string, urls: readonly string[], given?: Express): Promise<Ask> {
  const { code } = guide.findSnippets().find((each) => each.heading === heading)!;
  const replace = Object.fromEntries(urls.map((url, i) => [`http://localhost:${4001 + i}/`, `${url}/`]));
  const { app } = guide.run(heading, 0, {
    ...(given ? { names: { app: given } } : { wanted: ['app'] }),
    replace: { ...replace, ...(code.includes('app.listen') ? { 'app.listen(8080);': '' } : {}) },
  });
  return serve((app as Express | undefined) ?? given!);
}

/** Codes as text, behind what a block has mounted. */
const tell: ErrorRequestHandler = (error: BalancerError, _req, res, _next) => {
  res.status(error.status).send(error.code);
};

async function deadUrls(): Promise<readonly string[]> {
  return [await deadUrl(), await deadUrl()];
}

describe('one error handler', () => {
  test('answers in the client’s format, with the status, the code and when to come again', async () => {
    const ask = await run('The shortest way', await deadUrls());
    const told = await ask({ headers: { Accept: 'application/json' } });
    const [head, retry, body] = guide.findSnippets('sh')[0]!.code.match(/(?<=^# ).*$/gm)!;
    expect(`HTTP/1.1 ${told.status} Service Unavailable`).toBe(head);
    expect(`Retry-After: ${told.headers['retry-after']!}`).toBe(retry);
    expect(told.text).toBe(body);

    const html = await ask({ headers: { Accept: 'text/html' } });
    expect(html.headers['content-type']).toMatch('text/html');
    expect(html.text).toBe('<h1>503</h1><p>Please try again in a minute.</p>');
    const text = await ask({ headers: { Accept: 'image/png' } });
    expect(text.text).toBe('503 Please try again in a minute.\n');
  });

  test('shows what a client did wrong, and nothing of members', async () => {
    const ask = await run('The shortest way', await deadUrls());
    const told = await ask({ path: '/a/../b', headers: { Accept: 'application/json' } });
    expect(told).toMatchObject({ status: 400, code: 'ERR_BALANCER_BAD_REQUEST' });
    expect(told.text).toContain('cannot be forwarded');
  });

  test('without one, Express’s page has the status, the fields and, in development, the stack', async () => {
    const balancer = createBalancer({ logger: false, members: [await deadUrl()] });
    const told = await (await serve(express().use(balancer)))();
    expect(told).toMatchObject({ status: 503, headers: { 'retry-after': '60' } });
    expect(told.text).toContain('127.0.0.1');
    await balancer.close();
  });
});

test('an error has the properties of the table', async () => {
  const errors: BalancerError[] = [];
  const dead = await deadUrl();
  const balancer = createBalancer({ logger: false, name: 'shop', members: [dead] });
  const note: ErrorRequestHandler = (error: BalancerError, _req, res, _next) => {
    errors.push(error);
    res.status(error.status).end();
  };
  await (
    await serve(express().use(balancer).use(note))
  )();
  await balancer.close();
  const rows = guide.readTable('What an error says').slice(1);
  const names = rows.flatMap(([name]) => readCode(name!));
  expect(names.filter((name) => !(name in errors[0]!))).toEqual([]);
  expect(errors[0]).toMatchObject({
    balancer: 'shop',
    member: dead,
    expose: false,
    cause: { code: 'ECONNREFUSED' },
    headers: { 'Retry-After': '60' },
  });
  expect(errors[0]!.message).toContain('127.0.0.1');
});

test('every code stands in the table of pages, with its status', async () => {
  const rows = guide.readTable('What an error says', 1).slice(1);
  const told = new Map(
    rows.flatMap(([statuses, codes]) => readCode(codes!).map((code) => [code, statuses!] as const)),
  );
  const { statusOf } = await import('../../src/errors.ts');
  const readme = openGuide('README.md').text.match(/ERR_BALANCER_\w+/g)!;
  const codes = new Set(readme.filter((code) => code !== 'ERR_BALANCER_DEFINITION'));
  expect(new Set(told.keys())).toEqual(codes);
  for (const [code, statuses] of told) {
    if (code === 'ERR_BALANCER_MEMBER_STATUS') continue;
    expect([code, statuses]).toEqual([
      code,
      expect.stringContaining(String(statusOf(code as Parameters<typeof statusOf>[0]))),
    ]);
  }
});

test('an API gets problem details, the rest of the app its own page', async () => {
  const app = express();
  const ask = await run('Problem details', await deadUrls(), app);
  app.use(tell);
  const problem = await ask({ path: '/api/x' });
  expect(problem.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(JSON.parse(problem.text)).toEqual({
    type: 'about:blank',
    title: 'Service Unavailable',
    status: 503,
    code: 'ERR_BALANCER_CONNECT',
  });
  const refused = await ask({ path: '/api/a/../b' });
  expect(JSON.parse(refused.text)).toMatchObject({ status: 400, detail: expect.any(String) as unknown });
  expect((await ask()).text).toBe('ERR_BALANCER_CONNECT');
});

test('members’ own error pages are replaced where that is wanted, with the fields that matter', async () => {
  const backend = await startBackend('b', (req, res) => {
    const fields = { 'Retry-After': '7', 'Set-Cookie': 'a=1', 'X-Else': 'x' };
    res.writeHead(Number(req.url!.slice(1)), fields).end('the member’s page');
  });
  const app = express();
  const ask = await run(
    "Members' error pages",
    [backend.url, backend.url.replace('127.0.0.1', 'localhost')],
    app,
  );
  app.use(tell);
  const replaced = await ask({ path: '/503' });
  expect(replaced).toMatchObject({ status: 503, text: 'ERR_BALANCER_MEMBER_STATUS' });
  expect(replaced.headers).toMatchObject({ 'retry-after': '7', 'set-cookie': ['a=1'] });
  expect(replaced.headers).not.toHaveProperty('x-else');
  expect((await ask({ path: '/404' })).headers).toHaveProperty('x-else');
});

test('a hot standby answers when nobody is there, and no error handler is called', async () => {
  const app = express();
  const ask = await run('A page when nobody is there', await deadUrls(), app);
  app.use(tell);
  expect(await ask()).toMatchObject({
    status: 503,
    text: 'Back in a minute.',
    headers: { 'retry-after': '30' },
  });
});

test('it does not answer a POST whose member has reset its connection', async () => {
  const breakers = await Promise.all([1, 2].map(() => startRawBackend((socket) => socket.resetAndDestroy())));
  const app = express();
  const ask = await run(
    'A page when nobody is there',
    breakers.map(({ url }) => url),
    app,
  );
  app.use(tell);
  expect(await ask({ method: 'POST', body: Buffer.from('x') })).toMatchObject({ status: 502 });
});

test('an answer that breaks off ends the connection, with a warning and no error', async () => {
  const half = await startBackend('half', (_req, res) => {
    res.writeHead(200, { 'Content-Length': '100' }).write('half', () => res.destroy());
  });
  const warnings: string[] = [];
  const logger = { ...console, warn: (line: string) => void warnings.push(line) };
  const balancer = createBalancer({ logger, members: [half.url] });
  const errors: unknown[] = [];
  const note: ErrorRequestHandler = (error, _req, _res, next) => {
    errors.push(error);
    next(error);
  };
  const told = await (await serve(express().use(balancer).use(note)))();
  await balancer.close();
  expect(told).toMatchObject({ status: 200, whole: false });
  expect(errors).toEqual([]);
  expect(warnings).toEqual([expect.stringContaining(half.url)]);
});

describe('upgrades', () => {
  async function listen(server: Server): Promise<number> {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return guide.keep(server);
  }

  test('through the app end in its error handler, and a member’s refusal is relayed', async () => {
    const refusing = await startUpgradeBackend((socket) =>
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno'),
    );
    const dead = createBalancer({ logger: false, members: [await deadUrl()] });
    const forbidden = createBalancer({ logger: false, members: [refusing.url] });
    const app = express().use('/dead', dead).use('/no', forbidden).use(tell);
    const server = createServer(app);
    attachUpgrades(server, app);
    const port = await listen(server);
    expect(await readRefusal(port, '/dead')).toMatchObject({ status: 503, body: 'ERR_BALANCER_CONNECT' });
    expect(await readRefusal(port, '/no')).toMatchObject({ status: 403, body: 'no' });
    await Promise.all([dead.close(), forbidden.close()]);
  });

  test('without an app get the status, its fields and its reason', async () => {
    const balancer = createBalancer({ logger: false, members: [await deadUrl()] });
    const server = createServer();
    server.on('upgrade', balancer.upgrade);
    const refused = await readRefusal(await listen(server));
    expect(refused).toMatchObject({
      status: 503,
      body: 'Service Unavailable\n',
      headers: { 'retry-after': '60' },
    });
    await balancer.close();
  });
});

/** The log of the page, over two dead members; what it prints. */
async function runLog(
  replace: Readonly<Record<string, string>> = {},
): Promise<Readonly<{ ask: Ask; logged: unknown[]; reported: unknown[] }>> {
  const [logged, reported]: [unknown[], unknown[]] = [[], []];
  const { app } = guide.run('Logs and reports', 0, {
    names: {
      console: {
        log: (line: string) => void logged.push(line),
        error: (_word: string, path: string, error: BalancerError) => void reported.push(path, error.code),
      },
    },
    replace: {
      'http://localhost:4001/': await deadUrl(),
      'http://localhost:4002/': await deadUrl(),
      ...replace,
    },
    wanted: ['app'],
  });
  return { ask: await serve((app as Express).use(tell)), logged, reported };
}

test('a line of the log says who was tried, and what is expected is not reported', async () => {
  const { ask, logged, reported } = await runLog();
  await ask();
  const [, line] = /^`(GET \/ 503 .*?)`/m.exec(guide.text)!;
  expect(logged).toEqual([line]);
  expect(reported).toEqual([]);
});

test('what nobody expects is reported, and goes on to the page', async () => {
  const { ask, reported } = await runLog({
    'createBalancer({': "createBalancer({ lbmethod: () => { throw new Error('a bug'); },",
  });
  expect(await ask({ path: '/x' })).toMatchObject({ status: 500, text: 'ERR_BALANCER_LBMETHOD' });
  expect(reported).toEqual(['/x', 'ERR_BALANCER_LBMETHOD']);
});

test('a plain server tells a failure from a request that is not for the balancer', async () => {
  const urls = await deadUrls();
  const { server } = guide.run('Other servers', 0, {
    replace: {
      'http://localhost:4001/': urls[0]!,
      'http://localhost:4002/': urls[1]!,
      'server.listen(8080);': "server.listen(0, '127.0.0.1');",
    },
    wanted: ['server'],
  });
  const port = await guide.keep(server as Server);
  expect(await ask(port)).toMatchObject({ status: 503, text: 'Please try again in a minute.\n' });
  expect(await ask(port, { path: '/private/x' })).toMatchObject({
    status: 404,
    text: 'There is no such page.\n',
  });
});
