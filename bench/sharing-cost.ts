import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { ChildOrders, FromChild } from './sharing-child.ts';

/** Beyond these it is no noise: how much more of the CPU a request may cost, and how much more it is meant to cost. */
const absurdCost = 3;
const target = 1.03;
const clients = 16;

type Child = Readonly<{ port: number; cpuUs(): Promise<number>; end(): Promise<void> }>;
type Round = Readonly<{ perSecond: number; cpuUs: number }>;

/** Measures one proxy with its state in memory, in Redis, and with busy counts shared as well, in turns; tells what is absurd. */
export async function printCost(redisUrl: string, isSmoke: boolean): Promise<readonly string[]> {
  const [rounds, roundMs] = isSmoke ? [5, 100] : [120, 150];
  const backend = await startChild({ kind: 'backend' });
  const url = `http://127.0.0.1:${backend.port}`;
  const children: Child[] = [backend];
  const proxies: (readonly [name: string, proxy: Child])[] = [];
  for (const [name, state] of [
    ['memory', undefined],
    ['Redis', { url: redisUrl, prefix: 'cost' }],
    ['Redis, busy counts too', { url: redisUrl, prefix: 'cost-busy', busy: true }],
  ] as const) {
    const proxy = await startChild({ kind: 'proxy', url, state });
    proxies.push([name, proxy]);
    children.push(proxy);
    // Somebody to share with, who serves nobody.
    if (state) children.push(await startChild({ kind: 'proxy', url, state }));
  }
  const figures = proxies.map((): Round[] => []);
  try {
    for (const [, proxy] of proxies) await measure(proxy, roundMs);
    for (let round = 0; round < rounds; round += 1) {
      // Nobody is always the one after somebody else.
      for (let k = 0; k < proxies.length; k += 1) {
        const i = (round + k) % proxies.length;
        figures[i]!.push(await measure(proxies[i]![1], roundMs));
      }
    }
  } finally {
    await Promise.all(children.map((child) => child.end()));
  }
  return print(
    proxies.map(([name]) => name),
    figures,
  );
}

function print(names: readonly string[], figures: readonly (readonly Round[])[]): readonly string[] {
  const memory = figures[0]!;
  const absurd: string[] = [];
  console.log(
    `\nA request of 2 bytes, ${clients} clients; ratios to memory of ${memory.length} rounds in turns\n`,
  );
  console.log(
    '| state | requests/s | ratio | half within | sure within | CPU µs/request | ratio | half within | sure within |',
  );
  console.log('|---|--:|--:|--:|--:|--:|--:|--:|--:|');
  figures.forEach((rounds, i) => {
    const rates = rounds.map(({ perSecond }, k) => perSecond / memory[k]!.perSecond);
    const costs = rounds.map(({ cpuUs }, k) => cpuUs / memory[k]!.cpuUs);
    const perSecond = middleOf(rounds.map((round) => round.perSecond));
    const cpuUs = middleOf(rounds.map((round) => round.cpuUs));
    console.log(
      `| ${names[i]!} | ${perSecond.toFixed(0)} | ${showRatio(rates)} | ${cpuUs.toFixed(1)} | ${showRatio(costs)} |`,
    );
    const cost = middleOf(costs);
    if (cost > absurdCost) absurd.push(`${names[i]!}: ${cost.toFixed(2)} times the CPU of memory`);
  });
  console.log(`\ntarget of Redis: at most ${target}`);
  return absurd;
}

/** The middle one; within which bounds half of them are, and within which the middle one of endless rounds is, 19 times of 20. */
function showRatio(values: readonly number[]): string {
  const sorted = values.toSorted((one, other) => one - other);
  const last = sorted.length - 1;
  const between = (low: number): string => {
    const from = Math.max(0, Math.floor(low));
    return `${sorted[from]!.toFixed(3)}–${sorted[last - from]!.toFixed(3)}`;
  };
  return [middleOf(values).toFixed(3), between(last / 4), between(last / 2 - 0.98 * Math.sqrt(last))].join(
    ' | ',
  );
}

function middleOf(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const half = (sorted.length - 1) / 2;
  return (sorted[Math.floor(half)]! + sorted[Math.ceil(half)]!) / 2;
}

async function measure({ port, cpuUs }: Child, ms: number): Promise<Round> {
  const before = await cpuUs();
  const start = performance.now();
  const counts = await Promise.all(Array.from({ length: clients }, () => askFor(port, start + ms)));
  const seconds = (performance.now() - start) / 1_000;
  const count = counts.reduce((sum, one) => sum + one, 0);
  return { perSecond: count / seconds, cpuUs: ((await cpuUs()) - before) / count };
}

/** One client, one request after the other on one connection; tells how many were answered. */
async function askFor(port: number, until: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const question = 'GET /x HTTP/1.1\r\nHost: a\r\n\r\n';
  const socket = connect(port, '127.0.0.1').setNoDelay(true);
  let answered = 0;
  let text = '';
  socket.on('error', reject);
  socket.on('connect', () => socket.write(question));
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    if (!text.endsWith('\r\n\r\nok')) return;
    if (!text.startsWith('HTTP/1.1 200')) {
      socket.destroy(new Error(`the proxy answers ${text.slice(0, 100)}`));
      return;
    }
    text = '';
    answered += 1;
    if (performance.now() < until) socket.write(question);
    else socket.destroy();
  });
  socket.on('close', () => {
    resolve(answered);
  });
  return promise;
}

async function startChild(orders: ChildOrders): Promise<Child> {
  const program = join(import.meta.dirname, 'sharing-child.ts');
  const child = spawn(process.execPath, [program, JSON.stringify(orders)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const gone = once(child, 'exit');
  const failed = gone.then(() => Promise.reject(new Error('a process of the benchmark has ended')));
  failed.catch(() => undefined);
  const hear = async (): Promise<FromChild> => {
    const [message] = (await Promise.race([once(child, 'message'), failed])) as [FromChild];
    return message;
  };
  const ready = await hear();
  return {
    port: ready.kind === 'ready' ? ready.port : 0,
    async cpuUs() {
      const told = hear();
      child.send('cpu');
      const message = await told;
      return message.kind === 'cpu' ? message.us : 0;
    },
    async end() {
      child.disconnect();
      await gone;
    },
  };
}
