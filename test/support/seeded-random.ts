import { generate } from '../../src/testing/seed-chance.ts';

/** Chance that is the same in every run. */
export type Random = Readonly<{
  /** A whole number from 0 up to, but not, `below`. */
  below(below: number): number;
  oneOf<T>(choices: readonly T[]): T;
  /** True in `percent` of a hundred cases. */
  happens(percent: number): boolean;
}>;

/** Creates a generator; a failing property is run again by its seed. */
export function createRandom(seed: number): Random {
  const draw = generate(seed);
  const below = (limit: number): number => Math.floor(draw() * limit);
  return {
    below,
    oneOf: (choices) => choices[below(choices.length)]!,
    happens: (percent) => below(100) < percent,
  };
}
