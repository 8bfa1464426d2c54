import type { Chosen } from '../choice/choose-member.ts';
import type { Method } from '../choice/method.ts';
import { debug } from '../debug.ts';
import type { EjectionSettings, MemberSettings } from '../definition/settings.ts';
import { createAttempt, type Attempt, type AttemptHost } from './attempt.ts';
import { createCharging } from './charging.ts';
import { levelReserves, levelReturn, levelSettings } from './level.ts';
import { createMember, type KeptMember, type Member, type MemberView } from './member.ts';
import { isServing, nextState, type MemberEvent, type MemberState } from './member-state.ts';
import { createRecord, enterAnswer, isBetter, mayEject, renewRecord, type AnswerRecord } from './outliers.ts';
import { copyList, findByRoute } from './routes.ts';
import { Status } from './status.ts';

/** Who is told of what happens to members: at once, when everything is in order. */
export type MembersListener = Readonly<{
  changed(member: MemberView, before: MemberState, event: MemberEvent): void;
  /** A request begins. */
  charged?(member: MemberView): void;
  /** A request has ended. */
  freed(member: MemberView): void;
}>;

/** What elections and ratings go by. */
export type MemberRules = Readonly<{ share: Method['share']; ejection: EjectionSettings | undefined }>;

/** What makes one list of members of another. */
export type Revision = Readonly<{
  /** Who has other settings: state, counters and requests stay. */
  changed?: readonly Readonly<{
    member: MemberView;
    settings: MemberSettings;
    /** Flags that its definition gives it now; those of failures stay. Undefined: as they are. */
    status?: number | undefined;
  }>[];
  /** New members serve as if they had just come back. */
  added?: readonly MemberSettings[];
  /** Nobody chooses them any more; what they serve goes on. */
  removed?: readonly MemberView[];
}>;

/** The members of one balancer: the only place where their state is kept and changed. */
export type Members = Readonly<{
  /** Another list after every change of a state, of settings, or of who is there; counters change within it. */
  view(): readonly MemberView[];
  hasRoute(route: string): boolean;
  /** Charges a chosen member: elected, busy, the credits among its candidates; and notes a retry or a forced recovery. */
  elect(choice: Chosen): Attempt;
  /** Something has happened to a member, other than by an attempt. */
  apply(member: MemberView, event: MemberEvent): void;
  /** Other processes have told how many requests are charged to it there. */
  noteElsewhere(member: MemberView, busy: number): void;
  /** Changes settings, and who is there, all at once. Returns those that were added. */
  revise(revision: Revision): readonly MemberView[];
  /** Other rules; credits of another method mean nothing to this one. */
  follow(rules: MemberRules): void;
}>;

/** How to tell of a change, once everything is in order: who is told may elect at once. */
type News = readonly (() => void)[];

const noNews: News = [];

const failures = Status.inError | Status.healthCheckFailed;

