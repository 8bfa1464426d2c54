import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { MemberDefinition } from '../../../src/index.ts';
import { insideOf } from '../../../src/inside.ts';
import type { MemberEvent } from '../../../src/member/member-state.ts';
import { Status } from '../../../src/member/status.ts';
import { writeKey } from '../../../src/sharing/replica.ts';
import { createMemoryNet, type MemoryNet } from '../../support/memory-net.ts';
import { stopProcessTime, type StoppedTime } from '../../support/time.ts';
import { closeProcesses, startErrorProcess, type ErrorProcess } from './error-process.ts';

let time: StoppedTime;
let net: MemoryNet;

beforeEach(() => {
  time = stopProcessTime();
  net = createMemoryNet();
});

afterEach(async () => {
  await closeProcesses();
  jest.useRealTimers();
});

function startTwo(): readonly [ErrorProcess, ErrorProcess] {
  return [startErrorProcess(net), startErrorProcess(net)];
}

function sorry(_req: unknown, res: ServerResponse): void {
  res.end('sorry');
}

const ejection: MemberEvent = { kind: 'ejected', timeMs: 4000 };
const set = (status: number): MemberEvent => ({ kind: 'set', status });

describe('an error that one process finds', () => {
  test.each<[what: string, events: readonly MemberEvent[]]>([
    ['a failure', ['failed']],
    ['a failed trial', ['failed', 'probed', 'probe-failed']],
    ['an ejection', [ejection]],
    ['somebody who sets E', [set(Status.inError)]],
  ])('is known to the other: %s', (_what, events) => {
    const [one, other] = startTwo();
    one.apply('b', ...events);
    net.settle();
    expect(other.letters()).toEqual(['', 'E', '']);
    const { retries, ejected } = one.member('b');
    expect(other.member('b')).toMatchObject({ retries, ejected });
  });

  test('is known once more after a forced recovery', () => {
    const [one, other] = startTwo();
    one.apply('b', 'failed', 'forced', 'failed');
    net.settle();
    expect(other.letters()).toEqual(['', 'E', '']);
  });

  test('is told of as found elsewhere, and so is its end', () => {
    const [one, other] = startTwo();
    const told: unknown[] = [];
    other.balancer.on('state', ({ member, from, to, cause }) => told.push([member, from, to, cause]));
    one.apply('a', 'failed');
    net.settle();
    one.apply('a', 'probed', 'probe-succeeded');
    net.settle();
    expect(told).toEqual([
      ['a', '', 'E', 'elsewhere'],
      ['a', 'E', '', 'elsewhere'],
    ]);
  });

  test('is tried again at the same time, or a little later than there', () => {
    const one = startErrorProcess(net);
    const others = [0, 0.5, 0.999].map((chance) => startErrorProcess(net, { chance }));
    one.apply('a', 'failed');
    net.settle();
    expect(one.member('a').retryInMs).toBe(10_000);
    expect(others.map((other) => other.member('a').retryInMs)).toEqual([10_000, 10_500, 10_999]);
  });

  test('is tried at most two seconds later than there', () => {
    const members = ['a', 'b'].map((route) => ({ url: `http://${route}.test/`, route, retry: 3600 }));
    const one = startErrorProcess(net, { members });
    const other = startErrorProcess(net, { members, chance: 0.5 });
    one.apply('a', 'failed');
    net.settle();
    expect(other.member('a').retryInMs).toBe(3_601_000);
  });

  test('is as old elsewhere as here, after trials that have failed too', () => {
    const [one, other] = startTwo();
    one.apply('a', 'failed');
    time.pass(10_000);
    one.apply('a', 'probed', 'probe-failed');
    time.pass(3000);
    net.settle();
    expect(one.member('a').retryInMs).toBe(other.member('a').retryInMs);
    expect(other.member('a')).toMatchObject({ retries: 1 });
  });

  test.each([
    ['an hour behind', -3_600_000, 0, 0],
    ['an hour ahead', 3_600_000, 10_000, 10_000],
    ['a minute behind', -60_000, 0, 0],
    ['a little behind', -2000, 8000, 8000],
  ])('is tried neither never nor later than it should, by a clock that is %s', (_what, aheadMs, min, max) => {
    const one = startErrorProcess(net, { aheadMs });
    const other = startErrorProcess(net);
    one.apply('a', 'failed');
    net.settle();
    const { retryInMs } = other.member('a');
    expect(retryInMs).toBeGreaterThanOrEqual(min);
    expect(retryInMs).toBeLessThanOrEqual(max);
  });

  test('by a clock that is behind makes nobody try at once who has found it in error too', () => {
    const one = startErrorProcess(net, { aheadMs: -3_600_000 });
    const other = startErrorProcess(net);
    other.apply('a', 'failed');
    one.apply('a', 'failed');
    net.settle();
    expect(other.member('a').retryInMs).toBe(10_000);
  });

  test('is told once, by the one that has found it', () => {
    const [one, other] = startTwo();
    one.apply('a', 'failed');
    net.settle();
    expect([one.said(), other.said()]).toEqual([1, 0]);
  });

  test('is none of a member that ignores errors elsewhere', () => {
    const one = startErrorProcess(net);
    const other = startErrorProcess(net, { members: [{ url: 'http://a.test/', route: 'a', status: '+I' }] });
    one.apply('a', 'failed');
    net.settle();
    expect(other.letters()).toEqual(['I']);
  });

  test('is left to the trial that runs elsewhere, and holds where that tells nothing', () => {
    const [one, other] = startTwo();
    one.apply('a', 'failed');
    net.settle();
    time.pass(10_000);
    other.apply('a', 'probed');
    one.apply('a', 'failed');
    net.settle();
    time.pass(1000);
    expect(other.member('a').retryInMs).toBe(0);
    other.apply('a', 'probe-ended');
    expect(other.member('a').retryInMs).toBe(9000);
  });
});

