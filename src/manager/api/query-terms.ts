/** The terms of a change that stand in a query: all of it, so that what is misspelt there is told. */
export function readTermsOfQuery(query: URLSearchParams): Readonly<Record<string, unknown>> {
  // A number there is one of seconds, as in JSON.
  const read = (name: string, text: string): unknown =>
    name === 'for' && /^\d{1,9}(\.\d{1,3})?$/.test(text) ? Number(text) : text;
  return Object.fromEntries([...query].map(([name, text]) => [name, read(name, text)]));
}
