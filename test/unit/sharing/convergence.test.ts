import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createBalancer, type Balancer } from '../../../src/index.ts';
import { insideOf } from '../../../src/inside.ts';
import type { MemberEvent } from '../../../src/member/member-state.ts';
import type { MemberView } from '../../../src/member/member.ts';
import { Status } from '../../../src/member/status.ts';
import { createSharedState } from '../../../src/sharing/create-shared-state.ts';
import type { SharedState } from '../../../src/sharing/membership.ts';
import { createMemoryNet, type TestHub } from '../../support/memory-net.ts';
import { createRandom, type Random } from '../../support/seeded-random.ts';
import { stopProcessTime, type StoppedTime } from '../../support/time.ts';

type Process = Readonly<{ hub: TestHub; state: SharedState; balancer: Balancer }>;

let time: StoppedTime;
let processes: Process[] = [];

beforeEach(() => {
  time = stopProcessTime();
});

afterEach(async () => {
  jest.useRealTimers();
  await Promise.all(processes.map(({ balancer }) => balancer.close()));
  await Promise.all(processes.map(({ state }) => state.close()));
  processes = [];
});

const begin = 1_790_000_000_000;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const routes = ['a', 'b', 'c', 'd', 'e'];
/** These never fail: who reaches nobody keeps that to itself, and half of the members go on whatever others say. */
const safe = routes.map((route) => `safe-${route}`);

/** Their clocks differ by up to a minute. */
function start(hub: TestHub, aheadMs: number): Process {
  const now = (): number => begin + aheadMs + Math.round(performance.now());
  const state = createSharedState(hub, { logger: silent, busy: false, now });
  const balancer: Balancer = createBalancer({
    name: 'app',
    state,
    logger: false,
    members: [...safe, ...routes].map((route) => ({ url: `http://127.0.0.1:1/${route}`, route, retry: 5 })),
  });
  return { hub, state, balancer };
}

function membersOf({ balancer }: Process): readonly MemberView[] {
  return insideOf(balancer).now().parts.members.view();
}

function apply({ balancer }: Process, member: MemberView, event: MemberEvent): void {
  insideOf(balancer).now().parts.members.apply(member, event);
}

/** Something that could happen to the member now. */
function drawEvent({ state }: MemberView, random: Random): MemberEvent {
  if (state.probing) return random.oneOf(['probe-failed', 'probe-succeeded', 'probe-ended', 'failed']);
  if (state.errorAt !== undefined)
    return random.oneOf(['probed', 'checks-passed', 'forced', 'failed', setE(false)]);
  return random.oneOf(['failed', 'succeeded', { kind: 'ejected', timeMs: 3000 }, setE(true)]);
}

function setE(isError: boolean): MemberEvent {
  return { kind: 'set', status: isError ? Status.inError : 0 };
}

/** Trials end, and who is back by force has answered: both are known in one process only. */
function endTrials(process: Process): void {
  for (const member of membersOf(process)) {
    if (member.state.probing) apply(process, member, 'probe-ended');
    if (member.state.errorAt === undefined) apply(process, member, 'succeeded');
  }
}

test.each(Array.from({ length: 40 }, (_, i) => i + 1))(
  'whatever happens where and in what order, all processes know the same in the end: seed %i',
  (seed) => {
    const random = createRandom(seed);
    const net = createMemoryNet();
    processes = Array.from({ length: 4 }, () => start(net.hub(), random.below(120_000) - 60_000));
    for (let step = 0; step < 300; step += 1) {
      const process = random.oneOf(processes);
      const member = membersOf(process)[safe.length + random.below(routes.length)]!;
      apply(process, member, drawEvent(member, random));
      time.pass(random.below(400));
      if (random.happens(30)) net.settle();
      if (random.happens(3)) process.hub.cut();
      if (random.happens(5)) process.hub.mend();
      if (random.happens(1)) net.flush();
    }
    for (const { hub } of processes) hub.mend();
    net.settle();
    for (const process of processes) endTrials(process);
    time.pass(5000);
    net.settle();
    const letters = processes.map(({ balancer }) => balancer.view().map(({ status }) => status));
    expect(letters).toEqual(letters.map(() => letters[0]));
  },
);
