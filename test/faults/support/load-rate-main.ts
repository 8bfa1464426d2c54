// Asks at a fixed rate, whether answers come or not, GET and POST in turn. `node load-rate-main.ts PORT PHASES`, with a channel.
import { Agent } from 'node:http';
import { ask } from '../../support/ask.ts';
import type { Phase, RateReport, Slice } from './load-words.ts';

type Seen = { acceptedMs: number[]; refusedMs: number[] };

const port = Number(process.argv[2]);
const phases = JSON.parse(process.argv[3]!) as readonly Phase[];
const agent = new Agent({ keepAlive: true });
const told: Record<string, string[]> = {};
const underWay = new Set<Promise<void>>();

async function askOnce(id: string, dueAt: number, seen: Seen): Promise<void> {
  const method = id.endsWith('0') ? 'POST' : 'GET';
  let what: string;
  try {
    const { status, code, text, headers } = await ask(port, { agent, method, headers: { 'X-Id': id } });
    const tookMs = performance.now() - dueAt;
    if (status === 200) seen.acceptedMs.push(tookMs);
    if (status === 503) seen.refusedMs.push(tookMs);
    const hint = status === 200 || headers['retry-after'] !== undefined ? '' : ' without Retry-After';
    const body = status === 200 ? (text === id ? '' : ' of another') : ` ${code ?? text}`;
    what = `${status}${body}${hint}`;
  } catch (error) {
    what = String(error);
  }
  (told[what] ??= []).push(id);
}

/** Asks for what is due, each millisecond or as soon as may be. */
async function runPhase({ perSecond, ms }: Phase, name: string): Promise<readonly Seen[]> {
  const seen = Array.from({ length: Math.ceil(ms / 1_000) }, (): Seen => ({ acceptedMs: [], refusedMs: [] }));
  const total = (perSecond * ms) / 1_000;
  const startedAt = performance.now();
  for (let next = 0; next < total;) {
    const dueAt = startedAt + (next * 1_000) / perSecond;
    if (dueAt > performance.now()) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      continue;
    }
    const slice = seen[Math.floor((dueAt - startedAt) / 1_000)]!;
    const asked = askOnce(`${name}-${next}`, dueAt, slice).finally(() => underWay.delete(asked));
    underWay.add(asked);
    next += 1;
  }
  return seen;
}

function findP99(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? 0;
}

function sumUp({ acceptedMs, refusedMs }: Seen): Slice {
  return {
    accepted: acceptedMs.length,
    acceptedP99Ms: findP99(acceptedMs),
    refused: refusedMs.length,
    refusedP99Ms: findP99(refusedMs),
  };
}

// Whoever has started it may be killed without a word.
process.once('disconnect', () => process.exit());

const all: (readonly Seen[])[] = [];
for (const [index, phase] of phases.entries()) all.push(await runPhase(phase, String(index)));
await Promise.all(underWay);
agent.destroy();
const report: RateReport = { phases: all.map((seen) => seen.map(sumUp)), told };
process.send!(report, () => {
  process.disconnect();
});
