import { describe, expect, test } from '@jest/globals';
import { countCheck, noChecks } from '../../../src/health/count-checks.ts';
import { initialState, nextState, type MemberEvent } from '../../../src/member/member-state.ts';
import { printStatus, parseStatus } from '../../../src/member/status.ts';

/**
 * What becomes of a member through checks (`+`, `-`) and what else happens (`E` put in error, `J` ejected, `c` C cleared by
 * hand): its letters after each step, `.` for none, with `!` where checks were reported.
 */
function live(steps: string, passes: number, fails: number, initial = ''): string {
  let state = initialState(parseStatus(initial));
  let counts = noChecks;
  let told = '';
  const others: Readonly<Record<string, MemberEvent>> = {
    E: 'failed',
    J: { kind: 'ejected', timeMs: 1 },
    c: { kind: 'set', status: 0 },
  };
  for (const [now, step] of Array.from(steps).entries()) {
    const other = others[step];
    let mark = '';
    if (other) state = nextState(state, other, now);
    else {
      const counted = countCheck(counts, step === '+', state, { passes, fails });
      ({ counts } = counted);
      if (counted.event) {
        state = nextState(state, counted.event, now);
        mark = '!';
      }
    }
    told += ` ${printStatus(state.status) || '.'}${mark}`;
  }
  return told.slice(1);
}

describe('checks are counted in a row', () => {
  test.each([
    // httpd: a member that fails one check and passes the next fails by the third, since it adds up.
    ['K5: good again in between', '-+-', 1, 2, '', '. . .'],
    ['two in a row fail it', '-+--', 1, 2, '', '. . . C!'],
    ['K6: the second good one brings it back', '++', 2, 1, 'C', 'C .!'],
    ['a bad one in between begins anew', '+-++', 2, 1, 'C', 'C C C .!'],
    ['K9: the third bad one fails it', '---', 1, 3, '', '. . C!'],
    ['one is enough by default', '-+', 1, 1, '', 'C! .!'],
    ['0 acts as 1', '-+', 0, 0, '', 'C! .!'],
    ['nothing is reported twice', '----', 1, 1, '', 'C! C C C'],
    ['nothing is reported of a healthy one', '++++', 1, 1, '', '. . . .'],
  ])('%s', (_name, steps, passes, fails, initial, expected) => {
    expect(live(steps, passes, fails, initial)).toBe(expected);
  });
});

describe('a member in error', () => {
  test.each([
    ['is brought back by a good check', 'E+', 1, 1, 'E .!'],
    ['needs as many as any other', 'E+++', 3, 1, 'E E E .!'],
    ['gets none counted from before its error', '+++E++', 2, 1, '. . . E E .!'],
    ['fails its checks besides', 'E--', 1, 2, 'E E EC!'],
    ['gets both taken away', 'E-+', 1, 1, 'E EC! .!'],
  ])('%s', (_name, steps, passes, fails, expected) => {
    expect(live(steps, passes, fails)).toBe(expected);
  });

  test('is not brought back where it is ejected: its checks were good all along', () => {
    expect(live('J+++', 1, 1)).toBe('E E E E');
  });

  test('loses C alone where it is ejected', () => {
    expect(live('J-+', 1, 1)).toBe('E EC! E!');
  });
});

test('a member whose C was cleared by hand has to fail as often as ever', () => {
  expect(live('-----c--', 1, 2)).toBe('. C! C C C . . C!');
});
