import { describe, expect, test } from '@jest/globals';
import { copyPlain, parseForm, readFields } from '../../../../src/manager/door/fields.ts';

const wrong = (detail: string) =>
  expect.objectContaining({ code: 'ERR_MANAGER_BODY', message: expect.stringContaining(detail) });

describe('a form', () => {
  test.each([
    ['', {}],
    ['a=1&b=2', { a: '1', b: '2' }],
    ['a=x+y%20z%2B', { a: 'x y z+' }],
    ['was.a=%C3%BC&a=', { 'was.a': 'ü', a: '' }],
    ['a', { a: '' }],
    ['a=b=c', { a: 'b=c' }],
    ['constructor=x', { constructor: 'x' }],
  ])('%j', (text, fields) => {
    const read = parseForm(text);
    expect({ ...read }).toEqual(fields);
    expect(Object.getPrototypeOf(read)).toBeNull();
  });

  test.each([
    ['a=1&a=2', "'a' twice"],
    ['a=1&%61=2', "'a' twice"],
    ['a=1&&', "'' twice"],
    ['a=%', 'no UTF-8'],
    ['a=%ff', 'no UTF-8'],
    ['%zz=1', 'no UTF-8'],
    ['__proto__=1', '__proto__'],
    ['%5f_proto__=1', '__proto__'],
    [Array.from({ length: 201 }, (_, i) => `f${i}=`).join('&'), 'more than 200 fields'],
  ])('%j is refused', (text, detail) => {
    expect(() => parseForm(text)).toThrow(wrong(detail));
  });

  test('two hundred fields are not too many', () => {
    const text = Array.from({ length: 200 }, (_, i) => `f${i}=`).join('&');
    expect(Object.keys(parseForm(text))).toHaveLength(200);
  });
});

describe('what a parser has made of a form', () => {
  test('is taken as it is', () => {
    const read = readFields({ a: '1', 'was.a': '' });
    expect({ ...read }).toEqual({ a: '1', 'was.a': '' });
    expect(Object.getPrototypeOf(read)).toBeNull();
  });

  test.each([
    [{ a: ['1', '2'] }, "'a' is no single text"],
    [{ a: { b: '1' } }, "'a' is no single text"],
    [{ a: 1 }, "'a' is no single text"],
    [['a'], 'no fields'],
    [new Map([['a', '1']]), 'no fields'],
    [null, 'no fields'],
    [JSON.parse('{"__proto__":"x"}'), '__proto__'],
    [Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`f${i}`, ''])), 'more than 200 fields'],
  ])('%p is refused', (value, detail) => {
    expect(() => readFields(value)).toThrow(wrong(detail));
  });
});

describe('a JSON value', () => {
  test('is copied, with records that have no prototype', () => {
    const value = { a: [{ b: null }, 1, 'x', true], constructor: {} };
    const copy = copyPlain(value) as { a: readonly object[] };
    expect(JSON.stringify(copy)).toBe(JSON.stringify(value));
    expect(Object.getPrototypeOf(copy)).toBeNull();
    expect(Object.getPrototypeOf(copy.a[0])).toBeNull();
  });

  test('may be eight levels deep', () => {
    const nest = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));
    expect(copyPlain(nest(8))).toEqual(nest(8));
    expect(() => copyPlain(nest(9))).toThrow(wrong('more than 8 levels'));
  });

  test('may have two thousand values', () => {
    const list = (length: number): unknown => Array.from({ length }, () => 0);
    expect(copyPlain(list(1999))).toHaveLength(1999);
    expect(() => copyPlain(list(2000))).toThrow(wrong('more than 2000 values'));
  });

  test.each([
    [JSON.parse('{"__proto__":{"x":1}}'), '__proto__'],
    [JSON.parse('[{"a":{"__proto__":1}}]'), '__proto__'],
    [new Date(0), 'no JSON'],
    [{ a: new Map() }, 'no JSON'],
  ])('%p is refused', (value, detail) => {
    expect(() => copyPlain(value)).toThrow(wrong(detail));
  });
});
