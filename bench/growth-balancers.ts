import type { Effort, Finding } from './growth-finding.ts';
import { measureCosts, startGrowing } from './growth-process.ts';
import { startAll } from './growth-processes.ts';
import { startMembers } from './members/start-members.ts';
import { middleOf } from './sharing-figures.ts';

const many = 100;

/**
 * What a request to one of 100 balancers costs, each mounted at a path of its own, against one to a balancer that is alone,
 * without what Express takes to pass by 99 paths: as much as with plain handlers.
 */
export async function growBalancers(effort: Effort): Promise<readonly Finding[]> {
  const { origins: members, stop } = await startMembers({ kind: 'web', count: 2 });
  try {
    const { processes, stopAll } = await startAll([
      () => startGrowing({ kind: 'balancers', members, count: 1 }),
      () => startGrowing({ kind: 'balancers', members, count: many }),
      () => startGrowing({ kind: 'handlers', count: 1 }),
      () => startGrowing({ kind: 'handlers', count: many }),
    ]);
    try {
      // The last one is the one that Express finds last.
      const paths = ['/0/', `/${many - 1}/`, '/0/', `/${many - 1}/`];
      const rounds = await measureCosts(
        processes.map((process, i) => ({ process, asked: [{ path: paths[i]! }] })),
        effort,
      );
      const [one, all, handler, handlers] = paths.map((_, i) => middleOf(rounds.map((costs) => costs[i]!)));
      const routing = handlers! - handler!;
      return [
        {
          what: `CPU a request with ${many} balancers in one app against one, beyond Express's routing`,
          figure: middleOf(rounds.map(([a, b, c, d]) => (b! - (d! - c!)) / a!)),
          unit: '×',
          most: 1.05,
          of: `${all!.toFixed(1)} µs, of which routing ${routing.toFixed(1)} µs, against ${one!.toFixed(1)} µs`,
        },
      ];
    } finally {
      await stopAll();
    }
  } finally {
    await stop();
  }
}
