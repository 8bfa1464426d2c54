import { describe } from '../../definition/describe.ts';
import { isFault, type Fault } from '../../definition/problem.ts';
import { findNearest } from '../../definition/spelling.ts';
import type { Argument, Item } from '../syntax/directive.ts';
import { balancerParameters } from './balancer-parameters.ts';
import {
  putInto,
  type Bag,
  type BalancerOptions,
  type Checks,
  type MemberOptions,
  type Work,
} from './draft.ts';
import type { Reading } from './values.ts';
import { workerParameters } from './worker-parameters.ts';

/** Puts `key=value` parameters of a worker or member into its bag; what they are, in words. */
export function readWorkerParameters(
  args: readonly Argument[],
  bag: Bag<MemberOptions>,
  { item, work, checks }: Readonly<{ item: Item; work: Work; checks: Checks }>,
): string {
  return readInto(args, bag, { item, work }, (key, text) => {
    const read = workerParameters.get(key);
    if (read) return read(text, checks);
    if (balancerParameters.has(key))
      return {
        problem: `${key} is a parameter of a balancer`,
        advice: 'write it in ProxySet in its <Proxy balancer://…>, or on its ProxyPass',
      };
    return tellUnknown(key, 'worker', workerParameters.keys(), work);
  });
}

/** The same for a balancer. */
export function readBalancerParameters(
  args: readonly Argument[],
  bag: Bag<BalancerOptions>,
  { item, work }: Readonly<{ item: Item; work: Work }>,
): string {
  return readInto(args, bag, { item, work }, (key, text, at) => {
    const read = balancerParameters.get(key);
    if (key === 'routeregex') work.ape.source ??= { item, at };
    if (read) return read(text);
    if (workerParameters.has(key))
      return { problem: `${key} is a parameter of members`, advice: 'write it on each BalancerMember' };
    return tellUnknown(key, 'balancer', balancerParameters.keys(), work);
  });
}

/** Options in words: `route app1, loadfactor 2`. */
export function listOptions(options: object): string {
  return Object.entries(options)
    .map(([name, value]) => `${name} ${describe(value).replace(/^'([\w.|-]+)'$/, '$1')}`)
    .join(', ');
}

/** Options as a definition has them: `{ name: 'ROUTEID', path: '/' }`. */
export function writeOptions(options: object): string {
  const parts = Object.entries(options).map(([name, value]) => `${name}: ${describe(value)}`);
  return `{ ${parts.join(', ')} }`;
}

/** A sentence with more in it, if there is more. */
export function withMore(what: string, more: string): string {
  return more === '' ? what : `${what}, ${more}`;
}

/** To look for what was meant takes its time, and no file has so many slips. */
export const mostLookedUp = 500;

type ReadOne<Options> = (key: string, text: string, at: Argument) => Reading<Partial<Options>> | Fault;

function readInto<Options extends object>(
  args: readonly Argument[],
  bag: Bag<Options>,
  { item, work }: Readonly<{ item: Item; work: Work }>,
  readOne: ReadOne<Options>,
): string {
  const { ledger } = work;
  const words: string[] = [];
  const left: string[] = [];
  for (const at of args) {
    const [, key, value] = /^([^=]*)=([^]*)$/.exec(at.text) ?? [];
    if (key === undefined || value === undefined) {
      ledger.fail(at, 'it is no parameter', 'write parameters as key=value');
      continue;
    }
    const reading = readOne(key.toLowerCase(), unquote(value), at);
    if (isFault(reading)) {
      ledger.fail(at, reading.problem, reading.advice);
      continue;
    }
    if (reading.differs !== undefined) ledger.differ(item, reading.differs);
    if (reading.dropped !== undefined) left.push(reading.dropped);
    if (reading.options === undefined) continue;
    putInto(bag, reading.options, { item, at });
    words.push(listOptions(reading.options));
  }
  // A ProxySet is nothing but its parameters; of another line the rest is taken.
  const tell = item.key === 'proxyset' && left.length === args.length ? ledger.drop : ledger.differ;
  for (const why of left) tell(item, why);
  return words.filter((word) => word !== '').join(', ');
}

/** `key="some value"`: httpd takes quotes away around a whole argument only. */
function unquote(value: string): string {
  return /^(["'])([^]*)\1$/.exec(value)?.[2] ?? value;
}

function tellUnknown(key: string, kind: string, known: Iterable<string>, { unknown }: Work): Fault {
  unknown.count += 1;
  const nearest = unknown.count > mostLookedUp ? undefined : findNearest(key, known);
  return {
    problem: `there is no ${kind} parameter ${describe(key)}`,
    advice: nearest === undefined ? 'leave it out' : `write ${nearest}`,
  };
}
