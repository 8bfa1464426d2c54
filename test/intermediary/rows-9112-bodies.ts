import { expect } from '@jest/globals';
import { hasField, valuesOf } from '../../src/rewrite/headers.ts';
import { answer, ask, chunked, type Stage, type Table } from './row.ts';

const chunks = '2\r\nok\r\n0\r\n\r\n';

/** Refused by whoever finds it first, and nothing more is read from the connection. */
async function endWith400({ open }: Stage, lines: readonly string[], body: string): Promise<void> {
  const { client, member } = await open(answer());
  const { status, headers } = await client.ask(lines, body);
  expect([lines, status, valuesOf(headers, 'connection')]).toEqual([lines, 400, ['close']]);
  await client.readRest();
  expect(member.requests).toEqual([]);
}

/** The member’s connection ends with its answer, which is thrown away. */
async function endWith502({ open }: Stage, bytes: string): Promise<void> {
  const { client, member } = await open((socket, { start }) => {
    socket.write(start.includes('/bad') ? bytes : answer());
  });
  expect([bytes, (await client.ask(ask('POST /bad', 'Content-Length: 0'))).status]).toEqual([bytes, 502]);
  expect(await client.ask(ask('POST /good', 'Content-Length: 0'))).toMatchObject({ status: 200, body: 'ok' });
  expect(member.requests.map(({ connection }) => connection)).toEqual([0, 1]);
}

