import { describe, expect, test } from '@jest/globals';
import {
  formatBytes,
  formatCount,
  formatMs,
  formatRate,
  formatRest,
  formatSpan,
} from '../../../../src/manager/page/format.ts';
import { formatMoment, formatTime } from '../../../../src/manager/page/moment.ts';
import { makeId } from '../../../../src/manager/page/ids.ts';
import { isServing, tellStates } from '../../../../src/manager/page/state-words.ts';
import type { StateWord } from '../../../../src/manager/survey/report.ts';

// Narrow, and nowhere broken; the others keep a number and its unit on one line.
const thin = '\u202f';
const spaced = (text: string): string => text.replaceAll(' ', '\u00a0');

test.each([
  [0, '0'],
  [999, '999'],
  [1000, `1${thin}000`],
  [12_345_678, `12${thin}345${thin}678`],
  [1234.25, `1${thin}234.25`],
  [-40, '\u221240'],
  [-1000, `\u22121${thin}000`],
])('counts %d as %j', (count, text) => {
  expect(formatCount(count)).toBe(text);
});

// What apr_strfsize, which httpd's balancer-manager writes with, makes of them.
test.each([
  [0, '0'],
  [972, '972'],
  [973, '1.0K'],
  [1024, '1.0K'],
  [1228, '1.2K'],
  [1229, '1.2K'],
  [9 * 1024 + 972, '9.9K'],
  [9 * 1024 + 973, '10K'],
  [10 * 1024 + 511, '10K'],
  [10 * 1024 + 512, '11K'],
  [972 * 1024 + 511, '972K'],
  [973 * 1024, '1.0M'],
  [1_234_567, '1.2M'],
  [98_765_432, '94M'],
  [5 * 1024 ** 3, '5.0G'],
  [Number.MAX_SAFE_INTEGER, '8.0P'],
])('writes %d bytes as httpd does: %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [undefined, '–'],
  [0, '0 ms'],
  [0.44, '0.4 ms'],
  [12.34, '12.3 ms'],
  [99.94, '99.9 ms'],
  [99.96, '100 ms'],
  [999.4, '999 ms'],
  [999.6, '1.0 s'],
  [1240, '1.2 s'],
  [59_940, '59.9 s'],
  [60_000, '1 min'],
])('a time of %p ms reads %j', (ms, text) => {
  expect(formatMs(ms)).toBe(spaced(text));
});

test.each([
  [0, '0'],
  [0.1, '0.1'],
  [9.94, '9.9'],
  [9.96, '10'],
  [1234.4, `1${thin}234`],
])('%d a second reads %j', (rate, text) => {
  expect(formatRate(rate)).toBe(text);
});

test.each([
  [-5, '0 s', '0:00'],
  [1, '1 s', '0:01'],
  [45_000, '45 s', '0:45'],
  [59_999, '1 min', '1:00'],
  [872_000, '15 min', '14:32'],
  [3_600_000, '1 h', '1:00:00'],
  [3_872_000, '1 h 5 min', '1:04:32'],
  [86_400_000, '1 d', '1 d'],
  [187_200_000, '2 d 4 h', '2 d 4 h'],
])('%d ms to go read %j in words, and %j as a clock', (ms, span, rest) => {
  expect(formatSpan(ms)).toBe(spaced(span));
  expect(formatRest(ms)).toBe(spaced(rest));
});

describe('moments', () => {
  const at = Date.UTC(2026, 10, 21, 23, 3, 45);

  test.each([
    ['UTC', '23:03:45'],
    ['Europe/Berlin', '00:03:45'],
    ['America/New_York', '18:03:45'],
  ])('are told in the time of %s', (zone, text) => {
    expect(formatTime(at, zone)).toBe(text);
  });

  test('have their date on another day, which depends on the zone', () => {
    const later = at + 3_600_000;
    expect(formatMoment(at, later, 'UTC')).toBe('2026-11-21 23:03:45');
    expect(formatMoment(at, later, 'America/New_York')).toBe('18:03:45');
  });
});

describe('ids', () => {
  test('have nothing in them that ends an attribute, a fragment or a selector', () => {
    expect(makeId('m', 'app', 'http://a:1/"<x>\' ü')).toMatch(/^[\w/.~-]+$/);
  });

  test.each([
    [
      ['a', 'b/c'],
      ['a/b', 'c'],
    ],
    [['a_2f_b'], ['a/b']],
    [['a'], ['A']],
    [['a', ''], ['a']],
  ])('%j and %j have different ones', (one, other) => {
    expect(makeId('m', ...one)).not.toBe(makeId('m', ...other));
  });
});

describe('states', () => {
  test.each<[readonly StateWord[], string, string, boolean]>([
    [['ok'], 'OK', 'ok', true],
    [['in-error', 'draining'], 'In error, draining', 'bad', false],
    [['disabled'], 'Disabled', 'off', false],
    [['full'], 'Full', 'warn', true],
    [['hot-standby'], 'Hot standby', 'info', true],
    [['slow-start'], 'Slow start', 'warn', true],
    [['draining'], 'Draining', 'warn', false],
  ])('%j read %j, of the kind %s; serving: %p', (states, text, kind, serving) => {
    expect(tellStates(states)).toEqual({ text, kind });
    expect(isServing(states)).toBe(serving);
  });
});
