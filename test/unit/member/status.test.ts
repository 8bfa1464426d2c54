import { describe, expect, test } from '@jest/globals';
import { findStatusFault, parseStatus, printStatus, Status } from '../../../src/member/status.ts';

const { ignoreErrors, drain, disabled, stopped, inError, hotStandby, hotSpare, healthCheckFailed } = Status;

describe('status letters', () => {
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

  test.each([
    ['s', /upper case/, "write 'S'"],
    ['+d-e', /upper case/, "write '+D-E'"],
    ['O', /initialised/, 'leave out the O'],
    ['DG', /generic/, 'leave out the G'],
    ['U', /shutdown/, 'leave out the U'],
    ['F', /free/, 'leave out the F'],
    ['X', /^X is no status letter/, "write letters of I N D S E H R C, such as 'D' or '+H-E'"],
    ['disabled', /^d is no status letter/, "write letters of I N D S E H R C, such as 'D' or '+H-E'"],
    ['D S', /^a space/, "write letters of I N D S E H R C, such as 'D' or '+H-E'"],
    ['D+', /sign/, "write it so: '+D', '-E'"],
    ['+-D', /sign/, "write it so: '+D', '-E'"],
  ])('%s is refused with a reason', (text, problem, advice) => {
    expect(findStatusFault(text)).toEqual({ problem: expect.stringMatching(problem), advice });
    expect(() => parseStatus(text)).toThrow(RangeError);
    expect(() => parseStatus(text)).toThrow(problem);
  });
});
