import { describe, expect, test } from '@jest/globals';
import { findNews, type Listing, type News } from '../../../../src/manager/live/news.ts';
import type { Cell } from '../../../../src/manager/page/cells.ts';

type Plain = Readonly<{
  parts?: Record<string, string>;
  order?: Record<string, readonly string[]>;
  cells?: Record<string, Cell>;
}>;

function buildListing({ parts = {}, order = {}, cells = {} }: Plain): Listing {
  return {
    parts: new Map(Object.entries(parts)),
    order: new Map(Object.entries(order)),
    cells: new Map(Object.entries(cells)),
  };
}

const whole: Plain = {
  parts: { a: '<p>a</p>', b: '<p>b</p>' },
  order: { list: ['a', 'b'] },
  cells: { 'a/busy': { text: '0', kind: 'none' }, 'b/busy': { text: '3' } },
};

describe('what is told of a page', () => {
  test('is everything to those who have seen nothing', () => {
    expect(findNews(undefined, buildListing(whole))).toEqual({
      parts: { a: '<p>a</p>', b: '<p>b</p>' },
      order: { list: ['a', 'b'] },
      cells: { 'a/busy': ['0', 'none'], 'b/busy': ['3'] },
    });
  });

  test('is nothing where nothing is different', () => {
    expect(findNews(buildListing(whole), buildListing(whole))).toBeUndefined();
  });

  test.each<[string, Plain, News]>([
    ['another text', { cells: { ...whole.cells, 'b/busy': { text: '4' } } }, { cells: { 'b/busy': ['4'] } }],
    [
      'another kind',
      { cells: { ...whole.cells, 'b/busy': { text: '3', kind: 'warn' } } },
      { cells: { 'b/busy': ['3', 'warn'] } },
    ],
    [
      'a kind that is gone',
      { cells: { ...whole.cells, 'a/busy': { text: '0' } } },
      { cells: { 'a/busy': ['0'] } },
    ],
    ['another structure', { parts: { ...whole.parts, a: '<p>A</p>' } }, { parts: { a: '<p>A</p>' } }],
    ['another order', { order: { list: ['b', 'a'] } }, { order: { list: ['b', 'a'] } }],
    ['a list that is empty now', { order: {} }, { order: { list: [] } }],
    [
      'a part that is new',
      { parts: { ...whole.parts, c: '<p>c</p>' }, order: { list: ['c', 'a', 'b'] } },
      { parts: { c: '<p>c</p>' }, order: { list: ['c', 'a', 'b'] } },
    ],
  ])('is only what is different: %s', (_, change, news) => {
    expect(findNews(buildListing(whole), buildListing({ ...whole, ...change }))).toEqual(news);
  });

  test('takes every name for a name', () => {
    const news = findNews(
      undefined,
      buildListing({ parts: JSON.parse('{"__proto__":"<p>x</p>"}') as Record<string, string> }),
    );
    expect(JSON.stringify(news)).toBe('{"parts":{"__proto__":"<p>x</p>"}}');
  });
});
