import { expect } from '@jest/globals';
import { hasField, valuesOf } from '../../src/rewrite/headers.ts';
import { linesOf } from '../support/raw-client.ts';
import { answer, ask, chunked, respond, type Table } from './row.ts';

const trailing = '2\r\nok\r\n0\r\nX-Sum: 1\r\nContent-Type: a/b\r\nSet-Cookie: a=1\r\n\r\n';

export const fields: Table = {
  rfc: 9110,
  title: 'fields and content (5.3 order, 6.5 trailers, 6.6.1 Date, 7.2 Host, 8.6 Content-Length)',
  rows: [
    {
      section: '5.3',
      level: 'MUST NOT',
      words: 'lines of one name keep their order, both ways',
      async check({ open }) {
        const lines = ['X-A: 1', 'Accept: a/b', 'X-A: 2', 'X-B: 1', 'x-a: 3'];
        const { client, member } = await open(answer('ok', ...lines));
        const { headers } = await client.ask(ask('GET /', ...lines));
        expect(valuesOf(headers, 'x-a')).toEqual(['1', '2', '3']);
        expect(valuesOf(member.requests[0]!.headers, 'x-a')).toEqual(['1', '2', '3']);
      },
    },
    {
      section: '5.5',
      level: 'SHOULD',
      words: 'bytes beyond ASCII in values go on as they came',
      provenBy: 'test/integration/headers.test.ts › keep bytes beyond ASCII',
    },
    {
      section: '6.5.1',
      level: 'MUST NOT',
      words: 'trailers of an answer are not merged into its head, and those that may be none are dropped',
      async check({ open }) {
        const { client } = await open(chunked(trailing));
        const { headers, trailers } = await client.ask(ask('GET /'));
        expect(['x-sum', 'content-type', 'set-cookie'].filter((name) => hasField(headers, name))).toEqual([]);
        expect(linesOf(trailers)).toEqual(['X-Sum: 1']);
      },
    },
    {
      section: '6.5.1',
      level: 'MUST NOT',
      words: 'trailers of a request are not merged into its head',
      async check({ open }) {
        const { client, member } = await open(answer());
        await client.ask(ask('POST /', 'Transfer-Encoding: chunked'), trailing);
        const { headers, body } = member.requests[0]!;
        expect(body).toBe('ok');
        expect(['x-sum', 'content-type', 'set-cookie'].filter((name) => hasField(headers, name))).toEqual([]);
      },
    },
    {
      section: '6.6.1',
      level: 'MUST',
      words: 'an answer without Date gets one',
      async check({ open }) {
        const { client } = await open(answer());
        const { headers } = await client.ask(ask('GET /'));
        expect(valuesOf(headers, 'date')).toEqual([
          expect.stringMatching(/^\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT$/),
        ]);
      },
    },
    {
      section: '6.6.1',
      level: 'MUST',
      words: 'an answer’s own Date goes on, however wrong',
      async check({ open }) {
        const { client } = await open(answer('ok', 'Date: tomorrow'));
        expect(valuesOf((await client.ask(ask('GET /'))).headers, 'date')).toEqual(['tomorrow']);
      },
    },
    {
      section: '6.6.2',
      level: 'SHOULD',
      words: 'Trailer announces the trailers of an answer where they may follow',
      provenBy: 'test/integration/interim-and-trailers.test.ts › reach the client, %s',
    },
    {
      section: '6.6.2',
      level: 'SHOULD',
      words: 'Trailer announces the trailers of a request',
      but: 'it does not: one of the two senders drops trailers, as 6.5.1 allows, and what announces them would mislead',
      async check({ open, carrier }) {
        const { client, member } = await open(answer());
        await client.ask(
          ask('POST /', 'Trailer: X-Sum', 'Transfer-Encoding: chunked'),
          '0\r\nX-Sum: 1\r\n\r\n',
        );
        const { headers, trailers } = member.requests[0]!;
        expect(hasField(headers, 'trailer')).toBe(false);
        if (carrier === 'itself') expect(trailers).toEqual([]);
      },
    },
    {
      section: '7.2',
      level: 'MUST',
      words: 'a request has one Host, and it stands first',
      async check({ open }) {
        const { client, member } = await open(answer());
        await client.ask(['GET / HTTP/1.1', 'X-A: 1', 'Host: front.example']);
        const { headers } = member.requests[0]!;
        expect(headers.slice(0, 2)).toEqual(['Host', `127.0.0.1:${member.port}`]);
        expect(valuesOf(headers, 'host')).toHaveLength(1);
      },
    },
    {
      section: '7.2',
      level: 'MUST',
      words: 'a request of HTTP/1.0 without Host gets one',
      async check({ open }) {
        for (const proxypreservehost of [false, true]) {
          const { client, member } = await open(answer(), { proxypreservehost });
          await client.ask(['GET / HTTP/1.0']);
          expect(valuesOf(member.requests[0]!.headers, 'host')).toEqual([`127.0.0.1:${member.port}`]);
        }
      },
    },
    {
      section: '8.6',
      level: 'MUST NOT',
      words: 'Content-Length of 204 and of interim answers does not go on',
      async check({ open }) {
        const interim = 'HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\nContent-Length: 0\r\n\r\n';
        const { client } = await open(`${interim}HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n`);
        const { interims, status, headers } = await client.ask(ask('GET /'));
        expect([interims.length, status]).toEqual([1, 204]);
        for (const each of [interims[0]!.headers, headers])
          expect(hasField(each, 'content-length')).toBe(false);
      },
    },
    {
      section: '8.6',
      level: 'MAY',
      words: 'Content-Length of an answer to HEAD goes on, whatever it says',
      async check({ open }) {
        const { client } = await open('HTTP/1.1 200 OK\r\nContent-Length: 123456789012\r\n\r\n');
        const { headers, body } = await client.ask(ask('HEAD /'));
        expect([valuesOf(headers, 'content-length'), body]).toEqual([['123456789012'], '']);
      },
    },
    {
      section: '8.6',
      level: 'MUST',
      words: 'a length that cannot be counted exactly is refused: 502',
      async check({ open }) {
        const { client } = await open(`HTTP/1.1 200 OK\r\nContent-Length: ${'9'.repeat(30)}\r\n\r\nok`);
        expect((await client.ask(ask('GET /'))).status).toBe(502);
      },
    },
    {
      section: '8.6',
      level: 'MUST NOT',
      words: 'a Content-Length of an answer that is no number, or a list, does not go on: 502',
      async check({ open }) {
        for (const length of ['2x', '+2', '0x2', '', '2, 2', '2,3']) {
          const { client } = await open(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\nok`);
          expect([length, (await client.ask(ask('GET /'))).status]).toEqual([length, 502]);
        }
      },
    },
    {
      section: '8.6',
      level: 'SHOULD',
      words: 'an empty body by a method that means it to have one is said to be empty',
      async check({ open }) {
        const { client, member } = await open(answer());
        for (const method of ['POST', 'PUT', 'PATCH']) await client.ask(ask(`${method} /`));
        expect(member.requests.map(({ headers }) => valuesOf(headers, 'content-length'))).toEqual([
          ['0'],
          ['0'],
          ['0'],
        ]);
      },
    },
    {
      section: '8.6',
      level: 'SHOULD NOT',
      words: 'a request without content, by a method that means none, has no Content-Length',
      async check({ open }) {
        const { client, member } = await open(answer());
        for (const method of ['GET', 'HEAD', 'DELETE', 'OPTIONS']) {
          const fresh = method === 'HEAD' ? (await open('HTTP/1.1 200 OK\r\n\r\n')).client : client;
          await fresh.ask(ask(`${method} /`));
        }
        for (const { headers } of member.requests) expect(hasField(headers, 'content-length')).toBe(false);
        expect(member.requests).toHaveLength(3);
      },
    },
    {
      section: '8.6',
      level: 'SHOULD',
      words: 'a length that is known goes on both ways',
      async check({ open }) {
        const { client, member } = await open(respond('200 OK', '12345'));
        const { headers, chunked: isChunked } = await client.ask(ask('POST /', 'Content-Length: 3'), 'abc');
        expect([valuesOf(headers, 'content-length'), isChunked]).toEqual([['5'], false]);
        expect(valuesOf(member.requests[0]!.headers, 'content-length')).toEqual(['3']);
      },
    },
  ],
};
