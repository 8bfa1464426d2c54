import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { checkExpectation } from '../../../../src/definition/check-hcexpect.ts';
import type { HcAnswer, HcFunction } from '../../../../src/definition/member-definition.ts';
import { readHcExpr, sourceOf } from '../../../../src/httpd-conf/translate/hc-expr.ts';

function readFunction(text: string): HcFunction {
  const read = readHcExpr(text);
  if (typeof read === 'function') return read;
  throw new Error(`${text}: ${JSON.stringify(read)}`);
}

/** The function that the printed source is. */
function compile(source: string): HcFunction {
  return runInNewContext(`(${source})`) as HcFunction;
}

const statuses = [100, 199, 200, 204, 301, 399, 400, 404, 500, 503, 599];
const bodies = [
  '',
  'OK',
  'ok',
  'RUNNING',
  'Under maintenance',
  'a\nb',
  '200',
  '0',
  'off',
  "it's `${x}`\u2028\\",
];
const headerSets: readonly HcAnswer['headers'][] = [
  {},
  { 'content-type': 'text/html', 'x-load': '12abc' },
  { 'content-type': 'application/json', 'x-load': '7', 'x-ready': 'Yes' },
  { 'set-cookie': ['a=1', 'b=2'], 'x-load': ' -3', 'x-ready': '' },
];
const answers: readonly HcAnswer[] = statuses.flatMap((status) =>
  bodies.flatMap((body) => headerSets.map((headers) => ({ status, body, headers }))),
);

describe('the source of an expression', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['{%{REQUEST_STATUS} =~ /^[234]/}', '({ status }) => /^[234]/.test(String(status))'],
    ['{%{REQUEST_STATUS} =~ /^[5]/}', '({ status }) => /^[5]/.test(String(status))'],
    ["{hc('body') !~ /Under maintenance/}", '({ body }) => !/Under maintenance/.test(body)'],
    ['%{HC_BODY} =~ m#ru+n.ing#i', '({ body }) => /ru+n.ing/is.test(body)'],
    ['%{hc:body} == "OK"', "({ body }) => body === 'OK'"],
    ['tolower(hc("body")) == \'ok\'', "({ body }) => body.toLowerCase() === 'ok'"],
    [
      "toupper(resp('X-Ready')) = 'YES'",
      "({ headers }) => String(headers['x-ready'] ?? '').toUpperCase() === 'YES'",
    ],
    ['%{REQUEST_STATUS} != 404', '({ status }) => status !== 404'],
    ['%{REQUEST_STATUS} < 400', '({ status }) => status < 400'],
    [
      '%{REQUEST_STATUS} -ge 200 && %{REQUEST_STATUS} -lt 400',
      '({ status }) => status >= 200 && status < 400',
    ],
    [
      '%{REQUEST_STATUS} ge 200 and not %{REQUEST_STATUS} eq 404',
      '({ status }) => status >= 200 && status !== 404',
    ],
    ['%{REQUEST_STATUS} < "40"', "({ status }) => String(status) < '40'"],
    [
      '%{resp:Content-Type} =~ m|^text/|',
      "({ headers }) => /^text\\//.test(String(headers['content-type'] ?? ''))",
    ],
    [
      '%{resp:X-Load} -lt 10',
      "({ headers }) => (Number.parseInt(String(headers['x-load'] ?? ''), 10) || 0) < 10",
    ],
    ['%{resp:Set-Cookie} == "a=1"', "({ headers }) => ([headers['set-cookie']].flat()[0] ?? '') === 'a=1'"],
    ['-z %{resp:X-Ready}', "({ headers }) => String(headers['x-ready'] ?? '') === ''"],
    ['! -z hc("body")', "({ body }) => body !== ''"],
    ['-n hc("body")', "({ body }) => body !== ''"],
    ['-T hc("body")', '({ body }) => !/^(?:0|off|false|no|)$/i.test(body)'],
    ['!-T hc("body")', '({ body }) => /^(?:0|off|false|no|)$/i.test(body)'],
    ["hc('body') in {'OK', 'ok'}", "({ body }) => ['OK', 'ok'].includes(body)"],
    ['!(%{REQUEST_STATUS} in { 500, 503 })', '({ status }) => ![500, 503].includes(status)'],
    [
      "%{REQUEST_STATUS} -eq 200 || hc('body') =~ /a/ && hc('body') !~ /b/",
      '({ status, body }) => status === 200 || (/a/.test(body) && !/b/.test(body))',
    ],
    [
      "(%{REQUEST_STATUS} -eq 200 || hc('body') =~ /a/) && !(hc('body') =~ /b/ || -z hc('body'))",
      "({ status, body }) => (status === 200 || /a/.test(body)) && !(/b/.test(body) || body === '')",
    ],
    [
      '"%{REQUEST_STATUS} %{resp:X-Load}" == "200 7"',
      "({ status, headers }) => `${status} ${String(headers['x-load'] ?? '')}` === '200 7'",
    ],
    ['%{REQUEST_STATUS} . "`${" == "200`${"', "({ status }) => `${status}\\`\\${` === '200`${'"],
    ["hc('body') == 'it\\'s `${x}`'", "({ body }) => body === 'it\\'s `${x}`'"],
    ['hc("body") == "a\\nb\\t\\101\\q"', "({ body }) => body === 'a\\nb\\tAq'"],
    ['true', '() => true'],
    ["'a' == 'b' || 2 -gt 10", '() => false'],
    ["hc('body') == 'OK' && true", "({ body }) => body === 'OK'"],
    ["%{HC_BODY} == 'OK' || 'a' =~ /A/i", '() => true'],
  ];

  test.each(cases)('%s', (text, source) => {
    expect(sourceOf(readFunction(text))).toBe(source);
  });

  test.each(cases)('%s: it and what is evaluated agree on every answer', (text) => {
    const read = readFunction(text);
    const compiled = compile(sourceOf(read)!);
    for (const answer of answers) {
      expect([text, answer, compiled(answer)]).toEqual([text, answer, read(answer)]);
      expect(typeof read(answer)).toBe('boolean');
    }
  });

  test('is not there for functions from elsewhere, or what is none', () => {
    expect(sourceOf(() => true)).toBeUndefined();
    expect(sourceOf([200])).toBeUndefined();
  });
});

