import { describe, expect, test } from '@jest/globals';
import { DefinitionError } from '../../../src/index.ts';
import { checkAllowMembers, compileAllowMembers } from '../../../src/definition/allow-members.ts';
import { catchError } from '../../support/catch-error.ts';

describe('servers that may be added', () => {
  test.each<readonly [pattern: string, url: string, isAllowed: boolean]>([
    ['app3.internal', 'http://app3.internal', true],
    ['app3.internal', 'https://app3.internal:8443/base/', true],
    ['APP3.internal', 'http://app3.INTERNAL', true],
    ['app3.internal', 'http://app3.internal.', true],
    ['app3.internal.', 'http://app3.internal', true],
    ['app3.internal', 'http://app4.internal', false],
    ['app3.internal', 'http://xapp3.internal', false],
    ['app3.internal', 'http://app3.internal.evil.example', false],
    ['app3.internal:3000', 'http://app3.internal:3000', true],
    ['app3.internal:3000', 'http://app3.internal:3001', false],
    ['app3.internal:80', 'http://app3.internal', true],
    ['app3.internal:443', 'https://app3.internal', true],
    ['app3.internal:443', 'http://app3.internal', false],
    ['*.internal', 'http://app3.internal', true],
    ['*.internal', 'http://a.b.internal', true],
    ['*.internal', 'http://internal', false],
    ['*.internal', 'http://evilinternal', false],
    ['*.internal:81', 'http://app3.internal', false],
    ['10.0.0.5', 'http://10.0.0.5:3000', true],
    ['10.0.0.5', 'http://0x0a.0.0.5', true],
    ['10.0.0.5', 'http://167772165', true],
    ['10.0.0.5', 'http://10.0.0.50', false],
    ['[::1]', 'http://[0:0:0:0:0:0:0:1]', true],
    ['::1', 'http://[::1]:3000', true],
    ['[FD00::5]:3000', 'http://[fd00:0::5]:3000', true],
    ['[fd00::5]:3000', 'http://[fd00::5]:3001', false],
    ['10.0.0.5', 'http://[::ffff:10.0.0.5]', false],
    ['bücher.internal', 'http://xn--bcher-kva.internal', true],
  ])('%s: %s is %s', (pattern, url, isAllowed) => {
    expect(compileAllowMembers(['other.internal', pattern])(new URL(url))).toBe(isAllowed);
  });

  test('are all, without the option', () => {
    expect(compileAllowMembers(undefined)(new URL('http://anything.example'))).toBe(true);
  });

  test('are none, with an empty list', () => {
    expect(compileAllowMembers([])(new URL('http://anything.example'))).toBe(false);
  });

  test('are those of which a function says true, and nothing but true', () => {
    const ask = (answer: unknown): boolean => compileAllowMembers(() => answer)(new URL('http://a.example'));
    expect(ask(true)).toBe(true);
    for (const answer of [false, undefined, 1, 'yes', {}]) expect(ask(answer)).toBe(false);
  });

  test('are not those of which a function throws, or promises', async () => {
    const problems: unknown[] = [];
    const url = new URL('http://a.example');
    const fail = (problem: unknown): number => problems.push(problem);
    const throws = compileAllowMembers(() => {
      throw new Error('broken');
    }, fail);
    expect(throws(url)).toBe(false);
    expect(compileAllowMembers(() => Promise.resolve(true), fail)(url)).toBe(false);
    expect(compileAllowMembers(() => Promise.reject(new Error('late')), fail)(url)).toBe(false);
    await Promise.resolve();
    expect(problems.map(String)).toEqual([
      'Error: broken',
      expect.stringContaining('answers at once'),
      expect.stringContaining('answers at once'),
    ]);
  });

  test('are asked for by a URL that the function may change', () => {
    const url = new URL('http://a.example');
    compileAllowMembers((asked: URL) => {
      asked.host = 'b.example';
      return true;
    })(url);
    expect(url.host).toBe('a.example');
  });
});

describe('the option', () => {
  test.each<readonly [value: unknown, path: string, advice: string]>([
    ['*.internal', 'allowMembers', "write ['*.internal']"],
    [7, 'allowMembers', 'write hosts such as'],
    [[7], 'allowMembers[0]', 'write hosts such as'],
    [['a', ''], 'allowMembers[1]', 'write hosts such as'],
    [['http://a.internal:80/x'], 'allowMembers[0]', "write 'a.internal:80'"],
    [['*'], 'allowMembers[0]', 'leave allowMembers out'],
    [['app*.internal'], 'allowMembers[0]', "write '*.internal'"],
    [['*.10.0.0.1'], 'allowMembers[0]', 'write each address'],
    [['a:0'], 'allowMembers[0]', 'write 1 to 65535'],
    [['a:70000'], 'allowMembers[0]', 'write 1 to 65535'],
    [['a:b'], 'allowMembers[0]', 'write hosts such as'],
    [['user@a'], 'allowMembers[0]', 'write hosts such as'],
    [['10.0.0.0/8'], 'allowMembers[0]', 'write hosts such as'],
    [['[::1'], 'allowMembers[0]', 'write hosts such as'],
    [['a b'], 'allowMembers[0]', 'write hosts such as'],
  ])('%j is refused with advice', (value, path, advice) => {
    const [problem] = checkAllowMembers(value, 'allowMembers');
    expect(problem).toMatchObject({ path });
    expect(problem!.advice).toContain(advice);
    expect(catchError(() => compileAllowMembers(value))).toBeInstanceOf(DefinitionError);
  });

  test.each([[undefined], [[]], [['a.internal', '*.b:80', '::1']], [() => true]])('%p is right', (value) => {
    expect(checkAllowMembers(value, 'allowMembers')).toEqual([]);
  });
});
