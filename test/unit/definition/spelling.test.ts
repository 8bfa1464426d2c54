import { describe, expect, test } from '@jest/globals';
import { findNearest, measureDistance } from '../../../src/definition/spelling.ts';

describe('spelling', () => {
  test.each([
    ['', '', 0],
    ['abc', 'abc', 0],
    ['abc', '', 3],
    ['', 'abc', 3],
    ['abc', 'abd', 1],
    ['abc', 'acb', 1],
    ['ca', 'abc', 3],
    ['route', 'rotue', 1],
    ['weight', 'height', 1],
    ['kitten', 'sitting', 3],
  ])('from %p to %p it is %i steps', (a, b, steps) => {
    expect(measureDistance(a, b)).toBe(steps);
  });

  test('the nearest counts, and what is too far is none', () => {
    expect(findNearest('app21', ['app1', 'app2'])).toBe('app1');
    expect(findNearest('aap2', ['app1', 'app2'])).toBe('app2');
    expect(findNearest('on', ['off'])).toBeUndefined();
    expect(findNearest('x', [])).toBeUndefined();
    expect(findNearest('cluster', ['flusher'])).toBe('flusher');
    expect(findNearest('cluster', ['flusher'], 1 / 6)).toBeUndefined();
    expect(findNearest('fluster', ['flusher'], 1 / 6)).toBe('flusher');
  });
});
