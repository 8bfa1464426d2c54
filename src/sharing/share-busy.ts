import { clock } from '../clock.ts';
import type { Balancer } from '../balancer.ts';
import { wallClock, type Clock } from '../changes/alarm.ts';
import { quote } from '../definition/describe.ts';
import type { MemberSettings } from '../definition/settings.ts';
import { insideOf } from '../inside.ts';
import type { MemberView } from '../member/member.ts';
import { createBusyElsewhere } from './busy-elsewhere.ts';
import { abbreviate, readBusy, writeBusy } from './busy-text.ts';
import type { Hub } from './hub.ts';
import { writeKey } from './replica.ts';

/** What changes within it is told together; with many members it is longer, so that the bytes in a second stay bounded. */
const leastGapMs = 50;
const gapOfMemberMs = 0.5;

/** Who has missed what was told is right again after that; who is not heard of for three of them has gone. */
const beatMs = 2_000;
const expiryMs = 3 * beatMs;

/** A hub and the event loop take their time: who is silent for so many gaps has nothing to tell. */
const settledGaps = 2;

/** Only differences count, and no clock of another process. */
const steadyClock: Clock = { now: clock.now, setTimer: wallClock.setTimer };

/** How busy the members of a balancer are, told to the other processes and heard from them. */
export type BusySharing = Readonly<{
  /** A request of the member has begun or ended here. */
  charged(member: MemberView): void;
  /** What another process has told on the topic. */
  told(text: string, process: string): void;
  /** A process has gone, and its requests with it. */
  left(process: string): void;
  /** Tells nothing more, and counts nobody's requests but its own. */
  leave(): void;
}>;

/** On which topic the processes tell how busy the members of a balancer are. */
export function busyTopic(balancer: string): string {
  return writeKey('busy', balancer);
}

/**
 * Lets processes know how many requests members have in the others, for bybusyness; `max` is what each process may send by
 * itself. The whole is told each time: of a topic only the last text is sent, and none while nothing can be sent, so
 * that a text of mere differences would be wrong for good when one is lost.
 */
export function shareBusy({
  balancer,
  hub,
  clock = steadyClock,
}: Readonly<{ balancer: Balancer; hub: Hub; clock?: Clock }>): BusySharing {
  const { parts } = insideOf(balancer).now();
  const { members, settings } = parts;
  const topic = busyTopic(settings.name);
  const elsewhere = createBusyElsewhere(members.view, members.noteElsewhere);
  const names = new WeakMap<MemberSettings, string>();
  const { now } = clock;
  let told = '';
  let toldAt = -Infinity;
  let ranAt = -Infinity;
  let dueAt = Infinity;
  let cancel: (() => void) | undefined;
  let isOver = false;
  let hasWarned = false;

  function nameOf(member: MemberView): string {
    let name = names.get(member.settings);
    if (name === undefined) names.set(member.settings, (name = abbreviate(member)));
    return name;
  }

  function gapMs(): number {
    return Math.max(leastGapMs, members.view().length * gapOfMemberMs);
  }

  function isShared(): boolean {
    return hub.status().kind === 'shared';
  }

  function arm(at: number): void {
    if (at >= dueAt) return;
    cancel?.();
    dueAt = at;
    cancel = clock.setTimer(run, Math.max(0, Math.ceil(at - now())));
  }

  function run(): void {
    const at = now();
    dueAt = Infinity;
    ranAt = at;
    const text = writeBusy(members.view(), nameOf);
    if (isShared()) {
      elsewhere.forgetBefore(at - expiryMs);
      elsewhere.settleBefore(at - settledGaps * gapMs());
      if (text !== told || (text !== '' && at - toldAt >= beatMs)) {
        hub.tell(topic, text);
        told = text;
        toldAt = at;
      }
    } else {
      elsewhere.forgetAll();
      told = '';
    }
    if (elsewhere.isMoving()) arm(at + gapMs());
    else if (text !== '' || !elsewhere.isEmpty()) arm(at + beatMs);
  }

  function warn(process: string): void {
    if (hasWarned) return;
    hasWarned = true;
    insideOf(balancer)
      .now()
      .parts.settings.logger.warn(
        `[balancer ${settings.name}] process ${quote(process)} tells busy counts that are none: they are ignored`,
      );
  }

  return {
    charged(member) {
      if (isOver) return;
      if (isShared()) elsewhere.moved(member);
      else elsewhere.forgetAll();
      arm(ranAt + gapMs());
    },
    told(text, process) {
      if (isOver || process === hub.process || !isShared()) return;
      const counts = readBusy(text);
      if (!counts) {
        warn(process);
        return;
      }
      const at = now();
      elsewhere.hear(process, (member) => counts.get(nameOf(member)) ?? 0, at);
      arm(at + (elsewhere.isMoving() ? gapMs() : beatMs));
    },
    left: elsewhere.forget,
    leave() {
      if (isOver) return;
      isOver = true;
      cancel?.();
      elsewhere.forgetAll();
      if (told !== '' && isShared()) hub.tell(topic, '');
    },
  };
}
