import { expect } from '@jest/globals';
import { once } from 'node:events';
import { RawClient, linesOf } from '../support/raw-client.ts';
import { answer, ask, chunked, type Stage, type Table } from './row.ts';

const post = ask('POST /', 'Transfer-Encoding: chunked');

/** Half an answer: the client’s connection ends, and not as if it were whole. */
async function breakOff(
  { open }: Stage,
  bytes: string,
  request: readonly string[] = ask('GET /'),
): Promise<string> {
  const { client } = await open((socket) => socket.end(bytes));
  return client.send(request).readRest();
}

export const codings: Table = {
  rfc: 9112,
  title: 'chunks and incomplete messages (7, 8)',
  rows: [
    {
      section: '7.1',
      level: 'MUST',
      words: 'chunks of any size and spelling are read, both ways',
      async check({ open }) {
        const chunks = 'A\r\n0123456789\r\n00b\r\nabcdefghijk\r\n1\r\n\n\r\n000\r\n\r\n';
        const body = '0123456789abcdefghijk\n';
        const { client, member } = await open(chunked(chunks));
        expect((await client.ask(post, chunks)).body).toBe(body);
        expect(member.requests[0]!.body).toBe(body);
      },
    },
    {
      section: '7.1',
      level: 'MUST',
      words: 'a chunk whose size is beyond counting is refused: 400, and the answer is cut',
      async check(stage) {
        const { open } = stage;
        const { client, member } = await open(answer());
        const size = `1${'0'.repeat(16)}`;
        client.send(post, `${size}2\r\nok\r\n0\r\n\r\n`);
        expect(await client.readRest()).not.toContain(' 200 ');
        expect(member.requests).toEqual([]);
        expect(await breakOff(stage, chunked(`2\r\nok\r\n${size}2\r\nevil\r\n0\r\n\r\n`))).not.toMatch(
          /evil|\r\n0\r\n/,
        );
      },
    },
    {
      section: '7.1.1',
      level: 'MUST',
      words: 'extensions of chunks are passed over, both ways, and go no further',
      async check({ open }) {
        const chunks = '2;a=b;c="d"\r\nok\r\n0;last\r\n\r\n';
        const { client, member } = await open(chunked(chunks));
        expect((await client.ask(post, chunks)).body).toBe('ok');
        const { body, bytes } = member.requests[0]!;
        expect([body, bytes.includes(';a=b')]).toEqual(['ok', false]);
      },
    },
    {
      section: '7.1.1',
      level: 'MUST',
      words: 'blanks may stand before an extension of an answer’s chunk',
      async check(stage) {
        const { client } = await stage.open(chunked('2 \t;a=b\r\nok\r\n0\r\n\r\n'));
        if (stage.carrier === 'itself') {
          expect((await client.ask(ask('GET /'))).body).toBe('ok');
        } else {
          // Node's client refuses them; whoever does so must not guess.
          expect(await client.send(ask('GET /')).readRest()).not.toMatch(/ok|\r\n0\r\n/);
        }
      },
    },
    {
      section: '7.1.1',
      level: 'MUST',
      words: 'blanks may stand before an extension of a request’s chunk',
      but: 'Node’s parser refuses them, 400 and the end of the connection, so that nobody guesses',
      async check({ open }) {
        const { client, member } = await open(answer());
        client.send(post, '2 ;a=b\r\nok\r\n0\r\n\r\n');
        expect(await client.readRest()).toMatch(/^HTTP\/1\.1 400 /);
        expect(member.requests).toEqual([]);
      },
    },
    {
      section: '7.1.1',
      level: 'MUST',
      words: 'extensions without an end are refused: 413 from Node, and no member sees a whole request',
      async check({ open }) {
        const { client, member } = await open(answer());
        client.send(post, `2;${'a'.repeat(20_000)}\r\nok\r\n0\r\n\r\n`);
        expect(await client.readRest()).toMatch(/^HTTP\/1\.1 4\d\d /);
        expect(member.requests).toEqual([]);
      },
    },
    {
      section: '7.1.2',
      level: 'MAY',
      words: 'trailers of an answer go on behind its content',
      async check({ open }) {
        const { client } = await open(chunked('2\r\nok\r\n0\r\nX-Sum: 1\r\nx-sum: 2\r\n\r\n'));
        expect(linesOf((await client.ask(ask('GET /'))).trailers)).toEqual(['X-Sum: 1', 'x-sum: 2']);
      },
    },
    {
      section: '7.1.2',
      level: 'MAY',
      words: 'trailers of a request go on, or are dropped, as the README says of each sender',
      async check({ open, carrier }) {
        const { client, member } = await open(answer());
        await client.ask(post, '2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n');
        expect(linesOf(member.requests[0]!.trailers)).toEqual(carrier === 'itself' ? [] : ['X-Sum: 1']);
      },
    },
    {
      section: '7.2',
      level: 'MUST NOT',
      words: 'a coding besides chunked in an answer is not passed off as content: 502',
      async check({ open }) {
        for (const coding of ['gzip, chunked', 'gzip', 'chunked, chunked', 'chunked;a=b']) {
          const { client } = await open((socket) =>
            socket.end(`HTTP/1.1 200 OK\r\nTransfer-Encoding: ${coding}\r\n\r\n2\r\nok\r\n0\r\n\r\n`),
          );
          expect([coding, (await client.ask(ask('GET /'))).status]).toEqual([coding, 502]);
        }
      },
    },
    {
      section: '7.4',
      level: 'MUST NOT',
      words: 'no coding is asked for: no TE of ours',
      async check({ open }) {
        const { client, member } = await open(answer());
        await client.ask(ask('GET /'));
        expect(member.requests[0]!.bytes).not.toMatch(/^TE:/im);
      },
    },
    {
      section: '8',
      level: 'MUST',
      words: 'half an answer is not passed off as a whole one: no last chunk, and the end of the connection',
      async check(stage) {
        expect(await breakOff(stage, chunked('2\r\nok\r\n'))).toMatch(/2\r\nok\r\n$/);
        expect(await breakOff(stage, chunked('9\r\nok'))).not.toMatch(/\r\n0\r\n/);
        expect(await breakOff(stage, 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok')).toMatch(
          /Content-Length: 9[^]*ok$/i,
        );
      },
    },
    {
      section: '8',
      level: 'MUST',
      words: 'half an answer that would end with the connection is a reset to a client of HTTP/1.0',
      async check({ open }) {
        const { member, front } = await open((socket) => {
          socket.write(chunked('2\r\nok\r\n'));
        });
        const client = await RawClient.connect(front.port);
        const failed = once(client.socket, 'error') as Promise<[NodeJS.ErrnoException]>;
        client.send(['GET / HTTP/1.0']);
        await client.readHead();
        expect(await client.readBytes(2)).toBe('ok');
        await member.stop();
        expect((await failed)[0].code).toBe('ECONNRESET');
      },
    },
    {
      section: '8',
      level: 'MAY',
      words: 'half a request does not reach a member as a whole one',
      async check({ open }) {
        for (const [length, body] of [
          ['Content-Length: 9', 'half'],
          ['Transfer-Encoding: chunked', '4\r\nhalf\r\n'],
        ] as const) {
          const { client, member } = await open(answer());
          client.send(ask('POST /', length), body);
          client.socket.end();
          await client.readRest();
          expect(member.requests).toEqual([]);
        }
      },
    },
    {
      section: '8',
      level: 'MUST',
      words: 'each way to break off in an answer cuts the client’s connection',
      provenBy: 'test/integration/mid-answer.test.ts › cuts the client’s connection',
    },
    {
      section: '8',
      level: 'MUST',
      words: 'over TLS, an answer that ends with the connection is whole only after an alert (9.8)',
      notOurs:
        'Node tells the end of a TLS connection alike, with an alert or without; only members of https that tell no length are concerned.',
    },
  ],
};
