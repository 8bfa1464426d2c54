import { describe, expect, test } from '@jest/globals';
import { findStatusFault, parseStatus, printStatus, Status } from '../../../src/member/status.ts';

const { ignoreErrors, drain, disabled, stopped, inError, hotStandby, hotSpare, healthCheckFailed } = Status;

const adviceOnLetters = "write letters of I N D S E H R C, such as 'D' or '+H-E', or words such as 'drain'";

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

  test.each([
    ['s', /upper case/, "write 'S'"],
    ['+d-e', /upper case/, "write '+D-E'"],
    ['O', /initialised/, 'leave out the O'],
    ['DG', /generic/, 'leave out the G'],
    ['U', /shutdown/, 'leave out the U'],
    ['F', /free/, 'leave out the F'],
    ['X', /^X is no status letter/, adviceOnLetters],
    ['x-', /^x is no status letter/, adviceOnLetters],
    ['D X', /^X is no status letter/, adviceOnLetters],
    ['D+', /sign/, "write it so: '+D', '-E', '+drain'"],
    ['+-D', /sign/, "write it so: '+D', '-E', '+drain'"],
    ['D, +', /sign/, "write it so: '+D', '-E', '+drain'"],
    ['Disabled', /^Disabled is no status word/, "write 'disabled'"],
    ['-hotStandby', /^hotStandby is no status word/, "write '-hot-standby'"],
    ['hot_spare', /^hot_spare is no status word/, "write 'hot-spare'"],
    ['D drian', /^drian is no status word/, "write 'drain'"],
    ['draining', /^draining is no/, "write 'drain'"],
    ['+backup', /^backup is no/, "write '+hot-standby'"],
    ['maint', /^maint is no/, "write 'stopped'"],
    ['up', /^up is no/, "write 'enabled'"],
    ['unhealthy', /^unhealthy is no/, "write 'health-check-failed'"],
    ['-enabled', /disabled, stopped or drained/, "write 'disabled', 'S' or 'N'"],
    ['constructor', /^c is no status letter/, adviceOnLetters],
    [`x${'y'.repeat(1000)}`, /^x is no status letter/, adviceOnLetters],
  ])('%s is refused with a reason', (text, problem, advice) => {
    expect(findStatusFault(text)).toEqual({ problem: expect.stringMatching(problem), advice });
    expect(() => parseStatus(text)).toThrow(RangeError);
    expect(() => parseStatus(text)).toThrow(problem);
  });
});
