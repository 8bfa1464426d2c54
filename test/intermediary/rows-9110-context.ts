import { expect } from '@jest/globals';
import { hasField, valuesOf } from '../../src/rewrite/headers.ts';
import { linesOf } from '../support/raw-client.ts';
import { answer, ask, respond, type Table } from './row.ts';

const expecting = ['Expect: 100-continue', 'Content-Length: 2'];

export const context: Table = {
  rfc: 9110,
  title: 'context of a message (10)',
  rows: [
    {
      section: '10.1.1',
      level: 'MUST',
      words: '100-continue is answered with 100 at once, before there is any content',
      async check({ open }) {
        const { client, member } = await open(answer());
        expect((await client.send(ask('POST /', ...expecting)).readHead()).status).toBe(100);
        expect(await client.write('ok').readAnswer()).toMatchObject({ status: 200, interims: [] });
        expect(member.requests[0]!.body).toBe('ok');
      },
    },
    {
      section: '10.1.1',
      level: 'MUST NOT',
      words: 'the expectation is settled here: the member is not asked to say 100 as well',
      async check({ open }) {
        const { client, member } = await open(`HTTP/1.1 100 Continue\r\n\r\n${answer()}`);
        const { interims } = await client.ask(ask('POST /', ...expecting), 'ok');
        expect(interims.map(({ status }) => status)).toEqual([100]);
        expect(hasField(member.requests[0]!.headers, 'expect')).toBe(false);
      },
    },
    {
      section: '10.1.1',
      level: 'MUST',
      words: '100-continue in HTTP/1.0 is passed over',
      async check({ open }) {
        const { client, member } = await open(answer());
        const { interims, status } = await client.ask(['POST / HTTP/1.0', ...expecting], 'ok');
        expect([interims, status]).toEqual([[], 200]);
        expect(hasField(member.requests[0]!.headers, 'expect')).toBe(false);
      },
    },
    {
      section: '10.1.1',
      level: 'MUST',
      words: 'after 100 there is a final answer, whatever the member does',
      async check({ open }) {
        const { client } = await open((socket) => socket.destroy());
        const { interims, status } = await client.ask(ask('POST /', ...expecting), 'ok');
        expect([interims.map((each) => each.status), status]).toEqual([[100], 502]);
      },
    },
    {
      section: '10.1.1',
      level: 'MAY',
      words: 'any other expectation is 417, and reaches no member',
      async check({ open }) {
        const { client, member } = await open(answer());
        expect((await client.ask(ask('POST /', 'Expect: magic', 'Content-Length: 0'))).status).toBe(417);
        expect(member.requests).toEqual([]);
      },
    },
    {
      section: '10.1.1',
      level: 'SHOULD',
      words: 'an answer that comes before the whole request says whether the connection goes on',
      provenBy: 'test/integration/bodies.test.ts › an answer that comes before the whole request',
    },
    {
      section: '10.1.3',
      level: 'SHOULD NOT',
      words: 'From, Referer and User-Agent go on as they came',
      async check({ open }) {
        const { client, member } = await open(answer());
        const fields = ['From: a@b', 'Referer: http://front.example/a?b', 'User-Agent: a/1 (b) c'];
        await client.ask(ask('GET /', ...fields));
        expect(linesOf(member.requests[0]!.headers)).toEqual(expect.arrayContaining(fields));
      },
    },
    {
      section: '10.1.5',
      level: 'MAY',
      words: 'no User-Agent of ours takes the place of one that did not come',
      async check({ open }) {
        const { client, member } = await open(answer());
        await client.ask(ask('GET /'));
        expect(hasField(member.requests[0]!.headers, 'user-agent')).toBe(false);
      },
    },
    {
      section: '10.1.4',
      level: 'MUST',
      words: 'TE ends here, named by Connection or not, and none of ours is sent',
      async check({ open }) {
        const { client, member } = await open(answer());
        await client.ask(ask('GET /', 'Connection: TE', 'TE: trailers, deflate;q=0.5'));
        await client.ask(ask('GET /', 'TE: trailers'));
        expect(member.requests.map(({ headers }) => hasField(headers, 'te'))).toEqual([false, false]);
      },
    },
    {
      section: '10.2.1',
      level: 'MUST NOT',
      words: 'Allow goes on as it came, with methods that nobody knows',
      async check({ open }) {
        const { client } = await open(respond('405 Method Not Allowed', '', 'Allow: GET, BREW', 'Allow: x'));
        const { status, headers } = await client.ask(ask('POST /', 'Content-Length: 0'));
        expect([status, valuesOf(headers, 'allow')]).toEqual([405, ['GET, BREW', 'x']]);
      },
    },
    {
      section: '10.2.1',
      level: 'MUST',
      words: 'a 405 of ours tells what is allowed',
      notOurs: 'We never say 405: what a method may do is for members to say, and theirs are relayed.',
    },
    {
      section: '10.2.2',
      level: 'MUST NOT',
      words: 'a Location that is no member’s goes on as it came, fragment and all',
      async check({ open }) {
        for (const location of ['https://other.example/a#b', '/a/b?c#d', '//other.example/']) {
          const { client } = await open(respond('302 Found', '', `Location: ${location}`));
          expect(valuesOf((await client.ask(ask('GET /'))).headers, 'location')).toEqual([location]);
        }
      },
    },
    {
      section: '10.2.3',
      level: 'MAY',
      words: 'a member’s Retry-After goes on; an error of ours says it where we know',
      async check({ open }) {
        const { client, front } = await open(respond('503 Service Unavailable', '', 'Retry-After: 77'), {
          forcerecovery: false,
          failonstatus: [503],
        });
        const first = await client.ask(ask('GET /'));
        expect([first.status, valuesOf(first.headers, 'retry-after')]).toEqual([503, ['77']]);
        const { status, headers } = await client.ask(ask('GET /'));
        expect(front.errors.map(({ code }) => code)).toEqual(['ERR_BALANCER_NO_MEMBER']);
        expect([status, valuesOf(headers, 'retry-after')]).toEqual([
          503,
          [expect.stringMatching(/^(?:59|60)$/)],
        ]);
      },
    },
    {
      section: '10.2.4',
      level: 'SHOULD NOT',
      words: 'no Server of ours is made where none came',
      async check({ open }) {
        const { client } = await open(answer());
        expect(hasField((await client.ask(ask('GET /'))).headers, 'server')).toBe(false);
      },
    },
  ],
};
