import { describe, expect, test } from '@jest/globals';
import { measurePattern } from '../../../src/patterns/measure-pattern.ts';

describe('how the steps of a pattern grow', () => {
  test.each([
    [/^abc$/, 0],
    [/^\d+$/, 1],
    [/!(.*)$/, 2],
    [/!([^!]*)$/, 2],
    [/^(.*)\.(.*)$/, 2],
    [/^[()+*]+$/, 1],
    [/^\(\+\*$/, 0],
    [/^(?:GET|PUT|POST) (\S+)/, 1.25],
    [/^(.*)\1$/, 2],
    [/^a{2,5}b{3}c?$/, 1.125],
    [/^a+$/m, 2],
    [/^a|b+/, 2.125],
    [/^x{a}$/, 0],
    [/^\u{61}+$/u, 1],
    // Each turn of the group is told from the next by a letter that is nowhere else in it.
    [/^(?:[a-z]+-)+(\w+)$/, 3],
    [/^(?:\/[^/]*)*$/, 2],
    [/^(?:[\da-f]{2})+$/, 1],
    [/^(?:(\d{1,3})\.){3}\d{1,3}$/, Infinity],
    [/^(?:\d{1,3}\.){3}\d{1,3}$/, 3],
  ])('%s: a text as long as n takes n to the power of %d', (pattern, power) => {
    expect(measurePattern(pattern)).toBe(power);
  });

  test.each([
    /(a+)+$/,
    /^(a|a)*$/,
    /^(?:\w+\s?)+$/,
    /^(?:a?){40}a{40}$/,
    /^(?:a+){2,}?$/,
    /^(?:a+a+;)*$/,
    /^(?:\w+-?)*$/,
    /^(?:\w+k)+$/iu,
    /^(?<all>(?:x|y)+)*$/,
    /^(?:.*,)*$/,
    // Only what lies far from ASCII is in both.
    /^(?:[a-z\u4e00]+[-\u4e00])+$/,
    /^[a--b]+$/v,
  ])('%s: the ways through a text may double with each letter', (pattern) => {
    expect(measurePattern(pattern)).toBe(Infinity);
  });
});