describe('a trial that tells nothing', () => {
  test.each([
    ['here', 0],
    ['elsewhere', 1],
  ])('leaves a member in error whatever recovery was told before the error: %s', (_where, by) => {
    const processes = startTwo();
    const [one] = processes;
    one.apply('a', 'failed');
    net.settle();
    processes[by]!.apply('a', 'checks-passed');
    net.settle();
    expect(one.letters()).toEqual(['', '', '']);
    time.pass(3_600_000);
    // The last of these is not told: who finds it reaches nobody.
    for (const name of ['b', 'c', 'a']) one.apply(name, 'failed');
    time.pass(10_000);
    one.apply('a', 'probed', 'probe-ended');
    expect(one.member('a')).toMatchObject({ status: 'E', retries: 1 });
  });

  test('does not undo what has brought the member back meanwhile', () => {
    const [one, other] = startTwo();
    other.apply('a', 'failed');
    net.settle();
    time.pass(10_000);
    one.apply('a', 'probed', 'forced', 'probe-ended');
    expect(one.letters()).toEqual(['', '', '']);
  });

  test('makes nobody hear what it has said itself', () => {
    const [one] = startTwo();
    // Parts of a millisecond make what is read a little later than what was written.
    time.pass(0.75);
    one.apply('a', 'failed');
    time.pass(10_000.5);
    one.apply('a', 'probed', 'probe-ended');
    expect(one.member('a').retries).toBe(1);
  });
});

describe('a recovery that one process finds', () => {
  test.each<[what: string, events: readonly MemberEvent[]]>([
    ['a trial that succeeds', ['probed', 'probe-succeeded']],
    ['passed checks', ['checks-passed']],
    ['somebody who clears E', [set(0)]],
    ['an answer after a forced recovery', ['forced', 'succeeded']],
  ])('is known to the other: %s', (_what, events) => {
    const [one, other] = startTwo();
    one.apply('a', 'failed');
    net.settle();
    other.apply('a', ...events);
    net.settle();
    expect(one.member('a')).toMatchObject({ status: '', retries: 0 });
  });

  test('by force is its own last resort', () => {
    const [one, other] = startTwo();
    one.apply('a', 'failed');
    net.settle();
    other.apply('a', 'forced');
    net.settle();
    expect([one.letters()[0], other.letters()[0]]).toEqual(['E', '']);
    expect(other.said()).toBe(0);
  });

  test('makes a member start slowly elsewhere too', () => {
    const [one, other] = startTwo();
    one.apply('a', 'failed');
    net.settle();
    time.pass(5000);
    one.apply('a', 'probed', 'probe-succeeded');
    net.settle();
    const { members } = insideOf(other.balancer).now().parts;
    expect(members.view()[0]!.state.upSince).toBe(performance.now());
  });

  test('is told by one of many that find it at the same time', () => {
    const processes = [...startTwo(), ...startTwo()];
    processes[0]!.apply('a', 'failed');
    net.settle();
    for (const process of processes) {
      process.apply('a', 'checks-passed');
      net.settle();
    }
    expect(processes.map((process) => process.said())).toEqual([2, 0, 0, 0]);
  });
});

