import { afterEach, describe, expect, test } from '@jest/globals';
import type { BalancerDefinition } from '../../src/index.ts';
import { senders } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { tally } from '../support/load.ts';
import { startToldFront, type ToldFront } from '../support/stories.ts';
import { createTimedLoad, type TimedLoad } from '../support/timed.ts';

afterEach(tidyUp);

const methods = ['byrequests', 'bytraffic', 'bybusyness', 'byresponsetime', 'random'] as const;

type Method = (typeof methods)[number];

const parallel = 8;

/** How long a backend takes, in milliseconds, so that requests are under way side by side. */
const ms = 4;

/** A front, and the load on its members. */
type Loaded = ToldFront & Readonly<{ load: TimedLoad }>;

/** How many of the next so many the member gets under load. */
async function countServed(front: Loaded, name: string, requests: number): Promise<number> {
  return tally(await front.load.askMany(front, requests, parallel))[name] ?? 0;
}

describe.each(methods)('%s: under load, a member that', (lbmethod: Method) => {
  /** `a` and `b` have served for a while. */
  async function startServing(definition: Partial<BalancerDefinition>): Promise<Loaded> {
    const load = createTimedLoad();
    const backends = [await load.start('a', ms), await load.start('b', ms)];
    const front = await startToldFront({
      lbmethod,
      ...definition,
      members: backends.map(({ url }, i) => ({ url, route: 'ab'[i]! })),
    });
    await load.askMany(front, 200, parallel);
    return { ...front, load };
  }

  /** `a` and `b` have served for a while, and `c` comes in the middle of it. */
  async function startAdding(definition: Partial<BalancerDefinition>): Promise<Loaded> {
    const front = await startServing(definition);
    const c = await front.load.start('c', ms);
    const asked = front.load.askMany(front, 2 * parallel, parallel);
    front.balancer.add({ url: c.url, route: 'c' });
    await asked;
    return front;
  }

  /** `a`, `b` and `c` have served for a while; then `c` was in error, and is back with its first answer. */
  async function startReturning(definition: Partial<BalancerDefinition>): Promise<Loaded> {
    const front = await startServing(definition);
    const c = await front.load.start('c', ms);
    front.balancer.add({ url: c.url, route: 'c', retry: 3_600, slowStart: 0 });
    await front.load.askMany(front, 100, parallel);
    await c.stop();
    while (front.member('c').status !== 'E') await front.load.askMany(front, 1, 1);
    await front.load.askMany(front, 200, parallel);
    await c.start();
    front.balancer.change('c', { retry: '1ms', ...definition.memberDefaults });
    while (front.member('c').status === 'E') await front.load.askMany(front, parallel, parallel);
    return front;
  }

  const slow = { memberDefaults: { slowStart: 3_600 } } as const;
  const ways = [
    ['is added', startAdding],
    ['comes back', startReturning],
  ] as const;

  test.each(ways)('%s gets little during its slow start, and its share behind it', async (_way, start) => {
    const front = await start(slow);
    // A tenth of the weight of the others: about 29 of 600.
    const early = await countServed(front, 'c', 600);
    expect(early).toBeGreaterThan(0);
    expect(early).toBeLessThan(90);
    front.balancer.change('c', { slowStart: 0 });
    await countServed(front, 'c', 60);
    const late = await countServed(front, 'c', 300);
    expect(late).toBeGreaterThan(50);
    expect(late).toBeLessThan(160);
  });

  test.each(ways)('%s is not flooded without a slow start either', async (_way, start) => {
    const front = await start({});
    const served = await countServed(front, 'c', 120);
    expect(served).toBeGreaterThan(10);
    expect(served).toBeLessThan(72);
  });
});

describe.each(senders)('%s: a slow start', (_sender, sender) => {
  test('goes up with the time, to the whole share', async () => {
    const load = createTimedLoad();
    const a = await load.start('a', ms);
    const told = await startToldFront({
      ...sender,
      memberDefaults: { slowStart: '500ms' },
      members: [{ url: a.url, route: 'a' }],
    });
    const front: Loaded = { ...told, load };
    const b = await load.start('b', ms);
    // Who was there from the start has its whole weight.
    await load.askMany(front, 20, 4);
    front.balancer.add({ url: b.url, route: 'b' });
    const first = await countServed(front, 'b', 22);
    expect(first).toBeLessThan(11);
    let last = first;
    while (last !== 11) last = await countServed(front, 'b', 22);
  });
});
