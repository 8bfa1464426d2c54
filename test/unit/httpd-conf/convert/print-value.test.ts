import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { layOut } from '../../../../src/httpd-conf/convert/layout.ts';
import { printInComment, printText } from '../../../../src/httpd-conf/convert/print-text.ts';
import { printValue } from '../../../../src/httpd-conf/convert/print-value.ts';
import { createRandom, type Random } from '../../../support/seeded-random.ts';
import { isFormatted } from './support.ts';

const print = (value: unknown): string => layOut(['const value = ', printValue(value, () => 'named'), ';\n']);

test.each([
  ['plain', `'plain'`],
  ["it's", `"it's"`],
  [`"it's"`, `'"it\\'s"'`],
  ['\\d\n\r\t\0', String.raw`'\\d\n\r\t\u0000'`],
  ['\u2028\u2029\u202e\ufeff', String.raw`'\u2028\u2029\u202e\ufeff'`],
  ['café 漢 😀 \ud800', String.raw`'café \u6f22 \ud83d\ude00 \ud800'`],
  ['`${process.exit()}` */ //', "'`${process.exit()}` */ //'"],
])('the text %j is written %s', (text, literal) => {
  expect(printText(text)).toBe(literal);
  expect(runInNewContext(literal)).toBe(text);
});

test.each([
  ['*/ evil() /*', '*/ evil() /*'],
  ['a\nevil()', String.raw`a\nevil()`],
  ['a\u2028evil()\u2029\r', String.raw`a\u2028evil()\u2029\r`],
])('in a comment, %j stays one line', (text, shown) => {
  expect(printInComment(text)).toBe(shown);
});

describe('objects and lists', () => {
  test.each([
    [{ a: 1, 'b-c': [], constructor: {}, left: undefined }, `{ a: 1, 'b-c': [], constructor: {} }`],
    [JSON.parse('{"__proto__": 1}'), `{ ['__proto__']: 1 }`],
    [[1e21, -1, Infinity, 0.5], '[1e21, -1, Infinity, 0.5]'],
    [[{ a: 1, b: 2 }], '[{ a: 1, b: 2 }]'],
    [() => 1, 'named'],
    [/^\/(.*)$/i, String.raw`/^\/(.*)$/i`],
    [/(?<name>a)\k<name>/, String.raw`new RegExp('(?<name>a)\\k<name>')`],
    [/\p{L}/iu, String.raw`new RegExp('\\p{L}', 'iu')`],
  ])('%p', (value: unknown, code) => {
    expect(print(value)).toBe(`const value = ${code};\n`);
  });

  test('lines break where prettier breaks them', () => {
    expect(
      print({
        name: 'n',
        members: [
          { url: 'http://a', route: 'a' },
          { url: 'http://b', route: 'b' },
        ],
      }),
    ).toBe(
      `const value = {
  name: 'n',
  members: [
    { url: 'http://a', route: 'a' },
    { url: 'http://b', route: 'b' },
  ],
};
`,
    );
  });

  test('what has no text is refused', () => {
    expect(() => print({ at: Symbol('at') })).toThrow(TypeError);
  });
});

const letters = [
  'a',
  'b',
  '/',
  '.',
  '-',
  ' ',
  "'",
  '"',
  '\\',
  '\n',
  '\u2028',
  'é',
  '漢',
  '`',
  '${x}',
  '*/',
  '😀',
];
const keys = [
  'at',
  'to',
  'url',
  'members',
  'proxypassreverse',
  'a-b',
  '__proto__',
  '1',
  'default',
  'é',
  '漢',
];

/** A value of any shape that a definition could have. */
function makeValue(random: Random, depth: number): unknown {
  const text = (): string =>
    Array.from({ length: random.below(random.below(90) + 1) }, () => random.oneOf(letters)).join('');
  const length = random.below(6);
  const shape = random.below(100);
  if (depth === 0 || shape < 35) {
    const patterns = [/^\/(.*)$/i, new RegExp('x'.repeat(length * 20)), /\p{L}+/u];
    return random.oneOf([text(), text(), random.below(1e6), -1, 1e21, true, ...patterns]);
  }
  if (shape < 45) return Array.from({ length }, () => random.below(1e9));
  if (shape < 65) return Array.from({ length }, () => makeValue(random, depth - 1));
  // As JSON makes them: a key of a table may be __proto__.
  return Object.fromEntries(
    Array.from({ length }, () => [
      random.happens(80) ? random.oneOf(keys) : text(),
      makeValue(random, depth - 1),
    ]),
  );
}

test('whatever is written, prettier leaves it as it is, and it is the same value', async () => {
  const random = createRandom(5);
  for (let i = 0; i < 500; i += 1) {
    const value = { value: makeValue(random, 4) };
    const code = print(value);
    expect([await isFormatted(code), code]).toEqual([true, code]);
    // In this realm, so that patterns are equal.
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- it is what is tested
    const read = (new Function(`${code} return value;`) as () => unknown)();
    expect(read).toEqual(value);
  }
});
