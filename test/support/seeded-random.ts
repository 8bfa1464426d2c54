/** Chance that is the same in every run. */
export type Random = Readonly<{
  /** A whole number from 0 up to, but not, `below`. */
  below(below: number): number;
  oneOf<T>(choices: readonly T[]): T;
  /** True in `percent` of a hundred cases. */
  happens(percent: number): boolean;
}>;

/** Creates a generator (mulberry32); a failing property is run again by its seed. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  function below(limit: number): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }
  return {
    below,
    oneOf: (choices) => choices[below(choices.length)]!,
    happens: (percent) => below(100) < percent,
  };
}
