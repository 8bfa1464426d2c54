import { describe, expect, test } from '@jest/globals';
import type { Argument } from '../../../../src/httpd-conf/syntax/directive.ts';
import { itemsOf, problemsOf, wordsOf } from '../../../support/conf.ts';

describe('lines', () => {
  test.each([
    ['a\\\nb', ['ab']],
    ['a \\\n  b', ['a', 'b']],
    ['a\\\r\nb\r\n', ['ab']],
    // However many backslashes: the last one goes.
    ['a\\\\\nb', ['a\\b']],
    ['"a\\\n  b"', ['a  b']],
    ['a \\\n\\\n\\\nb', ['a', 'b']],
    // Nothing to go on with.
    ['a\\', ['a\\']],
    ['a\\\n', ['a']],
    // A blank behind it, and it is a backslash like any other.
    ['a \\ \n', ['a', '\\']],
  ])('%j goes on in the next line', (text, args) => {
    expect(wordsOf(itemsOf(`A ${text}`))).toEqual([['A', ...args]]);
  });

  test('a comment is a whole line, and goes on as others do', () => {
    const text = '# one \\\nA still a comment\n  # two\nB # no comment\n';
    expect(wordsOf(itemsOf(text))).toEqual([['B', '#', 'no', 'comment']]);
  });

  test.each([
    ['line ends of DOS', 'A b\r\n\r\nB c\r\n'],
    ['a byte order mark', '\ufeffA b\nB c'],
    ['no line end at the end', 'A b\nB c'],
    ['blanks around', ' \t A b \t\n\n\v\f\nB c'],
  ])('%s are no part of the words', (_, text) => {
    expect(wordsOf(itemsOf(text))).toEqual([
      ['A', 'b'],
      ['B', 'c'],
    ]);
  });

  test('a directive stands in the line of its name', () => {
    const [first, second] = itemsOf('\nA b \\\n c\n\nB\n');
    expect([first?.place, second?.place]).toEqual([
      { file: 'httpd.conf', line: 2 },
      { file: 'httpd.conf', line: 5 },
    ]);
  });

  test('a directive is told as it is written, in one line', () => {
    const [directive, section] = itemsOf(
      'Define V x\n  ProxyPass "/a  b" \\\n\t${V}\n<Location "/x"> # here\n</Location>',
    );
    expect(directive?.text).toBe('ProxyPass "/a b" ${V}');
    expect(section?.text).toBe('<Location "/x">');
  });

  /** What a caret would stand under. */
  function under({ lineText, column, length, place }: Argument): readonly [number, string] {
    return [place.line, lineText.slice(column - 1, column - 1 + length)];
  }

  test('an argument points at where it is written, quotes included', () => {
    const [item] = itemsOf('\tA  b "c d" \\\n   e \\\n"f \\\ng"');
    expect([item!.head, ...item!.args].map(under)).toEqual([
      [1, 'A'],
      [1, 'b'],
      [1, '"c d"'],
      [2, 'e'],
      // As far as it reaches in the line that it begins in.
      [3, '"f \\'],
    ]);
  });

  test('an argument points at the variable that it comes from', () => {
    const [item] = itemsOf('Define V "b  c"\nA x${V}y \\\n ${V}', { env: {} });
    expect(item!.args.map((argument) => [argument.text, ...under(argument)])).toEqual([
      ['xb', 2, 'x${V}'],
      ['cy', 2, '${V}y'],
      ['b', 3, '${V}'],
      ['c', 3, '${V}'],
    ]);
  });

  test.each([
    ['\u0001\u0002 x', '1:1'],
    ['ok\n  \ufffd\ufffd x', '2:3'],
    ['= x', '1:1'],
    ['${NOBODY} x', '1:1'],
    ['"Two words" x', '1:1'],
  ])('no directive is called as in %j', (text, place) => {
    expect(problemsOf(text)).toEqual([
      `${place} no directive is called so; begin the line with a name, or with # if it is a comment`,
    ]);
  });

  test('a text with a NUL is none', () => {
    expect(problemsOf('A b\nC \0\u0001d\n<Location')).toEqual([
      '2:3 a NUL character: this is no text; save the file as UTF-8 text',
    ]);
  });
});
