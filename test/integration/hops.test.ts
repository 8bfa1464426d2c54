import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createBalancer } from '../../src/index.ts';
import { valuesOf } from '../../src/rewrite/headers.ts';
import { startBackend } from '../support/backend.ts';
import { senders, silent, startFront } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';

afterEach(tidyUp);

describe.each(senders)('carried by %s', (_name, carried) => {
  describe('Via', () => {
    async function sendVia(
      proxyvia: 'Off' | 'On' | 'Full' | 'Block',
      version = '1.1',
    ): Promise<Readonly<{ request: unknown; answer: readonly string[] }>> {
      const backend = await startBackend('b', (_req, res) => res.setHeader('Via', '1.0 back').end());
      const front = await startFront({ members: [backend.url], proxyvia, ...carried });
      const client = await RawClient.connect(front.port);
      const { headers } = await client.ask([`GET / HTTP/${version}`, 'Host: f', 'Via: 1.1 up']);
      return { request: backend.received[0]!.headers['via'], answer: valuesOf(headers, 'via') };
    }

    // H14, H15, H16
    test('stays as it is with Off', async () => {
      expect(await sendVia('Off')).toEqual({ request: '1.1 up', answer: ['1.0 back'] });
    });

    test('gets an entry on both ways with On', async () => {
      const { request, answer } = await sendVia('On');
      expect(request).toMatch(/^1\.1 up, 1\.1 \S+$/);
      expect(answer).toEqual(['1.0 back', expect.stringMatching(/^1\.1 \S+$/)]);
    });

    test('gets an entry with a comment with Full, and the client’s version', async () => {
      const { request, answer } = await sendVia('Full', '1.0');
      expect(request).toMatch(/^1\.1 up, 1\.0 \S+ \(express-proxy-balancer\)$/);
      expect(answer).toEqual(['1.0 back', expect.stringMatching(/^1\.1 \S+ \(express-proxy-balancer\)$/)]);
    });

    test('ends here with Block, but for that of the answer', async () => {
      expect(await sendVia('Block')).toEqual({ request: undefined, answer: ['1.0 back'] });
    });
  });

  test('two fronts that are each other’s members end the loop with 508', async () => {
    let answer: RequestListener = (_req, res) => res.writeHead(500).end();
    const server = createServer((req, res) => {
      answer(req, res);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const other = await startFront({
      name: 'other',
      members: [`http://127.0.0.1:${port}`],
      proxyvia: 'On',
      ...carried,
    });
    const balancer = createBalancer({
      name: 'one',
      members: [other.url],
      proxyvia: 'On',
      ...silent,
      ...carried,
    });
    const codes: unknown[] = [];
    answer = (req, res) => {
      balancer(req, res, (error) => {
        const { code, status } = error as Readonly<{ code: string; status: number }>;
        codes.push(code);
        res.writeHead(status).end();
      });
    };

    const client = await RawClient.connect(port);
    expect((await client.ask(['GET / HTTP/1.1', 'Host: f'])).status).toBe(508);
    expect(codes).toEqual(['ERR_BALANCER_LOOP']);
    expect(balancer.view()[0]!.elected).toBe(1);

    client.socket.destroy();
    server.close();
    await balancer.close();
    server.closeAllConnections();
  });

  test('two balancers of one machine that stand behind each other are no loop', async () => {
    const backend = await startBackend('b');
    const inner = await startFront({ name: 'inner', members: [backend.url], proxyvia: 'On', ...carried });
    const outer = await startFront({ name: 'outer', members: [inner.url], proxyvia: 'On', ...carried });
    const client = await RawClient.connect(outer.port);
    expect((await client.ask(['GET / HTTP/1.1', 'Host: f'])).status).toBe(200);
    expect(String(backend.received[0]!.headers['via']).split(', ')).toHaveLength(2);
  });

  // H11, H12; RFC 9110 7.6.2: for TRACE and OPTIONS only, where httpd heeds it for every method.
  describe('Max-Forwards', () => {
    test.each([
      ['OPTIONS', '5', '4'],
      ['TRACE', '5', '4'],
      ['OPTIONS', '1', '0'],
      ['GET', '5', '5'],
      ['GET', '0', '0'],
      ['POST', 'abc', 'abc'],
    ])('of %s %s reaches the member as %s', async (method, value, expected) => {
      const backend = await startBackend('b');
      const front = await startFront({ members: [backend.url], ...carried });
      const client = await RawClient.connect(front.port);
      await client.ask([`${method} / HTTP/1.1`, 'Host: f', `Max-Forwards: ${value}`]);
      expect(backend.received.map(({ headers }) => headers['max-forwards'])).toEqual([expected]);
    });

    test.each([
      [10, 'OPTIONS', [], '10'],
      [0, 'TRACE', [], '0'],
      [10, 'TRACE', ['Max-Forwards: 3'], '2'],
      // httpd adds it to every request.
      [10, 'GET', [], undefined],
      [-1, 'OPTIONS', [], undefined],
      // Whoever has named it away has still asked for no more than three.
      [10, 'OPTIONS', ['Max-Forwards: 3', 'Connection: Max-Forwards'], undefined],
    ] as const)('with proxymaxforwards %d, %s with %j gets %s', async (hops, method, lines, expected) => {
      const backend = await startBackend('b');
      const front = await startFront({ members: [backend.url], proxymaxforwards: hops, ...carried });
      const client = await RawClient.connect(front.port);
      await client.ask([`${method} / HTTP/1.1`, 'Host: f', ...lines]);
      expect(backend.received.map(({ headers }) => headers['max-forwards'])).toEqual([expected]);
    });

    test('of 0 is answered here: TRACE with the request, without its credentials', async () => {
      const backend = await startBackend('b');
      const front = await startFront({ members: [backend.url], ...carried });
      const client = await RawClient.connect(front.port);
      const { status, headers, body } = await client.ask([
        'TRACE /a?b HTTP/1.1',
        'Host: f',
        'X-A: caf\xe9',
        'Cookie: secret',
        'Authorization: secret',
        'Max-Forwards: 0',
      ]);
      expect([status, ...valuesOf(headers, 'content-type')]).toEqual([200, 'message/http']);
      expect(body).toBe('TRACE /a?b HTTP/1.1\r\nHost: f\r\nX-A: caf\xe9\r\nMax-Forwards: 0\r\n\r\n');
      expect(backend.received).toEqual([]);
      expect(await client.ask(['GET / HTTP/1.1', 'Host: f'])).toMatchObject({ status: 200, body: 'b' });
    });

    test('of 0 is answered here: OPTIONS with the methods', async () => {
      const backend = await startBackend('b');
      const front = await startFront({ members: [backend.url], ...carried });
      const client = await RawClient.connect(front.port);
      const { status, headers } = await client.ask(['OPTIONS / HTTP/1.1', 'Host: f', 'Max-Forwards: 0']);
      expect(status).toBe(204);
      expect(valuesOf(headers, 'allow').join()).toContain('GET, HEAD');
      expect(backend.received).toEqual([]);
    });

    test.each(['abc', '-1', '1.5', '', '5, 6'])('of %j is 400', async (value) => {
      const backend = await startBackend('b');
      const front = await startFront({ members: [backend.url], ...carried });
      const client = await RawClient.connect(front.port);
      for (const method of ['TRACE', 'OPTIONS']) {
        const answer = await client.ask([`${method} / HTTP/1.1`, 'Host: f', `Max-Forwards: ${value}`]);
        expect(answer).toMatchObject({
          status: 400,
          body: expect.stringContaining('ERR_BALANCER_BAD_REQUEST'),
        });
      }
      expect(backend.received).toEqual([]);
    });
  });
});
