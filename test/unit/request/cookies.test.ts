import { describe, expect, test } from '@jest/globals';
import { valuesOfCommaCookie, valuesOfCookie } from '../../../src/request/cookies.ts';

function cookieLines(...lines: string[]): string[] {
  return ['Host', 'front.example', ...lines.flatMap((line) => ['cOOkie', line]), 'X-Cookie', 'R=never'];
}

describe('valuesOfCookie', () => {
  test.each([
    ['R=1', ['1']],
    ['', []],
    ['R', []],
    ['R=', ['']],
    ['=R=1', []],
    ['R=1; R=2;R=3', ['1', '2', '3']],
    ['\tR\t=\t1\t;x=R=2', ['1']],
    ['R="1"; R="; R=""; R="1', ['1', '"', '', '"1']],
    ['R=%73%3A1.x%2By%3D', ['s:1.x+y=']],
    ['R=%E9; R=%', ['%E9', '%']],
    ['R=a=b; RR=2; xR=3; R2=4', ['a=b']],
    ['RR=1; R=2', ['2']],
    ['R=1,R=2', ['1,R=2']],
    ['R=   ; R=2', ['', '2']],
    ['R=1;', ['1']],
    [';;R=1', ['1']],
  ])('of %j are %j', (line, values) => {
    expect(valuesOfCookie(cookieLines(line), 'R')).toEqual(values);
  });

  test('come from all Cookie lines in order, and from no other field', () => {
    expect(valuesOfCookie(cookieLines('R=1; a=b', 'c=d', 'R=2'), 'R')).toEqual(['1', '2']);
  });

  test('are at most a hundred', () => {
    const values = valuesOfCookie(cookieLines('R=1;'.repeat(200), 'R=2'), 'R');
    expect(values).toEqual(Array<string>(100).fill('1'));
  });

  test.each([
    ['other cookies', 'x=1;'.repeat(262_144), 0],
    ['the name alone', 'R;'.repeat(524_288), 0],
    ['the name and blanks', 'R '.repeat(524_288), 0],
    ['blanks and one cookie', `${' '.repeat(1_048_576)}R=1`, 1],
    ['one value', `R=${'x'.repeat(1_048_576)}`, 1],
    ['quotes', `R=${'"'.repeat(1_048_576)}`, 1],
    ['the cookie', 'R=1;'.repeat(262_144), 100],
    ['commas', 'R,'.repeat(524_288), 0],
  ])('are found in 1 MiB of %s in linear time', (_what, line, count) => {
    const before = process.cpuUsage();
    expect(valuesOfCookie(['Cookie', line], 'R')).toHaveLength(count);
    expect(valuesOfCommaCookie(['Cookie', line], 'R')).toHaveLength(0);
    // A quadratic search takes minutes.
    expect(process.cpuUsage(before).user).toBeLessThan(1_000_000);
  });
});

describe('valuesOfCommaCookie', () => {
  test.each([
    ['a=1,R=2', ['2']],
    ['R=1,2', ['1']],
    ['a=1; R=2, R=3', ['2', '3']],
    ['R=1', []],
  ])('of %j are %j', (line, values) => {
    expect(valuesOfCommaCookie(cookieLines(line), 'R')).toEqual(values);
  });
});
