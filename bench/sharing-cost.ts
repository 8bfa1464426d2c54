import { setTimeout as pause } from 'node:timers/promises';
import { openClients, type Clients } from './sharing-clients.ts';
import { middleOf, showRatio } from './sharing-figures.ts';
import { startChild, type Child } from './sharing-processes.ts';

/** Beyond these it is no noise: how much more of the CPU a request may cost, and how much more it is meant to cost. */
const absurdCost = 3;
const target = 1.03;
const clientCount = 16;
/** What a round leaves to be sent is sent by then, and is its own. */
const settleMs = 25;

type Round = Readonly<{ perSecond: number; cpuUs: number }>;
/** A process that serves nobody, and hears of one that does. */
type Beside = Readonly<{ cpuPart: number; perSecond: number }>;

/**
 * Measures a request with the state in memory, in Redis, and with busy counts shared as well; tells what is absurd. The three
 * are in one process, since two processes with the same program differ by more than is looked for, for as long as they live.
 */
export async function printCost(redisUrl: string, isSmoke: boolean): Promise<readonly string[]> {
  const [warmUps, rounds, roundMs, besideMs] = isSmoke ? [3, 7, 60, 300] : [15, 240, 100, 5_000];
  const variants = [
    ['memory', null],
    ['Redis', { url: redisUrl, prefix: 'cost' }],
    ['Redis, busy counts too', { url: redisUrl, prefix: 'cost-busy', busy: true }],
  ] as const;
  const children: Child[] = [];
  const start = async (orders: Parameters<typeof startChild>[0]): Promise<Child> => {
    const child = await startChild(orders);
    children.push(child);
    return child;
  };
  const figures = variants.map((): Round[] => []);
  const besides: Beside[] = [];
  try {
    const backend = await start({ kind: 'backend' });
    const orders = { kind: 'proxy', url: `http://127.0.0.1:${backend.port}`, members: 4 } as const;
    // Each has somebody to share with; of memory it is what a process costs that does nothing.
    const [proxy, ...others] = await Promise.all([
      start({ ...orders, states: variants.map(([, state]) => state) }),
      ...variants.map(([, state]) => start({ ...orders, states: [state] })),
    ]);
    const clients = await openClients(proxy.port, clientCount);
    for (let round = -warmUps; round < rounds; round += 1) {
      // Nobody is always the one after somebody else.
      for (let k = 0; k < variants.length; k += 1) {
        const i = (round + warmUps + k) % variants.length;
        const measured = await measure(proxy, clients, `/${i}/x`, roundMs);
        if (round >= 0) figures[i]!.push(measured);
      }
    }
    for (const [i, other] of others.entries())
      besides.push(await measureBeside(other, clients, `/${i}/x`, besideMs));
    clients.close();
  } finally {
    await Promise.all(children.map((child) => child.end()));
  }
  return print(
    variants.map(([name]) => name),
    figures,
    besides,
  );
}

async function measure(proxy: Child, clients: Clients, path: string, ms: number): Promise<Round> {
  const before = await proxy.cpuUs();
  const start = performance.now();
  const count = await clients.ask(path, ms);
  const seconds = (performance.now() - start) / 1_000;
  await pause(settleMs);
  return { perSecond: count / seconds, cpuUs: ((await proxy.cpuUs()) - before) / count };
}

async function measureBeside(other: Child, clients: Clients, path: string, ms: number): Promise<Beside> {
  const before = await other.cpuUs();
  const start = performance.now();
  const count = await clients.ask(path, ms);
  const seconds = (performance.now() - start) / 1_000;
  return { cpuPart: ((await other.cpuUs()) - before) / 1e6 / seconds, perSecond: count / seconds };
}

function print(
  names: readonly string[],
  figures: readonly (readonly Round[])[],
  besides: readonly Beside[],
): readonly string[] {
  const memory = figures[0]!;
  const absurd: string[] = [];
  console.log(
    `\nA request of 2 bytes, ${clientCount} clients, all states in one process; ratios to memory of ${memory.length} pairs of rounds\n`,
  );
  console.log(
    '| state | requests/s | ratio | sure within | CPU µs/request | ratio | sure within | CPU % of one that only hears of them |',
  );
  console.log('|---|--:|--:|--:|--:|--:|--:|--:|');
  figures.forEach((rounds, i) => {
    const rates = rounds.map(({ perSecond }, k) => perSecond / memory[k]!.perSecond);
    const costs = rounds.map(({ cpuUs }, k) => cpuUs / memory[k]!.cpuUs);
    const perSecond = middleOf(rounds.map((round) => round.perSecond));
    const cpuUs = middleOf(rounds.map((round) => round.cpuUs));
    const heard = (besides[i]!.cpuPart * 100).toFixed(2);
    console.log(
      `| ${names[i]!} | ${perSecond.toFixed(0)} | ${showRatio(rates)} | ${cpuUs.toFixed(1)} | ${showRatio(costs)} | ${heard} |`,
    );
    const cost = middleOf(costs);
    if (cost > absurdCost) absurd.push(`${names[i]!}: ${cost.toFixed(2)} times the CPU of memory`);
  });
  console.log(
    `\ntarget of Redis: at most ${target}; what beats every 2 s cost is in all rounds alike, and in the last column by itself`,
  );
  return absurd;
}
