import { describe, expect, test } from '@jest/globals';
import { linesFor, members } from './support.ts';

const get = { hcmethod: 'GET' };

const handler = (): void => undefined;

function linesForOne(member: unknown): readonly string[] {
  return linesFor({ members: [...members, member] });
}

describe('a handler as a member', () => {
  test.each<[unknown]>([
    [{ handler }],
    [{ handler, route: 'x', redirect: 'app1', loadfactor: 2, lbset: 1, status: 'H', max: 1, acquire: 5 }],
  ])('%j passes', (given) => {
    expect(linesForOne(given)).toEqual([]);
  });

  test.each<[unknown, string]>([
    [{ handler: 'x' }, "members[2].handler is 'x': it must be a function; write (req, res, next) => { … }"],
    [{ handler: null }, 'members[2].handler is null: it must be a function; write (req, res, next) => { … }'],
    [
      { handler: undefined },
      "members[2].url is missing: a member is where its URL says; write 'http://host:3000'",
    ],
    [{}, "members[2].url is missing: a member is where its URL says; write 'http://host:3000'"],
    [handler, 'members[2] is a function: a handler is written as a member; write { handler: … }'],
    [{ fn: handler }, 'members[2].fn is a function: there is no such option; write handler'],
    [
      { handler, url: 'http://x' },
      'members[2].handler is a function: a member is a server or a handler; leave url out, or write two members',
    ],
    [
      { handler, max: 0 },
      "members[2].max is 0: httpd's 0 is its default, which here is no limit; leave it out",
    ],
    [
      { handler, timeout: 5 },
      'members[2].timeout is 5: it is for servers, and a handler is none; leave it out',
    ],
    [
      { handler, connectiontimeout: 5 },
      'members[2].connectiontimeout is 5: it is for servers, and a handler is none; leave it out',
    ],
    [
      { handler, hcmethod: 'GET' },
      "members[2].hcmethod is 'GET': it is for servers, and a handler is none; leave it out",
    ],
    [
      { handler, resolve: 'A' },
      "members[2].resolve is 'A': it is for servers, and a handler is none; leave it out",
    ],
    [
      { handler, tls: {} },
      'members[2].tls is an object: it is for servers, and a handler is none; leave it out',
    ],
    [
      { handler, acquire: 200 },
      'members[2].acquire is 200: nobody waits for a member without max; write max too, or leave it out',
    ],
    ...['healthCheck', 'port', 'sni', 'address', 'connect_timeout'].map((name): [unknown, string] => [
      { handler, [name]: 1 },
      `members[2].${name} is 1: it is for servers, and a handler is none; leave it out`,
    ]),
    [{ handler, standby: true }, "members[2].standby is true: status letters say so; write status: 'H'"],
    [{ handler, weight: 2 }, 'members[2].weight is 2: there is no such option; write loadfactor'],
    [{ handler, Route: 'x' }, "members[2].Route is 'x': there is no such option; write route"],
    [
      { handler, lbmethod: 'x' },
      "members[2].lbmethod is 'x': it is an option of the balancer; write lbmethod beside members",
    ],
    [
      { handler, redirect: 'zzz', route: 'x' },
      "members[2].redirect is 'zzz': no other member has this route; write one of 'app1', 'app2'",
    ],
  ])('%j is answered in one line', (given, line) => {
    expect(linesForOne(given)).toEqual([line]);
  });
});

describe('a balancer of handlers', () => {
  test.each<[Readonly<Record<string, unknown>>]>([
    [{ members: [{ handler }, { handler }] }],
    [{ members: [{ handler }], memberDefaults: { retry: 5, ...get, hcuri: '/h' } }],
  ])('%j passes', (given) => {
    expect(linesFor(given)).toEqual([]);
  });

  test.each<[Readonly<Record<string, unknown>>, string]>([
    [
      { members: ['http://a', { handler }], memberDefaults: { tls: {} } },
      'memberDefaults.tls is an object: every member is spoken to without TLS; write https:// in their URLs, or leave tls out',
    ],
  ])('%j is answered in one line', (given, line) => {
    expect(linesFor(given)).toEqual([line]);
  });
});
