import type { HealthSettings, MemberSettings } from '../../../src/definition/settings.ts';
import { initialState, nextState, type MemberEvent } from '../../../src/member/member-state.ts';
import type { Member } from '../../../src/member/member.ts';
import type { Backend } from '../../support/backend.ts';
import { buildMember } from '../../support/build-members.ts';

/** How a member is checked: by `GET / HTTP/1.1`, every 30 seconds, but for what is handed in. */
export function buildHealth(overrides: Partial<HealthSettings> = {}): HealthSettings {
  return {
    request: { method: 'GET', version: '1.1' },
    target: '/',
    headers: [['Host', 'app.internal']],
    intervalMs: 30_000,
    passes: 1,
    fails: 1,
    timeoutMs: 5000,
    readsBody: false,
    isExpected: ({ status }) => status >= 200 && status < 400,
    warmUp: [],
    ...overrides,
  };
}

/** A member that can be written to, as `members` keeps them. */
export function makeMember(settings: Partial<MemberSettings> = {}, status = 0): Member {
  return {
    settings: buildMember({ handler: undefined, resolve: undefined, ...settings }),
    state: initialState(status),
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
  };
}

/** Changes a member's state as `members` does. */
export function happen(member: Member, event: MemberEvent, now = performance.now()): void {
  member.state = nextState(member.state, event, now);
}

/** The address of a backend on 127.0.0.1, as settings of a member. */
export function placeOf({ port, url }: Pick<Backend, 'port' | 'url'>): Partial<MemberSettings> {
  const host = `127.0.0.1:${port}`;
  const protocol = url.startsWith('https:') ? 'https:' : 'http:';
  return { url, origin: url, protocol, hostname: '127.0.0.1', port, host };
}

/** A logger that keeps what it is told. */
export function makeLogger(): { lines: string[]; logger: Pick<Console, 'info' | 'warn' | 'error'> } {
  const lines: string[] = [];
  const note = (...words: readonly unknown[]): void => {
    lines.push(words.join(' '));
  };
  return { lines, logger: { info: note, warn: note, error: note } };
}
