import { setTimeout as wait } from 'node:timers/promises';
import type { Effort, Finding } from './growth-finding.ts';
import { ask, load, startGrowing } from './growth-process.ts';
import { startMembers } from './members/start-members.ts';

const mib = 1_048_576;
const loadMs = 5_000;
/** Longer than connections are kept that nobody uses. */
const closedAfterMs = 7_000;

/** What many requests leave behind. */
export async function growRequests({ isSmoke, roundMs }: Effort): Promise<readonly Finding[]> {
  const requests = isSmoke ? 20_000 : 1_000_000;
  const { origins: members, stop } = await startMembers({ kind: 'web', count: 2 });
  try {
    const process = await startGrowing({ kind: 'members', members });
    try {
      // What is compiled, cached and kept for connections is there before.
      let answered = 0;
      while (answered < requests / 20) answered += await load(process, roundMs);
      if (!isSmoke) await wait(closedAfterMs);
      const before = await ask(process, 'used');
      answered = 0;
      while (answered < requests) answered += await load(process, isSmoke ? roundMs : loadMs);
      if (!isSmoke) await wait(closedAfterMs);
      const after = await ask(process, 'used');
      return [
        {
          what: `what ${answered} requests leave in memory`,
          figure: (after - before) / mib,
          unit: 'MiB',
          // A byte a request.
          most: 1,
          of: `${(after / mib).toFixed(1)} MiB against ${(before / mib).toFixed(1)} MiB`,
        },
      ];
    } finally {
      await process.stop();
    }
  } finally {
    await stop();
  }
}
