import { describe, expect, test } from '@jest/globals';
import { linesFor, members } from './support.ts';

const handler = (): void => undefined;

describe('a route that two members have', () => {
  test.each<[Readonly<Record<string, unknown>>]>([
    [{ members: [...members, { url: 'http://b', route: 'app1', status: 'H' }] }],
    [{ members: [{ url: 'http://b', route: 'app1', status: 'hot-standby' }, ...members] }],
    [{ members: [...members, { url: 'http://b', route: 'app1', lbset: 1 }] }],
    [{ members, memberDefaults: { status: 'H' } }],
    [{ compat: 'httpd', members: [...members, { url: 'http://b', route: 'app1' }] }],
    [{ memberDefaults: { lbset: 1 }, members: [...members, { url: 'http://b', route: 'app1', lbset: 0 }] }],
  ])('%j passes', (given) => {
    expect(linesFor(given)).toEqual([]);
  });

  test.each<[Readonly<Record<string, unknown>>, string]>([
    [
      { members: [...members, { url: 'http://b', route: 'app1' }] },
      "members[2].route is 'app1': members[0] has this route too; write another route, or status: 'H' on the one that stands in for the other",
    ],
    [
      { members: [...members, { handler, route: 'app2' }] },
      "members[2].route is 'app2': members[1] has this route too; write another route, or status: 'H' on the one that stands in for the other",
    ],
    [
      { members: [...members, { url: 'http://b', route: 'app1', status: 'R' }] },
      "members[2].route is 'app1': members[0] has this route too; write another route, or status: 'H' on the one that stands in for the other",
    ],
    [
      { memberDefaults: { lbset: 1 }, members: [...members, { url: 'http://b', route: 'app1', lbset: 1 }] },
      "members[2].route is 'app1': members[0] has this route too; write another route, or status: 'H' on the one that stands in for the other",
    ],
    [
      {
        memberDefaults: { status: 'H' },
        members: [
          { url: 'http://a', route: 'x', status: '' },
          { url: 'http://b', route: 'x', status: 'D' },
        ],
      },
      "members[1].route is 'x': members[0] has this route too; write another route, or status: 'H' on the one that stands in for the other",
    ],
  ])('%j is answered in one line', (given, line) => {
    expect(linesFor(given)).toEqual([line]);
  });
});
