import { afterEach, beforeEach, describe, test } from '@jest/globals';
import { expectNothingLost, printEndured } from '../faults/support/endurance/judge.ts';
import { endure } from '../faults/support/endurance/run.ts';
import { senders } from '../support/front.ts';
import { noteWhatIsThere, nothingIsLeft } from '../faults/support/leftovers.ts';
import { stopPrograms } from '../faults/support/programs.ts';

beforeEach(noteWhatIsThere);

afterEach(async () => {
  await stopPrograms();
  await nothingIsLeft();
});

describe.each(senders)('a million requests with faults mixed in, over %s,', (name, sender) => {
  test('leave heap, descriptors, sockets, listeners and timers where they began', async () => {
    const endured = await endure(sender, { warm: 50_000, counted: 1_000_000 });
    process.stdout.write(printEndured(name, endured));
    expectNothingLost(endured);
  });
});
