import { once } from 'node:events';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Outbound } from '../../src/forward/sender.ts';
import type { HttpProxyMiddleware } from '../../src/index.ts';
import { StreamBody } from '../../src/request/body.ts';
import { deadUrl, startBackend, startRawBackend } from '../support/backend.ts';
import { startFaulty } from '../support/faults.ts';
import { startHandler } from '../support/handler.ts';
import { closeSenders, createSender, startUpload } from '../support/hpm.ts';
import { until } from '../support/idle.ts';
import { memberAt, outboundTo, record } from '../support/recorder.ts';

afterEach(closeSenders);

/** Where nobody looks, and where a hook does. */
const waysOfHpm: [string, HttpProxyMiddleware][] = [
  ['seen by no hook', {}],
  ['seen by a hook', { on: { proxyRes: () => undefined } }],
];

/** What makes a request one with this body. */
function post(body: Outbound['body'], ...headers: string[]): Partial<Outbound> {
  return { method: 'POST', headers: ['Host', 'member', ...headers], body };
}

describe.each(waysOfHpm)('an answer, %s', (_way, options) => {
  test('is told as it came: spelling, repetitions and order of its fields, its reason', async () => {
    const backend = await startRawBackend((socket) => {
      socket.write('HTTP/1.1 200 Fine By Me\r\nX-B: 1\r\nSET-COOKIE: a=1\r\nx-b: 2\r\nSet-Cookie: b=2\r\n');
      socket.write('Connection: keep-alive\r\nContent-Length: 5\r\n\r\nhello');
    });
    const member = memberAt(backend.url);
    const told = record(createSender(options), outboundTo(member), member);
    await told.over;
    expect(told.calls).toEqual(['answered', 'data', 'ended']);
    expect(told.answer).toEqual({
      status: 200,
      reason: 'Fine By Me',
      headers: [
        ['X-B', '1', 'SET-COOKIE', 'a=1', 'x-b', '2', 'Set-Cookie', 'b=2'],
        ['Connection', 'keep-alive', 'Content-Length', '5'],
      ].flat(),
    });
    expect(told.body).toBe('hello');
  });

  test('to HEAD has no body, and is the last on its connection', async () => {
    const backend = await startBackend();
    const member = memberAt(backend.url);
    const sender = createSender(options);
    for (const method of ['HEAD', 'HEAD', 'GET']) {
      const told = record(sender, outboundTo(member, { method }), member);
      await told.over;
      expect(told.calls).toEqual(method === 'HEAD' ? ['answered', 'ended'] : ['answered', 'data', 'ended']);
    }
    expect(backend.connections()).toBe(3);
  });

  test('has its interim answers before it, but for 100, and its trailers behind it', async () => {
    const backend = await startRawBackend((socket) => {
      socket.write(
        'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n',
      );
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n');
    });
    const member = memberAt(backend.url);
    const told = record(createSender(options), outboundTo(member), member);
    await told.over;
    expect(told.calls).toEqual(['interim', 'answered', 'data', 'ended']);
    expect(told.interims).toEqual([
      { status: 103, reason: 'Early Hints', headers: ['Link', '</a>; rel=preload'] },
    ]);
    expect(told.trailers).toEqual(['X-Sum', '1']);
  });

  test('has its head told at once, whenever its first piece comes', async () => {
    const backend = await startHandler((_req, res) => {
      res.flushHeaders();
    });
    const member = memberAt(backend.url);
    const told = record(createSender(options), outboundTo(member), member);
    await told.begun;
    expect(told.calls).toEqual(['answered']);
    told.flow.abort();
  });

  test('waits, piece by piece, for whoever has paused it', async () => {
    const size = 4 * 1024 * 1024;
    let sent = 0;
    const backend = await startHandler((_req, res) => {
      const piece = Buffer.alloc(65_536, 'x');
      const more = (): void => {
        while (sent < size) {
          sent += piece.length;
          if (!res.write(piece)) {
            res.once('drain', more);
            return;
          }
        }
        res.end();
      };
      more();
    });
    const member = memberAt(backend.url, { timeoutMs: 2_500 });
    let pieces = 0;
    const held = Promise.withResolvers<undefined>();
    const told = record(createSender(options), outboundTo(member), member, {
      onCall(name, flow) {
        if (name === 'answered') flow.pause(false);
        if (name !== 'data') return;
        pieces += 1;
        if (pieces > 1) return;
        flow.pause(false);
        held.resolve(undefined);
      },
    });
    await told.begun;
    told.flow.resume();
    await held.promise;
    // Longer than `timeout`, by the clock of a member that is silent: whoever is slow here is not the member.
    const silent = memberAt((await startFaulty('stays silent')).url, { timeoutMs: 3_000 });
    await record(createSender(options), outboundTo(silent), silent).over;
    expect(pieces).toBe(1);
    expect(told.failure).toBeUndefined();
    told.flow.resume();
    await told.over;
    expect(told.calls.at(-1)).toBe('ended');
    expect(told.body).toHaveLength(size);
  });
});