export const bodies: Table = {
  rfc: 9112,
  title: 'bodies (6)',
  rows: [
    {
      section: '6.1',
      level: 'MUST NOT',
      words: 'an answer to HTTP/1.0 is not chunked, whatever the member’s is',
      async check({ open }) {
        const { client } = await open(chunked(chunks));
        const got = await client.ask(['GET / HTTP/1.0', 'Connection: keep-alive']);
        expect(got).toMatchObject({ status: 200, body: 'ok', chunked: false });
        expect(hasField(got.headers, 'transfer-encoding')).toBe(false);
      },
    },
    {
      section: '6.1',
      level: 'MUST NOT',
      words: 'what is chunked is chunked once, both ways',
      async check({ open }) {
        const { client, member } = await open(chunked(chunks));
        const got = await client.ask(ask('POST /', 'Transfer-Encoding: Chunked'), chunks);
        expect(got.body).toBe('ok');
        expect(valuesOf(got.headers, 'transfer-encoding')).toEqual(['chunked']);
        expect(valuesOf(member.requests[0]!.headers, 'transfer-encoding')).toEqual(['chunked']);
        expect(member.requests[0]!.body).toBe('ok');
      },
    },
    {
      section: '6.1',
      level: 'MUST NOT',
      words: 'no Transfer-Encoding goes out with 1xx and 204',
      async check({ open }) {
        const interim =
          'HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\nTransfer-Encoding: chunked\r\n\r\n';
        const { client } = await open(
          `${interim}HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n`,
        );
        const { status, headers, interims } = await client.ask(ask('GET /'));
        expect([status, interims.map((each) => each.status)]).toEqual([204, [103]]);
        for (const each of [headers, interims[0]!.headers])
          expect(hasField(each, 'transfer-encoding')).toBe(false);
      },
    },
    {
      section: '6.1',
      level: 'MUST',
      words: 'Transfer-Encoding in a request of HTTP/1.0 is faulty: 400, and the end of the connection',
      check: (stage) =>
        endWith400(
          stage,
          ['POST / HTTP/1.0', 'Connection: keep-alive', 'Transfer-Encoding: chunked'],
          chunks,
        ),
    },
    {
      section: '6.1',
      level: 'MUST',
      words: 'Transfer-Encoding in an answer of HTTP/1.0 is faulty: 502, and the end of the connection',
      check: (stage) => endWith502(stage, chunked(chunks, 'Connection: keep-alive').replace('1.1', '1.0')),
    },
    {
      section: '6.1',
      level: 'MUST',
      words: 'a length beside a coding in a request is refused, and ends the connection',
      async check(stage) {
        const both = ['Content-Length: 2', 'Transfer-Encoding: chunked'];
        await endWith400(stage, ask('POST /', ...both), chunks);
        await endWith400(stage, ask('POST /', ...both.toReversed()), chunks);
      },
    },
    {
      section: '6.1',
      level: 'MUST NOT',
      words: 'no chunks go to a member that may not know them',
      but: 'whoever makes a server a member says that it speaks HTTP/1.1, which is the configuration that 6.1 leaves it to',
      async check({ open }) {
        const { client, member } = await open((socket) => socket.end(answer().replace('1.1', '1.0')));
        for (let i = 0; i < 2; i += 1) await client.ask(ask('POST /', 'Transfer-Encoding: chunked'), chunks);
        expect(member.requests.map(({ headers }) => valuesOf(headers, 'transfer-encoding'))).toEqual([
          ['chunked'],
          ['chunked'],
        ]);
      },
    },
    {
      section: '6.2',
      level: 'MUST NOT',
      words: 'no message of ours has both a length and a coding',
      async check({ open }) {
        const { client, member } = await open(chunked(chunks));
        const { headers } = await client.ask(ask('POST /', 'Transfer-Encoding: chunked'), chunks);
        for (const each of [headers, member.requests[0]!.headers]) {
          expect([hasField(each, 'content-length'), hasField(each, 'transfer-encoding')]).toEqual([
            false,
            true,
          ]);
        }
      },
    },
    {
      section: '6.3',
      level: 'MUST',
      words: 'an answer to HEAD, 204 and 304 ends with its head, whatever lengths and codings it has',
      async check({ open }) {
        const { client } = await open((socket, { start }) => {
          const framing = start.includes('/c') ? 'Transfer-Encoding: chunked' : 'Content-Length: 9';
          const status = /304|204|200/.exec(start)![0];
          socket.write(`HTTP/1.1 ${status} X\r\n${framing}\r\n\r\n`);
        });
        for (const path of ['/l204', '/c204', '/l304', '/c304']) {
          expect(await client.ask(ask(`GET ${path}`))).toMatchObject({
            status: Number(path.slice(2)),
            body: '',
          });
        }
        for (const path of ['/l200', '/c200']) {
          expect(await client.ask(ask(`HEAD ${path}`))).toMatchObject({ status: 200, body: '' });
        }
      },
    },
    {
      section: '6.3',
      level: 'MUST',
      words: 'an answer with a length beside a coding is never passed on by its length: 502',
      async check(stage) {
        await endWith502(stage, chunked(chunks, 'Content-Length: 2'));
      },
    },
    {
      section: '6.3',
      level: 'MUST',
      words: 'a request whose last coding is not chunked is 400, and the end of the connection',
      async check(stage) {
        for (const coding of ['gzip', 'chunked, gzip', 'xchunked', 'identity']) {
          await endWith400(stage, ask('POST /', `Transfer-Encoding: ${coding}`), chunks);
        }
      },
    },
    {
      section: '6.3',
      level: 'MUST',
      words: 'a request whose length is none, or is two, is 400, and the end of the connection',
      async check(stage) {
        for (const length of ['x', '+2', '-2', '0x2', '2,3', '2 3', '1e1']) {
          await endWith400(stage, ask('POST /', `Content-Length: ${length}`), 'ok');
        }
        await endWith400(stage, ask('POST /', 'Content-Length: 2', 'Content-Length: 3'), 'ok!');
      },
    },
    {
      section: '6.3',
      level: 'MUST',
      words: 'an answer whose length is none, or is two, is 502, and the end of the member’s connection',
      async check(stage) {
        for (const length of ['x', '-2', '2\r\nContent-Length: 3']) {
          await endWith502(stage, `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\nok!`);
        }
      },
    },
    {
      section: '6.3',
      level: 'MUST',
      words: 'a request without either has no body',
      async check({ open }) {
        const { client, member } = await open(answer());
        client.send(ask('POST /first')).send(ask('GET /second'));
        expect([(await client.readAnswer()).status, (await client.readAnswer()).status]).toEqual([200, 200]);
        expect(member.requests.map(({ body }) => body)).toEqual(['', '']);
      },
    },
    {
      section: '6.3',
      level: 'SHOULD',
      words: 'an answer that ends with the member’s connection gets an end of its own',
      async check({ open }) {
        const { client } = await open((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nok'));
        for (let i = 0; i < 2; i += 1) {
          expect(await client.ask(ask('GET /'))).toMatchObject({ status: 200, body: 'ok', chunked: true });
        }
      },
    },
    {
      section: '6.3',
      level: 'SHOULD',
      words: 'a body whose length is known goes on with it, not in chunks',
      async check({ open }) {
        const { client, member } = await open(answer());
        for (const method of ['POST', 'DELETE', 'GET']) {
          await client.ask(ask(`${method} /`, 'Content-Length: 2'), 'ok');
        }
        expect(
          member.requests.map(({ headers, body }) => [...valuesOf(headers, 'content-length'), body]),
        ).toEqual([
          ['2', 'ok'],
          ['2', 'ok'],
          ['2', 'ok'],
        ]);
      },
    },
    {
      section: '6.3',
      level: 'MUST NOT',
      words: 'what a member sends behind an answer is no answer to what is asked next',
      async check({ open }) {
        const { client, member } = await open((socket, { start }) => {
          socket.write(start.includes('/first') ? answer() + answer('evil') : answer('good'));
        });
        expect((await client.ask(ask('GET /first'))).body).toBe('ok');
        expect((await client.ask(ask('GET /second'))).body).toBe('good');
        expect(member.requests.map(({ connection }) => connection)).toEqual([0, 1]);
      },
    },
  ],
};
