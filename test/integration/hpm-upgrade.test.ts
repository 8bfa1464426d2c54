import { once } from 'node:events';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import type { MemberSettings } from '../../src/definition/settings.ts';
import type { Outbound } from '../../src/forward/sender.ts';
import type { HttpProxyMiddleware } from '../../src/index.ts';
import { deadUrl, startBackend, startRawBackend, type Backend } from '../support/backend.ts';
import { startHandler } from '../support/handler.ts';
import { closeSenders, createSender, endWithTest } from '../support/hpm.ts';
import { until } from '../support/idle.ts';
import { memberAt, outboundTo, record, type Recording } from '../support/recorder.ts';
import { startUpgradeBackend, SWITCH } from '../support/websocket.ts';

afterEach(closeSenders);

/** A handshake, and everything that is told of it. */
async function upgrade(
  { url }: Pick<Backend, 'url'>,
  sender = createSender(),
  overrides: Partial<Outbound> = {},
  settings: Partial<MemberSettings> = {},
): Promise<Recording> {
  const member = memberAt(url, settings);
  const told = record(sender, outboundTo(member, { upgrade: 'websocket', ...overrides }), member);
  await told.over;
  if (told.socket) endWithTest(told.socket);
  return told;
}

describe('a member that switches', () => {
  test('hands over its own socket, with what came behind its answer at the front', async () => {
    const backend = await startUpgradeBackend((socket) => {
      socket.write(`${SWITCH.slice(0, -2)}X-Mine: 1\r\n\r\nfirst `);
      socket.pipe(socket);
    });
    const told = await upgrade(backend);
    expect(told.calls).toEqual(['upgraded']);
    expect(told.answer).toEqual({
      status: 101,
      reason: 'Switching Protocols',
      headers: ['Connection', 'Upgrade', 'Upgrade', 'websocket', 'X-Mine', '1'],
    });
    let heard = '';
    told.socket!.on('data', (chunk: Buffer) => (heard += chunk.toString()));
    told.socket!.write('second');
    await until(() => heard === 'first second');
  });

  test('has been asked in the words that were given, and for nothing else', async () => {
    const backend = await startUpgradeBackend((socket) => socket.write(SWITCH));
    const headers = ['Host', 'a.test', 'X-One', '1', 'Sec-WebSocket-Key', 'k', 'x-one', '2'];
    await upgrade(backend, createSender({ headers: { 'X-Added': '1' } }), { path: '/chat?a=b', headers });
    const { url, rawHeaders } = backend.handshakes[0]!;
    expect(url).toBe('/chat?a=b');
    expect(rawHeaders).toEqual([
      ...['Host', 'a.test', 'X-One', '1', 'X-One', '2', 'Sec-WebSocket-Key', 'k'],
      ...['connection', 'Upgrade', 'upgrade', 'websocket', 'X-Added', '1'],
    ]);
  });

  test('is listened to by the hooks: the handshake, the opening, the end', async () => {
    const backend = await startUpgradeBackend((socket) => {
      socket.write(`${SWITCH}hello`);
      socket.resume();
      socket.on('end', () => socket.end());
    });
    const events: string[] = [];
    const logger = { info: jest.fn(), warn: jest.fn(), error: jest.fn() };
    const told = await upgrade(
      backend,
      createSender({
        logger,
        on: {
          proxyReqWs(proxyReq, req, socket) {
            proxyReq.setHeader('X-Special', 'foobar');
            socket.on('close', () => events.push('client’s close'));
            events.push(`proxyReqWs ${req.url!}`);
          },
          open(socket) {
            events.push('open');
            socket.on('data', (chunk: Buffer) => events.push(`data ${chunk.toString()}`));
          },
          close: () => void events.push('close'),
        },
      }),
    );
    told.socket!.resume();
    await until(() => events.length === 3);
    told.socket!.end();
    await once(told.socket!, 'close');
    expect(events).toEqual(['proxyReqWs /', 'open', 'data hello', 'close', 'client’s close']);
    expect(backend.handshakes[0]!.headers['x-special']).toBe('foobar');
    expect(logger.info).toHaveBeenCalledTimes(2);
  });

  test('to something else has not understood', async () => {
    const backend = await startUpgradeBackend((socket) =>
      socket.write(SWITCH.replace('websocket', 'something')),
    );
    const told = await upgrade(backend);
    expect(told.failure).toMatchObject({ kind: 'bad-answer', sent: true });
    expect(told.failure!.cause.message).toContain('something');
  });

  test('is not asked when the attempt is called off at once', async () => {
    const backend = await startUpgradeBackend((socket) => socket.write(SWITCH));
    const member = memberAt(backend.url);
    const sender = createSender();
    const told = record(sender, outboundTo(member, { upgrade: 'websocket' }), member);
    told.flow.abort();
    await upgrade(backend, sender);
    expect(backend.handshakes).toHaveLength(1);
    expect(told.calls).toEqual([]);
  });

  test('after the attempt was called off keeps no connection', async () => {
    const backend = await startUpgradeBackend((socket) => socket.on('end', () => socket.end()));
    const member = memberAt(backend.url);
    const told = record(createSender(), outboundTo(member, { upgrade: 'websocket' }), member);
    await until(() => backend.handshakes.length === 1);
    told.flow.abort();
    await once(backend.handshakes[0]!.socket, 'close');
    expect(told.calls).toEqual([]);
  });
});

