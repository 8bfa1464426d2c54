import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { byBusyness } from '../../../src/choice/by-busyness.ts';
import type { Attempt } from '../../../src/member/attempt.ts';
import { busyTopic } from '../../../src/sharing/share-busy.ts';
import { createMemoryNet, type TestHub } from '../../support/memory-net.ts';
import { createAgenda, createBusyProcess, type Agenda, type BusyProcess } from './busy-process.ts';

const processes: BusyProcess[] = [];

afterEach(async () => {
  await Promise.all(processes.splice(0).map(({ balancer }) => balancer.close()));
});

type Seat = BusyProcess & Readonly<{ hub: TestHub; tells: jest.Mock<TestHub['tell']> }>;

/** Processes that share a balancer of these members, and what passes between them. */
function open(count: number, members = ['a', 'b', 'c'], warn?: (text: unknown) => void) {
  const net = createMemoryNet();
  const clock = createAgenda();
  const seats = Array.from({ length: count }, (): Seat => {
    const hub = net.hub();
    const tells = jest.fn(hub.tell);
    const own = createBusyProcess({
      members,
      clock,
      hub: { ...hub, tell: tells },
      ...(warn && { warn }),
    });
    processes.push(own);
    hub.start({
      entries: () => undefined,
      told: (topic, text, process) => {
        expect(topic).toBe(busyTopic('app'));
        own.sharing?.told(text, process);
      },
      left: (process) => own.sharing?.left(process),
      known: () => [],
      totals: () => [],
      changed: () => undefined,
    });
    return { ...own, hub, tells };
  });
  return { net, clock, seats, one: seats[0]!, other: seats[1]! };
}

/** Lets time go by in steps as small as a hub's, with what is told within each. */
function pass(net: { settle(): void }, clock: Agenda, ms: number): void {
  for (let passed = 0; passed < ms; passed += 10) {
    clock.pass(10);
    net.settle();
  }
}

function begin(process: BusyProcess, ...routes: string[]): Attempt[] {
  return routes.map((route) => process.begin(route));
}

describe('requests under way', () => {
  test('are known to the other processes within a gap, begun and ended', () => {
    const { net, clock, one, other } = open(2);
    const attempts = begin(one, 'a', 'a', 'c');
    pass(net, clock, 50);
    expect(other.elsewhere()).toEqual([2, 0, 1]);
    expect(one.elsewhere()).toEqual([0, 0, 0]);
    for (const attempt of attempts) one.end(attempt);
    pass(net, clock, 50);
    expect(other.elsewhere()).toEqual([0, 0, 0]);
  });

  test('are added up over all other processes', () => {
    const { net, clock, seats } = open(3);
    begin(seats[0]!, 'a', 'a');
    begin(seats[1]!, 'a', 'b');
    pass(net, clock, 200);
    expect(seats.map(({ elsewhere }) => elsewhere())).toEqual([
      [1, 1, 0],
      [2, 0, 0],
      [3, 1, 0],
    ]);
  });

  test('send what is bound to nobody to the member that has the fewest in all processes', () => {
    const { net, clock, one, other } = open(2);
    begin(one, 'a', 'a', 'b');
    pass(net, clock, 200);
    expect(other.begin().member.settings.route).toBe('c');
  });

  test('are taken for as many more elsewhere as have begun here, until the others tell', () => {
    const { net, clock, one, other } = open(2);
    begin(one, 'a', 'a');
    pass(net, clock, 50);
    begin(other, 'b', 'b', 'b');
    expect(other.elsewhere()).toEqual([2, 3, 0]);
    pass(net, clock, 200);
    expect(other.elsewhere()).toEqual([2, 0, 0]);
  });

  test('of other processes leave a member its whole max here', () => {
    const { net, clock, one, other } = open(2);
    begin(one, 'a', 'a', 'a');
    pass(net, clock, 100);
    other.balancer.change(other.member('a').settings.name, { max: 1 });
    begin(other, 'a');
    expect(() => other.begin('a')).toThrow('nobody: full');
  });
});

describe('what is told', () => {
  test('is told once in a gap, however much happens', () => {
    const { clock, one } = open(2);
    for (let i = 0; i < 100; i += 1) {
      one.end(one.begin());
      begin(one, 'a');
      clock.pass(10);
    }
    expect(one.tells.mock.calls.length).toBeGreaterThan(15);
    expect(one.tells.mock.calls.length).toBeLessThanOrEqual(21);
  });

  test('is told less often with many members, and is no more than twelve bytes for each', () => {
    const members = Array.from({ length: 1_000 }, (_, i) => `m${i}`);
    const { clock, one } = open(2, members);
    for (let i = 0; i < 1_000; i += 1) begin(one, `m${i}`);
    for (let i = 0; i < 200; i += 1) {
      one.end(one.begin(`m${i}`));
      begin(one, 'm0');
      clock.pass(10);
    }
    expect(one.tells.mock.calls.length).toBeLessThanOrEqual(5);
    const [, text] = one.tells.mock.lastCall!;
    expect(text.length).toBeLessThan(12_000);
    expect(text.split(' ')).toHaveLength(1_000);
  });

  test('is told again every two seconds while anything is under way, and not while nothing is', () => {
    const { clock, one } = open(2);
    clock.pass(60_000);
    expect(one.tells).not.toHaveBeenCalled();
    const [attempt] = begin(one, 'a');
    clock.pass(10_050);
    expect(one.tells).toHaveBeenCalledTimes(6);
    one.end(attempt!);
    clock.pass(60_000);
    expect(one.tells).toHaveBeenCalledTimes(7);
    expect(one.tells.mock.lastCall).toEqual(['busy/app', '']);
  });

  test('reaches a process that comes later', () => {
    const { net, clock, one, other } = open(2);
    other.hub.cut();
    begin(one, 'a');
    pass(net, clock, 1_000);
    expect(other.elsewhere()).toEqual([0, 0, 0]);
    other.hub.mend();
    pass(net, clock, 2_000);
    expect(other.elsewhere()).toEqual([1, 0, 0]);
  });
});

