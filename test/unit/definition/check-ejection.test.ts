import { describe, expect, test } from '@jest/globals';
import { linesFor } from './support.ts';

describe('ejection', () => {
  test.each<[Readonly<Record<string, unknown>>]>([
    [{ ejection: true }],
    [{ ejection: false }],
    [{ ejection: {} }],
    [{ ejection: { consecutive: 1, rate: 1, window: '1m', minRequests: 1, maxEjected: 1, time: '50ms' } }],
    [{ ejection: { consecutive: false } }],
    [{ ejection: { rate: false } }],
  ])('%j passes', (given) => {
    expect(linesFor(given)).toEqual([]);
  });

  test.each<[Readonly<Record<string, unknown>>, string]>([
    [{ ejection: 5 }, 'ejection is 5: it must be a record of options; write true or { consecutive: 5, … }'],
    [
      { ejection: { consecutive: 0 } },
      'ejection.consecutive is 0: it must be a number of bad answers in a row, or false; write a whole number from 1 up',
    ],
    [
      { ejection: { consecutive: true } },
      'ejection.consecutive is true: it must be a number of bad answers in a row, or false; write a whole number from 1 up',
    ],
    [{ ejection: { rate: 0 } }, 'ejection.rate is 0: it must be a share; write a number above 0 and up to 1'],
    [{ ejection: { rate: 50 } }, 'ejection.rate is 50: it must be a share; write 0.5 for 50 %'],
    [{ ejection: { rate: '10%' } }, "ejection.rate is '10%': it must be a share; write 0.1 for 10 %"],
    [
      { ejection: { maxEjected: 1.5 } },
      'ejection.maxEjected is 1.5: it must be a share; write a number above 0 and up to 1',
    ],
    [
      { ejection: { window: 0 } },
      'ejection.window is 0: it is no time at all; write rate: false where shares do not matter',
    ],
    [
      { ejection: { minRequests: 0.5 } },
      'ejection.minRequests is 0.5: it must be a number of answers; write a whole number from 1 up',
    ],
    [
      { ejection: { time: '0s' } },
      "ejection.time is '0s': it is no time at all; write ejection: false where nobody is to be ejected",
    ],
    [
      { ejection: { consecutive: false, rate: false } },
      'ejection is an object: neither consecutive nor rate is left to eject a member; write false instead',
    ],
    [
      { ejection: { maxEjectionPercent: 10 } },
      'ejection.maxEjectionPercent is 10: there is no such option; write maxEjected',
    ],
    [
      { ejection: { consecutive5xx: 3 } },
      'ejection.consecutive5xx is 3: there is no such option; write consecutive',
    ],
    [{ ejection: { windwo: 3 } }, 'ejection.windwo is 3: there is no such option; write window'],
    [{ ejection: { zzz: 3 } }, 'ejection.zzz is 3: there is no such option; leave it out'],
  ])('%j is answered in one line', (given, line) => {
    expect(linesFor(given)).toEqual([line]);
  });
});
