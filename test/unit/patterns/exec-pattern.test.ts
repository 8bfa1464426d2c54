import { describe, expect, test } from '@jest/globals';
import { execPattern } from '../../../src/patterns/exec-pattern.ts';
import { catchError } from '../../support/catch-error.ts';

describe('a pattern with several unbounded parts', () => {
  test.each([
    [/^\/(.*)\/(.*)\/(.*)\/x$/, '/a'.repeat(4_000)],
    [/^.*a.*b.*c$/, 'ab'.repeat(4_000)],
    [/\d+\d+x/, '1'.repeat(8_000)],
    [/^(?:a|[*]{2}|.*x.*y.*z)$/, 'xyx'.repeat(3_000)],
    // However short the text is, where what is repeated repeats itself or can be had in two ways.
    [/^\/x\/(a+)+$/, `/x/${'a'.repeat(36)}!`],
    [/^\/x\/(?:\w+\s?)+$/, `/x/${'a'.repeat(36)}!`],
    [/^(?:a|a)*$/, `${'a'.repeat(40)}!`],
    [/^(?:a?){40}a{40}$/, `${'a'.repeat(60)}!`],
    [/^(?:a+){2,}?$/, `${'a'.repeat(36)}!`],
    [/^.*\/.*\/.*\/.*\/.*\/.*\/.*\/x$/, '/'.repeat(120)],
  ])('%s is given up, and the request refused', (pattern, text) => {
    expect(catchError(() => execPattern(pattern, text))).toMatchObject({
      code: 'ERR_BALANCER_BAD_REQUEST',
      status: 400,
    });
  });

  test('fits as ever, whatever came before', () => {
    const exec = (text: string): RegExpExecArray | null => execPattern(/^\/(.*)\/(.*)\/(.*)\/x$/d, text);
    catchError(() => exec('/a'.repeat(4_000)));
    const long = 'b'.repeat(1_000);
    expect(exec(`/a/${long}/c/x`)?.slice(1)).toEqual(['a', long, 'c']);
    expect(exec(`/a/b/c/x`)?.indices?.[3]).toEqual([5, 6]);
    expect(exec(`/a/${long}/c`)).toBeNull();
  });
});
