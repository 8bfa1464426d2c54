import type { Phase, PlacesPlan, PlacesWord, RateReport, Slice } from './load-words.ts';
import { hearFrom, startProgram } from './programs.ts';

type Done = Extract<PlacesWord, { kind: 'done' }>;

/** Members with places, in a process of their own. */
export type Places = Readonly<{
  urls: readonly string[];
  /** Requests a second that they can serve together, at most. */
  perSecond: number;
  /** What they have done since they were asked last. */
  read(): Promise<Done>;
}>;

/** Starts members with places. */
export async function startPlaces(plan: PlacesPlan): Promise<Places> {
  const child = startProgram('load-places-main.ts', [JSON.stringify(plan)]);
  const word = await hearFrom<PlacesWord>(child);
  if (word.kind !== 'listening') throw new Error(`members say ${word.kind} at first`);
  return {
    urls: word.ports.map((port) => `http://127.0.0.1:${port}`),
    perSecond: (plan.members * plan.places * 1_000) / plan.serviceMs,
    async read() {
      child.send('read');
      return await hearFrom<Done>(child);
    },
  };
}

/** Asks at fixed rates, one after the other, from a process of its own. */
export function askAtRates(port: number, phases: readonly Phase[]): Promise<RateReport> {
  return hearFrom<RateReport>(startProgram('load-rate-main.ts', [port, JSON.stringify(phases)]));
}

/**
 * The middle of what some seconds say: a machine that pauses for one spoils that one and those right behind it, and nothing can
 * be told of them.
 */
export function middleOf(slices: readonly Slice[], read: (slice: Slice) => number): number {
  const sorted = slices.map(read).sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)]!;
}
