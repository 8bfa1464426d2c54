import fc from 'fast-check';
import { describe, expect, test } from '@jest/globals';
import { parseStatus, printStatus } from '../../../src/member/status.ts';
import { hold } from '../../support/runs.ts';

describe('status letters', () => {
  test('are read back as they were printed, whatever was set before', () => {
    hold(
      500,
      fc.property(fc.nat(255), fc.nat(255), (flags, before) => {
        expect(parseStatus(printStatus(flags))).toBe(flags);
        const clear = printStatus(before)
          .split('')
          .map((letter) => `-${letter}`)
          .join('');
        expect(parseStatus(clear + printStatus(flags).replace(/./g, '+$&'), before)).toBe(flags);
      }),
    );
  });

  test('are read from any text, or refused in one way', () => {
    const piece = fc.constantFrom(
      '+',
      '-',
      ' ',
      ',',
      'D',
      'S',
      'E',
      'x',
      'disabled',
      'enabled',
      '-drain',
      'hot-spare',
    );
    hold(
      500,
      fc.property(
        fc.oneof(
          fc.array(piece).map((all) => all.join('')),
          fc.string(),
        ),
        fc.nat(255),
        (text, before) => {
          try {
            const flags = parseStatus(text, before);
            expect(flags & ~255).toBe(0);
            expect(parseStatus(text, flags)).toBe(flags);
          } catch (error) {
            expect(error).toBeInstanceOf(RangeError);
          }
        },
      ),
    );
  });
});
