import { setImmediate as turn } from 'node:timers/promises';
import { clock as ownClock } from '../clock.ts';
import type { Balancer } from '../balancer.ts';
import type { Logger } from '../definition/definition.ts';
import { quote } from '../definition/describe.ts';
import { insideOf } from '../inside.ts';
import type { Hub } from './hub.ts';
import type { OtherBalancer, SharedTotals } from './shared-totals.ts';
import { createTotalsParser } from './totals-parser.ts';
import { oldMs, readerOf, type TotalsReading } from './totals-reader.ts';
import { createTotalsWriter, type TotalsField } from './totals-writer.ts';

/** A balancer's part in telling what was counted. */
export type TotalsShare = Readonly<{
  totals: SharedTotals;
  /** What this process has counted by now: for the hub, at each beat. */
  fields(): Iterable<TotalsField>;
  /** A process has left, or was not heard of for its expiry: its counts are shown no more. */
  left(process: string): void;
  /** Tells and shows nothing any more. */
  leave(): void;
}>;

/** Who shares, and by what. */
export type TotalsOptions = Readonly<{
  balancer: Balancer;
  hub: Pick<Hub, 'process' | 'status' | 'readTotals'>;
  logger: Pick<Logger, 'warn'>;
  /** Monotonic, in milliseconds. */
  clock?: () => number;
}>;

const longestWaitMs = 250;
/** Of so many processes is said that what they tell cannot be read. */
const mostWarnings = 100;

/** Tells other processes what a balancer has counted here, and reads what they have. */
export function shareTotals({ balancer, hub, logger, clock = ownClock.now }: TotalsOptions): TotalsShare {
  const works = insideOf(balancer);
  const { name } = works.now().parts.settings;
  const write = createTotalsWriter(name, works);
  const reader = readerOf(hub, clock);
  const warned = new Set<string>();
  const parse = createTotalsParser(name, hub.process, (process, what) => {
    if (warned.has(process) || warned.size >= mostWarnings) return;
    warned.add(process);
    logger.warn(
      `[${name}] the process ${quote(process)} tells totals that cannot be read (${what}): they are left out of what the manager and the metrics show`,
    );
  });
  let ready: TotalsReading | undefined;
  let others: readonly OtherBalancer[] = [];
  let refreshing: Promise<void> | undefined;
  let hasLeft = false;

  async function read(): Promise<void> {
    await reader.read();
    // Another one by the end of it: somebody has left meanwhile.
    for (let last = reader.last(); last && last !== ready; last = reader.last()) {
      const work = parse(last.totals);
      let row = work.next();
      while (row.done !== true) {
        // Requests go first.
        await turn();
        row = work.next();
      }
      if (reader.last() !== last) continue;
      ready = last;
      others = row.value;
    }
  }

  function isSharing(): boolean {
    return !hasLeft && hub.status().kind === 'shared';
  }

  return {
    totals: {
      others() {
        if (ready && clock() - ready.at > oldMs) {
          ready = undefined;
          others = [];
        }
        return isSharing() ? others : [];
      },
      async refresh() {
        if (!isSharing()) return;
        refreshing ??= read().finally(() => {
          refreshing = undefined;
        });
        await within(refreshing, longestWaitMs);
      },
    },
    fields: () => (hasLeft ? [] : write()),
    left(process) {
      reader.drop(process);
      others = others.filter((other) => other.process !== process);
    },
    leave() {
      hasLeft = true;
      others = [];
    },
  };
}

/** Waits for something, but no longer than this. */
async function within(work: Promise<void>, ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = ownClock.setLimit(() => {
    resolve(undefined);
  }, ms);
  try {
    await Promise.race([work, promise]);
  } finally {
    ownClock.clear(timer);
  }
}
