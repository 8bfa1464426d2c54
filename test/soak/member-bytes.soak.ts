import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { noteWhatIsThere, nothingIsLeft } from '../faults/support/leftovers.ts';
import { senders } from '../support/front.ts';
import { fuzzMember } from '../support/hostile/fuzz-member.ts';

beforeEach(noteWhatIsThere);
afterEach(nothingIsLeft);

describe.each(senders)('answers with wrong bytes, over %s,', (...sender) => {
  test.each([101, 102, 103, 104, 105])(
    'are passed on where Node’s client takes them, and refused or cut where it does not: 5,000 of seed %i',
    async (seed) => {
      const fuzzed = await fuzzMember(sender, { seed, count: 5_000 });
      expect(fuzzed.faults).toEqual([]);
      expect(fuzzed.relayed).toBeGreaterThan(1_000);
      expect(fuzzed.raced).toBeLessThan(500);
    },
  );
});
