import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { askVersion } from '../peers/version.ts';
import { readAnswers } from './answer-reader.ts';
import { openConnection } from './open-connection.ts';
import { runWrk } from './wrk.ts';

/** What is asked as fast as answers come. */
export type LoadPlan = Readonly<{
  port: number;
  /** As they go over the wire; they are asked in turn. */
  requests: readonly Buffer[];
  /** Each has one request under way. */
  connections: number;
  durationMs: number;
}>;

/** What came of it. */
export type LoadFigures = Readonly<{
  /** Answers of any kind. */
  answered: number;
  perSecond: number;
  /** Answers that were no 2xx, and connections that broke. */
  failed: number;
}>;

const reconnectMs = 10;
let wrkVersion: string | undefined | null = null;
const findWrkOnce = (): string | undefined =>
  wrkVersion === null ? (wrkVersion = askVersion('wrk', '-v')) : wrkVersion;

/** One sentence for the report. */
export function tellLoad(): string {
  const version = findWrkOnce();
  return version === undefined
    ? 'load by a client in Node, which may be the bottleneck; wrk is faster (Debian: apt-get install wrk)'
    : `load by wrk ${version}`;
}

/** Asks with wrk where it is installed. */
export function saturate(plan: LoadPlan): Promise<LoadFigures> {
  return findWrkOnce() === undefined ? runClosedLoop(plan) : runWrk(plan);
}

/** Asks with sockets of this process until it is over, which is when the time of the plan is. */
export async function runClosedLoop(
  plan: LoadPlan,
  over: Promise<unknown> = wait(plan.durationMs),
): Promise<LoadFigures> {
  const loop = new ClosedLoop(plan);
  const startMs = performance.now();
  for (let i = 0; i < plan.connections; i += 1) loop.open();
  await over;
  const seconds = (performance.now() - startMs) / 1_000;
  const { answered, failed } = loop.stop();
  return { answered, failed, perSecond: answered / seconds };
}

class ClosedLoop {
  readonly #plan: LoadPlan;
  readonly #sockets = new Set<Socket>();
  #isOver = false;
  #turn = 0;
  #answered = 0;
  #failed = 0;

  constructor(plan: LoadPlan) {
    this.#plan = plan;
  }

  open(): void {
    const { port, requests } = this.#plan;
    const ask = (): void => {
      socket.write(requests[this.#turn++ % requests.length]!);
    };
    const reader = readAnswers((status) => {
      this.#answered += 1;
      if (status < 200 || status > 299) this.#failed += 1;
      if (!this.#isOver) ask();
    });
    const socket = openConnection(port, {
      read(bytes) {
        reader.read(bytes);
        return undefined;
      },
      closed: () => {
        this.#sockets.delete(socket);
        if (this.#isOver) return;
        this.#failed += 1;
        // Not at once: a proxy that is gone refuses as fast as one can ask.
        setTimeout(() => {
          if (!this.#isOver) this.open();
        }, reconnectMs);
      },
    });
    this.#sockets.add(socket);
    ask();
  }

  /** Nothing that comes later counts. */
  stop(): Readonly<{ answered: number; failed: number }> {
    this.#isOver = true;
    const counts = { answered: this.#answered, failed: this.#failed };
    for (const socket of this.#sockets) socket.destroy();
    return counts;
  }
}
