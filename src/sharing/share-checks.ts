import { clock, type Timer } from '../clock.ts';
import type { Balancer } from '../balancer.ts';
import type { CheckDuty } from '../health/check-duty.ts';
import { insideOf } from '../inside.ts';
import type { MemberView } from '../member/member.ts';
import { Status } from '../member/status.ts';
import { identifyMember } from '../roster/diff-members.ts';
import { abbreviate } from './busy-text.ts';
import { weighHeard, type HeardCheck } from './checks-heard.ts';
import { createChecksTeller } from './checks-teller.ts';
import { readChecks } from './checks-text.ts';
import { readCheckWord, writeCheckWord } from './checks-word.ts';
import { createLeaseSeat } from './checks-lease.ts';
import { createDutyRoster, longestCheckMs } from './checks-turn.ts';
import type { Hub } from './hub.ts';
import { writeKey, type Replica } from './replica.ts';

/** What the checks of one balancer are shared by. */
export type SharedChecksParts = Readonly<{
  balancer: Balancer;
  replica: Pick<Replica, 'say' | 'list' | 'onNews'>;
  hub: Pick<Hub, 'process' | 'status' | 'has' | 'want' | 'release' | 'tell'>;
  /** Milliseconds since 1970. */
  now?: () => number;
}>;

/** One process checks the members of a balancer, the others listen. */
export type SharedChecks = Readonly<{
  duty: CheckDuty;
  /** Another process has told something under this balancer's topic (`writeKey('checks', name)`). */
  told(text: string, process: string): void;
  left(process: string): void;
  leave(): void;
}>;

/** A word is old after so many intervals: by then its member was checked again. */
const freshIntervals = 3;
const answeringMs = 1000;
const lookingMs = 250;

/**
 * Shares what the health checks of one balancer find. The lease `checks/<name>` says whose turn it is; who finds every
 * member failing hands it on.
 */
