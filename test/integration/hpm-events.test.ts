import type { IncomingMessage } from 'node:http';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { definePlugin } from 'http-proxy-middleware';
import { ask } from '../support/ask.ts';
import { deadUrl, startBackend, startRawBackend } from '../support/backend.ts';
import { startFaulty } from '../support/faults.ts';
import { startHpmFront } from '../support/hpm.ts';
import { tidyUp } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';
import { startToldFront } from '../support/stories.ts';

afterEach(tidyUp);

describe('events', () => {
  test('come in the order in which http-proxy-middleware has them, with what the app has made of the request', async () => {
    const backend = await startBackend();
    const events: string[] = [];
    const note = (name: string, req: IncomingMessage): void => {
      const { originalUrl, url, user } = req as IncomingMessage & { originalUrl: string; user: string };
      events.push(`${name} ${originalUrl} ${url!} ${user}`);
    };
    const front = await startHpmFront(
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
    const front = await startHpmFront([backend.url], {
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
    const front = await startHpmFront([backend.url], {
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
    const front = await startHpmFront([await deadUrl(), backend.url], {
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
      members: [{ url: (await startFaulty('stays silent')).url, timeout: '100ms', connectiontimeout: '20s' }],
      httpProxyMiddleware: { on: { error: (error) => void errors.push(error.message) } },
    });
    expect(await ask(front.port)).toMatchObject({ status: 504, code: 'ERR_BALANCER_TIMEOUT' });
    expect(errors).toEqual([expect.stringContaining('silent for 100 ms')]);
  });

  test('a listener may watch the body on its way, and the client’s end of it', async () => {
    const backend = await startBackend();
    const seen: string[] = [];
    const front = await startHpmFront([backend.url], {
      on: {
        proxyReq(_proxyReq, req, res) {
          req.on('data', (chunk: Buffer) => seen.push(chunk.toString()));
          for (const event of ['end', 'close']) req.on(event, () => seen.push(`req ${event}`));
          for (const event of ['finish', 'close']) res.on(event, () => seen.push(`res ${event}`));
        },
      },
    });
    await ask(front.port, { method: 'POST', body: Buffer.from('body') });
    expect(seen).toEqual(['body', 'req end', 'res finish', 'res close', 'req close']);
    expect(backend.received[0]!.body.toString()).toBe('body');
  });

  test('a listener may send hints of its own', async () => {
    const backend = await startBackend();
    const front = await startHpmFront([backend.url], {
      on: {
        start: (_req, res) => {
          res.writeEarlyHints({ link: '</a>; rel=preload' });
        },
      },
    });
    const client = await RawClient.connect(front.port);
    client.send(['GET / HTTP/1.1', 'Host: a', 'Connection: close']);
    expect(await client.readRest()).toMatch(/^HTTP\/1.1 103 [^]*HTTP\/1.1 200 OK/);
  });
});

describe('plugins', () => {
  test('run, for every member, and after what the library does', async () => {
    const backend = await startBackend('b');
    const seen: string[] = [];
    const plugin = definePlugin((proxyServer, options) => {
      seen.push(`target ${(options.target as URL).href}`);
      proxyServer.on('proxyReq', (proxyReq, req) => {
        seen.push(`proxyReq ${req.url!} ${proxyReq.getRawHeaderNames()[0]!}`);
      });
      proxyServer.on('error', (error) => void seen.push(`error ${(error as NodeJS.ErrnoException).code!}`));
    });
    const dead = await deadUrl();
    const front = await startHpmFront([dead, backend.url], { plugins: [plugin] });
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
    const front = await startHpmFront([backend.url], { ejectPlugins: true, on: { proxyReq: listener } });
    expect(await ask(front.port)).toMatchObject({ status: 200 });
    expect(listener).not.toHaveBeenCalled();
  });

  test('a logger is told of each exchange', async () => {
    const backend = await startBackend('b');
    const logger = { info: jest.fn(), warn: jest.fn(), error: jest.fn() };
    const front = await startHpmFront([await deadUrl(), backend.url], { logger });
    await ask(front.port, { path: '/x' });
    expect(logger.error.mock.calls).toEqual([
      expect.arrayContaining([expect.stringContaining('[HPM] Error')]),
    ]);
    expect(logger.info.mock.calls).toEqual([[expect.stringContaining('[HPM] GET /x -> http://127.0.0.1')]]);
  });
});
