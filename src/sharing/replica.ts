import { createHash } from 'node:crypto';
import { clock } from '../clock.ts';
import type { Logger } from '../definition/definition.ts';
import { describe, quote } from '../definition/describe.ts';
import type { Entry, Hub } from './hub.ts';
import { createStamps, isStamp, timeOf } from './stamp.ts';

/** Hears a word of another process that is later than what was known. `value`: its JSON, read; nothing of it is checked yet. */
export type NewsListener = (entry: Entry, value: unknown) => void;

/** Everything that was said, the last word on each thing: what other processes have is the same, sooner or later. */
export type Replica = Readonly<{
  /**
   * Says a word here, which is the last one: it is kept and told. `value`: JSON. `until`: when nobody needs it any more, in
   * milliseconds since 1970; Infinity: while anybody shares.
   *
   * @throws {RangeError} for a key or a value that others would not take.
   */
  say(key: string, value: unknown, until?: number): Entry;
  /** The last word on a thing. */
  get(key: string): Entry | undefined;
  /** The last words on all things whose key begins so. */
  list(prefix: string): readonly Entry[];
  /** Is called for news on things whose key begins so, in the order of their stamps. Returns how to call it off. */
  onNews(prefix: string, listener: NewsListener): () => void;
}>;

/** The replica of this process, and what its hub feeds it. */
export type OwnReplica = Replica &
  Readonly<{
    /** Words of others, which may be anything. */
    hear(entries: readonly Entry[]): void;
    /** Everything that is known and still needed. */
    known(): readonly Entry[];
  }>;

/** What a replica is made of. */
export type ReplicaParts = Readonly<{
  hub: Pick<Hub, 'token' | 'put'>;
  logger: Logger;
  /** Milliseconds since 1970. */
  now?: () => number;
}>;

const mostEntries = 20_000;
const longestKey = 1000;
const mostBytes = 16_384;
/** Of all values together, in characters. */
const mostInAll = 33_554_432;
const longestName = 300;
/** As JSON it is still a number, unlike Infinity. */
const forever = Number.MAX_SAFE_INTEGER;
const sweepMs = 60_000;
/** A flood of words is not to make each of them look through all others. */
const sweepWhenFullMs = 1_000;
const silenceMs = 3_600_000;

/** The key of a thing: of one balancer, `error/app-balancer/http:%2F%2Fapp1`. A name that is too long for a key is cut, and told apart by its hash. */
export function writeKey(kind: string, ...names: readonly string[]): string {
  return [kind, ...names.map(writeName)].join('/');
}

