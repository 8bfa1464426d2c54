import { describe, expect, jest, test } from '@jest/globals';
import type { Entry } from '../../../src/sharing/hub.ts';
import { createReplica, writeKey } from '../../../src/sharing/replica.ts';
import { createStamps, timeOf } from '../../../src/sharing/stamp.ts';

const begin = 1_790_000_000_000;
const dayMs = 86_400_000;

function build(token = '00000001') {
  let time = begin;
  const put = jest.fn<(entries: readonly Entry[]) => void>();
  const warn = jest.fn();
  const error = jest.fn();
  const logger = { info: jest.fn(), warn, error };
  const replica = createReplica({ hub: { token, put }, logger, now: () => time });
  return {
    replica,
    put,
    warn,
    error,
    pass: (ms: number) => {
      time += ms;
    },
  };
}

const others = createStamps('0000000f');

/** A word of another process. */
function word(key: string, value: unknown = 1, overrides: Partial<Entry> = {}): Entry {
  return {
    key,
    stamp: others.next(begin),
    until: begin + dayMs,
    value: JSON.stringify(value),
    ...overrides,
  };
}

describe('a word that is said', () => {
  test('is known, and put out', () => {
    const { replica, put } = build();
    const entry = replica.say('a/b', { x: 1 }, begin + 1000);
    expect(entry).toMatchObject({ key: 'a/b', until: begin + 1000, value: '{"x":1}' });
    expect(replica.get('a/b')).toEqual(entry);
    expect(put.mock.calls).toEqual([[[entry]]]);
    expect(replica.known()).toEqual([entry]);
  });

  test('holds for ever by a number that JSON can say', () => {
    const { until } = build().replica.say('a', 1);
    expect(JSON.parse(JSON.stringify(until))).toBe(until);
    expect(until).toBeGreaterThan(begin * 1000);
  });

  test('is the last one, even after one from a clock that is ahead', () => {
    const { replica } = build();
    const ahead = word('a', 'theirs', { stamp: createStamps('0000000e').next(begin + 3_600_000) });
    replica.hear([ahead]);
    expect(replica.say('a', 'ours').stamp > ahead.stamp).toBe(true);
    expect(replica.get('a')?.value).toBe('"ours"');
  });

  test('is no news here', () => {
    const { replica } = build();
    const listener = jest.fn();
    replica.onNews('', listener);
    const said = replica.say('a', 1);
    replica.hear([said]);
    expect(listener).not.toHaveBeenCalled();
  });

  test.each<[what: string, key: string, value: unknown]>([
    ['no JSON', 'a', undefined],
    ['too large', 'a', 'x'.repeat(16_384)],
    ['too large in bytes', 'a', 'ä'.repeat(8_200)],
    ['under a key that is too long', 'k'.repeat(1001), 1],
    ['under no key', '', 1],
  ])('is refused where others would not take it: %s', (_what, key, value) => {
    const { replica, put } = build();
    expect(() => replica.say(key, value)).toThrow(RangeError);
    expect(put).not.toHaveBeenCalled();
    expect(replica.known()).toEqual([]);
  });
});

