import { describe, expect, test } from '@jest/globals';
import { cleanName, cleanText, isClean } from '../../../src/manager/clean-text.ts';

describe('a name', () => {
  test.each([
    ['ann', 'ann'],
    ['  ann  ', 'ann'],
    ['an\r\nn\u0000\u001b[31m', 'ann[31m'],
    ['a\u2028b\u2029c\u0085d', 'abcd'],
    ['ann\u202Eeb', 'anneb'],
    ['\u2066ann\u2069', 'ann'],
    ['<b>ann</b>', '<b>ann</b>'],
    ['Zoë 👩‍🚒', 'Zoë 👩‍🚒'],
    ['\ufeffan\u200bn\u2060\u00ad\u{e0041}', 'ann'],
    ['\u200b\u3164', ''],
    ['\u200d\ufe0f', ''],
    ['ann\u200d', 'ann'],
    ['ann\u200f\u061c', 'ann'],
    ['ann ❤\ufe0f', 'ann ❤\ufe0f'],
    ['ann\ufe0f\ufe0f', 'ann\ufe0f'],
    ['a\ud800b', 'a\ufffdb'],
    ['x'.repeat(64), 'x'.repeat(64)],
    ['x'.repeat(65), `${'x'.repeat(63)}…`],
    ['👍'.repeat(1_000_000), `${'👍'.repeat(63)}…`],
  ])('case %#', (given, shown) => {
    expect(cleanName(given)).toBe(shown);
  });
});

describe('a text', () => {
  test.each([
    ['', true],
    ['new disks', true],
    ['Zoë 👩‍🚒', true],
    ['done ❤\ufe0f', true],
    ['دیسک\u200cها', true],
    ['שלום', true],
    ['a\nb', false],
    ['a\u0000b', false],
    ['a\u2028b', false],
    ['a\u200bb', false],
    ['a\u00adb', false],
    ['a\u200eb', false],
    ['a\u200fb', false],
    ['a\u061cb', false],
    ['a\u202eb', false],
    ['a\u2066b\u2069', false],
    ['\u200d', false],
    ['\u200d\ufe0f \u200d', false],
    ['a\ud800', false],
  ])('%j can be shown as it is: %s', (text, clean) => {
    expect(isClean(text)).toBe(clean);
    expect(cleanText(text) === text).toBe(clean);
    expect(isClean(cleanText(text))).toBe(true);
  });

  test('of blanks and joiners alone is read at once', () => {
    expect(cleanText(`a${'\u200d '.repeat(100_000)}b`)).toHaveLength(200_002);
    expect(cleanText('\u200d '.repeat(100_000))).toBe('');
  });
});
