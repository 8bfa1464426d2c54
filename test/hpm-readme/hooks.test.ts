import { request, type IncomingMessage, type ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import {
  debugProxyErrorsPlugin,
  definePlugin,
  errorResponsePlugin,
  fixRequestBody,
  loggerPlugin,
  proxyEventsPlugin,
  responseInterceptor,
} from 'http-proxy-middleware';
import type { HttpProxyMiddleware } from '../../src/index.ts';
import type { Asked } from '../support/ask.ts';
import { stopBackends } from '../support/backend.ts';
import { closeBeside, startBeside, type Around, type Outcome } from '../support/beside-hpm.ts';
import { until } from '../support/idle.ts';

afterEach(async () => {
  await closeBeside();
  await stopBackends();
});

/** What both came to; it is the same. */
async function same(options: HttpProxyMiddleware, asked: Asked = {}, around: Around = {}): Promise<Outcome> {
  const both = await startBeside(options, { beside: { proxypreservehost: true }, ...around });
  const { hpm, ours } = await both.ask(asked);
  expect(ours).toEqual(hpm);
  return ours;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('hooks', () => {
  test('proxyReq adds, changes and removes fields, and another path', async () => {
    const { got } = await same(
      {
        on: {
          proxyReq(proxyReq, req) {
            proxyReq.setHeader('X-Added', req.url!);
            proxyReq.removeHeader('x-removed');
            proxyReq.path = `/elsewhere${proxyReq.path}`;
          },
        },
      },
      { path: '/x', headers: { 'X-Removed': '1' } },
    );
    expect(got).toMatchObject({ url: '/elsewhere/x', headers: { 'x-added': '/x' } });
    expect(got!.headers).not.toHaveProperty('x-removed');
  });

  test('proxyRes adds and removes fields', async () => {
    const { told } = await same({
      on: {
        proxyRes(proxyRes) {
          proxyRes.headers['x-added'] = 'foobar';
          delete proxyRes.headers['x-backend'];
        },
      },
    });
    expect(told.headers).toMatchObject({ 'x-added': 'foobar' });
    expect(told.headers).not.toHaveProperty('x-backend');
  });

  test('start, proxyReq, proxyRes and end come in this order', async () => {
    const told: string[] = [];
    await same({
      on: {
        start: () => void told.push('start'),
        proxyReq: () => void told.push('proxyReq'),
        proxyRes: () => void told.push('proxyRes'),
        end: () => void told.push('end'),
        error: () => void told.push('error'),
        econnreset: () => void told.push('econnreset'),
      },
    });
    const once = ['start', 'proxyReq', 'proxyRes', 'end'];
    expect(told).toEqual([...once, ...once]);
  });

  test('a client that leaves ends the request to the member, and is told of', async () => {
    const told: string[] = [];
    const asked: string[] = [];
    const both = await startBeside(
      {
        on: {
          error: (error) => void told.push(`error ${error.message}`),
          econnreset: (error) => void told.push(`econnreset ${error.message}`),
        },
      },
      { backend: (req) => void req.socket.once('close', () => asked.push('ended')) },
    );
    for (const port of [both.ports.hpm, both.ports.ours]) {
      const req = request({ host: '127.0.0.1', port, agent: false }).end();
      req.on('error', () => undefined);
      const before = both.backend.received.length;
      await until(() => both.backend.received.length > before);
      req.destroy();
      const ends = asked.length;
      await until(() => asked.length > ends);
    }
    await until(() => told.length === 2);
    expect(told).toEqual(['econnreset socket hang up', 'econnreset socket hang up']);
  });

  test('a function typed for Express gets what the app has made of the request', async () => {
    const { got } = await same(
      {
        on: {
          proxyReq(proxyReq, req: Request, res: Response) {
            proxyReq.setHeader('X-Who', `${req.hostname} ${String(res.locals['user'])} ${req.originalUrl}`);
          },
        },
      },
      { path: '/m/x' },
      {
        mount: '/m',
        before: (app) =>
          void app.use((_req, res, next) => {
            res.locals['user'] = 'ann';
            next();
          }),
      },
    );
    expect(got!.headers).toMatchObject({ 'x-who': 'front.test ann /m/x' });
  });
});

describe('plugins and logger', () => {
  test('a plugin hears of requests', async () => {
    const plugin = definePlugin((proxyServer) => {
      proxyServer.on('proxyReq', (proxyReq, req) => {
        proxyReq.setHeader('X-Logged', `[HPM] [${req.method!}] ${req.url!}`);
      });
    });
    const { got } = await same({ plugins: [plugin] }, { path: '/users' });
    expect(got!.headers).toMatchObject({ 'x-logged': '[HPM] [GET] /users' });
  });

  test('ejected and put back one by one they work as before', async () => {
    const logger = { info: jest.fn(), warn: jest.fn(), error: jest.fn() };
    const { got } = await same({
      logger,
      ejectPlugins: true,
      plugins: [debugProxyErrorsPlugin, loggerPlugin, errorResponsePlugin, proxyEventsPlugin],
      on: { proxyReq: (proxyReq) => void proxyReq.setHeader('X-On', '1') },
    });
    expect(got!.headers).toMatchObject({ 'x-on': '1' });
    expect(logger.info.mock.calls).toHaveLength(2);
  });

  test('a logger is told the same lines', async () => {
    const lines: string[] = [];
    const logger = { info: (line: string) => void lines.push(line), warn: jest.fn(), error: jest.fn() };
    await same({ logger }, { path: '/x' });
    expect(lines).toEqual([expect.stringMatching(/^\[HPM\] GET \/x -> http:\/\/127.*\[200\]$/), lines[0]]);
  });
});

describe('bodies behind a parser', () => {
  const json: Asked = {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: Buffer.from('{ "a": 1 }'),
  };
  const form: Asked = {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: Buffer.from('a=1&b=2&b=3'),
  };
  const text: Asked = {
    method: 'POST',
    headers: { 'Content-Type': 'text/plain' },
    body: Buffer.from('grüße'),
  };
  const behind = (parser: RequestHandler): Around => ({ before: (app: Express) => void app.use(parser) });

  test.each([
    ['JSON', json, express.json(), '{"a":1}'],
    ['a form', form, express.urlencoded({ extended: true }), 'a=1&b=2&b=3'],
    ['text', text, express.text(), Buffer.from('grüße').toString('latin1')],
  ] as const)(
    'fixRequestBody sends it again, and so does the balancer without: %s',
    async (_what, asked, parser, body) => {
      const { got } = await same({ on: { proxyReq: fixRequestBody } }, asked, behind(parser));
      expect(got!.body).toBe(body);
      const alone = await startBeside({}, behind(parser));
      expect((await alone.askOurs(asked)).got!.body).toBe(body);
    },
  );

  test('a hook changes it and sends it with fixRequestBody', async () => {
    const { got } = await same(
      {
        on: {
          proxyReq(proxyReq, req: Request) {
            if (req.method !== 'POST' || !req.body) return;
            (req.body as Record<string, unknown>)['injected'] = 'server-only';
            fixRequestBody(proxyReq, req);
          },
        },
      },
      json,
      behind(express.json()),
    );
    expect(got!.body).toBe('{"a":1,"injected":"server-only"}');
  });

  test('a hook writes another one in its place', async () => {
    const { got } = await same(
      {
        on: {
          proxyReq(proxyReq, req: Request) {
            if (req.method !== 'POST' || !req.body) return;
            const body = 'file=summary.pdf&id=7';
            proxyReq.setHeader('content-type', 'application/x-www-form-urlencoded');
            proxyReq.setHeader('content-length', body.length);
            proxyReq.write(body);
            proxyReq.end();
          },
        },
      },
      json,
      behind(express.json()),
    );
    expect(got).toMatchObject({
      body: 'file=summary.pdf&id=7',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': '21' },
    });
  });

  test('one that was compressed is sent as it was read, where fixRequestBody compresses it again', async () => {
    const both = await startBeside({ on: { proxyReq: fixRequestBody } }, behind(express.json()));
    const packed: Asked = {
      ...json,
      headers: { ...json.headers, 'Content-Encoding': 'gzip' },
      body: gzipSync('{ "a": 1 }'),
    };
    const { hpm, ours } = await both.ask(packed);
    expect(hpm.got!.headers).toMatchObject({ 'content-encoding': 'gzip' });
    expect(ours.got).toMatchObject({ body: '{"a":1}' });
    expect(ours.got!.headers).not.toHaveProperty('content-encoding');
  });
});

test('what middleware in front makes of req.headers is what the member gets, with hooks and without', async () => {
  const around: Around = {
    before: (app) =>
      void app.use((req, _res, next) => {
        req.headers['x-user'] = 'ann';
        delete req.headers['x-admin'];
        next();
      }),
  };
  const asked = { headers: { 'X-User': 'forged', 'X-Admin': '1', 'X-Kept': '1' } };
  const { got } = await same({}, asked, around);
  expect(got!.headers).toMatchObject({ 'x-user': 'ann', 'x-kept': '1' });
  expect(got!.headers).not.toHaveProperty('x-admin');
  await same({ on: { proxyReq: () => undefined } }, asked, around);
});

describe('answers of one’s own', () => {
  const intercept = (
    make: (
      buffer: Buffer,
      proxyRes: IncomingMessage,
      req: IncomingMessage,
      res: ServerResponse,
    ) => string | Buffer,
  ): HttpProxyMiddleware => ({
    selfHandleResponse: true,
    on: { proxyRes: responseInterceptor((...told) => Promise.resolve(make(...told))) },
  });

  test('responseInterceptor replaces text and status', async () => {
    const { told } = await same(
      intercept((buffer, _proxyRes, _req, res) => {
        res.statusCode = 418;
        res.setHeader('X-Intercepted', '1');
        return buffer.toString().replace('backend', 'teapot');
      }),
    );
    expect(told).toMatchObject({ status: 418, text: 'teapot', headers: { 'x-intercepted': '1' } });
  });

  test('responseInterceptor changes JSON that came compressed', async () => {
    const { told } = await same(
      intercept((buffer, { headers }) =>
        headers['content-type'] === 'application/json'
          ? JSON.stringify({ ...(JSON.parse(buffer.toString()) as object), extra: 'foo' })
          : buffer,
      ),
      {},
      {
        backend: (_req, res) =>
          res
            .writeHead(200, { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' })
            .end(gzipSync('{"a":1}')),
      },
    );
    expect(told.text).toBe('{"a":1,"extra":"foo"}');
  });

  test('responseInterceptor sees the request to the member', async () => {
    const { told } = await same(
      intercept((_buffer, proxyRes, req) => {
        const { req: proxyReq } = proxyRes as IncomingMessage & { req: { protocol: string; path: string } };
        return `${req.method!} ${(req as Request).path} -> ${proxyReq.protocol} ${proxyReq.path} [${proxyRes.statusCode!}]`;
      }),
      { path: '/m/x?y' },
      { mount: '/m', base: '/n' },
    );
    expect(told.text).toBe('GET /x -> http: /n/x?y [200]');
  });

  test('an async hook adds a field, then pipes', async () => {
    const { told } = await same({
      selfHandleResponse: true,
      on: {
        async proxyRes(proxyRes, _req, res) {
          await turn();
          res.setHeader('X-Late', 'here');
          proxyRes.pipe(res);
        },
      },
    });
    expect(told).toMatchObject({ text: 'backend', headers: { 'x-late': 'here' } });
  });

  test('middleware in front delays the request and the end of the answer', async () => {
    const delay: RequestHandler = (_req, res, next) => {
      const end = res.end.bind(res) as (...args: unknown[]) => Response;
      res.end = ((...args: unknown[]) => {
        setImmediate(() => end(...args));
        return res;
      }) as typeof res.end;
      setImmediate(next);
    };
    const { told } = await same({}, {}, { before: (app) => void app.use(delay) });
    expect(told.text).toBe('backend');
  });
});

describe('failures', () => {
  test('end in next(err), not in a page that names host and path', async () => {
    const both = await startBeside({ proxyTimeout: 100 }, { backend: () => undefined });
    const { hpm, ours } = await both.ask();
    expect(hpm.told).toMatchObject({
      status: 504,
      text: 'Error occurred while trying to proxy: front.test/',
    });
    expect(ours.told).toMatchObject({ status: 502, text: '{"code":"ERR_BALANCER_RESET"}' });
  });

  test('on.error is told of each, and what it answers is discarded', async () => {
    const codes: unknown[] = [];
    const both = await startBeside(
      {
        proxyTimeout: 100,
        on: {
          error(error, _req, res) {
            codes.push((error as NodeJS.ErrnoException).code);
            if ('writeHead' in res) res.writeHead(500).end('Something went wrong.');
          },
        },
      },
      { backend: () => undefined },
    );
    const { hpm, ours } = await both.ask();
    expect(hpm.told).toMatchObject({ status: 500, text: 'Something went wrong.' });
    expect(ours.told).toMatchObject({ status: 502 });
    expect(codes).toEqual(['ECONNRESET', 'ECONNRESET']);
  });
});
