import { expect } from '@jest/globals';
import { valuesOf } from '../../src/rewrite/headers.ts';
import { hear502, refuse } from './refuse.ts';
import { answer, ask, type Table } from './row.ts';

export const messages: Table = {
  rfc: 9112,
  title: 'messages and request lines (2, 3)',
  rows: [
    {
      section: '2.2',
      level: 'MUST',
      words: 'bytes beyond ASCII are bytes, both ways',
      async check({ open }) {
        const { client, member } = await open((socket) =>
          socket.write(answer('\xe9\xff', 'X-A: \xe9'), 'latin1'),
        );
        const { headers, body } = await client.ask(ask('GET /', 'X-A: \xfc'));
        expect([valuesOf(headers, 'x-a'), body]).toEqual([['\xe9'], '\xe9\xff']);
        expect(valuesOf(member.requests[0]!.headers, 'x-a')).toEqual(['\xfc']);
      },
    },
    {
      section: '2.2',
      level: 'MUST',
      words: 'a bare CR in a head makes it invalid: 400',
      async check(stage) {
        for (const at of [
          'GET / HTTP/1.1\rHost: a\r\n\r\n',
          'GET / HTTP/1.1\r\nHost: a\r\nX: 1\rY: 2\r\n\r\n',
        ]) {
          await refuse(stage, at);
        }
      },
    },
    {
      section: '2.2',
      level: 'MUST',
      words: 'a bare CR in an answer makes it invalid: 502',
      async check(stage) {
        await hear502(stage, 'HTTP/1.1 200 OK\r\nX: 1\rY: 2\r\nContent-Length: 0\r\n\r\n');
        await hear502(stage, 'HTTP/1.1 200 O\rK\r\nContent-Length: 0\r\n\r\n');
      },
    },
    {
      section: '2.2',
      level: 'SHOULD',
      words: 'empty lines before a request are passed over',
      async check({ open }) {
        const { client, member } = await open(answer());
        client.write('\r\n\r\n');
        expect((await client.ask(ask('GET /'))).status).toBe(200);
        expect(member.requests[0]!.bytes).toMatch(/^GET \/ HTTP\/1\.1\r\n/);
      },
    },
    {
      section: '2.2',
      level: 'MUST',
      words: 'blanks between the first line and the first field make a request invalid: 400',
      check: (stage) => refuse(stage, 'GET / HTTP/1.1\r\n X: 1\r\nHost: a\r\n\r\n'),
    },
    {
      section: '2.2',
      level: 'MUST',
      words: 'blanks between the first line and the first field make an answer invalid: 502',
      check: (stage) => hear502(stage, 'HTTP/1.1 200 OK\r\n X: 1\r\nContent-Length: 0\r\n\r\n'),
    },
    {
      section: '2.2',
      level: 'SHOULD',
      words: 'what is no request is 400, and the end of the connection',
      check: (stage) => refuse(stage, 'EHLO member.example\r\n\r\n'),
    },
    {
      section: '2.3',
      level: 'MUST',
      words: 'our own version goes on, whatever the client’s and the member’s are',
      async check({ open }) {
        const { client, member } = await open((socket) => socket.end(answer().replace('1.1', '1.0')));
        expect((await client.ask(['GET / HTTP/1.0'])).version).toBe('1.1');
        expect(member.requests[0]!.start).toBe('GET / HTTP/1.1');
      },
    },
    {
      section: '2.3',
      level: 'SHOULD',
      words: 'a higher minor version is taken for the highest that is known',
      but: 'Node’s parser refuses it, 400 from a client; and 502 from a member, by ours as well, so that both senders read the same',
      async check(stage) {
        await refuse(stage, 'GET / HTTP/1.2\r\nHost: a\r\n\r\n');
        await hear502(stage, answer().replace('1.1', '1.2'));
      },
    },
    {
      section: '3',
      level: 'MAY',
      words: 'a target may be 8000 bytes long',
      async check({ open }) {
        const { client, member } = await open(answer());
        const path = `/${'a'.repeat(8_000)}`;
        expect((await client.ask(ask(`GET ${path}`))).status).toBe(200);
        expect(member.requests[0]!.start).toBe(`GET ${path} HTTP/1.1`);
      },
    },
    {
      section: '3.2',
      level: 'SHOULD NOT',
      words: 'a target with a blank or a control character in it is refused, not mended',
      async check(stage) {
        for (const target of ['/a b', '/a\tb', '/a\x01']) {
          await refuse(stage, `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
        }
      },
    },
    {
      section: '3.2',
      level: 'MUST',
      words: 'no Host is 400',
      check: (stage) => refuse(stage, 'GET / HTTP/1.1\r\nX-A: 1\r\n\r\n'),
    },
    {
      section: '3.2',
      level: 'MUST',
      words: 'more than one Host, and one that is none, is 400',
      async check({ open }) {
        const { client, member } = await open(answer());
        for (const hosts of [
          ['Host: a', 'Host: a'],
          ['Host: a', 'Host: b'],
          ['Host: a b'],
          ['Host: a/b'],
          ['Host: a@b'],
        ]) {
          expect([hosts, (await client.ask(['GET / HTTP/1.1', ...hosts])).status]).toEqual([hosts, 400]);
        }
        expect(member.requests).toEqual([]);
      },
    },
    {
      section: '3.2',
      level: 'MAY',
      words: 'an empty Host is one',
      async check({ open }) {
        const { client, member } = await open(answer(), { proxypreservehost: true });
        expect((await client.ask(['GET / HTTP/1.1', 'Host:'])).status).toBe(200);
        expect(valuesOf(member.requests[0]!.headers, 'host')).toEqual([`127.0.0.1:${member.port}`]);
      },
    },
    {
      section: '3.2.1',
      level: 'MUST',
      words: 'a member is asked in origin-form, and an empty path is /',
      async check({ open }) {
        const { client, member } = await open(answer());
        for (const target of ['http://a', 'http://a?b', 'HTTP://a/c?d'])
          await client.ask(ask(`GET ${target}`));
        expect(member.requests.map(({ start }) => start.split(' ')[1])).toEqual(['/', '/?b', '/c?d']);
      },
    },
    {
      section: '3.2.2',
      level: 'MUST',
      words: 'absolute-form is taken, and what it names counts instead of Host',
      async check({ open }) {
        const { client, member } = await open(answer(), { proxypreservehost: true });
        await client.ask(ask('GET http://named.example:81/a'));
        const { start, headers } = member.requests[0]!;
        expect(start).toBe('GET /a HTTP/1.1');
        expect(valuesOf(headers, 'host')).toEqual(['named.example:81']);
        expect(valuesOf(headers, 'x-forwarded-host')).toEqual(['named.example:81']);
      },
    },
    {
      section: '3.2.3',
      level: 'MUST NOT',
      words: 'authority-form is for CONNECT: 400 with any other method',
      check: (stage) => refuse(stage, 'GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n'),
    },
    {
      section: '3.2.4',
      level: 'MUST NOT',
      words: 'OPTIONS * is about this server, and no member is asked',
      async check({ open }) {
        const { client, member } = await open(answer());
        expect((await client.ask(ask('OPTIONS *'))).status).toBe(404);
        expect(member.requests).toEqual([]);
      },
    },
    {
      section: '3.2.4',
      level: 'MUST',
      words: 'OPTIONS of a host without a path and a query is OPTIONS *',
      async check({ open }) {
        const { client, member } = await open(answer());
        expect((await client.ask(ask('OPTIONS http://a'))).status).toBe(404);
        expect(member.requests).toEqual([]);
        for (const target of ['http://a/', 'http://a?b']) await client.ask(ask(`OPTIONS ${target}`));
        expect(member.requests.map(({ start }) => start.split(' ')[1])).toEqual(['/', '/?b']);
      },
    },
  ],
};
