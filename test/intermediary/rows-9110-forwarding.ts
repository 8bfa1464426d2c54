import { expect } from '@jest/globals';
import { hasField, valuesOf } from '../../src/rewrite/headers.ts';
import { linesOf } from '../support/raw-client.ts';
import { answer, ask, respond, type Table } from './row.ts';

export const forwarding: Table = {
  rfc: 9110,
  title: 'forwarding (7.6.2 Max-Forwards, 7.6.3 Via, 7.7 transformations)',
  rows: [
    {
      section: '7.6.2',
      level: 'MUST',
      words: 'Max-Forwards of OPTIONS and TRACE goes on with one hop less',
      async check({ open }) {
        const { client, member } = await open(answer());
        for (const method of ['OPTIONS', 'TRACE']) await client.ask(ask(`${method} /`, 'Max-Forwards: 7'));
        expect(member.requests.map(({ headers }) => valuesOf(headers, 'max-forwards'))).toEqual([
          ['6'],
          ['6'],
        ]);
      },
    },
    {
      section: '7.6.2',
      level: 'MUST NOT',
      words: 'with Max-Forwards of 0 nothing is forwarded, and we answer',
      async check({ open }) {
        const { client, member } = await open(answer());
        for (const method of ['OPTIONS', 'TRACE']) {
          const { status } = await client.ask(ask(`${method} /`, 'Max-Forwards: 0'));
          expect([200, 204]).toContain(status);
        }
        expect(member.requests).toEqual([]);
      },
    },
    {
      section: '7.6.2',
      level: 'MUST',
      words: 'a Max-Forwards beyond what we count goes on as the most that we do',
      async check({ open }) {
        const { client, member } = await open(answer());
        await client.ask(ask('TRACE /', `Max-Forwards: ${'9'.repeat(40)}`));
        expect(valuesOf(member.requests[0]!.headers, 'max-forwards')).toEqual([String(2 ** 31 - 2)]);
      },
    },
    {
      section: '7.6.2',
      level: 'MAY',
      words: 'Max-Forwards of other methods is left as it is',
      provenBy: 'test/integration/hops.test.ts › of %s %s reaches the member as %s',
    },
    {
      section: '9.3.7',
      level: 'MUST NOT',
      words: 'no Max-Forwards is made where none came',
      async check({ open }) {
        const { client, member } = await open(answer());
        await client.ask(ask('OPTIONS /'));
        expect(hasField(member.requests[0]!.headers, 'max-forwards')).toBe(false);
      },
    },
    {
      section: '7.6.3',
      level: 'MUST',
      words: 'with proxyvia, a request gets our Via behind those that came, with the version that it came in',
      async check({ open }) {
        const { client, member } = await open(answer(), { proxyvia: 'On' });
        await client.ask(['GET / HTTP/1.0', 'Via: 1.1 up']);
        expect(valuesOf(member.requests[0]!.headers, 'via')).toEqual([
          '1.1 up',
          expect.stringMatching(/^1\.0 \S+$/),
        ]);
      },
    },
    {
      section: '7.6.3',
      level: 'MUST',
      words: 'without proxyvia, a request gets a Via of ours all the same',
      but: 'ProxyVia is Off by default, as in httpd, and then there is none; proxyvia: "On" does what is asked for',
      async check({ open }) {
        const { client, member } = await open(answer());
        await client.ask(ask('GET /', 'Via: 1.1 up'));
        expect(valuesOf(member.requests[0]!.headers, 'via')).toEqual(['1.1 up']);
      },
    },
    {
      section: '7.6.3',
      level: 'MAY',
      words: 'an answer gets our Via, with the version that the member spoke',
      async check({ open }) {
        const { client } = await open(
          (socket, { start }) => {
            const version = start.includes('/old') ? '1.0' : '1.1';
            socket.end(answer().replace('1.1', version));
          },
          { proxyvia: 'On' },
        );
        const old = await client.ask(ask('GET /old'));
        expect(valuesOf(old.headers, 'via')).toEqual([expect.stringMatching(/^1\.0 \S+$/)]);
        const current = await client.ask(ask('GET /new'));
        expect(valuesOf(current.headers, 'via')).toEqual([expect.stringMatching(/^1\.1 \S+$/)]);
      },
    },
    {
      section: '7.6.3',
      level: 'MUST NOT',
      words: 'entries of Via are not combined, whatever versions they tell of',
      async check({ open }) {
        const { client, member } = await open(answer('ok', 'Via: 1.0 a, 1.1 b', 'Via: 1.1 c'), {
          proxyvia: 'On',
        });
        const { headers } = await client.ask(ask('GET /', 'Via: 1.0 a, 1.1 b', 'Via: 1.1 c (d)'));
        expect(valuesOf(headers, 'via').slice(0, 2)).toEqual(['1.0 a, 1.1 b', '1.1 c']);
        expect(valuesOf(member.requests[0]!.headers, 'via').join(', ')).toMatch(
          /^1\.0 a, 1\.1 b, 1\.1 c \(d\), 1\.1 /,
        );
      },
    },
    {
      section: '7.6.3',
      level: 'SHOULD NOT',
      words: 'names and ports of members do not go out in Via',
      async check({ open }) {
        const { client, member } = await open(answer(), { proxyvia: 'Full' });
        const { headers } = await client.ask(ask('GET /'));
        expect(valuesOf(headers, 'via')).toHaveLength(1);
        expect(valuesOf(headers, 'via').join()).not.toContain(String(member.port));
      },
    },
    {
      section: '7.7',
      level: 'MUST NOT',
      words: 'path and query go on byte by byte, but for the path of the mount and of the member',
      async check({ open }) {
        const { client, member } = await open(answer());
        const target = '/a//b/%7e%2F;p=1/?q=%20+&&=?/../x';
        await client.ask(ask(`GET ${target}`));
        expect(member.requests[0]!.start).toBe(`GET ${target} HTTP/1.1`);
      },
    },
    {
      section: '7.7',
      level: 'MUST NOT',
      words: 'the content of an answer is left untouched, with no-transform and without',
      async check({ open }) {
        const body = 'GIF89a\0\x01\xff\r\n\r\n<a href="http://127.0.0.1/">';
        const fields = [
          'Content-Type: image/gif',
          'Content-Encoding: x-odd',
          'ETag: "a"',
          'Accept-Ranges: bytes',
        ];
        const { client } = await open((socket, { start }) => {
          const kept = start.includes('/kept') ? ['Cache-Control: no-transform'] : [];
          socket.write(respond('200 OK', body, ...fields, ...kept), 'latin1');
        });
        for (const path of ['/kept', '/other']) {
          const { body: got, headers } = await client.ask(ask(`GET ${path}`));
          expect(got).toBe(body);
          expect(linesOf(headers)).toEqual(expect.arrayContaining(fields));
        }
      },
    },
    {
      section: '7.7',
      level: 'MUST NOT',
      words: 'the content of a request is left untouched, and no other coding is asked for',
      async check({ open }) {
        const body = '\x1f\x8b\0\xff\r\n\r\n';
        const { client, member } = await open(answer());
        await client.ask(ask('POST /', 'Content-Encoding: gzip', `Content-Length: ${body.length}`), body);
        const { headers, body: got } = member.requests[0]!;
        expect(got).toBe(body);
        expect(valuesOf(headers, 'content-encoding')).toEqual(['gzip']);
        expect([hasField(headers, 'accept-encoding'), hasField(headers, 'accept')]).toEqual([false, false]);
      },
    },
    {
      section: '7.7',
      level: 'SHOULD NOT',
      words: 'fields about the resource and what represents it go on as they came',
      async check({ open }) {
        const fields = [
          'Content-Language: de',
          'Content-Range: bytes 0-1/9',
          'ETag: W/"a"',
          'Last-Modified: Thu, 01 Jan 1970 00:00:00 GMT',
          'Server: member/1',
          'Vary: *',
          'Cache-Control: max-age=1',
          'Date: Thu, 01 Jan 1970 00:00:01 GMT',
        ];
        const { client } = await open(respond('206 Partial Content', 'ok', ...fields));
        expect(linesOf((await client.ask(ask('GET /'))).headers)).toEqual(expect.arrayContaining(fields));
      },
    },
    {
      section: '7.7',
      level: 'SHOULD NOT',
      words: 'Location, Content-Location, Link, Refresh and Set-Cookie go on as they came',
      notOurs:
        'A gateway speaks for its members: what they call themselves nobody outside can reach. That is ProxyPassReverse; proxypassreverse: false leaves them.',
    },
  ],
};
