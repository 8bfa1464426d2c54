import { isArray, quote } from '../../definition/describe.ts';
import { ManagerError } from '../route.ts';
import { isFields } from '../../request/form.ts';

const deepest = 8;
// More than any change can say.
const mostValues = 2000;
const mostFields = 200;

/**
 * The fields of a form, each once, as a record without prototype.
 *
 * @throws {ManagerError} for what two readers could read differently.
 */
export function parseForm(text: string): Readonly<Record<string, string>> {
  const fields = createRecord<string>();
  const pairs = text === '' ? [] : text.split('&', mostFields + 1);
  if (pairs.length > mostFields) throw wrong(`it has more than ${mostFields} fields`);
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    const name = decodeField(at === -1 ? pair : pair.slice(0, at));
    if (Object.hasOwn(fields, name)) throw wrong(`it has the field ${quote(name)} twice`);
    fields[allowName(name)] = at === -1 ? '' : decodeField(pair.slice(at + 1));
  }
  return fields;
}

/**
 * The same of what the app's own parser has made of a form.
 *
 * @throws {ManagerError} for lists and records: a field was doubled, or has brackets in its name.
 */
export function readFields(value: unknown): Readonly<Record<string, string>> {
  if (!isFields(value)) throw wrong('what the app has read of it are no fields');
  const fields = createRecord<string>();
  const entries = Object.entries(value);
  if (entries.length > mostFields) throw wrong(`it has more than ${mostFields} fields`);
  for (const [name, text] of entries) {
    if (typeof text !== 'string') throw wrong(`the field ${quote(name)} is no single text`);
    fields[allowName(name)] = text;
  }
  return fields;
}

/**
 * A JSON value whose records have no prototype.
 *
 * @throws {ManagerError} for one that is deeper or longer than anything that is asked for here.
 */
export function copyPlain(value: unknown): unknown {
  let left = mostValues;
  const copy = (given: unknown, depth: number): unknown => {
    left -= 1;
    if (left < 0) throw wrong(`it has more than ${mostValues} values`);
    if (typeof given !== 'object' || given === null) return given;
    if (depth >= deepest) throw wrong(`it is more than ${deepest} levels deep`);
    if (isArray(given)) return given.map((element) => copy(element, depth + 1));
    if (!isFields(given)) throw wrong('it is no JSON');
    const record = createRecord<unknown>();
    for (const [name, each] of Object.entries(given)) record[allowName(name)] = copy(each, depth + 1);
    return record;
  };
  return copy(value, 0);
}

/** Whoever copies a record with assignments would hand its prototype over. */
function allowName(name: string): string {
  if (name === '__proto__') throw wrong('nothing here is called __proto__');
  return name;
}

function createRecord<Value>(): Record<string, Value> {
  return Object.create(null) as Record<string, Value>;
}

function decodeField(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw wrong('it has a % that is no UTF-8');
  }
}

function wrong(detail: string): ManagerError {
  return new ManagerError('ERR_MANAGER_BODY', detail);
}
