import { afterEach, describe, expect, test } from '@jest/globals';
import { createBalancer, type Balancer, type BalancerDefinition } from '../../../../src/index.ts';
import type { BalancerEvents } from '../../../../src/events.ts';
import { insideOf } from '../../../../src/inside.ts';
import type { Listed } from '../../../../src/manager/listed.ts';
import { createSurvey, type Survey } from '../../../../src/manager/survey/survey.ts';
import type { MemberTally, MemberCounts } from '../../../../src/tally/tally.ts';

const balancers: Balancer[] = [];

afterEach(async () => {
  await Promise.all(balancers.splice(0).map((balancer) => balancer.close()));
});

function create(name: string, definition: Partial<BalancerDefinition> = {}): Balancer {
  const members = ['http://127.0.0.1:1', 'http://127.0.0.1:2'];
  const balancer: Balancer = createBalancer({ name, members, logger: false, ...definition });
  balancers.push(balancer);
  return balancer;
}

/** A survey whose time passes when a test says so. */
function createStepped(listed: readonly Listed[]): Readonly<{
  survey: Survey;
  list: Listed[];
  /** Two seconds pass, as often. */
  step: (times?: number) => void;
  isRunning: () => boolean;
}> {
  const list = [...listed];
  let now = 0;
  let call: (() => void) | undefined;
  const survey = createSurvey({
    balancers: () => list,
    now: () => 1_000_000 + now,
    clock: () => now,
    every(ms, step) {
      expect(ms).toBe(2_000);
      call = step;
      return () => (call = undefined);
    },
  });
  return {
    survey,
    list,
    step(times = 1) {
      for (let i = 0; i < times; i += 1) {
        now += 2_000;
        call?.();
      }
    },
    isRunning: () => call !== undefined,
  };
}

function tallyOf(balancer: Balancer, name: string): MemberTally & MemberCounts {
  const { members, tally } = insideOf(balancer).now().parts;
  return tally.of(members.view().find((member) => member.settings.name === name)!);
}

function answer(balancer: Balancer, name: string, times: number, ms: number): void {
  const tally = tallyOf(balancer, name);
  for (let i = 0; i < times; i += 1) tally.noteOutcome('answered', ms);
}

const first = 'http://127.0.0.1:1';
const second = 'http://127.0.0.1:2';

describe('the history', () => {
  test('has a point every two seconds: attempts a second, and quantiles of that interval', () => {
    const app = create('app');
    const { survey, step } = createStepped([{ id: 'app', balancer: app }]);
    answer(app, first, 10, 10);
    step();
    answer(app, first, 4, 100);
    step();
    step();
    const { stepMs, at, balancers } = survey.history();
    expect([stepMs, at]).toEqual([2_000, [1_002_000, 1_004_000, 1_006_000]]);
    const { rate, p50, p95 } = balancers['app']![first]!;
    expect(rate).toEqual([5, 2, 0]);
    expect(p50.map((ms) => ms && Math.ceil(ms / 10))).toEqual([1, 9, null]);
    expect(p95.map((ms) => ms && Math.ceil(ms / 10))).toEqual([1, 10, null]);
    expect(balancers['app']![second]).toEqual({
      rate: [0, 0, 0],
      p50: [null, null, null],
      p95: [null, null, null],
    });
  });

  test('goes back five minutes', () => {
    const { survey, step } = createStepped([{ id: 'app', balancer: create('app') }]);
    step(400);
    const { at, balancers } = survey.history();
    expect([at.length, at[0], at.at(-1)]).toEqual([150, 1_502_000, 1_800_000]);
    expect(balancers['app']![first]!.rate).toHaveLength(150);
  });

  test('begins with null for a member that has come, and keeps one that has gone for its points', () => {
    const app = create('app');
    const { survey, step } = createStepped([{ id: 'app', balancer: app }]);
    step();
    const added = app.add('http://127.0.0.1:3');
    void app.remove(second);
    step(2);
    const lines = survey.history().balancers['app']!;
    expect(lines[added]!.rate).toEqual([null, null, 0]);
    expect(lines[second]!.rate).toEqual([0, null, null]);
    step(147);
    expect(Object.keys(survey.history().balancers['app']!)).toEqual([first, second, added]);
    step();
    expect(Object.keys(survey.history().balancers['app']!)).toEqual([first, added]);
  });

  test('goes on under the name of a member that comes again', async () => {
    const app = create('app');
    const { survey, step } = createStepped([{ id: 'app', balancer: app }]);
    answer(app, second, 100, 10);
    step();
    await app.remove(second);
    step();
    app.add(second);
    step();
    answer(app, second, 2, 10);
    step();
    expect(survey.history().balancers['app']![second]!.rate).toEqual([50, null, 0, 1]);
  });

  test('forgets a balancer that has gone when its last point has left', () => {
    const app = create('app');
    const other = create('other');
    const { survey, list, step } = createStepped([
      { id: 'app', balancer: app },
      { id: 'other', balancer: other },
    ]);
    step();
    list.pop();
    step(149);
    expect(survey.history().balancers['other']![first]!.rate.filter((rate) => rate !== null)).toEqual([0]);
    step();
    expect(Object.keys(survey.history().balancers)).toEqual(['app']);
  });

  test('lets members that come and go by the thousands be forgotten sooner', () => {
    const app = create('app');
    const { survey, step } = createStepped([{ id: 'app', balancer: app }]);
    for (let round = 0; round < 12; round += 1) {
      const names = Array.from({ length: 100 }, (_, i) => app.add(`http://10.0.${round}.${i}`));
      step();
      for (const name of names) void app.remove(name);
      step();
    }
    const names = Object.keys(survey.history().balancers['app']!);
    expect([names.length, names.includes('http://10.0.0.0'), names.includes('http://10.0.11.0')]).toEqual([
      502,
      false,
      true,
    ]);
  });

  test('survives names that records have', () => {
    const app = create('__proto__', {
      members: [
        { url: first, route: '__proto__' },
        { url: second, route: 'constructor' },
      ],
    });
    const { survey, step } = createStepped([{ id: '__proto__', balancer: app }]);
    step();
    const { balancers } = JSON.parse(JSON.stringify(survey.history())) as ReturnType<Survey['history']>;
    expect(Object.keys(Object.getOwnPropertyDescriptor(balancers, '__proto__')!.value as object)).toEqual([
      '__proto__',
      'constructor',
    ]);
  });
});

