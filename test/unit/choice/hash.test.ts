import { describe, expect, test } from '@jest/globals';
import { hashText, joinHashes } from '../../../src/choice/hash.ts';

describe('the hash of a text', () => {
  // Another value would move every key in a cluster where two versions run side by side.
  test.each([
    ['', 2_872_998_923],
    ['a', 3_873_127_206],
    ['192.0.2.1', 2_753_137_892],
    ['é€😀', 2_786_576_082],
    ['x'.repeat(5_000), 2_736_314_969],
  ])('stays what it is: %.20s', (text, hash) => {
    expect(hashText(text)).toBe(hash);
  });

  test('tells texts apart that differ in one character, wherever a short one has it', () => {
    const hashes = Array.from({ length: 1_000 }, (_, i) =>
      hashText(`${'a'.repeat(i)}b${'a'.repeat(999 - i)}`),
    );
    expect(new Set(hashes).size).toBe(1_000);
  });

  test.each([
    ['at their beginning', `b${'a'.repeat(4_999)}`],
    ['at their end', `${'a'.repeat(4_999)}b`],
    ['in length', 'a'.repeat(5_001)],
  ])('tells long texts apart that differ %s', (_where, text) => {
    expect(hashText(text)).not.toBe(hashText('a'.repeat(5_000)));
  });

  test('does not take longer for a text without end', () => {
    const middle = [`${'a'.repeat(3_000)}b${'a'.repeat(1_999)}`, 'a'.repeat(5_000)];
    expect(hashText(middle[0]!)).toBe(hashText(middle[1]!));
  });
});

describe('hashes', () => {
  test('change half of their bits with any bit of what goes into them', () => {
    for (let bit = 0; bit < 32; bit += 1) {
      let changed = 0;
      for (let i = 0; i < 1_000; i += 1) {
        const one = hashText(`key ${i}`);
        let bits = joinHashes(one, 7) ^ joinHashes(one ^ (1 << bit), 7);
        for (; bits !== 0; bits &= bits - 1) changed += 1;
      }
      expect(changed / 32_000).toBeGreaterThan(0.48);
      expect(changed / 32_000).toBeLessThan(0.52);
    }
  });
});
