import { describe, expect, test } from '@jest/globals';
import { simulateProcesses, type Imbalance, type Scene } from './simulate-processes.ts';

/** By ten requests a member, seeded. The first named is what processes do that share nothing. */
async function compare(
  scene: Pick<Scene, 'processes' | 'members' | 'serviceMs'>,
): Promise<Readonly<Record<Scene['sharing'], Imbalance>>> {
  const measure = (sharing: Scene['sharing']): Promise<Imbalance> =>
    simulateProcesses({ ...scene, load: 10, sharing, seed: 1 });
  return {
    none: await measure('none'),
    told: await measure('told'),
    estimated: await measure('estimated'),
  };
}

const houses = [4, 16].flatMap((processes) => [2, 5, 10].map((members) => [processes, members] as const));

describe('how many requests the busiest member has above the mean, in all processes that tell every 50 ms', () => {
  test('is less than with own counts only, for answers of 200 ms', async () => {
    let [own, shared, ownMost, sharedMost] = [0, 0, 0, 0];
    for (const [processes, members] of houses) {
      const { none, estimated } = await compare({ processes, members, serviceMs: 200 });
      expect(estimated.mean).toBeLessThanOrEqual(none.mean);
      own += none.mean;
      shared += estimated.mean;
      ownMost += none.largest;
      sharedMost += estimated.largest;
    }
    expect(shared).toBeLessThan(0.9 * own);
    expect(sharedMost).toBeLessThan(ownMost);
  });

  // What was told is over when it is heard: there is nothing to win, and a herd to be feared.
  test.each(houses)(
    'is about the same for answers of 20 ms: %i processes, %i members',
    async (processes, members) => {
      const { none, told, estimated } = await compare({ processes, members, serviceMs: 20 });
      expect(estimated.mean).toBeLessThan(1.1 * none.mean);
      expect(estimated.largest).toBeLessThan(1.25 * none.largest);
      // Counts that are taken as they were told are what makes a herd.
      expect(told.mean).toBeGreaterThan(1.1 * estimated.mean);
    },
  );
});