// What Apache httpd 2.4 says of the same, in <If>.
describe('evaluates as httpd', () => {
  test.each([
    ["-T 'OFF'", false],
    ["-T '00'", true],
    ["-T ' '", true],
    [String.raw`"c\x41\101" == 'cx41A'`, true],
    ["2.0 == '20'", true],
    ["'abc' -eq 0", true],
    ["'12abc' -eq 12", true],
    ["' 7' -eq 7", true],
    ["'-7' -lt -6", true],
    ["'0x10' -eq 16", false],
    ["'9' < '10'", false],
    ["'9' -lt '10'", true],
    ["'aa' in {'a'}", false],
    ['true || false && false', true],
    ['!false && false || true', true],
    ["!'a' == 'b'", true],
    [String.raw`"a\nb" =~ /a.b/`, true],
    [String.raw`"a\n" =~ /a$/`, false],
    ["'%{tolower:AbC}' == 'abc'", true],
    ['%{resp:No-Such} -eq 0', true],
    ['%{resp:No-Such} =~ /^$/', true],
    ["not 'a' == 'a' or true", true],
  ])('%s is %s', (text, expected) => {
    expect(readFunction(text)({ status: 200, headers: {}, body: '' })).toBe(expected);
  });
});

describe('statuses and nothing else', () => {
  test.each([
    ['{%{REQUEST_STATUS} == 200}', [200]],
    ['200 = %{request_status}', [200]],
    ['%{REQUEST_STATUS} -eq 200 || %{REQUEST_STATUS} == "204"', [200, 204]],
    ['%{REQUEST_STATUS} in { 200, 204, 200 }', [200, 204]],
    ['(%{REQUEST_STATUS} == 2.0.0)', [200]],
    ["%{REQUEST_STATUS} == 200 && hc('body') =~ /ready/", { status: [200], body: /ready/ }],
    ["hc('body') =~ /ready/i && %{REQUEST_STATUS} in {200, 503}", { status: [200, 503], body: /ready/i }],
  ])('%s needs no function', (text, expected) => {
    const read = readHcExpr(text);
    expect(read).toEqual(expected);
  });

  test.each([
    // A pattern by itself would want 200 to 399 too, which httpd does not.
    "hc('body') =~ /ready/",
    '%{REQUEST_STATUS} == 200 || hc("body") == "x"',
    // No status that the definition takes.
    '%{REQUEST_STATUS} == 100',
    '%{REQUEST_STATUS} == 0200',
  ])('%s needs one', (text) => {
    expect(typeof readHcExpr(text)).toBe('function');
  });

  test('a function takes the place of the test for 200 to 399', () => {
    const read = readFunction("hc('body') =~ /ready/");
    expect(read({ status: 503, headers: {}, body: 'ready' })).toBe(true);
    expect(checkExpectation(read, '')).toEqual([]);
  });
});

