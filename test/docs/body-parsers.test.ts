import { createHmac } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { fixRequestBody } from 'http-proxy-middleware';
import { createBalancer, type BalancerDefinition, type BalancerError } from '../../src/index.ts';
import { ask, makeBody, type Asked, type Told } from '../support/ask.ts';
import { deadUrl, startBackend, startRawBackend, stopBackends, type Backend } from '../support/backend.ts';
import { openGuide } from '../support/guide.ts';
import { readCode } from '../support/pages.ts';

const guide = openGuide('docs/body-parsers.md');
const page = guide.text;

afterEach(async () => {
  await guide.close();
  await stopBackends();
});
afterAll(guide.expectAllRun);

type Ask = (asked: Asked) => Promise<Told>;

async function serve(app: Express): Promise<Ask> {
  const port = await guide.keep(app.listen(0, '127.0.0.1'));
  return (asked) => ask(port, { method: 'POST', ...asked });
}

/** Runs a block over one backend in the place of both members. */
async function runWhole(heading: string, nth = 0): Promise<Readonly<{ backend: Backend; ask: Ask }>> {
  const [backend, dead] = [await startBackend('member'), await deadUrl()];
  const app = express();
  const replace = { 'http://localhost:4001/': backend.url, 'http://localhost:4002/': dead };
  const { code } = guide.findSnippets().filter((each) => each.heading === heading)[nth]!;
  const own = code.includes('const app');
  const ends = code.includes('app.listen');
  const made = guide.run(heading, nth, {
    names: { express, ...(own ? {} : { app }) },
    replace: { ...replace, ...(ends ? { 'app.listen(8080);': '' } : {}) },
    wanted: own ? ['app'] : [],
  });
  return { backend, ask: await serve((made['app'] as Express | undefined) ?? app) };
}

const json = (text: string, headers = {}): Asked => ({
  headers: { 'Content-Type': 'application/json', ...headers },
  body: Buffer.from(text),
});

/** What a member gets of a body, behind a parser. */
async function pass(
  parsers: readonly RequestHandler[],
  asked: Asked,
  beside: Partial<BalancerDefinition> = {},
): Promise<Readonly<{ backend: Backend; told: Told; errors: readonly BalancerError[] }>> {
  const backend = await startBackend();
  const balancer = createBalancer({ logger: false, members: [backend.url], ...beside });
  const errors: BalancerError[] = [];
  const app = express();
  for (const parser of parsers) app.use(parser);
  app.use(balancer);
  const tell: ErrorRequestHandler = (error: BalancerError, _req, res, _next) => {
    errors.push(error);
    res.status(error.status).json({ code: error.code });
  };
  app.use(tell);
  const told = await (await serve(app))(asked);
  await balancer.close();
  return { backend, told, errors };
}

test('a balancer before the parsers gets bodies as they came, and the app’s own routes their parser', async () => {
  const { backend, ask } = await runWhole('The shortest way');
  expect(page).toContain('the member gets { "a": 1.0 }');
  await ask({ ...json('{ "a": 1.0 }'), path: '/api/echo' });
  expect(backend.received[0]).toMatchObject({ url: '/echo', body: Buffer.from('{ "a": 1.0 }') });
  expect((await ask({ ...json('{"a":1}'), path: '/orders' })).text).toBe('{"got":{"a":1}}');
});

