import { once } from 'node:events';
import { Agent, type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import express, { type Response } from 'express';
import { definePlugin, fixRequestBody, responseInterceptor } from 'http-proxy-middleware';
import type { HttpProxyMiddleware } from '../../src/index.ts';
import { ask, makeBody, type Asked } from '../support/ask.ts';
import { deadUrl, startBackend, startRawBackend } from '../support/backend.ts';
import { makeCertificates } from '../support/certificates.ts';
import { startFaulty } from '../support/faults.ts';
import type { FrontOptions } from '../support/front.ts';
import { startHandler } from '../support/handler.ts';
import { tidyUp, until } from '../support/idle.ts';
import { startToldFront, type ToldFront } from '../support/stories.ts';

afterEach(tidyUp);

/** A front whose members, in this order, are asked through http-proxy-middleware. */
function startFront(
  urls: readonly string[],
  httpProxyMiddleware: HttpProxyMiddleware,
  options: FrontOptions = {},
): Promise<ToldFront> {
  const members = urls.map((url, i) => ({ url, route: 'abc'[i]!, lbset: i, timeout: '2s' as const }));
  return startToldFront({ members, httpProxyMiddleware }, options);
}

const json: Asked = {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: Buffer.from('{"a":1}'),
};
const parse = { before: (app: express.Express) => void app.use(express.json()) };

describe('events', () => {
  test('come in the order in which http-proxy-middleware has them, with what the app has made of the request', async () => {
    const backend = await startBackend();
    const events: string[] = [];
    const note = (name: string, req: IncomingMessage): void => {
      const { originalUrl, url, user } = req as IncomingMessage & { originalUrl: string; user: string };
      events.push(`${name} ${originalUrl} ${url!} ${user}`);
    };
    const front = await startFront(
      [backend.url],
      {
        on: {
          start: (req) => {
            note('start', req);
          },
          proxyReq: (_proxyReq, req) => {
            note('proxyReq', req);
          },
          proxyRes: (_proxyRes, req) => {
            note('proxyRes', req);
          },
          end: (req) => {
            note('end', req);
          },
        },
      },
      {
        mount: '/app',
        before: (app) =>
          void app.use((req, _res, next) => {
            Object.assign(req, { user: 'ann' });
            next();
          }),
      },
    );
    expect((await ask(front.port, { path: '/app/x?y' })).text).toBe('backend');
    expect(events).toEqual(
      ['start', 'proxyReq', 'proxyRes', 'end'].map((name) => `${name} /app/x?y /x?y ann`),
    );
  });

  test('of a request can add, change and remove its fields', async () => {
    const backend = await startBackend();
    const front = await startFront([backend.url], {
      on: {
        proxyReq(proxyReq) {
          proxyReq.setHeader('X-Added', '1');
          proxyReq.setHeader('x-changed', 'now');
          proxyReq.removeHeader('x-removed');
        },
      },
    });
    await ask(front.port, { headers: { 'X-Changed': 'once', 'X-Removed': '1', 'X-Kept': '1' } });
    const { headers } = backend.received[0]!;
    expect(headers).toMatchObject({ 'x-added': '1', 'x-changed': 'now', 'x-kept': '1' });
    expect(headers).not.toHaveProperty('x-removed');
  });

  test('of an answer can add, change and remove its fields; the others stay as they came', async () => {
    const backend = await startRawBackend((socket) => {
      socket.write(
        'HTTP/1.1 200 OK\r\nX-One: 1\r\nX-Removed: 1\r\nX-CHANGED: once\r\nx-one: 2\r\nSet-Cookie: a=1\r\n',
      );
      socket.write('Set-Cookie: b=2\r\nContent-Length: 2\r\n\r\nok');
    });
    const front = await startFront([backend.url], {
      on: {
        proxyRes(proxyRes, _req, res) {
          proxyRes.headers['x-added'] = 'foobar';
          delete proxyRes.headers['x-removed'];
          proxyRes.headers['x-changed'] = 'now';
          proxyRes.headers['set-cookie']!.push('c=3');
          res.removeHeader('X-Powered-By');
          proxyRes.statusCode = 203;
        },
      },
    });
    const { status, headers, text } = await ask(front.port);
    expect({ status, text }).toEqual({ status: 203, text: 'ok' });
    expect(headers).toMatchObject({
      'x-one': '1, 2',
      'x-changed': 'now',
      'x-added': 'foobar',
      'set-cookie': ['a=1', 'b=2', 'c=3'],
    });
    expect(headers).not.toHaveProperty('x-removed');
    expect(headers).not.toHaveProperty('x-powered-by');
  });

  test('of a failure are heard of, and what they answer is not', async () => {
    const backend = await startBackend('b');
    const errors: string[] = [];
    const front = await startFront([await deadUrl(), backend.url], {
      on: {
        error(error, _req, res) {
          errors.push((error as NodeJS.ErrnoException).code!);
          if (!('headersSent' in res) || res.headersSent) return;
          res.writeHead(500, { 'Content-Type': 'text/plain' });
          res.end('Something went wrong.');
        },
      },
    });
    expect(await ask(front.port)).toMatchObject({ status: 200, text: 'b' });
    expect(errors).toEqual(['ECONNREFUSED']);
    expect(front.stories()).toEqual(['a connect ECONNREFUSED, b answered 200']);
  });

  test('of a timeout are heard of as well', async () => {
    const errors: string[] = [];
    const front = await startToldFront({
      members: [{ url: (await startFaulty('stays silent')).url, timeout: '100ms' }],
      httpProxyMiddleware: { on: { error: (error) => void errors.push(error.message) } },
    });
    expect(await ask(front.port)).toMatchObject({ status: 504, code: 'ERR_BALANCER_TIMEOUT' });
    expect(errors).toEqual([expect.stringContaining('silent for 100 ms')]);
  });

  test.each([
    ['throws', 'start', 400],
    ['throws', 'proxyReq', 400],
    ['throws', 'proxyRes', 502],
    ['rejects', 'start', 400],
    ['rejects', 'proxyReq', 400],
    ['rejects', 'proxyRes', 502],
  ] as const)('a listener that %s at %s fails its request, and nothing else', async (how, event, status) => {
    // One that rejects does so before this has answered.
    const backend = await startHandler((_req, res) => void (event === 'proxyRes' ? res.write('half') : 0));
    const listener =
      how === 'throws'
        ? () => {
            throw new Error('a bug');
          }
        : () => Promise.reject(new Error('a bug'));
    const front = await startFront([backend.url], { on: { [event]: listener } });
    const told = await ask(front.port);
    // The head has gone by the time that a promise tells.
    if (how === 'rejects' && event === 'proxyRes') expect(told).toMatchObject({ whole: false });
    else expect(told).toMatchObject({ status, text: expect.stringContaining('a bug') as unknown });
  });

  test('a listener may answer by itself, and end the request to the member', async () => {
    const backend = await startBackend();
    const front = await startFront([backend.url], {
      on: {
        proxyReq(proxyReq, _req, res) {
          (res as Response).status(401).json({ who: 'are you' });
          proxyReq.destroy();
        },
      },
    });
    expect(await ask(front.port)).toMatchObject({ status: 401, text: '{"who":"are you"}' });
    expect(backend.received).toEqual([]);
    expect(front.member('a').status).toBe('');
  });

  test('a listener that ends the request to the member is nobody else’s failure', async () => {
    const backend = await startBackend();
    const front = await startFront([backend.url], {
      on: { proxyReq: (proxyReq) => void proxyReq.destroy(new Error('not this one')) },
    });
    expect(await ask(front.port)).toMatchObject({
      status: 400,
      text: expect.stringContaining('not this one') as unknown,
    });
    expect(front.member('a').status).toBe('');
  });

  test('leave no listener on the client’s request, response or server', async () => {
    const backend = await startBackend();
    const counts: number[] = [];
    const front = await startFront(
      [backend.url],
      {
        on: {
          proxyReq(_proxyReq, req, res) {
            for (const event of ['close', 'error', 'end']) {
              req.on(event, () => undefined);
              res.on(event, () => undefined);
            }
            req.socket.setTimeout(10_000);
            req.socket.on('close', () => undefined);
          },
        },
      },
      {
        before: (app) =>
          void app.use((req, res, next) => {
            const count = (): number =>
              [req, res, req.socket, front.server]
                .flatMap((emitter) =>
                  ['error', 'end', 'close', 'timeout', 'upgrade'].map((e) => emitter.listenerCount(e)),
                )
                .reduce((sum, each) => sum + each);
            const before = count();
            res.on('finish', () => counts.push(count() - before));
            next();
          }),
      },
    );
    await ask(front.port);
    // The one that the balancer itself has there, to hear that the client has left.
    expect(counts).toEqual([1]);
  });
});

describe('plugins', () => {
  test('run, for every member, and after what the library does', async () => {
    const backend = await startBackend('b');
    const seen: string[] = [];
    const plugin = definePlugin((proxyServer, options) => {
      seen.push(`target ${String(options.target)}`);
      proxyServer.on('proxyReq', (proxyReq, req) => {
        seen.push(`proxyReq ${req.url!} ${proxyReq.getRawHeaderNames()[0]!}`);
      });
      proxyServer.on('error', (error) => void seen.push(`error ${(error as NodeJS.ErrnoException).code!}`));
    });
    const dead = await deadUrl();
    const front = await startFront([dead, backend.url], { plugins: [plugin] });
    await ask(front.port, { path: '/x' });
    expect(seen).toEqual([
      `target ${dead}/`,
      'proxyReq /x Host',
      'error ECONNREFUSED',
      `target ${backend.url}/`,
      'proxyReq /x Host',
    ]);
  });

  test('that are ejected take `on` with them', async () => {
    const backend = await startBackend();
    const listener = jest.fn();
    const front = await startFront([backend.url], { ejectPlugins: true, on: { proxyReq: listener } });
    expect(await ask(front.port)).toMatchObject({ status: 200 });
    expect(listener).not.toHaveBeenCalled();
  });

  test('a logger is told of each exchange', async () => {
    const backend = await startBackend('b');
    const logger = { info: jest.fn(), warn: jest.fn(), error: jest.fn() };
    const front = await startFront([await deadUrl(), backend.url], { logger });
    await ask(front.port, { path: '/x' });
    expect(logger.error.mock.calls).toEqual([
      expect.arrayContaining([expect.stringContaining('[HPM] Error')]),
    ]);
    expect(logger.info.mock.calls).toEqual([[expect.stringContaining('[HPM] GET /x -> http://127.0.0.1')]]);
  });
});

describe('a body', () => {
  test('that a parser has read is sent once, with and without fixRequestBody', async () => {
    const backend = await startBackend();
    for (const on of [{ proxyReq: fixRequestBody }, {}]) {
      const front = await startFront([backend.url], { on }, parse);
      await ask(front.port, json);
    }
    expect(backend.received.map(({ body }) => body.toString())).toEqual(['{"a":1}', '{"a":1}']);
  });

  test('may be changed by a listener and written with fixRequestBody', async () => {
    const backend = await startBackend();
    const front = await startFront(
      [await deadUrl(), backend.url],
      {
        on: {
          proxyReq(proxyReq, req) {
            const { body } = req as IncomingMessage & { body: Record<string, unknown> };
            body['injected'] = 'server-only';
            fixRequestBody(proxyReq, req);
          },
        },
      },
      parse,
    );
    expect(await ask(front.port, json)).toMatchObject({ status: 200 });
    expect(backend.received.map(({ body }) => body.toString())).toEqual(['{"a":1,"injected":"server-only"}']);
  });

  test('that fixRequestBody refuses is the client’s fault', async () => {
    const backend = await startBackend();
    const front = await startFront(
      [backend.url],
      {
        on: {
          proxyReq(proxyReq, req) {
            proxyReq.setHeader('Content-Type', 'multipart/form-data; boundary=x');
            fixRequestBody(proxyReq, req);
          },
        },
      },
      parse,
    );
    const told = await ask(front.port, { ...json, body: Buffer.from('{"a":"--x"}') });
    expect(told).toMatchObject({ status: 400, code: 'ERR_BALANCER_BAD_REQUEST' });
    expect(front.member('a').status).toBe('');
  });

  test('of a listener’s own takes the place of one that nobody has read', async () => {
    const backend = await startBackend();
    const front = await startFront([backend.url], {
      on: {
        proxyReq(proxyReq) {
          proxyReq.setHeader('Content-Length', '3');
          proxyReq.write('own');
        },
      },
    });
    for (const chunked of [false, true]) {
      await ask(front.port, { method: 'POST', body: makeBody(1000), chunked });
    }
    expect(backend.received.map(({ body }) => body.toString())).toEqual(['own', 'own']);
    expect(backend.received[1]!.headers).not.toHaveProperty('transfer-encoding');
  });

  test('of the `buffer` option takes the place of the client’s', async () => {
    const backend = await startBackend();
    const front = await startFront([backend.url], { buffer: Readable.from(['own']) });
    await ask(front.port, { method: 'POST', body: Buffer.from('his') });
    expect(backend.received[0]!.body.toString()).toBe('own');
  });
});

describe('selfHandleResponse', () => {
  test('with responseInterceptor hands over the whole answer, unpacked', async () => {
    const backend = await startBackend('b', (_req, res) => {
      res.setHeader('Content-Encoding', 'gzip');
      res.setHeader('Set-Cookie', ['a=1; Domain=b.test', 'b=2']);
      res.setHeader('X-From', 'b');
      res.statusCode = 201;
      res.end(gzipSync('Hello'));
    });
    const front = await startFront([backend.url], {
      selfHandleResponse: true,
      on: {
        proxyRes: responseInterceptor((buffer, proxyRes, req, res) => {
          res.setHeader('X-Added', `${proxyRes.statusCode!} ${req.method!}`);
          return Promise.resolve(buffer.toString().replace('Hello', 'Goodbye'));
        }),
      },
    });
    const { status, headers, text } = await ask(front.port);
    expect({ status, text }).toEqual({ status: 201, text: 'Goodbye' });
    expect(headers).toMatchObject({ 'x-from': 'b', 'x-added': '201 GET', 'content-length': '7' });
    expect(headers['set-cookie']).toHaveLength(2);
    expect(headers).not.toHaveProperty('content-encoding');
    expect(await ask(front.port, { method: 'HEAD' })).toMatchObject({ status: 201, text: '' });
  });

  test.each([
    ['an answer as it is', (text: string) => text],
    ['a packed answer', (text: string) => gzipSync(text)],
  ])('an interceptor that throws at %s fails its request, and nothing else', async (_what, pack) => {
    const backend = await startBackend('b', (_req, res) => {
      const body = pack('no JSON');
      if (typeof body !== 'string') res.setHeader('Content-Encoding', 'gzip');
      res.end(body);
    });
    const front = await startFront([backend.url], {
      selfHandleResponse: true,
      on: {
        // eslint-disable-next-line @typescript-eslint/require-await -- its promise is what the test is about.
        proxyRes: responseInterceptor(async (buffer) => JSON.stringify(JSON.parse(buffer.toString()))),
      },
    });
    expect(await ask(front.port)).toMatchObject({ status: 502, code: 'ERR_BALANCER_BAD_ANSWER' });
  });

  test('leaves an answer that breaks off before its interceptor has it to another member', async () => {
    const [broken, backend] = [await startFaulty('resets in a counted body'), await startBackend('b')];
    const front = await startFront([broken.url, backend.url], {
      selfHandleResponse: true,
      on: { proxyRes: responseInterceptor((buffer) => Promise.resolve(buffer)) },
    });
    expect(await ask(front.port)).toMatchObject({ status: 200, text: 'b' });
  });

  test('lets a listener answer with what Express has for it, whatever the member says', async () => {
    const backend = await startBackend('b');
    const front = await startFront([backend.url], {
      selfHandleResponse: true,
      on: {
        proxyRes(proxyRes, _req, res) {
          proxyRes.resume();
          (res as Response).status(418).cookie('a', '1').json({ tea: true });
        },
      },
    });
    const { status, headers, text } = await ask(front.port);
    expect({ status, text }).toEqual({ status: 418, text: '{"tea":true}' });
    expect(headers).toMatchObject({
      'set-cookie': ['a=1; Path=/'],
      'content-type': 'application/json; charset=utf-8',
    });
  });

  test('lets a listener pipe the answer, with all the time that the client takes', async () => {
    const body = makeBody(3_000_000);
    const backend = await startBackend('b', (_req, res) => res.end(body));
    const front = await startFront([backend.url], {
      selfHandleResponse: true,
      on: {
        proxyRes(proxyRes, _req, res) {
          res.writeHead(200, 'Mine', ['X-A', '1', 'X-A', '2']);
          proxyRes.pipe(res);
        },
      },
    });
    const told = await ask(front.port);
    expect(told.body.equals(body)).toBe(true);
    expect(told.headers['x-a']).toBe('1, 2');
  });
});

describe('paths', () => {
  const below = async (httpProxyMiddleware: HttpProxyMiddleware, path: string): Promise<string> => {
    const backend = await startBackend();
    const front = await startFront([`${backend.url}/base/`], httpProxyMiddleware, { mount: '/mount' });
    const { status } = await ask(front.port, { path: `/mount${path}` });
    return status === 200 ? backend.received[0]!.url : String(status);
  };

  test.each([
    [{ '^/old': '/new' }, '/old/x?y', '/base/new/x?y'],
    [{ '^/remove': '' }, '/remove/x', '/base/x'],
    [{ '^/': '/more/' }, '/x', '/base/more/x'],
    [{ '^/a$': '/../x' }, '/a', '400'],
    [{ '^/a$': '/%2e%2e/x' }, '/a', '400'],
    [{ '^/a$': '/..%2fx' }, '/a', '400'],
  ])('pathRewrite %j makes of %s below the mount %s', async (pathRewrite, path, expected) => {
    expect(await below({ pathRewrite }, path)).toBe(expected);
  });

  test('pathRewrite may be a function, and take its time', async () => {
    const pathRewrite = async (path: string, req: IncomingMessage): Promise<string> => {
      await Promise.resolve();
      return `${path}/${req.method!}`;
    };
    expect(await below({ pathRewrite }, '/x')).toBe('/base/x/GET');
  });

  test('a pathRewrite that throws is no member’s failure', async () => {
    const pathRewrite = (): string => {
      throw new Error('a bug');
    };
    expect(await below({ pathRewrite }, '/x')).toBe('400');
  });

  test('ignorePath asks for the member’s own path alone', async () => {
    expect(await below({ ignorePath: true }, '/x')).toBe('/base/');
  });

  test('pathFilter does not leave requests to the app, and says what does', async () => {
    const front = await startFront([(await startBackend()).url], { pathFilter: '/api' });
    expect(await ask(front.port, { path: '/api/x' })).toMatchObject({ status: 200 });
    const told = await ask(front.port, { path: '/other' });
    expect(told).toMatchObject({ status: 400, text: expect.stringContaining('exclude') as unknown });
  });
});

describe('further options', () => {
  test('headers, auth and changeOrigin say what the member gets', async () => {
    const backend = await startBackend();
    const front = await startFront([backend.url], {
      headers: { 'X-Api-Key': 'k', accept: 'text/plain', Expect: '100-continue' },
      auth: 'user:pass',
      changeOrigin: true,
    });
    await ask(front.port, { headers: { Accept: '*/*' } });
    const { headers } = backend.received[0]!;
    expect(headers).toMatchObject({
      host: `127.0.0.1:${backend.port}`,
      'x-api-key': 'k',
      accept: 'text/plain',
      authorization: `Basic ${Buffer.from('user:pass').toString('base64')}`,
    });
    expect(headers).not.toHaveProperty('expect');
  });

  test('rewrite cookies and Location before the balancer does', async () => {
    const backend = await startBackend('b', (_req, res) => {
      res.statusCode = 302;
      res.setHeader('Location', `http://127.0.0.1:${backend.port}/x`);
      res.setHeader('Set-Cookie', ['a=1; Domain=old.test; Path=/old', 'b=2']);
      res.end();
    });
    const front = await startFront([backend.url], {
      hostRewrite: 'public.test',
      protocolRewrite: 'https',
      cookieDomainRewrite: { 'old.test': 'new.test' },
      cookiePathRewrite: '/new',
    });
    const { headers } = await ask(front.port);
    expect(headers.location).toBe(`https://public.test:${backend.port}/x`);
    expect(headers['set-cookie']).toEqual(['a=1; Domain=new.test; Path=/new', 'b=2']);
  });

  test('a Location that is no URL is the member’s broken answer', async () => {
    const backend = await startRawBackend((socket) =>
      socket.write('HTTP/1.1 302 Found\r\nLocation: http://[\r\nContent-Length: 0\r\n\r\n'),
    );
    const front = await startFront([backend.url], { autoRewrite: true });
    expect(await ask(front.port)).toMatchObject({ status: 502, code: 'ERR_BALANCER_BAD_ANSWER' });
  });

  test.each([
    ['GET', 302, 'GET '],
    ['POST', 307, `POST ${'x'.repeat(300_000)}`],
    ['POST', 303, 'GET '],
  ] as const)('followRedirects goes after a redirect of %s with %i', async (method, status, expected) => {
    const backend = await startBackend('b', (req, res, { body }) => {
      if (req.url === '/end') {
        res.end(`${req.method!} ${body.toString()}`);
        return;
      }
      res.writeHead(status, { Location: '/end' });
      res.end('to the end');
    });
    const front = await startFront([backend.url], { followRedirects: true });
    const body = method === 'POST' ? Buffer.from('x'.repeat(300_000)) : undefined;
    expect(await ask(front.port, { method, body })).toMatchObject({ status: 200, text: expected });
  });

  test('followRedirects to where nobody is fails', async () => {
    const dead = await deadUrl();
    const backend = await startBackend('b', (_req, res) => res.writeHead(302, { Location: dead }).end());
    const front = await startFront([backend.url], { followRedirects: true });
    expect(await ask(front.port)).toMatchObject({ status: 503 });
  });

  test.each(['proxyTimeout', 'timeout'] as const)('%s ends like a reset', async (name) => {
    const front = await startFront([(await startFaulty('stays silent')).url], { [name]: 100 });
    expect(await ask(front.port)).toMatchObject({ status: 502, code: 'ERR_BALANCER_RESET' });
  });

  test('timeout counts from the last piece that came either way', async () => {
    const backend = await startHandler((req, res) => {
      let pieces = 0;
      const timer = setInterval(() => {
        pieces += 1;
        res.write('.');
        if (pieces < 8) return;
        clearInterval(timer);
        res.end();
      }, 30);
      req.resume();
    });
    const front = await startFront([backend.url], { timeout: 150 });
    expect(await ask(front.port)).toMatchObject({ text: '........', whole: true });
  });

  test('an agent of the user’s is used, and not closed', async () => {
    const backend = await startBackend();
    const agent = new Agent({ keepAlive: true });
    const front = await startFront([backend.url], { agent });
    await ask(front.port);
    await front.close();
    await until(() => Object.keys(agent.freeSockets).length === 1);
    agent.destroy();
  });

  test('localAddress is where connections come from', async () => {
    const backend = await startHandler((req, res) => res.end(req.socket.remoteAddress));
    const front = await startFront([backend.url], { localAddress: '127.0.0.2' });
    expect((await ask(front.port)).text).toBe('127.0.0.2');
  });

  test('secure: false does without a certificate that can be verified', async () => {
    const { server } = await makeCertificates();
    const https = await import('node:https');
    const backend = https.createServer(server, (_req, res) => res.end('tls')).listen(0, '127.0.0.1');
    await once(backend, 'listening');
    const url = `https://127.0.0.1:${(backend.address() as { port: number }).port}`;
    const trusting = await startFront([url], { secure: false });
    expect(await ask(trusting.port)).toMatchObject({ text: 'tls' });
    const careful = await startFront([url], {});
    expect(await ask(careful.port)).toMatchObject({ status: 503, code: 'ERR_BALANCER_CONNECT' });
    backend.closeAllConnections();
    backend.close();
    await once(backend, 'close');
  });
});
