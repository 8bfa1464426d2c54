import { describe, expect, test } from '@jest/globals';
import { parseStatus, printStatus, Status } from '../../../src/member/status.ts';

const { ignoreErrors, drain, disabled, stopped, inError, hotStandby, hotSpare, healthCheckFailed } = Status;

describe('status letters and words', () => {
  test.each([
    ['', 0, 0],
    ['D', 0, disabled],
    ['+D', 0, disabled],
    ['-D', disabled | drain, drain],
    ['S-E', inError, stopped],
    ['+HR', 0, hotStandby | hotSpare],
    ['-IN+DS', ignoreErrors | drain, disabled | stopped],
    ['INDSEHRC', 0, 255],
    ['-INDSEHRC', 255, 0],
    ['D-D', 0, 0],
    ['C', stopped, stopped | healthCheckFailed],
    ['disabled', 0, disabled],
    ['+stopped', drain, stopped | drain],
    ['-drain', drain | disabled, disabled],
    ['in-error', 0, inError],
    ['ignore-errors', 0, ignoreErrors],
    ['hot-standby', 0, hotStandby],
    ['hot-spare', 0, hotSpare],
    ['health-check-failed', 0, healthCheckFailed],
    ['enabled', 255, 255 & ~(disabled | stopped | drain)],
    ['+enabled', disabled, 0],
    ['-in-error hot-standby', inError, hotStandby],
    ['drain,ignore-errors', 0, drain | ignoreErrors],
    ['+D, -drain  H', drain, disabled | hotStandby],
    // A sign holds within its letters only.
    ['-D S', disabled, stopped],
    ['disabled enabled', 0, 0],
    ['enabled disabled', 0, disabled],
  ])('%s upon %i makes %i', (text, initial, flags) => {
    expect(parseStatus(text, initial)).toBe(flags);
  });

  test('are printed in the order of the manual, and read back as they were', () => {
    expect(printStatus(0)).toBe('');
    expect(printStatus(hotSpare | drain)).toBe('NR');
    for (let flags = 0; flags < 256; flags += 1) expect(parseStatus(printStatus(flags))).toBe(flags);
  });

  test('have a bit each', () => {
    const bits = Object.values(Status);
    expect(new Set(bits).size).toBe(8);
    expect(bits.every((bit) => Number.isInteger(Math.log2(bit)))).toBe(true);
  });

  test.each(['s', 'O', 'X', 'D X', 'D+', '+-D', '+', 'Disabled', 'hot_spare', '-enabled', 'D\u{1d54f}'])(
    '%s is none',
    (text) => {
      expect(() => parseStatus(text)).toThrow(RangeError);
    },
  );
});
