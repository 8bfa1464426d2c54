import { afterEach, describe, expect, test } from '@jest/globals';
import type { BalancerDefinition } from '../../src/index.ts';
import { createSurvey, type Survey } from '../../src/manager/survey/survey.ts';
import { ask, askStatuses } from '../support/ask.ts';
import { deadUrl, startBackend } from '../support/backend.ts';
import { startFront, type Front } from '../support/front.ts';
import { startHolding } from '../support/holding.ts';
import { tidyUp, until } from '../support/idle.ts';

const surveys: Survey[] = [];

afterEach(async () => {
  for (const survey of surveys.splice(0)) survey.close();
  await tidyUp();
});

/** A front whose balancer is looked at; time passes when a test says so. */
async function startSurveyed(
  definition: BalancerDefinition,
  mount = '/',
): Promise<Readonly<{ front: Front; survey: Survey; step: (times?: number) => void }>> {
  const front = await startFront({ name: 'app', ...definition }, { mount });
  let now = 0;
  let step = (): void => undefined;
  const survey = createSurvey({
    balancers: () => [{ id: 'app', balancer: front.balancer }],
    clock: () => now,
    every(_ms, call) {
      step = call;
      return () => undefined;
    },
  });
  surveys.push(survey);
  return {
    front,
    survey,
    step(times = 1) {
      for (let i = 0; i < times; i += 1) {
        now += 2_000;
        step();
      }
    },
  };
}

describe('a survey of traffic', () => {
  test('counts requests, attempts, bytes and answers by member', async () => {
    const backend = await startBackend('a');
    const { front, survey, step } = await startSurveyed(
      { members: [{ url: backend.url, route: 'a' }] },
      '/shop',
    );
    await askStatuses(front.port, 6, { path: '/shop/x' });
    step();
    const [app] = survey.report().balancers;
    expect(app).toMatchObject({ paths: ['/shop'], requests: 6, errors: 0, rate: 3, inFlight: 0, waiting: 0 });
    const [a] = app!.members;
    expect(a).toMatchObject({ elected: 6, busy: 0, rate: 3, failures: 0 });
    expect(a!.quantiles!.p50).toBeLessThanOrEqual(a!.quantiles!.p99);
    expect(a!.received).toBeGreaterThan(0);
    expect(survey.history().balancers['app']!['a']!.rate).toEqual([3]);
  });

  test('tells decisions, and which of them have failed over, with the reasons', async () => {
    const [dead, backend] = await Promise.all([deadUrl(), startBackend('b')]);
    const members = [
      { url: dead, route: 'a' },
      { url: backend.url, route: 'b' },
    ];
    const { front, survey } = await startSurveyed({ members, stickysession: 'S' });
    await ask(front.port, { path: '/one;jsessionid=secret?q=secret', headers: { Cookie: 'S=secret.a' } });
    await ask(front.port, { path: '/two', headers: { Cookie: 'S=secret.b' } });
    await until(() => survey.decisions().decisions.length === 2);
    const { decisions, failovers } = survey.report();
    expect(
      decisions.map(({ path, status, route, attempts }) => [path, status, route, attempts.length]),
    ).toEqual([
      ['/two', 200, 'b', 1],
      ['/one', 200, 'a', 2],
    ]);
    expect(failovers).toEqual([decisions[1]]);
    expect(failovers[0]!.attempts).toEqual([
      expect.objectContaining({ member: 'a', reason: 'route', outcome: 'connect', code: 'ECONNREFUSED' }),
      expect.objectContaining({ member: 'b', reason: 'method', outcome: 'answered', status: 200 }),
    ]);
    expect(JSON.stringify(survey.decisions())).not.toContain('secret');
    expect(survey.report().balancers[0]!.members[0]).toMatchObject({ states: ['in-error'], failures: 1 });
  });

  test('counts errors of the balancer, and tells their code', async () => {
    const { front, survey } = await startSurveyed({ members: [await deadUrl()], forcerecovery: false });
    const status = (await ask(front.port)).status;
    await until(() => survey.decisions().decisions.length === 1);
    expect(survey.report().balancers[0]).toMatchObject({ requests: 1, errors: 1 });
    expect(survey.decisions().decisions[0]).toMatchObject({
      status,
      error: expect.stringMatching(/^ERR_BALANCER_/),
    });
  });

  test('counts who is served and who waits', async () => {
    const holding = await startHolding();
    const { front, survey } = await startSurveyed({
      members: [{ url: holding.url, route: 'a', max: 1 }],
      queueLength: 7,
    });
    const asked = [ask(front.port), ask(front.port), ask(front.port)];
    await until(() => survey.report().balancers[0]!.waiting === 2);
    expect(survey.report().balancers[0]).toMatchObject({ inFlight: 3, waiting: 2, queueLength: 7 });
    expect(survey.report().balancers[0]!.members[0]).toMatchObject({ busy: 1, max: 1, states: ['full'] });
    holding.open();
    await Promise.all(asked);
    expect(survey.report().balancers[0]).toMatchObject({ inFlight: 0, waiting: 0 });
  });

  test('tells what health checks have found', async () => {
    const backend = await startBackend('a', (_req, res) => {
      res.writeHead(503).end();
    });
    const { survey } = await startSurveyed({
      members: [
        {
          url: backend.url,
          route: 'a',
          hcmethod: 'GET',
          hcuri: '/up',
          hcinterval: '100ms',
          hctimeout: '20s',
          hcfails: 2,
        },
      ],
    });
    await until(() => survey.report().balancers[0]!.members[0]!.status === 'C');
    const [a] = survey.report().balancers[0]!.members;
    expect(a).toMatchObject({
      states: ['health-check-failed'],
      health: {
        method: 'GET',
        uri: '/up',
        intervalMs: 100,
        passes: 1,
        fails: 2,
        last: { passed: false, why: expect.stringContaining('503') },
      },
    });
    expect(Math.abs(Date.now() - a!.health!.last!.at)).toBeLessThan(60_000);
  });

  test('lets a process end', () => {
    const before = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    surveys.push(createSurvey({ balancers: () => [] }));
    expect(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout')).toHaveLength(before);
  });
});
