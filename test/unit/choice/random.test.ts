import { describe, expect, test } from '@jest/globals';
import { random } from '../../../src/choice/random.ts';
import { partOf, simulateTraffic } from './simulate-traffic.ts';
import { buildCandidates, makeContext } from './views.ts';

/** Chance that gives these numbers, one after the other. */
function drawing(...numbers: readonly number[]): () => number {
  const left = [...numbers];
  return () => left.shift()!;
}

describe('random', () => {
  test.each([
    ['the first drawn of two equals', 'a, b, c', {}, [0.9, 0.1], 'c'],
    ['the less busy one of the two', 'a, b, c', { c: { busy: 1 } }, [0.9, 0.1], 'a'],
    [
      'one that was not drawn not, however idle',
      'a, b, c',
      { a: { busy: 5 }, c: { busy: 6 } },
      [0.9, 0.1],
      'a',
    ],
    ['draws of two members, never of one twice', 'a, b, c', { b: { busy: 9 } }, [0.5, 0.5], 'c'],
    ['the one that is less busy for its weight', 'a, b*4', { a: { busy: 1 }, b: { busy: 4 } }, [0, 0], 'b'],
    ['one without failures', 'a, b', { a: { debt: 0.1 } }, [0, 0], 'b'],
    ['draws by weight: below the border', 'a, b*3, c', {}, [0.19, 0.99], 'a'],
    ['draws by weight: above it', 'a, b*3, c', {}, [0.21, 0.99], 'b'],
    ['the last one at the very end', 'a, b, c', {}, [1 - Number.EPSILON / 2, 0], 'c'],
  ])('takes %s', (_who, notation, pasts, drawn, chosen) => {
    const candidates = buildCandidates(notation, pasts);
    expect(random.choose(candidates, makeContext({ random: drawing(...drawn) })).settings.name).toBe(chosen);
  });

  test('takes the only one without a draw', () => {
    const candidates = buildCandidates('a');
    expect(random.choose(candidates, makeContext())).toBe(candidates[0]);
  });

  test.each([1, 16])('gives each its share, with %i in parallel', (parallel) => {
    const sent = simulateTraffic({
      method: random,
      members: 'a, b, c, d',
      serve: () => ({ ms: 10 }),
      load: { parallel },
      requests: 8_000,
    });
    for (const name of ['a', 'b', 'c', 'd']) {
      expect(partOf(sent, name)).toBeGreaterThan(0.22);
      expect(partOf(sent, name)).toBeLessThan(0.28);
    }
  });
});
