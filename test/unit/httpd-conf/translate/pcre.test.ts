import { describe, expect, test } from '@jest/globals';
import { translatePcre } from '../../../../src/httpd-conf/translate/pcre.ts';

function translate(pattern: string, flags?: string): RegExp {
  const translated = translatePcre(pattern, flags);
  if (translated instanceof RegExp) return translated;
  throw new Error(`${pattern}: ${translated.problem}`);
}

describe('what httpd users write', () => {
  test.each([
    [String.raw`^/app`, String.raw`/^\/app/`],
    [String.raw`^(/.*)$`, String.raw`/^(\/.*)$/s`],
    [String.raw`^/([^/]+)/v(\d+)/`, String.raw`/^\/([^/]+)\/v(\d+)\//`],
    [String.raw`\.(gif|jpe?g|png)$`, String.raw`/\.(gif|jpe?g|png)$/`],
    [String.raw`^/app(?!/static)(.*)`, String.raw`/^\/app(?!\/static)(.*)/s`],
    [String.raw`!(.*)$`, String.raw`/!(.*)$/s`],
    [String.raw`!([^!]*)$`, String.raw`/!([^!]*)$/`],
    [String.raw`^\/escaped\-\_$`, String.raw`/^\/escaped-_$/`],
    [String.raw`{id}`, String.raw`/\{id\}/`],
    [String.raw`a]b}`, String.raw`/a\]b\}/`],
    [String.raw`a{2}b{1,}c{3,4}?d{,5}`, String.raw`/a{2}b+c{3,4}?d\{,5\}/`],
    ['', '/(?:)/'],
    ['^/straße/[äöü]', String.raw`/^\/straße\/[äöü]/`],
  ])('%s becomes %s', (pattern, expected) => {
    expect(String(translate(pattern))).toBe(expected);
  });
});

