import { expect, test } from '@jest/globals';
import { beginsWithSlash } from '../../../../src/httpd-conf/translate/rewrite-target.ts';

test.each<[string, number, boolean]>([
  ['^(/.*)$', 1, true],
  ['^(.*)$', 1, true],
  ['^/a(/.*)$', 1, true],
  ['^/a(.*)$', 1, false],
  ['^/a(/?.*)$', 1, false],
  ['^/a(/*x)$', 1, false],
  ['^/a(/{0,1}x)$', 1, false],
  ['^/a(/b|c)$', 1, false],
  ['^/(a)(/.*)$', 2, true],
  ['^/x', 0, true],
  ['^/?x', 0, false],
  ['^/x|y', 0, false],
  ['!^(/.*)$', 1, false],
])('of %s, group %i can only begin with a slash: %s', (pattern, group, expected) => {
  expect(beginsWithSlash(pattern, group)).toBe(expected);
});
