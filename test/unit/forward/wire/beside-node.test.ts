import { expect, test } from '@jest/globals';
import { askNode, type Read } from '../../../support/hostile/ask-node.ts';
import { mutate, samples } from '../../../support/hostile/mutate.ts';
import { createRandom } from '../../../support/seeded-random.ts';
import { readAnswer } from './read-answers.ts';

function askOurs(bytes: string): Read | undefined {
  const { status, headers, body, trailers, left, refused } = readAnswer([bytes]);
  if (refused !== undefined || left === undefined) return undefined;
  return { status: status!, headers: headers!, body, trailers: trailers! };
}

/** Where Node refuses and we do not; each is harmless, since no more than what is told goes on. */
function isKnown(bytes: string): boolean {
  return (
    // What stands in an extension of a chunk, and the blanks before it, is skipped, not parsed.
    /\r\n[\da-f]+[ \t]*;/i.test(bytes)
  );
}

test('what Node’s client refuses is refused, and what both read is the same', async () => {
  const random = createRandom(11);
  let both = 0;
  let refused = 0;
  for (let i = 0; i < 1_500; i += 1) {
    const bytes = mutate(random.oneOf(samples), random);
    const ours = askOurs(bytes);
    const node = await askNode(bytes);
    if (ours === undefined) {
      refused += 1;
      continue;
    }
    if (node === undefined && isKnown(bytes)) continue;
    expect({ bytes, told: ours }).toEqual({ bytes, told: node });
    both += 1;
  }
  expect(both).toBeGreaterThan(300);
  expect(refused).toBeGreaterThan(300);
});
