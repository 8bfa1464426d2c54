import { expect, test } from '@jest/globals';
import type { Change, Deed } from '../../../src/changes/change.ts';
import { listValues } from '../../../src/changes/list-values.ts';
import { createRandom } from '../../support/seeded-random.ts';
import { deeds, minute, startLog } from './support.ts';

const initial = { loadfactor: 1, lbset: 0, disabled: false, drain: false };

type Shown = Record<string, unknown>;

/** What the changes in force come to, told another way: each writes over those before. */
function foretell(changes: readonly Change[], now: number): Map<string, Shown> {
  const all = new Map(['a', 'b', 'c'].map((name): [string, Shown] => [name, { ...initial }]));
  for (const change of changes.toReversed()) {
    const { deed } = change;
    if (change.state !== 'in-force' || !('member' in deed) || typeof deed.member !== 'string') continue;
    Object.assign(all.get(deed.member)!, listValues(change, now));
  }
  for (const { deed, state } of changes)
    if (state === 'in-force' && deed.kind === 'remove') all.delete(deed.member);
  return all;
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])('changes end in any order, and what is left holds: %i', (seed) => {
  const { below, oneOf, happens } = createRandom(seed);
  const { make, undo, log, clock, balancer } = startLog();
  const look = (): Map<string, Shown> =>
    new Map(
      balancer
        .view()
        .map(({ name, loadfactor, lbset, status }) => [
          name,
          { loadfactor, lbset, disabled: status.includes('D'), drain: status.includes('N') },
        ]),
    );
  const draw = (member: string): Deed =>
    oneOf<Deed>([
      deeds.change(member, { loadfactor: 1 + below(5) }),
      deeds.change(member, { lbset: below(5), disabled: happens(50) }),
      deeds.drain(member, happens(50) ? minute * (1 + below(9)) : undefined),
      deeds.remove(member),
    ]);
  for (let step = 0; step < 150; step += 1) {
    const inForce = log.list().filter(({ state }) => state === 'in-force');
    const chance = below(100);
    const there = [...look().keys()];
    if (chance < 40) {
      const deed = draw(oneOf(there));
      const forMs = happens(60) ? minute * (1 + below(20)) : undefined;
      if (deed.kind !== 'remove' || there.length > 1) make(deed, { forMs });
    } else if (chance < 65 && inForce.length > 0) undo(oneOf(inForce));
    else clock.advance(below(3 * minute));
    const sorted = (all: Map<string, Shown>): unknown => [...all].toSorted();
    expect(sorted(look())).toEqual(sorted(foretell(log.list(), clock.now())));
  }
  expect(log.list().some(({ state }) => state === 'lost')).toBe(false);
  for (const change of log.list()) if (change.state === 'in-force') undo(change);
  expect([...look().values()]).toEqual([initial, initial, initial]);
});
