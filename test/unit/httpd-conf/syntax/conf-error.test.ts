import { describe, expect, test } from '@jest/globals';
import { HttpdConfError, printConfProblem, type ConfProblem } from '../../../../src/httpd-conf/conf-error.ts';

const wrong: ConfProblem = {
  file: 'httpd.conf',
  line: 12,
  column: 17,
  length: 6,
  text: '  BalancerMember http:/ route=a',
  problem: 'that is no URL',
  advice: 'write http://host',
};

describe('a problem as it is printed', () => {
  test('says where and what, and shows the line with carets under it', () => {
    expect(printConfProblem({ ...wrong, column: 18 })).toBe(
      [
        'httpd.conf:12:18: that is no URL; write http://host',
        '    BalancerMember http:/ route=a',
        '                   ^^^^^^',
      ].join('\n'),
    );
  });

  /** The line and the carets below it. */
  function show(problem: Partial<ConfProblem>): readonly (string | undefined)[] {
    return printConfProblem({ ...wrong, ...problem })
      .split('\n')
      .slice(1);
  }

  test.each([
    ['tabs, which stay', '\tA\tb c', 6, 1, ['  \tA\tb c', '  \t \t  ^']],
    ['controls, which are made visible', 'A\u0001\u009b b', 5, 1, ['  A␁� b', '      ^']],
    ['what cannot be seen, or turns the line', 'A \u202e\u200bb', 5, 1, ['  A ��b', '      ^']],
    ['letters of two code units', 'A 😀 bc', 6, 2, ['  A 😀 bc', '      ^^']],
    ['halves of letters', 'A \ud800 b', 5, 1, ['  A � b', '      ^']],
    ['a place behind the line', 'A', 9, 3, ['  A', '   ^']],
    ['more than there is', 'A b', 3, 99, ['  A b', '    ^']],
    ['a line without text', '', 1, 1, []],
  ])('%s', (_, text, column, length, shown) => {
    expect(show({ text, column, length })).toEqual(shown);
  });

  test('of a long line shows what is around the place', () => {
    const text = `${'a'.repeat(500)}bcd${'e'.repeat(500)}`;
    const [line, carets] = show({ text, column: 501, length: 3 });
    expect(line).toBe(`  …${'a'.repeat(60)}bcd${'e'.repeat(57)}…`);
    expect(carets).toBe(`${' '.repeat(63)}^^^`);
    expect(show({ text, column: 1, length: 5_000 })).toEqual([
      `  ${'a'.repeat(120)}…`,
      `  ${'^'.repeat(120)}`,
    ]);
  });

  test('is one line but for these, whatever it says', () => {
    const printed = printConfProblem({
      ...wrong,
      file: 'a\nb',
      problem: 'x\u001b'.repeat(5_000),
      text: '',
    });
    expect(printed).toMatch(/^a␊b:12:17: x␛/);
    expect(printed).toHaveLength(2_000);
  });
});

describe('HttpdConfError', () => {
  test('tells every problem, and has them', () => {
    const problems = [wrong, { ...wrong, line: 13, text: '' }];
    const error = new HttpdConfError(problems);
    expect(error).toMatchObject({ name: 'HttpdConfError', code: 'ERR_HTTPD_CONF', problems });
    expect(error.message.split('\n')).toEqual([
      'The configuration is wrong:',
      'httpd.conf:12:17: that is no URL; write http://host',
      '    BalancerMember http:/ route=a',
      '                  ^^^^^^',
      'httpd.conf:13:17: that is no URL; write http://host',
    ]);
  });

  test('prints fifty of them', () => {
    const problems = Array.from({ length: 60 }, (_, line) => ({ ...wrong, line, text: '' }));
    const error = new HttpdConfError(problems);
    expect(error.problems).toHaveLength(60);
    expect(error.message.split('\n')).toHaveLength(52);
    expect(error.message).toMatch(/\nand 10 more$/);
  });
});