describe.each(waysOfHpm)('a request, %s', (_way, options) => {
  test('is written with the spelling and the repetitions that it was given, Host first', async () => {
    const backend = await startBackend();
    const member = memberAt(backend.url);
    const headers = ['Host', 'a.test', 'x-one', '1', 'X-Two', '2', 'X-TWO', '3', 'accept', '*/*'];
    await record(createSender(options), outboundTo(member, { headers }), member).over;
    expect(backend.received[0]!.rawHeaders).toEqual([
      ...['Host', 'a.test', 'x-one', '1', 'X-Two', '2', 'X-Two', '3', 'accept', '*/*'],
      ...['Connection', 'keep-alive'],
    ]);
  });

  test('goes to the path that it was given, base and query and all', async () => {
    const backend = await startBackend();
    const member = memberAt(`${backend.url}/base`);
    const sender = createSender(options);
    const paths = ['/base/', '/base/?', '/base/a%2Fb;c?d=?&e', '/base/a/'];
    for (const path of paths) await record(sender, outboundTo(member, { path }), member).over;
    expect(backend.received.map(({ url }) => url)).toEqual(paths);
  });

  test.each(['DELETE', 'OPTIONS'])('with %s and no body is given no length', async (method) => {
    const backend = await startBackend();
    const member = memberAt(backend.url);
    await record(createSender(options), outboundTo(member, { method }), member).over;
    expect(backend.received[0]!.headers).not.toHaveProperty('content-length');
  });

  test('has the body that a parser has left', async () => {
    const backend = await startBackend();
    const member = memberAt(backend.url);
    const body = { kind: 'bytes', bytes: Buffer.from('{"a":1}'), contentType: undefined } as const;
    await record(createSender(options), outboundTo(member, post(body, 'Content-Length', '7')), member).over;
    expect(backend.received[0]).toMatchObject({ body: Buffer.from('{"a":1}') });
  });

  test.each(['POST', 'DELETE', 'GET'])(
    'with %s streams a body of unknown length, and its trailers',
    async (method) => {
      const backend = await startBackend();
      const member = memberAt(backend.url);
      const upload = await startUpload('Transfer-Encoding: chunked');
      const body = new StreamBody(upload.req, undefined, 100);
      const told = record(createSender(options), outboundTo(member, { ...post(body), method }), member);
      upload.write('5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n');
      await told.over;
      expect(told.calls).toEqual(['answered', 'data', 'ended']);
      expect(backend.received[0]).toMatchObject({ body: Buffer.from('hello'), trailers: { 'x-sum': '1' } });
      expect(backend.received[0]!.headers).not.toHaveProperty('content-length');
    },
  );

  test('that is refused a connection leaves its body whole for the next member', async () => {
    const backend = await startBackend();
    const [dead, alive] = [memberAt(await deadUrl()), memberAt(backend.url)];
    const upload = await startUpload('Content-Length: 8');
    const body = new StreamBody(upload.req, 8, 100);
    const sender = createSender(options);
    upload.write('half');
    for (let i = 0; i < 12; i += 1) {
      const refused = record(sender, outboundTo(dead, post(body, 'Content-Length', '8')), dead);
      await refused.over;
      expect(refused.failure).toMatchObject({
        kind: 'connect',
        sent: false,
        cause: { code: 'ECONNREFUSED' },
      });
      expect(body.hasPoured).toBe(false);
    }
    const told = record(sender, outboundTo(alive, post(body, 'Content-Length', '8')), alive);
    upload.write('half');
    await told.over;
    expect(backend.received[0]!.body.toString()).toBe('halfhalf');
    // Twelve attempts have left nothing on it.
    expect(upload.req.listenerCount('error') + upload.req.listenerCount('data')).toBe(0);
  });

  test('whose client breaks off is no failure of the member', async () => {
    const backend = await startHandler(() => undefined);
    const member = memberAt(backend.url);
    const upload = await startUpload('Content-Length: 8');
    const told = record(
      createSender(options),
      outboundTo(member, post(new StreamBody(upload.req, 8, 100), 'Content-Length', '8')),
      member,
    );
    upload.write('half');
    await once(backend.server, 'request');
    upload.leave();
    await told.over;
    expect(told.failure).toMatchObject({ kind: 'bad-request', cause: { name: 'BodyLost' } });
    await until(() => backend.open() === 0);
  });

  test.each([
    ['a method', { method: 'GE T' }],
    ['a path', { path: '/\u0100' }],
    ['a field', { headers: ['Host', 'a', 'X-A', 'a\nb'] }],
    ['a field name', { headers: ['Host', 'a', 'X A', 'b'] }],
  ])('with %s that cannot be written is at fault itself', async (_what, overrides) => {
    const member = memberAt((await startBackend()).url);
    const told = record(createSender(options), outboundTo(member, overrides), member);
    await told.over;
    expect(told.failure).toMatchObject({ kind: 'bad-request', sent: false });
  });
});
