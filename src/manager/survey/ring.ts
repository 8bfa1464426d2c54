/** The last ones of many, in a fixed number of places. */
export type Ring<Item> = Readonly<{
  push(item: Item): void;
  /** Newest first. */
  newest(most: number): readonly Item[];
}>;

/** Creates a ring that keeps the last `places`. */
export function createRing<Item>(places: number): Ring<Item> {
  const items: Item[] = [];
  let next = 0;
  return {
    push(item) {
      items[next] = item;
      next = (next + 1) % places;
    },
    newest(most) {
      const count = Math.min(most, items.length);
      return Array.from({ length: count }, (_, i) => items[(next - 1 - i + places) % places]!);
    },
  };
}