describe('a member that does not switch', () => {
  test.each([
    [
      'counted',
      'HTTP/1.1 403 No\r\nContent-Length: 4\r\nX-Why: a\r\nx-why: b\r\n\r\n',
      ['no: ', 'nope'],
      'nope',
    ],
    [
      'chunked',
      'HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n',
      ['4\r\nno', 'pe\r\n0\r\n\r\n'],
      'nope',
    ],
    ['empty', 'HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n', [], ''],
  ])('has its %s answer told as any other', async (kind, head, pieces, body) => {
    const backend = await startRawBackend((socket) => {
      // Its pieces come one by one: Node looks at the answer again between them.
      socket.write(head, () => socket.write(kind === 'counted' ? 'nope' : pieces.join('')));
    });
    const told = await upgrade(backend);
    expect(told.calls).toEqual(body === '' ? ['answered', 'ended'] : ['answered', 'data', 'ended']);
    expect(told.answer).toMatchObject({ status: 403, reason: 'No' });
    expect(told.body).toBe(body);
    if (kind === 'counted') expect(told.answer!.headers).toEqual(expect.arrayContaining(['X-Why', 'x-why']));
  });

  test('and answers at length waits for whoever has paused it', async () => {
    const size = 2 * 1024 * 1024;
    const backend = await startHandler((_req, res) => res.writeHead(403).end(Buffer.alloc(size)));
    const member = memberAt(backend.url);
    const held = Promise.withResolvers<undefined>();
    let pieces = 0;
    const told = record(createSender(), outboundTo(member, { upgrade: 'websocket' }), member, {
      onCall(name, flow) {
        if (name !== 'data') return;
        pieces += 1;
        if (pieces > 1) return;
        flow.pause(false);
        held.resolve(undefined);
      },
    });
    await held.promise;
    expect(pieces).toBe(1);
    told.flow.resume();
    await told.over;
    expect(told.calls.at(-1)).toBe('ended');
    expect(told.body).toHaveLength(size);
  });

  test.each([
    ['breaks off', 'HTTP/1.1 403 No\r\nContent-Length: 9\r\n\r\nno', 'reset'],
    ['has a coding of its own', 'HTTP/1.1 403 No\r\nTransfer-Encoding: foo\r\n\r\nno', 'bad-answer'],
    ['is below 100', 'HTTP/1.1 099 No\r\nContent-Length: 0\r\n\r\n', 'bad-answer'],
  ])('whose answer %s fails', async (_what, text, kind) => {
    const backend = await startRawBackend((socket) => socket.end(text));
    expect((await upgrade(backend)).failure).toMatchObject({ kind, sent: true });
  });

  test.each([
    ['resets', (socket: { resetAndDestroy(): unknown }) => socket.resetAndDestroy(), 'reset'],
    ['hangs', () => undefined, 'timeout'],
  ] as const)('but %s fails, and is heard of', async (_what, talk, kind) => {
    const backend = await startRawBackend(talk);
    const errors: Error[] = [];
    const sender = createSender({ on: { error: (error) => void errors.push(error) } });
    const told = await upgrade(backend, sender, {}, kind === 'timeout' ? { timeoutMs: 100 } : {});
    expect(told.failure).toMatchObject({ kind, sent: true });
    await until(() => errors.length === 1);
  });

  test('within upgradeTimeout has timed out', async () => {
    const backend = await startRawBackend(() => undefined);
    const told = await upgrade(backend, createSender({ upgradeTimeout: 50 }));
    expect(told.failure).toMatchObject({ kind: 'timeout' });
  });

  test('because it is dead has not seen the request', async () => {
    expect((await upgrade({ url: await deadUrl() })).failure).toMatchObject({ kind: 'connect', sent: false });
  });
});

describe('what http-proxy-middleware cannot carry', () => {
  test.each([
    ['another protocol', { upgrade: 'h2c' }, {}],
    ['another method', { method: 'POST' }, {}],
    [
      'a pathRewrite that throws',
      {},
      {
        pathRewrite: () => {
          throw new Error('a bug');
        },
      },
    ],
  ] as readonly [string, Partial<Outbound>, HttpProxyMiddleware][])(
    'is refused, not left waiting: %s',
    async (_what, overrides, options) => {
      const backend = await startBackend();
      const told = await upgrade(backend, createSender(options), overrides);
      expect(told.failure).toMatchObject({ kind: 'bad-request', sent: false });
      expect(backend.connections()).toBe(0);
    },
  );
});

test('a hook that throws fails the handshake, and nothing else', async () => {
  const backend = await startUpgradeBackend((socket) => socket.write(SWITCH));
  const sender = createSender({
    on: {
      proxyReqWs() {
        throw new Error('a bug');
      },
    },
  });
  expect((await upgrade(backend, sender)).failure).toMatchObject({ kind: 'bad-request', sent: false });
});