describe('behind a parser', () => {
  test('JSON loses blanks, fractions of zero and the last digits of large integers', async () => {
    const { backend } = await pass([express.json()], json('{ "a": 1.0, "b": 9007199254740993 }'));
    expect(backend.received[0]!.body.toString()).toBe('{"a":1,"b":9007199254740992}');
  });

  test('forms are written anew, text and bytes are as they were', async () => {
    const send = async (parser: RequestHandler, type: string, body: Buffer): Promise<string> => {
      const { backend } = await pass([parser], { headers: { 'Content-Type': type }, body });
      return `${backend.received[0]!.headers['content-type'] as string} ${backend.received[0]!.body.toString('latin1')}`;
    };
    const form = 'application/x-www-form-urlencoded';
    expect(await send(express.urlencoded({ extended: true }), form, Buffer.from('a[b]=%31'))).toBe(
      `${form} a%5Bb%5D=1`,
    );
    const latin = 'text/plain; charset=iso-8859-1';
    expect(await send(express.text(), latin, Buffer.from('gr\xfc', 'latin1'))).toBe(`${latin} gr\xfc`);
    const octets = 'application/octet-stream';
    expect(await send(express.raw(), octets, Buffer.from([0, 255]))).toBe(`${octets} \x00\xff`);
  });

  test('text in a charset that Node does not write is UTF-8, and said to be', async () => {
    const { backend } = await pass([express.text()], {
      headers: { 'Content-Type': 'text/plain; charset=koi8-r' },
      body: Buffer.from([0xc1]),
    });
    expect(backend.received[0]!.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(backend.received[0]!.body.toString()).toBe('а');
  });

  test('a chunked body is counted, a compressed one inflated and no longer called so', async () => {
    const { backend } = await pass([express.json()], {
      ...json('', { 'Content-Encoding': 'gzip' }),
      body: gzipSync('{"a":1}'),
      chunked: true,
    });
    const { headers, body } = backend.received[0]!;
    expect(body.toString()).toBe('{"a":1}');
    expect(headers).toMatchObject({ 'content-length': '7' });
    expect(headers).not.toHaveProperty('content-encoding');
    expect(headers).not.toHaveProperty('transfer-encoding');
  });

  const keep = express.json({
    verify(req, _res, bytes) {
      Object.assign(req, { rawBody: bytes });
    },
  });
  const change: RequestHandler = (req, _res, next) => {
    (req.body as Record<string, unknown>)['by'] = 'app';
    next();
  };

  test('what the app has changed in req.body is sent, but for req.rawBody', async () => {
    const changed = await pass([express.json(), change], json('{ "a": 1 }'));
    expect(changed.backend.received[0]!.body.toString()).toBe('{"a":1,"by":"app"}');
    const kept = await pass([keep, change], json('{ "a": 1 }'));
    expect(kept.backend.received[0]!.body.toString()).toBe('{ "a": 1 }');
  });

  test('fixRequestBody writes req.body anew, even where rawBody is kept', async () => {
    const hook = { httpProxyMiddleware: { on: { proxyReq: fixRequestBody } } };
    const fixed = await pass([keep], json('{ "a": 1 }'), hook);
    expect(fixed.backend.received[0]!.body.toString()).toBe('{"a":1}');
    const alone = await pass([keep], json('{ "a": 1 }'), { httpProxyMiddleware: {} });
    expect(alone.backend.received[0]!.body.toString()).toBe('{ "a": 1 }');
  });

  test('what is too large or no JSON is the parser’s error, 413 or 400', async () => {
    const large = await pass([express.json({ limit: 5 })], json('{"a":1}'));
    expect(large.told.status).toBe(413);
    const broken = await pass([express.json()], json('{"a":'));
    expect(broken.told.status).toBe(400);
    expect([...large.backend.received, ...broken.backend.received]).toEqual([]);
  });

  test('the first body that is made again is warned of', async () => {
    const lines: string[] = [];
    const logger = { ...console, warn: (line: string) => void lines.push(line) };
    await pass([express.json()], json('{"a":1}'), { logger });
    expect(lines).toEqual([expect.stringContaining('WARN_BALANCER_BODY_REMADE')]);
    expect(page).toContain('`WARN_BALANCER_BODY_REMADE`');
  });
});

test('kept in rawBody, members get the bytes as they came', async () => {
  const { backend, ask } = await runWhole('The bytes as they came');
  await ask(json('{ "a": 1.0 }'));
  expect(backend.received[0]!.body.toString()).toBe('{ "a": 1.0 }');
});

test('a webhook is checked by the app, and its bytes go on', async () => {
  const { backend, ask } = await runWhole('Signatures');
  const body = '{ "id": 7 }';
  const signature = createHmac('sha256', 'only for trying it out').update(body).digest('hex');
  const sent = { ...json(body, { 'X-Signature': signature }), path: '/hooks/paid' };
  expect((await ask(sent)).status).toBe(200);
  expect(backend.received[0]).toMatchObject({ url: '/paid', body: Buffer.from(body) });
  expect((await ask({ ...sent, body: Buffer.from('{ "id": 8 }') })).status).toBe(401);
  expect((await ask({ ...sent, headers: {} })).status).toBe(401);
  expect(backend.received).toHaveLength(1);
});

test('a route has its parser, and what is proxied streams', async () => {
  const { backend, ask } = await runWhole("Parsers for the app's own paths");
  const asked = await ask({ ...json('{"query":"{ a }"}'), path: '/graphql' });
  expect(asked.text).toBe('{"data":{"asked":"{ a }"}}');
  await ask(json('{ "a": 1 }'));
  expect(backend.received[0]!.body.toString()).toBe('{ "a": 1 }');
});

describe('uploads', () => {
  test('beyond the limit they are refused unread, and those without a length as well', async () => {
    const { backend, ask } = await runWhole('Uploads and failover');
    expect((await ask({ path: '/uploads/a', body: Buffer.from('abc') })).status).toBe(200);
    expect((await ask({ path: '/uploads/a', body: Buffer.from('abc'), chunked: true })).status).toBe(411);
    const large = await ask({
      path: '/uploads/a',
      headers: { 'Content-Length': '10000001', Connection: 'close' },
    });
    expect(large.status).toBe(413);
    expect(backend.received).toHaveLength(1);
  });

  /** What the client is told when the first of two members is this one. */
  async function move(first: string, asked: Asked, parsers: readonly RequestHandler[] = []): Promise<number> {
    const backend = await startBackend('second');
    const { told } = await pass(parsers, asked, { members: [first, backend.url] });
    return told.status;
  }
  const reads = express.raw({ type: () => true, limit: '1mb' });
  const small = makeBody(10_000);
  const large = makeBody(300_000);

  test('after a refused connection every body moves', async () => {
    for (const body of [small, large]) expect(await move(await deadUrl(), { body })).toBe(200);
    expect(await move(await deadUrl(), { body: large }, [reads])).toBe(200);
  });

  test.each([
    ['PUT, made again', { method: 'PUT', body: large }, [reads], 200],
    ['PUT, small', { method: 'PUT', body: small }, [], 200],
    ['POST, made again', { body: large }, [reads], 502],
    ['POST, small', { body: small }, [], 502],
  ] as const)('after a reset: %s', async (_what, asked, parsers, status) => {
    const breaker = await startRawBackend((socket) => socket.resetAndDestroy());
    expect(await move(breaker.url, asked, parsers)).toBe(status);
  });

  test('a stream of which more was read than replayBytes stays', async () => {
    // Resets when it has all of it.
    const breaker = await startBackend('breaker', (req) => void req.socket.resetAndDestroy());
    expect(await move(breaker.url, { method: 'PUT', body: large })).toBe(502);
  });
});

describe('ERR_BALANCER_BODY_CONSUMED', () => {
  const readsAll: RequestHandler = (req, _res, next) => {
    req.resume();
    req.once('end', () => {
      next();
    });
  };
  const readsSome: RequestHandler = (req, _res, next) => {
    req.once('data', () => {
      req.pause();
      next();
    });
  };
  const spoils: RequestHandler = (req, _res, next) => {
    req.body = () => 'no JSON';
    next();
  };
  const setsEncoding: RequestHandler = (req, _res, next) => {
    req.setEncoding('utf8');
    next();
  };
  const rows = guide.readTable('ERR_BALANCER_BODY_CONSUMED').slice(1);
  const cases = new Map<string, readonly [readonly RequestHandler[], string, Buffer]>([
    ['multer', [[readsAll], 'multipart/form-data; boundary=x', Buffer.from('--x--')]],
    ['express.urlencoded()', [[readsAll], 'application/x-www-form-urlencoded', Buffer.from('a=1')]],
    ['express.json()', [[express.json(), spoils], 'application/json', Buffer.from('{}')]],
    ['left no req.body', [[readsAll], 'application/json', Buffer.from('{}')]],
    ['has read the first part', [[readsSome], 'image/png', makeBody(300_000)]],
    ['has begun to read it', [[setsEncoding], 'image/png', Buffer.from('a')]],
    ['a middleware has read it', [[readsAll], 'image/png', Buffer.from('a')]],
  ]);

  test.each(rows.map(([words]) => readCode(words!)[0]!))('says “%s”', async (words) => {
    const [, [parsers, type, body]] = [...cases].find(([part]) => words.includes(part))!;
    const { told, errors, backend } = await pass(parsers, { headers: { 'Content-Type': type }, body });
    expect(told).toMatchObject({ status: 500, code: 'ERR_BALANCER_BODY_CONSUMED' });
    expect(errors[0]!.message).toContain(words);
    expect(backend.received).toEqual([]);
  });

  test('has a row for each reader', () => {
    expect(rows).toHaveLength(cases.size);
  });

  const image: Asked = { headers: { 'Content-Type': 'image/png' }, body: Buffer.from('abc') };
  const waits: RequestHandler = (_req, _res, next) => {
    setImmediate(next);
  };
  let seen = 0;
  const counts: RequestHandler = (req, _res, next) => {
    req.on('data', (chunk: Buffer) => (seen += chunk.length));
    next();
  };

  test.each([
    ['a listener that only counts takes nothing', [counts], 200],
    ['a middleware that waits takes nothing', [waits, waits], 200],
    ['one that waits in front of such a listener takes nothing', [waits, counts], 200],
    ['one that waits behind such a listener has the body flow away', [counts, waits], 500],
  ] as const)('%s', async (_what, parsers, status) => {
    seen = 0;
    const { backend, told } = await pass(parsers, image);
    expect(told.status).toBe(status);
    if (status === 200) expect(backend.received[0]!.body.toString()).toBe('abc');
    if ((parsers as readonly RequestHandler[]).includes(counts)) expect(seen).toBe(3);
  });

  test('is warned of', async () => {
    const lines: string[] = [];
    const logger = { ...console, warn: (line: string) => void lines.push(line) };
    await pass([readsAll], { headers: { 'Content-Type': 'image/png' }, body: Buffer.from('a') }, { logger });
    expect(lines).toEqual([expect.stringContaining('WARN_BALANCER_BODY_CONSUMED')]);
  });
});
