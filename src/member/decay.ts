const steps = 64;
const halvings = 20;

/** Powers are dear when a thousand members are looked at. */
const table = Float64Array.from({ length: steps * halvings + 2 }, (_, step) => 2 ** (-step / steps));

/** What is left of 1 after so many half-lives, to five digits; nothing after twenty. */
export function halve(halfLives: number): number {
  if (halfLives <= 0) return 1;
  if (halfLives >= halvings) return 0;
  const at = halfLives * steps;
  const step = Math.floor(at);
  const left = table[step]!;
  return left - (left - table[step + 1]!) * (at - step);
}
