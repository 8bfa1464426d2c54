import { hashText, joinHashes } from '../choice/hash.ts';

const indexBits = 11;
const registers = 2 ** indexBits;
/** Bits of a hash that are left for the rank. */
const rankBits = 32 - indexBits;
const windows = 6;
const windowMs = 5 * 60_000;

/** The ranks of the sessions of five minutes. */
type Window = { at: number; readonly ranks: Uint8Array };

/**
 * Counts different sessions of the last half hour, to about 3 %, in 12 KB however many there are: HyperLogLog, in windows
 * of five minutes. `seed`: a secret, so that nobody can make a few sessions look like many.
 */
export class SessionCounter {
  readonly #seed: number;
  readonly #windows: (Window | undefined)[] = Array<undefined>(windows).fill(undefined);

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** `now`: monotonic, in milliseconds; the same clock as that of `count`. */
  note(id: string, now: number): void {
    const at = Math.floor(now / windowMs);
    const slot = at % windows;
    let window = this.#windows[slot];
    if (!window) this.#windows[slot] = window = { at, ranks: new Uint8Array(registers) };
    if (window.at !== at) {
      window.at = at;
      window.ranks.fill(0);
    }
    const hash = joinHashes(hashText(id), this.#seed);
    const index = hash >>> rankBits;
    // The place of the first bit that is set; where none is, the one behind the last.
    const rank = Math.min(Math.clz32(hash << indexBits), rankBits) + 1;
    if (window.ranks[index]! < rank) window.ranks[index] = rank;
  }

  /** About how many were noted in the half hour before `now`. */
  count(now: number): number {
    const at = Math.floor(now / windowMs);
    const recent = this.#windows.filter((window) => window !== undefined && window.at > at - windows);
    const histogram = new Array<number>(rankBits + 2).fill(0);
    for (let i = 0; i < registers; i += 1) {
      let rank = 0;
      for (const window of recent) rank = Math.max(rank, window!.ranks[i]!);
      histogram[rank]! += 1;
    }
    return Math.round(estimate(histogram));
  }
}

/** How many there were, by how many registers have which rank: Ertl 2017, "improved raw estimator", unbiased for few and many. */
function estimate(histogram: readonly number[]): number {
  let sum = registers * tau(1 - histogram[rankBits + 1]! / registers);
  for (let rank = rankBits; rank >= 1; rank -= 1) sum = (sum + histogram[rank]!) / 2;
  sum += registers * sigma(histogram[0]! / registers);
  return registers ** 2 / (2 * Math.LN2 * sum);
}

/** x + x² + 2x⁴ + 4x⁸ + …, which is for the registers that are empty. */
function sigma(share: number): number {
  if (share === 1) return Infinity;
  let [power, factor, sum, before] = [share, 1, share, -1];
  while (sum !== before) {
    before = sum;
    power *= power;
    sum += power * factor;
    factor *= 2;
  }
  return sum;
}

/** For the registers that are full. */
function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let [root, factor, sum, before] = [share, 1, 1 - share, -1];
  while (sum !== before) {
    before = sum;
    root = Math.sqrt(root);
    factor /= 2;
    sum -= (1 - root) ** 2 * factor;
  }
  return sum / 3;
}
