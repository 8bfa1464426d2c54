import { describe, expect, test } from '@jest/globals';
import {
  longestMs,
  parseDuration,
  toMilliseconds,
  type DurationRule,
} from '../../../src/definition/duration.ts';
import type { Duration } from '../../../src/definition/definition.ts';

const seconds: DurationRule = { unit: 's', zero: 'allowed' };
const milliseconds: DurationRule = { unit: 'ms', zero: 'allowed' };

describe('a duration', () => {
  test.each<[Duration, number]>([
    [30, 30_000],
    [0.5, 500],
    [0, 0],
    [3600, 3_600_000],
    ['500ms', 500],
    ['30s', 30_000],
    ['1.5s', 1500],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['24h', 86_400_000],
    ['30000s', 30_000_000],
    ['0s', 0],
    ['1.4ms', 1],
  ])('%s where httpd counts seconds is %i ms', (value, ms) => {
    expect(parseDuration(value, seconds)).toBe(ms);
    expect(toMilliseconds(value)).toBe(ms);
  });

  test.each([
    [500, 500],
    [30_000, 30_000],
    ['30s', 30_000],
  ])('%s where httpd counts milliseconds is %i ms', (value, ms) => {
    expect(parseDuration(value, milliseconds)).toBe(ms);
  });

  test.each<[number, string, string]>([
    [30_000, '8 h 20 min', "write 30 for seconds or '30000ms'; if it is meant, '30000s'"],
    [60_000, '16 h 40 min', "write 60 for seconds or '60000ms'; if it is meant, '60000s'"],
    [3601, '1 h', "write 3.601 for seconds or '3601ms'; if it is meant, '3601s'"],
    [86_400, '1 d', "write 86.4 for seconds or '86400ms'; if it is meant, '86400s'"],
    [90_000, '1 d 1 h', "write 90 for seconds or '90000ms'; if it is meant, '90000s'"],
    [3_600_000, '41 d 16 h', "write 3600 for seconds or '3600000ms'"],
  ])('%i seconds are taken for milliseconds, and both ways to write them are told', (value, span, advice) => {
    expect(parseDuration(value, seconds)).toEqual({ problem: `${value} seconds would be ${span}`, advice });
  });

  test.each<[unknown, RegExp, RegExp]>([
    ['30', /unit is missing/, /^write 30 or '30s'$/],
    ['30000', /unit is missing/, /^write 30 for seconds or '30000ms'; if it is meant, '30000s'$/],
    ['9999999999', /unit is missing/, /'596h'/],
    ['0.1d', /not written so/, /^write '2.4h'$/],
    ['1000 days', /timer of Node/, /'596h'/],
    ['500 ms', /not written so/, /^write '500ms'$/],
    ['2min', /not written so/, /^write '2m'$/],
    ['2mi', /not written so/, /^write '2m'$/],
    ['3 Seconds', /not written so/, /^write '3s'$/],
    ['1d', /not written so/, /^write '24h'$/],
    ['30S', /not written so/, /^write '30s'$/],
    ['1hour', /not written so/, /^write '1h'$/],
    ['500milliseconds', /not written so/, /^write '500ms'$/],
    ['30sx', /no time span/, /'30s'/],
    ['1h30m', /no time span/, /'30s'/],
    ['1e3s', /no time span/, /'30s'/],
    ['0x1s', /no time span/, /'30s'/],
    ['.5s', /no time span/, /'30s'/],
    ['', /no time span/, /'30s'/],
    ['-5s', /negative/, /'30s'/],
    [-1, /negative/, /'30s'/],
    [NaN, /no number/, /'30s'/],
    [Infinity, /for ever/, /^leave it out/],
    ['597h', /timer of Node/, /'596h'/],
    ['9'.repeat(400) + 's', /timer of Node/, /'596h'/],
    [2 ** 40, /timer of Node/, /'596h'/],
    [0.0001, /millisecond/, /'1ms'/],
    ['0.2ms', /millisecond/, /'1ms'/],
    [true, /no time span/, /'30s'/],
    [null, /no time span/, /'30s'/],
    [10n, /no time span/, /'30s'/],
    [' '.repeat(100_000) + 'x', /no time span/, /'30s'/],
  ])('%s is refused', (value, problem, advice) => {
    expect(parseDuration(value, seconds)).toEqual({
      problem: expect.stringMatching(problem),
      advice: expect.stringMatching(advice),
    });
  });

  test('may be as long as a timer of Node, and no longer', () => {
    expect(parseDuration(`${longestMs}ms`, seconds)).toBe(2_147_483_647);
    expect(parseDuration(`${longestMs + 1}ms`, seconds)).toHaveProperty('problem');
    expect(parseDuration('596h', seconds)).toBe(2_145_600_000);
  });

  test('of nothing is refused where it means nothing', () => {
    const rule: DurationRule = { unit: 's', zero: { instead: 'leave it out' } };
    expect(parseDuration(0, rule)).toEqual({ problem: 'it is no time at all', advice: 'leave it out' });
    expect(parseDuration('0ms', rule)).toHaveProperty('problem');
    expect(parseDuration('0 sec', rule)).toEqual(parseDuration(0, rule));
    expect(parseDuration('0', rule)).toHaveProperty('advice', 'leave it out');
    expect(parseDuration(1, rule)).toBe(1000);
  });

  test('that is wrong throws where it should have been checked before', () => {
    expect(() => toMilliseconds(-1)).toThrow(/^-1: a time cannot be negative$/);
  });

  test('advice in milliseconds says so', () => {
    expect(parseDuration('x', milliseconds)).toHaveProperty(
      'advice',
      expect.stringMatching(/^write milliseconds \(500\)/),
    );
    expect(parseDuration('5', milliseconds)).toHaveProperty('advice', "write 5 or '5ms'");
  });
});
