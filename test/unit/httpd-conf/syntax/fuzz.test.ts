import { describe, expect, test } from '@jest/globals';
import { HttpdConfError } from '../../../../src/httpd-conf/conf-error.ts';
import { parseText } from '../../../support/conf.ts';
import { createRandom, type Random } from '../../../support/seeded-random.ts';
import { tooLong } from '../../../support/too-long.ts';

const pieces = [
  '<Location /x>',
  '</Location>',
  '<IfModule mod_proxy.c>',
  '<IfModule !x>',
  '</IfModule>',
  '<IfVersion ',
  '>= 2',
  '~ ^2>',
  '</IfVersion>',
  '<Macro M $x @y>',
  '</Macro>',
  'Use M 1 2',
  'UndefMacro M',
  'Define V ',
  'Define W ${V}',
  'UnDefine V',
  '${V}',
  '${',
  '}',
  'ProxyPass / http://a/',
  'Include /etc/passwd',
  'ServerRoot /',
  '"',
  "'",
  '\\',
  '\\\\',
  '<',
  '</',
  '>',
  '#',
  '$x',
  '@y',
  ' ',
  '\t',
  '\r',
  '\n',
  '\r\n',
  '\\\n',
  '\\\r\n',
  '\u0000',
  '\u001b[31m',
  '\ufeff',
  '\u202e',
  '\ud800',
  '😀',
  'é',
  '<IfDefine V>',
  '</IfDefine>',
  '<If',
  '<Proxy balancer://c',
  'LoadModule a b.so',
  'constructor',
];

function writeJunk(random: Random): string {
  const length = random.below(60);
  return Array.from({ length }, () =>
    random.happens(30)
      ? '\n'
      : random.happens(5)
        ? String.fromCharCode(random.below(0x300))
        : random.oneOf(pieces),
  ).join('');
}

describe('junk', () => {
  test('ends in items, or in problems that can be shown', () => {
    let items = 0;
    let problems = 0;
    for (let seed = 1; seed <= 2_000; seed += 1) {
      const text = writeJunk(createRandom(seed));
      const parsed = parseText(text, { defines: seed % 2 ? ['V'] : { V: '<x>' } });
      items += parsed.items.length;
      problems += parsed.ledger.problems().length;
      const rows = text.split('\n').length;
      for (const { line, column, length, text: row } of parsed.ledger.problems()) {
        expect([line, column, length].every((number) => number >= 1)).toBe(true);
        expect(line).toBeLessThanOrEqual(rows);
        expect(column).toBeLessThanOrEqual(row.length + 1);
      }
      expect(new HttpdConfError(parsed.ledger.problems()).message).not.toMatch(
        /[^\P{Cc}\n\t]|\u202e|\p{Cs}/u,
      );
      for (const notice of parsed.ledger.notices()) {
        expect(notice.directive + notice.why).not.toMatch(/\p{Cc}|\u202e|\p{Cs}/u);
      }
    }
    expect(items).toBeGreaterThan(500);
    expect(problems).toBeGreaterThan(1_000);
  });

  const megabyte = 1_000_000;

  test.each([
    ['backslashes', '\\'],
    ['backslashes at line ends', '\\\n'],
    ['variables that do not end', '${'],
    ['variables', '${a}'],
    ['variables, line by line', 'A ${${a}\n'],
    ['angle brackets', '<'],
    ['angle brackets, line by line', '<\n'],
    ['sections', '<a>\n'],
    ['ends of sections', '</a>\n'],
    ['sections that are left out', '<IfDefine a>\n'],
    ['quotes', '"'],
    ['quotes, line by line', 'A "\n'],
    ['blanks', ' '],
    ['blanks and one letter', 'A \t'],
    ['line ends', '\n'],
    ['carriage returns', '\r'],
    ['comments that go on', '#\\\n'],
    ['definitions', 'Define a a\n'],
    ['macros', '<Macro m $a>\n</Macro>\nUse m 1\n'],
    ['nested macros', '<Macro m $a>\n'],
    ['NULs', '\0'],
    ['directives', 'A b\n'],
    ['no letters', '=\n'],
  ])('a megabyte of %s is done with soon', (_, unit) => {
    const text = unit.repeat(megabyte / unit.length);
    const began = performance.now();
    const { ledger } = parseText(text);
    const { message } = new HttpdConfError(ledger.problems());
    ledger.notices();
    expect(message.length).toBeLessThan(100_000);
    expect(performance.now() - began).toBeLessThan(tooLong);
  });

  test('ten megabytes are refused at once', () => {
    const { items, ledger } = parseText('ProxyPass / http://a/\n'.repeat(500_000));
    expect(items).toEqual([]);
    expect(ledger.problems()).toMatchObject([
      { line: 1, text: 'ProxyPass / http://a/', problem: 'the text is 11000000 characters long' },
    ]);
  });

  test('after a hundred problems the rest is not read', () => {
    const { items, ledger } = parseText('=\n'.repeat(200));
    expect(items).toEqual([]);
    expect(ledger.problems()).toHaveLength(101);
    expect(ledger.problems().at(-1)).toMatchObject({ line: 100, problem: '100 things are wrong up to here' });
  });
});
