import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readSegment } from '../../../src/request/dot-segments.ts';
import { readPath } from '../../../src/request/path.ts';
import { isOutside, pathReaders } from '../../support/member-paths.ts';
import { hold } from '../../support/runs.ts';

describe('a segment', () => {
  test.each(['..', '%2e%2e', '%2E.', '.%2e'])('%s goes up', (segment) => {
    expect(readSegment(segment)).toBe('parent');
  });

  test.each(['.', '%2e', '%2E'])('%s goes nowhere', (segment) => {
    expect(readSegment(segment)).toBe('same');
  });

  test.each([
    ['with a parameter', '..;', '..;a=b', '.;', '..%3b', '%2e%2e%3Ba', 'a%2f..;x'],
    ['next to a slash, encoded', '..%2f', '%2f..', 'a%2f..%2Fb', 'a%2f.'],
    ['next to a backslash', '..\\', '\\..', 'a\\..\\b', '..%5c', 'a%5C.'],
    ['encoded twice', '%252e%252e', '%252e.', '%25%32%65.', '..%252f', '..%255c', '..%253b', '%252e'],
    ['encoded three times', '%25252e%25252e', '..%25252f'],
    ['in bytes that are too many for a letter', '%c0%ae%c0%ae', '%e0%80%ae.', '%f0%80%80%ae.', '\xc0\xae.'],
    ['next to a slash in bytes that are too many', '..%c0%af', '..%e0%80%af', '..%c1%9c', 'a%c0%af..%c0%afb'],
    ['in bytes that are too many, encoded twice', '%25c0%25ae.', '%c0%a52e.'],
    ['in full width', '%ef%bc%8e%ef%bc%8e', '.%ef%bc%8e', '\xef\xbc\x8e.', '..%ef%bc%8f', '..%ef%bc%bc'],
    ['in small and leading dots', '%e2%80%a4.', '%e2%80%a5', '%ef%b9%92.', '%ef%b8%b0'],
    ['next to a slash of mathematics', '..%e2%88%95', '..%e2%81%84', '..%e2%88%96'],
    ['before a NUL that comes out later', '..%2500', '..%2500.html'],
    ['before a query or a fragment that comes out later', '..%3f', '..%23a', '..%253f'],
    ['with blanks', '..%20', '.%09.', '.%0d%0a.', '%20..', '..%2520'],
  ])('of dots %s is ambiguous', (_what, ...segments) => {
    for (const segment of segments) expect([segment, readSegment(segment)]).toEqual([segment, 'ambiguous']);
  });

  test.each([
    '',
    'a',
    'a..',
    '..a',
    '...',
    '....',
    '.hidden',
    '%2e%2e%2e',
    'a;..',
    '%E9',
    '\xe9',
    '100%25',
    '%252ehidden',
    'file%EF%BC%8Etxt',
    '%E2%80%A6',
    '%C3%A0',
    'a%20b',
    'a%2fb',
    'a%252fb',
    'C:%5Ca.b',
    '%C0',
  ])('that is a name: %j', (segment) => {
    expect(readSegment(segment)).toBe('name');
  });

  test.each([
    ['dots, encoded', '%2e'],
    ['dots, encoded twice', '%252e'],
    ['slashes', '%2f'],
    ['dots between blanks', '%20.'],
    ['slashes and blanks', '%2f%20%20'],
    ['dots in bytes too many', '%c0%ae'],
    ['dots in full width', '%ef%bc%8e'],
    ['percent signs', '%25'],
  ])('of 256 KiB of %s is read in linear time', (_what, unit) => {
    const read = (bytes: number): number => {
      const segment = `x${unit.repeat(bytes / unit.length)}`;
      const before = process.cpuUsage();
      readSegment(segment);
      return process.cpuUsage(before).user;
    };
    read(32_768);
    // A quadratic reading takes minutes.
    expect(read(262_144)).toBeLessThan(1_000_000);
  });
});

const pieces = [
  ...['.', '..', '%2e', '%2E', '%252e', '%25%32%65', '%c0%ae', '%e0%80%ae', '%25c0%25ae', '\xc0\xae'],
  ...['%ef%bc%8e', '\xef\xbc\x8e', '%e2%80%a5', '%e2%80%a4'],
  ...['/', '//', '%2f', '%252F', '%c0%af', '%ef%bc%8f', '\\', '%5c', '%255C', '%c1%9c', '%ef%bc%bc'],
  ...[';', ';a', '%3b', '%253B', '%2500', '%20', '%09', '%0a', '%3f', '%23', '%25', '%253f', 'a', 'b.'],
];

/** The same in fewer letters, so that what climbs is met more often. */
const few = ['..', '%2e', '%252e', '%c0%ae', '/', '%2f', '%5c', ';', 'a'];

const base = '/base/own';

describe('a path that is accepted', () => {
  test.each([
    ['of anything', pieces, 12],
    ['of little', few, 8],
  ])('is inside of the member’s own by all ways that members have of reading it: %s', (_what, from, most) => {
    let accepted = 0;
    hold(
      1_500,
      fc.property(fc.array(fc.constantFrom(...from), { maxLength: most }), (parts) => {
        const read = readPath(`/${parts.join('')}`);
        if ('problem' in read) return;
        accepted += 1;
        const asked = base + read.path;
        expect(pathReaders.filter((reader) => isOutside(asked, base, reader))).toEqual([]);
      }),
    );
    // Or else it says nothing.
    expect(accepted).toBeGreaterThan(150);
  });

  test('would be outside by some of them, were it not for us', () => {
    const outside = [
      '/../x',
      '/a/%2e%2e/..',
      '/..%2fx',
      '/..%5cx',
      '/..;/x',
      '/%252e%252e/',
      '/%c0%ae./',
      '/%ef%bc%8e./',
    ];
    for (const path of outside) {
      expect(pathReaders.some((reader) => isOutside(base + path, base, reader))).toBe(true);
      expect(readPath(path)).toHaveProperty('problem');
    }
  });
});
