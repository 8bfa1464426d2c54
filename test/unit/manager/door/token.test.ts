import { describe, expect, test } from '@jest/globals';
import { createTokens } from '../../../../src/manager/door/token.ts';

const now = Date.UTC(2026, 0, 1, 12, 30);
const hour = 3_600_000;
const tokens = createTokens('a secret of sixteen');

describe('a token', () => {
  const token = tokens.issue('ann', now);

  test('is known again', () => {
    expect(tokens.isValid(token, 'ann', now)).toBe(true);
  });

  test('is of one user', () => {
    expect(tokens.isValid(token, 'ben', now)).toBe(false);
    expect(tokens.isValid(token, 'ann ', now)).toBe(false);
    expect(tokens.isValid(token, '', now)).toBe(false);
  });

  test('names cannot be shifted into the time of issue', () => {
    const [issued, signature] = tokens.issue('x\nann', now).split('.');
    expect(tokens.isValid(`${issued!}.${signature!}`, 'ann', now)).toBe(false);
  });

  test('stays the same for an hour, so that a page does too', () => {
    expect(tokens.issue('ann', now + hour / 2 - 1)).toBe(token);
    expect(tokens.issue('ann', now + hour / 2)).not.toBe(token);
  });

  test('grows old: eleven hours at least, twelve at most', () => {
    expect(tokens.isValid(token, 'ann', now + 11 * hour)).toBe(true);
    expect(tokens.isValid(token, 'ann', now + 11.5 * hour - 1)).toBe(true);
    expect(tokens.isValid(token, 'ann', now + 11.5 * hour)).toBe(false);
  });

  test('is of the past, but for clocks that differ a little', () => {
    const issued = now - hour / 2;
    expect(tokens.isValid(token, 'ann', issued - 60_000)).toBe(true);
    expect(tokens.isValid(token, 'ann', issued - 60_001)).toBe(false);
  });

  test('is another one with another secret, and the same with the same', () => {
    expect(createTokens('another secret of 16').isValid(token, 'ann', now)).toBe(false);
    expect(createTokens('a secret of sixteen').isValid(token, 'ann', now)).toBe(true);
  });

  test('of a secret that was made up is of this process alone', () => {
    const [one, other] = [createTokens(undefined), createTokens(undefined)];
    expect(one.isValid(one.issue('ann', now), 'ann', now)).toBe(true);
    expect(other.isValid(one.issue('ann', now), 'ann', now)).toBe(false);
  });

  test.each([
    undefined,
    null,
    '',
    '.',
    0,
    true,
    {},
    ['x'],
    [token],
    token.slice(1),
    token.slice(0, -1),
    `${token}x`,
    `${token}=`,
    ` ${token}`,
    token.toUpperCase(),
    token.replace('.', ','),
    `${(now + hour).toString(36)}${token.slice(token.indexOf('.'))}`,
    `${token.slice(0, token.indexOf('.'))}.${'A'.repeat(43)}`,
    'x'.repeat(100_000),
  ])('%p is none', (forged) => {
    expect(tokens.isValid(forged, 'ann', now)).toBe(false);
  });
});
