import { describe, expect, test } from '@jest/globals';
import { itemsOf, noticesOf, parseText, problemsOf, wordsOf } from '../../../support/conf.ts';

describe('macros', () => {
  test('lines are put in where Use names the macro, with its values', () => {
    const text = [
      '<Macro Site $host $port>',
      '# $host',
      '<VirtualHost *:$port>',
      'ServerName $host.\\',
      '  $port',
      '</VirtualHost>',
      '</Macro>',
      'Use Site a 80',
      'Use site "b c" 81',
    ].join('\n');
    expect(wordsOf(itemsOf(text))).toEqual([
      ['VirtualHost', '*:80', [['ServerName', 'a.', '80']]],
      ['VirtualHost', '*:81', [['ServerName', 'b', 'c.', '81']]],
    ]);
  });

  // As httpd's mod_macro has it.
  test.each([
    ['the longest parameter is meant', '<Macro M $x $xy>\nA $xy$x\n</Macro>\nUse M 1 2', [['A', '21']]],
    ['values are not looked at again', '<Macro M $x $y>\nA $x$y\n</Macro>\nUse M $y b', [['A', '$yb']]],
    ['@ puts in one word', '<Macro M @x>\nA @x b\n</Macro>\nUse M "1 \\"2\\\\"', [['A', '1 "2\\', 'b']]],
    ['any other text may be a parameter', '<Macro M x.(>\nA x.( xx(\n</Macro>\nUse M 1', [['A', '1', 'xx(']]],
    [
      'variables are those of the place of use',
      '<Macro M>\nA ${V}\n</Macro>\nDefine V 1\nUse M',
      [['A', '1']],
    ],
    [
      'values are put in for variables first',
      'Define V 1\n<Macro M $x>\nA $x\n</Macro>\nUse M ${V}',
      [['A', '1']],
    ],
    [
      'a macro may use others',
      '<Macro M $x>\nA $x\n</Macro>\n<Macro N $x>\nUse M $x$x\n</Macro>\nUse N 1',
      [['A', '11']],
    ],
    [
      'a macro may define others',
      '<Macro M $x>\n<Macro N $y>\nA $x$y\n</Macro>\n</Macro>\nUse M 1\nUse N 2',
      [['A', '12']],
    ],
    [
      'a macro may open what is closed behind it',
      '<Macro M>\n<Proxy *>\n</Macro>\nUse M\nA\n</Proxy>',
      [['Proxy', '*', [['A']]]],
    ],
    ['the last definition counts', '<Macro M>\nA\n</Macro>\n<Macro m>\nB\n</Macro>\nUse M', [['B']]],
    [
      'flags are no parameters',
      '<Macro M /IgnoreEmptyArgs /IgnoreBadNesting $x>\nA $x\n</Macro>\nUse M 1',
      [['A', '1']],
    ],
    [
      'conditions may stand in it',
      '<Macro M $x>\n<IfDefine $x>\nA\n</IfDefine>\n</Macro>\nDefine Y\nUse M Y\nUse M N',
      [['A']],
    ],
  ])('%s', (_, text, words) => {
    expect(wordsOf(itemsOf(text))).toEqual(words);
  });

  test('what comes from a macro stands where the macro has it, and is told as it was put in', () => {
    const [item] = itemsOf('<Macro M $x>\n  A b$x\n</Macro>\nUse M 123');
    expect(item).toMatchObject({ place: { line: 2 }, text: 'A b123' });
    expect(item!.args[0]).toMatchObject({ text: 'b123', column: 5, length: 3, lineText: '  A b$x' });
  });

  test('a macro has at most a hundred parameters', () => {
    const parameters = Array.from({ length: 101 }, (_, i) => `$${i}`).join(' ');
    expect(problemsOf(`<Macro M ${parameters}>\nA\n</Macro>`)).toEqual([
      '1:1 the macro has 101 parameters; declare at most 100',
    ]);
  });

  test('what became of it is told', () => {
    expect(
      noticesOf(
        '<Macro M>\nDefine X\n</Macro>\nUse M\nUndefMacro m\nMacroIgnoreEmptyArgs\nMacroIgnoreBadNesting',
      ),
    ).toEqual([
      '1 taken: put in where Use names it',
      '4 taken: macro M of httpd.conf:1',
      '2 taken: X is defined',
      '5 taken: macro m is not defined any more',
      '6 taken: no warning is given here',
      '7 taken: no warning is given here',
    ]);
  });

  test.each([
    ['Use M', '1:5 there is no macro M up to here; write <Macro> before it is used'],
    ['<Macro Site>\nA\n</Macro>\nUse Sites', '4:5 there is no macro Sites up to here; write Site'],
    [
      '<Macro M>\nA\n</Macro>\nUndefMacro M\nUse M',
      '5:5 there is no macro M up to here; write <Macro> before it is used',
    ],
    ['Use', '1:1 Use takes the name of a macro; write Use Name value'],
    [
      '<Macro M $x>\nA\n</Macro>\nUse M',
      '4:5 0 values are given to macro M; it takes a value each for $x (httpd.conf:1)',
    ],
    [
      '<Macro M>\nA\n</Macro>\nUse M 1',
      '4:5 1 values are given to macro M; it takes no values (httpd.conf:1)',
    ],
    ['<Macro M>\nUse M\n</Macro>\nUse M', '2:5 macro M uses itself; leave this Use out'],
    ['<Macro>\nA\n</Macro>', '1:1 the macro has no name; write <Macro Name $parameter>'],
    ['<Macro M $x $x>\n</Macro>', '1:1 two parameters are called $x; give each its own name'],
    ['<Macro M "">\n</Macro>', '1:1 a parameter has no name; write it as $name'],
    ['<Macro M>\nA', '1:1 <Macro> is not closed; write </Macro> where it ends'],
    ['<Macro M>\n<Proxy *>\n</Macro>\nUse M', '2:1 <Proxy> is not closed; write </Proxy> where it ends'],
  ])('%j is wrong', (text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  test('macros that double each other come to an end', () => {
    const macros = Array.from(
      { length: 40 },
      (_, i) => `<Macro M${i + 1}>\nUse M${i}\nUse M${i}\n</Macro>\n`,
    );
    const { ledger } = parseText(`<Macro M0>\nA\n</Macro>\n${macros.join('')}Use M40`);
    expect(ledger.problems()).toMatchObject([
      { problem: 'there are more than 200000 lines, with what is included and put in' },
    ]);
  });

  test('macros do not use others without end', () => {
    const macros = Array.from({ length: 60 }, (_, i) => `<Macro M${i + 1}>\nUse M${i}\n</Macro>\n`);
    expect(problemsOf(`<Macro M0>\n</Macro>\n${macros.join('')}Use M60`)).toEqual([
      '34:5 macros use macros 50 deep; write fewer',
    ]);
  });

  test('values do not make lines without end', () => {
    const value = 'x'.repeat(60_000);
    expect(problemsOf(`<Macro M $x>\nA $x$x\n</Macro>\nUse M ${value}`)).toEqual([
      '4:5 a line of the macro becomes longer than 65536 characters; write shorter values',
    ]);
  });
});
