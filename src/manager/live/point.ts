import type { History } from '../survey/report.ts';

/** The newest point of the history: of each member its rate, p50 and p95. */
export type Point = Readonly<{
  /** Milliseconds since 1970. */
  at: number;
  balancers: Readonly<Record<string, Readonly<Record<string, readonly (number | null)[]>>>>;
}>;

/** Takes the newest point out of a history that has one. */
export function takeNewestPoint(history: History): Point {
  const last = history.at.length - 1;
  const at = history.at[last]!;
  const balancers = mapValues(history.balancers, (members) =>
    mapValues(members, ({ rate, p50, p95 }) => [rate[last] ?? null, p50[last] ?? null, p95[last] ?? null]),
  );
  return { at, balancers };
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  map: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}
