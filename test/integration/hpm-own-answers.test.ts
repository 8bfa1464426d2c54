import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Response } from 'express';
import { responseInterceptor } from 'http-proxy-middleware';
import { ask, makeBody } from '../support/ask.ts';
import { startBackend } from '../support/backend.ts';
import { startFaulty } from '../support/faults.ts';
import { startHpmFront } from '../support/hpm.ts';
import { tidyUp } from '../support/idle.ts';

afterEach(tidyUp);

describe('selfHandleResponse', () => {
  test('with responseInterceptor hands over the whole answer, unpacked', async () => {
    const backend = await startBackend('b', (_req, res) => {
      res.setHeader('Content-Encoding', 'gzip');
      res.setHeader('Set-Cookie', ['a=1; Domain=b.test', 'b=2']);
      res.setHeader('X-From', 'b');
      res.statusCode = 201;
      res.end(gzipSync('Hello'));
    });
    const front = await startHpmFront([backend.url], {
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
    const front = await startHpmFront([backend.url], {
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
    const front = await startHpmFront([broken.url, backend.url], {
      selfHandleResponse: true,
      on: { proxyRes: responseInterceptor((buffer) => Promise.resolve(buffer)) },
    });
    expect(await ask(front.port)).toMatchObject({ status: 200, text: 'b' });
  });

  test('lets a listener answer with what Express has for it, whatever the member says', async () => {
    const backend = await startBackend('b');
    const front = await startHpmFront([backend.url], {
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

  test('keeps what a listener writes without waiting for a client that is slow', async () => {
    const backend = await startBackend();
    const body = makeBody(2_000_000);
    const front = await startHpmFront([backend.url], {
      selfHandleResponse: true,
      on: {
        proxyRes(proxyRes, _req, res) {
          proxyRes.resume();
          for (let at = 0; at < body.length; at += 100_000) res.write(body.subarray(at, at + 100_000));
          res.end();
        },
      },
    });
    expect((await ask(front.port)).body.equals(body)).toBe(true);
  });

  test('with a status that is none is a broken answer', async () => {
    const backend = await startBackend();
    const front = await startHpmFront([backend.url], {
      selfHandleResponse: true,
      on: { proxyRes: (_proxyRes, _req, res) => void res.writeHead(99).end() },
    });
    expect(await ask(front.port)).toMatchObject({ status: 502 });
  });

  test('lets a listener pipe the answer, with all the time that the client takes', async () => {
    const body = makeBody(3_000_000);
    const backend = await startBackend('b', (_req, res) => res.end(body));
    const front = await startHpmFront([backend.url], {
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
