import { describe, expect, test } from '@jest/globals';
import { findStatusFault, judgeRoles } from '../../../src/definition/check-status.ts';
import { Status } from '../../../src/member/status.ts';

const { hotStandby, hotSpare, drain } = Status;

const adviceOnLetters = "write letters of I N D S E H R C, such as 'D' or '+H-E', or words such as 'drain'";

describe('a text of status letters and words', () => {
  test.each(['', 'D', '+H-E', 'S-E', 'hot-standby', '+D, -drain  H', 'enabled', 'H-H+R'])(
    '%s passes',
    (text) => {
      expect(findStatusFault(text)).toBeUndefined();
    },
  );

  test.each([
    ['s', /upper case/, "write 'S'"],
    ['+d-e', /upper case/, "write '+D-E'"],
    ['O', /initialised/, 'leave out the O'],
    ['DG', /generic/, 'leave out the G'],
    ['U', /shutdown/, 'leave out the U'],
    ['F', /free/, 'leave out the F'],
    ['X', /^X is no status letter/, adviceOnLetters],
    ['x-', /^x is no status letter/, adviceOnLetters],
    ['\u001b[31m', /^'\\u001b' is no status letter/, adviceOnLetters],
    ['\u202eD', /^'\\u202e' is no status letter/, adviceOnLetters],
    ['disab\u0007led', /^'disab\\u0007led' is no status word/, "write 'disabled'"],
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
    ['hot standby', /^'hot standby' is no/, "write 'hot-standby'"],
    ['+Hot Spare', /^'Hot Spare' is no/, "write '+hot-spare'"],
    ['health check failed', /is no status word/, "write 'health-check-failed'"],
    ['disabled=true', /a word alone/, "write 'disabled'"],
    ['drain: off', /a word alone/, "write '-drain'"],
    ['enabled=false', /a word alone/, "write 'disabled'"],
    ['status=+D-E', /after status=/, "write '+D-E'"],
    ['on', /^on is no/, "write 'enabled'"],
    ['off', /^off is no/, "write 'disabled'"],
    ['HR', /hot standby or a hot spare, not both/, "write 'H' or 'R'"],
    ['hot-standby +R', /hot standby or a hot spare, not both/, "write 'H' or 'R'"],
  ])('%s is refused with a reason', (text, problem, advice) => {
    expect(findStatusFault(text)).toEqual({ problem: expect.stringMatching(problem), advice });
  });

  test.each<[string, number, string | undefined]>([
    ['+R', hotStandby, "write '-H' too"],
    ['hot-standby', hotSpare | drain, "write '-R' too"],
    ['HR', hotSpare, "write 'H' or 'R'"],
    ['-H+R', hotStandby, undefined],
    ['+H', hotStandby, undefined],
    ['+N', hotStandby | hotSpare, undefined],
  ])('%s upon %i is looked at with what is there', (text, initial, advice) => {
    expect(findStatusFault(text, initial)?.advice).toBe(advice);
  });
});

test('flags that are not both roles pass', () => {
  expect(judgeRoles(hotStandby | drain)).toBeUndefined();
  expect(judgeRoles(hotSpare)).toBeUndefined();
});