describe('members that come and go', () => {
  test('who joins later knows what is in error, and when it is tried', () => {
    const one = startErrorProcess(net);
    one.apply('b', 'failed');
    net.settle();
    time.pass(4000);
    const late = startErrorProcess(net);
    expect(late.letters()).toEqual(['', 'E', '']);
    expect(late.member('b').retryInMs).toBe(6000);
  });

  test('a member that comes later is in error as elsewhere', () => {
    const [one, other] = startTwo();
    insideOf(one.balancer).roster.add({ url: 'http://d.test/', route: 'd' });
    one.apply('d', 'failed');
    net.settle();
    expect(other.letters()).toEqual(['', '', '']);
    insideOf(other.balancer).roster.add({ url: 'http://d.test/', route: 'd' });
    expect(other.letters()).toEqual(['', '', '', 'E']);
  });

  test('a member that was removed begins well when it comes again, and stays as it is elsewhere', async () => {
    const [one, other] = startTwo();
    one.apply('a', 'failed');
    net.settle();
    await insideOf(one.balancer).roster.remove('a');
    net.settle();
    insideOf(one.balancer).roster.add({ url: 'http://a.test/', route: 'a' });
    expect(one.member('a').status).toBe('');
    expect(other.member('a').status).toBe('E');
  });

  test('what a removed member still does is nobody’s business', async () => {
    const [one] = startTwo();
    const works = insideOf(one.balancer);
    const member = works.roster.find('a');
    await works.roster.remove('a');
    works.now().parts.members.apply(member, 'failed');
    expect(one.said()).toBe(0);
  });

  test('who has left tells and hears nothing any more', () => {
    const [one, other] = startTwo();
    other.leave();
    one.apply('a', 'failed');
    net.settle();
    other.apply('b', 'failed');
    net.settle();
    expect([one.letters(), other.letters()]).toEqual([
      ['E', '', ''],
      ['', 'E', ''],
    ]);
  });
});

