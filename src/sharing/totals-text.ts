import type { BalancerErrorCode } from '../errors.ts';
import type { BalancerEvents } from '../events.ts';
import { errorWords, queueWords } from '../metrics/words.ts';
import { bounds, type HistogramView } from '../tally/histogram.ts';
import { outcomes } from '../tally/outcomes.ts';
import type { BalancerTally } from '../tally/tally.ts';
import type { OtherBalancer, OtherMember } from './shared-totals.ts';

/** What a process tells of a balancer, its members left out. */
export type BalancerTotals = Pick<OtherBalancer, 'waiting' | 'inFlight' | 'tally'>;

/** Is told of a word that nobody here knows: what it counts is left out. */
export type OnUnknown = (word: string) => void;

/** Longer than any text that is written here. */
const longestText = 16_384;
// These records have every one of them, and nothing else.
const errorCodes = new Set(Object.keys(errorWords) as BalancerErrorCode[]);
const queueEvents = new Set(Object.keys(queueWords) as BalancerEvents['queue']['what'][]);

// Lists rather than records: a thousand members are told every two seconds, and read by everybody who looks.

/** What is told of a balancer, as JSON. */
export function writeBalancerTotals({ waiting, inFlight, tally }: BalancerTotals): string {
  const { codes, errors, durations, queued, waits } = tally;
  return JSON.stringify([
    waiting,
    inFlight,
    codes,
    Object.fromEntries(errors),
    packTimes(durations),
    Object.fromEntries(queued),
    packTimes(waits),
  ]);
}

/** What is told of a member, as JSON. */
export function writeMemberTotals({ busy, elected, sent, received, failures, tally }: OtherMember): string {
  const { attempts, answers, broken, failovers, responseTimes } = tally;
  return JSON.stringify([
    busy,
    elected,
    sent,
    received,
    failures,
    Object.fromEntries(attempts),
    answers,
    broken,
    Object.fromEntries(failovers),
    packTimes(responseTimes),
  ]);
}

/** Reads what another process tells of a balancer; undefined: it cannot be read. */
export function readBalancerTotals(text: string, onUnknown: OnUnknown): BalancerTotals | undefined {
  const list = parseList(text, 7);
  if (!list) return undefined;
  const [waiting, inFlight] = list;
  const codes = readCounts(list[2], 6);
  const errors = readWords(list[3], errorCodes, onUnknown);
  const durations = readTimes(list[4]);
  const queued = readWords(list[5], queueEvents, onUnknown);
  const waits = readTimes(list[6]);
  if (!isCount(waiting) || !isCount(inFlight)) return undefined;
  if (!codes || !errors || !durations || !queued || !waits) return undefined;
  const tally: BalancerTally = { codes, errors, durations, queued, waits };
  return { waiting, inFlight, tally };
}

/** Reads what another process tells of a member; undefined: it cannot be read. */
export function readMemberTotals(text: string, onUnknown: OnUnknown): OtherMember | undefined {
  const list = parseList(text, 10);
  if (!list) return undefined;
  const [busy, elected, sent, received, failures] = list;
  const attempts = readWords(list[5], outcomes, onUnknown);
  const answers = readCounts(list[6], 6);
  const broken = list[7];
  const failovers = readWords(list[8], outcomes, onUnknown);
  const responseTimes = readTimes(list[9]);
  if (!attempts || !answers || !failovers || !responseTimes) return undefined;
  if (!isCount(busy) || !isCount(elected) || !isCount(sent) || !isCount(received)) return undefined;
  if (!isCount(failures) || !isCount(broken)) return undefined;
  // How many sessions there are cannot be added up: one may have been seen in several processes.
  const tally = { attempts, answers, broken, failovers, responseTimes, sessions: () => undefined };
  return { busy, elected, sent, received, failures, tally };
}

function parseList(text: string, length: number): readonly unknown[] | undefined {
  if (text.length > longestText) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.length === length ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whole, and so small that sums are exact enough and never infinite. */
function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function readCounts(value: unknown, length: number): readonly number[] | undefined {
  return Array.isArray(value) && value.length === length && value.every(isCount) ? value : undefined;
}

function readWords<Word extends string>(
  value: unknown,
  words: ReadonlySet<Word>,
  onUnknown: OnUnknown,
): ReadonlyMap<Word, number> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const counts = new Map<Word, number>();
  // What JSON has made has no other properties than its own.
  for (const word in value) {
    const count = (value as Readonly<Record<string, unknown>>)[word];
    if (!isCount(count)) return undefined;
    if ((words as ReadonlySet<string>).has(word)) counts.set(word as Word, count);
    else onUnknown(word);
  }
  return counts;
}

/** The sum, and then the place and the count of each bucket that is not empty. */
function packTimes({ sum, counts }: HistogramView): readonly number[] {
  const packed = [Math.round(sum * 1_000) / 1_000];
  for (let i = 0; i < counts.length; i += 1) if (counts[i]! > 0) packed.push(i, counts[i]!);
  return packed;
}

function readTimes(value: unknown): HistogramView | undefined {
  if (!Array.isArray(value) || value.length % 2 !== 1) return undefined;
  const packed = value as readonly unknown[];
  const sum = packed[0];
  if (typeof sum !== 'number' || !(sum >= 0 && sum <= Number.MAX_SAFE_INTEGER)) return undefined;
  let count = 0;
  let last = -1;
  for (let i = 1; i < packed.length; i += 2) {
    const [place, times] = [packed[i], packed[i + 1]];
    // In their order: none comes twice.
    if (!isCount(place) || place <= last || place > bounds.length || !isCount(times)) return undefined;
    last = place;
    count += times;
  }
  // All of them were looked at.
  return new PackedTimes(sum, count, packed as readonly number[]);
}

/** A histogram whose buckets are unpacked when somebody asks: who adds up requests does not, and there are thousands. */
class PackedTimes implements HistogramView {
  readonly sum: number;
  readonly count: number;
  readonly #packed: readonly number[];

  constructor(sum: number, count: number, packed: readonly number[]) {
    this.sum = sum;
    this.count = count;
    this.#packed = packed;
  }

  get counts(): Readonly<Float64Array> {
    const counts = new Float64Array(bounds.length + 1);
    for (let i = 1; i < this.#packed.length; i += 2) counts[this.#packed[i]!] = this.#packed[i + 1]!;
    return counts;
  }
}
