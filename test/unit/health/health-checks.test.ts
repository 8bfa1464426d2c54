import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { HealthSettings } from '../../../src/definition/settings.ts';
import type { CheckNews } from '../../../src/health/check-duty.ts';
import { createHealthChecks, type HealthChecks } from '../../../src/health/health-checks.ts';
import type { Probe, ProbeResult } from '../../../src/health/probe.ts';
import type { MemberEvent } from '../../../src/member/member-state.ts';
import type { Member, MemberView } from '../../../src/member/member.ts';
import { Status } from '../../../src/member/status.ts';
import { createRandom } from '../../support/seeded-random.ts';
import { buildHealth, happen, makeLogger, makeMember } from './support.ts';

/** One question to a member: when, and how to answer it. */
type Asked = Readonly<{ name: string; target: string; atMs: number; signal: AbortSignal }> & {
  answer(result?: ProbeResult | number): Promise<void>;
};

/** Answers at once, unless told otherwise. */
let script: (name: string, target: string) => ProbeResult | number | 'wait';
let asked: Asked[];
let waiting: Asked[];
let told: string[];
let lines: string[];
let doubted: string[];
let members: Member[];
let checks: HealthChecks;
let chance: () => number;
let begin: number;

const refused: ProbeResult = { kind: 'failed', cause: new Error('no connection: ECONNREFUSED') };
const resultOf = (result: ProbeResult | number): ProbeResult =>
  typeof result === 'number'
    ? { kind: 'answered', answer: { status: result, headers: {}, body: '' } }
    : result;

const probe: Probe = (settings, { target }, signal) => {
  const { promise, resolve } = Promise.withResolvers<ProbeResult>();
  const one: Asked = {
    name: settings.name,
    target,
    atMs: performance.now() - begin,
    signal: signal!,
    async answer(result = 200) {
      resolve(resultOf(result));
      await jest.advanceTimersByTimeAsync(0);
    },
  };
  asked.push(one);
  const result = script(settings.name, target);
  if (result === 'wait') {
    waiting.push(one);
    signal!.addEventListener('abort', () => {
      resolve({ kind: 'failed', cause: new Error('called off') });
    });
  } else resolve(resultOf(result));
  return promise;
};

beforeEach(() => {
  jest.useFakeTimers();
  begin = performance.now();
  [asked, waiting, told, members, doubted] = [[], [], [], [], []];
  script = () => 200;
  chance = () => 0.5;
  const log = makeLogger();
  ({ lines } = log);
  checks = createHealthChecks({
    view: () => members,
    report: (member, event, why) => {
      told.push(`${member.settings.name} ${event}: ${why}`);
      happen(member, event);
    },
    doubted: ({ member, status }) => void doubted.push(`${member.name} ${status}`),
    random: () => chance(),
    logger: log.logger,
    probe,
  });
});

