import type { IncomingMessage } from 'node:http';
import { chooseMember, nobodyTried } from '../../../src/choice/choose-member.ts';
import type { Method } from '../../../src/choice/method.ts';
import type { MemberSettings } from '../../../src/definition/settings.ts';
import type { Attempt } from '../../../src/member/attempt.ts';
import { createMembers, type Members } from '../../../src/member/members.ts';
import { buildMembers } from '../../support/build-members.ts';
import { createRandom } from '../../support/seeded-random.ts';

/** How a member serves a request. */
export type Served = Readonly<{ ms: number; bytes?: number; isBad?: boolean }>;

export type Traffic = Readonly<{
  method: Method;
  /** In the notation of `buildMembers`. */
  members: string;
  settings?: Partial<MemberSettings>;
  serve(name: string, atMs: number): Served;
  /** How many clients wait for an answer before they ask again; or how many requests come in a second, by chance. */
  load: Readonly<{ parallel: number }> | Readonly<{ perSecond: number }>;
  /** Whichever comes first. */
  requests?: number;
  untilMs?: number;
  /** What happens besides, in order of time. */
  events?: readonly (readonly [atMs: number, happen: (members: Members) => void])[];
  seed?: number;
}>;

/** Who got a request, and when. */
export type Sent = Readonly<{ name: string; atMs: number }>;

/** Members, methods and clock as in a balancer, with requests that only take their time. */
export function simulateTraffic(traffic: Traffic): readonly Sent[] {
  const { method, serve, load, requests = Infinity, untilMs = Infinity, seed = 1 } = traffic;
  const random = createRandom(seed);
  const draw = (): number => random.below(2 ** 30) / 2 ** 30;
  const quiet = { changed: () => undefined, freed: () => undefined };
  const settings = buildMembers(traffic.members, traffic.settings);
  let now = 0;
  const members = createMembers(settings, () => now, { share: method.share, ejection: undefined }, quiet);
  const sent: Sent[] = [];
  const agenda: { at: number; run: () => void }[] = [];

  function plan(at: number, run: () => void): void {
    let place = agenda.length;
    while (place > 0 && agenda[place - 1]!.at > at) place -= 1;
    agenda.splice(place, 0, { at, run });
  }

  function begin(ended: () => void): void {
    const req = { ip: `192.0.2.${random.below(256)}` } as unknown as IncomingMessage;
    const rules = { nofailover: false, forcerecovery: true, method };
    const choice = chooseMember(members.view(), undefined, rules, { now, random: draw, req }, nobodyTried);
    if (choice.kind === 'nobody') throw new Error(`nobody: ${choice.reason}`);
    const { name } = choice.member.settings;
    const attempt = members.elect(choice);
    attempt.sent(300);
    sent.push({ name, atMs: now });
    const served = serve(name, now);
    plan(now + served.ms, () => {
      end(attempt, served);
      ended();
    });
  }

  function beginNext(): void {
    if (sent.length < requests && now < untilMs) begin('parallel' in load ? beginNext : () => undefined);
  }

  function arrive(perSecond: number): void {
    beginNext();
    if (sent.length < requests && now < untilMs) {
      plan(now + (-Math.log(1 - draw()) * 1_000) / perSecond, () => {
        arrive(perSecond);
      });
    }
  }

  for (const [at, happen] of traffic.events ?? []) {
    plan(at, () => {
      happen(members);
    });
  }
  if ('parallel' in load) for (let i = 0; i < load.parallel; i += 1) plan(0, beginNext);
  else {
    plan(0, () => {
      arrive(load.perSecond);
    });
  }
  for (let next = agenda.shift(); next; next = agenda.shift()) {
    now = next.at;
    next.run();
  }
  return sent;
}

function end(attempt: Attempt, { ms, bytes = 2_000, isBad = false }: Served): void {
  attempt.received(bytes);
  attempt.rate(isBad, ms);
  attempt.end();
}

/** The part of the requests that a member got, from one time up to another. */
export function partOf(sent: readonly Sent[], name: string, fromMs = 0, toMs = Infinity): number {
  const within = sent.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
  return within.filter((each) => each.name === name).length / within.length;
}

/** Somebody sets a member's flags. */
export function setStatus(name: string, status: number): (members: Members) => void {
  return function setStatusOf(members) {
    const member = members.view().find(({ settings }) => settings.name === name);
    if (!member) throw new Error(`no member ${name}`);
    members.apply(member, { kind: 'set', status });
  };
}
