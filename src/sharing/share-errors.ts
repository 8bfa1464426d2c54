import { chance, clock } from '../clock.ts';
import type { Balancer } from '../balancer.ts';
import type { Logger } from '../definition/definition.ts';
import { quote } from '../definition/describe.ts';
import { insideOf } from '../inside.ts';
import type { HeardError, MemberEvent, MemberState } from '../member/member-state.ts';
import type { MemberView } from '../member/member.ts';
import { identifyMember } from '../roster/diff-members.ts';
import { mayLose } from './enough-left.ts';
import { ageOf, findTold, readErrorWord, writeMark, type ErrorMark } from './error-word.ts';
import type { Entry } from './hub.ts';
import { createOwnReach } from './own-reach.ts';
import { createPace } from './pace.ts';
import { writeKey, type Replica } from './replica.ts';
import { timeOf } from './stamp.ts';

/** The errors of one balancer's members, as its processes know them together. */
export type ErrorsShare = Readonly<{
  /** A member's state has become another one here. */
  changed(member: MemberView, before: MemberState, event: MemberEvent): void;
  leave(): void;
}>;

/** What sharing errors needs. */
export type ErrorsOptions = Readonly<{
  balancer: Balancer;
  replica: Replica;
  logger: Logger;
  /** Milliseconds since 1970. */
  now?: () => number;
  /** A number from 0 up to 1, another one each time. */
  random?: () => number;
}>;

/** What is to be said when its turn comes: the age of an error is counted then. */
type Told = MemberState | 'cleared' | 'withdrawn' | null;

/** A process that comes, or comes back, within this time knows of it: it is longer than errors last. */
const keptMs = 86_400_000;
const mostSlackMs = 2000;
/** After somebody has withdrawn an error, each process finds out by itself: in a total outage, all of them withdraw. */
const withdrawnMs = 10_000;

/**
 * Tells the others which members are in error, and hears it of them. Two rules keep one process with a wrong view from
 * taking the members from all: who reaches nobody says nothing, and takes back what it has said; and on the word of others,
 * half of the members at most are left alone, rounded down.
 */
