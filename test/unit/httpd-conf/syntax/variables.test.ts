import { describe, expect, test } from '@jest/globals';
import { itemsOf, noticesOf, parseText, problemsOf, wordsOf } from '../../../support/conf.ts';

/** The words of the last line. */
function last(text: string, options: Parameters<typeof itemsOf>[1] = {}): unknown {
  return wordsOf(itemsOf(text, options)).at(-1);
}

describe('variables', () => {
  test.each([
    ['Define V x\nA ${V}', ['A', 'x']],
    ['Define V x\nA b${V}c${V}', ['A', 'bxcx']],
    // httpd keeps them in a table that knows no case.
    ['Define V x\nA ${v}', ['A', 'x']],
    // They are put in before the line is taken apart.
    ['Define V "x y"\nA ${V}', ['A', 'x', 'y']],
    ['Define V "x y"\nA "${V}"', ['A', 'x y']],
    ['Define V "\'"\nA ${V}b c', ['A', 'b c']],
    ['Define V x\nDefine W ${V}y\nDefine V z\nA ${W}', ['A', 'xy']],
    // And what is put in is not looked at again.
    ['Define V $\nDefine W {V}\nA ${V}${W}', ['A', '${V}']],
    ['Define V A\n${V} b', ['A', 'b']],
    ['Define V 1\nDefine V\nA ${V}', ['A', '1']],
    ['Define V 1\nDefine V 2\nA ${V}', ['A', '2']],
    ['Define V x\nA ${V', ['A', '${V']],
    ['Define V x\nA $V ${ V} %{V}', ['A', '$V', '${', 'V}', '%{V}']],
    ['Define V x\nUnDefine v\nA ${V}', ['A', '${V}']],
    ['A ${toString}${__proto__}', ['A', '${toString}${__proto__}']],
    ['<Proxy *>\nDefine V x\n</Proxy>\nA ${V}', ['A', 'x']],
    ['<IfDefine X>\nDefine V x\n</IfDefine>\nA ${V}', ['A', '${V}']],
  ])('%j', (text, words) => {
    expect(last(text)).toEqual(words);
  });

  test('a name that no Define has set is looked up in the environment, by its very name', () => {
    const env = { HOST: 'app', toString: undefined };
    expect(last('A ${HOST}:${host}:${toString}', { env })).toEqual(['A', 'app:${host}:${toString}']);
    expect(last('Define HOST own\nA ${HOST}', { env })).toEqual(['A', 'own']);
  });

  test('names defined from the start may have values', () => {
    expect(last('A ${PORT}', { defines: { PORT: '81' } })).toEqual(['A', '81']);
    expect(last('A ${PORT}', { defines: ['PORT'], env: { PORT: '82' } })).toEqual(['A', '82']);
    expect(last('A ${PORT}', { defines: { PORT: undefined }, env: { PORT: '82' } })).toEqual(['A', '82']);
  });

  test('an unknown name stays, and is told with the verdict of its line', () => {
    const { items, ledger } = parseText('A ${X} ${Y} ${X}');
    expect(ledger.has(items[0]!)).toBe(false);
    ledger.take(items[0]!, 'taken');
    expect(ledger.notices()).toEqual([
      {
        kind: 'different',
        directive: 'A ${X} ${Y} ${X}',
        file: 'httpd.conf',
        line: 1,
        why: 'taken; nothing says what ${X} stands for (Define, the environment): it stays as it is; nothing says what ${Y} stands for (Define, the environment): it stays as it is',
      },
    ]);
  });

  test('a map of mod_rewrite is no variable', () => {
    const { items, ledger } = parseText('RewriteRule ^/(.*) ${hosts:$1|none}');
    ledger.take(items[0]!, 'taken');
    expect(ledger.notices()).toMatchObject([{ kind: 'taken', why: 'taken' }]);
  });

  test('what Define and UnDefine have done is told', () => {
    expect(noticesOf('Define X\nDefine V "a b"\nUnDefine X')).toEqual([
      '1 taken: X is defined',
      '2 taken: ${V} stands for a b',
      '3 taken: X is not defined any more',
    ]);
  });

  test.each([
    ['Define', '1:1 Define takes a name, and a value if you like; write Define NAME "value"'],
    ['Define A b c', '1:8 Define takes a name, and a value if you like; write Define NAME "value"'],
    ['Define A:b c', '1:8 a name has no colon; write A_b'],
    ['UnDefine', '1:1 UnDefine takes one name; write UnDefine NAME'],
    ['UnDefine A B', '1:10 UnDefine takes one name; write UnDefine NAME'],
    [
      'LoadModule ssl_module',
      '1:12 LoadModule takes a name and a file; write LoadModule proxy_module modules/mod_proxy.so',
    ],
    ['ServerRoot', '1:1 ServerRoot takes one folder; write ServerRoot "/path"'],
  ])('%j is wrong', (text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  test('variables that double each other do not fill the memory', () => {
    const lines = Array.from({ length: 40 }, (_, i) => `Define V${i + 1} \${V${i}}\${V${i}}`);
    expect(problemsOf(['Define V0 0123456789', ...lines, ''].join('\n'))).toEqual([
      '14:1 the line becomes longer than 65536 characters; look at what its ${NAME} stand for',
    ]);
    const many = `Define V ${'x'.repeat(60_000)}\n${'A ${V}\n'.repeat(1_000)}`;
    expect(problemsOf(many)).toEqual([
      '280:1 there are more than 16777216 characters, with what is included and put in; read a smaller configuration',
    ]);
  });
});
