import type { ServerResponse } from 'node:http';
import type { Asked, Told } from './ask.ts';
import { startBackend, type Backend } from './backend.ts';
import type { Front } from './front.ts';
import { until } from './idle.ts';
import { askMany } from './load.ts';
import { stopTime } from './time.ts';

/** A backend whose answers take as long as it is told to, in milliseconds. */
export type Timed = Backend & { ms: number };

/** Real requests in a time that stands, and goes on only to the next answer that is due: nobody is slow by chance. */
export type TimedLoad = Readonly<{
  start(name: string, ms: number, answer?: (res: ServerResponse) => unknown): Promise<Timed>;
  /** Asks as often, so many at a time, of a front whose members are all of these; tells the answers. */
  askMany(
    front: Pick<Front, 'port' | 'balancer'>,
    count: number,
    parallel: number,
    asked?: Asked | ((index: number) => Asked),
  ): Promise<readonly Told[]>;
}>;

/** Stops the time; to be called before a balancer has looked at the clock. */
export function createTimedLoad(): TimedLoad {
  const time = stopTime();
  const held: { due: number; end: () => unknown }[] = [];
  return {
    async start(name, ms, answer = (res) => res.end(name)) {
      const backend = await startBackend(name, (_req, res) => {
        held.push({ due: time.now() + timed.ms, end: () => answer(res) });
      });
      const timed = Object.assign(backend, { ms });
      return timed;
    },
    async askMany(front, count, parallel, asked) {
      const told = askMany(front.port, count, parallel, asked);
      for (let answered = 0; answered < count; answered += 1) {
        const open = Math.min(parallel, count - answered);
        // Only then the answer before this one has been counted.
        await until(() => held.length === open && countBusy(front) === open);
        const next = held.reduce((first, each) => (each.due < first.due ? each : first));
        held.splice(held.indexOf(next), 1);
        time.pass(next.due - time.now());
        next.end();
      }
      return told;
    },
  };
}

function countBusy({ balancer }: Pick<Front, 'balancer'>): number {
  return balancer.view().reduce((sum, { busy }) => sum + busy, 0);
}