describe('words that are heard', () => {
  test('are news in the order of their stamps, to those who listen to such keys', () => {
    const { replica } = build();
    const heard: unknown[] = [];
    const off = replica.onNews('a/', ({ key }, value) => heard.push([key, value]));
    const first = word('a/1', { n: 1 });
    const second = word('a/2', 'two');
    replica.hear([word('b/1'), second, first]);
    off();
    replica.hear([word('a/3')]);
    expect(heard).toEqual([
      ['a/1', { n: 1 }],
      ['a/2', 'two'],
    ]);
    expect(replica.list('a/').map(({ key }) => key)).toEqual(['a/1', 'a/2', 'a/3']);
  });

  test('replace earlier ones, and no later ones, in whatever order they come', () => {
    const words = [word('a', 1), word('a', 2), word('a', 3)];
    for (const order of [
      [0, 1, 2],
      [2, 0, 1],
      [1, 2, 0],
    ]) {
      const { replica } = build();
      for (const i of order) replica.hear([words[i]!]);
      expect(replica.get('a')).toEqual(words[2]);
    }
  });

  test('of one batch are known before the first of them is followed', () => {
    const { replica } = build();
    const seen: unknown[] = [];
    replica.onNews('a/', () => seen.push(replica.get('b')?.value));
    replica.hear([word('a/1'), word('b', 'later')]);
    expect(seen).toEqual(['"later"']);
  });

  test('are no news any more where the one before has made somebody say a later one', () => {
    const { replica } = build();
    replica.onNews('a', () => replica.say('b', 'ours'));
    const listener = jest.fn();
    replica.onNews('b', listener);
    replica.hear([word('a'), word('b', 'theirs')]);
    expect(listener).not.toHaveBeenCalled();
    expect(replica.get('b')?.value).toBe('"ours"');
  });

  test('are told to the others though one listener throws', () => {
    const { replica, error } = build();
    const listener = jest.fn();
    replica.onNews('a', () => {
      throw new Error('oops');
    });
    replica.onNews('a', listener);
    replica.hear([word('a')]);
    expect(listener).toHaveBeenCalledTimes(1);
    expect(error).toHaveBeenCalledTimes(1);
  });

  test.each<[what: string, entry: Entry]>([
    ['without a key', word('')],
    ['whose key is too long', word('k'.repeat(1001))],
    ['whose key is half a letter', word('a\ud800')],
    ['whose value is no JSON', word('a', 1, { value: '{"a":' })],
    ['whose value is empty', word('a', 1, { value: '' })],
    ['whose value is too large', word('a', 'x'.repeat(16_384))],
    ['whose value is too large in bytes', word('a', 'ä'.repeat(8_200))],
    ['whose stamp is none', word('a', 1, { stamp: 'zz' })],
    [
      'whose stamp is more than a day ahead',
      word('a', 1, { stamp: createStamps('0000000e').next(begin + 2 * dayMs) }),
    ],
    ['that ends at no time', word('a', 1, { until: NaN })],
    ['that ends before time began', word('a', 1, { until: -1 })],
  ])('are ignored %s, with one warning for all of the kind', (_what, entry) => {
    const { replica, warn, put } = build();
    const listener = jest.fn();
    replica.onNews('', listener);
    replica.hear([entry, entry]);
    replica.hear([entry]);
    expect(warn).toHaveBeenCalledTimes(1);
    expect(listener).not.toHaveBeenCalled();
    expect(replica.known()).toEqual([]);
    // What is said here is dated by the clock, not by what was refused.
    expect(timeOf(replica.say('b', 1).stamp)).toBe(begin);
    expect(put).toHaveBeenCalledTimes(1);
  });

  test('whose text breaks the line do not break that of the log', () => {
    const { replica, warn } = build();
    replica.hear([word('a\n[error] forged', 1, { stamp: 'zz' })]);
    expect(String(warn.mock.calls[0]![0])).not.toContain('\n');
  });

  test('are warned of again after an hour', () => {
    const { replica, warn, pass } = build();
    replica.hear([word('')]);
    pass(3_600_000);
    replica.hear([word('')]);
    expect(warn).toHaveBeenCalledTimes(2);
  });
});

describe('a word that has ended', () => {
  test('is forgotten', () => {
    const { replica, pass } = build();
    replica.say('a/1', 1, begin + 1000);
    replica.hear([word('a/2', 1, { until: begin + 1000 })]);
    pass(1000);
    expect([replica.get('a/1'), replica.get('a/2')]).toEqual([undefined, undefined]);
    expect(replica.list('a/')).toEqual([]);
    expect(replica.known()).toEqual([]);
  });

  test('ends what it has taken the place of, and is no news', () => {
    const { replica } = build();
    replica.hear([word('a', 'old')]);
    const listener = jest.fn();
    replica.onNews('a', listener);
    replica.hear([word('a', 'new', { until: begin })]);
    expect(replica.get('a')).toBeUndefined();
    expect(listener).not.toHaveBeenCalled();
  });
});

