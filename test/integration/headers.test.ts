import { createServer } from 'node:http';
import { hostname } from 'node:os';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import connect from 'connect';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createBalancer, type BalancerDefinition } from '../../src/index.ts';
import { valuesOf } from '../../src/rewrite/headers.ts';
import { startRawBackend, type Backend } from '../support/backend.ts';
import { senders, silent, startFront, type FrontOptions } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { linesOf, RawClient, type WireAnswer } from '../support/raw-client.ts';

afterEach(tidyUp);

const ok = 'Content-Length: 2\r\n\r\nok';

/** A member that answers with these lines of a head. */
function startSpeaker(...lines: string[]): Promise<Backend> {
  const head = lines.map((line) => `${line}\r\n`).join('');
  return startRawBackend((socket) => socket.write(`HTTP/1.1 200 OK\r\n${head}${ok}`, 'latin1'));
}

/** The lines of the request that a member has got last, as they were on the wire. */
function linesAt({ received }: Backend): string[] {
  return received.at(-1)!.rawHeaders[0]!.trimEnd().split('\r\n').slice(1);
}

/** Those lines whose name is one of these, whatever their case. */
function pick(lines: readonly string[], ...names: string[]): string[] {
  return lines.filter((line) => names.includes(line.split(':', 1)[0]!.toLowerCase()));
}