describe('in a total outage', () => {
  test('each member is told of at most once a second, and as it is last', () => {
    const [one, other] = startTwo();
    for (let ms = 0; ms < 10_000; ms += 10) {
      one.apply('a', 'forced', 'failed');
      time.pass(10);
    }
    expect(one.said()).toBeLessThanOrEqual(2 + 10);
    expect(one.said()).toBeGreaterThanOrEqual(10);
    one.apply('a', 'forced', 'succeeded');
    time.pass(1000);
    net.settle();
    expect(other.member('a').status).toBe('');
  });

  test('of a hundred members, which eight processes find, one word on each is said, and taken back', () => {
    const members = Array.from({ length: 100 }, (_, i) => ({ url: `http://m${i}.test/`, retry: 60 }));
    const processes = Array.from({ length: 8 }, () => startErrorProcess(net, { members }));
    for (let round = 0; round < 3; round += 1) {
      for (const process of processes) {
        for (const { url } of members) process.apply(url, 'forced', 'failed');
        net.settle();
      }
      time.pass(500);
    }
    const said = processes.reduce((sum, process) => sum + process.said(), 0);
    // The last one that fails is not told of: who says that reaches nobody.
    expect(said).toBe(2 * 99);
    for (const process of processes) expect(new Set(process.letters())).toEqual(new Set(['E']));
  });

  test('what waits to be told is dropped where what is known holds again', () => {
    const [one, other] = startTwo();
    one.apply('a', 'failed', 'forced', 'succeeded', 'failed', 'forced', 'succeeded', 'failed');
    net.settle();
    one.apply('a', 'forced', 'succeeded', 'failed');
    time.pass(5000);
    net.settle();
    expect([one.letters(), other.letters()]).toEqual([
      ['E', '', ''],
      ['E', '', ''],
    ]);
  });

  test('a recovery after many failures at once is told at once', () => {
    const [one, other] = startTwo();
    for (let i = 0; i < 100; i += 1) {
      one.apply('a', 'failed');
      time.pass(1);
    }
    net.settle();
    one.apply('a', 'checks-passed');
    net.settle();
    expect(other.member('a').status).toBe('');
    expect(one.said()).toBe(2);
  });

  test('what waits to be told holds no more when a later word has come', () => {
    const [one, other] = startTwo();
    one.apply('a', 'failed', 'forced', 'failed', 'forced', 'failed');
    net.settle();
    other.apply('a', 'probed', 'probe-succeeded');
    net.settle();
    time.pass(5000);
    net.settle();
    expect([one.letters(), other.letters()]).toEqual([
      ['', '', ''],
      ['', '', ''],
    ]);
  });

  test('who is cut off from the others and from all members keeps that to itself', () => {
    const [one, other] = startTwo();
    one.hub.cut();
    for (const name of ['a', 'b', 'c']) one.apply(name, 'failed');
    one.apply('a', 'forced', 'failed');
    time.pass(2000);
    one.hub.mend();
    net.settle();
    expect(other.letters()).toEqual(['', '', '']);
    expect(one.letters()).toEqual(['E', 'E', 'E']);
  });

  test('who reaches the others and no member has taken none from them in the end', () => {
    const [one, other] = startTwo();
    one.apply('a', 'failed');
    one.apply('b', 'failed');
    net.settle();
    expect(other.letters()).toEqual(['E', '', '']);
    one.apply('c', 'failed');
    net.settle();
    expect(other.letters()).toEqual(['', '', '']);
    // What others answer there is no reason to say it all again.
    other.apply('a', 'failed', 'probed', 'probe-succeeded');
    net.settle();
    const said = one.said();
    for (const name of ['a', 'b', 'c', 'a', 'b', 'c']) {
      one.apply(name, 'forced', 'failed');
      time.pass(20_000);
      net.settle();
      expect(other.letters()).toEqual(['', '', '']);
    }
    expect(one.said()).toBe(said);
  });

  test('what others have found themselves holds when somebody takes back the same', () => {
    const [one, other] = startTwo();
    one.apply('a', 'failed');
    net.settle();
    other.apply('a', 'forced', 'failed');
    one.apply('b', 'failed');
    one.apply('c', 'failed');
    net.settle();
    expect(other.letters()).toEqual(['E', '', '']);
  });

  test('who was cut off tells errors again once a member has answered', () => {
    const [one, other] = startTwo();
    for (const name of ['a', 'b', 'c']) one.apply(name, 'failed');
    const { members } = insideOf(one.balancer).now().parts;
    const [a] = members.view();
    const attempt = members.elect({
      kind: 'member',
      member: a!,
      reason: 'method',
      candidates: [a!],
      probe: true,
      forced: false,
    });
    attempt.received(100);
    attempt.report('succeeded');
    attempt.end();
    time.pass(10_000);
    one.apply('b', 'failed');
    net.settle();
    expect(other.letters()).toEqual(['', 'E', '']);
  });

  test.each([
    [1, 0],
    [2, 1],
    [3, 1],
    [4, 2],
    [7, 3],
  ])('of %i members, %i are left alone on the word of others', (count, most) => {
    const members = Array.from({ length: count }, (_, i) => ({ url: `http://m${i}.test/` }));
    // A further one is not the others' business, so that the first process reaches somebody.
    const one = startErrorProcess(net, { members: [...members, { url: 'http://own.test/' }] });
    const other = startErrorProcess(net, { members });
    for (const { url } of members) one.apply(url, 'failed');
    net.settle();
    expect(other.letters().filter((each) => each === 'E')).toHaveLength(most);
  });

  test('members that are set aside do not count among those that are left', () => {
    const [one, other] = startTwo();
    other.apply('c', set(Status.disabled));
    one.apply('a', 'failed');
    one.apply('b', 'failed');
    net.settle();
    expect(other.letters()).toEqual(['E', '', 'D']);
  });

  test.each<[what: string, last: MemberDefinition, left: string]>([
    ['a function that says sorry', { handler: sorry, route: 'sorry', status: '+H' }, 'H'],
    ['a function', { handler: sorry, route: 'sorry' }, ''],
    ['a hot standby', { url: 'http://sorry.test/', route: 'sorry', status: '+H' }, 'H'],
  ])('%s is no reason to lose the others', (_what, last, left) => {
    const real = ['a', 'b'].map((route) => ({ url: `http://${route}.test/`, route, retry: 10 }));
    // A further one is not the others' business, so that the first process reaches somebody.
    const one = startErrorProcess(net, { members: [...real, { url: 'http://own.test/' }] });
    const other = startErrorProcess(net, { members: [...real, last] });
    one.apply('a', 'failed');
    one.apply('b', 'failed');
    net.settle();
    expect(other.letters()).toEqual(['E', '', left]);
  });

  test('who reaches nothing but a function of its own takes back what it has said', () => {
    const real = ['a', 'b', 'c'].map((route) => ({ url: `http://${route}.test/`, route, retry: 10 }));
    const members = [...real, { handler: sorry, route: 'sorry', status: '+H' }];
    const one = startErrorProcess(net, { members });
    const other = startErrorProcess(net, { members });
    one.apply('a', 'failed');
    net.settle();
    expect(other.letters()).toEqual(['E', '', '', 'H']);
    one.apply('b', 'failed');
    one.apply('c', 'failed');
    net.settle();
    expect(other.letters()).toEqual(['', '', '', 'H']);
  });

  test('who is cut off from the others, and reaches members, tells what it has found afterwards', () => {
    const [one, other] = startTwo();
    one.hub.cut();
    one.apply('b', 'failed');
    net.settle();
    expect(other.letters()).toEqual(['', '', '']);
    one.hub.mend();
    net.settle();
    expect(other.letters()).toEqual(['', 'E', '']);
  });
});

