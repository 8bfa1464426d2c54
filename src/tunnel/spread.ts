/**
 * When each of so many is to go, in milliseconds from now and in order: one in each equal part of a time, anywhere in it.
 */
export function spreadOver(count: number, spreadMs: number, random: () => number): readonly number[] {
  const partMs = spreadMs / count;
  return Array.from({ length: count }, (_, i) => (i + random()) * partMs);
}

/** The same in another order (Fisher-Yates): who came together need not go together. */
export function shuffle<Item>(items: readonly Item[], random: () => number): Item[] {
  const shuffled = [...items];
  for (let i = shuffled.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
  }
  return shuffled;
}
