import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createBalancer, type Balancer } from '../../../src/index.ts';
import { insideOf } from '../../../src/inside.ts';
import type { Attempt } from '../../../src/member/attempt.ts';
import type { MemberView } from '../../../src/member/member.ts';
import { Status } from '../../../src/member/status.ts';
import { createSharedState } from '../../../src/sharing/create-shared-state.ts';
import type { SharedState } from '../../../src/sharing/membership.ts';
import { createMemoryNet, type MemoryNet, type TestHub } from '../../support/memory-net.ts';
import { createRandom, type Random } from '../../support/seeded-random.ts';
import { stopProcessTime, type StoppedTime } from '../../support/time.ts';

type Process = Readonly<{ hub: TestHub; state: SharedState; balancer: Balancer; attempts: Attempt[] }>;

let time: StoppedTime;
let net: MemoryNet;
let started: Process[] = [];

beforeEach(() => {
  time = stopProcessTime();
  net = createMemoryNet();
  // No check of its own comes within a test: an interval is a day.
  jest.spyOn(Math, 'random').mockReturnValue(0.5);
});

afterEach(async () => {
  jest.restoreAllMocks();
  jest.useRealTimers();
  await Promise.all(started.map(({ balancer }) => balancer.close()));
  await Promise.all(started.map(({ state }) => state.close()));
  started = [];
});

const begin = 1_790_000_000_000;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const routes = ['a', 'b', 'c', 'd', 'e', 'f'];

function start(): Process {
  const hub = net.hub();
  const now = (): number => begin + Math.round(performance.now());
  const state = createSharedState(hub, { logger: silent, busy: true, now });
  const balancer: Balancer = createBalancer({
    name: 'app',
    state,
    logger: false,
    lbmethod: 'bybusyness',
    members: routes.map((route) => ({
      url: `http://127.0.0.1:1/${route}`,
      route,
      retry: 5,
      hcmethod: 'TCP',
      hcinterval: '86400s',
    })),
  });
  const process = { hub, state, balancer, attempts: [] };
  started.push(process);
  return process;
}

function membersOf({ balancer }: Process): readonly MemberView[] {
  return insideOf(balancer).now().parts.members.view();
}

function beginRequest(process: Process, member: MemberView): void {
  const { members } = insideOf(process.balancer).now().parts;
  const probe = member.state.errorAt !== undefined && !member.state.probing;
  const candidates = members.view();
  process.attempts.push(
    members.elect({ kind: 'member', member, reason: 'method', candidates, probe, forced: false }),
  );
}

function endRequest({ attempts }: Process, isAnswered: boolean): void {
  const attempt = attempts.shift();
  if (isAnswered) attempt?.received(100);
  attempt?.report(isAnswered ? 'succeeded' : 'failed');
  attempt?.end();
}

/** A check of the one whose turn it is ends, as the loops do it. */
function check({ balancer, hub }: Process, member: MemberView, passed: boolean): void {
  if (!hub.has('checks/app') && hub.status().kind === 'shared') return;
  const works = insideOf(balancer);
  const isFailed = (member.state.status & Status.healthCheckFailed) !== 0;
  const found = passed ? ('checks-passed' as const) : ('checks-failed' as const);
  const event = passed === isFailed ? found : undefined;
  if (event) works.now().parts.members.apply(member, event);
  const last = { at: begin + Math.round(performance.now()), passed, why: 'so' };
  const news = { report: { passed: 0, failed: 0, last }, event, tookMs: 10 };
  works.membership()!.duty.checked(member, news);
}

/** Everything is handed on, and changes are laid on the balancers. */
async function settle(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 500) {
    time.pass(500);
    net.settle();
    await Promise.resolve();
  }
}

function act(processes: Process[], random: Random): void {
  const process = random.oneOf(processes);
  const member = random.oneOf(membersOf(process));
  const draw = random.below(100);
  if (draw < 35) beginRequest(process, member);
  else if (draw < 70) endRequest(process, random.happens(80));
  else if (draw < 82) check(process, member, random.happens(60));
  else if (draw < 90) process.balancer.change(member.settings.name, random.oneOf(['+D', '-D', '+N', '-N']));
  else if (draw < 94) process.hub.cut();
  else if (draw < 98) process.hub.mend();
  else if (draw < 99) net.flush();
  else {
    process.hub.kill();
    processes.splice(processes.indexOf(process), 1, start());
  }
}

test.each(Array.from({ length: 20 }, (_, i) => i + 1))(
  'whatever is cut, killed and lost, everything is shared again in the end: seed %i',
  async (seed) => {
    const random = createRandom(seed);
    const processes = Array.from({ length: 4 }, start);
    for (let step = 0; step < 300; step += 1) {
      act(processes, random);
      time.pass(random.below(400));
      if (random.happens(40)) net.settle();
      await Promise.resolve();
    }
    for (const { hub } of processes) hub.mend();
    for (const process of processes) while (process.attempts.length > 0) endRequest(process, true);
    await settle(10_000);
    const holders = processes.filter(({ hub }) => hub.has('checks/app'));
    expect(holders).toHaveLength(1);
    // The members are well: checks find it, and trials.
    for (const member of membersOf(holders[0]!)) check(holders[0]!, member, true);
    for (const process of processes) {
      for (const member of membersOf(process)) {
        beginRequest(process, member);
        endRequest(process, true);
      }
    }
    await settle(5000);
    const letters = processes.map(({ balancer }) => balancer.view().map(({ status }) => status));
    expect(letters).toEqual(letters.map(() => letters[0]));
    expect(letters[0]!.join('')).not.toMatch(/[CE]/);
    for (const process of processes) {
      for (const { busy, busyElsewhere } of membersOf(process)) expect([busy, busyElsewhere]).toEqual([0, 0]);
      const { totals } = insideOf(process.balancer).membership()!;
      await totals.refresh();
      expect(totals.others()).toHaveLength(processes.length - 1);
    }
    // And what happens next is known to all.
    const [one] = processes;
    for (const route of routes) one!.balancer.change(route, 'enabled');
    await settle(500);
    expect(processes.flatMap(({ balancer }) => balancer.view().map(({ status }) => status)).join('')).toBe(
      '',
    );
    insideOf(one!.balancer).now().parts.members.apply(membersOf(one!)[0]!, 'failed');
    net.settle();
    for (const { balancer } of processes) expect(balancer.view()[0]!.inError).toBe(true);
  },
);