export function shareErrors({
  balancer,
  replica,
  logger,
  now = clock.date,
  random = chance.draw,
}: ErrorsOptions): ErrorsShare {
  const inside = insideOf(balancer);
  const { members, settings, now: clock } = inside.now().parts;
  const { name } = settings;
  const pace = createPace(say);
  /** By the key of what is said of them. */
  let present: ReadonlyMap<string, MemberView> = new Map();
  /** The last word on them was said here, and is that they are in error. */
  const said = new Set<string>();
  const reach = createOwnReach();
  /** How members were left by what was heard: nothing has happened to them here since. */
  const heard = new WeakMap<MemberView, MemberState>();
  let hasWarned = false;

  function keyOf(member: MemberView): string {
    return writeKey('error', name, identifyMember(member.settings));
  }

  function say(key: string, told: Told): void {
    if (isKnown(key, told)) return;
    if (isMark(told)) {
      if (reach.isNobody(members.view())) return;
      said.add(key);
    } else said.delete(key);
    replica.say(key, isMark(told) ? writeMark(told, clock()) : told, now() + keptMs);
  }

  function offer(key: string, told: Told): void {
    if (isKnown(key, told)) pace.drop(key);
    else pace.offer(key, told);
  }

  /** Of many processes that find the same, most have heard it by then. */
  function isKnown(key: string, told: Told): boolean {
    const entry = replica.get(key);
    if (!isMark(told)) return JSON.stringify(told) === (entry?.value ?? 'null');
    const word = entry && readErrorWord(JSON.parse(entry.value));
    const member = present.get(key);
    if (!word || word === 'cleared' || !member) return false;
    const saidAgoMs = now() - timeOf(entry.stamp);
    if (word === 'withdrawn') return saidAgoMs >= 0 && saidAgoMs < withdrawnMs;
    const { failedTrials, ejectedMs } = told;
    const isSame = word.failedTrials === failedTrials && word.ejectedMs === ejectedMs;
    const ageMs = word.ageMs + saidAgoMs;
    // Whether others go by this one or by that makes little difference.
    return isSame && ageMs >= 0 && ageMs < slackMs(member, ejectedMs);
  }

  function withdraw(): void {
    for (const key of [...said]) say(key, 'withdrawn');
  }

  function follow(entry: Entry, value: unknown): void {
    const word = readErrorWord(value);
    if (word === undefined) warnOnce(entry);
    const member = present.get(entry.key);
    if (!word || !member) return;
    if (word === 'withdrawn') {
      if (heard.get(member) === member.state) members.apply(member, { kind: 'heard', error: undefined });
      return;
    }
    if (word === 'cleared') {
      members.apply(member, { kind: 'heard', error: undefined });
      return;
    }
    if (!mayLose(member, members.view())) return;
    const before = member.state;
    const isOwnFinding = before.errorAt !== undefined && heard.get(member) !== before;
    members.apply(member, { kind: 'heard', error: translate(member, word, entry) });
    if (member.state !== before && !isOwnFinding) heard.set(member, member.state);
  }

  function translate(member: MemberView, mark: ErrorMark, { stamp }: Entry): HeardError {
    // For how long it is left alone is decided here: a word could keep it out for weeks.
    const longestMs = inside.now().parts.settings.ejection?.timeMs ?? member.settings.retryMs;
    const ejectedMs = mark.ejectedMs === undefined ? undefined : Math.min(mark.ejectedMs, longestMs);
    const delayMs = random() * slackMs(member, ejectedMs);
    return { ...mark, ejectedMs, ageMs: ageOf(mark, timeOf(stamp), now()), delayMs };
  }

  function warnOnce({ key }: Entry): void {
    if (hasWarned) return;
    hasWarned = true;
    logger.warn(`[${name}] shared state: what is said of ${quote(key)} is no error mark: it is ignored`);
  }

  function recall(key: string): void {
    const entry = replica.get(key);
    if (entry) follow(entry, JSON.parse(entry.value));
  }

  /**
   * A trial here holds up errors that others find meanwhile, and nothing else: whatever else was said is followed already, or
   * was over when the member failed here.
   */
  function recallMark(key: string): void {
    const entry = replica.get(key);
    const member = present.get(key);
    // Who is out of error by now was brought back after what was held up.
    if (!entry || said.has(key) || member?.state.errorAt === undefined) return;
    const value: unknown = JSON.parse(entry.value);
    // Of an error that is known here already, or a later one, the state is left as it is.
    if (typeof readErrorWord(value) === 'object') follow(entry, value);
  }

  /** Members come and go: who comes is as it is known to be, who has gone begins anew when it comes again. */
  function sync(): void {
    const before = present;
    present = new Map(members.view().map((member) => [keyOf(member), member]));
    for (const key of before.keys()) {
      if (present.has(key)) continue;
      pace.drop(key);
      say(key, null);
      said.delete(key);
    }
    for (const [key, member] of present) if (before.get(key) !== member) recall(key);
  }

  const endings = [
    replica.onNews(`${writeKey('error', name)}/`, (entry, value) => {
      // It was said after what waits here to be said.
      if (readErrorWord(value)) pace.drop(entry.key);
      said.delete(entry.key);
      follow(entry, value);
    }),
    balancer.on('members', sync),
  ];
  sync();

  return {
    changed(member, before, event) {
      if (event === 'failed' || event === 'probe-failed') {
        reach.failed(member);
        if (reach.isNobody(members.view())) withdraw();
      }
      const told = findTold(before, member.state, event);
      if (told === undefined && event !== 'probe-ended') return;
      const key = keyOf(member);
      if (present.get(key) !== member) return;
      // What came while a request tried it here was left to that request.
      if (!told) recallMark(key);
      else offer(key, told === 'cleared' ? told : member.state);
    },
    leave() {
      for (const end of endings) end();
      pace.close();
      present = new Map();
    },
  };
}

function isMark(told: Told): told is MemberState {
  return typeof told === 'object' && told !== null;
}

/** How much sooner or later a member may be tried than it should. */
function slackMs({ settings: { retryMs } }: MemberView, ejectedMs: number | undefined): number {
  return Math.min((ejectedMs ?? retryMs) / 10, mostSlackMs);
}
