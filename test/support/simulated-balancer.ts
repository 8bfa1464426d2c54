import { byRequests } from '../../src/choice/by-requests.ts';
import { chooseMember, type Choice, type ChoiceRules } from '../../src/choice/choose-member.ts';
import type { MemberSettings } from '../../src/definition/settings.ts';
import { createMembers, type Attempt, type Members } from '../../src/member/members.ts';
import type { MemberView } from '../../src/member/member.ts';
import { buildMembers } from './build-members.ts';

export type SimulationOptions = Partial<Omit<ChoiceRules, 'method'>> &
  Readonly<{
    /** Names of members that refuse connections at first, with a space between them. */
    refusing?: string;
    /** As in a definition. Default: one less than there are members. */
    maxattempts?: number;
    /** Settings that all members share. */
    members?: Partial<MemberSettings>;
  }>;

/** A balancer without a network: real members, real choices, a clock that is set by hand, connections that are refused by name. */
export type Simulation = Readonly<{
  members: Members;
  refusing: Set<string>;
  /** The time, in milliseconds. */
  now(): number;
  pass(ms: number): void;
  member(name: string): MemberView;
  choose(route?: string, tried?: ReadonlySet<MemberView>): Choice;
  /** Sends one request, and leaves it under way. */
  begin(route?: string): Attempt;
  /**
   * Serves one request and tells who it was sent to: `'b'`; `'a>b'` when a refused it; ending in `503` when nobody served it.
   */
  request(route?: string): string;
  /** Serves as many requests that are bound to nobody. */
  serve(count: number): string;
}>;

/** Creates a balancer whose members are given in the notation of `buildMembers`. */
export function simulateBalancer(notation: string, options: SimulationOptions = {}): Simulation {
  const { refusing = '', nofailover = false, forcerecovery = true, maxattempts } = options;
  const rules: ChoiceRules = { nofailover, forcerecovery, method: byRequests };
  const dead = new Set(refusing.split(' '));
  let clock = 1_000_000;
  const now = (): number => clock;
  const members = createMembers(buildMembers(notation, options.members), now);

  function choose(route?: string, tried: ReadonlySet<MemberView> = new Set()): Choice {
    return chooseMember(members.view(), route, rules, clock, tried);
  }

  function begin(route?: string): Attempt {
    const choice = choose(route);
    if (choice.kind === 'nobody') throw new Error(`nobody serves ${route ?? 'a request'}`);
    return members.elect(choice);
  }

  function request(route?: string): string {
    const tried = new Set<MemberView>();
    const most = maxattempts ?? members.view().length - 1;
    const names: string[] = [];
    while (names.length <= most) {
      const choice = choose(route, tried);
      if (choice.kind === 'nobody') break;
      const attempt = members.elect(choice);
      const { name } = choice.member.settings;
      tried.add(choice.member);
      names.push(name);
      attempt.report(dead.has(name) ? 'failed' : 'succeeded');
      attempt.end();
      if (!dead.has(name)) return names.join('>');
    }
    return [...names, '503'].join('>');
  }

  return {
    members,
    refusing: dead,
    now,
    pass: (ms) => {
      clock += ms;
    },
    member(name) {
      const found = members.view().find(({ settings }) => settings.name === name);
      if (!found) throw new Error(`no member ${name}`);
      return found;
    },
    choose,
    begin,
    request,
    serve: (count) => Array.from({ length: count }, () => request()).join(' '),
  };
}