describe('so many words that no more are kept', () => {
  function fill() {
    const built = build();
    const entries = Array.from({ length: 20_000 }, (_, i) =>
      word(`a/${i}`, 1, { until: begin + dayMs - (i === 7 ? 1 : 0) }),
    );
    built.replica.hear(entries);
    return built;
  }

  test('push out none that are known, when they are others’', () => {
    const { replica, warn } = fill();
    replica.hear([word('b/1'), word('b/2')]);
    expect(replica.known()).toHaveLength(20_000);
    expect(replica.get('b/1')).toBeUndefined();
    expect(warn).toHaveBeenCalledTimes(1);
    replica.hear([word('a/5', 'newer')]);
    expect(replica.get('a/5')?.value).toBe('"newer"');
  });

  test('push out the one that ends first, when they are ours', () => {
    const { replica, warn } = fill();
    replica.say('b/1', 1);
    expect(replica.known()).toHaveLength(20_000);
    expect(replica.get('b/1')).toBeDefined();
    expect(replica.get('a/7')).toBeUndefined();
    expect(warn).toHaveBeenCalledTimes(1);
  });

  test('are fewer when they are long: 32 MiB are kept in all', () => {
    const { replica, warn } = build();
    const long = 'x'.repeat(16_382);
    const entries = Array.from({ length: 2049 }, (_, i) => word(`a/${i}`, long));
    replica.hear(entries);
    expect(replica.known()).toHaveLength(2048);
    expect(warn).toHaveBeenCalledTimes(1);
    // What takes no more room than the one before it has its place.
    replica.hear([word('a/5', 'newer')]);
    expect(replica.get('a/5')?.value).toBe('"newer"');
    replica.say('b/1', long);
    expect(replica.get('b/1')).toBeDefined();
    expect(replica.known()).toHaveLength(2048);
  });

  test('are looked through for ended ones once a second, however many are refused', () => {
    const { replica, pass } = build();
    const refused = (key: string) => {
      replica.hear([word(key, 1, { until: begin + dayMs })]);
      return replica.get(key) === undefined;
    };
    replica.hear(
      Array.from({ length: 20_000 }, (_, i) => word(`a/${i}`, 1, { until: begin + (i < 2 ? 1_500 : dayMs) })),
    );
    pass(1_000);
    expect(refused('b/1')).toBe(true);
    pass(999);
    expect(refused('b/2')).toBe(true);
    pass(1);
    expect(refused('b/3')).toBe(false);
  });

  test('leave room once some have ended', () => {
    const { replica, pass } = fill();
    pass(dayMs - 1);
    const late = word('b/1', 1, { until: begin + 2 * dayMs });
    replica.hear([late]);
    expect(replica.get('b/1')).toEqual(late);
  });
});

describe('a key', () => {
  test('keeps names apart, whatever is in them', () => {
    expect(writeKey('error', 'app', 'http://app1/')).toBe('error/app/http%3A%2F%2Fapp1%2F');
    expect(writeKey('error', 'a/b', 'c')).not.toBe(writeKey('error', 'a', 'b/c'));
  });

  test('is never too long, and still another one for another name', () => {
    const long = `http://app1/${'ä/'.repeat(500)}`;
    const [one, other] = [writeKey('error', 'app', long), writeKey('error', 'app', `${long}x`)];
    expect(one.length).toBeLessThanOrEqual(1000);
    expect(one.startsWith('error/app/http%3A%2F%2Fapp1')).toBe(true);
    expect(one).not.toBe(other);
    expect(writeKey('error', 'app', long)).toBe(one);
  });

  test('can be written of a name that is half a letter', () => {
    expect(writeKey('error', 'a\ud800')).toBe('error/a%EF%BF%BD');
  });
});
