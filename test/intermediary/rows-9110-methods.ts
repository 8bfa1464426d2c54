import { expect } from '@jest/globals';
import { hasField, valuesOf } from '../../src/rewrite/headers.ts';
import { answer, ask, respond, type Table } from './row.ts';

export const methods: Table = {
  rfc: 9110,
  title: 'methods and credentials (9.1, 9.2.2, 9.3, 11)',
  rows: [
    {
      section: '9.1',
      level: 'SHOULD',
      words: 'methods that Node knows go on, whether or not they mean anything here',
      async check({ open }) {
        const { client, member } = await open(answer());
        const known = ['PURGE', 'PROPFIND', 'REPORT', 'LOCK', 'M-SEARCH', 'QUERY'];
        for (const method of known) expect((await client.ask(ask(`${method} /`))).status).toBe(200);
        expect(member.requests.map(({ start }) => start.split(' ')[0])).toEqual(known);
      },
    },
    {
      section: '9.1',
      level: 'SHOULD',
      words: 'a method that nobody knows is 501',
      but: 'Node’s parser has a list of methods, and answers any other with 400 before there is a request',
      async check({ open }) {
        const { client, member } = await open(answer());
        expect((await client.ask(ask('BREW /'))).status).toBe(400);
        await client.readRest();
        expect(member.requests).toEqual([]);
      },
    },
    {
      section: '9.2.2',
      level: 'MUST NOT',
      words: 'a request that is not idempotent is not sent again by itself',
      async check({ open }) {
        for (const method of ['POST', 'PATCH']) {
          const { client, member, front } = await open((socket) => socket.destroy());
          front.balancer.add('http://127.0.0.1:1/');
          expect((await client.ask(ask(`${method} /`, 'Content-Length: 2'), 'ok')).status).toBe(502);
          expect(member.requests).toHaveLength(1);
        }
      },
    },
    {
      section: '9.2.2',
      level: 'MUST NOT',
      words: 'whatever the members do, no such request is executed twice',
      provenBy: 'test/integration/executions.test.ts › whatever the members do',
    },
    {
      section: '9.2.2',
      level: 'SHOULD NOT',
      words: 'a retry that has failed is not retried',
      notOurs:
        'A further try is at another member, which may be well; maxattempts is httpd’s, and a budget (20 % of the requests) bounds them all.',
    },
    {
      section: '9.3.2',
      level: 'MUST NOT',
      words: 'an answer to HEAD has no content, and none that a member sends with it reaches anybody',
      provenBy:
        'test/integration/forwarding.test.ts › to HEAD is the last on its connection: content that comes with it spoils no other answer',
    },
    {
      section: '9.3.6',
      level: 'MAY',
      words: 'CONNECT is nothing that an origin server serves: nothing is forwarded, and the connection ends',
      async check({ open }) {
        const { client, member } = await open(answer());
        const rest = await client
          .send(['CONNECT member.example:443 HTTP/1.1', 'Host: member.example:443'])
          .readRest();
        expect(rest).not.toContain(' 200 ');
        expect(member.connections()).toBe(0);
      },
    },
    {
      section: '9.3.7',
      level: 'SHOULD',
      words: 'an OPTIONS that is answered here tells of the methods',
      async check({ open }) {
        const { client } = await open(answer());
        const { headers, status } = await client.ask(ask('OPTIONS /', 'Max-Forwards: 0'));
        expect([status, hasField(headers, 'content-length')]).toEqual([204, false]);
        expect(valuesOf(headers, 'allow').join()).toMatch(/GET, HEAD.*OPTIONS/);
      },
    },
    {
      section: '9.3.8',
      level: 'SHOULD',
      words: 'a TRACE that is answered here shows the request, without credentials',
      provenBy:
        'test/integration/hops.test.ts › of 0 is answered here: TRACE with the request, without its credentials',
    },
    {
      section: '11.6.1',
      level: 'MUST NOT',
      words: 'WWW-Authenticate goes on as it came, line by line',
      async check({ open }) {
        const { client } = await open(
          respond(
            '401 Unauthorized',
            '',
            'WWW-Authenticate: Basic realm="a, b"',
            'WWW-Authenticate: Digest x=1 , Odd',
          ),
        );
        const { status, headers } = await client.ask(ask('GET /'));
        expect([status, valuesOf(headers, 'www-authenticate')]).toEqual([
          401,
          ['Basic realm="a, b"', 'Digest x=1 , Odd'],
        ]);
      },
    },
    {
      section: '11.6.2',
      level: 'MUST NOT',
      words: 'Authorization goes on as it came',
      async check({ open }) {
        const { client, member } = await open(answer());
        await client.ask(ask('GET /', 'Authorization: Basic  YTpi=='));
        expect(valuesOf(member.requests[0]!.headers, 'authorization')).toEqual(['Basic  YTpi==']);
      },
    },
    {
      section: '11.7.2',
      level: 'MAY',
      words: 'credentials for a proxy end here',
      async check({ open }) {
        const { client, member } = await open(answer());
        await client.ask(ask('GET /', 'Proxy-Authorization: Basic YTpi'));
        expect(hasField(member.requests[0]!.headers, 'proxy-authorization')).toBe(false);
      },
    },
    {
      section: '11.7.1',
      level: 'MUST',
      words: 'what a member challenges a proxy with is for this hop alone',
      async check({ open }) {
        const { client } = await open(
          respond('407 Proxy Authentication Required', '', 'Proxy-Authenticate: Basic realm=a'),
        );
        const { headers } = await client.ask(ask('GET /'));
        expect(hasField(headers, 'proxy-authenticate')).toBe(false);
      },
    },
  ],
};
