import type { IncomingMessage } from 'node:http';
import type { Candidates, MethodContext } from '../../../src/choice/method.ts';
import type { MemberSettings } from '../../../src/definition/settings.ts';
import { initialState, type MemberState } from '../../../src/member/member-state.ts';
import type { Member, MemberView } from '../../../src/member/member.ts';
import { buildMembers } from '../../support/build-members.ts';

/** What differs from a member that has just been made. */
export type Past = Partial<Omit<Member, 'settings' | 'state'>> &
  Readonly<{ settings?: Partial<MemberSettings>; state?: Partial<MemberState> }>;

/** Members in the notation of `buildMembers`, with a past by name; frozen, so that a decision which edits one throws. */
export function buildCandidates(notation: string, pasts: Readonly<Record<string, Past>> = {}): Candidates {
  const members = buildMembers(notation).map((settings): MemberView => {
    const past = pasts[settings.name] ?? {};
    return Object.freeze({
      busy: 0,
      busyElsewhere: 0,
      elected: 0,
      lbstatus: 0,
      sent: 0,
      received: 0,
      handicap: 0,
      debt: 0,
      debtAt: 0,
      responseMs: undefined,
      sampledAt: 0,
      failures: 0,
      ...past,
      settings: { ...settings, ...past.settings },
      state: { ...initialState(settings.status), ...past.state },
    });
  });
  const [first, ...others] = members;
  return [first!, ...others];
}

/** A request that may say a few things of itself. */
export function makeRequest(facts: Readonly<Record<string, unknown>> = {}): IncomingMessage {
  // Methods look at no more of a request than this.
  return { rawHeaders: [], socket: {}, ...facts } as unknown as IncomingMessage;
}

/** What a method may look at. Chance is not to be asked, unless it is given. */
export function makeContext(context: Partial<MethodContext> = {}): MethodContext {
  const random = (): number => {
    throw new Error('nothing is left to chance here');
  };
  return { now: 0, random, req: makeRequest(), ...context };
}