export function shareChecks({ balancer, replica, hub, now = clock.date }: SharedChecksParts): SharedChecks {
  const works = insideOf(balancer);
  const { members, settings, now: steadyNow } = works.now().parts;
  const { name } = settings;
  const topic = writeKey('checks', name);
  const prefix = `${writeKey('check', name)}/`;
  const lease = createLeaseSeat({ hub, lease: topic, now: steadyNow });
  const turn = createDutyRoster({ hub, lease: topic, now: steadyNow });
  const teller = createChecksTeller({
    tell: (text) => {
      hub.tell(topic, text);
    },
    isHolder: () => hub.has(topic),
    now: steadyNow,
  });
  /** When the check began that is known here as the last one, and whose it is. */
  let known = new WeakMap<MemberView, Readonly<{ beganAt: number; process: string; number: number }>>();
  let byName: ReadonlyMap<string, MemberView> = new Map();
  let byKey: ReadonlyMap<string, MemberView> = new Map();
  let answeredAt = -Infinity;
  let wasShared = false;
  let wasHolder = false;
  let looking: Timer | undefined;
  let hasWarned = false;
  let hasLeft = false;

  /** Who begins to share need not wait for the next check of each member; and what others have found while it was alone holds. */
  function look(): void {
    const { kind } = hub.status();
    const isShared = kind === 'shared';
    if (isShared && !wasShared) {
      known = new WeakMap();
      teller.ask();
    }
    const isHolder = hub.has(topic);
    if (isHolder && !wasHolder) answer();
    [wasShared, wasHolder] = [isShared, isHolder];
    if (isShared || kind === 'closed') {
      clock.clear(looking);
      looking = undefined;
    } else looking ??= clock.setRepeating(look, lookingMs).unref();
  }

  function warn(what: string): void {
    if (hasWarned) return;
    hasWarned = true;
    const { logger } = works.now().parts.settings;
    logger.warn(`[${name}] what another process tells of health checks is ignored: ${what}`);
  }

  function follow(member: MemberView, heard: HeardCheck, beganAt: number): void {
    const own = works.checkReport(member);
    const { health } = member.settings;
    if (!own || !health || member.state.status & Status.stopped) return;
    const { counts, event } = weighHeard(heard, beganAt, own, member.state, health);
    const last = { at: Math.round(now() - heard.endedAgoMs), passed: heard.passed, why: heard.why };
    works.hearCheck(member, { ...counts, last });
    if (event) members.apply(member, event);
  }

  function hearWord(member: MemberView, value: unknown): void {
    const heard = readCheckWord(value, now());
    if (!heard) {
      warn('a word is none');
      return;
    }
    const beganAt = steadyNow() - heard.beganAgoMs;
    const { health } = member.settings;
    if (!health || heard.endedAgoMs > freshIntervals * health.intervalMs) return;
    if (beganAt < (known.get(member)?.beganAt ?? -Infinity)) return;
    known.set(member, { beganAt, process: '', number: 0 });
    follow(member, heard, beganAt);
  }

  function hearTold(
    member: MemberView,
    { check, number }: Readonly<{ check: HeardCheck; number: number }>,
    process: string,
  ): void {
    const beganAt = steadyNow() - check.beganAgoMs;
    const before = known.get(member);
    // One process tells of its checks in their order, and of each several times.
    const isOld =
      before?.process === process ? number === before.number : beganAt < (before?.beganAt ?? -Infinity);
    if (isOld) return;
    known.set(member, { beganAt, process, number });
    follow(member, check, beganAt);
  }

  function meet(): void {
    const list = members.view();
    const before = new Set(byName.values());
    const added = list.filter((member) => !before.has(member));
    byName = new Map(list.map((member) => [abbreviate(member), member]));
    byKey = new Map(list.map((member) => [writeKey('check', name, identifyMember(member.settings)), member]));
    teller.forget((member) => !byName.has(member));
    turn.meet(list);
    const isNew = new Set(added);
    for (const { key, value } of replica.list(prefix)) {
      const member = byKey.get(key);
      // The replica has read it before.
      if (member && isNew.has(member)) hearWord(member, JSON.parse(value));
    }
    if (wasShared && added.some(({ settings: { health } }) => health)) teller.ask();
  }

  function answer(): void {
    const time = steadyNow();
    if (!hub.has(topic) || time - answeredAt < answeringMs) return;
    answeredAt = time;
    teller.repeat((member, { endedAt }) => {
      const intervalMs = byName.get(member)?.settings.health?.intervalMs ?? 0;
      return time - endedAt <= freshIntervals * intervalMs;
    });
  }

  const offNews = replica.onNews(prefix, ({ key }, value) => {
    const member = byKey.get(key);
    if (member) hearWord(member, value);
  });
  const offMembers = balancer.on('members', meet);
  meet();
  look();

  return {
    duty: {
      isMine(member, intervalMs) {
        if (!hasLeft) {
          lease.look();
          look();
        }
        return turn.isMine(member, intervalMs);
      },
      checked(member, news) {
        const { report, event, tookMs } = news;
        const endedAt = steadyNow();
        const beganAt = endedAt - tookMs;
        known.set(member, { beganAt, process: hub.process, number: 0 });
        // What was found before a pause of this process would be told as the latest; the next check tells what is so.
        if (hasLeft || !report.last || tookMs > longestCheckMs(member)) return;
        const { passed, why } = report.last;
        const isShared = hub.status().kind === 'shared';
        const check = {
          passed,
          why,
          counts: { passed: report.passed, failed: report.failed },
          hasFailed: (member.state.status & Status.healthCheckFailed) !== 0,
          isEvent: event !== undefined,
          beganAt,
          endedAt,
        };
        teller.keep(abbreviate(member), check, isShared);
        // Whoever is cut off from the others may be cut off from the member too, and would say so once it is back.
        const word = isShared ? writeCheckWord(news) : undefined;
        const intervalMs = member.settings.health?.intervalMs ?? 0;
        if (word) {
          const key = writeKey('check', name, identifyMember(member.settings));
          replica.say(key, word, word.report.last.at + freshIntervals * intervalMs + 60_000);
        }
        lease.checked(member, passed, members.view(), intervalMs);
      },
    },
    told(text, process) {
      if (hasLeft) return;
      const { isHolder, asks, checks, fault } = readChecks(text);
      if (fault !== undefined) warn(fault);
      if (asks) answer();
      if (isHolder) lease.heardHolder();
      // Who has the lease knows better than one that stands in for it.
      if (hub.has(topic) && !isHolder) return;
      for (const told of checks) {
        const member = byName.get(told.member);
        if (!member) continue;
        turn.heard(member, process, isHolder, told.check.endedAgoMs);
        hearTold(member, told, process);
      }
    },
    left: turn.left,
    leave() {
      hasLeft = true;
      clock.clear(looking);
      teller.close();
      offNews();
      offMembers();
      turn.close();
      lease.leave();
    },
  };
}
