import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import type { Deed } from './sharing-child.ts';
import { openClients } from './sharing-clients.ts';
import { findPart } from './sharing-figures.ts';
import { startChild, type Child } from './sharing-processes.ts';

/** What is promised on one machine; and what is no noise any more. */
const promisedMs = 100;
const absurdMs = 1_000;
/** Errors of one member are told once a second when they come faster. */
const members = 200;
const mostBetweenMs = 40;

const kinds: readonly (readonly [name: string, deed: Deed, undo: Deed])[] = [
  ['a drain set, and taken back', 'drain', 'undrain'],
  ['an error mark, and its end', 'fail', 'recover'],
];

/** Measures how long news takes from one process to the others of a machine; tells what is absurd. */
export async function printNews(redisUrl: string, isSmoke: boolean): Promise<readonly string[]> {
  const [processes, changes] = isSmoke ? [2, 20] : [4, 400];
  const children: Child[] = [];
  const absurd: string[] = [];
  try {
    const backend = await startChild({ kind: 'backend' });
    children.push(backend);
    const orders = {
      kind: 'proxy',
      url: `http://127.0.0.1:${backend.port}`,
      members,
      states: [{ url: redisUrl, prefix: 'news' }],
    } as const;
    const sharers = await Promise.all(Array.from({ length: processes }, () => startChild(orders)));
    children.push(...sharers);
    console.log(`\nHow long news takes from one of ${processes} processes to the others, ms\n`);
    console.log(
      `| what | load of each | changes | arrivals | p50 | p99 | longest | later than ${promisedMs} | the machine's longest pause |`,
    );
    console.log('|---|---|--:|--:|--:|--:|--:|--:|--:|');
    for (const perSecond of [0, 200]) {
      for (const [name, ...deeds] of kinds) {
        const standstill = monitorEventLoopDelay({ resolution: 2 });
        standstill.enable();
        const lasted = await underLoad(sharers, perSecond, () => measure(sharers, deeds, changes));
        standstill.disable();
        const load = perSecond === 0 ? 'none' : `${perSecond} requests/s`;
        const late = lasted.filter((ms) => ms > promisedMs).length;
        const shown = [findPart(lasted, 0.5), findPart(lasted, 0.99), Math.max(...lasted)].map((ms) =>
          ms.toFixed(1),
        );
        console.log(
          `| ${name} | ${load} | ${changes} | ${lasted.length} | ${shown.join(' | ')} | ${late} | ${(standstill.max / 1e6).toFixed(0)} |`,
        );
        const middle = findPart(lasted, 0.5);
        if (middle > absurdMs)
          absurd.push(`${name}: half of the news takes more than ${middle.toFixed(0)} ms`);
      }
    }
  } finally {
    await Promise.all(children.map((child) => child.end()));
  }
  return absurd;
}

/** Each change is one of a process by turns; the next is made when it has arrived everywhere, and at any time after. */
async function measure(
  sharers: readonly Child[],
  deeds: readonly Deed[],
  changes: number,
): Promise<readonly number[]> {
  const lasted: number[] = [];
  for (let i = 0; i < changes; i += 1) {
    // A member's end comes from whoever has begun it.
    const turn = Math.floor(i / deeds.length);
    const [deed, member] = [deeds[i % deeds.length]!, turn % members];
    const teller = sharers[turn % sharers.length]!;
    const others = sharers.filter((child) => child !== teller);
    const arrivals = Promise.all(others.map((child) => child.arrival(deed, member)));
    const [doneAt, arrivedAt] = await Promise.all([teller.act(deed, member), arrivals]);
    lasted.push(...arrivedAt.map((at) => at - doneAt));
    await pause(Math.random() * mostBetweenMs);
  }
  return lasted;
}

async function underLoad<Result>(
  sharers: readonly Child[],
  perSecond: number,
  run: () => Promise<Result>,
): Promise<Result> {
  if (perSecond === 0) return run();
  const clientsOfEach = 4;
  const all = await Promise.all(sharers.map((child) => openClients(child.port, clientsOfEach)));
  let isOver = false;
  const asking = all.map(async (clients) => {
    while (!isOver) await clients.ask('/0/x', 100, (1_000 * clientsOfEach) / perSecond);
  });
  try {
    return await run();
  } finally {
    isOver = true;
    await Promise.all(asking);
    for (const clients of all) clients.close();
  }
}