describe('refuses, with the place', () => {
  test.each([
    ['{%{FOO} == 1}', '%{FOO}', "no variable 'FOO'", '%{REQUEST_STATUS}'],
    ['%{HC_FOO} == 1', '%{HC_FOO}', "no variable 'HC_FOO'", '%{HC_BODY}'],
    ['%{REQUEST_METHOD} == "GET"', '%{REQUEST_METHOD}', 'not known of the answer', '%{resp:Name}'],
    ['%{CONTENT_TYPE} == "x"', '%{CONTENT_TYPE}', 'empty', '%{resp:Content-Type}'],
    ["{md5('x') == 1}", "md5('x')", "no function 'md5'", "resp('Name')"],
    ["env('x') == 1", "env('x')", "no function 'env'", 'hcexpect'],
    ["http('Host') == 1", "http('Host')", 'what the check has sent', "resp('Name')"],
    ["hc('head') == 1", "hc('head')", 'the body alone', "hc('body')"],
    ['%{resp:} == 1', '%{resp:}', 'no name of a header', 'Content-Type'],
    ['%{resp:constructor} == 1', '%{resp:constructor}', 'no name of a header', 'Content-Type'],
    ['%{resp:__proto__} == 1', '%{resp:__proto__}', 'no name of a header', 'Content-Type'],
    ['%{resp:%{HC_BODY}} == 1', '%{resp:%{HC_BODY}}', 'written out', 'Content-Type'],
    ['hc(body) == 1', 'body', 'is no text', "'body'"],
    ['TRUE', 'TRUE', 'is no text', "'TRUE'"],
    ["$1 == 'a'", '$1', 'always empty', '=~'],
    ["'a$1' == 'a'", '$1', 'always empty', '=~'],
    [String.raw`%{REQUEST_STATUS} =~ /a\/b/`, String.raw`\/`, 'ends the pattern', 'm#…#'],
    ['%{REQUEST_STATUS} =~ /a/g', 'g', 'no flag g', 'write i'],
    ['%{REQUEST_STATUS} =~ /a', '/', 'not closed', 'write /'],
    ['%{REQUEST_STATUS} =~ m{a}', 'm', 'cannot stand here', '/…/'],
    ["%{REQUEST_STATUS} =~ 'a'", "'a", 'cannot stand here', '/…/'],
    ['{hc("body") =~ /a(b/}', '(b', 'a group is not closed', String.raw`\(`],
    ["'a' -strmatch 'b'", '-strmatch', 'no comparison -strmatch', '=~'],
    ["-f 'b'", '-f', 'no condition -f', '-z'],
    ['%{REQUEST_STATUS} == 200 == true', '==', 'cannot stand here', '&&'],
    ['%{REQUEST_STATUS} == 200 true', 'true', 'cannot stand here', '&&'],
    ['%{REQUEST_STATUS} <> 200', '>', 'cannot stand here', 'a text'],
    ['(%{REQUEST_STATUS}) == 200', ')', 'cannot stand here', 'a comparison'],
    ['%{REQUEST_STATUS} in { }', '}', 'cannot stand here', 'a text'],
    ['%{REQUEST_STATUS} in 200', '200', 'cannot stand here', 'a list'],
    ["'a' == 'b", "'b", 'a text is not closed', "write '"],
    ["'a' == '%{x", '%{', 'a variable is not closed', 'write }'],
    ["'a' == '%{'", '%{', 'begins a variable', 'its name'],
    [String.raw`'a' == '\300'`, String.raw`\300`, 'byte beyond ASCII', 'the character itself'],
    [String.raw`'a' == '\8'`, String.raw`\8`, String.raw`no escape \8`, 'write 8'],
    ['%{REQUEST_STATUS} == #', '#', 'cannot stand here', 'quotes'],
    ['(true', 'e', 'ends too early', 'write )'],
    ['true &&', '&', 'ends too early', 'a text'],
  ])('%s', (text, place, problem, advice) => {
    const fault = readHcExpr(text);
    expect(fault).toMatchObject({
      problem: expect.stringContaining(problem),
      advice: expect.stringContaining(advice),
    });
    const { at = -1, length = 0 } = fault as Readonly<{ at?: number; length?: number }>;
    expect(length).toBeGreaterThan(0);
    const [shorter, longer] = [place, text.slice(at, at + length)].toSorted((a, b) => a.length - b.length);
    expect(longer!.startsWith(shorter!)).toBe(true);
    expect(at).toBe(text.lastIndexOf(place));
  });

  test.each(['', '{}', '   ', '{ }'])('nothing: "%s"', (text) => {
    expect(readHcExpr(text)).toMatchObject({ problem: 'it ends too early', length: 1 });
  });

  test('what is too long, or too deep', () => {
    expect(readHcExpr(`hc('body') == '${'a'.repeat(5000)}'`)).toMatchObject({
      problem: expect.stringContaining('of at most 4096'),
    });
    for (const open of ['(', '!', 'tolower(']) {
      expect(readHcExpr(`${open.repeat(500)}true`)).toMatchObject({ problem: 'it is nested too deeply' });
    }
  });
});

