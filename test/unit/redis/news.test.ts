import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { tellError } from '../../../src/redis/client.ts';
import { format, formatText, tellOtherFormat, version } from '../../../src/redis/format.ts';
import { isProcess, readKept, readNews, writeNews, writeSign } from '../../../src/redis/news.ts';
import { createStamps } from '../../../src/sharing/stamp.ts';

const now = 1_700_000_000_000;
const process = 'host-1:12:0000000a';
const stamp = createStamps('0000000a').next(now);
const entry = { key: 'k', stamp, until: Infinity, value: '{"a":1}' };

describe('a message', () => {
  test('is read as it was written', () => {
    const later = { ...entry, key: 'l', until: now + 5 };
    const text = `w 17\n${writeNews(process, { words: [entry, later], tidings: [['t', 'x']] })}`;
    expect(readNews(text, now)).toEqual({
      kind: 'words',
      version: 17,
      process,
      entries: [entry, later],
      tidings: [['t', 'x']],
      faults: 0,
    });
  });

  test.each([
    ['of 40 KB arrives', 40_000, 1],
    ['of 256 KiB, every letter of it escaped, arrives', 262_144, 1],
    ['that is longer is left out', 262_145, 0],
  ])('of a tiding %s', (_what, length, arrived) => {
    const tiding = ['checks/app', '"'.repeat(length)] as const;
    const text = `t 0\n${writeNews(process, { words: [], tidings: [tiding] })}`;
    expect(readNews(text, now)).toMatchObject({ tidings: arrived ? [tiding] : [], faults: 1 - arrived });
  });

  test('of tidings has no version', () => {
    const text = `t 0\n${writeNews(process, { words: [], tidings: [['t', 'x']] })}`;
    expect(readNews(text, now)).toMatchObject({ kind: 'words', version: undefined });
  });

  test.each([
    ['b 5', { kind: 'beat', version: 5, process }],
    ['x 0', { kind: 'bye', process }],
  ])('%s is a sign', (head, news) => {
    expect(readNews(`${head}\n${writeSign(process)}`, now)).toEqual(news);
  });

  test('of another format is left to those who know it', () => {
    expect(readNews(`w 1\n${JSON.stringify({ f: format + 1, anything: true })}`, now)).toEqual({
      kind: 'foreign',
    });
  });

  test('is whole for Redis, whatever is in it', () => {
    const broken = { ...entry, key: '\ud800', value: '"\udc00"' };
    const text = writeNews(process, { words: [broken], tidings: [['\ud800', '\ud800']] });
    expect(text).not.toMatch(/\\ud[89a-f]/);
  });

  test.each<[string, unknown]>([
    ['no list', 'word'],
    ['too short', ['k', stamp, 0]],
    ['no key', ['', stamp, 0, '1']],
    ['a long key', ['k'.repeat(1_001), stamp, 0, '1']],
    ['no stamp', ['k', 'stamp', 0, '1']],
    ['a stamp from far ahead', ['k', createStamps('0000000a').next(now + 9e7), 0, '1']],
    ['no time', ['k', stamp, '0', '1']],
    ['a negative time', ['k', stamp, -1, '1']],
    ['no value', ['k', stamp, 0, { a: 1 }]],
    ['a large value', ['k', stamp, 0, 'ü'.repeat(8_193)]],
  ])('a word with %s is left out', (_what, word) => {
    const text = `w 1\n${JSON.stringify({ f: format, p: process, w: [word], t: [] })}`;
    expect(readNews(text, now)).toMatchObject({ kind: 'words', entries: [], faults: 1 });
  });

  test.each(['host:1:0000000a', 'a.b-c_d:99999:ffffffff'])('%s is a process', (name) => {
    expect(isProcess(name)).toBe(true);
  });

  test.each(['', 'host', 'host:1:xyz', 'a b:1:0000000a', 'a\n:1:0000000a', 7])('%j is none', (name) => {
    expect(isProcess(name)).toBe(false);
  });
});

describe('a word that is kept', () => {
  test('may have bars in its value', () => {
    expect(readKept('k', `${stamp}|7|"a|b"`, now)).toEqual({ key: 'k', stamp, until: 7, value: '"a|b"' });
  });

  test.each(['', 'x', `${stamp}|`, `${stamp}|x|1`, `${stamp}|99999999999999999|1`])('%j is none', (text) => {
    expect(readKept('k', text, now)).toBeUndefined();
  });
});

describe('the format', () => {
  test('tells the version of this package', () => {
    const manifest = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
    expect(version).toBe((JSON.parse(manifest) as { version: string }).version);
    expect(formatText).toBe(`1 ${version}`);
  });

  test('of others is not believed to be more than a number and a version', () => {
    expect(tellOtherFormat('p', '2 0.9.0')).toContain('in format 2 by version 0.9.0');
    expect(tellOtherFormat('p', '2 <script>')).toContain('in a format that is not known here');
  });
});

test.each<[unknown, string]>([
  [new Error('connect ECONNREFUSED'), 'connect ECONNREFUSED'],
  [new AggregateError([new Error('first'), new Error('second')]), 'first'],
  ['text\nof two lines', 'text of two lines'],
  [new Error('redis://:geheim@host is bad'), 'redis://…@host is bad'.replace('…', ' ')],
  [new RangeError(''), 'RangeError'],
])('what went wrong is told on one line, without passwords', (error, text) => {
  expect(tellError(error)).toBe(text);
});