describe.each(senders)('carried by %s', (name, carried) => {
  /** Sends lines of a head through a front, and gives those that the member got. */
  async function send(
    lines: readonly string[],
    definition: Partial<BalancerDefinition> = {},
    options: FrontOptions & Readonly<{ start?: string }> = {},
  ): Promise<string[]> {
    const backend = await startSpeaker();
    const front = await startFront({ members: [backend.url], ...carried, ...definition }, options);
    const client = await RawClient.connect(front.port);
    const { status, body } = await client.ask([options.start ?? 'GET / HTTP/1.1', ...lines]);
    expect([status, body]).toEqual([200, 'ok']);
    return linesAt(backend);
  }

  /** Gives a client the answer of a member that says these lines. */
  async function receive(lines: readonly string[], options: FrontOptions = {}): Promise<WireAnswer> {
    const backend = await startSpeaker(...lines);
    const front = await startFront({ members: [backend.url], ...carried }, options);
    const client = await RawClient.connect(front.port);
    return client.ask(['GET / HTTP/1.1', 'Host: f']);
  }

  describe('the fields of a request', () => {
    test('keep their order, their spelling and their repetitions', async () => {
      const fields = ['x-b: 1', 'X-A: 1', 'ACCEPT: */*', 'X-c:', 'User-agent: me', 'x_under: 4'];
      const sent = fields.toSpliced(4, 0, 'X-A: 2').concat('X-a: 3');
      // Node's ClientRequest, which the second sender has to use, writes the values of a name next to each other.
      const expected = name === 'itself' ? sent : fields.toSpliced(2, 0, 'X-A: 2', 'X-A: 3');
      const got = pick(
        await send(['Host: f', ...sent]),
        'x-b',
        'x-a',
        'accept',
        'x-c',
        'user-agent',
        'x_under',
      );
      expect(got.map((line) => line.trim())).toEqual(expected);
    });

    test('keep bytes beyond ASCII', async () => {
      expect(await send(['Host: f', 'X-Latin: caf\xe9', 'X-Utf: caf\xc3\xa9'])).toEqual(
        expect.arrayContaining(['X-Latin: caf\xe9', 'X-Utf: caf\xc3\xa9']),
      );
    });

    test('that nobody needs are not added', async () => {
      const got = await send(['Host: f'], { proxyaddheaders: false });
      expect(got.map((line) => line.split(':', 1)[0]!.toLowerCase()).sort()).toEqual(['connection', 'host']);
    });

    // H7, H8; RFC 9110 7.6.1
    test('end here if they are hop by hop, or Connection says so', async () => {
      const ours = [
        'Connection: close, X-Foo, Keep-Alive',
        'X-Foo: 1',
        'Keep-Alive: 300',
        'TE: trailers',
        'Trailer: X',
      ];
      const more = [
        'Upgrade: h2c',
        'Proxy-Connection: keep-alive',
        'X-Bar: 1',
        'Connection: x-baz',
        'X-Baz: 1',
      ];
      const got = await send(['Host: f', ...ours, ...more]);
      expect(
        pick(got, 'x-foo', 'keep-alive', 'te', 'trailer', 'upgrade', 'proxy-connection', 'x-baz'),
      ).toEqual([]);
      expect(pick(got, 'connection').join().toLowerCase()).toBe('connection: keep-alive');
      expect(pick(got, 'x-bar')).toEqual(['X-Bar: 1']);
    });

    test('can be named away by the client, but for those that the balancer adds', async () => {
      const got = await send([
        'Host: f',
        'Connection: close, Cookie, X-Forwarded-For, Authorization, Host',
        'Cookie: a=1',
        'X-Forwarded-For: 1.2.3.4',
        'Authorization: Basic x',
      ]);
      expect(pick(got, 'cookie', 'authorization')).toEqual([]);
      expect(pick(got, 'x-forwarded-for')).toEqual(['X-Forwarded-For: 127.0.0.1']);
      expect(pick(got, 'host')).toHaveLength(1);
    });

    // RFC 9113 8.2.3; httpd joins with a comma.
    test('that are cookies are joined with a semicolon', async () => {
      const got = await send(['Host: f', 'Cookie: a=1; b=2', 'X-A: 1', 'cookie: c=3']);
      expect(pick(got, 'cookie')).toEqual(['Cookie: a=1; b=2; c=3']);
    });

    // H10: httpd passes Proxy-Authorization on.
    test('that are credentials reach the member, those for a proxy do not', async () => {
      const got = await send(['Host: f', 'Proxy-Authorization: Basic p', 'Authorization: Basic a']);
      expect(pick(got, 'authorization', 'proxy-authorization')).toEqual(['Authorization: Basic a']);
    });

    test('for caches and ranges reach the member', async () => {
      const sent = [
        'If-None-Match: "a"',
        'If-Modified-Since: x',
        'Range: bytes=0-1',
        'Accept-Encoding: br',
        'DNT: 1',
      ];
      expect(await send(['Host: f', ...sent])).toEqual(expect.arrayContaining(sent));
    });
  });

  describe('Host', () => {
    test('is the member’s', async () => {
      const backend = await startSpeaker();
      const front = await startFront({ members: [backend.url], ...carried });
      const client = await RawClient.connect(front.port);
      await client.ask(['GET / HTTP/1.1', 'Host: www.front.example:8080']);
      expect(linesAt(backend)[0]!.toLowerCase()).toBe(`host: 127.0.0.1:${backend.port}`);
      expect(pick(linesAt(backend), 'x-forwarded-host')).toEqual([
        'X-Forwarded-Host: www.front.example:8080',
      ]);
    });

    // H2
    test('is the client’s with proxypreservehost', async () => {
      const got = await send(['Host: www.front.example:8080'], { proxypreservehost: true });
      expect(pick(got, 'host', 'x-forwarded-host').map((line) => line.replace(/^h/, 'H'))).toEqual([
        'Host: www.front.example:8080',
        'X-Forwarded-Host: www.front.example:8080',
      ]);
    });

    // H3
    test.each([false, true])(
      'of HTTP/1.0 without one is the member’s (proxypreservehost %s)',
      async (proxypreservehost) => {
        const got = await send([], { proxypreservehost }, { start: 'GET / HTTP/1.0' });
        expect(pick(got, 'host')[0]).toMatch(/^host: 127\.0\.0\.1:\d+$/i);
        expect(pick(got, 'x-forwarded-host')).toEqual([]);
      },
    );
  });

  describe('X-Forwarded-*', () => {
    const forged = [
      'X-Forwarded-For: 1.2.3.4',
      'X-Forwarded-Host: evil.example',
      'X-Forwarded-Server: evil',
      'X-Forwarded-Proto: https',
      'X-Forwarded-Port: 666',
      'X-Forwarded-Prefix: /evil',
      'Forwarded: for=1.2.3.4',
      'X_Forwarded_For: 1.2.3.4',
    ];
    const onlyForwarded = (lines: readonly string[]): string[] =>
      lines.filter((line) => /^(x[-_])?forwarded/i.test(line));

    test('of an untrusted peer are replaced, whatever they are called', async () => {
      expect(onlyForwarded(await send(['Host: f', ...forged], {}, { mount: '/' }))).toEqual([
        'X-Forwarded-For: 127.0.0.1',
        'X-Forwarded-Host: f',
        `X-Forwarded-Server: ${hostname()}`,
        'X-Forwarded-Proto: http',
      ]);
    });

    // H4, H5
    test('of a trusted peer are appended to', async () => {
      const received = ['X-Forwarded-For: 1.2.3.4', 'X-Forwarded-For: 5.6.7.8', ...forged.slice(1)];
      const got = await send(
        ['Host: f', ...received],
        {},
        {
          before: (app) => app.set('trust proxy', 'loopback'),
          mount: '/shop',
          start: 'GET /shop/ HTTP/1.1',
        },
      );
      expect(onlyForwarded(got).sort()).toEqual(
        [
          'Forwarded: for=1.2.3.4',
          'X-Forwarded-For: 1.2.3.4, 5.6.7.8, 127.0.0.1',
          'X-Forwarded-Host: evil.example, f',
          'X-Forwarded-Port: 666',
          'X-Forwarded-Prefix: /evil/shop',
          'X-Forwarded-Proto: https',
          `X-Forwarded-Server: evil, ${hostname()}`,
        ].sort(),
      );
    });

    test('tell the mount path', async () => {
      const got = await send(['Host: f'], {}, { mount: '/shop', start: 'GET /shop/a HTTP/1.1' });
      expect(pick(got, 'x-forwarded-prefix')).toEqual(['X-Forwarded-Prefix: /shop']);
    });

    // H6
    test('stay as they are when none are to be added', async () => {
      const got = await send(['Host: f', ...forged], { proxyaddheaders: false });
      expect(onlyForwarded(got)).toEqual(forged);
    });

    test('and Forwarded are the choice of proxyaddheaders', async () => {
      const forwarded = 'Forwarded: for=127.0.0.1;host="f:80";proto=http';
      expect(onlyForwarded(await send(['Host: f:80', ...forged], { proxyaddheaders: 'forwarded' }))).toEqual([
        forwarded,
      ]);
      const both = onlyForwarded(await send(['Host: f:80', ...forged], { proxyaddheaders: 'both' }));
      expect(both).toHaveLength(5);
      expect(both).toEqual(expect.arrayContaining([forwarded, 'X-Forwarded-For: 127.0.0.1']));
    });
  });

  describe('without Express, trustProxy says whose X-Forwarded-* are appended to', () => {
    const servers = {
      'a plain http server': (balancer: ReturnType<typeof createBalancer>) =>
        createServer((req, res) => {
          balancer(req, res, () => res.writeHead(500).end());
        }),
      'a Connect app': (balancer: ReturnType<typeof createBalancer>) =>
        createServer(connect().use('/shop', balancer)),
    };

    test.each([
      ['a plain http server', undefined, '127.0.0.1'],
      ['a plain http server', true, '1.2.3.4, 127.0.0.1'],
      ['a plain http server', (address: string) => address === '127.0.0.1', '1.2.3.4, 127.0.0.1'],
      ['a plain http server', (address: string) => address !== '127.0.0.1', '127.0.0.1'],
      ['a Connect app', undefined, '127.0.0.1'],
      ['a Connect app', true, '1.2.3.4, 127.0.0.1'],
    ] as const)('%s, %s: %s', async (kind, trustProxy, expected) => {
      const backend = await startSpeaker();
      const trust = trustProxy === undefined ? {} : { trustProxy };
      const balancer = createBalancer({ members: [backend.url], ...silent, ...carried, ...trust });
      const server = servers[kind](balancer).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const client = await RawClient.connect((server.address() as AddressInfo).port);
      await client.ask(['GET /shop/a HTTP/1.1', 'Host: f', 'X-Forwarded-For: 1.2.3.4']);
      expect(pick(linesAt(backend), 'x-forwarded-for')).toEqual([`X-Forwarded-For: ${expected}`]);
      expect(backend.received[0]!.url).toBe(kind === 'a Connect app' ? '/a' : '/shop/a');
      expect(balancer.view()[0]!.busy).toBe(0);
      server.close();
      server.closeAllConnections();
      await balancer.close();
    });
  });

  describe('the fields of an answer', () => {
    test('keep their order, their spelling and their repetitions', async () => {
      const sent = ['x-b: 1', 'X-A: 1', 'SERVER: me', 'X-c: 3', 'Date: Sun, 06 Nov 1994 08:49:37 GMT'];
      const { headers } = await receive([
        ...sent,
        'X-A: 2',
        'Set-Cookie: a=1',
        'Set-Cookie: b=2',
        'set-cookie: a=3',
      ]);
      expect(linesOf(headers).filter((line) => sent.includes(line))).toEqual(sent);
      expect(valuesOf(headers, 'x-a')).toEqual(['1', '2']);
      expect(valuesOf(headers, 'set-cookie')).toEqual(['a=1', 'b=2', 'a=3']);
    });

    test('keep bytes beyond ASCII', async () => {
      const { headers } = await receive(['X-Latin: caf\xe9', 'X-Utf: caf\xc3\xa9']);
      expect([valuesOf(headers, 'x-latin'), valuesOf(headers, 'x-utf')]).toEqual([
        ['caf\xe9'],
        ['caf\xc3\xa9'],
      ]);
    });

    // P1, P2
    test('end here if they are hop by hop, or Connection says so', async () => {
      const { headers } = await receive([
        'Connection: X-Foo, Set-Cookie',
        'X-Foo: 1',
        'Set-Cookie: a=1',
        'Keep-Alive: timeout=77',
        'Proxy-Authenticate: Basic',
        'Proxy-Authentication-Info: kept',
        'Trailer: X',
        'TE: trailers',
        'Upgrade: h2c',
        'Proxy-Connection: keep-alive',
        'X-Bar: 1',
      ]);
      const gone = [
        'x-foo',
        'set-cookie',
        'proxy-authenticate',
        'trailer',
        'te',
        'upgrade',
        'proxy-connection',
      ];
      expect(gone.flatMap((name) => valuesOf(headers, name))).toEqual([]);
      expect(valuesOf(headers, 'connection')).toEqual(['keep-alive']);
      expect(valuesOf(headers, 'keep-alive')).not.toContain('timeout=77');
      expect(linesOf(headers)).toEqual(
        expect.arrayContaining(['Proxy-Authentication-Info: kept', 'X-Bar: 1']),
      );
    });

    // P3: httpd rewrites dates in other forms.
    test('that are dates stay as they are', async () => {
      const sent = [
        'Last-Modified: Sunday, 06-Nov-94 08:49:37 GMT',
        'Expires: 0',
        'Date: yesterday',
        'Server: me',
      ];
      expect(linesOf((await receive(sent)).headers)).toEqual(expect.arrayContaining(sent));
    });

    test('take the place of what the app has set; its cookies and other fields stay', async () => {
      const { headers } = await receive(
        ['X-Both: member', 'Set-Cookie: member=1', 'Cache-Control: no-store'],
        {
          before: (app) =>
            app.use((_req, res, next) => {
              res.set({ 'X-Both': 'app', 'X-App': 'app', 'Cache-Control': 'public' });
              res.cookie('app', '1').cookie('app', '2');
              next();
            }),
        },
      );
      expect(valuesOf(headers, 'x-both')).toEqual(['member']);
      expect(valuesOf(headers, 'cache-control')).toEqual(['no-store']);
      expect(valuesOf(headers, 'x-app')).toEqual(['app']);
      expect(valuesOf(headers, 'x-powered-by')).toEqual(['Express']);
      expect(valuesOf(headers, 'set-cookie')).toEqual(['app=1; Path=/', 'app=2; Path=/', 'member=1']);
    });

    test('may say who the member is powered by', async () => {
      const { headers } = await receive(['X-Powered-By: PHP', 'X-Powered-By: glue']);
      expect(valuesOf(headers, 'x-powered-by')).toEqual(['PHP', 'glue']);
    });
  });
});
