import { once } from 'node:events';
import { afterEach, describe, expect, test } from '@jest/globals';
import express from 'express';
import request, { type Response } from 'supertest';
import { BalancerError, createBalancer, type BalancerDefinition } from '../../src/index.ts';
import { startBackend, type Backend } from '../support/backend.ts';
import { senders, silent, startFront, type Front } from '../support/front.ts';
import { startHandler } from '../support/handler.ts';
import { tidyUp } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';

afterEach(tidyUp);

/** A member that answers `/404` with 404, and so on. */
function startAnswering(fields: Readonly<Record<string, string | string[]>> = {}): Promise<Backend> {
  return startBackend('b', (req, res) => {
    res.writeHead(Number(/\d+/.exec(req.url!)), {
      'Content-Type': 'text/member',
      'X-Member': '1',
      ...fields,
    });
    res.end('the member’s own words');
  });
}

describe.each(senders)('carried by %s', (_name, carried) => {
  async function startBefore(
    { url }: Readonly<{ url: string }>,
    proxyerroroverride: boolean | readonly number[],
    definition: Partial<BalancerDefinition> = {},
  ): Promise<Front> {
    return startFront({ members: [url], ...carried, proxyerroroverride, ...definition });
  }

  function expectRelayed({ status, headers, text }: Response, expected: number): void {
    expect([status, headers['x-member'], text]).toEqual([
      expected,
      '1',
      expected === 304 ? '' : 'the member’s own words',
    ]);
  }

  // P16, P17
  describe.each<[boolean | readonly number[], readonly number[], readonly number[]]>([
    [true, [400, 401, 404, 499, 500, 503, 599], [200, 299, 302, 304]],
    [
      [404, 503],
      [404, 503],
      [200, 302, 400, 500, 502],
    ],
    [false, [], [200, 302, 400, 404, 500, 503]],
  ])('proxyerroroverride: %j', (proxyerroroverride, overridden, relayed) => {
    if (overridden.length > 0) {
      test.each(overridden)('hands %i to the app’s error handler', async (status) => {
        const front = await startBefore(await startAnswering(), proxyerroroverride);
        const answer = await request(front.url).get(`/${status}`).redirects(0);
        expect(answer.status).toBe(status);
        expect(answer.body).toMatchObject({ code: 'ERR_BALANCER_MEMBER_STATUS' });
        expect(answer.headers).not.toHaveProperty('x-member');
        expect(front.errors).toMatchObject([{ status, statusCode: status, expose: status < 500 }]);
      });
    }

    test.each(relayed)('relays %i', async (status) => {
      const front = await startBefore(await startAnswering(), proxyerroroverride);
      expectRelayed(await request(front.url).get(`/${status}`).redirects(0), status);
      expect(front.errors).toEqual([]);
    });
  });

  test('the error says who answered', async () => {
    const backend = await startAnswering();
    const front = await startBefore(backend, true, { name: 'shop' });
    await request(front.url).get('/404').expect(404);
    const [error] = front.errors;
    expect(error).toBeInstanceOf(BalancerError);
    expect(error).toMatchObject({
      balancer: 'shop',
      member: backend.url,
      attempts: [{ member: backend.url, outcome: 'answered', status: 404 }],
    });
  });

  test('what the client has to know survives; what describes the member’s page does not', async () => {
    const backend = await startAnswering({
      'WWW-Authenticate': ['Basic realm="a"', 'Bearer'],
      'Retry-After': '7',
      Allow: 'GET, POST',
      'Set-Cookie': ['a=1; Path=/base/x', 'b=2; Domain=127.0.0.1'],
      ETag: '"member"',
      'Cache-Control': 'public',
    });
    const front = await startFront(
      { members: [`${backend.url}/base/`], ...carried, proxyerroroverride: true },
      {
        mount: '/shop',
        before: (app) =>
          app.use((_req, res, next) => {
            res.cookie('app', '1');
            next();
          }),
      },
    );
    const { headers } = await request(front.url).get('/shop/401').set('Host', 'front.example').expect(401);
    expect(headers).toMatchObject({
      'www-authenticate': 'Basic realm="a", Bearer',
      'retry-after': '7',
      allow: 'GET, POST',
    });
    expect(headers['set-cookie']).toEqual(['app=1; Path=/', 'a=1; Path=/shop/x', 'b=2']);
    expect(headers).not.toHaveProperty('cache-control');
    expect(headers['etag']).not.toBe('"member"');
    expect(headers['content-type']).toMatch(/json/);
  });

  test('Express’s own error page has them as well', async () => {
    const backend = await startAnswering({ 'Retry-After': '7', 'Set-Cookie': ['a=1', 'b=2'] });
    const app = express().set('env', 'test');
    const balancer = createBalancer({
      members: [backend.url],
      ...silent,
      ...carried,
      proxyerroroverride: true,
    });
    app.use(balancer);
    const { headers, text } = await request(app).get('/503').expect(503);
    expect(headers).toMatchObject({ 'retry-after': '7', 'set-cookie': ['a=1', 'b=2'] });
    expect(text).not.toContain('the member’s own words');
    await balancer.close();
  });

  test('the app’s page may have another status', async () => {
    const front = await startFront(
      { members: [(await startAnswering()).url], ...carried, proxyerroroverride: true },
      {
        after: (app) =>
          app.use(((error: BalancerError, _req, res, next) => {
            if (res.headersSent) next(error);
            else res.status(error.status === 404 ? 200 : 418).send('the app’s');
          }) satisfies express.ErrorRequestHandler),
      },
    );
    expect((await request(front.url).get('/404')).text).toBe('the app’s');
    expect((await request(front.url).get('/500')).status).toBe(418);
  });

  test('HEAD is answered as GET is, without a body', async () => {
    const front = await startBefore(await startAnswering(), true);
    const answer = await request(front.url).head('/404');
    expect([answer.status, answer.text, front.errors.length]).toEqual([404, undefined, 1]);
  });

  test('the body that nobody wants is not read to its end, and its connection does not linger', async () => {
    const { promise: cut, resolve } = Promise.withResolvers<undefined>();
    const backend = await startHandler((_req, res) => {
      res.writeHead(500);
      const write = (): void => {
        while (res.write('x'.repeat(65_536)));
      };
      res.on('drain', write).on('close', () => {
        resolve(undefined);
      });
      write();
    });
    const front = await startBefore(backend, true);
    await request(front.url).get('/').expect(500);
    await cut;
    expect(front.balancer.view()[0]!.busy).toBe(0);
  });

  test('a hundred errors leave no more than the connections that are in use', async () => {
    let most = 0;
    const backend = await startHandler((_req, res) => {
      most = Math.max(most, backend.open());
      res.writeHead(404).end('x'.repeat(10_000));
    });
    const front = await startBefore(backend, true);
    const client = await RawClient.connect(front.port);
    for (let i = 0; i < 100; i += 1) {
      expect((await client.ask(['GET / HTTP/1.1', 'Host: f'])).status).toBe(404);
    }
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(3);
  });

  test('an upload that the member refuses is an error as well, and the client’s connection goes on', async () => {
    const backend = await startHandler((req, res) => {
      if (req.method === 'GET') res.end('next');
      else res.writeHead(413).end('no');
    });
    const front = await startBefore(backend, true);
    const client = await RawClient.connect(front.port);
    const length = 5_000_000;
    client.send(['POST / HTTP/1.1', 'Host: f', `Content-Length: ${length}`]);
    const piece = 'x'.repeat(50_000);
    for (let sent = 0; sent < length; sent += piece.length) {
      if (!client.socket.write(piece)) await once(client.socket, 'drain');
    }
    expect((await client.readAnswer()).status).toBe(413);
    expect(await client.ask(['GET / HTTP/1.1', 'Host: f'])).toMatchObject({ status: 200, body: 'next' });
  });
});