describe('what PCRE writes otherwise', () => {
  test.each([
    ['[[:alpha:]_]+', '/[A-Za-z_]+/'],
    ['[^[:digit:]]', '/[^0-9]/'],
    ['[[:^alnum:]]', String.raw`/[\x00-/:-@[-${'`'}{-\uffff]/`],
    ['[[:space:]]', String.raw`/[\t-\r ]/`],
    ['(?i)[[:^upper:]]', String.raw`/[\x00-@[-${'`'}{-\uffff]/`],
    ['[]a]', String.raw`/[\]a]/`],
    ['[^]a]', String.raw`/[^\]a]/`],
    ['[a[]', '/[a[]/'],
    [String.raw`[\w.-]`, String.raw`/[\w.\-]/`],
    [String.raw`[\Q]^-\E]`, String.raw`/[\]\^\-]/`],
    [String.raw`[\x80-\xff]`, String.raw`/[\x80-\uffff]/`],
    [String.raw`[\b]`, String.raw`/[\x08]/`],
    [String.raw`\A/x\z`, String.raw`/^\/x$/`],
    [String.raw`/x\Z`, String.raw`/\/x(?=\n?$)/`],
    [String.raw`\h\s`, String.raw`/[\t \xa0][\t-\r ]/`],
    [String.raw`\N\V`, String.raw`/[\x00-\t\v-\uffff][\x00-\t\x0e-\x84\x86-\uffff]/`],
    [String.raw`\Qa.b*\E+`, String.raw`/a\.b\*+/`],
    [String.raw`\Qa.b`, String.raw`/a\.b/`],
    [String.raw`\x{2f}\x2F\o{57}\057\a\e\cA`, String.raw`/\/\/\/\/\x07\x1b\x01/`],
    [String.raw`\<a\>`, '/<a>/'],
    ['(?P<n>x)-(?P=n)', String.raw`/(?<n>x)-\1/`],
    [String.raw`(?<n>x)\k<n>\k{n}\k'n'\g{n}\g1\g{-1}`, String.raw`/(?<n>x)\1\1\1\1\1\1/`],
    [String.raw`(?'n'x)(?:\1)0`, String.raw`/(?<n>x)(?:\1)0/`],
    [String.raw`(x)\1\x30`, String.raw`/(x)\1(?:0)/`],
    [String.raw`(x)\11`, String.raw`/(x)\t/`],
    ['(?#why)a(?#so)+', '/a+/'],
    ['(?x) a b [ ] # c', '/ab[ ]/'],
    ['(?-s).', String.raw`/[^\n]/`],
    ['(?m)^a$', String.raw`/(?:^|(?<=\n)(?!$))a(?=\n|$)/`],
    ['a**', '/(?:a*)*/'],
    ['a{2}{3}', '/(?:a{2}){3}/'],
    ['😀+', '/(?:😀)+/'],
    ['(?<=ab|c)d(?<!x)', '/(?<=ab|c)d(?<!x)/'],
  ])('%s becomes %s', (pattern, expected) => {
    expect(String(translate(pattern))).toBe(expected);
  });

  test('a dot matches a line feed, as RegexDefaultOptions has it: no encoded one slips past a rule', () => {
    expect(translate('^/private/.*$').test('/private/a\nb')).toBe(true);
    expect(translate('^/a$').test('/a\n')).toBe(false);
    expect(translate(String.raw`^/a\Z`).test('/a\n')).toBe(true);
  });
});

describe('case', () => {
  test.each([
    ['^/Foo[a-c]', 'i', String.raw`/^\/Foo[a-c]/i`],
    ['(?i)^/Foo[a-c]', '', String.raw`/^\/Foo[a-c]/i`],
    ['(?i:foo)', '', '/(?:foo)/i'],
    ['(?i:1-2)/Foo', '', String.raw`/(?:1-2)\/Foo/`],
    ['(?i:fo)/Bar', '', String.raw`/(?:[fF][oO])\/Bar/`],
    ['(?i:[a-c5X])B', '', '/(?:[a-cA-C5Xx])B/'],
    ['a(?-i:b)', 'i', '/[aA](?:b)/'],
    ['(a(?i)b|c)d', '', '/(a[bB]|[cC])d/'],
    ['(?i:[Y-b])Z', '', '/(?:[Y-byzAB])Z/'],
  ])('%s with flags "%s" becomes %s', (pattern, flags, expected) => {
    expect(String(translate(pattern, flags))).toBe(expected);
  });
});

describe('atomic groups and possessive quantifiers', () => {
  test.each([
    ['^(?>ab|a)c', 'abc', 'abc'],
    ['^(?>a|ab)c', 'abc', undefined],
    ['^a++a', 'aaa', undefined],
    ['^[^/]*+/', 'ab/', 'ab/'],
    ['^(/x)/(?>y*)$', '/x/yy', '/x/yy'],
    ['^(?:a?+b)+$', 'abb', 'abb'],
    ['^a{1,2}+a', 'aa', undefined],
  ])('%s on %s', (pattern, text, expected) => {
    expect(translate(pattern).exec(text)?.[0]).toBe(expected);
  });

  test('keep the numbers of groups before them', () => {
    expect(translate('^/(a)(b)(?>c|d)').exec('/abc')?.slice(1, 3)).toEqual(['a', 'b']);
  });
});

describe('refuses, and says what to write', () => {
  test.each([
    ['*.html', 0, 'nothing in front', 'write .*'],
    ['(a', 0, 'a group is not closed', 'write )'],
    ['a)', 1, 'closes nothing', String.raw`write \)`],
    ['[a', 0, 'a class is not closed', 'write ]'],
    ['[z-a]', 1, 'backwards', 'smaller one first'],
    [String.raw`[a-\d]`, 1, 'cannot end in a set', String.raw`\-`],
    [String.raw`[\d-z]`, 1, 'cannot begin with a set', String.raw`\-`],
    ['[[:foo:]]', 1, "no class '[:foo:]'", '[:alpha:]'],
    ['[[.a.]]', 1, "no class '[.a.]'", '[:alpha:]'],
    ['[:alpha:]', 0, 'within a class only', 'write [[:alpha:]]'],
    ['a\\', 1, 'ends in a backslash', '\\\\'],
    [String.raw`a\y`, 1, String.raw`PCRE knows no \y`, 'write y'],
    [String.raw`\p{L}`, 0, String.raw`JavaScript knows no \p`, '[A-Za-z]'],
    [String.raw`/a\Kb`, 2, String.raw`JavaScript knows no \K`, '$1'],
    [String.raw`\xe9`, 0, 'a byte beyond ASCII', 'the character itself'],
    [String.raw`\x{zz}`, 0, 'hexadecimal', String.raw`\x{2f}`],
    [String.raw`\x{2f`, 0, 'not closed', 'write }'],
    ['[😀]', 1, 'two characters', '(?:😀|…)'],
    ['(?R)', 0, 'recursion', 'as often as'],
    ['(a)(?1)', 3, 'recursion', 'as often as'],
    ['(?|a|b)', 0, 'groups of one number', '$n'],
    ['(a)?(?(1)b)', 4, 'conditions', 'alternatives'],
    ['(?U)a', 0, 'such modes', '*?'],
    ['(*UTF8)a', 0, '(*VERB)', 'leave it out'],
    ['^*', 1, 'repeat in a place', 'in front'],
    ['(?=a)+', 5, 'repeat in a place', 'in front'],
    ['a{3,2}', 1, 'backwards', 'smaller'],
    ['a{70000}', 1, '65535', 'smaller'],
    [String.raw`\1(a)`, 0, 'no group 1', 'behind the group'],
    [String.raw`(a\1)`, 2, 'not closed yet', 'behind the group'],
    [String.raw`(a)\k<b>`, 3, "no group 'b'", 'name of a group'],
    ['(?<n>a)(?<n>b)', 7, "two groups 'n'", 'another name'],
    [String.raw`(a)?\1`, 4, 'may not have matched', 'alternatives'],
    [String.raw`(?:(a)|b)\1`, 9, 'may not have matched', 'alternatives'],
    [String.raw`(?!(a))\1`, 7, 'may not have matched', 'alternatives'],
    ['(?:(a)|b)*', 9, 'keeps an older text', '(?:…)'],
    ['(.*)*', 4, 'captures nothing', '(?:…)'],
    ['(?:a*?)?', 7, 'rather match nothing', 'matches something'],
    ['(?:|a)*', 6, 'rather match nothing', 'matches something'],
    ['(?>a)(b)', 0, 'atomic group', '(?:…)'],
    ['a*+(b)', 1, 'possessive', '*+'],
    ['(?<=a+)b', 0, 'one length', 'without *'],
    ['(?<=(a))b', 0, 'lookbehind', '(?:…)'],
    ['((((a{100}){100}){100}){100})', 0, 'multiply', 'smaller numbers'],
    ['('.repeat(300), 200, 'nested too deeply', 'fewer'],
  ])('%s', (pattern, at, problem, advice) => {
    const fault = translatePcre(pattern);
    expect(fault).toEqual({
      problem: expect.stringContaining(problem),
      advice: expect.stringContaining(advice),
      at,
      length: expect.any(Number),
    });
  });

  test('what is too long, and flags that there are not', () => {
    expect(translatePcre('a'.repeat(4097))).toEqual({
      problem: 'it has 4097 characters, of at most 4096',
      advice: 'write a shorter pattern, or several rules',
    });
    expect(translatePcre('a', 'g')).toMatchObject({ problem: "there are no such flags: 'g'" });
    expect(translatePcre('a'.repeat(4096))).toBeInstanceOf(RegExp);
  });
});

describe('never throws', () => {
  const parts =
    String.raw`a|A|.|\|(|)|(?|[|]|[^|{|}|{2}|*|+|?|^|$|-|:|[:alpha:]|(?i)|(?>|(?<|(?<=|\Q|\E|\x{|\1|\k<|=|!|#|😀|é|\u0000|/`.split(
      '|',
    );

  test('at whatever comes, and a RegExp can be used', () => {
    let seed = 7;
    const next = (below: number): number => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return (seed >>> 8) % below;
    };
    let translated = 0;
    for (let i = 0; i < 5000; i++) {
      const pattern = Array.from({ length: 1 + next(9) }, () => parts[next(parts.length)]!).join('');
      const result = translatePcre(pattern, next(2) === 0 ? '' : 'i');
      if (!(result instanceof RegExp)) {
        expect(result).toMatchObject({ problem: expect.any(String), advice: expect.any(String) });
        expect(result.at ?? 0).toBeLessThanOrEqual(pattern.length);
        continue;
      }
      translated += 1;
      expect(() => result.exec('/aA1]')).not.toThrow();
      expect(new RegExp(result.source, result.flags).source).toBe(result.source);
    }
    expect(translated).toBeGreaterThan(500);
  });
});
