import { afterEach, beforeEach, describe, test } from '@jest/globals';
import { senders } from '../support/front.ts';
import { expectNothingLost, printEndured } from './support/endurance/judge.ts';
import { endure } from './support/endurance/run.ts';
import { noteWhatIsThere, nothingIsLeft } from './support/leftovers.ts';
import { stopPrograms } from './support/programs.ts';

beforeEach(noteWhatIsThere);

afterEach(async () => {
  await stopPrograms();
  await nothingIsLeft();
});

describe.each(senders)('under load with faults mixed in, over %s,', (name, sender) => {
  test('heap, descriptors, sockets, listeners and timers end where they began', async () => {
    const endured = await endure(sender, { warm: 15_000, counted: 30_000 });
    process.stdout.write(printEndured(name, endured));
    expectNothingLost(endured);
  });
});
