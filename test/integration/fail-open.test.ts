import { afterEach, describe, expect, test } from '@jest/globals';
import type { BalancerDefinition } from '../../src/index.ts';
import { expectServed, expectStatus, stopClock, type TestMembers } from '../../src/testing/index.ts';
import { ask, askStatuses } from '../support/ask.ts';
import { watchStates } from '../support/checked.ts';
import { senders } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { keepMembers } from '../support/members.ts';
import { startToldFront, type ToldFront } from '../support/stories.ts';
import { stopTime } from '../support/time.ts';

afterEach(tidyUp);

describe.each(senders)('%s: when all are in error', (_sender, sender) => {
  type Pair = Readonly<{ front: ToldFront; members: TestMembers<readonly ['a', 'b']> }>;

  /** Both were asked in vain, and listen again. */
  async function startBack(definition: Partial<BalancerDefinition>): Promise<Pair> {
    const members = await keepMembers(['a', 'b']);
    const front = await startToldFront({ ...sender, ...definition, members: members.definitions });
    await Promise.all([members.a.refuse(), members.b.refuse()]);
    expect((await ask(front.port)).status).toBe(503);
    await expectStatus(front.balancer, { a: 'E', b: 'E' });
    await members.recover();
    return { front, members };
  }

  test('they are tried, long before their retry', async () => {
    const { front } = await startBack({});
    const states = watchStates(front);
    expect(await askStatuses(front.port, 4)).toEqual([200, 200, 200, 200]);
    expect(states.lines()).toEqual(['a: E -> ok, forced-recovery', 'b: E -> ok, forced-recovery']);
    expect(front.balancer.view().map(({ elected }) => elected)).toEqual([3, 3]);
  });

  test('they are not, without forcerecovery: 503 until their retry', async () => {
    using clock = stopClock();
    const { front, members } = await startBack({ forcerecovery: false, memberDefaults: { retry: 30 } });
    const { status, code, headers } = await ask(front.port);
    expect({ status, code }).toEqual({ status: 503, code: 'ERR_BALANCER_NO_MEMBER' });
    expect(headers['retry-after']).toBe('30');
    expect(members.requests).toEqual([]);

    front.balancer.change('b', { retry: 20 });
    await clock.pass('19999ms');
    expect((await ask(front.port)).status).toBe(503);
    await clock.pass('1ms');
    expect(await askStatuses(front.port, 2)).toEqual([200, 200]);
    expect(front.balancer.view().map(({ status: letters }) => letters)).toEqual(['E', '']);
  });

  test('those that somebody has taken out stay out', async () => {
    const { front, members } = await startBack({});
    front.balancer.change('b', '+D');
    expect(await askStatuses(front.port, 3)).toEqual([200, 200, 200]);
    expectServed(members, { a: 3 });
    front.balancer.change('a', '+S');
    expect((await ask(front.port)).status).toBe(503);
  });
});

describe('when all fail their health checks', () => {
  async function startFailing(definition: Partial<BalancerDefinition>): Promise<ToldFront> {
    using clock = stopClock();
    const members = await keepMembers(['a', 'b']);
    const front = await startToldFront({
      memberDefaults: { hcmethod: 'GET', hcuri: '/health' },
      ...definition,
      members: members.definitions,
    });
    for (const member of members) member.fail(503, { only: '/health' });
    await clock.pass('30s');
    expect(front.balancer.view().map(({ status }) => status)).toEqual(['C', 'C']);
    return front;
  }

  test('they serve all the same, and go on failing their checks', async () => {
    const front = await startFailing({});
    expect(await askStatuses(front.port, 4)).toEqual([200, 200, 200, 200]);
    expect(front.balancer.view().map(({ status, elected }) => [status, elected])).toEqual([
      ['C', 2],
      ['C', 2],
    ]);
  });

  test('they do not, without forcerecovery', async () => {
    const front = await startFailing({ forcerecovery: false });
    const { status, code, headers } = await ask(front.port);
    expect({ status, code }).toEqual({ status: 503, code: 'ERR_BALANCER_NO_MEMBER' });
    // That of the next check.
    expect(headers['retry-after']).toBe('30');
    expect(front.balancer.view().map(({ elected }) => elected)).toEqual([0, 0]);
  });

  test('one that is in error and passes its checks goes before them', async () => {
    const front = await startFailing({ failonstatus: 404 });
    front.balancer.change('b', '-C+E');
    expect(front.member('b').retryInMs).toBeGreaterThan(50_000);
    expect((await ask(front.port)).text).toBe('b');
    expect(front.member('b').status).not.toContain('E');
  });
});

describe.each(senders)('%s: when all are ejected', (_sender, sender) => {
  async function startAiling(definition: Partial<BalancerDefinition>): Promise<ToldFront> {
    const members = await keepMembers(['a', 'b']);
    for (const member of members) member.fail(500);
    const front = await startToldFront({
      ...sender,
      ejection: { consecutive: 2, rate: false, maxEjected: 1 },
      ...definition,
      members: members.definitions,
    });
    expect(await askStatuses(front.port, 4)).toEqual([500, 500, 500, 500]);
    expect(front.balancer.view().map(({ ejected }) => ejected)).toEqual([true, true]);
    return front;
  }

  test('their own answers are better than none', async () => {
    const front = await startAiling({});
    const states = watchStates(front);
    expect(await askStatuses(front.port, 6)).toEqual(Array(6).fill(500));
    expect(front.errors).toEqual([]);
    expect(states.lines().slice(0, 2)).toEqual([
      'a: E -> ok, forced-recovery',
      'b: E -> ok, forced-recovery',
    ]);
  });

  test('nobody is asked without forcerecovery', async () => {
    stopTime();
    const front = await startAiling({ forcerecovery: false });
    const told = await ask(front.port);
    expect(told).toMatchObject({
      status: 503,
      code: 'ERR_BALANCER_NO_MEMBER',
      headers: { 'retry-after': '30' },
    });
    expect(front.balancer.view().map(({ elected }) => elected)).toEqual([2, 2]);
  });
});
