import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { HubStatus } from '../../../src/sharing/hub.ts';
import { createMemoryNet, type MemoryNet } from '../../support/memory-net.ts';
import { createRandom } from '../../support/seeded-random.ts';
import { pass, startChecking, type CheckingOptions, type CheckingProcess } from './checking-process.ts';

let net: MemoryNet;
let running: CheckingProcess[];
/** What members answer in every process that is told nothing else. */
let answers: Record<string, number | 'refused' | Readonly<{ afterMs: number }>>;

beforeEach(() => {
  jest.useFakeTimers();
  [net, running, answers] = [createMemoryNet(), [], {}];
});

afterEach(async () => {
  for (const process of running) await process.close();
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

function start(options: Partial<CheckingOptions> = {}): CheckingProcess {
  const process = startChecking(net, {
    members: { a: {} },
    answer: (name) => answers[name] ?? 200,
    ...options,
  });
  running.push(process);
  return process;
}

function startMany(count: number, options: Partial<CheckingOptions> = {}): CheckingProcess[] {
  return Array.from({ length: count }, () => start(options));
}

const wait = (ms: number): Promise<void> => pass(net, ms);

describe('one process checks each member', () => {
  test('and the others send nothing, for as long as it tells', async () => {
    const [first, second, third] = startMany(3, { members: { a: {}, b: {} } });
    await wait(120_000);
    expect(first!.asked.length).toBeGreaterThan(20);
    expect(new Set(first!.asked)).toEqual(new Set(['a', 'b']));
    expect([second!.asked, third!.asked]).toEqual([[], []]);
  });

  test('what it finds is known in all, for the manager', async () => {
    const [first, second] = startMany(2, { members: { a: { fails: 3 } } });
    answers['a'] = 503;
    await wait(16_000);
    expect(first!.asked).toEqual(['a', 'a']);
    const { last, ...counts } = second!.report('a')!;
    expect(counts).toEqual({ passed: 0, failed: 2 });
    expect(last).toMatchObject({ passed: false, why: '503' });
    expect(Math.abs(last!.at - first!.report('a')!.last!.at)).toBeLessThan(50);
  });

  test('a state that changes does so in all at once', async () => {
    const [first, second] = startMany(2, { members: { a: {}, b: {} } });
    await wait(20_000);
    answers['a'] = 'refused';
    await wait(10_000);
    expect([first!.letters('a'), second!.letters('a')]).toEqual(['C', 'C']);
    answers['a'] = 204;
    const asked = first!.asked.length;
    while (first!.asked.length === asked) await wait(20);
    expect([first!.letters('a'), second!.letters('a')]).toEqual(['', '']);
    expect(second!.events).toEqual(['a checks-failed', 'a checks-passed']);
    expect(second!.asked).toEqual([]);
  });

  test('clears an error that only the others have put it in', async () => {
    const [, second] = startMany(2, { members: { a: { passes: 2 } } });
    await wait(6000);
    second!.happen('a', 'failed');
    await wait(10_000);
    expect(second!.letters('a')).toBe('E');
    await wait(10_000);
    expect(second!.letters('a')).toBe('');
  });

  test('clears no error that is younger than the check', async () => {
    const [, second] = startMany(2, { members: { a: { timeoutMs: 8000 } } });
    answers['a'] = { afterMs: 1000 };
    await wait(5500);
    answers['a'] = 200;
    second!.happen('a', 'failed');
    await wait(3000);
    // The check has failed, and began before the error.
    expect(second!.letters('a')).toBe('EC');
    await wait(10_000);
    expect(second!.letters('a')).toBe('');
  });

  test('leaves a stopped member alone in the others too', async () => {
    const [, second] = startMany(2);
    second!.happen('a', { kind: 'set', status: 8 });
    answers['a'] = 500;
    await wait(20_000);
    expect(second!.letters('a')).toBe('S');
    expect(second!.report('a')!.last).toBeUndefined();
  });

  test('nothing is told of who is not checked, and its state stays', async () => {
    const [, second] = [start(), start({ members: { a: undefined } })];
    answers['a'] = 500;
    await wait(20_000);
    expect(second.letters('a')).toBe('');
  });
});

describe('a member that cannot serve before it was checked', () => {
  const cold = { a: { warmUp: ['/warm'] } };

  test('serves at once in a process that comes later', async () => {
    start({ members: cold });
    await wait(40_000);
    const late = start({ members: cold });
    expect(late.letters('a')).toBe('C');
    await wait(500);
    expect(late.letters('a')).toBe('');
    expect(late.asked).toEqual([]);
  });

  test('does not take it out where it serves, when it is new to the one who checks', async () => {
    const [first, second, third] = startMany(3, { members: { a: {} } });
    await wait(30_000);
    await first!.kill();
    await second!.kill();
    const fresh = start({ members: { a: { warmUp: ['/warm'], passes: 3 } } });
    await third!.kill();
    const other = start();
    await wait(15_000);
    expect(fresh.letters('a')).toBe('C');
    expect(other.letters('a')).toBe('');
  });

  test('is checked at once by one that finds no others, after a second', async () => {
    let status: HubStatus | undefined = { kind: 'joining', since: 0 };
    const process = start({ members: cold, status: () => status });
    await wait(900);
    expect(process.asked).toEqual([]);
    await wait(400);
    expect(process.asked).toEqual(['a', 'a']);
    expect(process.letters('a')).toBe('');
    status = undefined;
  });

  test('is served when it comes to all at once', async () => {
    const all = startMany(2);
    await wait(1000);
    for (const process of all.toReversed()) process.add('b', { warmUp: ['/warm'] });
    await wait(600);
    expect(all.map((process) => process.letters('b'))).toEqual(['', '']);
    expect(all[1]!.asked).not.toContain('b');
  });

  test('that was failing stays out where it comes again, by the word on it', async () => {
    const [, second] = startMany(2);
    answers['a'] = 500;
    await wait(6000);
    second!.remove('a');
    second!.add('a');
    expect(second!.letters('a')).toBe('C');
  });
});

describe('who checks', () => {
  test.each<[string, (holder: CheckingProcess) => unknown]>([
    ['is killed', (holder) => holder.kill()],
    ['leaves', (holder) => holder.close()],
    [
      'is cut off',
      ({ hub }) => {
        hub.cut();
      },
    ],
  ])('is another one within an interval when the one that does %s', async (_what, end) => {
    const [first, second, third] = startMany(3);
    await wait(30_000);
    await end(first!);
    const from = Date.now();
    await wait(11_500);
    expect([second!.asked.length, third!.asked.length].toSorted()).toEqual([0, 1]);
    const at = [...second!.askedAt, ...third!.askedAt][0]!;
    expect(at - from).toBeLessThanOrEqual(11_000);
  });

  test('goes on counting where the one before it has stopped', async () => {
    const [first, second] = startMany(2, { members: { a: { fails: 4 } } });
    answers['a'] = 500;
    while (first!.asked.length < 3) await wait(20);
    await wait(300);
    await first!.kill();
    while (second!.asked.length < 1) await wait(20);
    expect(second!.letters('a')).toBe('C');
    expect(second!.events).toEqual(['a checks-failed']);
  });

  test('are all, each for itself, while they are cut off from each other', async () => {
    const all = startMany(2);
    await wait(30_000);
    for (const { hub } of all) hub.cut();
    const before = all.map(({ asked }) => asked.length);
    await wait(30_000);
    expect(all.map(({ asked }, i) => asked.length - before[i]! >= 2)).toEqual([true, true]);
    const told = all.map(({ tells }) => tells.length);
    await wait(30_000);
    expect(all.map(({ tells }) => tells.length)).toEqual(told);
  });

  test('says nothing afterwards of what only it has found, cut off', async () => {
    const first = start({ random: createChances(0.1) });
    const second = start({ random: createChances(0.9), answer: () => 'refused' });
    await wait(30_000);
    second.hub.cut();
    await wait(9500);
    expect(second.letters('a')).toBe('C');
    const asked = first.asked.length;
    second.hub.mend();
    await wait(1000);
    // By an older check than its own, which holds all the same.
    expect(first.asked).toHaveLength(asked);
    expect([first.letters('a'), second.letters('a')]).toEqual(['', '']);
    expect(first.events).toEqual([]);
  });

  test('tells what it has found alone when it gets the lease', async () => {
    let lacks = false;
    const members = { a: {}, b: {} };
    const first = start({ members, random: createChances(0.1, 0.9), lacksLease: () => lacks });
    const second = start({ members, answer: () => 'refused' });
    await wait(30_000);
    for (const { hub } of [first, second]) hub.cut();
    await wait(60_000);
    lacks = true;
    for (const { hub } of [first, second]) hub.mend();
    await wait(500);
    expect([second.letters('a'), second.letters('b')]).toEqual(['C', 'C']);
    lacks = false;
    const asked = first.asked.length;
    await wait(1500);
    expect(first.asked.slice(asked)).toEqual(['a']);
    expect([second.letters('a'), second.letters('b')]).toEqual(['', '']);
  });

  test('is another one for a member that nobody tells of: the first by name', async () => {
    const all = [
      start({ members: { a: {} } }),
      ...startMany(4, { members: { a: {}, b: { intervalMs: 10_000 } }, random: createRandomly() }),
    ];
    await wait(60_000);
    const asks = all.map(({ asked }) => asked.filter((name) => name === 'b').length);
    await wait(60_000);
    const more = all.map(({ asked }, i) => asked.filter((name) => name === 'b').length - asks[i]!);
    expect(more[1]).toBeGreaterThan(4);
    expect(more.slice(2)).toEqual([0, 0, 0]);
    expect(all.slice(1).every(({ asked }) => !asked.includes('a'))).toBe(true);
    const before = all[2]!.asked.length;
    await all[1]!.kill();
    await wait(11_500);
    expect(all[2]!.asked.slice(before)).toContain('b');
  });

  test('is soon another one when the one that has the lease hangs', async () => {
    const hung: CheckingOptions['members'] = { a: { intervalMs: 10_000, timeoutMs: 1_000_000 } };
    const [first, second] = [
      start({ members: hung, answer: () => ({ afterMs: 900_000 }) }),
      start({ members: { a: { timeoutMs: 5000 } } }),
    ];
    await wait(30_000);
    expect(second.asked).toEqual([]);
    // 2.5 intervals, the time of a check, and a second; then its next turn.
    await wait(15_000);
    expect(first.asked).toEqual(['a']);
    expect(second.asked.length).toBeGreaterThan(0);
  });

  test('is nobody else while a check takes longer than many intervals', async () => {
    const slow = { members: { a: { intervalMs: 100, timeoutMs: 20_000 }, b: {} } };
    const [first, second] = startMany(2, slow);
    answers['a'] = { afterMs: 15_000 };
    await wait(60_000);
    expect(first!.asked.filter((name) => name === 'a').length).toBeGreaterThan(2);
    expect(second!.asked).toEqual([]);
  });
});

describe('what is told', () => {
  const many = Object.fromEntries(
    Array.from({ length: 1000 }, (_, i) => [`m${i}`, { intervalMs: 30_000 }] as const),
  );

  test('of a thousand members takes at most four texts a second, and reaches all', async () => {
    const [first, second] = startMany(2, { members: many, random: createRandomly() });
    await pass(net, 40_000, 100);
    const times = first!.tells.map(({ at }) => at);
    expect(times.length).toBeGreaterThan(50);
    const gaps = times.slice(1).map((at, i) => at - times[i]!);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(250);
    expect(Math.max(...first!.tells.map(({ text }) => text.length))).toBeLessThan(8000);
    expect(second!.tells.length).toBeLessThan(6);
    for (const name of Object.keys(many)) expect(second!.report(name)?.last?.passed).toBe(true);
  });

  test('is not lost when a text takes the place of one that was not sent', async () => {
    const members = { a: {}, b: {} };
    const [, second] = startMany(2, { members, random: createChances(0.1, 0.14) });
    // Both are checked, and told of in two texts, before anything is sent.
    await jest.advanceTimersByTimeAsync(6000);
    net.settle();
    expect([second!.report('a')!.last?.passed, second!.report('b')!.last?.passed]).toEqual([true, true]);
  });

  test('goes in parts to one that comes later, soon', async () => {
    start({ members: many, random: createRandomly() });
    await pass(net, 40_000, 100);
    const late = start({ members: many, random: createRandomly() });
    await pass(net, 2000, 50);
    const known = Object.keys(many).filter((name) => late.report(name)?.last);
    expect(known).toHaveLength(1000);
    expect(late.asked).toEqual([]);
  });

  test('holds whatever the clocks are', async () => {
    const [, behind, ahead] = [start(), start({ aheadMs: -3_600_000 }), start({ aheadMs: 3_600_000 })];
    await wait(20_000);
    answers['a'] = 500;
    await wait(10_500);
    expect([behind.letters('a'), ahead.letters('a')]).toEqual(['C', 'C']);
    const last = ahead.report('a')!.last!;
    expect(Math.abs(Date.now() + 3_600_000 - last.at)).toBeLessThan(11_000);
    answers['a'] = 200;
    await wait(11_500);
    expect([behind.letters('a'), ahead.letters('a')]).toEqual(['', '']);
  });
});

describe('what another process tells', () => {
  const ok = (...rest: readonly unknown[]): unknown[] => ['?', 1, 1, 0, 0, 5, 1, '200', ...rest];
  const text = (checks: unknown, holder = 1): string => JSON.stringify({ holder, checks });

  test.each<[string, string]>([
    ['no JSON', '{"checks":['],
    ['a number', '7'],
    ['no list', text({ length: 1 })],
    ['too much', text(Array.from({ length: 501 }, () => ok()))],
    ['far too long', text([]).padEnd(300_000)],
    ['no check', text([null])],
    ['a check without a name', text([[7, 1, 2, 0, 0, 5, 1, '500']])],
    ['a negative time', text([['NAME', 1, 2, 0, 0, -5, 1, '500']])],
    ['counts without end', text([['NAME', 1, 2, 0, 1e9, 5, 1, '500']])],
    ['half a number', text([['NAME', 1, 2, 0.5, 0, 5, 1, '500']])],
    ['no reason', text([['NAME', 1, 2, 0, 0, 5, 1, {}]])],
  ])('is ignored with one warning when it is %s', async (_what, hostile) => {
    const [first, second] = startMany(2);
    await wait(6000);
    const { last } = second!.report('a')!;
    for (let i = 0; i < 3; i += 1) second!.checks.told(hostile.replace('NAME', nameOfA(first!)), 'evil');
    expect(second!.lines).toHaveLength(1);
    expect(second!.lines[0]).toMatch(/^\[app\] what another process tells of health checks is ignored: /);
    expect(second!.report('a')!.last).toEqual(last);
    expect(second!.letters('a')).toBe('');
  });

  test('of members that are not known here says nothing, and warns of nothing', async () => {
    const process = start();
    process.checks.told(text([ok()]), 'other');
    await wait(300);
    expect(process.lines).toEqual([]);
  });

  test('is nothing to the one that has the lease, unless the other has it too', async () => {
    const [first] = startMany(2);
    await wait(6000);
    const failed = [[nameOfA(first!), 99, 2, 0, 0, 5, 1, '500']];
    first!.checks.told(text(failed, 0), 'other');
    expect(first!.letters('a')).toBe('');
    first!.checks.told(text(failed, 1), 'other');
    expect(first!.letters('a')).toBe('C');
  });

  test('is shown on one line, and no longer than a line', async () => {
    const [first, second] = startMany(2);
    await wait(6000);
    const why = `a\u0000\n\u202e${'x'.repeat(500)}`;
    second!.checks.told(text([[nameOfA(first!), 99, 1, 0, 0, 5, 1, why]]), 'other');
    expect(second!.report('a')!.last!.why).toMatch(/^ax{90,99}$/);
  });

  test('of a time before what is known says nothing', async () => {
    const [first, second] = startMany(2);
    await wait(6000);
    second!.checks.told(text([[nameOfA(first!), 99, 2, 0, 0, 2000, 1e15, 'old']]), 'other');
    expect(second!.report('a')!.last!.why).toBe('200');
    expect(second!.letters('a')).toBe('');
  });

  test('of old checks keeps nobody from checking', async () => {
    let isHung = false;
    const first = start({ answer: () => (isHung ? { afterMs: 900_000 } : 200) });
    const second = start();
    await wait(6000);
    isHung = true;
    for (let ago = 1000; ago < 45_000; ago += 1000) {
      second.checks.told(text([[nameOfA(first), ago, 1, 0, 0, ago, ago, '200']]), 'other');
      await wait(1000);
    }
    expect(second.asked.length).toBeGreaterThan(0);
  });

  test('counts up to the last check, which is made here', async () => {
    const [first, second] = startMany(2, { members: { a: { fails: 3 } } });
    await wait(6000);
    second!.checks.told(text([[nameOfA(first!), 99, 0, 0, 1000, 5, 1, '500']]), 'other');
    expect(second!.report('a')).toMatchObject({ passed: 0, failed: 2 });
    expect(second!.letters('a')).toBe('');
  });

  test.each<[string, unknown]>([
    ['a text', 'failed'],
    ['a state that is none', { state: 'dead', report: report(false), tookMs: 1 }],
    ['no report', { state: 'failed', report: null, tookMs: 1 }],
    ['at odds with itself', { state: 'failed', report: report(true), tookMs: 1 }],
    ['without a time', { state: 'failed', report: { ...report(false), last: { passed: false, why: '' } } }],
    ['negative', { state: 'failed', report: report(false), tookMs: -1 }],
  ])('as a word that is %s is ignored with one warning', async (_what, value) => {
    const [first, second] = startMany(2);
    for (let i = 0; i < 2; i += 1) {
      first!.say('a', value);
      await wait(40);
    }
    expect(second!.lines).toHaveLength(1);
    expect(second!.letters('a')).toBe('');
  });

  test.each([
    ['in time', 25_000, 'C'],
    ['too late', 31_000, ''],
  ])('as a word holds when it comes %s', async (_what, agoMs, letters) => {
    const [first, second] = startMany(2);
    first!.say('a', { state: 'failed', report: report(false, agoMs), tookMs: 1 });
    await wait(40);
    expect(second!.letters('a')).toBe(letters);
  });

  test('as a word that is older than what is known here says nothing', async () => {
    const [first, second] = startMany(2);
    await wait(20_000);
    first!.say('a', { state: 'failed', report: report(false, 18_000), tookMs: 1 });
    await wait(40);
    expect(second!.letters('a')).toBe('');
  });

  test('is nothing to one that has left', async () => {
    const [first, second] = startMany(2);
    await wait(6000);
    second!.checks.leave();
    second!.checks.told(text([[nameOfA(first!), 99, 2, 0, 0, 5, 1, '500']]), 'other');
    expect(second!.letters('a')).toBe('');
    await wait(20_000);
    expect(second!.asked.length).toBeGreaterThan(0);
  });
});

function report(passed: boolean, agoMs = 0): Readonly<Record<string, unknown>> {
  return { passed: 0, failed: 0, last: { at: Date.now() - agoMs, passed, why: 'x' } };
}

/** As texts call it. */
function nameOfA({ tells }: CheckingProcess): string {
  return tells.map(({ text }) => /\[\["([^"]+)"/.exec(text)?.[1]).findLast((name) => name !== undefined)!;
}

/** These at first, and the middle ever after. */
function createChances(...chances: number[]): () => number {
  return () => chances.shift() ?? 0.5;
}

function createRandomly(): () => number {
  const random = createRandom(11);
  return () => random.below(2 ** 20) / 2 ** 20;
}

describe('who finds every member failing', () => {
  const members = { a: {}, b: {}, c: {} };

  test('hands the lease on, and what the next one finds holds in all', async () => {
    const lost = start({ members, answer: () => 'refused' });
    const others = startMany(2, { members });
    await wait(60_000);
    expect(lost.hub.has('checks/app')).toBe(false);
    for (const { letters } of [lost, ...others]) expect(['a', 'b', 'c'].map(letters)).toEqual(['', '', '']);
    const asked = lost.asked.length;
    await wait(60_000);
    expect(lost.asked).toHaveLength(asked);
  });

  test('wants it again, for the time when the next one has ended', async () => {
    const lost = start({ members, answer: () => 'refused' });
    const [other] = startMany(1, { members });
    await wait(60_000);
    expect(other!.hub.has('checks/app')).toBe(true);
    await other!.kill();
    await wait(20);
    expect(lost.hub.has('checks/app')).toBe(true);
  });

  test('may be right: then the lease goes round, members are checked as often, and come back as soon', async () => {
    answers = { a: 503, b: 503, c: 503 };
    const all = startMany(3, { members, random: createRandomly() });
    await wait(100_000);
    const asked = all.map((each) => each.asked.length);
    expect(asked.filter((count) => count > 0).length).toBeGreaterThan(1);
    const sum = asked.reduce((one, other) => one + other, 0);
    expect(sum).toBeGreaterThan(20);
    expect(sum).toBeLessThan(60);
    answers = {};
    await wait(22_000);
    for (const { letters } of all) expect(['a', 'b', 'c'].map(letters)).toEqual(['', '', '']);
  });

  test('keeps it where nobody else shares', async () => {
    const alone = start({ members, answer: () => 'refused' });
    await wait(60_000);
    expect(alone.hub.has('checks/app')).toBe(true);
    expect(alone.asked.length).toBeGreaterThan(15);
  });

  test('keeps it as long as one member passes', async () => {
    const one = start({ members, answer: (member) => (member === 'c' ? 200 : 'refused') });
    const [other] = startMany(1, { members });
    await wait(60_000);
    expect(one.hub.has('checks/app')).toBe(true);
    expect(other!.letters('a')).toBe('C');
  });
});

test('what a check has found that was held up by a pause of its process is not told; the next one is', async () => {
  const [first, second] = startMany(2, { members: { a: { timeoutMs: 2000 }, b: {} } });
  await wait(20_000);
  answers['a'] = { afterMs: 8000 };
  const asked = first!.asked.length;
  while (!first!.asked.slice(asked).includes('a')) await wait(20);
  await wait(8100);
  expect([first!.letters('a'), second!.letters('a')]).toEqual(['C', '']);
  answers['a'] = 503;
  await wait(11_000);
  expect([first!.letters('a'), second!.letters('a')]).toEqual(['C', 'C']);
});
