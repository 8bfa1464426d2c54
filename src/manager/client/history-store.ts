import type { History, Lines, Point } from './messages.ts';

/** The last minutes, as far as they are known. */
export type HistoryStore = Readonly<{
  load(history: History): void;
  add(point: Point): void;
  /** Milliseconds since 1970, the oldest first. */
  at(): readonly number[];
  /** By name, in the order in which they were met. */
  membersOf(balancer: string): ReadonlyMap<string, Lines>;
}>;

type Numbers = (number | null)[];
type OwnLines = Readonly<{ rate: Numbers; p50: Numbers; p95: Numbers }>;

/** Keeps at most so many points. */
export function createHistoryStore(most = 150): HistoryStore {
  let times: number[] = [];
  let balancers = new Map<string, Map<string, OwnLines>>();
  const nobody: ReadonlyMap<string, Lines> = new Map();

  function meet(balancer: string, member: string): OwnLines {
    const members = balancers.get(balancer) ?? new Map<string, OwnLines>();
    balancers.set(balancer, members);
    const known = members.get(member);
    if (known) return known;
    const makeGap = (): Numbers => times.map(() => null);
    const lines = { rate: makeGap(), p50: makeGap(), p95: makeGap() };
    members.set(member, lines);
    return lines;
  }

  function forgetSilent(): void {
    for (const [balancer, members] of balancers) {
      for (const [name, { rate }] of members) if (rate.every((value) => value === null)) members.delete(name);
      if (members.size === 0) balancers.delete(balancer);
    }
  }

  return {
    load(history) {
      times = [...history.at];
      balancers = new Map(
        Object.entries(history.balancers).map(([balancer, members]) => [
          balancer,
          new Map(
            Object.entries(members).map(([name, { rate, p50, p95 }]) => [
              name,
              { rate: [...rate], p50: [...p50], p95: [...p95] },
            ]),
          ),
        ]),
      );
    },
    add({ at, balancers: told }) {
      if (at <= (times.at(-1) ?? 0)) return;
      for (const [balancer, members] of Object.entries(told))
        for (const name of Object.keys(members)) meet(balancer, name);
      times.push(at);
      const isFull = times.length > most;
      if (isFull) times.shift();
      for (const [balancer, members] of balancers)
        for (const [name, { rate, p50, p95 }] of members) {
          const figures = told[balancer]?.[name] ?? [];
          [rate, p50, p95].forEach((line, i) => {
            line.push(figures[i] ?? null);
            if (isFull) line.shift();
          });
        }
      if (isFull) forgetSilent();
    },
    at: () => times,
    membersOf: (balancer) => balancers.get(balancer) ?? nobody,
  };
}

/** What a line says in short: the newest value, the mean, the highest. */
export type Summary = Readonly<{ now: number | null; mean: number | null; highest: number | null }>;

/** Sums up a line. */
export function summarize(line: readonly (number | null)[]): Summary {
  const values = line.filter((value) => value !== null);
  if (values.length === 0) return { now: null, mean: null, highest: null };
  return {
    now: line.at(-1) ?? null,
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    highest: values.reduce((highest, value) => Math.max(highest, value), -Infinity),
  };
}

/** The names of the busiest, the busiest first; of two that are alike the one that was met first. `points`: how many count. */
export function findBusiest(
  members: ReadonlyMap<string, Lines>,
  most: number,
  points: number,
): readonly string[] {
  const busy = [...members].map(([name, { rate }]) => ({ name, sum: sumOf(rate.slice(-points)) }));
  return busy
    .sort((a, b) => b.sum - a.sum)
    .slice(0, most)
    .map(({ name }) => name);
}

function sumOf(values: readonly (number | null)[]): number {
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}
