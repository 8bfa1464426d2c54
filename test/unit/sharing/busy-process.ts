import type { Clock } from '../../../src/changes/alarm.ts';
import { chooseMember, nobodyTried } from '../../../src/choice/choose-member.ts';
import { createBalancer, type Balancer } from '../../../src/balancer.ts';
import { insideOf } from '../../../src/inside.ts';
import type { Attempt } from '../../../src/member/attempt.ts';
import type { MemberView } from '../../../src/member/member.ts';
import type { Hub } from '../../../src/sharing/hub.ts';
import { shareBusy, type BusySharing } from '../../../src/sharing/share-busy.ts';
import { buildContext } from '../../support/method-context.ts';

/** A clock that is set by hand, and what is to happen in order of time. */
export type Agenda = Clock & Readonly<{ pass(ms: number): void; runTo(at: number): void }>;

type Entry = Readonly<{ at: number; run: () => void }>;

export function createAgenda(): Agenda {
  const entries: Entry[] = [];
  let now = 0;

  function runTo(at: number): void {
    for (let next = entries[0]; next && next.at <= at; next = entries[0]) {
      entries.shift();
      now = Math.max(now, next.at);
      next.run();
    }
    now = at;
  }

  return {
    now: () => now,
    setTimer(run, ms) {
      const entry = { at: now + ms, run };
      let place = entries.length;
      while (place > 0 && entries[place - 1]!.at > entry.at) place -= 1;
      entries.splice(place, 0, entry);
      return () => {
        const index = entries.indexOf(entry);
        if (index >= 0) entries.splice(index, 1);
      };
    },
    pass(ms) {
      runTo(now + ms);
    },
    runTo,
  };
}

/** One process with a balancer under bybusyness, whose requests are begun and ended by hand. */
export type BusyProcess = Readonly<{
  balancer: Balancer;
  /** Undefined: it shares nothing. */
  sharing: BusySharing | undefined;
  begin(route?: string): Attempt;
  end(attempt: Attempt): void;
  member(name: string): MemberView;
  /** Of all members, in order. */
  elsewhere(): readonly number[];
  counts(): readonly number[];
  /** Takes what another process has told as it is. */
  believe(other: BusyProcess, counts: readonly number[]): void;
}>;

export type BusyProcessOptions = Readonly<{
  members: readonly string[];
  clock: Clock;
  hub?: Hub;
  random?: () => number;
  warn?: (text: unknown) => void;
}>;

const silent = (): void => undefined;

/** `members`: their routes. */
export function createBusyProcess({ members, clock, hub, random, warn }: BusyProcessOptions): BusyProcess {
  const balancer: Balancer = createBalancer({
    name: 'app',
    lbmethod: 'bybusyness',
    members: members.map((route) => ({ url: `http://${route}.test`, route })),
    logger: { info: silent, warn: warn ?? silent, error: silent },
  });
  const sharing = hub && shareBusy({ balancer, hub, clock });
  const context = buildContext(0, random ? { random } : {});

  function view(): readonly MemberView[] {
    return insideOf(balancer).now().parts.members.view();
  }

  function member(route: string): MemberView {
    const found = view().find(({ settings }) => settings.route === route);
    if (!found) throw new Error(`no member ${route}`);
    return found;
  }

  const believed = new Map<BusyProcess, readonly number[]>();

  return {
    balancer,
    sharing,
    begin(route) {
      const { members: own, rules } = insideOf(balancer).now().parts;
      const choice = chooseMember(own.view(), route, rules, context, nobodyTried);
      if (choice.kind === 'nobody') throw new Error(`nobody: ${choice.reason}`);
      const attempt = own.elect(choice);
      sharing?.charged(attempt.member);
      return attempt;
    },
    end(attempt) {
      attempt.end();
      sharing?.charged(attempt.member);
    },
    member,
    elsewhere: () => view().map(({ busyElsewhere }) => busyElsewhere),
    counts: () => view().map(({ busy }) => busy),
    believe(other, counts) {
      believed.set(other, counts);
      const { members: own } = insideOf(balancer).now().parts;
      for (const [i, each] of view().entries()) {
        own.noteElsewhere(
          each,
          [...believed.values()].reduce((sum, told) => sum + told[i]!, 0),
        );
      }
    },
  };
}