describe('the report', () => {
  test('tells rates of the last ten seconds and quantiles of the last minute', () => {
    const app = create('app');
    const { survey, step } = createStepped([{ id: 'app', balancer: app }]);
    answer(app, first, 100, 10);
    insideOf(app).now().parts.tally.balancer.noteEnd(200, undefined, 5);
    step(4);
    const [report] = survey.report().balancers;
    expect(report!.members.map(({ rate }) => rate)).toEqual([12.5, 0]);
    expect([report!.rate, report!.requests, report!.errors]).toEqual([0.13, 1, 0]);
    expect(report!.members[0]!.quantiles).toEqual({ p50: 8.8, p95: 9.9, p99: 10 });
    expect(report!.members[1]!.quantiles).toBeUndefined();
    step(40);
    expect(survey.report().balancers[0]!.members[0]).toMatchObject({ rate: 0, quantiles: undefined });
  });

  test('is of the balancers as they are listed now', () => {
    const app = create('app');
    const { survey, list } = createStepped([]);
    expect(survey.report().balancers).toEqual([]);
    list.push({ id: 'app', balancer: app }, { id: 'app~2', balancer: create('app') });
    expect(survey.report().balancers.map(({ id, name }) => [id, name])).toEqual([
      ['app', 'app'],
      ['app~2', 'app'],
    ]);
    list.shift();
    list[0] = { ...list[0]!, id: 'app' };
    expect(survey.report().balancers.map(({ id }) => id)).toEqual(['app']);
  });

  test('shows a change at once, a member that was added among them', () => {
    const app = create('app');
    const { survey } = createStepped([{ id: 'app', balancer: app }]);
    app.add({ url: 'http://127.0.0.1:3', route: 'c', status: 'D' });
    app.change(first, { loadfactor: 2.5, retry: '10s' });
    const [report] = survey.report().balancers;
    expect(report!.members.map(({ name, states }) => `${name} ${states.join()}`)).toEqual([
      `${first} ok`,
      `${second} ok`,
      'c disabled',
    ]);
    expect(report!.members[0]).toMatchObject({ loadfactor: 2.5, parameters: { retry: '10s' } });
  });

  test('counts sessions, and anew after ten seconds, of a hundred members at a time', () => {
    const urls = Array.from({ length: 150 }, (_, i) => `http://10.0.0.${i}`);
    const app = create('app', { members: urls });
    const { survey, step } = createStepped([{ id: 'app', balancer: app }]);
    const countKnown = (): readonly (number | undefined)[] => {
      const counts = survey.report().balancers[0]!.members.map(({ sessions }) => sessions);
      return [undefined, 1, 2].map((count) => counts.filter((each) => each === count).length);
    };
    const note = (id: string): void => {
      for (const url of urls) tallyOf(app, url).noteSession(id, insideOf(app).now().parts.now());
    };
    expect(countKnown()).toEqual([150, 0, 0]);
    note('one');
    step(5);
    expect(countKnown()).toEqual([50, 100, 0]);
    expect(countKnown()).toEqual([0, 150, 0]);
    note('two');
    expect(countKnown()).toEqual([0, 150, 0]);
    step(5);
    expect(countKnown()).toEqual([0, 50, 100]);
  });

  test('is JSON, of every kind of member', () => {
    const app = create('app', {
      stickysession: 'S|s',
      lbmethod: ([one]) => one,
      members: [
        {
          url: first,
          route: 'a',
          status: 'E',
          hcmethod: 'GET',
          hcexpect: /up/,
          hcheaders: { Authorization: 'Bearer t0ken' },
        },
        { handler: (_req, res) => res.end(), status: 'H', max: 3 },
      ],
    });
    const { survey, step } = createStepped([{ id: 'app', balancer: app }]);
    step();
    const report = { ...survey.report(), ...survey.decisions(), ...survey.history() };
    const text = JSON.stringify(report, (_name, value: unknown) => {
      if (typeof value === 'number' && !Number.isFinite(value)) throw new Error('no number of JSON');
      return value;
    });
    expect(text).not.toContain('t0ken');
    expect(JSON.parse(text)).toEqual(report);
    const [a, handler] = survey.report().balancers[0]!.members;
    expect(a).toMatchObject({
      status: 'E',
      states: ['in-error'],
      retryInMs: 0,
      health: { method: 'GET', intervalMs: 30_000, passes: 1, fails: 1, passed: 0, failed: 0 },
      parameters: { hcexpect: '/up/', hcheaders: { Authorization: '…' } },
    });
    expect(a).not.toHaveProperty('errorAt');
    expect(handler).toMatchObject({ isHandler: true, max: 3, states: ['hot-standby'] });
    expect(survey.report().balancers[0]).toMatchObject({ stickysession: 'S|s', lbmethod: 'function' });
  });

  test('tells when a member was put in error', () => {
    const app = create('app');
    const { survey } = createStepped([{ id: 'app', balancer: app }]);
    const before = insideOf(app).now().parts.now();
    app.change(first, '+E');
    const [member] = survey.report().balancers[0]!.members;
    const after = insideOf(app).now().parts.now();
    // The survey's own clock stands still.
    expect(member!.errorAt).toBeLessThanOrEqual(1_000_000);
    expect(member!.errorAt).toBeGreaterThanOrEqual(Math.floor(1_000_000 - (after - before)));
    expect(member!.retryInMs).toBeGreaterThan(0);
  });
});

