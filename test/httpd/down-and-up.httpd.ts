import { expect, test } from '@jest/globals';
import { createRandom, type Random } from '../support/seeded-random.ts';
import { describeWithHttpd } from './httpd.ts';
import { startPair, withCookie, type Pair, type Places } from './side-by-side.ts';

const count = 250;
const seeds = [1, 2, 3, 4, 5, 6];

/** Members that are not tried again before the test has ended, so that no clock decides. */
function write({ a, b, c }: Places): string {
  const members = (parameters: string): string =>
    [`${a} route=a`, `${b} route=b`, `${c} route=c`]
      .map((member) => `BalancerMember ${member} ${parameters}`)
      .join('\n      ');
  return `
    <Proxy balancer://stays>
      ${members('retry=600')}
      ProxySet stickysession=SID nofailover=On
    </Proxy>
    <Proxy balancer://moves>
      ${members('retry=600')}
      ProxySet stickysession=SID
    </Proxy>
    <Proxy balancer://once>
      ${members('retry=600')}
      ProxySet stickysession=SID maxattempts=0
    </Proxy>
    ProxyPass /stays balancer://stays
    ProxyPass /moves balancer://moves
    ProxyPass /once balancer://once
  `;
}

/** Who may be down, and which balancers are asked. */
type Weather = Readonly<{ mayFail: readonly ('a' | 'b' | 'c')[]; paths: readonly string[] }>;

describeWithHttpd(`${2 * count * seeds.length} requests, while members go down and come up`, () => {
  async function compareBoth(seed: number, choose: (random: Random) => Weather): Promise<void> {
    const pair = await startPair(write);
    try {
      const random = createRandom(seed);
      const statuses = await compare(pair, random, choose(random));
      expect([...statuses].toSorted()).toEqual(['200', '503']);
    } finally {
      await pair.stop();
    }
  }

  test.each(seeds)('seed %i: both do the same while one member stays', async (seed) => {
    const pairs = [
      ['a', 'b'],
      ['b', 'c'],
      ['a', 'c'],
    ] as const;
    await compareBoth(seed, (random) => ({
      mayFail: random.oneOf(pairs),
      paths: ['stays', 'moves', 'once'],
    }));
  });

  // A request that tries several asks none of them twice, where httpd does: see the known differences.
  test.each(seeds)(
    'seed %i: both do the same after all have failed, by one attempt a request',
    async (seed) => {
      await compareBoth(seed, () => ({ mayFail: ['a', 'b', 'c'], paths: ['once'] }));
    },
  );
});

async function compare(
  { backends, ask }: Pair,
  random: Random,
  { mayFail, paths }: Weather,
): Promise<ReadonlySet<string>> {
  const down = new Set<string>();
  const statuses = new Set<string>();
  for (let i = 0; i < count; i += 1) {
    if (random.happens(5)) {
      const name = random.oneOf(mayFail);
      if (down.delete(name)) await backends[name].start();
      else {
        down.add(name);
        await backends[name].stop();
      }
    }
    const target = `/${random.oneOf(paths)}/x`;
    const route = random.oneOf(['a', 'b', 'c', 'z', undefined, undefined]);
    const { httpd, ours } = await ask(route === undefined ? target : withCookie(`SID=1.${route}`, target));
    const state = { i, target, route, down: [...down].join() };
    expect({ ...state, told: ours.line }).toEqual({ ...state, told: httpd.line });
    statuses.add(httpd.line.slice(0, 3));
  }
  return statuses;
}