afterEach(async () => {
  await checks.close();
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

function add(name: string, health: Partial<HealthSettings> = {}, status = 0): Member {
  const member = makeMember({ name, health: buildHealth({ intervalMs: 1000, ...health }) }, status);
  members.push(member);
  return member;
}

function change(member: Member, health: Partial<HealthSettings> | undefined): void {
  const { settings } = member;
  member.settings = { ...settings, health: health && { ...settings.health!, ...health } };
}

const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);
const times = (name = 'a'): number[] =>
  asked.filter((one) => one.name === name).map(({ atMs }) => Math.round(atMs));

describe('when a member is checked', () => {
  test('first somewhere within the interval, then an interval after the end of each check', async () => {
    add('a');
    checks.sync();
    await pass(4000);
    expect(times()).toEqual([500, 1500, 2500, 3500]);
  });

  test('later by what the check before has taken', async () => {
    script = () => 'wait';
    add('a');
    checks.sync();
    await pass(10_000);
    expect(times()).toEqual([500]);
    await waiting[0]!.answer();
    await pass(999);
    expect(times()).toEqual([500]);
    await pass(1);
    expect(times()).toEqual([500, 11_000]);
  });

  test.each<[string, Partial<HealthSettings>, number]>([
    ['that has failed its checks already', {}, Status.healthCheckFailed],
    ['that is to be warmed up', { warmUp: ['/warm'] }, 0],
  ])('at once for a member %s', async (_name, health, status) => {
    add('a', health, status);
    checks.sync();
    await pass(1);
    expect(asked[0]?.atMs).toBeLessThanOrEqual(1);
  });

  test.each([
    ['disabled', Status.disabled, true],
    ['drained', Status.drain, true],
    ['in error', Status.inError, true],
    ['stopped', Status.stopped, false],
  ])('also while it is %s: %3$s', async (_name, status, isChecked) => {
    add('a', {}, status);
    checks.sync();
    await pass(3000);
    expect(asked.length > 0).toBe(isChecked);
  });

  test('again once it is no longer stopped', async () => {
    const member = add('a', {}, Status.stopped);
    checks.sync();
    await pass(3000);
    happen(member, { kind: 'set', status: 0 });
    await pass(1000);
    expect(times()).toEqual([3500]);
  });

  test('never where it is not to be checked, is a handler or stands for servers that DNS tells', async () => {
    members.push(makeMember({ name: 'none', health: undefined }));
    members.push(makeMember({ health: buildHealth({ intervalMs: 1 }), handler: () => undefined }));
    members.push(makeMember({ health: buildHealth({ intervalMs: 1 }), resolve: 'A' }));
    checks.sync();
    await pass(100_000);
    expect(asked).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('never before the members are known', async () => {
    add('a');
    await pass(100_000);
    expect(asked).toEqual([]);
  });
});

describe('many members', () => {
  test('are not checked in step', async () => {
    const random = createRandom(7);
    chance = () => random.below(2 ** 20) / 2 ** 20;
    for (let i = 0; i < 100; i += 1) add(`m${i}`, { intervalMs: 10_000 });
    checks.sync();
    await pass(10_000);
    expect(new Set(asked.map(({ name }) => name)).size).toBe(100);
    // Tenths of the interval: each has its share in the first one, and still a minute later.
    const share = (from: number): number =>
      Math.max(
        ...Array.from(
          { length: 10 },
          (_, tenth) => asked.filter(({ atMs }) => Math.floor((atMs - from) / 1000) === tenth).length,
        ),
      );
    expect(share(0)).toBeLessThan(25);
    await pass(60_000);
    expect(share(60_000)).toBeLessThan(25);
    for (const { settings } of members) {
      const own = times(settings.name);
      const gaps = own.slice(1).map((at, i) => at - own[i]!);
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(8999);
      expect(Math.max(...gaps)).toBeLessThanOrEqual(11_001);
      expect(new Set(gaps).size).toBeGreaterThan(1);
    }
  });

  test('do not wait for each other', async () => {
    script = (name) => (name === 'slow' ? 'wait' : 200);
    add('slow');
    add('a');
    checks.sync();
    await pass(3000);
    expect(times('slow')).toEqual([500]);
    expect(times('a')).toEqual([500, 1500, 2500]);
  });
});

describe('what is found', () => {
  test('is told as it counts now, with the last check', async () => {
    const member = add('a', { fails: 3, passes: 2 });
    const answers: (ProbeResult | number)[] = [503, refused, 200, 500, 500, 500, 204];
    script = () => answers.shift() ?? 'wait';
    checks.sync();
    const reports: unknown[] = [checks.report(member)];
    await pass(500);
    for (let i = 0; i < 7; i += 1) {
      reports.push(checks.report(member));
      await pass(1000);
    }
    const at = (i: number): number => Date.now() - (7 - i) * 1000;
    expect(reports).toEqual([
      { passed: 0, failed: 0, last: undefined },
      { passed: 0, failed: 1, last: { at: at(0), passed: false, why: '503' } },
      { passed: 0, failed: 2, last: { at: at(1), passed: false, why: 'no connection: ECONNREFUSED' } },
      { passed: 0, failed: 0, last: { at: at(2), passed: true, why: '200' } },
      { passed: 0, failed: 1, last: { at: at(3), passed: false, why: '500' } },
      { passed: 0, failed: 2, last: { at: at(4), passed: false, why: '500' } },
      { passed: 0, failed: 0, last: { at: at(5), passed: false, why: '500' } },
      { passed: 1, failed: 0, last: { at: at(6), passed: true, why: '204' } },
    ]);
  });

  test('counts from the beginning when it is stopped, and the last check stays known', async () => {
    const member = add('a', { fails: 3 });
    script = () => 500;
    checks.sync();
    await pass(600);
    happen(member, { kind: 'set', status: Status.stopped });
    await pass(1000);
    expect(checks.report(member)).toMatchObject({ passed: 0, failed: 0, last: { why: '500' } });
  });

  test('is told of nobody who is not checked, or not any more', async () => {
    const member = add('a');
    const other = makeMember({ name: 'b' });
    members.push(other);
    checks.sync();
    await pass(600);
    expect(checks.report(other)).toBeUndefined();
    expect(checks.report(member)).toBeDefined();
    change(member, undefined);
    checks.sync();
    expect(checks.report(member)).toBeUndefined();
  });

  test('is reported when it changes something', async () => {
    add('a', { fails: 2, passes: 2 });
    const answers = [200, 500, 200, 500, 503, refused, 200, 500, 200, 204, 200];
    script = () => answers.shift() ?? 200;
    checks.sync();
    await pass(12_000);
    expect(told).toEqual(['a checks-failed: 503', 'a checks-passed: 204']);
  });

  test('brings back a member that traffic has put in error', async () => {
    const member = add('a');
    checks.sync();
    await pass(100);
    happen(member, 'failed');
    await pass(500);
    expect(told).toEqual(['a checks-passed: 200']);
    expect(member.state.errorAt).toBeUndefined();
  });

  test('says nothing of an error that is younger than the check', async () => {
    const member = add('a');
    script = () => 'wait';
    checks.sync();
    await pass(500);
    await pass(10);
    happen(member, 'failed');
    await waiting[0]!.answer(200);
    expect(told).toEqual([]);
    await pass(1000);
    await waiting[1]!.answer(200);
    expect(told).toEqual(['a checks-passed: 200']);
  });

  test('says nothing of a member that was stopped meanwhile', async () => {
    const member = add('a');
    script = () => 'wait';
    checks.sync();
    await pass(500);
    happen(member, { kind: 'set', status: Status.stopped });
    await waiting[0]!.answer(500);
    expect(told).toEqual([]);
  });

  test('goes on after the one who is told has thrown', async () => {
    await checks.close();
    const log = makeLogger();
    members.push(makeMember({ name: 'a', health: buildHealth({ intervalMs: 1000 }) }));
    checks = createHealthChecks({
      view: () => members,
      report: () => {
        throw new Error('not now');
      },
      random: () => 0.5,
      logger: log.logger,
      probe,
    });
    script = () => 500;
    checks.sync();
    await pass(2000);
    expect(times()).toEqual([500, 1500]);
    expect(log.lines).toEqual(Array(2).fill('health check of http://a/: Error: not now'));
  });

  test('is told to the app, once, where its own function is at fault', async () => {
    const member = add('a', {
      isExpected: () => {
        throw new Error('oops');
      },
    });
    checks.sync();
    await pass(5000);
    expect(told).toEqual(['a checks-failed: hcexpect threw Error: oops']);
    expect(lines).toEqual(['health checks of http://a/ fail: hcexpect threw Error: oops']);
    change(member, { passes: 2 });
    checks.sync();
    await pass(5000);
    expect(lines).toHaveLength(2);
  });
});

describe('a member that is to be warmed up', () => {
  const warmUp = ['/one', '/two'];

  test('is asked for its paths, one after the other, before it is up', async () => {
    script = () => 'wait';
    const member = add('a', { warmUp }, Status.healthCheckFailed);
    checks.sync();
    await pass(1);
    for (const answer of [200, 404, 503]) {
      expect(told).toEqual([]);
      await waiting.at(-1)!.answer(answer);
    }
    expect(asked.map(({ target }) => target)).toEqual(['/', '/one', '/two']);
    expect(told).toEqual(['a checks-passed: 200']);
    expect(member.state.status).toBe(0);
  });

  test('fails its check when a path gets no answer', async () => {
    script = (_name, target) => (target === '/one' ? refused : 200);
    add('a', { warmUp, passes: 2 }, Status.healthCheckFailed);
    checks.sync();
    await pass(1100);
    expect(asked.map(({ target }) => target)).toEqual(['/', '/', '/one']);
    script = () => 200;
    await pass(1000);
    expect(told).toEqual([]);
    await pass(1000);
    expect(told).toEqual(['a checks-passed: 200']);
  });

  test('fails its check when it is in error and a path gets no answer', async () => {
    script = (_name, target) => (target === '/two' ? refused : 200);
    const member = add('a', { warmUp });
    checks.sync();
    await pass(100);
    happen(member, 'failed');
    await pass(1000);
    expect(told).toEqual(['a checks-failed: warm-up /two: no connection: ECONNREFUSED']);
  });

  test.each<[string, (member: Member) => void]>([
    ['is removed', () => members.splice(0)],
    [
      'is stopped',
      (member) => {
        happen(member, { kind: 'set', status: Status.stopped });
      },
    ],
  ])('does not count as up when it %s meanwhile', async (_name, act) => {
    script = (_member, target) => (target === '/two' ? 'wait' : 200);
    const member = add('a', { warmUp }, Status.healthCheckFailed);
    checks.sync();
    await pass(1);
    act(member);
    checks.sync();
    await waiting[0]!.answer(200);
    expect(told).toEqual([]);
  });

  test('is not warmed up while it serves', async () => {
    add('a', { warmUp });
    checks.sync();
    await pass(5000);
    expect(new Set(asked.map(({ target }) => target))).toEqual(new Set(['/']));
  });
});

describe('a member whose checks are the turn of another process', () => {
  let isMine: (member: MemberView) => boolean;
  let news: CheckNews[];

  beforeEach(async () => {
    await checks.close();
    isMine = () => false;
    news = [];
    checks = createHealthChecks({
      view: () => members,
      report: (member, event) => {
        happen(member, event);
      },
      random: () => 0.5,
      logger: makeLogger().logger,
      probe,
      duty: () => ({
        isMine: (member) => isMine(member),
        checked: (_member, each) => news.push(each),
      }),
    });
  });

  test('is asked nothing, and checked within an interval when the turn comes', async () => {
    add('a');
    checks.sync();
    await pass(10_200);
    expect(asked).toEqual([]);
    isMine = () => true;
    await pass(1000);
    expect(times()).toEqual([10_500]);
    expect(news).toHaveLength(1);
  });

  test('counts on from what was heard', async () => {
    const member = add('a', { fails: 3 });
    script = () => 500;
    checks.sync();
    const last = { at: 1, passed: false, why: '503' };
    checks.hear(member, { passed: 0, failed: 2, last });
    expect(checks.report(member)).toEqual({ passed: 0, failed: 2, last });
    isMine = () => true;
    await pass(600);
    expect(news.map(({ event }) => event)).toEqual(['checks-failed']);
  });

  test('is looked after sooner while nobody knows whether it may serve', async () => {
    const member = add('a', { intervalMs: 30_000, warmUp: ['/warm'] }, Status.healthCheckFailed);
    checks.sync();
    await pass(900);
    expect(asked).toEqual([]);
    isMine = () => true;
    await pass(250);
    expect(asked.map(({ target }) => target)).toEqual(['/', '/warm']);
    expect(member.state.status).toBe(0);
  });

  test('is not, once somebody has told of it', async () => {
    const member = add('a', { intervalMs: 30_000 }, Status.healthCheckFailed);
    checks.sync();
    await pass(100);
    checks.hear(member, { passed: 0, failed: 0, last: { at: 1, passed: false, why: '503' } });
    await pass(300);
    isMine = () => true;
    await pass(20_000);
    expect(asked).toEqual([]);
    await pass(15_000);
    expect(asked).toHaveLength(1);
  });

  test('tells how long a check has taken', async () => {
    isMine = () => true;
    script = () => 'wait';
    add('a', { timeoutMs: 500 });
    checks.sync();
    await pass(500);
    await pass(300);
    await waiting[0]!.answer(200);
    expect(news.map(({ tookMs }) => Math.round(tookMs))).toEqual([300]);
  });
});

describe('a change while running', () => {
  test('of what is asked for and expected counts from the next check', async () => {
    const member = add('a');
    checks.sync();
    await pass(600);
    change(member, { target: '/other', isExpected: () => false });
    checks.sync();
    await pass(1000);
    expect(asked.map(({ target }) => target)).toEqual(['/', '/other']);
    expect(times()).toEqual([500, 1500]);
    expect(told).toEqual(['a checks-failed: 200']);
  });

  test.each([
    ['shorter', 400, [500, 900, 1300]],
    ['shorter than what has passed', 50, [500, 600, 650]],
    ['longer', 5000, [500, 5500, 10_500]],
  ])('to a %s interval counts from the last check', async (_name, intervalMs, expected) => {
    const member = add('a');
    checks.sync();
    await pass(600);
    change(member, { intervalMs });
    checks.sync();
    await pass(12_000);
    expect(times().slice(0, 3)).toEqual(expected);
  });

  test('to another interval while a check is under way starts no second one', async () => {
    script = () => 'wait';
    const member = add('a');
    checks.sync();
    await pass(600);
    change(member, { intervalMs: 100 });
    checks.sync();
    await pass(5000);
    expect(times()).toEqual([500]);
    await waiting[0]!.answer();
    await pass(100);
    expect(times()).toEqual([500, 5700]);
  });

  test('that leaves the interval alone moves nothing', async () => {
    add('a');
    checks.sync();
    for (let i = 0; i < 9; i += 1) {
      await pass(100);
      checks.sync();
    }
    await pass(1000);
    expect(times()).toEqual([500, 1500]);
  });

  test('that adds a member has it checked, the others as before', async () => {
    add('a');
    checks.sync();
    await pass(700);
    add('b');
    checks.sync();
    await pass(1000);
    expect(times('a')).toEqual([500, 1500]);
    expect(times('b')).toEqual([1200]);
  });

  test.each<[string, (member: Member) => void]>([
    ['that removes a member', () => members.splice(0)],
    [
      'that ends its checks',
      (member) => {
        change(member, undefined);
      },
    ],
  ])('%s calls off its check', async (_name, act) => {
    script = () => 'wait';
    const member = add('a');
    checks.sync();
    await pass(500);
    act(member);
    checks.sync();
    expect(asked[0]!.signal.aborted).toBe(true);
    await pass(100_000);
    expect(asked).toHaveLength(1);
    expect(told).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('close', () => {
  test('calls off what is under way, and waits for its end', async () => {
    script = () => 'wait';
    add('a', {}, Status.healthCheckFailed);
    add('b');
    checks.sync();
    await pass(100);
    await checks.close();
    expect(asked.map(({ name, signal }) => [name, signal.aborted])).toEqual([['a', true]]);
    expect(jest.getTimerCount()).toBe(0);
    expect(told).toEqual([]);
  });

  test('is for good', async () => {
    add('a');
    await checks.close();
    checks.sync();
    await pass(100_000);
    expect(asked).toEqual([]);
    await checks.close();
  });

  test('may come from the one who is told', async () => {
    await checks.close();
    const closings: Promise<void>[] = [];
    add('a', {}, Status.healthCheckFailed);
    const events: MemberEvent[] = [];
    const again = createHealthChecks({
      view: () => members,
      report: (_member, event) => {
        events.push(event);
        closings.push(again.close());
      },
      random: () => 0.5,
      logger: makeLogger().logger,
      probe,
    });
    again.sync();
    await pass(100);
    expect(closings).toHaveLength(1);
    await Promise.all(closings);
    await pass(5000);
    expect(events).toEqual(['checks-passed']);
    expect(asked).toHaveLength(1);
  });
});

describe('checks are doubted', () => {
  type Answers = Readonly<Record<string, readonly (ProbeResult | number)[]>>;

  /** Each member gives its answers one after the other, and the last one for ever. */
  async function checkBy(answers: Answers, health: Partial<HealthSettings> = {}): Promise<void> {
    const left = new Map(Object.entries(answers).map(([name, list]) => [name, [...list]]));
    script = (name) => {
      const list = left.get(name)!;
      return list.length > 1 ? list.shift()! : list[0]!;
    };
    for (const name of Object.keys(answers)) add(name, health);
    checks.sync();
    await pass(10_000);
  }

  test('once all members have failed twice by the same answer', async () => {
    script = () => 404;
    for (const name of ['a', 'b']) add(name);
    checks.sync();
    await pass(1400);
    expect(doubted).toEqual([]);
    await pass(200);
    expect(doubted).toEqual(['b 404']);
  });

  test.each<[string, Answers]>([
    ['a method that is not there', { a: [501], b: [501] }],
    ['a path that is not there once an app is up', { a: [refused, 404], b: [503, 404] }],
    ['a login', { a: [401] }],
  ])('because of %s', async (_why, answers) => {
    await checkBy(answers);
    expect(doubted).not.toEqual([]);
  });

  test('because of a body that is not what was expected', async () => {
    await checkBy({ a: [200], b: [200] }, { readsBody: true, isExpected: () => false });
    expect(doubted).not.toEqual([]);
  });

  test.each<[string, Answers, Partial<HealthSettings>]>([
    ['a connection that is refused', { a: [refused] }, {}],
    ['one member that refuses', { a: [404], b: [refused] }, {}],
    ['answers that are not alike', { a: [404], b: [403] }, {}],
    ['one that has passed once', { a: [200, 404], b: [404] }, {}],
    ['members that are not well', { a: [503], b: [503] }, {}],
    ['members that are asked too often', { a: [429], b: [429] }, {}],
    ['a function that throws', { a: [200] }, { isExpected: () => JSON.parse('{') as boolean }],
  ])('but not because of %s', async (_why, answers, health) => {
    await checkBy(answers, health);
    expect(doubted).toEqual([]);
  });

  test('whatever becomes of one that is stopped', async () => {
    add('c', {}, Status.stopped);
    await checkBy({ a: [404] });
    expect(doubted).not.toEqual([]);
  });

  test('not any more once the check is another one that passes', async () => {
    script = (_name, target) => (target === '/' ? 200 : 404);
    const member = add('a', { target: '/h' });
    checks.sync();
    await pass(600);
    change(member, { target: '/' });
    checks.sync();
    await pass(5000);
    expect(doubted).toEqual([]);
  });

  test('not because of what another process has found', () => {
    const member = add('a', { intervalMs: 1_000_000 });
    checks.sync();
    for (let i = 0; i < 3; i += 1)
      checks.hear(member, { passed: 0, failed: 1, last: { at: i, passed: false, why: '404' } });
    expect(doubted).toEqual([]);
  });
});
