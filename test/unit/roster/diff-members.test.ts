import { describe, expect, test } from '@jest/globals';
import { diffMembers, sharesConnections } from '../../../src/roster/diff-members.ts';
import type { MemberSettings } from '../../../src/definition/settings.ts';
import { buildMember, buildMembers } from '../../support/build-members.ts';

const namesOf = (members: readonly MemberSettings[]): string => members.map(({ name }) => name).join(' ');

describe('of two lists of members', () => {
  test.each([
    ['a, b', 'a, b', 'a b', '', ''],
    ['a, b', 'b, a', 'b a', '', ''],
    ['a, b', 'b, c', 'b', 'c', 'a'],
    ['a, b', 'c, d', '', 'c d', 'a b'],
    ['a', 'b, a, c', 'a', 'b c', ''],
  ])('%s and %s: "%s" stay, "%s" come, "%s" go', (before, after, kept, added, removed) => {
    const diff = diffMembers(buildMembers(before), buildMembers(after));
    expect([namesOf(diff.kept.map(([, each]) => each)), namesOf(diff.added), namesOf(diff.removed)]).toEqual([
      kept,
      added,
      removed,
    ]);
  });

  test('nobody comes or goes where there is nobody', () => {
    expect(diffMembers([], [])).toEqual({ kept: [], added: [], removed: [] });
  });

  test('a member is who has the same URL, whatever else is new', () => {
    const [old, other] = [
      buildMember({ name: 'a', route: 'a' }),
      buildMember({ name: 'a', route: 'z', lbset: 2 }),
    ];
    const { kept } = diffMembers([old], [other]);
    expect(kept).toHaveLength(1);
    expect(kept[0]![0]).toBe(old);
    expect(kept[0]![1]).toBe(other);
  });

  test('a slash at the end makes no other member, nor does the way a URL is written', () => {
    const old = buildMember({ url: 'http://a/app', path: '/app', basePath: '/app' });
    const other = buildMember({ url: 'http://a/app/', path: '/app/', basePath: '/app' });
    expect(diffMembers([old], [other])).toEqual({ kept: [[old, other]], added: [], removed: [] });
  });

  test('a name alone makes no member', () => {
    const [old, other] = [buildMember({ name: 'a' }), buildMember({ name: 'a', origin: 'http://elsewhere' })];
    expect(diffMembers([old], [other])).toEqual({ kept: [], added: [other], removed: [old] });
  });
});

describe('connections that were made for a member', () => {
  const tls = { ca: ['x'], rejectUnauthorized: true };
  const member = buildMember({ tls });

  test.each<[what: string, change: Partial<MemberSettings>]>([
    ['nothing', {}],
    ['its route', { route: 'x' }],
    ['its factor', { lbfactor: 500 }],
    ['its limits', { max: 3, acquireMs: 5 }],
    ['its retry', { retryMs: 1, retryMaxMs: 2 }],
    ['its timeout, which each request has', { timeoutMs: 1 }],
    ['the list of its authorities, but not what is in it', { tls: { ...tls, ca: ['x'] } }],
  ])('serve on after a change of %s', (_what, change) => {
    expect(sharesConnections(member, { ...member, ...change })).toBe(true);
  });

  test.each<[what: string, change: Partial<MemberSettings>]>([
    ['how long to wait for one', { connectTimeoutMs: 1 }],
    ['how long one is kept', { ttlMs: 1 }],
    ['whether one is kept', { disablereuse: true }],
    ['keep-alive', { keepalive: true }],
    ['how large a head may be', { maxHeadBytes: 1 }],
    ['who is trusted', { tls: { ...tls, ca: ['y'] } }],
    ['whether that is checked', { tls: { ...tls, rejectUnauthorized: false } }],
    ['TLS altogether', { tls: undefined }],
  ])('do not after a change of %s', (_what, change) => {
    expect(sharesConnections(member, { ...member, ...change })).toBe(false);
  });
});
