import { expect, test } from '@jest/globals';
import type { Deed } from '../../../src/changes/change.ts';
import { createMemoryNet } from '../../support/memory-net.ts';
import { createRandom } from '../../support/seeded-random.ts';
import { createFakeClock, deeds, minute } from '../changes/support.ts';
import { startProcess, type ChangingProcess } from './changing-process.ts';

const hosts = ['a', 'b', 'c', 'd', 'e', 'f'];

test.each([1, 2, 3, 9, 18, 27])(
  'whatever is done in which process, and whoever is cut off meanwhile, all come to the same: %i',
  (seed) => {
    const { below, oneOf, happens } = createRandom(seed);
    const net = createMemoryNet();
    const clock = createFakeClock();
    const processes = Array.from({ length: 4 }, () => startProcess(net, { clock }));
    const cut = new Set<ChangingProcess>();
    const nameIn = (one: ChangingProcess): string => oneOf(one.balancer.view()).name;
    const newMember = () => ({
      url: `http://${oneOf(hosts)}.invalid`,
      ...(happens(50) ? { route: oneOf(hosts) } : {}),
      loadfactor: 1 + below(5),
    });
    const draw = (one: ChangingProcess): Deed =>
      oneOf<() => Deed>([
        () => deeds.change(nameIn(one), { loadfactor: 1 + below(9) }),
        () => deeds.change(nameIn(one), { lbset: below(3), disabled: happens(50) }),
        () => deeds.change(nameIn(one), { route: happens(30) ? null : oneOf(hosts) }),
        () => deeds.change(nameIn(one), { redirect: happens(30) ? null : oneOf(hosts) }),
        () => deeds.change(nameIn(one), { timeout: 1 + below(9), retry: below(9) }),
        () => deeds.drain(nameIn(one), happens(50) ? minute * (1 + below(9)) : undefined),
        () => deeds.remove(nameIn(one)),
        () => deeds.add(newMember()),
        () => deeds.configure({ maxattempts: below(5), stickysession: happens(50) ? 'sid' : null }),
        () => deeds.configure({ lbmethod: oneOf(['byrequests', 'bybusyness', 'bytraffic'] as const) }),
      ])();
    /** What does not fit is refused, as it may be. */
    const attempt = (work: () => unknown): void => {
      try {
        work();
      } catch (error) {
        expect((error as Error).name).toMatch(/^(DefinitionError|ManagerError)$/);
      }
    };
    const byProgram = (one: ChangingProcess): void => {
      const { program } = one;
      oneOf<() => void>([
        () => {
          program.change(nameIn(one), { loadfactor: 1 + below(9) });
        },
        () => {
          program.change(nameIn(one), oneOf(['+D', '-D', '+N', '-N', 'enabled', '+H']));
        },
        () => {
          program.change(nameIn(one), { lbset: below(3), loadfactor: 1 });
        },
        () => program.add(happens(50) ? `http://${oneOf(hosts)}.invalid` : newMember()),
        () => void program.remove(nameIn(one)),
        () => {
          program.configure({ maxattempts: below(5) });
        },
        () => {
          program.drain(nameIn(one), happens(50) ? minute : undefined);
        },
      ])();
    };
    for (let step = 0; step < 120; step += 1) {
      const one = oneOf(processes);
      const chance = below(100);
      const inForce = one.shared.log.list().filter(({ state }) => state === 'in-force');
      if (chance < 30) {
        const forMs = happens(50) ? minute * (10 + below(20)) : undefined;
        attempt(() => one.make(draw(one), { forMs }));
      } else if (chance < 50)
        attempt(() => {
          byProgram(one);
        });
      else if (chance < 65 && inForce.length > 0) attempt(() => one.undo(oneOf(inForce)));
      else if (chance < 75) clock.advance(below(2 * minute));
      else if (chance < 80) {
        one.hub.cut();
        cut.add(one);
      } else if (chance < 85 && cut.has(one)) {
        cut.delete(one);
        one.hub.mend();
      } else if (chance < 87) net.flush();
      else net.settle();
    }
    for (const one of cut) one.hub.mend();
    // Whatever the store has lost comes back from those who know it.
    for (const one of processes) {
      one.hub.cut();
      one.hub.mend();
      net.settle();
    }
    // Who comes only now reads it all at once.
    const last = startProcess(net, { clock });
    net.settle();
    const [first, ...others] = [...processes, last].map((one) => one.look());
    for (const other of others) expect(other).toEqual(first);
    const ids = (one: ChangingProcess): unknown =>
      one.shared.log
        .list()
        .filter(({ state }) => state === 'in-force')
        .map(({ id, waiting }) => [id, waiting === undefined]);
    for (const one of processes) expect(ids(one)).toEqual(ids(last));

    for (const one of [...processes, last])
      for (const change of one.shared.log.list().filter(({ state }) => state === 'in-force'))
        attempt(() => one.undo(change));
    net.settle();
    const ended = [...processes, last].map((one) => one.look());
    for (const other of ended) expect(other).toEqual(ended[0]);
  },
);
