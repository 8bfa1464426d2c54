import type { Socket } from 'node:net';
import { expect } from '@jest/globals';
import { until } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';
import type { RawRequest } from './raw-member.ts';
import { answer, ask, type Table } from './row.ts';

const put = (path: string): string[] => ask(`PUT ${path}`, 'Content-Length: 2');

/** A member that says nothing until it is told to. */
function holdBack(): Readonly<{
  talk: (socket: Socket, request: RawRequest) => void;
  answerNext: () => void;
  targets: () => readonly string[];
}> {
  const held: (readonly [Socket, RawRequest])[] = [];
  const seen: string[] = [];
  return {
    talk(socket, request) {
      held.push([socket, request]);
      seen.push(request.start.split(' ').slice(0, 2).join(' '));
    },
    answerNext() {
      const [socket, { start }] = held.shift()!;
      socket.write(answer(start.split(' ')[1]));
    },
    targets: () => seen,
  };
}

export const pipelining: Table = {
  rfc: 9112,
  title: 'pipelining (9.3.2)',
  rows: [
    {
      section: '9.3.2',
      level: 'MUST',
      words: 'answers go out in the order of their requests, whoever is ready first',
      async check({ open }) {
        const sockets = new Map<string, Socket>();
        const { client } = await open((socket, { start }) => {
          sockets.set(start.split(' ')[1]!, socket);
          if (sockets.size < 3) return;
          for (const path of ['/c', '/b', '/a']) sockets.get(path)!.write(answer(path));
        });
        for (const path of ['/a', '/b', '/c']) client.send(ask(`GET ${path}`));
        for (const path of ['/a', '/b', '/c']) expect((await client.readAnswer()).body).toBe(path);
      },
    },
    {
      section: '9.3.2',
      level: 'MAY',
      words: 'requests that are not safe are done one after the other, and what stands behind them waits',
      async check({ open }) {
        const { talk, answerNext, targets } = holdBack();
        const { client, front } = await open(talk);
        client.send(put('/a'), 'ok').send(put('/b'), 'ok').send(ask('GET /c')).send(ask('GET /d'));
        const done: string[] = [];
        for (const next of ['PUT /a', 'PUT /b', 'GET /c', 'GET /d']) {
          await until(() => targets().length > done.length);
          done.push(next);
          expect(targets()).toEqual(done);
          expect(front.balancer.view()[0]!.busy).toBe(1);
          answerNext();
          expect((await client.readAnswer()).body).toBe(next.slice(4));
        }
      },
    },
    {
      section: '9.3.2',
      level: 'MAY',
      words: 'what is safe is done side by side, up to the first that is not',
      async check({ open }) {
        const { talk, answerNext, targets } = holdBack();
        const { client } = await open(talk);
        client.send(ask('GET /a')).send(ask('GET /b')).send(put('/c'), 'ok').send(ask('GET /d'));
        await until(() => targets().length === 2);
        expect(targets().toSorted()).toEqual(['GET /a', 'GET /b']);
        answerNext();
        answerNext();
        await until(() => targets().length === 3);
        expect(targets()[2]).toBe('PUT /c');
        answerNext();
        await until(() => targets().length === 4);
        answerNext();
        for (const path of ['/a', '/b', '/c', '/d']) expect((await client.readAnswer()).body).toBe(path);
      },
    },
    {
      section: '9.3.2',
      level: 'MAY',
      words: 'nothing is pipelined to a member: a connection carries one request at a time',
      async check({ open }) {
        const { talk, answerNext, targets } = holdBack();
        const { client, member } = await open(talk);
        client.send(ask('GET /a')).send(ask('GET /b'));
        await until(() => targets().length === 2);
        expect(member.requests.map(({ connection }) => connection)).toEqual([0, 1]);
        answerNext();
        answerNext();
        await client.readAnswer();
        await client.readAnswer();
      },
    },
    {
      section: '9.3.2',
      level: 'MAY',
      words: 'what waits behind others is not done when its client leaves, and leaves nothing behind',
      async check({ open }) {
        const { talk, targets } = holdBack();
        const { client, front } = await open(talk);
        client.send(put('/a'), 'ok').send(put('/b'), 'ok').send(ask('GET /c'));
        await until(() => targets().length === 1);
        client.socket.destroy();
        await until(() => front.balancer.view()[0]!.busy === 0);
        const other = await RawClient.connect(front.port);
        other.send(ask('GET /d'));
        await until(() => targets().length > 1);
        expect(targets()).toEqual(['PUT /a', 'GET /d']);
        other.socket.destroy();
      },
    },
  ],
};
