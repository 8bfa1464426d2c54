import { describe, expect, test } from '@jest/globals';
import { buildSettings } from '../../../src/definition/build-settings.ts';
import { readDefinition } from '../../../src/definition/check-definition.ts';
import type { BalancerDefinition } from '../../../src/definition/definition.ts';
import type { MemberDefinition } from '../../../src/definition/member-definition.ts';
import { readChange } from '../../../src/definition/read-change.ts';
import { readMember } from '../../../src/definition/read-member.ts';
import type { MemberSettings } from '../../../src/definition/settings.ts';
import { writeMember } from '../../../src/definition/write-member.ts';
import { parseStatus } from '../../../src/member/status.ts';

const place = { hostname: 'here', instance: 'abcdef' };
const other = { url: 'https://other/', route: 'other' };

const memberDefaults = {
  retry: 10,
  lbset: 2,
  status: 'H',
  tls: { rejectUnauthorized: false },
  hcmethod: 'GET',
  hcexpect: /ok/,
} as const;

function build(
  member: string | MemberDefinition,
  defaults: BalancerDefinition['memberDefaults'] = {},
): Readonly<{ definition: BalancerDefinition; member: MemberSettings }> {
  const definition = readDefinition({ members: [member, other], memberDefaults: defaults });
  return { definition, member: buildSettings(definition, place).members[0]! };
}

describe('a member, written as it is now', () => {
  test.each<readonly [what: string, member: MemberDefinition]>([
    ['its URL', { url: 'http://a/base/' }],
    ['parameters', { url: 'http://a/', route: 'a', loadfactor: 2, hcmethod: 'TCP', warmUp: ['/x'] }],
    ['flags, in the words that it had', { url: 'http://a/', status: 'drain' }],
    ['another redirect', { url: 'https://a/', route: 'a', redirect: 'other', tls: { servername: 'b' } }],
    ['a handler', { handler: () => undefined, route: 'a' }],
    ['a name that stands for servers', { url: 'http://a/', resolve: 'A', route: 'a' }],
  ])('has %s', (_what, definition) => {
    const { member } = build(definition);
    expect(writeMember(member, member.status)).toEqual(definition);
  });

  test('has nothing of what all have, unless it says otherwise itself', () => {
    const { member } = build({ url: 'https://a/', retry: 5, hcexpect: /else/ }, memberDefaults);
    expect(writeMember(member, member.status)).toEqual({ url: 'https://a/', retry: 5, hcexpect: /else/ });
  });

  test('has what was changed on it, and not what was taken away', () => {
    const { member } = build({ url: 'https://a/', route: 'a', retry: 5, max: 3 }, memberDefaults);
    const change = { route: 'b', retry: null, max: null, loadfactor: 4, lbset: 0 };
    const { settings } = readChange(change, member, [member], member.status);
    expect(writeMember(settings, member.status)).toEqual({
      url: 'https://a/',
      route: 'b',
      loadfactor: 4,
      lbset: 0,
    });
  });

  test.each<readonly [first: string, now: string, written: object]>([
    ['', 'D', { status: 'D' }],
    ['D', 'DN', { status: 'ND' }],
    ['D', '', { status: 'enabled' }],
    ['drain', 'N', { status: 'drain' }],
    ['', 'EC', {}],
    ['drain', 'NEC', { status: 'drain' }],
    ['', 'DEC', { status: 'D' }],
  ])('has its flags, but those of failures: first %p, now %p', (first, now, written) => {
    const { member } = build({ url: 'http://a/', ...(first === '' ? {} : { status: first }) });
    expect(writeMember(member, parseStatus(now))).toEqual({ url: 'http://a/', ...written });
  });

  test('can be told from flags that all have', () => {
    const { member } = build('https://a/', memberDefaults);
    const written = writeMember(member, 0);
    expect(written).toEqual({ url: 'https://a/', status: 'enabled' });
  });

  test.each<readonly [what: string, member: string | MemberDefinition]>([
    ['a URL', 'http://A:80/x/'],
    ['a URL with a route', { url: 'http://a/', route: 'a' }],
    ['a handler without a route', { handler: () => undefined }],
    ['all that it can have', { url: 'https://a/', route: 'a', loadfactor: 3, hcheaders: { Host: 'x' } }],
  ])('makes the same member again, under the same name: %s', (_what, first) => {
    const { definition, member } = build(first, memberDefaults);
    const [, rest] = buildSettings(definition, place).members;
    const again = readMember(writeMember(member, member.status), { definition, members: [rest!] });
    expect({ ...again }).toEqual({
      ...member,
      ...(member.health && { health: { ...member.health, isExpected: expect.any(Function) } }),
    });
    expect(again.name).toBe(member.name);
  });
});
