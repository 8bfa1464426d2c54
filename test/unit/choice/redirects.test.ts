import { describe, expect, test } from '@jest/globals';
import { byRequests } from '../../../src/choice/by-requests.ts';
import { chooseMember } from '../../../src/choice/choose-member.ts';
import type { MemberSettings } from '../../../src/definition/settings.ts';
import { parseStatus } from '../../../src/member/status.ts';
import { buildMember, buildMembers, createQuietMembers } from '../../support/build-members.ts';
import { buildContext } from '../../support/method-context.ts';

const pairs = 200;
const rules = { nofailover: false, forcerecovery: true, method: byRequests };
const strict = { ...rules, nofailover: true };

/**
 * Two members for each route, out of service, that both redirect to the next one; the last redirects to the first.
 * Who has been asked where it redirects to is kept in `asked`, and nobody answers twice: 2 to the power of 200 ways lead round.
 */
function pairUp(asked = new Set<string>()): readonly MemberSettings[] {
  return Array.from({ length: pairs * 2 }, (_, index) => {
    const pair = Math.trunc(index / 2);
    const name = `m${index}`;
    return {
      ...buildMember({ name, route: `r${pair}`, status: parseStatus('D') }),
      get redirect() {
        if (asked.has(name)) throw new Error(`${name} is asked again`);
        asked.add(name);
        return `r${(pair + 1) % pairs}`;
      },
    };
  });
}

/** Who gets a request with this route, and why: `'z by method'`, `'nobody: nofailover'`. */
function tell(settings: readonly MemberSettings[], route: string, how = rules): string {
  const members = createQuietMembers(settings, () => 0).view();
  const choice = chooseMember(members, route, how, buildContext(0), new Set());
  if (choice.kind === 'nobody') return `nobody: ${choice.reason}`;
  return `${choice.member.settings.name} by ${choice.reason}`;
}

describe('the search for a route', () => {
  const others = buildMembers('z');

  test('asks each route once, however redirects go round', () => {
    const asked = new Set<string>();
    expect(tell([...pairUp(asked), ...others], 'r7')).toBe('z by method');
    expect(asked.size).toBe(pairs * 2);
  });

  test('ends where nofailover holds the session', () => {
    expect(tell([...pairUp(), ...others], 'r0', strict)).toBe('nobody: nofailover');
  });

  test('finds the one member that can serve, at the other end of the chain', () => {
    const [last] = buildMembers(`last:r${pairs - 1}`);
    expect(tell([...others, ...pairUp(), last!], 'r0')).toBe('last by redirect');
    expect(tell([...others, ...pairUp(), last!], 'r0', strict)).toBe('last by redirect');
    expect(tell([...others, ...pairUp(), last!], `r${pairs - 1}`)).toBe('last by route');
  });

  test('finds a standby of the route itself after redirects have led back to it', () => {
    const [standby] = buildMembers('standby:r0 H');
    expect(tell([...others, ...pairUp(), standby!], 'r0')).toBe('standby by route');
  });
});
