import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { BalancerDefinition } from '../../../src/index.ts';
import { senders, startFront, type Front } from '../../support/front.ts';
import { isIdle, until } from '../../support/idle.ts';
import { noteWhatIsThere, nothingIsLeft } from '../support/leftovers.ts';
import { askAtRates, middleOf, startPlaces, type Places } from '../support/load-overload.ts';
import type { PlacesPlan, RateReport } from '../support/load-words.ts';
import { stopPrograms } from '../support/programs.ts';

beforeEach(noteWhatIsThere);

afterEach(async () => {
  await stopPrograms();
  await nothingIsLeft();
});

// Without `max` the balancer does not know what its members can do: they shed load by themselves, or get slow.
describe.each(senders)(
  'members who get three times what they can do, without a max, over %s',
  (name, sender) => {
    const serviceMs = 100;

    type Overloaded = Readonly<{
      front: Front;
      members: Places;
      report: RateReport;
      attempts: number;
      requests: number;
    }>;

    async function overload(
      beyond: PlacesPlan['beyond'],
      definition: Partial<BalancerDefinition> = {},
    ): Promise<Overloaded> {
      const members = await startPlaces({ members: 2, places: 20, serviceMs, beyond });
      const front = await startFront({ ...sender, ...definition, members: members.urls });
      front.server.keepAliveTimeout = 60_000;
      let requests = 0;
      let attempts = 0;
      front.balancer.on('request', (request) => {
        requests += 1;
        attempts += request.attempts.length;
      });
      const report = await askAtRates(front.port, [{ perSecond: 3 * members.perSecond, ms: 3_000 }]);
      await until(() => isIdle(front));
      const told = Object.entries(report.told).map(([what, ids]) => `${ids.length} ${what}`);
      process.stdout.write(
        `${name}, ${beyond} ${JSON.stringify(definition)}: ${requests} requests, ${attempts} attempts; ${told.join(', ')}; ` +
          `${JSON.stringify(report.phases)}\n`,
      );
      return { front, members, report, attempts, requests };
    }

    test.each<[string, Partial<BalancerDefinition>]>([
      ['are heard: their 503 and its Retry-After is what clients get', {}],
      ['are not ejected for it, since the others are no better', { ejection: true }],
      [
        'are asked for no more than a fifth more by failoverOn, and the last 503 is what clients get',
        { failoverOn: [503] },
      ],
    ])('and refuse the rest %s', async (_what, definition) => {
      const { front, members, report, attempts, requests } = await overload('is refused', definition);
      const { executed, refused } = await members.read();
      expect(Object.keys(report.told).sort()).toEqual(['200', '503 busy']);
      expect([...executed].sort()).toEqual([...report.told['200']!].sort());
      expect(executed.length + refused).toBe(attempts);
      expect(attempts).toBeLessThanOrEqual(Math.max(requests * 1.2, requests + 10));
      // They do as much as they can all the while.
      const [slices = []] = report.phases;
      expect(middleOf(slices, ({ accepted }) => accepted)).toBeGreaterThan(0.8 * members.perSecond);
      expect(front.balancer.view().map(({ status }) => status)).toEqual(['', '']);
    });
    test('and get slow are asked for no more than a fifth more when that takes too long, and nobody is left waiting', async () => {
      const { front, members, report, attempts, requests } = await overload('waits', {
        memberDefaults: { timeout: '1s' },
      });
      const { executed } = await members.read();
      expect(Object.keys(report.told).sort()).toEqual([
        '200',
        '504 ERR_BALANCER_TIMEOUT without Retry-After',
      ]);
      expect(attempts).toBeLessThanOrEqual(Math.max(requests * 1.2, requests + 10));
      const posts = executed.filter((id) => id.endsWith('0'));
      expect(posts).toHaveLength(new Set(posts).size);
      expect(front.balancer.view().map(({ status }) => status)).toEqual(['', '']);
    });
  },
);
