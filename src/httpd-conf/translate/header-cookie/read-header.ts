import { quote } from '../../../definition/describe.ts';
import type { PlacedFault } from '../pcre/refusal.ts';

/** mod_headers' `Header`, taken apart. */
export type HeaderRule = Readonly<{
  action: string;
  /** In lower case. */
  name: string;
  value: string;
  /** What stands behind the values: `env=…`, `expr=…`, `early`; `''`: nothing. */
  when: string;
}>;

/** How many values each action has. */
const actions: ReadonlyMap<string, 0 | 1 | 2> = new Map([
  ['add', 1],
  ['append', 1],
  ['merge', 1],
  ['set', 1],
  ['setifempty', 1],
  ['note', 1],
  ['edit', 2],
  ['edit*', 2],
  ['echo', 0],
  ['unset', 0],
]);

/** Reads a `Header` directive's arguments, or says why httpd would not start. */
export function readHeaderRule(args: readonly string[]): HeaderRule | PlacedFault {
  const [first = ''] = args;
  const isConditioned = /^(?:always|onsuccess)$/i.test(first);
  const [action = '', name = '', ...rest] = isConditioned ? args.slice(1) : args;
  const count = actions.get(action.toLowerCase());
  if (count === undefined) {
    return {
      problem: action === '' ? 'it says nothing' : `Header has no action ${quote(action)}`,
      advice: 'write add, append, merge, set, setifempty, note, edit, echo or unset',
    };
  }
  const form = `write Header ${action} Name${' value'.repeat(count)}`;
  if (name === '') return { problem: 'the name of the header is missing', advice: form };
  if (rest.length < count) return { problem: `${action} needs a value`, advice: form };
  if (rest.length > count + 1)
    return { problem: 'it has more arguments than Header takes', advice: `${form}, values in quotes` };
  const when = rest[count] ?? '';
  if (when !== '' && !/^(?:env=.|expr=.|early$)/i.test(when)) {
    return {
      problem: `${quote(when)} is no condition`,
      advice: 'write env=BALANCER_ROUTE_CHANGED, or the value in quotes',
    };
  }
  return {
    action: action.toLowerCase(),
    name: name.replace(/:$/, '').toLowerCase(),
    value: rest.slice(0, count).join(' '),
    when,
  };
}
