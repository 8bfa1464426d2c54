import { chooseMember, type Choice, type ChoiceRules } from '../../src/choice/choose-member.ts';
import { explainChoice, type Why } from '../../src/choice/explain.ts';
import { buildMethod } from '../../src/choice/methods.ts';
import type { EjectionSettings, MemberSettings, Settings } from '../../src/definition/settings.ts';
import type { MemberEvent } from '../../src/member/member-state.ts';
import type { Attempt } from '../../src/member/attempt.ts';
import { createMembers, type Members, type MembersListener } from '../../src/member/members.ts';
import type { MemberView } from '../../src/member/member.ts';
import { buildMembers } from './build-members.ts';
import { buildContext } from './method-context.ts';

export type SimulationOptions = Partial<Omit<ChoiceRules, 'method'>> &
  Readonly<{
    /** Names of members that refuse connections at first, with a space between them. */
    refusing?: string;
    /** Names of members that answer 500 at first. */
    ailing?: string;
    /** As in a definition. Default: one less than there are members. */
    maxattempts?: number;
    /** Settings that all members share. */
    members?: Partial<MemberSettings>;
    lbmethod?: Settings['lbmethod'];
    ejection?: EjectionSettings;
    listener?: Partial<MembersListener>;
    random?: () => number;
  }>;

/** A balancer without a network: real members, real choices, a clock that is set by hand, connections that are refused by name. */
export type Simulation = Readonly<{
  members: Members;
  rules: ChoiceRules;
  refusing: Set<string>;
  ailing: Set<string>;
  /** The time, in milliseconds. */
  now(): number;
  pass(ms: number): void;
  member(name: string): MemberView;
  happens(name: string, event: MemberEvent): void;
  choose(route?: string, tried?: ReadonlySet<MemberView>): Choice;
  /** Why of each member, for a request that has tried nobody. */
  explain(route?: string): Readonly<Record<string, Why>>;
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
  const {
    nofailover = false,
    forcerecovery = true,
    maxattempts,
    ejection,
    lbmethod = 'byrequests',
  } = options;
  const { random = Math.random, listener } = options;
  const method = buildMethod({ lbmethod, hashKey: 'ip', hashBalance: 1.25 });
  const rules: ChoiceRules = { nofailover, forcerecovery, method };
  const refusing = new Set(options.refusing?.split(' '));
  const ailing = new Set(options.ailing?.split(' '));
  let clock = 1_000_000;
  const now = (): number => clock;
  const members = createMembers(
    buildMembers(notation, options.members),
    now,
    { share: method.share, ejection },
    { changed: () => undefined, freed: () => undefined, ...listener },
  );

  function find(name: string): MemberView {
    const found = members.view().find(({ settings }) => settings.name === name);
    if (!found) throw new Error(`no member ${name}`);
    return found;
  }

  function choose(route?: string, tried: ReadonlySet<MemberView> = new Set()): Choice {
    return chooseMember(members.view(), route, rules, buildContext(clock, { random }), tried);
  }

  function begin(route?: string): Attempt {
    const choice = choose(route);
    if (choice.kind === 'nobody') throw new Error(`nobody serves ${route ?? 'a request'}`);
    return members.elect(choice);
  }

  /** Whether it was answered, were it 500. */
  function end(attempt: Attempt): boolean {
    const { settings, state } = attempt.member;
    const isRefused = refusing.has(settings.name);
    const isBad = isRefused || ailing.has(settings.name);
    // Who was ejected is not back with one more bad answer.
    const isNoBetter = isBad && attempt.isProbe() && state.ejectedMs !== undefined;
    attempt.report(isRefused || isNoBetter ? 'failed' : 'succeeded');
    attempt.rate(isBad, 1);
    attempt.end();
    return !isRefused;
  }

  function request(route?: string): string {
    const tried = new Set<MemberView>();
    const most = maxattempts ?? members.view().length - 1;
    const names: string[] = [];
    while (names.length <= most) {
      const choice = choose(route, tried);
      if (choice.kind === 'nobody') break;
      tried.add(choice.member);
      names.push(choice.member.settings.name);
      if (end(members.elect(choice))) return names.join('>');
    }
    return [...names, '503'].join('>');
  }

  return {
    members,
    rules,
    refusing,
    ailing,
    now,
    pass: (ms) => {
      clock += ms;
    },
    member: find,
    happens(name, event) {
      members.apply(find(name), event);
    },
    choose,
    explain(route) {
      const { whys } = explainChoice(members.view(), route, rules, buildContext(clock, { random }));
      return Object.fromEntries(whys.map(({ member, why }) => [member.settings.name, why]));
    },
    begin,
    request,
    serve: (count) => Array.from({ length: count }, () => request()).join(' '),
  };
}
