/** Milliseconds as people read them: with one decimal at most, and none from a hundred up. */
export function roundMs(ms: number): number {
  return ms >= 100 ? Math.round(ms) : Math.round(ms * 10) / 10;
}

/** A number a second, with two decimals at most. */
export function roundRate(rate: number): number {
  return rate >= 100 ? Math.round(rate) : Math.round(rate * 100) / 100;
}
