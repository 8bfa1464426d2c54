import { byRequests } from '../../src/choice/by-requests.ts';
import type { MemberSettings } from '../../src/definition/settings.ts';
import type { MemberState } from '../../src/member/member-state.ts';
import type { MemberView } from '../../src/member/member.ts';
import { createMembers, type Members } from '../../src/member/members.ts';
import { parseStatus } from '../../src/member/status.ts';

const grammar =
  /^(?<name>\w+)(?:(?<colon>:)(?<route>\w*))?(?:>(?<redirect>\w+))?(?:\*(?<factor>[\d.]+))?(?:@(?<lbset>\d+))?(?: (?<letters>[A-Z]+))?$/;

/**
 * Settings of members in short, with a comma between them: `'a, b*2 D, c@1'`. Each is `name:route>redirect*loadfactor@lbset LETTERS`,
 * where all but the name may be left out. The route is the name, unless another one (`m:a`) or none (`m:`) is given.
 */
export function buildMembers(
  notation: string,
  overrides: Partial<MemberSettings> = {},
): readonly MemberSettings[] {
  return notation.split(/\s*,\s*/).map((member) => {
    const parts = grammar.exec(member)?.groups;
    if (!parts) throw new Error(`no member: ${JSON.stringify(member)}`);
    const { name, colon, route, redirect, factor, lbset, letters } = parts;
    return buildMember({
      name: name!,
      route: colon === undefined ? name : route || undefined,
      redirect,
      lbfactor: Math.trunc(Number(factor ?? 1) * 100),
      lbset: Number(lbset ?? 0),
      status: parseStatus(letters ?? ''),
      ...overrides,
    });
  });
}

/** Settings of one member, as a definition with nothing but its URL gives them, but for what is handed in. */
export function buildMember(overrides: Partial<MemberSettings> = {}): MemberSettings {
  const name = overrides.name ?? 'a';
  return {
    name,
    url: `http://${name}/`,
    origin: `http://${name}`,
    protocol: 'http:',
    hostname: name,
    port: 80,
    host: name,
    socketPath: undefined,
    basePath: '',
    path: '/',
    route: undefined,
    redirect: undefined,
    lbfactor: 100,
    lbset: 0,
    status: 0,
    retryMs: 60_000,
    retryMaxMs: 600_000,
    slowStartMs: 0,
    max: Infinity,
    acquireMs: undefined,
    timeoutMs: 60_000,
    connectTimeoutMs: 60_000,
    ttlMs: undefined,
    disablereuse: false,
    keepalive: false,
    maxHeadBytes: 16_384,
    tls: undefined,
    health: undefined,
    resolve: undefined,
    handler: undefined,
    definition: { url: `http://${name}/` },
    ...overrides,
  };
}

/** Members with their first state, for decisions that only look at them; the states by name replace parts of it. */
export function buildViews(
  notation: string,
  states: Readonly<Record<string, Partial<MemberState>>> = {},
): readonly MemberView[] {
  return (
    createQuietMembers(buildMembers(notation), () => 0)
      .view()
      // A member's credit may be in a ledger, and is no field of its own.
      .map((member) => ({
        ...member,
        lbstatus: member.lbstatus,
        state: { ...member.state, ...states[member.settings.name] },
      }))
  );
}

/** Members under byrequests that eject nobody, and of whom nobody is told. */
export function createQuietMembers(settings: readonly MemberSettings[], now: () => number): Members {
  const { share } = byRequests;
  const listener = { changed: () => undefined, freed: () => undefined };
  return createMembers(settings, now, { share, ejection: undefined }, listener);
}

/** Names of members, for comparison in tables. */
export function namesOf(members: readonly MemberView[]): string {
  return members.map(({ settings }) => settings.name).join(' ');
}
