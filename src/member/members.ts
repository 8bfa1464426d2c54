import type { Chosen } from '../choice/choose-member.ts';
import type { Candidates, Method } from '../choice/method.ts';
import { debug } from '../debug.ts';
import type { EjectionSettings, MemberSettings } from '../definition/settings.ts';
import type { Member, MemberView } from './member.ts';
import { initialState, isServing, nextState, type MemberEvent, type MemberState } from './member-state.ts';
import { createRecord, enterAnswer, mayEject, type AnswerRecord } from './outliers.ts';
import {
  debtOf,
  failureHandicap,
  failureMs,
  rampHandicap,
  rescaledHandicap,
  returnCredit,
  returnDebt,
  returnHandicap,
  sampleResponse,
} from './statistics.ts';
import { Status } from './status.ts';

/** One request's charge on a member, from its election to the end of its transfer. */
export type Attempt = Readonly<{
  member: MemberView;
  /** The member is in error, and what this attempt reports first will say whether it still is. */
  isProbe(): boolean;
  /** Tells whether the member is in error; ends nothing. */
  report(event: 'failed' | 'succeeded'): void;
  /** Tells how well it has answered, and how long that took; an answer that begins well may be called bad later. */
  rate(isBad: boolean, responseMs: number | undefined): void;
  /** What was good so far cannot become bad any more. */
  settle(): void;
  /** Leaves the trial of the member, if it is one, to another request. */
  release(): void;
  /** Counts bytes that went to it. */
  sent(bytes: number): void;
  /** Counts bytes that came from it. */
  received(bytes: number): void;
  /** Takes the charge off; only the first call counts. */
  end(): void;
}>;

const reserves = Status.hotSpare | Status.hotStandby;

/** Who is told of what happens to members: at once, when everything is in order. */
export type MembersListener = Readonly<{
  changed(member: MemberView, before: MemberState, event: MemberEvent): void;
  /** A request has ended. */
  freed(member: MemberView): void;
}>;

/** What elections and ratings go by. */
export type MemberRules = Readonly<{ share: Method['share']; ejection: EjectionSettings | undefined }>;

/** The members of one balancer: the only place where their state is kept and changed. */
export type Members = Readonly<{
  /** Another list after every change of a state, of settings, or of who is there; counters change within it. */
  view(): readonly MemberView[];
  hasRoute(route: string): boolean;
  /** Charges a chosen member: elected, busy, the credits among its candidates; and notes a retry or a forced recovery. */
  elect(choice: Chosen): Attempt;
  /** Something has happened to a member, other than by an attempt. */
  apply(member: MemberView, event: MemberEvent): void;
  /** A new member serves as if it had just come back. */
  add(settings: MemberSettings): MemberView;
  configure(member: MemberView, settings: MemberSettings): void;
  /** Nobody chooses it any more; what it serves goes on. */
  remove(member: MemberView): void;
  /** Other rules; credits of another method mean nothing to this one. */
  follow(rules: MemberRules): void;
}>;

