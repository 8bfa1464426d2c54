const mostNamed = 5;

/** New states in a sentence: the first few by name, the others as a number. */
export function describeNews(states: ReadonlyMap<string, string>): string {
  const named = [...states].slice(0, mostNamed).map(([name, state]) => `${name}: ${state}`);
  const others = states.size - named.length;
  return [...named, ...(others > 0 ? [`${others} more have changed`] : [])].join('. ');
}
