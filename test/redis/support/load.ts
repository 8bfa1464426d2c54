import { Agent } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { ask } from './client.ts';
import type { Worker } from './start-worker.ts';

/** What became of the requests of one worker's clients. */
export type LoadReport = Readonly<{ answered: number; failed: readonly string[] }>;

/** Clients that ask one worker, again and again. */
export type Load = Readonly<{
  answered(): number;
  /** Whether there is anybody who could answer. */
  isUseful(): boolean;
  /** Lets the requests that are under way end, and tells what became of all. */
  stop(): Promise<LoadReport>;
}>;

/** Between an answer and the next request of a client: the machine is to have time for the rest. */
const betweenMs = 10;
/** More than any test lasts; a client that is forgotten is to end. */
const longestMs = 180_000;

/** Some clients that ask a worker for as long as they may, on connections that are kept. Whatever is no 200 has failed. */
export function startLoad(worker: Worker, clients = 8): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const until = Date.now() + longestMs;
  const failed: string[] = [];
  let answered = 0;
  let isOver = false;

  async function work(): Promise<void> {
    while (!isOver && Date.now() < until) {
      try {
        const { status, text } = await ask(worker.at, { agent, path: '/load' });
        if (status === 200) answered += 1;
        else failed.push(`${status} ${text.slice(0, 200)}`);
      } catch (error) {
        // Nobody serves there any more: these are its own connections.
        if (!worker.isRunning()) return;
        failed.push(String(error));
      }
      await pause(betweenMs);
    }
  }

  const done = Promise.all(Array.from({ length: clients }, work));
  return {
    answered: () => answered,
    isUseful: () => worker.isRunning(),
    async stop() {
      isOver = true;
      await done;
      agent.destroy();
      return { answered, failed };
    },
  };
}
