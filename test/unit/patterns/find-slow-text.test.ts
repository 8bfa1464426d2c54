import { describe, expect, test } from '@jest/globals';
import { findSlowText } from '../../../src/patterns/find-slow-text.ts';

describe('a text that a pattern takes for ever over', () => {
  test.each([
    [/(a+)+$/, /^a{200}/],
    [/^session=(?:\w+\s?)+$/, /^session=/],
    [/^(a|a)*$/, /^a{200}/],
    [/^(?:\d+\.?)*!(\w+)$/, /^\d{200}/],
    [/^([^!]+)*!app\d$/, /^[^!]{200}/],
    [/^(?:ab|ab)+c$/, /^(?:ab){100}/],
    [/^(?=(?:x+)+y)x/, /^x{200}/],
    [/^id:[\d-]{2}(?:(?:\w+|\d+)+;)+(.*)$/, /^id:/],
  ])('%s: is found, and tells what to look at', (pattern, text) => {
    expect(findSlowText(pattern)).toMatch(text);
  });

  test.each([
    /!(.*)$/,
    /^(?:[a-z]+-)+(\w+)$/,
    /(?:^|\.)([\w-]+)$/,
    /^(?:GET|PUT)+$/,
    /^(?:a|b)*$/,
    /^(?:(?:\d{1,3})\.){3}(\d+)$/,
    /^(?:"[^"]*"|[^",])*,(\w+)$/,
    /^(?:%[\da-f]{2}|[\w.~-])*$/i,
    /^s:\w+\.([^.]*)/,
    /(?:)+/,
    /^[\w--x]+$/v,
  ])('%s: there is none', (pattern) => {
    expect(findSlowText(pattern)).toBeUndefined();
  });
});