test('never throws, and whatever it reads agrees with its source', () => {
  const parts = [
    '%{REQUEST_STATUS}',
    "hc('body')",
    '%{resp:X-Load}',
    '200',
    "'a'",
    '"%{HC_BODY}x"',
    'tolower(',
    '(',
    ')',
    '{',
    '}',
    ',',
    ' == ',
    ' -lt ',
    ' < ',
    ' =~ ',
    ' !~ ',
    '/^2/',
    'm#o#i',
    ' && ',
    ' || ',
    '!',
    '-z ',
    ' in ',
    ' . ',
    'true',
    '$1',
    '\\',
    "'",
    '\u0000',
  ];
  let seed = 11;
  const next = (below: number): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return (seed >>> 8) % below;
  };
  const pick = (): string => parts[next(parts.length)]!;
  const words = parts.slice(0, 6);
  const word = (): string => words[next(words.length)]!;
  const condition = (depth: number): string => {
    const kind = next(depth > 0 ? 9 : 6);
    if (kind === 0) return `${word()} =~ /${next(5)}|o/i`;
    if (kind === 1) return `-z ${word()}`;
    if (kind === 2) return `${word()} in { ${word()}, ${word()} }`;
    if (kind === 3) return `-T ${word()} . ${word()}`;
    if (kind < 6)
      return `${word()} ${['==', '!=', '<', '>=', '-eq', '-ne', '-gt', '-le'][next(8)]!} ${word()}`;
    if (kind === 6) return `!(${condition(depth - 1)})`;
    return `(${condition(depth - 1)}) ${kind === 7 ? '&&' : '||'} ${condition(depth - 1)}`;
  };
  let compared = 0;
  for (let i = 0; i < 3000; i++) {
    const isSound = i % 2 === 0;
    const text = isSound ? condition(3) : Array.from({ length: 1 + next(8) }, pick).join('');
    const read = readHcExpr(text);
    if (typeof read !== 'function') {
      if ('problem' in read) expect([text, isSound]).toEqual([text, false]);
      continue;
    }
    const compiled = compile(sourceOf(read)!);
    const answer = answers[next(answers.length)]!;
    expect([text, compiled(answer)]).toEqual([text, read(answer)]);
    compared += 1;
  }
  expect(compared).toBeGreaterThan(1000);
});
