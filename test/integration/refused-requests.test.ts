import { afterEach, describe, expect, test } from '@jest/globals';
import { startBackend } from '../support/backend.ts';
import { senders, startFront } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';

afterEach(tidyUp);

const chunked = '2\r\nok\r\n0\r\n\r\n';

describe.each(senders)('carried by %s', (_name, carried) => {
  async function startOne(): Promise<Readonly<{ client: RawClient; received: () => number }>> {
    const backend = await startBackend('b');
    const front = await startFront({ members: [backend.url], ...carried });
    return { client: await RawClient.connect(front.port), received: () => backend.received.length };
  }

  // What a member might read otherwise than Node has: refused by us, the connection goes on.
  test.each([
    ['two Host fields', 400, ['Host: a', 'Host: b'], ''],
    ['the same Host twice', 400, ['Host: a', 'host: a'], ''],
    ['a Host with a path', 400, ['Host: a/b'], ''],
    ['a Host with a blank', 400, ['Host: a b'], ''],
    ['a Host with user information', 400, ['Host: me@a'], ''],
    ['a Host with a port that is none', 400, ['Host: a:b'], ''],
    ['two hosts in one field', 400, ['Host: a, b'], ''],
    ['a Host beyond ASCII', 400, ['Host: \xe9'], ''],
    ['a coding besides chunked', 501, ['Host: a', 'Transfer-Encoding: gzip, chunked'], chunked],
    [
      'a coding besides chunked in a line of its own',
      501,
      ['Host: a', 'Transfer-Encoding: gzip', 'Transfer-Encoding: chunked'],
      chunked,
    ],
  ])('%s: %i, and the next request on the connection is served', async (_what, expected, lines, body) => {
    const { client, received } = await startOne();
    const { status, body: page } = await client.ask(['POST / HTTP/1.1', ...lines], body);
    expect(status).toBe(expected);
    expect(page).toContain('ERR_BALANCER');
    expect(received()).toBe(0);
    expect(await client.ask(['GET / HTTP/1.1', 'Host: a'])).toMatchObject({ status: 200, body: 'b' });
  });

  // RFC 9112 3.2.2: the authority of an absolute target stands for Host, and Host is passed over.
  test.each([
    ['a port that is none', 'a:b', true],
    ['two ports', 'a:1:2', true],
    ['letters for ports', 'x:y:z', true],
    ['an address without brackets', '::1', true],
    ['a name in brackets', '[x]', false],
    ['user information', 'me@a', false],
    ['no host', ':80', false],
  ])('an absolute target with %s: 400, and the next request is served', async (_what, authority, isPort) => {
    const { client, received } = await startOne();
    // From Node 26 on Express finds no path behind a port that is none, and asks no middleware.
    const isAsked = !isPort || Number(process.versions.node.split('.', 1)[0]) < 26;
    for (const method of ['GET', 'POST']) {
      const { status, body } = await client.ask([`${method} http://${authority}/p HTTP/1.1`, 'Host: a']);
      expect([method, status]).toEqual([method, isAsked ? 400 : 404]);
      if (isAsked) expect(body).toContain('ERR_BALANCER_BAD_REQUEST');
    }
    expect(received()).toBe(0);
    expect(await client.ask(['GET http://a:80/p HTTP/1.1', 'Host: a'])).toMatchObject({ status: 200 });
  });

  // Node takes some of them for no HTTP, and Express some for a path that nobody serves.
  test.each(['[::1', '[::1]a', 'a\\', '\\a', 'a<b>"c', 'g\xe9', 'a|b', ''])(
    'an absolute target with %j for a host reaches no member',
    async (authority) => {
      const { client, received } = await startOne();
      const { status } = await client.ask([`GET http://${authority}/p HTTP/1.1`, 'Host: a']);
      expect([400, 404]).toContain(status);
      expect(received()).toBe(0);
    },
  );

  // What is no HTTP is refused by Node before it is anybody's request.
  test.each([
    ['no Host', ['X-A: 1'], ''],
    ['chunks and a length', ['Host: a', 'Transfer-Encoding: chunked', 'Content-Length: 2'], chunked],
    ['a length and chunks', ['Host: a', 'Content-Length: 2', 'Transfer-Encoding: chunked'], chunked],
    ['two lengths', ['Host: a', 'Content-Length: 2', 'Content-Length: 3'], 'ok!'],
    ['a length that is no number', ['Host: a', 'Content-Length: +2'], 'ok'],
    ['a coding that is not the last', ['Host: a', 'Transfer-Encoding: chunked, gzip'], chunked],
    ['a line without a colon', ['Host: a', 'foo'], ''],
    ['a blank before a colon', ['Host: a', 'X-A : 1'], ''],
    ['a folded line', ['Host: a', 'X-A: 1', ' 2'], ''],
    ['a control character', ['Host: a', 'X-A: \x01'], ''],
  ])('%s: 400 and the end of the connection', async (_what, lines, body) => {
    const { client, received } = await startOne();
    const { status } = await client.ask(['POST / HTTP/1.1', ...lines], body);
    expect(status).toBe(400);
    await client.readRest();
    expect(received()).toBe(0);
  });

  // RFC 9112 6.3: Node hands the head over and then finds that it cannot tell where the body ends.
  test('a coding that only looks like chunked: 400 and the end of the connection', async () => {
    const { client, received } = await startOne();
    const { status } = await client.ask(
      ['POST / HTTP/1.1', 'Host: a', 'Transfer-Encoding: xchunked'],
      chunked,
    );
    expect(status).toBe(400);
    await client.readRest();
    expect(received()).toBe(0);
  });

  test('a body that follows a request of another shape is not taken for a request', async () => {
    const { client, received } = await startOne();
    const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
    client.send(['POST / HTTP/1.1', 'Host: a', `Content-Length: ${smuggled.length}`], smuggled);
    expect((await client.readAnswer()).status).toBe(200);
    client.send(['POST / HTTP/1.1', 'Host: a', 'Connection: Content-Length', 'Content-Length: 2'], 'ok');
    expect((await client.readAnswer()).status).toBe(200);
    client.send(
      ['POST / HTTP/1.1', 'Host: a', 'Connection: Transfer-Encoding', 'Transfer-Encoding: chunked'],
      chunked,
    );
    expect((await client.readAnswer()).status).toBe(200);
    expect(received()).toBe(3);
  });
});
