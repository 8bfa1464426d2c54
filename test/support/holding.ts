import type { IncomingMessage, ServerResponse } from 'node:http';
import { startBackend, type Backend } from './backend.ts';

/** A backend that keeps its requests until it is told to answer. */
export type Holding = Backend &
  Readonly<{
    /** How many requests it has that are not answered, and whose connection stands. */
    held(): number;
    /** The most that it has had at a time. */
    most(): number;
    /** Answers so many, the oldest first. */
    answer(count?: number): void;
    /** Answers those it has and, from now on, each as it comes: not at once, but a few turns of the event loop later. */
    open(): void;
  }>;

/** Starts a backend that answers with its name when it is told to. */
export async function startHolding(name = 'backend'): Promise<Holding> {
  const held = new Set<ServerResponse>();
  let most = 0;
  let isOpen = false;

  const answerOne = (res: ServerResponse): void => {
    // Whoever has read the answer may have the next request here before this side is told that it was sent.
    if (held.delete(res)) res.setHeader('X-Backend', name).end(name);
  };
  const take = (_req: IncomingMessage, res: ServerResponse): void => {
    held.add(res);
    most = Math.max(most, held.size);
    res.once('close', () => held.delete(res));
    if (isOpen)
      inTurns(3, () => {
        answerOne(res);
      });
  };

  return {
    ...(await startBackend(name, take)),
    held: () => held.size,
    most: () => most,
    answer(count = Infinity) {
      for (const res of [...held].slice(0, count)) answerOne(res);
    },
    open() {
      isOpen = true;
      for (const res of held) answerOne(res);
    },
  };
}

/** Calls so many turns of the event loop later. */
function inTurns(turns: number, callback: () => void): void {
  if (turns === 0) callback();
  else setImmediate(inTurns, turns - 1, callback);
}
