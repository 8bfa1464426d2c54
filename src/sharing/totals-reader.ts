import type { Hub, TotalsOfProcess } from './hub.ts';

/** What the other processes had told at one time. */
export type TotalsReading = Readonly<{
  /** When it was asked for; by the reader's clock. */
  at: number;
  totals: readonly TotalsOfProcess[];
}>;

/** Reads what the other processes have counted, for all balancers of this one together. */
export type TotalsReader = Readonly<{
  /** Undefined: nothing that is younger than ten seconds is known. The same object until something has become different. */
  last(): TotalsReading | undefined;
  /** Asks, unless that was done within the last second. Never rejects. */
  read(): Promise<void>;
  /** A process has left. */
  drop(process: string): void;
}>;

const freshMs = 1_000;
/** How long what was read is shown. */
export const oldMs = 10_000;

type Asked = Pick<Hub, 'readTotals' | 'status'>;

const readers = new WeakMap<Asked, TotalsReader>();

/** The one reader of a hub: a hub tells of all balancers at once. `clock`: monotonic, in milliseconds. */
export function readerOf(hub: Asked, clock: () => number): TotalsReader {
  const known = readers.get(hub);
  if (known) return known;
  const reader = createTotalsReader(hub, clock);
  readers.set(hub, reader);
  return reader;
}

function createTotalsReader(hub: Asked, clock: () => number): TotalsReader {
  let reading: TotalsReading | undefined;
  let askedAt = -Infinity;
  let pending: Promise<void> | undefined;
  /** Those that have left since it was asked: the answer may have been made before. */
  let dropped = new Set<string>();

  async function ask(): Promise<void> {
    const at = clock();
    askedAt = at;
    dropped = new Set();
    const totals = await hub.readTotals().catch(() => []);
    if (totals.length === 0 && isMissing()) return;
    reading = { at, totals: totals.filter(({ process }) => !dropped.has(process)) };
  }

  /** Nothing was answered although there are others: what was known is better, as long as it is not old. */
  function isMissing(): boolean {
    const status = hub.status();
    return reading !== undefined && status.kind === 'shared' && status.processes > 1;
  }

  return {
    last() {
      if (reading && clock() - reading.at > oldMs) reading = undefined;
      return reading;
    },
    async read() {
      if (!pending && clock() - askedAt < freshMs) return;
      pending ??= ask().finally(() => {
        pending = undefined;
      });
      await pending;
    },
    drop(process) {
      if (pending) dropped.add(process);
      if (!reading?.totals.some((each) => each.process === process)) return;
      reading = { ...reading, totals: reading.totals.filter((each) => each.process !== process) };
    },
  };
}
