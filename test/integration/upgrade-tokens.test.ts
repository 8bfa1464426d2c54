import { afterEach, describe, expect, test } from '@jest/globals';
import { startBackend } from '../support/backend.ts';
import { senders } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';
import {
  askToSwitch,
  closeWebSockets,
  startUpgradeBackend,
  startUpgradeFront,
  takeAll,
} from '../support/websocket.ts';

afterEach(async () => {
  closeWebSockets();
  await tidyUp();
});

const fields = ['Host: a', 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk'];

describe.each(senders)('a protocol that is not allowed, over %s', (_name, sender) => {
  test('is dropped from a GET, whose connection is kept', async () => {
    const backend = await startBackend('a');
    const front = await startUpgradeFront({ ...sender, members: [backend.url] });
    const client = await RawClient.connect(front.port);

    const first = await client.ask(['GET /one HTTP/1.1', ...fields]);
    const second = await client.ask(['GET /two HTTP/1.1', ...fields]);

    expect([first.status, first.body, second.status]).toEqual([200, 'a', 200]);
    expect(backend.received.map(({ url }) => url)).toEqual(['/one', '/two']);
    expect(backend.received[0]!.headers).not.toHaveProperty('upgrade');
    expect(backend.received[0]!.headers).not.toHaveProperty('http2-settings');
  });

  test.each([
    ['a counted body', 'Content-Length: 5', 'hello'],
    ['a chunked body', 'Transfer-Encoding: chunked', '5\r\nhello\r\n0\r\n\r\n'],
  ])('is dropped from a POST with %s', async (_kind, framing, body) => {
    const backend = await startBackend('a');
    const front = await startUpgradeFront({ ...sender, members: [backend.url] });
    const client = await RawClient.connect(front.port);

    const answer = await client.ask(['POST /form HTTP/1.1', ...fields, framing], body);
    const next = await client.ask(['GET /next HTTP/1.1', 'Host: a']);

    expect([answer.status, next.status]).toEqual([200, 200]);
    expect(backend.received.map((one) => `${one.method} ${one.url} ${one.body.toString()}`)).toEqual([
      'POST /form hello',
      'GET /next ',
    ]);
  });

  test('is dropped from an upload whose body comes after its head', async () => {
    const backend = await startBackend('a');
    const front = await startUpgradeFront({ ...sender, members: [backend.url] });
    const client = await RawClient.connect(front.port);
    const half = 'x'.repeat(300_000);

    client.send(['PUT / HTTP/1.1', ...fields, `Content-Length: ${2 * half.length}`], half);
    const asking = client.write(half).readAnswer();

    expect((await asking).status).toBe(200);
    expect(backend.received[0]!.body).toHaveLength(2 * half.length);
  });

  test.each(['websocket, h2c', 'websocket2', 'h2c, websocket'])('is dropped when it is %s', async (token) => {
    const backend = await startBackend('a');
    const front = await startUpgradeFront({ ...sender, members: [backend.url] });
    const client = await RawClient.connect(front.port);

    const answer = await client.ask([
      'GET / HTTP/1.1',
      'Host: a',
      'Connection: Upgrade',
      `Upgrade: ${token}`,
    ]);

    expect(answer.status).toBe(200);
    expect(backend.received[0]!.headers).not.toHaveProperty('upgrade');
  });

  // http-proxy-middleware knows no other protocol, and the definition says so.
  const others = 'httpProxyMiddleware' in sender ? [] : ([["upgrade: 'other'", 'other']] as const);
  test.each([['upgrade: false', false] as const, ...others])(
    'is WebSocket, with %s',
    async (_option, upgrade) => {
      const backend = await startBackend('a');
      const front = await startUpgradeFront({ ...sender, members: [backend.url], upgrade });
      const client = await RawClient.connect(front.port);

      const answer = await client.ask(askToSwitch());

      expect([answer.status, answer.body]).toEqual([200, 'a']);
      expect(backend.received[0]!.headers).not.toHaveProperty('upgrade');
    },
  );

  test('does not matter in HTTP/1.0, nor without Connection', async () => {
    const backend = await startBackend('a');
    const front = await startUpgradeFront({ ...sender, members: [backend.url] });
    const old = await RawClient.connect(front.port);
    const vague = await RawClient.connect(front.port);

    // RFC 9110 7.8: Upgrade is to be ignored in a request of HTTP/1.0.
    old.send(['GET / HTTP/1.0', 'Host: a', 'Connection: Upgrade', 'Upgrade: websocket']);
    vague.send(['GET / HTTP/1.1', 'Host: a', 'Upgrade: websocket']);

    expect((await old.readAnswer()).status).toBe(200);
    expect((await vague.readAnswer()).status).toBe(200);
    expect(backend.received.map(({ headers }) => headers['upgrade'])).toEqual([undefined, undefined]);
  });
});

/** http-proxy-middleware knows WebSocket only. */
describe('a protocol of one’s own, carried by the balancer itself', () => {
  test.each([
    ['one', 'foo/1', 'foo/1'],
    ['one of several', ['bar', 'foo/1'], 'Foo/1'],
    ['any', 'ANY', 'foo/1'],
  ])('is switched to when the definition allows it: %s', async (_kind, upgrade, token) => {
    const backend = await startUpgradeBackend((socket, _head, req) => {
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${req.headers.upgrade ?? ''}\r\n\r\n`,
      );
      socket.on('data', (chunk: Buffer) => socket.write(chunk.toString().toUpperCase()));
      takeAll(socket);
    });
    const front = await startUpgradeFront({ members: [backend.url], upgrade });
    const client = await RawClient.connect(front.port);

    client.send(['GET / HTTP/1.1', 'Host: a', 'Connection: Upgrade', `Upgrade: ${token}`], 'early ');
    expect((await client.readHead()).status).toBe(101);
    client.write('late');

    expect(await client.readBytes(10)).toBe('EARLY LATE');
    expect(backend.handshakes[0]!.headers.upgrade).toBe(token);
  });
});
