import { describe, expect, test } from '@jest/globals';
import { hasWildcards, matchName } from '../../../../src/httpd-conf/syntax/glob.ts';

describe('wildcards', () => {
  test.each([
    ['*', 'a.conf', true],
    ['*.conf', 'a.conf', true],
    ['*.conf', 'a.conf~', false],
    ['*.conf', '.a.conf', false],
    ['.*', '.a', true],
    ['?.conf', 'a.conf', true],
    ['?.conf', 'ab.conf', false],
    ['?.conf', '.conf', false],
    ['[ab]*', 'bc', true],
    ['[ab]*', 'cb', false],
    ['[!ab]*', 'cb', true],
    ['[^ab]', 'a', false],
    ['[a-c]x', 'bx', true],
    ['[a-c]x', '-x', false],
    ['[a-]', '-', true],
    ['[]]', ']', true],
    ['[a', '[a', true],
    ['a*b*c', 'a1b2b3c', true],
    ['a*b*c', 'a1b2b3', false],
    ['**', 'a', true],
    ['a', 'a', true],
    ['a', 'ab', false],
    ['', '', true],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['A', 'a', false],
  ])('%j and %j', (pattern, name, fits) => {
    expect(matchName(pattern, name)).toBe(fits);
  });

  test('many stars take no time', () => {
    expect(matchName(`${'*a'.repeat(1_000)}b`, 'a'.repeat(255))).toBe(false);
  });

  test.each([
    ['conf.d/*.conf', true],
    ['conf.d/a?', true],
    ['conf.d/[ab]', true],
    ['conf.d/[ab', false],
    ['conf.d/]a[', false],
    ['conf.d/a', false],
  ])('%j has some: %s', (path, has) => {
    expect(hasWildcards(path)).toBe(has);
  });
});
