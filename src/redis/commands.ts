import { createStamps } from '../sharing/stamp.ts';
import { bounds } from './bounds.ts';
import { format, formatText } from './format.ts';
import { nameKeys } from './keys.ts';
import type { Link } from './link.ts';
import { writeNews, writeSign } from './news.ts';
import type { Batch } from './outbox.ts';
import { wordsOfPage } from './reading.ts';
import { beatScript, leaveScript, mergeScript, readScript, totalsScript } from './scripts.ts';

/** What a beat tells and asks for. */
export type Beat = Readonly<{
  wanted: readonly string[];
  givenBack: readonly string[];
  /** Whether Redis is to forget the totals that it has. */
  isAnew: boolean;
  totals: readonly (readonly [field: string, value: string])[];
}>;

/** What is asked of Redis; the answers are those of the scripts. */
export type Commands = Readonly<{
  merge(batch: Batch, now: number): Promise<unknown>;
  beat(beat: Beat): Promise<unknown>;
  read(cursor: string): Promise<unknown>;
  totals(process: string): Promise<unknown>;
  leave(leases: readonly string[]): Promise<unknown>;
}>;

/** Who asks, and how long it all lasts. */
export type Terms = Readonly<{ prefix: string; process: string; expiryMs: number; keepMs: number }>;

const dayMs = 86_400_000;

export function createCommands(
  { run }: Pick<Link, 'run'>,
  { prefix, process, expiryMs, keepMs }: Terms,
): Commands {
  const keys = nameKeys(prefix);
  const [expiry, keep] = [String(expiryMs), String(keepMs)];
  const ours = String(format);

  return {
    merge: (batch, now) =>
      run(
        mergeScript,
        [keys.format, keys.words, keys.version],
        [ours, keep, keys.news, latestTime(now), String(bounds.words), writeNews(process, batch)],
      ),
    beat: ({ wanted, givenBack, isAnew, totals }) =>
      run(
        beatScript,
        [
          keys.format,
          keys.words,
          keys.version,
          keys.processes,
          keys.totals(process),
          ...[...wanted, ...givenBack].map(keys.lease),
        ],
        [
          ours,
          formatText,
          process,
          expiry,
          keep,
          keys.news,
          writeSign(process),
          String(wanted.length),
          String(bounds.processes),
          isAnew ? '1' : '0',
          ...totals.flat(),
        ],
      ),
    read: (cursor) =>
      run(
        readScript,
        [keys.format, keys.words, keys.version],
        // A stamp and a time stand before the value, and letters of a key may be long.
        [ours, cursor, String(wordsOfPage), String(bounds.value + 100)],
      ),
    totals: (other) =>
      run(
        totalsScript,
        [keys.format, keys.totals(other)],
        [ours, String(bounds.totalsFields), String(bounds.value)],
      ),
    leave: (leases) =>
      run(
        leaveScript,
        [keys.format, keys.processes, keys.totals(process), ...leases.map(keys.lease)],
        [ours, process, keys.news, writeSign(process)],
      ),
  };
}

/** The time, as it stands in the latest stamp that anybody believes. */
function latestTime(now: number): string {
  return createStamps('00000000')
    .next(now + dayMs)
    .slice(0, 9);
}
