import type { Duration } from '../../definition/definition.ts';
import { isFault, type Fault } from '../../definition/problem.ts';

/** What a parameter or a directive has become. Without options and reasons: it says what is so anyway. */
export type Reading<Options> = Readonly<{
  options?: Options;
  /** It works, but not quite as in httpd. */
  differs?: string;
  /** It does nothing here. */
  dropped?: string;
}>;

/** A time, and what is different about it. */
export type TimeReading = Readonly<{ time: Duration; differs?: string }>;

const factors = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** On or Off, in any case. */
export function readSwitch(text: string): boolean | Fault {
  if (/^on$/i.test(text)) return true;
  if (/^off$/i.test(text)) return false;
  return { problem: 'it is On or Off', advice: 'write On or Off' };
}

/** A whole number within bounds. */
export function readWhole(text: string, min: number, max: number): number | Fault {
  const number = /^[+-]?\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (number >= min && number <= max) return number;
  const range = max === Infinity ? `from ${min} up` : `from ${min} to ${max}`;
  return { problem: 'it is no whole number of those allowed', advice: `write a whole number ${range}` };
}

/** Seconds that httpd reads as the digits that a text begins with: `500ms` is 500 seconds there. */
export function readSeconds(text: string, min: 0 | 1): TimeReading | Fault {
  const [, digits = '', unit = ''] = /^(\d{1,15})([a-z]*)$/i.exec(text) ?? [];
  const advice = `write seconds, a whole number from ${min} up`;
  if (digits === '') return { problem: 'it is no time in seconds', advice };
  if (Number(digits) < min) return { problem: `it is less than ${min} s`, advice };
  if (unit === '') return writeTime(Number(digits), 's');
  const known = readUnit(unit) ?? (/^m$/i.test(unit) ? 'm' : undefined);
  if (known === undefined) return { problem: `${unit} is no unit of time`, advice };
  const written = writeTime(Number(digits), known);
  if (known === 's') return written;
  const differs = `httpd reads ${digits} seconds, here it is the ${digits} ${known} that is written`;
  return { ...written, differs: written.differs === undefined ? differs : `${differs}; ${written.differs}` };
}

/** A time with one of httpd's units, or with the default one. */
export function readTime(text: string, unit: 's' | 'ms'): TimeReading | Fault {
  const [, digits = '', word = ''] = /^(\d{1,15})([a-z]*)$/i.exec(text) ?? [];
  const advice = `write a number of ${unit === 's' ? 'seconds' : 'milliseconds'}, or one with ms, s, min or h`;
  const known = word === '' ? unit : readUnit(word);
  if (digits === '' || known === undefined) return { problem: 'it is no time', advice };
  if (Number(digits) === 0) return { problem: 'it is no time at all', advice };
  const { time, differs } = writeTime(Number(digits), known);
  if (differs !== undefined) return { time, differs };
  // A bare number counts the option's own unit.
  if (unit === 'ms') return { time: word === '' ? Number(digits) : `${Number(digits)}${known}` };
  return { time };
}

/** The milliseconds of what `readTime` gives. */
export function countMs(time: Duration, unit: 's' | 'ms'): number {
  if (typeof time === 'number') return time * factors[unit];
  const [, digits, word] = /^(\d+)(ms|s|m|h)$/.exec(time)!;
  return Number(digits) * factors[word as keyof typeof factors];
}

/** An option by its value, or the fault as it is. */
export function toReading<Value, Options>(
  value: Value | Fault,
  make: (value: Exclude<Value, Fault>) => Reading<Options> | Fault,
): Reading<Options> | Fault {
  return isFault(value) ? value : make(value as Exclude<Value, Fault>);
}

/** A time as an option, with what is different about it. */
export function toTime(
  name: string,
  value: TimeReading | Fault,
): Reading<Readonly<Record<string, Duration>>> | Fault {
  return toReading(value, ({ time, differs }) => ({
    options: { [name]: time },
    ...(differs !== undefined && { differs: `${name}: ${differs}` }),
  }));
}

function readUnit(word: string): keyof typeof factors | undefined {
  if (/^ms$/i.test(word)) return 'ms';
  if (/^s$/i.test(word)) return 's';
  if (/^mi(n)?$/i.test(word)) return 'm';
  return /^h$/i.test(word) ? 'h' : undefined;
}

// More than an hour in a bare number is taken for milliseconds by a definition.
function writeTime(amount: number, unit: keyof typeof factors): TimeReading {
  if (amount * factors[unit] > 596 * factors.h)
    return { time: '596h', differs: 'no timer of Node is longer than 596 hours, and so is none here' };
  return { time: unit === 's' && amount <= 3600 ? amount : `${amount}${unit}` };
}
