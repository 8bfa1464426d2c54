import { describe, expect, test } from '@jest/globals';
import { DefinitionError } from '../../../src/index.ts';
import { mapBelow } from '../../../src/request/map-below.ts';

describe('what balancer.at is asked for', () => {
  test.each([
    ['/app', '/app'],
    ['/app/', '/app'],
    ['/a/b//', '/a/b'],
    ['/a%2Fb', '/a%2Fb'],
  ])('%s is everything below %s', (path, memberPath) => {
    const mapping = mapBelow(path)!;
    expect(mapping.memberPath).toBe(memberPath);
    expect([mapping.toMember('/'), mapping.toMember('/x')]).toEqual([`${memberPath}/`, `${memberPath}/x`]);
    expect(mapping.query).toBeUndefined();
  });

  test('the root is where the members are anyway', () => {
    expect(mapBelow('/')).toBeUndefined();
  });

  test.each<readonly [unknown, string]>([
    [undefined, "path is missing: it must be a path; write a path below the members' own, such as '/app'"],
    [['/a'], "path is ['/a']: it must be a path; write a path below the members' own, such as '/app'"],
    ['', "path is '': a path begins with /; write a path below the members' own, such as '/app'"],
    ['app/x', "path is 'app/x': a path begins with /; write '/app/x'"],
    [
      'http://b/x',
      "path is 'http://b/x': a path begins with /; write a path below the members' own, such as '/app'",
    ],
    ['//host/x', "path is '//host/x': it has dot segments, or two slashes at its start; write '/host/x'"],
    ['/a/../b', "path is '/a/../b': it has dot segments, or two slashes at its start; write '/b'"],
    [
      '/..',
      "path is '/..': the path climbs above its start; write a path below the members' own, such as '/app'",
    ],
    ['/a?b', "path is '/a?b': a path has no query; write what stands before the ?"],
    ['/a b', "path is '/a b': it holds a space or control character; write it percent-encoded"],
    ['/a#b', "path is '/a#b': it holds a fragment (#); write it percent-encoded"],
    ['/a\\b', "path is '/a\\\\b': it holds a backslash; write it percent-encoded"],
    ['/ä', "path is '/ä': it holds a letter beyond ASCII; write it percent-encoded"],
    [
      '/%',
      "path is '/%': the path holds a % without two hexadecimal digits; write a path below the members' own, such as '/app'",
    ],
  ])('%j is answered in one line', (path, line) => {
    expect(() => mapBelow(path)).toThrow(DefinitionError);
    expect(() => mapBelow(path)).toThrow(`What at is asked for is wrong:\n  ${line}`);
  });
});