describe('a process that is not there any more counts for nothing', () => {
  test('when it leaves', () => {
    const { net, clock, one, other } = open(2);
    begin(one, 'a');
    pass(net, clock, 100);
    one.hub.kill();
    expect(other.elsewhere()).toEqual([0, 0, 0]);
  });

  test('when its balancer is closed, and it goes on', () => {
    const { net, clock, one, other } = open(2);
    begin(one, 'a');
    pass(net, clock, 100);
    one.sharing?.leave();
    net.settle();
    expect(other.elsewhere()).toEqual([0, 0, 0]);
    begin(one, 'b');
    pass(net, clock, 10_000);
    expect(other.elsewhere()).toEqual([0, 0, 0]);
  });

  test('when it is not heard of for six seconds', () => {
    const { clock, one, other } = open(2);
    begin(one, 'a');
    clock.pass(50);
    // Nothing is handed on after this.
    other.sharing?.told(one.tells.mock.lastCall![1], 'test:9:00000009');
    clock.pass(5_900);
    expect(other.elsewhere()).toEqual([1, 0, 0]);
    clock.pass(2_200);
    expect(other.elsewhere()).toEqual([0, 0, 0]);
  });

  test('for one that is alone, as soon as it chooses, and without', () => {
    const { net, clock, seats, one } = open(3);
    begin(one, 'a');
    pass(net, clock, 100);
    seats[1]!.hub.cut();
    seats[2]!.hub.cut();
    begin(seats[1]!, 'b');
    expect(seats[1]!.elsewhere()).toEqual([0, 0, 0]);
    clock.pass(2_000);
    expect(seats[2]!.elsewhere()).toEqual([0, 0, 0]);
  });

  test('and counts again when both share again, without a request in between', () => {
    const { net, clock, one, other } = open(2);
    begin(one, 'a');
    pass(net, clock, 100);
    one.hub.cut();
    pass(net, clock, 10_000);
    one.hub.mend();
    pass(net, clock, 2_100);
    expect(other.elsewhere()).toEqual([1, 0, 0]);
  });
});

describe('members that come and go', () => {
  test('count where both know them', () => {
    const { net, clock, one, other } = open(2);
    const added = one.balancer.add({ url: 'http://d.test', route: 'd' });
    begin(one, 'a', 'd');
    pass(net, clock, 100);
    expect(other.elsewhere()).toEqual([1, 0, 0]);
    other.balancer.add({ url: 'http://d.test', route: 'd' });
    expect(other.elsewhere()).toEqual([1, 0, 0, 0]);
    pass(net, clock, 2_000);
    expect(other.elsewhere()).toEqual([1, 0, 0, 1]);
    void one.balancer.remove(added);
    pass(net, clock, 2_000);
    expect(other.elsewhere()).toEqual([1, 0, 0, 0]);
  });

  test('leave nothing of what was told behind, when they are added once more', async () => {
    const { net, clock, one, other } = open(2);
    begin(one, 'a', 'a', 'b');
    pass(net, clock, 100);
    await other.balancer.remove(other.member('a').settings.name);
    pass(net, clock, 2_000);
    expect(other.elsewhere()).toEqual([1, 0]);
    other.balancer.add({ url: 'http://a.test', route: 'a' });
    pass(net, clock, 2_000);
    expect(other.elsewhere()).toEqual([1, 0, 2]);
  });
});

test.each([
  ['no counts', 'x'],
  ['a name that is too short', 'abcdefg 1'],
  ['a fraction', 'abcdefgh1.5'],
  ['a negative number', 'abcdefgh-1'],
  ['more than a million', 'abcdefgh1000001'],
  ['an exponent', 'abcdefgh1e9'],
  ['a line of another kind after a good one', 'abcdefgh1 <script>'],
  ['too much', 'abcdefgh1 '.repeat(30_000)],
])('%s changes nothing, and is warned of once', (_what, text) => {
  const warn = jest.fn<(text: unknown) => void>();
  const { net, clock, one, other } = open(2, ['a', 'b'], warn);
  begin(one, 'a');
  pass(net, clock, 100);
  for (let i = 0; i < 3; i += 1) other.sharing?.told(text, 'evil\n');
  expect(other.elsewhere()).toEqual([1, 0]);
  expect(warn.mock.calls).toEqual([
    [`[balancer app] process 'evil\\n' tells busy counts that are none: they are ignored`],
  ]);
});

test('members that nobody knows count for nobody', () => {
  const { other } = open(2);
  other.sharing?.told('abcdefgh5', 'test:9:00000009');
  expect(other.elsewhere()).toEqual([0, 0, 0]);
});

test('a thousand processes are listened to, and no more', () => {
  const { clock, one, other } = open(2, ['a']);
  begin(one, 'a');
  clock.pass(50);
  const [, text] = one.tells.mock.lastCall!;
  for (let i = 0; i < 1_100; i += 1) other.sharing?.told(text, `made-up:${i}:00000000`);
  expect(other.elsewhere()).toEqual([1_000]);
});

test('bybusyness tells of both', () => {
  const { net, clock, one, other } = open(2);
  begin(one, 'a', 'a');
  begin(other, 'a');
  pass(net, clock, 200);
  expect(byBusyness.tell?.(other.member('a'), 0)).toBe('1 under way here, 2 elsewhere');
  expect(byBusyness.tell?.(other.member('b'), 0)).toBe('0 under way');
});
