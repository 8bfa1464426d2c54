import type { Chosen } from '../../../src/choice/choose-member.ts';
import type { Members } from '../../../src/member/members.ts';

/** The choice of the first of these members, among them all. */
export function chosenOf(members: Members, overrides: Partial<Chosen> = {}): Chosen {
  const [member] = members.view();
  const candidates = members.view();
  return {
    kind: 'member',
    member: member!,
    reason: 'method',
    candidates,
    probe: false,
    forced: false,
    ...overrides,
  };
}
