import { expect, test } from '@jest/globals';
import { createParts } from '../../../src/redis/parts.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

test.each([
  [2_000, 2_000 / 3],
  [6_000, 2_000],
  [3_600_000, 2_000],
])('by an expiry of %d ms a beat comes every %d ms', (expiryMs, beatMs) => {
  const way = { url: 'redis://127.0.0.1:1' };
  const parts = createParts(
    { way, prefix: 'test', expiryMs, keepMs: expiryMs, logger: silent },
    { changed: () => undefined, heard: () => undefined },
  );
  expect(parts.beatMs).toBeCloseTo(beatMs);
});

test('a URL leaves nothing behind for the next', () => {
  for (const url of ['rediss://:secret@127.0.0.1:1', 'redis://127.0.0.1:2']) {
    expect(() =>
      createParts(
        { way: { url }, prefix: 'test', expiryMs: 6_000, keepMs: 6_000, logger: silent },
        { changed: () => undefined, heard: () => undefined },
      ),
    ).not.toThrow();
  }
});
