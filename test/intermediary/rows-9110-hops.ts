import { expect } from '@jest/globals';
import { hasField, valuesOf } from '../../src/rewrite/headers.ts';
import { linesOf } from '../support/raw-client.ts';
import { answer, ask, chunked, respond, type Table } from './row.ts';

const nominating = ['Connection: X-Hop, x-other', 'X-Hop: 1', 'X-Other: 2', 'X-End: 3'];

export const hops: Table = {
  rfc: 9110,
  title: 'what ends at a hop (7.6, 7.6.1)',
  rows: [
    {
      section: '7.6.1',
      level: 'MUST',
      words: 'fields of a request that its Connection names end here',
      async check({ open }) {
        const { client, member } = await open(answer());
        await client.ask(ask('GET /', ...nominating));
        const { headers } = member.requests[0]!;
        expect(['x-hop', 'x-other', 'x-end'].map((name) => hasField(headers, name))).toEqual([
          false,
          false,
          true,
        ]);
      },
    },
    {
      section: '7.6.1',
      level: 'MUST',
      words: 'fields of an answer that its Connection names end here',
      async check({ open }) {
        const { client } = await open(answer('ok', ...nominating));
        const { headers } = await client.ask(ask('GET /'));
        expect(['x-hop', 'x-other', 'x-end'].map((name) => hasField(headers, name))).toEqual([
          false,
          false,
          true,
        ]);
      },
    },
    {
      section: '7.6.1',
      level: 'MUST',
      words: 'several lines of Connection are read as one',
      async check({ open }) {
        const { client, member } = await open(
          answer('ok', 'Connection: X-A', 'X-A: 1', 'Connection: X-B', 'X-B: 1'),
        );
        const { headers } = await client.ask(
          ask('GET /', 'X-A: 1', 'Connection: X-A', 'X-B: 1', 'connection: ,keep-alive,\tX-B ,'),
        );
        for (const each of [headers, member.requests[0]!.headers]) {
          expect([hasField(each, 'x-a'), hasField(each, 'x-b')]).toEqual([false, false]);
        }
      },
    },
    {
      section: '7.6.1',
      level: 'MUST',
      words: 'trailers of an answer that its Connection names end here',
      async check({ open }) {
        const { client } = await open(
          chunked('2\r\nok\r\n0\r\nX-Hop: 1\r\nX-End: 2\r\n\r\n', 'Connection: X-Hop'),
        );
        const { trailers, body } = await client.ask(ask('GET /'));
        expect(body).toBe('ok');
        expect(linesOf(trailers)).toEqual(['X-End: 2']);
      },
    },
    {
      section: '7.6.1',
      level: 'MUST',
      words: 'trailers of a request that its Connection names end here',
      async check({ open, carrier }) {
        const { client, member } = await open(answer());
        const post = ask('POST /', 'Connection: X-Hop', 'Transfer-Encoding: chunked');
        await client.ask(post, '2\r\nok\r\n0\r\nX-Hop: 1\r\nX-End: 2\r\n\r\n');
        const { body, trailers } = member.requests[0]!;
        expect(body).toBe('ok');
        expect(linesOf(trailers)).toEqual(carrier === 'itself' ? [] : ['X-End: 2']);
      },
    },
    {
      section: '7.6.1',
      level: 'MUST',
      words: 'Connection itself is replaced by one of our own, to the member',
      async check({ open }) {
        const { client, member } = await open(answer());
        await client.ask(ask('GET /', 'Connection: X-Hop'));
        expect(valuesOf(member.requests[0]!.headers, 'connection')).toEqual(['keep-alive']);
      },
    },
    {
      section: '7.6.1',
      level: 'MUST',
      words: 'Connection itself is replaced by one of our own, to the client',
      async check({ open }) {
        const { client } = await open(answer('ok', 'Connection: close, X-Hop', 'X-Hop: 1'));
        const { headers } = await client.ask(ask('GET /'));
        expect(valuesOf(headers, 'connection')).toEqual(['keep-alive']);
        expect((await client.ask(ask('GET /'))).status).toBe(200);
      },
    },
    ...(
      [
        ['Proxy-Connection', 'keep-alive'],
        ['Keep-Alive', 'timeout=99'],
        ['TE', 'trailers'],
        ['Upgrade', 'other/1'],
      ] as const
    ).map(([name, value]) => ({
      section: '7.6.1',
      level: 'SHOULD' as const,
      words: `${name} ends here in a request, though Connection does not name it`,
      async check({ open }: Parameters<Extract<Table['rows'][number], { check: unknown }>['check']>[0]) {
        const { client, member } = await open(answer());
        await client.ask(ask('GET /', `${name}: ${value}`, 'X-End: 1'));
        const { headers } = member.requests[0]!;
        expect([hasField(headers, name.toLowerCase()), hasField(headers, 'x-end')]).toEqual([false, true]);
      },
    })),
    {
      section: '7.6.1',
      level: 'SHOULD',
      words:
        'Proxy-Connection, Keep-Alive and TE of an answer end here, though Connection does not name them',
      async check({ open }) {
        const fields = ['Proxy-Connection: keep-alive', 'Keep-Alive: timeout=99', 'TE: trailers', 'X-End: 1'];
        const { client } = await open(answer('ok', ...fields));
        const { headers } = await client.ask(ask('GET /'));
        expect([hasField(headers, 'proxy-connection'), hasField(headers, 'te')]).toEqual([false, false]);
        expect(valuesOf(headers, 'keep-alive')).not.toContain('timeout=99');
        expect(valuesOf(headers, 'x-end')).toEqual(['1']);
      },
    },
    {
      section: '7.6.1',
      level: 'MUST NOT',
      words: 'what Connection names cannot take away what is ours: Host, the length, X-Forwarded-For',
      async check({ open }) {
        const { client, member } = await open(answer());
        const names = 'Connection: Host, Content-Length, X-Forwarded-For, Content-Type';
        await client.ask(ask('POST /', names, 'Content-Length: 2'), 'ok');
        const { headers, body } = member.requests[0]!;
        expect(body).toBe('ok');
        expect(
          ['host', 'content-length', 'x-forwarded-for'].map((name) => valuesOf(headers, name).length),
        ).toEqual([1, 1, 1]);
      },
    },
    {
      section: '7.6.1',
      level: 'MUST NOT',
      words: 'no option of ours stands for a field that is meant for everybody',
      async check({ open }) {
        const { client, member } = await open(answer());
        await client.ask(ask('POST /', 'Cache-Control: no-cache', 'Content-Length: 2'), 'ok');
        expect(valuesOf(member.requests[0]!.headers, 'connection')).toEqual(['keep-alive']);
      },
    },
    {
      section: '7.6.1',
      level: 'MUST',
      words: 'in interim answers, too, what Connection names ends here',
      provenBy: 'test/integration/interim-and-trailers.test.ts › 103 leaves its hop-by-hop fields behind',
    },
    {
      section: '7.6',
      level: 'MUST NOT',
      words: 'a request that comes back is not sent round again, where Via says that it was here',
      provenBy:
        'test/integration/hops.test.ts › two fronts that are each other’s members end the loop with 508',
    },
    {
      section: '7.6',
      level: 'MUST NOT',
      words: 'a request that comes back is not sent round again, where no Via says so',
      notOurs:
        'Without proxyvia nothing tells, as with httpd: a balancer that may become its own member needs it. Two in a row on one machine are no loop.',
    },
    {
      section: '7.6',
      level: 'MUST',
      words: 'what is meant for everybody goes on, both ways, whether anybody knows it or not',
      async check({ open }) {
        const { client, member } = await open(
          respond('299 Strange', 'ok', 'X-Unknown: a', 'Age: 7', 'x-unknown: b'),
        );
        const { status, reason, headers } = await client.ask(ask('GET /', 'X-Unknown: 1', 'x-unknown: 2'));
        expect([status, reason]).toEqual([299, 'Strange']);
        expect(valuesOf(headers, 'x-unknown')).toEqual(['a', 'b']);
        expect(valuesOf(headers, 'age')).toEqual(['7']);
        expect(valuesOf(member.requests[0]!.headers, 'x-unknown')).toEqual(['1', '2']);
      },
    },
  ],
};
