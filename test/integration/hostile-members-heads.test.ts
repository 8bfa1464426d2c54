import type { Socket } from 'node:net';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { valuesOf } from '../../src/rewrite/headers.ts';
import { ask } from '../support/ask.ts';
import { startRawBackend, type Backend } from '../support/backend.ts';
import { senders, startFront } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { linesOf, RawClient, type WireAnswer } from '../support/raw-client.ts';
import { evil } from '../support/hostile/answers.ts';

afterEach(tidyUp);

describe.each(senders)('%s: what a hostile member says in a head', (_name, sender) => {
  /** The answer to a GET below `/app`, where a member says this; `{m}` is its host and port. */
  async function askFor(
    lines: readonly string[],
    body = '',
  ): Promise<WireAnswer & Readonly<{ said: readonly string[] }>> {
    let said: readonly string[] = [];
    const member: Backend = await startRawBackend((socket) => {
      said = lines.map((line) => line.replaceAll('{m}', `127.0.0.1:${member.port}`));
      socket.write([...said, `Content-Length: ${body.length}`, '', body].join('\r\n'), 'latin1');
    });
    const front = await startFront(
      { ...sender, members: [`${member.url}/base`] },
      { mount: '/app', before: (app) => app.disable('x-powered-by') },
    );
    const client = await RawClient.connect(front.port);
    return { ...(await client.ask(['GET /app/x HTTP/1.1', 'Host: front.example'])), said };
  }

  const foreign = [
    'http://{m}.evil/base/x',
    'http://{m}1/base/x',
    'http://evil.{m}/base/x',
    'http://{m}@evil/base/x',
    'http://user@{m}/base/x',
    'http://user:{m}/base/x',
    'http://{m}:80/base/x',
    'http://127.0.0.1/base/x',
    'http://127.0.0.1:1/base/x',
    'http://2130706433/base/x',
    'http://127.1/base/x',
    'http:\\\\{m}\\base\\x',
    'http://{m}\\@evil/base/x',
    'http:/{m}/base/x',
    'http:{m}/base/x',
    'http:///{m}/base/x',
    'https://{m}/base/x',
    'ftp://{m}/base/x',
    'ws://{m}/base/x',
    'javascript://{m}/base/%0aalert(1)',
    'javascript:alert(1)//{m}/base/x',
    'data:text/html,{m}/base/x',
    '//evil/base/x',
    '//{m}.evil/base/x',
    '//{m}@evil/base/x',
    '///{m}/base/x',
    '/\\evil/base/x',
    '\\\\evil\\base',
    'http://{m}/other',
    'http://{m}/baseless',
    '/other',
    'http://%31%32%37.0.0.1/base/x',
    'http://{m}#@evil/base/x',
    'http://{m}?@evil/base/x',
  ];

  test.each(foreign)('a URL that is not its own is left as it is: %s', async (url) => {
    const lines = [
      `Location: ${url}`,
      `Content-Location: ${url}`,
      `Refresh: 1; url=${url}`,
      `Link: <${url}>; rel=next`,
      `URI: ${url}`,
    ];
    const { status, headers, said } = await askFor(['HTTP/1.1 302 Found', ...lines]);
    expect(status).toBe(302);
    expect(linesOf(headers).slice(0, lines.length)).toEqual(said.slice(1));
  });

  test.each([
    ['http://{m}/base//evil/x', 'http://front.example/app//evil/x'],
    ['/base//evil/x', '/app//evil/x'],
    ['//{m}/base//evil/x', '//front.example/app//evil/x'],
  ])('a path that is mapped stays behind the host it was asked from: %s', async (url, mapped) => {
    const { headers } = await askFor(['HTTP/1.1 302 Found', `Location: ${url}`]);
    expect(valuesOf(headers, 'location')).toEqual([mapped]);
  });

  test('a character that somebody might cut down to a line end stays the bytes that it came in', async () => {
    // U+560A and U+560D in UTF-8; U+010A and U+010D; NEL.
    const value = '/\xe5\x98\x8d\xe5\x98\x8aSet-Cookie:evil=1\xc4\x8d\xc4\x8a\x85';
    const fields = ['Location', 'Set-Cookie', 'Refresh', 'Link'].map((name) => `${name}: ${value}`);
    const { headers, reason, body } = await askFor([`HTTP/1.1 200 ${value}`, ...fields], 'ok');
    expect([reason, body]).toEqual([value, 'ok']);
    expect(linesOf(headers).slice(0, 4)).toEqual(fields);
    expect(valuesOf(headers, 'set-cookie')).toEqual([value]);
  });

  test('hundreds of cookies come through, each on its line and in order', async () => {
    const cookies = Array.from({ length: 900 }, (_, i) => `${i}=`);
    const { headers, body } = await askFor(
      ['HTTP/1.1 200 OK', ...cookies.map((cookie) => `Set-Cookie:${cookie}`)],
      'ok',
    );
    expect([valuesOf(headers, 'set-cookie'), body]).toEqual([cookies, 'ok']);
  });

  test('what nobody has asked to continue is not told so, and content of interim answers is none', async () => {
    const { interims, status, body } = await askFor(
      [
        'HTTP/1.1 100 Continue',
        '',
        'HTTP/1.1 103 Early Hints',
        'Content-Length: 2',
        'Link: </a>; rel=preload',
        '',
        'HTTP/1.1 201 Made',
      ],
      'ok',
    );
    expect([interims.map(({ status }) => status), status, body]).toEqual([[103], 201, 'ok']);
    expect(valuesOf(interims[0]!.headers, 'content-length')).toEqual([]);
  });
});

describe.each(senders)('%s: what a hostile member says on an idle connection', (_name, sender) => {
  test.each([
    ['a whole answer', evil],
    ['half an answer', evil.slice(0, 20)],
    ['a line end', '\r\n'],
    ['a byte', '\0'],
    ['an interim answer', 'HTTP/1.1 103 Early Hints\r\nLink: </evil>\r\n\r\n'],
  ])('reaches nobody, and ends it: %s', async (_what, bytes) => {
    const sockets = new Map<number, Socket>();
    const member = await startRawBackend((socket, head, connection) => {
      sockets.set(connection, socket);
      const path = head.split(' ')[1]!;
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${path.length}\r\n\r\n${path}`);
    });
    const front = await startFront({ ...sender, members: [member.url] });
    const agent = new Agent({ keepAlive: true });
    for (const path of ['/1', '/2', '/3']) {
      expect((await ask(front.port, { path, agent, method: 'POST' })).text).toBe(path);
      const [connection, socket] = [...sockets][0]!;
      const closed = once(socket, 'close');
      socket.write(bytes);
      await closed;
      sockets.delete(connection);
    }
    agent.destroy();
    expect(member.connections()).toBe(3);
  });
});