/** Keeps the state of the members of one balancer. `now` is a monotonic clock in milliseconds. */
export function createMembers(
  settings: readonly MemberSettings[],
  now: () => number,
  rules: MemberRules,
  listener: MembersListener,
): Members {
  let { share, ejection } = rules;
  let members: readonly Member[] = settings.map(createMember);
  let routes = routesOf(members);
  let shares = new Float64Array(members.length);
  /** Whose report is waited for, of each member that is being tried again. */
  const probes = new Map<Member, Attempt>();
  const records = new WeakMap<Member, AnswerRecord>();

  function replaceList(list: readonly Member[]): void {
    members = list;
    routes = routesOf(list);
    if (shares.length < list.length) shares = new Float64Array(list.length);
  }

  /** Returns how to tell of the change, once everything is in order: who is told may elect at once. */
  function change(member: Member, event: MemberEvent): (() => void) | undefined {
    const before = member.state;
    const state = nextState(before, event, now());
    if (state === before) return undefined;
    member.state = state;
    if (!state.probing) probes.delete(member);
    if (state.upSince !== before.upSince) welcome(member);
    if (isServing(before) && !isServing(state)) prepareReserves(member);
    members = [...members];
    debug.member('%s: %s, %o', member.settings.url, typeof event === 'string' ? event : event.kind, state);
    return () => {
      listener.changed(member, before, event);
    };
  }

  /** All come back at once, so that none is behind the others. */
  function forgetErrors(): (() => void)[] {
    const news = members.flatMap((member) => {
      const before = member.state;
      member.state = nextState(before, 'forced', now());
      if (member.state === before) return [];
      probes.delete(member);
      records.delete(member);
      return [
        () => {
          listener.changed(member, before, 'forced');
        },
      ];
    });
    if (news.length > 0) members = [...members];
    return news;
  }

  /** So that it gets its share from now on, and not all that it has missed. */
  function welcome(member: Member): void {
    const at = now();
    member.handicap = returnHandicap(member, members);
    member.debt = returnDebt(member, members, at);
    member.debtAt = at;
    member.lbstatus = returnCredit(member, members, at);
    records.delete(member);
  }

  /** A hot spare or standby may take its place, and is not to make up for all the time that it stood by. */
  function prepareReserves({ settings: { lbset } }: Member): void {
    for (const reserve of members) {
      if (reserve.settings.lbset !== lbset || (reserve.state.status & reserves) === 0) continue;
      reserve.handicap = returnHandicap(reserve, members);
    }
  }

  function rate(member: Member, isBad: boolean, responseMs: number | undefined): void {
    const at = now();
    if (responseMs !== undefined) {
      const sample = isBad ? failureMs(member, members, responseMs) : responseMs;
      member.responseMs = sampleResponse(member, sample, at);
      member.sampledAt = at;
    }
    if (isBad) {
      member.failures += 1;
      member.debt = debtOf(member, at) + 1;
      member.debtAt = at;
      member.handicap += failureHandicap(member, members);
    }
  }

  /** Counts an answer among those that a member may be ejected for. */
  function enter(member: Member, isBad: boolean): void {
    if (!ejection) return;
    const at = now();
    let record = records.get(member);
    if (!record) records.set(member, (record = createRecord()));
    const standsOut = enterAnswer(record, isBad, ejection, at);
    if (!standsOut || member.state.errorAt !== undefined || !mayEject(members, ejection)) return;
    change(member, { kind: 'ejected', timeMs: ejection.timeMs })?.();
  }

  function slowDown(member: Member, bytes: number): void {
    if (member.state.upSince === undefined || member.settings.slowStartMs === 0) return;
    member.handicap += rampHandicap(member, bytes, now());
  }

  /** The chosen member pays what all candidates are given; one chosen from outside (drained, standby, another set) pays nothing. */
  function charge({ candidates, reason }: Chosen, chosen: Member): void {
    if (!share || (reason !== 'method' && !candidates.includes(chosen))) return;
    const total = share(candidates as Candidates, now(), shares);
    if (total === 0) return;
    for (let i = 0; i < candidates.length; i += 1) (candidates[i] as Member).lbstatus += shares[i]!;
    chosen.lbstatus -= total;
  }

  function createAttempt(member: Member): Attempt {
    let isEnded = false;
    let quality: 'unknown' | 'good' | 'bad' = 'unknown';
    const settle = (): void => {
      if (quality !== 'good') return;
      quality = 'unknown';
      enter(member, false);
    };
    const attempt: Attempt = {
      member,
      isProbe: () => probes.get(member) === attempt,
      report(event) {
        change(member, attempt.isProbe() ? `probe-${event}` : event)?.();
      },
      rate(isBad, responseMs) {
        if (quality === 'bad') return;
        quality = isBad ? 'bad' : 'good';
        rate(member, isBad, responseMs);
        // A good head that is followed by half an answer must not end a row of bad ones.
        if (isBad) enter(member, true);
      },
      settle,
      release() {
        if (attempt.isProbe()) change(member, 'probe-ended')?.();
      },
      sent(bytes) {
        member.sent += bytes;
        slowDown(member, bytes);
      },
      received(bytes) {
        member.received += bytes;
        slowDown(member, bytes);
      },
      end() {
        if (isEnded) return;
        isEnded = true;
        member.busy -= 1;
        settle();
        attempt.release();
        listener.freed(member);
      },
    };
    return attempt;
  }

  return {
    view: () => members,
    hasRoute: (route) => routes.has(route),
    elect(choice) {
      // A view is the member itself, seen without the right to write.
      const member: Member = choice.member;
      const news: ((() => void) | undefined)[] = choice.forced ? forgetErrors() : [];
      charge(choice, member);
      member.elected += 1;
      member.busy += 1;
      const attempt = createAttempt(member);
      if (choice.probe) {
        news.push(change(member, 'probed'));
        probes.set(member, attempt);
      }
      for (const tell of news) tell?.();
      return attempt;
    },
    apply(member, event) {
      change(member, event)?.();
    },
    add(added) {
      const member = createMember(added);
      member.state = { ...member.state, upSince: now() };
      replaceList([...members, member]);
      welcome(member);
      return member;
    },
    configure(view, changed) {
      const member: Member = view;
      const { lbfactor, health } = member.settings;
      member.handicap = rescaledHandicap(member, lbfactor, changed.lbfactor);
      member.settings = changed;
      replaceList([...members]);
      if (!health || changed.health) return;
      // No check would find out any more that it is well.
      change(member, { kind: 'set', status: member.state.status & ~Status.healthCheckFailed })?.();
    },
    remove(member) {
      replaceList(members.filter((each) => each !== member));
    },
    follow(other) {
      if (other.share !== share) for (const member of members) member.lbstatus = 0;
      ({ share, ejection } = other);
    },
  };
}

function createMember(settings: MemberSettings): Member {
  // Its first health check, and then its warming up, say when it serves.
  const isCold = (settings.health?.warmUp.length ?? 0) > 0;
  return {
    settings,
    state: initialState(settings.status | (isCold ? Status.healthCheckFailed : 0)),
    busy: 0,
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

function routesOf(members: readonly MemberView[]): ReadonlySet<string | undefined> {
  return new Set(members.map(({ settings }) => settings.route));
}