describe('decisions', () => {
  function tell(balancer: Balancer, path: string, attempts: number): void {
    const event: Omit<BalancerEvents['request'], 'balancer'> = {
      method: 'GET',
      path,
      status: 200,
      error: undefined,
      member: first,
      route: undefined,
      sticky: undefined,
      routeChanged: false,
      waitedMs: 0,
      durationMs: 1,
      attempts: Array.from({ length: attempts }, () => ({
        member: first,
        name: first,
        reason: 'method' as const,
        outcome: 'answered' as const,
        status: 200,
        code: undefined,
        startedMs: 0,
        durationMs: 1,
      })),
    };
    insideOf(balancer).now().parts.events.emit('request', event);
  }

  test('are the last 200, and the last 200 that have failed over; a report has 50', () => {
    const app = create('app');
    const { survey } = createStepped([{ id: 'app~2', balancer: app }]);
    for (let i = 0; i < 500; i += 1) tell(app, `/${i}`, i % 2 === 0 ? 1 : 2);
    const { decisions, failovers } = survey.decisions();
    expect([decisions.length, decisions[0], decisions.at(-1)]).toEqual([
      200,
      expect.objectContaining({ path: '/499', balancer: 'app~2' }),
      expect.objectContaining({ path: '/300' }),
    ]);
    expect([failovers.length, failovers[0]!.path, failovers.at(-1)!.path]).toEqual([200, '/499', '/101']);
    const report = survey.report();
    expect([report.decisions.length, report.failovers.length]).toEqual([50, 50]);
  });

  test('are heard of no more when a balancer is not listed, and when the survey is closed', () => {
    const app = create('app');
    const { events } = insideOf(app).now().parts;
    const { survey, list, step } = createStepped([{ id: 'app', balancer: app }]);
    list.pop();
    step();
    expect(events.isHeard('request')).toBe(false);
    list.push({ id: 'app', balancer: app });
    step();
    expect(events.isHeard('request')).toBe(true);
    tell(app, '/again', 1);
    expect(survey.decisions().decisions.map(({ path }) => path)).toEqual(['/again']);
    survey.close();
    expect(events.isHeard('request')).toBe(false);
  });
});

describe('the points', () => {
  test('are told of until one calls it off', () => {
    const { survey, step } = createStepped([]);
    let count = 0;
    const off = survey.onPoint(() => (count += 1));
    step(3);
    off();
    step();
    expect(count).toBe(3);
  });

  test('end with close', () => {
    const { survey, isRunning } = createStepped([{ id: 'app', balancer: create('app') }]);
    expect(isRunning()).toBe(true);
    survey.close();
    expect([isRunning(), survey.report().balancers]).toEqual([false, []]);
  });
});
