import { describe, expect, test } from '@jest/globals';
import { mapLinks, mapRefresh } from '../../../src/rewrite/embedded-urls.ts';

const shout = (url: string): string => url.toUpperCase();

describe('Refresh', () => {
  test.each([
    ['5; url=http://b/x', '5; url=HTTP://B/X'],
    ['0;URL = "/x;y" trail', '0;URL = "/X;Y" trail'],
    ["0,url='/x'", "0,url='/X'"],
    ['1.5 url=/x ', '1.5 url=/X '],
    ['5; /x', '5; /X'],
    ['5;url="/x', '5;url="/X'],
    ['5', '5'],
    ['url=/x', 'url=/x'],
  ])('%j becomes %j', (value, expected) => {
    expect(mapRefresh(value, shout)).toBe(expected);
  });
});

describe('Link', () => {
  test.each([
    ['</a>; rel=preload, <b>;rel="next <c>", <d>', '</A>; rel=preload, <B>;rel="next <c>", <D>'],
    ['<a>; title="x\\"<b>"; anchor="<c>"', '<A>; title="x\\"<b>"; anchor="<c>"'],
    ['<a"b>, <c>', '<A"B>, <C>'],
    ['<a>, <unclosed', '<A>, <unclosed'],
    ['none', 'none'],
  ])('%j becomes %j', (value, expected) => {
    expect(mapLinks(value, shout)).toBe(expected);
  });
});
