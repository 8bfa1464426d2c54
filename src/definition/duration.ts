import type { Duration } from './definition.ts';
import { describe } from './describe.ts';
import { isFault, type Fault } from './problem.ts';

/** What a duration may be, for one option. */
export type DurationRule = Readonly<{
  /** What a bare number counts (httpd's unit for the option). */
  unit: 's' | 'ms';
  /** Whether 0 means something here. If not: what to do instead of it. */
  zero: 'allowed' | Readonly<{ instead: string }>;
}>;

const factors = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** The longest delay of Node's timers, 24 days and 20 hours; a longer one would fire at once. */
export const longestMs = 2 ** 31 - 1;

/**
 * The largest bare number of seconds, for every option. Whoever writes more has nearly always thought in milliseconds, as
 * Node's own options do: `retry: 60000`, `ttl: 5000`. An hour and more is rare and deliberate, and a text says it: `'24h'`.
 */
export const mostSeconds = 3600;

/** A duration in milliseconds, or what is wrong with it. */
export function parseDuration(value: unknown, rule: DurationRule): number | Fault {
  const ms = typeof value === 'number' ? parseNumber(value, rule) : parseText(value, rule);
  if (isFault(ms)) return ms;
  if (ms > longestMs) {
    return {
      problem: 'it is longer than a timer of Node runs (24 days and 20 hours)',
      advice: "write at most '596h'",
    };
  }
  if (ms > 0 && ms < 1) return { problem: 'it is shorter than a millisecond', advice: "write '1ms' or more" };
  if (ms === 0 && rule.zero !== 'allowed')
    return { problem: 'it is no time at all', advice: rule.zero.instead };
  return Math.round(ms);
}

/** A checked duration in milliseconds. */
export function toMilliseconds(duration: Duration, unit: DurationRule['unit'] = 's'): number {
  const ms = parseDuration(duration, { unit, zero: 'allowed' });
  if (isFault(ms)) throw new RangeError(`${describe(duration)}: ${ms.problem}`);
  return ms;
}

function parseNumber(value: number, { unit }: DurationRule): number | Fault {
  if (Number.isNaN(value)) return { problem: 'it is no number', advice: adviseForms(unit) };
  if (value < 0) return { problem: 'a time cannot be negative', advice: adviseForms(unit) };
  if (value === Infinity) {
    return {
      problem: 'a timer cannot run for ever',
      advice: `leave it out for the default, or ${adviseForms(unit)}`,
    };
  }
  if (unit === 's' && value > mostSeconds && value <= longestMs) {
    const ms = Math.round(value);
    const meant = value * 1000 > longestMs ? '' : `; if it is meant, '${value}s'`;
    return {
      problem: `${value} seconds would be ${printSpan(value)}`,
      advice: `write ${ms / 1000} for seconds or '${ms}ms'${meant}`,
    };
  }
  return value * factors[unit];
}

function parseText(value: unknown, rule: DurationRule): number | Fault {
  const { unit } = rule;
  const problem = 'it is no time span';
  if (typeof value !== 'string') return { problem, advice: adviseForms(unit) };
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(value);
  if (match) return Number(match[1]) * factors[match[2] as keyof typeof factors];

  const [, sign, amount, word] = /^([+-]?)(\d{1,12}(?:\.\d{1,3})?) ?([a-z]*)$/i.exec(value.trim()) ?? [];
  if (amount === undefined || word === undefined) return { problem, advice: adviseForms(unit) };
  if (sign === '-') return { problem: 'a time cannot be negative', advice: adviseForms(unit) };
  if (word === '') return judgeBareAmount(Number(amount), rule);
  const known = readUnit(word);
  if (known === undefined) return { problem, advice: adviseForms(unit) };
  // To a thousandth, as it was given: 0.1 × 24 is not 2.4.
  const right = `${Number((Number(amount) * known.times).toFixed(3))}${known.unit}`;
  const fault = parseDuration(right, rule);
  return isFault(fault) ? fault : { problem: 'a time span is not written so', advice: `write '${right}'` };
}

/** Nothing is advised that would be refused as a number. */
function judgeBareAmount(amount: number, rule: DurationRule): Fault {
  const fault = parseDuration(amount, rule);
  return {
    problem: 'its unit is missing',
    advice: isFault(fault) ? fault.advice : `write ${amount} or '${amount}${rule.unit}'`,
  };
}

// `mi` and `min` are httpd's words for minutes.
function readUnit(word: string): { unit: keyof typeof factors; times: number } | undefined {
  if (/^(ms|msecs?|millis|milliseconds?)$/i.test(word)) return { unit: 'ms', times: 1 };
  if (/^(s|secs?|seconds?)$/i.test(word)) return { unit: 's', times: 1 };
  if (/^(m|mi|mins?|minutes?)$/i.test(word)) return { unit: 'm', times: 1 };
  if (/^(h|hrs?|hours?)$/i.test(word)) return { unit: 'h', times: 1 };
  if (/^(d|days?)$/i.test(word)) return { unit: 'h', times: 24 };
  return undefined;
}

function adviseForms(unit: DurationRule['unit']): string {
  const number = unit === 's' ? 'seconds (30)' : 'milliseconds (500)';
  return `write ${number} or a text like '500ms', '30s', '2m', '1h'`;
}

function printSpan(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60];
  const parts = [days && `${days} d`, hours && `${hours} h`, rest && `${rest} min`].filter(
    (part) => part !== 0,
  );
  return parts.join(' ');
}
