import { readBy, type Reader } from './reader.ts';
import { refuse } from './refusal.ts';

/** How often, and how eagerly. */
export type Quantifier = Readonly<{ min: number; max: number; mode: 'greedy' | 'lazy' | 'possessive' }>;

const most = 65_535;

/** Reads a quantifier, if there is one. A brace that begins none is a character. */
export function readQuantifier(reader: Reader): Quantifier | undefined {
  const at = reader.at;
  const match = readBy(reader, /(?:([*+?])|\{(\d{1,9})(,?)(\d{0,9})\})([?+]?)/y);
  if (!match) return undefined;
  const [whole, sign, least = '', comma, highest = '', suffix] = match;
  const mode = suffix === '?' ? 'lazy' : suffix === '+' ? 'possessive' : 'greedy';
  if (sign !== undefined) return { min: sign === '+' ? 1 : 0, max: sign === '?' ? 1 : Infinity, mode };
  const min = Number(least);
  const max = comma === '' ? min : highest === '' ? Infinity : Number(highest);
  if (min > most || (max > most && max !== Infinity)) {
    refuse(`PCRE repeats at most ${most} times`, 'write a smaller number', at, whole.length);
  }
  if (max < min)
    refuse('the numbers in braces go backwards', 'write the smaller one first', at, whole.length);
  return { min, max, mode };
}
