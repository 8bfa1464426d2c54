import { describe, expect, test } from '@jest/globals';
import { linesFor, linesForMember } from './support.ts';

describe('a member', () => {
  test.each<[Readonly<Record<string, unknown>>, string]>([
    [
      { url: 'localhost:3000' },
      "members[2].url is 'localhost:3000': its scheme is missing; write 'http://localhost:3000'",
    ],
    [
      { url: undefined },
      "members[2].url is missing: a member is where its URL says; write 'http://host:3000'",
    ],
    [
      { route: '' },
      "members[2].route is '': it must be a label, and is empty; leave it out, or write a label such as 'app1'",
    ],
    [
      { route: 'r'.repeat(64) },
      `members[2].route is '${'r'.repeat(59)}…': it has 64 bytes, and httpd allows 63; write a shorter one`,
    ],
    [
      { route: 'ä'.repeat(32) },
      `members[2].route is '${'ä'.repeat(32)}': it has 64 bytes, and httpd allows 63; write a shorter one`,
    ],
    [
      { route: 'a\tb' },
      "members[2].route is 'a\\tb': it has a control character in it; write a label such as 'app1'",
    ],
    [{ route: 1 }, "members[2].route is 1: it must be a label; write a label such as 'app1'"],
    [
      { route: 'app3', redirect: 'ap2' },
      "members[2].redirect is 'ap2': no other member has this route; write 'app2'",
    ],
    [
      { route: 'app3', redirect: 'zzz' },
      "members[2].redirect is 'zzz': no other member has this route; write one of 'app1', 'app2'",
    ],
    [
      { redirect: 'app1' },
      "members[2].redirect is 'app1': it is for sessions with the route of this member, which has none; write route too, or leave it out",
    ],
    [
      { route: 'app3', redirect: 'app3' },
      "members[2].redirect is 'app3': it is the member's own route; write the route of another member, or leave it out",
    ],
    [
      { loadfactor: 0 },
      "members[2].loadfactor is 0: it must be a weight; write a number from 1 to 100, or status: 'N' for no new requests",
    ],
    [{ loadfactor: 0.5 }, 'members[2].loadfactor is 0.5: it must be a weight; write a number from 1 to 100'],
    [{ loadfactor: '2' }, "members[2].loadfactor is '2': it must be a weight; write 2"],
    [{ loadfactor: NaN }, 'members[2].loadfactor is NaN: it must be a weight; write a number from 1 to 100'],
    [
      { lbset: 100 },
      'members[2].lbset is 100: it must be the number of a set; write a whole number from 0 to 99',
    ],
    [
      { lbset: 1.5 },
      'members[2].lbset is 1.5: it must be the number of a set; write a whole number from 0 to 99',
    ],
    [{ status: 'draining' }, "members[2].status is 'draining': draining is no status word; write 'drain'"],
    [{ status: 'd' }, "members[2].status is 'd': status letters are upper case; write 'D'"],
    [
      { status: 'hot standby' },
      "members[2].status is 'hot standby': 'hot standby' is no status word; write 'hot-standby'",
    ],
    [
      { status: 'disabled=true' },
      "members[2].status is 'disabled=true': a word alone says so; write 'disabled'",
    ],
    [{ status: 'on' }, "members[2].status is 'on': on is no status word; write 'enabled'"],
    [{ status: 'off' }, "members[2].status is 'off': off is no status word; write 'disabled'"],
    [
      { status: 'HR' },
      "members[2].status is 'HR': a member is a hot standby or a hot spare, not both; write 'H' or 'R'",
    ],
    [
      { status: ['D'] },
      "members[2].status is ['D']: it must be a text of status letters or words; write 'D', '+H-E' or 'drain'",
    ],
    [
      { retry: 60_000 },
      "members[2].retry is 60000: 60000 seconds would be 16 h 40 min; write 60 for seconds or '60000ms'; if it is meant, '60000s'",
    ],
    [
      { timeout: 0 },
      "members[2].timeout is 0: it is no time at all; write a time; '24h' is as good as never",
    ],
    [
      { connectiontimeout: '500' },
      "members[2].connectiontimeout is '500': its unit is missing; write 500 or '500s'",
    ],
    [
      { ttl: 0 },
      'members[2].ttl is 0: it is no time at all; write disablereuse: true for connections that are not kept',
    ],
    [{ disablereuse: 'On' }, "members[2].disablereuse is 'On': it must be true or false; write true"],
    [
      { responsefieldsize: 100 },
      'members[2].responsefieldsize is 100: it must be a number of bytes; write a whole number from 512 to 1048576',
    ],
    [
      { tls: { servername: 'a' } },
      'members[2].tls is an object: the member is spoken to without TLS; write https:// in its url, or leave tls out',
    ],
  ])('%j is answered in one line', (member, line) => {
    expect(linesForMember(member)).toEqual([line]);
  });

  test('that is the only one with a route has nobody to be redirected to', () => {
    const alone = [{ url: 'http://a', route: 'a', redirect: 'nobody' }, 'http://b'];
    expect(linesFor({ members: alone })).toEqual([
      "members[0].redirect is 'nobody': no other member has a route; give one to the member that takes over",
    ]);
  });

  test('that is another one again is a fault that names both', () => {
    const twins = ['http://a:80/x', 'http://b', { url: 'HTTP://A/x/' }, 'http://b/'];
    expect(linesFor({ members: twins })).toEqual([
      "members[2].url is 'HTTP://A/x/': members[0] is the same server; leave one of them out; loadfactor gives a member more requests",
      "members[3] is 'http://b/': members[1] is the same server; leave one of them out; loadfactor gives a member more requests",
    ]);
  });

  test('that is not there is a fault', () => {
    expect(linesFor({ members: ['http://a', undefined] })).toEqual([
      'members[1] is missing: there is no member here; take it out of the list',
    ]);
    expect(linesFor({ members: [['http://a']] })).toEqual([
      "members[0] is ['http://a']: it is no URL; write it so: 'http://host:3000/base/'",
    ]);
  });
});
