import fc from 'fast-check';

/** What of a run may be set from outside: how long it is, and its chance. */
let plan: Readonly<{ times: number; seed: number }> = { times: 1, seed: 8 };

/** From here on, properties are run so many times longer, with another chance. Call it before they are declared. */
export function lengthenRuns(times: number, seed: number): void {
  plan = { times, seed };
}

/** How many inputs a property sees that sees so many when it is in a hurry. */
export function countRuns(inAHurry: number): number {
  return inAHurry * plan.times;
}

/** Fails where a property does not hold: with the smallest input that was found, and the seed that finds it again. */
export function hold<Values>(inAHurry: number, property: fc.IPropertyWithHooks<Values>): void {
  fc.assert(property, { numRuns: countRuns(inAHurry), seed: plan.seed });
}

/** The same for what takes its time. */
export async function holdAsync<Values>(
  inAHurry: number,
  property: fc.IAsyncPropertyWithHooks<Values>,
): Promise<void> {
  await fc.assert(property, { numRuns: countRuns(inAHurry), seed: plan.seed });
}