describe('a process that has stood still', () => {
  test('hears what was said meanwhile before it says what it had found', () => {
    let stoodMs = 0;
    const steady = performance.now.bind(performance);
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => steady() + stoodMs);
    try {
      const [one, other] = startTwo();
      // The last of these waits to be said.
      one.apply('a', 'failed', 'forced', 'succeeded', 'failed');
      net.settle();
      stoodMs += 10_000;
      other.apply('a', 'failed', 'checks-passed');
      time.pass(1000);
      net.settle();
      time.pass(5000);
      net.settle();
      expect([one.member('a').status, other.member('a').status]).toEqual(['', '']);
    } finally {
      clock.mockRestore();
    }
  });
});

describe('an error that is withdrawn', () => {
  test('stays where it was found as well', () => {
    const [one, other] = startTwo();
    other.apply('a', 'failed');
    time.pass(100);
    one.apply('a', 'failed');
    net.settle();
    one.apply('b', 'failed');
    one.apply('c', 'failed');
    net.settle();
    expect(one.letters()).toEqual(['E', 'E', 'E']);
    expect(other.letters()).toEqual(['E', '', '']);
  });
});

describe('what is no error mark', () => {
  test.each<[what: string, value: unknown]>([
    ['a number', 1],
    ['a text', 'error'],
    ['a list', []],
    ['an empty record', {}],
    ['an age below zero', { ageMs: -1, retries: 0, failedTrials: 0 }],
    ['an age that is a text', { ageMs: '1', retries: 0, failedTrials: 0 }],
    ['endless retries', { ageMs: 1, retries: 1e308, failedTrials: 0 }],
    ['half a trial', { ageMs: 1, retries: 0, failedTrials: 0.5 }],
    ['an ejection of no time', { ageMs: 1, retries: 0, failedTrials: 0, ejectedMs: null }],
  ])('is ignored with one warning: %s', (_what, value) => {
    const [one, other] = startTwo();
    for (const name of ['a', 'b']) one.replica.say(one.key(name), value);
    net.settle();
    expect(other.letters()).toEqual(['', '', '']);
    expect(other.warnings).toHaveLength(1);
  });

  test('does not warn where it says nothing any more, or speaks of nobody', () => {
    const [one, other] = startTwo();
    one.replica.say(one.key('a'), null);
    one.replica.say(writeKey('error', 'app', 'x'), 'cleared');
    one.replica.say(writeKey('error', 'another', 'a'), 7);
    net.settle();
    expect(other.warnings).toEqual([]);
  });

  test.each([
    ['an ejection for weeks', { ageMs: 0, retries: 0, failedTrials: 0, ejectedMs: 1e9 }, {}, 10_000],
    [
      'an ejection for longer than this balancer ejects',
      { ageMs: 0, retries: 0, failedTrials: 0, ejectedMs: 1e9 },
      { ejection: { time: 20 } },
      20_000,
    ],
    ['trials without end', { ageMs: 0, retries: 1e9, failedTrials: 1e9 }, {}, 100_000],
  ])('keeps no member out for ever: %s', (_what, value, options, mostMs) => {
    const one = startErrorProcess(net);
    const other = startErrorProcess(net, options);
    one.replica.say(one.key('a'), value);
    net.settle();
    expect(other.member('a')).toMatchObject({ status: 'E', retryInMs: mostMs });
  });
});