/** Keeps the last word on each thing. */
export function createReplica({ hub, logger, now = clock.date }: ReplicaParts): OwnReplica {
  const stamps = createStamps(hub.token);
  const words = new Map<string, Entry>();
  const listeners = new Map<NewsListener, string>();
  const warnedAt = new Map<string, number>();
  let sweptAt = now();
  let inAll = 0;

  /** Whoever writes to the store could fill the log. */
  function warn(kind: string, sentence: string): void {
    const last = warnedAt.get(kind);
    if (last !== undefined && Math.abs(now() - last) < silenceMs) return;
    warnedAt.set(kind, now());
    logger.warn(`shared state: ${sentence}; more of the kind is ignored in silence for an hour`);
  }

  function sweep(): void {
    const at = now();
    sweptAt = at;
    for (const [key, { until }] of words) if (until <= at) remove(key);
  }

  function put(entry: Entry): void {
    remove(entry.key);
    words.set(entry.key, entry);
    inAll += entry.value.length;
  }

  function remove(key: string): void {
    inAll -= words.get(key)?.value.length ?? 0;
    words.delete(key);
  }

  /** Whether there is no room for one more word, or for a longer one in the place of another. */
  function isFull({ key, value }: Entry): boolean {
    const before = words.get(key);
    if (!before && words.size >= mostEntries) return true;
    return inAll - (before?.value.length ?? 0) + value.length > mostInAll;
  }

  function sweepInTime(ms = sweepMs): void {
    if (Math.abs(now() - sweptAt) >= ms) sweep();
  }

  /** Nobody's flood takes the place of what is said here. */
  function makeRoom(own: Entry): void {
    if (!isFull(own)) return;
    sweepInTime(sweepWhenFullMs);
    while (isFull(own)) {
      let first: Entry | undefined;
      for (const entry of words.values()) if (!first || isNeededShorter(entry, first)) first = entry;
      if (!first) return;
      remove(first.key);
      warn('full', 'more words are said than can be kept, the one that ends first is forgotten');
    }
  }

  /** Takes a word over, and returns its value, where it is news. */
  function take(entry: Entry): { value: unknown } | undefined {
    const at = now();
    const fault = findFault(entry, at);
    if (fault !== undefined) {
      warn(fault, `a word is ignored: ${fault}: ${describe(entry.key)}`);
      return undefined;
    }
    const { key, stamp, until } = entry;
    const before = words.get(key);
    if (before && before.stamp >= stamp) return undefined;
    const value = readJson(entry.value);
    if (value === undefined) {
      warn('no JSON', `a word is ignored: its value is no JSON: ${quote(key)}`);
      return undefined;
    }
    stamps.follow(stamp, at);
    if (until <= at) {
      // What it has taken the place of is over all the same.
      remove(key);
      return undefined;
    }
    if (isFull(entry)) sweepInTime(sweepWhenFullMs);
    if (isFull(entry)) {
      warn('full', `a word is ignored: too many others are kept: ${quote(key)}`);
      return undefined;
    }
    // Others may hang anything on it.
    put({ key, stamp, until, value: entry.value });
    return value;
  }

  function tell(entry: Entry, value: unknown): void {
    for (const [listener, prefix] of [...listeners]) {
      if (!entry.key.startsWith(prefix)) continue;
      try {
        listener(entry, value);
      } catch (error) {
        logger.error(`shared state: the word ${quote(entry.key)} could not be followed:`, error);
      }
    }
  }

  return {
    say(key, value, until = Infinity) {
      sweepInTime();
      const json = JSON.stringify(value) as string | undefined;
      if (json === undefined) throw new RangeError(`${quote(key)}: what is said must be JSON`);
      const at = now();
      const stamp = stamps.next(at);
      const entry = { key, stamp, until: Math.min(Math.ceil(until), forever), value: json };
      // By a clock that has gone back, what is said here may be far ahead: it must be kept all the same.
      const fault = findFault(entry, Math.max(at, timeOf(stamp)));
      if (fault !== undefined) throw new RangeError(`${quote(key)} cannot be said: ${fault}`);
      makeRoom(entry);
      put(entry);
      hub.put([entry]);
      return entry;
    },
    get(key) {
      const entry = words.get(key);
      return entry && entry.until > now() ? entry : undefined;
    },
    list(prefix) {
      const at = now();
      return [...words.values()].filter(({ key, until }) => until > at && key.startsWith(prefix));
    },
    onNews(prefix, listener) {
      // Another function each time: one may listen to several prefixes.
      const own: NewsListener = (entry, value) => {
        listener(entry, value);
      };
      listeners.set(own, prefix);
      return () => listeners.delete(own);
    },
    hear(entries) {
      sweepInTime();
      const news = [...entries].sort(compareStamps).flatMap((entry) => {
        const taken = take(entry);
        return taken ? [{ key: entry.key, stamp: entry.stamp, ...taken }] : [];
      });
      for (const { key, stamp, value } of news) {
        const entry = words.get(key);
        // Whoever has heard an earlier one may have had the last word since.
        if (entry?.stamp === stamp) tell(entry, value);
      }
    },
    known() {
      sweep();
      return [...words.values()];
    },
  };
}

function findFault({ key, stamp, until, value }: Entry, now: number): string | undefined {
  if (typeof key !== 'string' || key === '' || key.length > longestKey || !key.isWellFormed())
    return `its key is none, or longer than ${longestKey} characters`;
  if (typeof stamp !== 'string' || !isStamp(stamp, now)) return 'its stamp is none, or more than a day ahead';
  if (!Number.isSafeInteger(until) || until < 0) return 'its end is no time';
  if (typeof value !== 'string' || value.length > mostBytes || Buffer.byteLength(value) > mostBytes)
    return `its value is none, or larger than ${mostBytes} bytes`;
  return undefined;
}

function compareStamps(one: Entry, other: Entry): number {
  if (one.stamp === other.stamp) return 0;
  return one.stamp < other.stamp ? -1 : 1;
}

function isNeededShorter(one: Entry, other: Entry): boolean {
  return one.until < other.until || (one.until === other.until && one.stamp < other.stamp);
}

function readJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

function writeName(name: string): string {
  const written = encodeURIComponent(name.toWellFormed());
  if (written.length <= longestName) return written;
  const hash = createHash('sha256').update(name).digest('base64url');
  return `${written.slice(0, longestName - hash.length - 1)}~${hash}`;
}
