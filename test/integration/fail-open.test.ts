import { afterEach, describe, expect, test } from '@jest/globals';
import type { BalancerDefinition } from '../../src/index.ts';
import { ask, askStatuses } from '../support/ask.ts';
import { startBackend, type Backend } from '../support/backend.ts';
import { startChecked, watchStates } from '../support/checked.ts';
import { senders } from '../support/front.ts';
import { tidyUp, until } from '../support/idle.ts';
import { startToldFront, type ToldFront } from '../support/stories.ts';
import { stopTime } from '../support/time.ts';

afterEach(tidyUp);

describe.each(senders)('%s: when all are in error', (_sender, sender) => {
  type Pair = Readonly<{ front: ToldFront; backends: readonly Backend[] }>;

  /** Both were asked in vain, and listen again. */
  async function startBack(definition: Partial<BalancerDefinition>): Promise<Pair> {
    const backends = [await startBackend('a'), await startBackend('b')];
    const front = await startToldFront({
      ...sender,
      ...definition,
      members: backends.map(({ url }, i) => ({ url, route: 'ab'[i]! })),
    });
    await Promise.all(backends.map((backend) => backend.stop()));
    expect((await ask(front.port)).status).toBe(503);
    expect(front.balancer.view().map(({ status }) => status)).toEqual(['E', 'E']);
    await Promise.all(backends.map((backend) => backend.start()));
    return { front, backends };
  }

  test('they are tried, long before their retry', async () => {
    const { front } = await startBack({});
    const states = watchStates(front);
    expect(await askStatuses(front.port, 4)).toEqual([200, 200, 200, 200]);
    expect(states.lines()).toEqual(['a: E -> ok, forced-recovery', 'b: E -> ok, forced-recovery']);
    expect(front.balancer.view().map(({ elected }) => elected)).toEqual([3, 3]);
  });

  test('they are not, without forcerecovery: 503 until their retry', async () => {
    const { front, backends } = await startBack({ forcerecovery: false, memberDefaults: { retry: 30 } });
    const { status, code, headers } = await ask(front.port);
    expect({ status, code }).toEqual({ status: 503, code: 'ERR_BALANCER_NO_MEMBER' });
    expect(Number(headers['retry-after'])).toBeGreaterThan(20);
    expect(Number(headers['retry-after'])).toBeLessThanOrEqual(30);
    expect(backends.flatMap(({ begun }) => begun)).toEqual([]);

    front.balancer.change('b', { retry: '10ms' });
    await until(() => front.member('b').retryInMs === 0);
    expect(await askStatuses(front.port, 2)).toEqual([200, 200]);
    expect(front.balancer.view().map(({ status: letters }) => letters)).toEqual(['E', '']);
  });

  test('those that somebody has taken out stay out', async () => {
    const { front, backends } = await startBack({});
    front.balancer.change('b', '+D');
    expect(await askStatuses(front.port, 3)).toEqual([200, 200, 200]);
    expect(backends[1]!.begun).toEqual([]);
    front.balancer.change('a', '+S');
    expect((await ask(front.port)).status).toBe(503);
  });
});

describe('when all fail their health checks', () => {
  async function startFailing(definition: Partial<BalancerDefinition>): Promise<ToldFront> {
    const backends = [await startChecked('a'), await startChecked('b')];
    const front = await startToldFront({
      memberDefaults: { hcmethod: 'GET', hcuri: '/health', hcinterval: '100ms', hctimeout: '20s' },
      ...definition,
      members: backends.map(({ url }, i) => ({ url, route: 'ab'[i]! })),
    });
    for (const backend of backends) backend.health = 503;
    await until(() => front.balancer.view().every(({ status }) => status === 'C'));
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
    // Nobody is in error: there is no time to tell.
    expect(headers['retry-after']).toBeUndefined();
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
    const ailing = await Promise.all(
      ['a', 'b'].map((name) => startBackend(name, (_req, res) => res.writeHead(500).end(name))),
    );
    const front = await startToldFront({
      ...sender,
      ejection: { consecutive: 2, rate: false, maxEjected: 1 },
      ...definition,
      members: ailing.map(({ url }, i) => ({ url, route: 'ab'[i]! })),
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
