import fc from 'fast-check';
import { describe, expect, test } from '@jest/globals';
import { readHttpdPath, readMappedPath } from '../../../src/request/mapped-path.ts';
import { compilePathRewrite, joinPath, readPath, splitTarget } from '../../../src/request/path.ts';
import { hold } from '../../support/runs.ts';

const pieces = [
  ...[
    '/',
    '/',
    '//',
    '.',
    '..',
    './',
    '../',
    '/..',
    '/../',
    '\\',
    '..\\',
    '%2e',
    '%2E',
    '%2f',
    '%2F',
    '%5c',
    '%5C',
  ],
  ...[
    '%2e%2e',
    '%252e',
    '%25',
    '%3b',
    ';',
    ';x',
    ';..',
    '..;',
    '%2e%2e%2f',
    '%c0%ae',
    '%',
    '%0',
    '%00',
    'a',
    'b%20',
    'é',
  ],
];

/** What somebody may ask for who wants to get out of a member's path. */
const anyPath = fc
  .oneof(
    fc.array(fc.constantFrom(...pieces), { maxLength: 14 }).map((all) => all.join('')),
    fc.webPath(),
  )
  .map((path) => `/${path}`);

const anyBase = fc.constantFrom('', '/app', '/a/b/c', '/a.b', '/a%20b');

/** Everybody's way to read it: slashes may be encoded or turned, dots encoded, parameters dropped. */
function readsAsDots(path: string): boolean {
  return path
    .replace(/%2f|%5c|\\/gi, '/')
    .replace(/%2e/gi, '.')
    .replace(/%3b/gi, ';')
    .split('/')
    .some((segment) => /^\.\.?(?:;|$)/.test(segment));
}

describe('a path that is accepted', () => {
  test('stays below the member’s own path, whoever reads it', () => {
    let accepted = 0;
    hold(
      4_000,
      fc.property(anyPath, anyBase, (asked, base) => {
        const read = readPath(asked);
        if ('problem' in read) return;
        accepted += 1;
        expect(read.path).toMatch(/^\/(?!\/)/);
        expect(readsAsDots(read.path)).toBe(false);
        const whole = joinPath(base, read.path);
        // How browsers, and Node's own, resolve it.
        const { pathname } = new URL(`http://host${whole}`);
        expect(pathname.startsWith(`${base}/`)).toBe(true);
      }),
    );
    expect(accepted).toBeGreaterThan(500);
  });

  test('is read again as it is', () => {
    hold(
      2_000,
      fc.property(anyPath, (asked) => {
        const read = readPath(asked);
        if ('path' in read) expect(readPath(read.path)).toEqual(read);
      }),
    );
  });

  test('means what was asked for, by RFC 3986, but for slashes at its front', () => {
    const plain = fc.array(fc.constantFrom('a', 'b.c', '.', '..', '%2e', '.%2E', 'x%20y'), {
      minLength: 1,
      maxLength: 8,
    });
    hold(
      2_000,
      fc.property(plain, (segments) => {
        const path = `/${segments.join('/')}`;
        const read = readPath(path);
        if ('path' in read) expect(read.path).toBe(new URL(`http://host${path}`).pathname);
        // The depth at some point was below the start.
        else expect(climbs(segments)).toBe(true);
      }),
    );
  });

  test('is one by a mapping too, and by a pathRewrite, whatever they make of it', () => {
    const rewrite = compilePathRewrite({ '^/x': '', '%2e': '.', '^/a': '/..', b: '../' })!;
    hold(
      2_000,
      fc.property(anyPath, (asked) => {
        const mapped = readMappedPath(asked);
        if ('path' in mapped) expect(readsAsDots(mapped.path)).toBe(false);
        const byLetter = readHttpdPath(asked);
        if ('path' in byLetter) expect(readsAsDots(byLetter.path)).toBe(false);
        const before = readPath(asked);
        if ('problem' in before) return;
        const after = rewrite(before.path, {} as never);
        if ('path' in after) expect(readsAsDots(after.path)).toBe(false);
      }),
    );
  });
});

function climbs(segments: readonly string[]): boolean {
  let depth = 0;
  for (const segment of segments) {
    const dotted = segment.replace(/%2e/gi, '.');
    if (dotted === '..') depth -= 1;
    else if (dotted !== '.') depth += 1;
    if (depth < 0) return true;
  }
  return false;
}

test('a target is taken apart without a loss, or refused', () => {
  const anyTarget = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc
      .array(
        fc.constantFrom(
          'http://',
          'HTTPS://',
          'h',
          ':80',
          '@',
          '/',
          '?',
          '#',
          '*',
          '\\',
          '%41',
          'é',
          '\u0100',
          ' ',
        ),
        {
          maxLength: 8,
        },
      )
      .map((all) => all.join('')),
  );
  hold(
    3_000,
    fc.property(anyTarget, (text) => {
      const target = splitTarget(text);
      if (target.kind === 'asterisk') expect(text).toBe('*');
      if (target.kind === 'origin') expect(target.path + target.query).toBe(text);
      if (target.kind === 'absolute') {
        const scheme = /^https?:\/\//i.exec(text)![0];
        const start = scheme + target.authority;
        // RFC 9110 4.2.3: an empty path is the same as a slash.
        const path = text.startsWith('/', start.length) ? target.path : '';
        expect([start + path + target.query, target.path]).toEqual([text, path || '/']);
      }
    }),
  );
});
