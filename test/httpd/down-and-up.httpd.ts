import { expect, test } from '@jest/globals';
import { createRandom } from '../support/seeded-random.ts';
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
    ProxyPass /stays balancer://stays
    ProxyPass /moves balancer://moves
  `;
}

describeWithHttpd(`${count * seeds.length} requests, while members go down and come up`, () => {
  test.each(seeds)('seed %i: both do the same', async (seed) => {
    const pair = await startPair(write);
    try {
      const statuses = await compare(pair, seed);
      expect([...statuses].toSorted()).toEqual(['200', '503']);
    } finally {
      await pair.stop();
    }
  });
});

async function compare({ backends, ask }: Pair, seed: number): Promise<ReadonlySet<string>> {
  const random = createRandom(seed);
  // One always stays: which of all failed ones is tried first is another story.
  const mayFail = random.oneOf([
    ['a', 'b'],
    ['b', 'c'],
    ['a', 'c'],
  ] as const);
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
    const target = `/${random.oneOf(['stays', 'moves'])}/x`;
    const route = random.oneOf(['a', 'b', 'c', 'z', undefined, undefined]);
    const { httpd, ours } = await ask(route === undefined ? target : withCookie(`SID=1.${route}`, target));
    const state = { i, target, route, down: [...down].join() };
    expect({ ...state, told: ours.line }).toEqual({ ...state, told: httpd.line });
    statuses.add(httpd.line.slice(0, 3));
  }
  return statuses;
}
