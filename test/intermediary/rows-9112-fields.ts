import { expect } from '@jest/globals';
import { linesOf } from '../support/raw-client.ts';
import { hear502, refuse } from './refuse.ts';
import { answer, ask, type Table } from './row.ts';

export const lines: Table = {
  rfc: 9112,
  title: 'fields (5)',
  rows: [
    {
      section: '5.1',
      level: 'MUST',
      words: 'a blank before the colon of a request’s field is 400',
      async check(stage) {
        for (const field of ['X-A : 1', 'X-A\t: 1', 'Content-Length : 2']) {
          await refuse(stage, `POST / HTTP/1.1\r\nHost: a\r\n${field}\r\n\r\n`);
        }
      },
    },
    {
      section: '5.1',
      level: 'MUST',
      words: 'a blank before the colon of an answer’s field does not go on: 502',
      check: (stage) => hear502(stage, 'HTTP/1.1 200 OK\r\nX-A : 1\r\nContent-Length: 0\r\n\r\n'),
    },
    {
      section: '5.1',
      level: 'MUST',
      words: 'blanks around values are no part of them, both ways',
      async check({ open }) {
        const { client, member } = await open(answer('ok', 'X-A: \t 1 2\t'));
        const { headers } = await client.ask(ask('GET /', 'X-B:3  4 \t'));
        expect(linesOf(headers)).toContain('X-A: 1 2');
        expect(member.requests[0]!.bytes).toMatch(/\r\nX-B: 3 {2}4\r\n/);
      },
    },
    {
      section: '5.2',
      level: 'MUST',
      words: 'a folded line in a request is 400',
      async check(stage) {
        for (const fold of [' ', '\t']) {
          await refuse(stage, `GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n${fold}2\r\n\r\n`);
        }
      },
    },
    {
      section: '5.2',
      level: 'MUST',
      words: 'a folded line in an answer is 502',
      async check(stage) {
        for (const fold of [' ', '\t']) {
          await hear502(stage, `HTTP/1.1 200 OK\r\nX: 1\r\n${fold}2\r\nContent-Length: 0\r\n\r\n`);
        }
      },
    },
  ],
};
