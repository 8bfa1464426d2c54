/** The value below which such a part of all of them is. */
export function findPart(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]!;
}

export function middleOf(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const half = (sorted.length - 1) / 2;
  return (sorted[Math.floor(half)]! + sorted[Math.ceil(half)]!) / 2;
}

/** The middle one, and within which bounds the middle one of endless values is, 19 times of 20. */
export function showRatio(values: readonly number[]): string {
  const sorted = values.toSorted((one, other) => one - other);
  const last = sorted.length - 1;
  const from = Math.max(0, Math.floor(last / 2 - 0.98 * Math.sqrt(last)));
  return `${middleOf(values).toFixed(3)} | ${sorted[from]!.toFixed(3)}–${sorted[last - from]!.toFixed(3)}`;
}
