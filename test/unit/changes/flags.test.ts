import { describe, expect, test } from '@jest/globals';
import { DefinitionError } from '../../../src/index.ts';
import { spellOutFlags } from '../../../src/changes/flags.ts';
import { catchError } from '../../support/catch-error.ts';

describe('status letters and words as flags', () => {
  test.each<readonly [status: string, set: object]>([
    ['D', { disabled: true }],
    ['+D-N', { disabled: true, drain: false }],
    ['drain -stopped', { drain: true, stopped: false }],
    ['enabled', { disabled: false, stopped: false, drain: false }],
    ['enabled D', { disabled: true, stopped: false, drain: false }],
    ['S-E', { stopped: true, inError: false }],
    ['I hot-standby', { ignoreErrors: true, hotStandby: true }],
    ['R', { hotSpare: true }],
    ['', {}],
  ])('%j', (status, set) => {
    expect(spellOutFlags({ status, lbset: 1 })).toEqual({ ...set, lbset: 1 });
  });

  test('give way to flags beside them', () => {
    expect(spellOutFlags({ status: 'DN', disabled: false })).toEqual({ disabled: false, drain: true });
  });

  test.each<readonly [status: unknown, advice: string]>([
    ['offf', 'write'],
    ['C', 'write disabled or stopped'],
    ['-health-check-failed', 'write disabled or stopped'],
    ['HR', 'write'],
    [7, "write 'D'"],
  ])('%j is refused with advice', (status, advice) => {
    const error = catchError(() => spellOutFlags({ status: status as string })) as DefinitionError;
    expect(error).toBeInstanceOf(DefinitionError);
    expect(error.problems).toMatchObject([{ path: 'change.status' }]);
    expect(error.problems[0]!.advice).toContain(advice);
  });
});
