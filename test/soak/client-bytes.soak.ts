import { describe, expect, test } from '@jest/globals';
import { fuzzClientSide } from '../faults/support/client-bytes/fuzz.ts';
import { tidyUp } from '../support/idle.ts';
import { senders } from '../support/front.ts';

describe.each(senders)('fifty thousand inputs of clients, over %s,', (name, sender) => {
  test.each([
    ['strict', 40_000, {}],
    ['lenient', 10_000, { insecureHTTPParser: true }],
  ])('are read by members as Node reads them, %s', async (parser, inputs, options) => {
    // Another one each time; what fails says which input it was.
    const seed = Math.trunc(Date.now() / 1_000) % 1_000_000;
    try {
      const { faults, ...sums } = await fuzzClientSide(sender, inputs, seed, options);
      process.stdout.write(`${name}, ${parser}, seed ${seed}: ${JSON.stringify(sums)}\n`);
      expect(faults).toEqual([]);
    } finally {
      await tidyUp();
    }
  });
});
