import { expect } from '@jest/globals';
import { valuesOf } from '../../src/rewrite/headers.ts';
import { answer, ask, respond, type Table } from './row.ts';

export const errors: Table = {
  rfc: 9110,
  title: 'status codes of errors (15.5, 15.6)',
  rows: [
    {
      section: '15.5.1',
      level: 'SHOULD',
      words: 'an error of ours comes with a page of the app, and to HEAD without one',
      async check({ open }) {
        const { client } = await open((socket) => socket.destroy());
        const { status, body } = await client.ask(ask('GET /'));
        expect([status, body]).toEqual([502, expect.stringContaining('ERR_BALANCER_RESET')]);
        expect(await client.ask(ask('HEAD /'))).toMatchObject({ status: 502, body: '' });
        expect((await client.ask(ask('GET /'))).status).toBe(502);
      },
    },
    {
      section: '15.5.9',
      level: 'SHOULD',
      words: 'a 408 that a member says while nothing is asked is no answer to what is asked next',
      provenBy:
        'test/integration/farewells.test.ts › what a member says before a byte of the request has left is no answer to it',
    },
    {
      section: '15.5.15',
      level: 'MUST',
      words: 'a target that is too long is 414',
      but: 'Node counts it together with the fields, and answers 431 before there is a request; clientError is the app’s',
      async check({ open }) {
        const { client, member } = await open(answer());
        expect((await client.ask(ask(`GET /${'a'.repeat(20_000)}`))).status).toBe(431);
        expect(member.requests).toEqual([]);
      },
    },
    {
      section: '15.5.20',
      level: 'MUST NOT',
      words: 'we never say 421',
      notOurs:
        'No error of ours has that status, as the table of errors in the README says; a member’s is relayed.',
    },
    {
      section: '15.5.22',
      level: 'MUST',
      words: '426 goes on with the protocols that it calls for',
      async check({ open }) {
        for (const [named, expected] of [
          ['h2c, websocket', 'websocket'],
          ['TLS/1.3, h2c', 'TLS/1.3, h2c'],
        ] as const) {
          const { client } = await open(
            respond('426 Upgrade Required', '', 'Connection: Upgrade', `Upgrade: ${named}`),
          );
          const { headers } = await client.ask(ask('GET /'));
          expect(valuesOf(headers, 'upgrade')).toEqual([expected]);
          expect(valuesOf(headers, 'connection').join().toLowerCase()).toContain('upgrade');
        }
      },
    },
    {
      section: '15.6.2',
      level: 'SHOULD',
      words: 'a coding that is unknown, but leaves no doubt where the body ends, is 501',
      async check({ open }) {
        const { client, member } = await open(answer());
        const { status } = await client.ask(
          ask('POST /', 'Transfer-Encoding: x-odd, chunked'),
          '2\r\nok\r\n0\r\n\r\n',
        );
        expect(status).toBe(501);
        expect(member.requests).toEqual([]);
        expect((await client.ask(ask('GET /'))).status).toBe(200);
      },
    },
    {
      section: '15.6.3',
      level: 'SHOULD',
      words: 'what a member sends that is no answer is 502',
      async check({ open }) {
        for (const bytes of ['220 smtp\r\n\r\n', 'HTTP/1.1 200 OK\r\nno colon\r\n\r\n', '\r\n\r\n']) {
          const { client } = await open((socket) => socket.end(bytes));
          expect([bytes, (await client.ask(ask('GET /'))).status]).toEqual([bytes, 502]);
        }
      },
    },
    {
      section: '15.6.4',
      level: 'MAY',
      words: 'nobody who could answer is 503',
      async check({ open }) {
        const { client, front } = await open(answer());
        front.balancer.change(front.balancer.view()[0]!.name, { status: '+D' });
        expect((await client.ask(ask('GET /'))).status).toBe(503);
      },
    },
    {
      section: '15.6.5',
      level: 'SHOULD',
      words: 'a member that answers too late is 504',
      async check({ open }) {
        const { client } = await open(() => undefined, { proxytimeout: '20ms' });
        expect((await client.ask(ask('GET /'))).status).toBe(504);
      },
    },
    {
      section: '15.6.6',
      level: 'SHOULD',
      words: 'a version of HTTP that is not spoken here is 505, and the end of the connection',
      async check({ open }) {
        for (const version of ['0.9', '2.0']) {
          const { client, member } = await open(answer());
          const { status, headers, body } = await client.ask([`GET / HTTP/${version}`, 'Host: a']);
          expect([status, valuesOf(headers, 'connection')]).toEqual([505, ['close']]);
          expect(body).toContain(`HTTP/${version}`);
          await client.readRest();
          expect(member.requests).toEqual([]);
        }
      },
    },
  ],
};
