/** Takes times in, of any length, in bounded memory. */
export type Histogram = Readonly<{
  record(us: number): void;
  /** The time that so large a part of all are not longer than, at most 0.4 % off; 0 while there are none. */
  quantile(part: number): number;
  /** Exactly the longest. */
  longest(): number;
  count(): number;
}>;

/** Of each power of two: a bucket is never wider than 1/128 of what is in it. */
const bucketsPerOctave = 128;
/** Below so many microseconds each one has a bucket of its own. */
const exactBelow = 2 * bucketsPerOctave;
/** Up to 2^36 µs, 19 hours. */
const octaves = 36 - Math.log2(exactBelow);

/** Log-linear, like HdrHistogram: as fine at a minute as at a millisecond, in proportion. */
export function createHistogram(): Histogram {
  const counts = new Uint32Array(exactBelow + octaves * bucketsPerOctave);
  let longest = 0;
  let count = 0;
  return {
    record(us) {
      const index = Math.min(findBucket(us), counts.length - 1);
      counts[index]! += 1;
      count += 1;
      if (us > longest) longest = us;
    },
    quantile(part) {
      let left = Math.ceil(part * count);
      if (left <= 0) return 0;
      for (const [index, inside] of counts.entries()) {
        left -= inside;
        if (left <= 0) return Math.min(findMiddle(index), longest);
      }
      return longest;
    },
    longest: () => longest,
    count: () => count,
  };
}

function findBucket(us: number): number {
  if (us < exactBelow) return Math.max(0, Math.floor(us));
  const octave = Math.floor(Math.log2(us)) - Math.log2(exactBelow);
  const width = 2 ** (octave + 1);
  return exactBelow + octave * bucketsPerOctave + Math.floor(us / width) - bucketsPerOctave;
}

function findMiddle(index: number): number {
  if (index < exactBelow) return index;
  const octave = Math.floor((index - exactBelow) / bucketsPerOctave);
  const width = 2 ** (octave + 1);
  return (((index - exactBelow) % bucketsPerOctave) + bucketsPerOctave + 0.5) * width;
}
