import { quote } from '../../definition/describe.ts';
import { ManagerError } from '../route.ts';

/**
 * The terms of a change that stand in a query: all of it, so that what is misspelt there is told.
 *
 * @throws {ManagerError} for one that stands there twice.
 */
export function readTermsOfQuery(query: URLSearchParams): Readonly<Record<string, unknown>> {
  const names = [...query.keys()];
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new ManagerError('ERR_MANAGER_CHANGE', `the query has ${quote(twice)} twice; write it once`);
  // A number there is one of seconds, as in JSON.
  const read = (name: string, text: string): unknown =>
    name === 'for' && /^\d{1,9}(\.\d{1,3})?$/.test(text) ? Number(text) : text;
  return Object.fromEntries([...query].map(([name, text]) => [name, read(name, text)]));
}

/**
 * A change that was to end would hold for good if its end stood where nobody reads it.
 *
 * @throws {ManagerError} when there is a query.
 */
export function refuseTermsInQuery(query: URLSearchParams): void {
  const [name] = query.keys();
  if (name === undefined) return;
  const detail = `${quote(name)} stands in the query, which is not read here; write it into the body`;
  throw new ManagerError('ERR_MANAGER_CHANGE', detail);
}
