import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { senders } from '../support/front.ts';
import { fuzzClientSide } from './support/client-bytes/fuzz.ts';
import { noteWhatIsThere, nothingIsLeft } from './support/leftovers.ts';

beforeEach(noteWhatIsThere);
afterEach(nothingIsLeft);

describe.each(senders)('whatever bytes a client sends, over %s,', (_name, sender) => {
  test.each([
    ['Node’s parser', 4_000, {}],
    ['its lenient one', 2_000, { insecureHTTPParser: true }],
  ])(
    'members get the requests that %s reads in them, whole, once and by the letter, and clients their own answers',
    async (_whose, inputs, options) => {
      const fuzzed = await fuzzClientSide(sender, inputs, 1, options);
      expect(fuzzed.faults).toEqual([]);
      expect(fuzzed.inputs).toBe(inputs);
      // Most are near enough to requests to get somewhere, and some to each end.
      expect(fuzzed.forwarded).toBeGreaterThan(inputs / 5);
      expect(fuzzed.refused).toBeGreaterThan(inputs / 40);
      expect(fuzzed.closed).toBeGreaterThan(inputs / 8);
    },
  );
});
