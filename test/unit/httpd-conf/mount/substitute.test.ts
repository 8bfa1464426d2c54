import { describe, expect, test } from '@jest/globals';
import { compileSubstitute } from '../../../../src/httpd-conf/mount/substitute.ts';
import { parseTemplate, printTemplate } from '../../../../src/httpd-conf/mount/substitute-template.ts';
import { tooLong } from '../../../support/too-long.ts';

type Groups = Parameters<ReturnType<typeof compileSubstitute>>[0];

const substitute = (
  template: string,
  rule: Groups,
  condition: Groups,
  options?: Parameters<typeof compileSubstitute>[1],
): ReturnType<ReturnType<typeof compileSubstitute>> => compileSubstitute(template, options)(rule, condition);

const none: readonly (string | undefined)[] = [];

describe('groups are put into a target', () => {
  test.each([
    ['/$1', ['/a/b', 'a/b'], none, '/a/b', undefined],
    ['$1', ['/a', '/a'], none, '/a', undefined],
    ['$0/$9', ['/a'], none, '/a/', undefined],
    ['/%1/$1', ['', 'x'], ['', 'host'], '/host/x', undefined],
    ['', none, none, '/', undefined],
    ['/a$2b', ['', 'x', undefined], none, '/ab', undefined],
    ['/a\\$1\\%1\\\\', ['', 'x'], none, '/a$1%251%5C', undefined],
    ['/a$b%c$', none, none, '/a$b%25c$', undefined],
    ['/a%20b', none, none, '/a0b', undefined],
    ['/a\\%20b', none, none, '/a%20b', undefined],
    ['/a?b=$1', ['', 'c'], none, '/a', '?b=c'],
    ['/a?b=%1&c', none, ['', 'x=1&y=%41'], '/a', '?b=x=1&y=%41&c'],
    ['/a?', none, none, '/a', ''],
    ['/a?$1', ['', ''], none, '/a', ''],
    ['/a?x=1&$1', ['', ''], none, '/a', '?x=1'],
    ['/a?b?c', none, none, '/a', '?b?c'],
    ['?b', none, none, '/', '?b'],
    // As the client has encoded it, so it is sent on.
    ['/$1', ['', 'a%2Fb%3f%25~%7E'], none, '/a%2Fb%3f%25~%7E', undefined],
    ['/ä|{ }"', none, none, '/%C3%A4%7C%7B%20%7D%22', undefined],
    ["/~$-_.+!*'(),;:@&=", none, none, "/~$-_.+!*'(),;:@&=", undefined],
  ])('%s with %j and %j', (template, rule, condition, path, query) => {
    expect(substitute(template, rule, condition)).toEqual({ path, query });
  });

  test.each([
    ['//$1', ['', 'evil'], '/evil', '//evil'],
    ['/$1', ['', '/evil.example/'], '/evil.example/', '//evil.example/'],
    ['$1', ['', 'x.evil.example'], '/x.evil.example', 'x.evil.example'],
    ['$1', ['', '@evil.example'], '/@evil.example', '@evil.example'],
    ['', [], '/', ''],
  ])('%s with %j begins with one slash, unless it is glued as httpd does', (template, rule, path, glued) => {
    expect(substitute(template, rule, none).path).toBe(path);
    expect(substitute(template, rule, none, { isGlued: true }).path).toBe(glued);
  });
});

describe('what a client sends stays where it is put', () => {
  const hostile = [
    '?a=b',
    '#x',
    '\r\nSet-Cookie: a=b',
    '\0',
    ' ',
    '"<>',
    '\\',
    '^`|',
    'é',
    '\u{1f600}',
    '\ud800',
    '%',
    '%zz',
    '%1',
    '$1',
    '%{HTTP_HOST}',
    '\u2028',
  ];

  test.each(hostile)('in a path: %j', (text) => {
    for (const made of [substitute('/a/$1/b', ['', text], none), substitute('/a/%1/b', none, ['', text])]) {
      expect(made.query).toBeUndefined();
      expect(made.path).toMatch(/^\/a\/(?:[\w~$\-.+!*'(),;:@&=]|%[\dA-F]{2})*\/b$/);
    }
  });

  test.each([...hostile, '&admin=1', '+', ';x'])('in a query: %j', (text) => {
    const { path, query } = substitute('/a?b=$1&c=d', ['', text], none);
    expect(path).toBe('/a');
    expect(query).toMatch(/^\?b=(?:[\w~$\-.!*'(),:@=/]|%[\dA-F]{2})*&c=d$/);
    expect(substitute('/a?b=%1', none, ['', text]).query).toMatch(/^\?b=[!$-;=?-~]*$/);
  });

  test('a percent sign of a header is one, whatever it stands before', () => {
    expect(substitute('/%1', none, ['', '%2e%2e/x']).path).toBe('/%252e%252e/x');
  });

  test('a parameter cannot be added from the path', () => {
    expect(substitute('/view?role=guest&name=$1', ['', 'x&role=admin+y'], none).query).toBe(
      '?role=guest&name=x%26role=admin%2By',
    );
    expect(substitute('/view?name=$1', ['', 'x%26role=admin'], none).query).toBe('?name=x%26role=admin');
  });

  test('groups are put in once: what they hold is no template', () => {
    expect(substitute('/$1', ['', '$2%1', 'x'], ['', 'y']).path).toBe('/$2%251');
  });
});

test.each([
  ['a$1b', ['a', { rule: 1 }, 'b']],
  ['%{HTTP:X-A}%2', [{ variable: 'HTTP:X-A' }, { condition: 2 }]],
  ['${map:$1|x}y', [{ map: '${map:$1|x}' }, 'y']],
  ['${map:%{HTTP_HOST}}', [{ map: '${map:%{HTTP_HOST}}' }]],
  ['\\%{X}', ['%{X}']],
  ['%{X', ['%{X']],
  ['$', ['$']],
  ['\\', ['\\']],
])('the template %s is taken apart, and printed again with the same meaning', (template, expected) => {
  const pieces = parseTemplate(template);
  const shown = pieces.map((piece) => {
    switch (piece.kind) {
      case 'text':
        return piece.text;
      case 'rule':
        return { rule: piece.group };
      case 'condition':
        return { condition: piece.group };
      case 'variable':
        return { variable: piece.name };
      case 'map':
        return { map: piece.text };
    }
  });
  expect(shown).toEqual(expected);
  expect(parseTemplate(printTemplate(pieces))).toEqual(pieces);
});

test('a template of any kind is read in a time that its length explains', () => {
  const started = performance.now();
  parseTemplate('%{'.repeat(200_000));
  parseTemplate('$1'.repeat(500_000));
  expect(performance.now() - started).toBeLessThan(tooLong);
});
