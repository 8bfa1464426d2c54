import { once } from 'node:events';
import type { Socket } from 'node:net';
import { expect } from '@jest/globals';
import { valuesOf } from '../../src/rewrite/headers.ts';
import { answer, ask, chunked, respond, type Table } from './row.ts';

const put = (path: string): string[] => ask(`PUT ${path}`, 'Content-Length: 2');

export const connections: Table = {
  rfc: 9112,
  title: 'connections (9)',
  rows: [
    {
      section: '9.2',
      level: 'MUST NOT',
      words: 'what a member says on an idle connection is no answer, and ends the connection',
      async check({ open }) {
        let idle: Socket | undefined;
        const { client, member } = await open((socket, { start }) => {
          idle = socket;
          socket.write(answer(start.split(' ')[1]));
        });
        expect((await client.ask(ask('GET /first'))).body).toBe('/first');
        const closed = once(idle!, 'close');
        idle!.write(answer('evil'));
        await closed;
        expect((await client.ask(ask('GET /second'))).body).toBe('/second');
        expect(member.requests).toHaveLength(2);
      },
    },
    {
      section: '9.3',
      level: 'SHOULD',
      words: 'connections persist, on both sides',
      async check({ open }) {
        const { client, member } = await open(answer());
        for (let i = 0; i < 3; i += 1) expect((await client.ask(ask('GET /'))).status).toBe(200);
        expect(member.connections()).toBe(1);
      },
    },
    {
      section: '9.3',
      level: 'MUST',
      words: 'a member’s connection is used again only if its version and Connection allow that',
      async check({ open, carrier }) {
        // Node's client heeds the first of two that contradict each other.
        const contradicted = carrier === 'itself' ? 2 : 1;
        for (const [version, connection, expected] of [
          ['1.1', 'X: 1', 1],
          ['1.1', 'Connection: close', 2],
          ['1.1', 'Connection: x, Close', 2],
          ['1.0', 'X: 1', 2],
          ['1.0', 'Connection: keep-alive', 1],
          ['1.0', 'Connection: keep-alive, close', contradicted],
        ] as const) {
          const { client, member } = await open(answer('ok', connection).replace('1.1', version));
          for (let i = 0; i < 2; i += 1) await client.ask(ask('GET /'));
          expect([version, connection, member.connections()]).toEqual([version, connection, expected]);
        }
      },
    },
    {
      section: '9.3',
      level: 'MAY',
      words: 'a client of HTTP/1.0 that says keep-alive is kept, if it can tell where its answer ends',
      async check({ open }) {
        const { client } = await open(answer());
        for (let i = 0; i < 2; i += 1) {
          const { headers } = await client.ask(['GET / HTTP/1.0', 'Connection: keep-alive']);
          expect(valuesOf(headers, 'connection')).toEqual(['keep-alive']);
        }
        await client.ask(['GET / HTTP/1.0']);
        expect(await client.readRest()).toBe('');
      },
    },
    {
      section: '9.3',
      level: 'MUST',
      words: 'the rest of a body that nobody wants is read, or the connection ends',
      provenBy:
        'test/integration/bodies.test.ts › the connection of a client that sends a body nobody wants outlives',
    },
    {
      section: '9.3',
      level: 'MUST',
      words: 'an answer is read to its end before its connection carries another request',
      async check({ open }) {
        const { client, member } = await open((socket, { start }) => {
          const isFirst = start.includes('/first');
          socket.write(isFirst ? chunked('2\r\nok\r\n') : answer('second'));
          if (isFirst) setImmediate(() => socket.write('0\r\n\r\n'));
        });
        expect((await client.ask(ask('GET /first'))).body).toBe('ok');
        expect((await client.ask(ask('GET /second'))).body).toBe('second');
        expect(member.requests).toHaveLength(2);
      },
    },
    {
      section: '9.3.1',
      level: 'SHOULD',
      words: 'a connection that ends while it is idle costs no request anything',
      provenBy: 'test/integration/reused-connections.test.ts › E15: while it is idle, costs no %s anything',
    },
    {
      section: '9.4',
      level: 'SHOULD',
      words: 'how many connections a member gets can be bounded',
      provenBy: 'test/integration/queue.test.ts › so that 500 who wait are all served, once, in their order',
    },
    {
      section: '9.5',
      level: 'SHOULD',
      words: 'an upload that is answered before its end is ended, and its connection with it',
      provenBy:
        'test/unit/forward/wire/http-sender.test.ts › an answer that comes before the whole body is the last on its connection',
    },
    {
      section: '9.6',
      level: 'SHOULD',
      words: 'a member is told when a connection is its last request’s',
      async check({ open }) {
        const { client, member } = await open(answer(), { memberDefaults: { disablereuse: true } });
        for (let i = 0; i < 2; i += 1) await client.ask(ask('GET /'));
        expect(member.requests.map(({ headers }) => valuesOf(headers, 'connection'))).toEqual([
          ['close'],
          ['close'],
        ]);
        expect(member.connections()).toBe(2);
      },
    },
    {
      section: '9.6',
      level: 'MUST NOT',
      words: 'nothing follows on a member’s connection where we have said that nothing would',
      async check({ open }) {
        const { client, member } = await open(answer());
        for (let i = 0; i < 2; i += 1) {
          await client.ask(ask('POST /', 'Transfer-Encoding: chunked'), '2\r\nok\r\n0\r\n\r\n');
          await client.ask(ask('DELETE /', 'Content-Length: 2'), 'ok');
        }
        const closed = new Set<number>();
        for (const { headers, connection } of member.requests) {
          expect(closed.has(connection)).toBe(false);
          if (valuesOf(headers, 'connection').includes('close')) closed.add(connection);
        }
        expect(member.requests).toHaveLength(4);
      },
    },
    {
      section: '9.6',
      level: 'MUST',
      words: 'a client that says close gets close, its answer, and the end of the connection',
      async check({ open }) {
        const { client } = await open(respond('200 OK', 'ok'));
        const { headers, body } = await client.ask(ask('GET /', 'Connection: close'));
        expect([valuesOf(headers, 'connection'), body]).toEqual([['close'], 'ok']);
        expect(await client.readRest()).toBe('');
      },
    },
    {
      section: '9.6',
      level: 'MUST NOT',
      words: 'what a client sends behind its close is not done',
      async check({ open }) {
        const { client, member } = await open(answer());
        client.send(ask('GET /first', 'Connection: close')).send(ask('GET /second'));
        await client.readRest();
        expect(member.requests.map(({ start }) => start)).not.toContain('GET /second HTTP/1.1');
      },
    },
    {
      section: '9.6',
      level: 'MUST NOT',
      words: 'what a client has sent behind a request that we answer with close is not done',
      async check({ open }) {
        const { client, member } = await open(answer());
        client.send(['GET / HTTP/2.0', 'Host: a']).send(put('/second'), 'ok');
        const { status } = await client.readAnswer();
        await client.readRest();
        expect([status, member.requests]).toEqual([505, []]);
      },
    },
    {
      section: '9.8',
      level: 'MUST',
      words: 'closure alerts are exchanged before a connection over TLS ends',
      notOurs: 'Node’s TLS sends and answers them.',
    },
  ],
};