/** Keeps the state of the members of one balancer. `now` is a monotonic clock in milliseconds. */
export function createMembers(
  settings: readonly MemberSettings[],
  now: () => number,
  rules: MemberRules,
  listener: MembersListener,
): Members {
  let { share, ejection } = rules;
  let members: readonly KeptMember[] = settings.map(createMember);
  const charging = createCharging(share);
  /** Whose report is waited for, of each member that is being tried again. */
  const probes = new Map<Member, Attempt>();
  const records = new WeakMap<Member, AnswerRecord>();

  const attempts: AttemptHost = {
    now,
    view: () => members,
    isProbe: (attempt) => probes.get(attempt.member) === attempt,
    change(member, event) {
      tellAll(change(member, event));
    },
    enter,
    freed: listener.freed,
  };

  /** For a list that is to be another one: who calls this replaces it. */
  function turn(member: Member, event: MemberEvent): News {
    const before = member.state;
    const state = nextState(before, event, now());
    if (state === before) return noNews;
    member.state = state;
    if (!state.probing) probes.delete(member);
    if (state.upSince !== before.upSince) welcome(member, members);
    if (isServing(before) && !isServing(state)) levelReserves(member, members);
    debug.member('%s: %s, %o', member.settings.url, typeof event === 'string' ? event : event.kind, state);
    return [
      () => {
        listener.changed(member, before, event);
      },
    ];
  }

  function change(member: Member, event: MemberEvent): News {
    const news = turn(member, event);
    if (news.length > 0) members = copyList(members);
    return news;
  }

  /** All come back at once, so that none is behind the others. */
  function forgetErrors(): News {
    const news = members.flatMap((member) => {
      const before = member.state;
      member.state = nextState(before, 'forced', now());
      if (member.state === before) return [];
      probes.delete(member);
      forgive(member);
      return [
        () => {
          listener.changed(member, before, 'forced');
        },
      ];
    });
    if (news.length > 0) members = copyList(members);
    return news;
  }

  function welcome(member: Member, others: readonly Member[]): void {
    levelReturn(member, others, now());
    forgive(member);
  }

  function forgive(member: Member): void {
    const record = records.get(member);
    if (record) records.set(member, renewRecord(record));
  }

  function enter(member: Member, isBad: boolean): void {
    if (!ejection) return;
    let record = records.get(member);
    if (!record) records.set(member, (record = createRecord()));
    const isPoor = enterAnswer(record, isBad, ejection, now());
    if (!isPoor || member.state.errorAt !== undefined || !mayEject(members, ejection)) return;
    // Whoever lets all be ejected wants the bad ones out, whether anybody is left or not.
    if (ejection.maxEjected < 1 && !standsOut(member, record)) return;
    tellAll(change(member, { kind: 'ejected', timeMs: ejection.timeMs }));
  }

  function standsOut(member: Member, record: AnswerRecord): boolean {
    return members.some((other) => other !== member && isBetter(records.get(other), record));
  }

  /** The list without some, and with others, who begin one after the other. */
  function rebuildList(
    added: readonly MemberSettings[],
    removed: readonly MemberView[],
  ): readonly KeptMember[] {
    const gone = new Set(removed);
    const list = members.filter((member) => !gone.has(member));
    for (const each of added) {
      const member = createMember(each);
      member.state = { ...member.state, upSince: now() };
      list.push(member);
      welcome(member, list);
    }
    return list;
  }

  return {
    view: () => members,
    hasRoute: (route) => findByRoute(members, route).length > 0,
    elect(choice) {
      // A view is the member itself, seen without the right to write.
      const member: Member = choice.member;
      let news = choice.forced ? forgetErrors() : noNews;
      charging.charge(choice, now());
      member.elected += 1;
      member.busy += 1;
      listener.charged?.(member);
      const attempt = createAttempt(member, attempts, choice.probe);
      if (choice.probe) {
        news = [...news, ...change(member, 'probed')];
        probes.set(member, attempt);
      }
      tellAll(news);
      return attempt;
    },
    apply(member, event) {
      tellAll(change(member, event));
    },
    noteElsewhere(member: Member, busy) {
      member.busyElsewhere = busy;
    },
    revise({ changed = [], added = [], removed = [] }) {
      const isUnchecked = changed.map(({ member, settings: next }) => {
        const { health } = member.settings;
        levelSettings(member, next);
        // No check would find out any more that it is well.
        return health !== undefined && next.health === undefined;
      });
      members = rebuildList(added, removed);
      const news = changed.flatMap(({ member, status }, i) => {
        const before = member.state.status;
        const kept = isUnchecked[i] ? before & ~Status.healthCheckFailed : before;
        return turn(member, {
          kind: 'set',
          status: status === undefined ? kept : status | (kept & failures),
        });
      });
      if (news.length > 0) members = copyList(members);
      tellAll(news);
      return members.slice(members.length - added.length);
    },
    follow(other) {
      if (other.share !== share) for (const member of members) member.lbstatus = 0;
      ({ share, ejection } = other);
      charging.follow(share);
    },
  };
}

function tellAll(news: News): void {
  for (const tell of news) tell();
}
