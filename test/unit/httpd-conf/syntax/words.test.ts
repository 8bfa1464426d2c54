import { describe, expect, test } from '@jest/globals';
import { itemsOf, wordsOf } from '../../../support/conf.ts';

// What httpd's ap_getword_conf makes of the same lines.
describe('words', () => {
  test.each([
    ['A b c', ['b', 'c']],
    ['  A\tb \t c  ', ['b', 'c']],
    ['A "b c" d', ['b c', 'd']],
    ["A 'b c' d", ['b c', 'd']],
    ['A "b\'c"', ["b'c"]],
    ['A "b \\"c\\" d"', ['b "c" d']],
    ["A 'b \\'c'", ["b 'c"]],
    ['A "b \\\' c"', ["b \\' c"]],
    ['A "b\\\\"', ['b\\']],
    ['A "b\\\\\\"c"', ['b\\"c']],
    ['A "^(/.*)\\.html$"', ['^(/.*)\\.html$']],
    ['A b\\\\c', ['b\\c']],
    ['A b\\c \\"', ['b\\c', '\\"']],
    ['A "b"c"d"', ['b', 'c"d"']],
    ['A "b""c"', ['b', 'c']],
    ['A b"c d"', ['b"c', 'd"']],
    ['A "b c', ['b c']],
    ['A "', ['']],
    ['A "" b', ['', 'b']],
    ['A b # c', ['b', '#', 'c']],
    ['A ^(/.*)$ balancer://mycluster$1', ['^(/.*)$', 'balancer://mycluster$1']],
    ['A b\vc\fd', ['b', 'c', 'd']],
    ['A b\u00a0c', ['b\u00a0c']],
    ['"A" b', ['b']],
    ['A', []],
  ])('%j has the arguments %j', (line, args) => {
    expect(wordsOf(itemsOf(line))).toEqual([['A', ...args]]);
  });

  test.each([
    ['<Location /x>', ['/x']],
    ['<Location "/x y">', ['/x y']],
    ['<Location "/a>b">', ['/a>b']],
    ['<Location /x >', ['/x']],
    ['<Location ~ "^/x">', ['~', '^/x']],
    ['<Location   /x> # a remark', ['/x']],
    // httpd takes the last > of the line.
    ['<Location /x> # a > b', ['/x>', '#', 'a']],
    ['<Location>', []],
  ])('the section %j has the arguments %j', (line, args) => {
    expect(wordsOf(itemsOf(`${line}\n</Location>`))).toEqual([['Location', ...args, []]]);
  });
});
