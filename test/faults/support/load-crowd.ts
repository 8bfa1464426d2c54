import { once } from 'node:events';
import type { CrowdFigures, CrowdOrder, CrowdWord } from './load-words.ts';
import { hearFrom, startProgram } from './programs.ts';

/** Clients in a process of their own, who ask as fast as they are answered. */
export type Crowd = Readonly<{
  /** Resolves when all that is under way now has ended, and so many more requests were answered. */
  pass(more: number): Promise<void>;
  /** Lets what is under way end; what they have seen. */
  stop(): Promise<CrowdFigures>;
}>;

/** How many clients there are. `sockets`: who echo over WebSocket, besides. */
export type CrowdPlan = Readonly<{ clients: number; sockets: number; seed: number }>;

/** Starts clients of the members of `member-main.ts`, by way of a front. */
export function startCrowd(port: number, { clients, sockets, seed }: CrowdPlan): Crowd {
  const child = startProgram('load-crowd-main.ts', [port, clients, sockets, seed]);
  const order = async (what: CrowdOrder): Promise<CrowdWord> => {
    child.send(what);
    return await hearFrom<CrowdWord>(child);
  };
  return {
    async pass(more) {
      await order({ kind: 'pass', more });
    },
    async stop() {
      const gone = once(child, 'exit');
      const word = await order({ kind: 'stop' });
      await gone;
      if (word.kind !== 'figures') throw new Error(`a crowd says ${word.kind} at its end`);
      return word.figures;
    },
  };
}
