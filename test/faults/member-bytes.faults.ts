import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { senders } from '../support/front.ts';
import { fuzzMember } from '../support/hostile/fuzz-member.ts';
import { noteWhatIsThere, nothingIsLeft } from './support/leftovers.ts';

beforeEach(noteWhatIsThere);
afterEach(nothingIsLeft);

describe.each(senders)('answers with wrong bytes, over %s,', (...sender) => {
  test('are passed on where Node’s client takes them, and refused or cut where it does not', async () => {
    const fuzzed = await fuzzMember(sender, { seed: 8, count: 5_000 });
    expect(fuzzed.faults).toEqual([]);
    expect(fuzzed.relayed).toBeGreaterThan(1_000);
    expect(fuzzed.refused).toBeGreaterThan(1_000);
    expect(fuzzed.cut).toBeGreaterThan(50);
    expect(fuzzed.raced).toBeLessThan(500);
  });
});
