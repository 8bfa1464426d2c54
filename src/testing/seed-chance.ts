import { clockwork } from '../clock.ts';
import { readCount } from './read-options.ts';

/** Chance that is the same in each run. */
export type SeededChance = Readonly<{
  /** How many numbers balancers have drawn. */
  draws(): number;
  /** Gives balancers real chance again. */
  resume(): void;
  /** As `resume`: for `using`. */
  [Symbol.dispose](): void;
}>;

let held: SeededChance | undefined;

/** Gives balancers real chance, if somebody has seeded it. */
export function resumeChance(): void {
  held?.resume();
}

/**
 * Has all balancers draw the same numbers in each run: `lbmethod: 'random'`, the spread of health checks and back-offs. Two runs
 * are the same as far as they draw in the same order: ask one request after the other. A second call begins anew.
 * `seed`: a whole number from 0 on. Secrets and tokens are never seeded.
 */
export function seedChance(seed: number): SeededChance {
  const draw = generate(readCount(seed, 'seedChance', 0));
  let draws = 0;
  const own = (): number => {
    draws += 1;
    return draw();
  };
  clockwork.drawFrom(own);
  const resume = (): void => {
    // Another seed may have been set since.
    clockwork.stopDrawingFrom(own);
  };
  held = { draws: () => draws, resume, [Symbol.dispose]: resume };
  return held;
}

/** Numbers from 0 up to 1, by mulberry32. */
export function generate(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
