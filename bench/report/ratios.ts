import { middleOf } from '../sharing-figures.ts';

/** The middle one of several rounds, and between which ones it is. */
export type Spread = Readonly<{ middle: number; from: number; to: number }>;

/** Undefined: no round has told it. */
export function spreadOf(values: readonly (number | undefined)[]): Spread | undefined {
  const told = values.filter((value) => value !== undefined && Number.isFinite(value)) as number[];
  if (told.length === 0) return undefined;
  return { middle: middleOf(told), from: Math.min(...told), to: Math.max(...told) };
}

/** Each round's ratio is its own: what slows the machine down for a while slows both down. */
export function ratioOf<Round>(
  ones: readonly Round[],
  others: readonly Round[],
  pick: (round: Round) => number | undefined,
): Spread | undefined {
  return spreadOf(
    ones.map((one, i) => {
      const other = others[i];
      const [above, below] = [pick(one), other && pick(other)];
      return above === undefined || below === undefined || below === 0 ? undefined : above / below;
    }),
  );
}
