import { peers } from './peers/index.ts';
import { bareUndici, ours, socketPipe } from './peers/node-peers.ts';
import type { Peer, Task } from './peers/peer.ts';
import { spreadOf } from './report/ratios.ts';
import type { Absence, RateResult, WorkloadResult } from './report/results.ts';
import type { Running } from './rig/running.ts';
import type { Pace } from './side-by-side-pace.ts';
import type { Figures, Workload } from './workloads/workload.ts';

/** Who others are compared with. */
export const compared = { ours: ours.name, floors: [bareUndici.name, socketPipe.name] };

/** The part of what a proxy answers at most that it is asked for at a fixed rate. */
const load = 0.6;
/** What is above that part of what it answers at most is no rate for it. */
const mostLoad = 0.9;

/** A proxy that runs, and what it has shown. */
type Lane = {
  readonly peer: Peer;
  readonly proxy: Running;
  readonly rounds: Figures[];
  readonly atOwnRate: RateResult[];
  readonly atSameRate: RateResult[];
};

/** All proxies that can do it, in turn; those that fail are told, and the others go on. */
export async function measureWorkload(
  workload: Workload,
  isWanted: (peer: Peer) => boolean,
  pace: Pace,
): Promise<WorkloadResult> {
  const startMs = performance.now();
  const run = new WorkloadRun(workload, pace);
  const { task, stop } = await workload.prepare();
  try {
    await run.start([...peers, ...(workload.extraPeers ?? [])].filter(isWanted), task);
    await run.warm();
    await run.measureRounds(startMs + pace.roundsUntilMs);
    await run.measureRates();
    return run.result();
  } finally {
    await run.stop();
    await stop();
  }
}

class WorkloadRun {
  readonly #workload: Workload;
  readonly #pace: Pace;
  readonly #started: Running[] = [];
  readonly #leftOut: Absence[] = [];
  readonly #broken: Absence[] = [];
  #lanes: readonly Lane[] = [];

  constructor(workload: Workload, pace: Pace) {
    this.#workload = workload;
    this.#pace = pace;
  }

  async start(candidates: readonly Peer[], task: Task): Promise<void> {
    const able = candidates.filter((peer) => {
      const why = tellAbsence(peer, task);
      if (why !== undefined) this.#leftOut.push({ name: peer.name, why });
      return why === undefined;
    });
    const lanes = await Promise.all(able.map((peer) => this.#startOne(peer, task)));
    this.#lanes = lanes.filter((lane) => lane !== undefined);
  }

  async #startOne(peer: Peer, task: Task): Promise<Lane | undefined> {
    try {
      const proxy = await peer.start(task);
      this.#started.push(proxy);
      await this.#workload.check?.(proxy);
      return { peer, proxy, rounds: [], atOwnRate: [], atSameRate: [] };
    } catch (error) {
      this.#break(peer, error);
      return undefined;
    }
  }

  async warm(): Promise<void> {
    const { warmMs } = this.#pace;
    if (warmMs === 0) return;
    await this.visitAll(0, async ({ proxy }) => {
      await this.#workload.measure(proxy, warmMs);
    });
  }

  /** Each once, beginning with another one in each round; who fails is not visited again. */
  async visitAll(round: number, visit: (lane: Lane) => Promise<void>): Promise<void> {
    const first = this.#lanes.length > 0 ? round % this.#lanes.length : 0;
    for (const lane of [...this.#lanes.slice(first), ...this.#lanes.slice(0, first)]) {
      try {
        await visit(lane);
      } catch (error) {
        this.#break(lane.peer, error);
        this.#lanes = this.#lanes.filter((other) => other !== lane);
      }
    }
  }

  async measureRounds(untilMs: number): Promise<void> {
    const { leastRounds, mostRounds, roundMs } = this.#pace;
    for (let round = 0; round < mostRounds; round += 1) {
      if (round >= leastRounds && performance.now() > untilMs) return;
      await this.visitAll(round, async ({ proxy, rounds }) => {
        rounds.push(await this.#workload.measure(proxy, roundMs));
      });
    }
  }

  async measureRates(): Promise<void> {
    const { rateRounds, rates } = this.#pace;
    if (!this.#workload.measureAt) return;
    const floor = this.#lanes.find(({ peer }) => peer.name === bareUndici.name);
    const same = floor && load * findMost(floor);
    for (let round = 0; round < rateRounds; round += 1) {
      await this.visitAll(round, async (lane) => {
        const most = findMost(lane);
        const isCompared = lane === floor || lane.peer.name === ours.name;
        if (rates === 'compared' && !isCompared) return;
        if (same !== undefined && same <= mostLoad * most)
          lane.atSameRate.push(await this.#measureAt(lane, same));
        if (lane === floor) lane.atOwnRate.push(lane.atSameRate.at(-1)!);
        else if (rates === 'all') lane.atOwnRate.push(await this.#measureAt(lane, load * most));
      });
    }
  }

  async #measureAt({ proxy }: Lane, askedPerSecond: number): Promise<RateResult> {
    const rate = await this.#workload.measureAt!(proxy, askedPerSecond, this.#pace.rateMs);
    return { askedPerSecond, ...rate };
  }

  result(): WorkloadResult {
    const { name, about, unit } = this.#workload;
    return {
      name,
      about,
      unit,
      peers: this.#lanes.map(({ peer, rounds, atOwnRate, atSameRate }) => ({
        name: peer.name,
        version: peer.version(),
        rounds,
        atOwnRate,
        atSameRate,
      })),
      leftOut: this.#leftOut,
      broken: this.#broken,
    };
  }

  async stop(): Promise<void> {
    await Promise.all(this.#started.map((proxy) => proxy.stop()));
  }

  #break({ name }: Peer, error: unknown): void {
    this.#broken.push({ name, why: error instanceof Error ? error.message : String(error) });
  }
}

/** What it answers at most, by the second. */
function findMost({ rounds }: Lane): number {
  return spreadOf(rounds.map(({ perSecond }) => perSecond))?.middle ?? 0;
}

/** Why a proxy takes no part; undefined: it does. */
function tellAbsence(peer: Peer, task: Task): string | undefined {
  if (peer.version() === undefined) return `it is not installed (${peer.install ?? 'npm install'})`;
  return peer.lacks(task);
}
