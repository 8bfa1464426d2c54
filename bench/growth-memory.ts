import { setTimeout as wait } from 'node:timers/promises';
import type { Effort, Finding } from './growth-finding.ts';
import { ask, load, startGrowing } from './growth-process.ts';
import { startAll } from './growth-processes.ts';
import { startMembers } from './members/start-members.ts';

const kib = 1_024;
const many = 1_000;
/** Longer than connections are kept that nobody uses. */
const closedAfterMs = 7_000;

/** What a member takes that nobody asks for anything. */
export async function growMemory({ isSmoke, roundMs }: Effort): Promise<readonly Finding[]> {
  const { origins, stop } = await startMembers({ kind: 'web', count: many });
  const { processes, stopAll } = await startAll(
    [origins.slice(0, 1), origins].map((members) => () => startGrowing({ kind: 'members', members })),
  );
  try {
    const findings: Finding[] = [];
    const [small, large] = processes;
    for (const count of [many, 10_000]) {
      const bytes = await ask(small!, `idle/${count}`);
      const what = `memory of each of ${count} members that have never served`;
      findings.push({ what, figure: bytes / kib, unit: 'KiB', most: 20 });
    }
    const before = await ask(large!, 'used');
    await load(large!, roundMs);
    const tell = async (how: string, most?: number): Promise<Finding> => ({
      what: `memory that each of ${many} members takes besides once it has served, ${how}`,
      figure: ((await ask(large!, 'used')) - before) / many / kib,
      unit: 'KiB',
      ...(most !== undefined && { most }),
    });
    findings.push(await tell('its connections open'));
    if (!isSmoke) {
      await wait(closedAfterMs);
      findings.push(await tell('its connections closed', 20));
    }
    return findings;
  } finally {
    await stopAll();
    await stop();
  }
}
