import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hostname } from 'node:os';
import { valuesOf } from '../../src/rewrite/headers.ts';
import { startBackend, startRawBackend, type Backend } from '../support/backend.ts';
import { senders, startFront, type Front } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';
import { askToSwitch } from '../support/websocket.ts';

/** What a client must not be able to say of itself, spelt so that some member takes it for the right name. */
const forged = [
  'X-Forwarded-For: 6.6.6.6',
  'x-forwarded-for: 6.6.6.6, 6.6.6.6',
  'X-FORWARDED-FOR: "6.6.6.6"',
  'X_Forwarded_For: 6.6.6.6',
  'X-Forwarded_For: 6.6.6.6',
  'X.Forwarded.For: 6.6.6.6',
  'X*Forwarded*For: 6.6.6.6',
  'X-Forwarded-Host: 6.6.6.6',
  'X-Forwarded-Proto: 6.6.6.6',
  'X-Forwarded-Port: 6.6.6.6',
  'X-Forwarded-Server: 6.6.6.6',
  'X-Forwarded-Prefix: /6.6.6.6',
  'X-Forwarded-User: 6.6.6.6',
  'X-Forwarded-By: 6.6.6.6',
  'X-Forwarded-Ssl: 6.6.6.6',
  'Forwarded: for=6.6.6.6;host=6.6.6.6;proto=https',
  'forwarded: for="[6.6.6.6]"',
  'Proxy-Authorization: 6.6.6.6',
  'Proxy_Authorization: 6.6.6.6',
  'Proxy-Connection: 6.6.6.6',
  'Keep_Alive: 6.6.6.6',
  'Content_Type: 6.6.6.6',
  'Content.Length: 6',
  'Max_Forwards: 6',
] as const;

/** Fields that only look a little like ours. */
const innocent = [
  'X-Forwarder: 7',
  'X_Requested_With: 7',
  'X-Frame: 7',
  'Content_Disposition: 7',
  'Keep-Alives: 7',
  // Nobody here says anything by it: whether to believe it is the member's to know, and the app's to see to.
  'X-Real-IP: 7',
];

describe.each(senders)('over %s', (_name, sender) => {
  let member: Backend;
  let front: Front;

  beforeAll(async () => {
    member = await startRawBackend((socket) =>
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'),
    );
    front = await startFront({ ...sender, members: [member.url] });
  });

  afterAll(tidyUp);

  async function send(lines: readonly string[], port = front.port): Promise<readonly string[]> {
    const client = await RawClient.connect(port);
    const { body } = await client.ask(lines);
    expect(body).toBe('ok');
    client.socket.destroy();
    return member.received.at(-1)!.rawHeaders[0]!.trimEnd().split('\r\n').slice(1);
  }

  test.each(forged)('a client’s %s reaches no member', async (line) => {
    for (const more of [[line], [line, line], [`Connection: ${line.split(':', 1)[0]!}`, line]]) {
      const got = await send(['GET / HTTP/1.1', 'Host: a', ...more]);
      expect(got.filter((each) => /6/.test(withoutPort(each)))).toEqual([]);
      expect(got).toContain('X-Forwarded-For: 127.0.0.1');
    }
  });

  test.each(innocent)('a client’s %s does', async (line) => {
    expect(await send(['GET / HTTP/1.1', 'Host: a', line])).toContain(line);
  });

  test('what a WebSocket’s client says of itself reaches no member either', async () => {
    const got = await send([...askToSwitch(), ...forged.filter((line) => !line.startsWith('Content'))]);
    expect(got.filter((each) => /6\.6/.test(each))).toEqual([]);
  });

  test('without Host the name of an absolute target is the one that counts', async () => {
    const got = await send(['GET http://right.example:81/ HTTP/1.1', 'Host: wrong.example']);
    expect(got.filter((line) => /example/.test(line))).toEqual(['X-Forwarded-Host: right.example:81']);
  });

  test('a peer that is trusted is believed, but not in what only looks like a right name', async () => {
    const trusting = await startFront({ ...sender, members: [member.url], trustProxy: true });
    const got = await send(['GET / HTTP/1.1', 'Host: a', ...forged], trusting.port);
    expect(got.filter((line) => /^x.?forwarded.?(for|host|server|proto)/i.test(line))).toEqual([
      'X-Forwarded-For: 6.6.6.6, 6.6.6.6, 6.6.6.6, "6.6.6.6", 127.0.0.1',
      'X-Forwarded-Host: 6.6.6.6, a',
      `X-Forwarded-Server: 6.6.6.6, ${hostname()}`,
      'X-Forwarded-Proto: 6.6.6.6',
    ]);
    expect(got.filter((line) => /^[\w-]*[_.*]/.test(line))).toEqual([]);
  });

  test('a forged protocol makes no cookie secure, and no redirect https', async () => {
    const redirecting = await startBackend('r', (req, res) => {
      res.writeHead(302, { Location: `http://${req.headers.host!}/next` }).end();
    });
    const members = [{ url: redirecting.url, route: '1' }];
    const { port } = await startFront({ ...sender, routeCookie: true, members });
    const client = await RawClient.connect(port);
    const { headers } = await client.ask(['GET / HTTP/1.1', 'Host: a', 'X-Forwarded-Proto: https']);
    expect([valuesOf(headers, 'location'), valuesOf(headers, 'set-cookie')]).toEqual([
      ['http://a/next'],
      ['ROUTEID=1; Path=/; HttpOnly; SameSite=Lax'],
    ]);
  });

  test('a Via with our name in it ends that request, and no other', async () => {
    const { port } = await startFront({ ...sender, members: [member.url], proxyvia: 'On' });
    const via = (await send(['GET / HTTP/1.1', 'Host: a'], port)).find((line) => line.startsWith('Via'))!;
    const client = await RawClient.connect(port);
    const before = member.received.length;
    expect((await client.ask(['GET / HTTP/1.1', 'Host: a', via])).status).toBe(508);
    expect(member.received).toHaveLength(before);
    expect((await client.ask(['GET / HTTP/1.1', 'Host: a', 'Via: 1.1 somebody'])).status).toBe(200);
  });

  test('httpd’s names of facts are fields like any, and change no fact', async () => {
    const told: unknown[] = [];
    const members = [{ url: member.url, route: '1' }];
    const { port } = await startFront(
      { ...sender, name: 'mine', stickysession: 'SID', members },
      {
        before: (app) =>
          app.use((req, res, next) => {
            res.on('close', () => told.push(req.balancer));
            next();
          }),
      },
    );
    const lines = ['BALANCER_NAME', 'BALANCER_SESSION_ROUTE', 'BALANCER_WORKER_NAME'].map(
      (each) => `${each}: x`,
    );
    expect(await send(['GET /?BALANCER_SESSION_ROUTE=x HTTP/1.1', 'Host: a', ...lines], port)).toEqual(
      expect.arrayContaining(lines),
    );
    expect(told).toEqual([
      expect.objectContaining({ name: 'mine', route: undefined, sticky: undefined, memberRoute: '1' }),
    ]);
  });
});

/** Ports are drawn, and may hold any digit. */
function withoutPort(line: string): string {
  return line.replace(/:\d+$/, '');
}
