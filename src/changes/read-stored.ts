import { printProblem, stateProblem, type Options, type Problem } from '../definition/problem.ts';
import { cleanName } from '../manager/clean-text.ts';
import type { Change, Deed } from './change.ts';
import { copyJson, isRecord } from './copy-json.ts';
import { buildDeed, checkDeed } from './read-request.ts';
import { checkTerms, longestSpanMs } from './read-terms.ts';

/** What came back from a store: changes in their order, and what is no change, in words. */
export type Stored = Readonly<{ changes: readonly Change[]; faults: readonly string[] }>;

const states: readonly unknown[] = [
  'in-force',
  'done',
  'undone',
  'expired',
  'lost',
] satisfies Change['state'][];
const kinds: readonly unknown[] = ['change', 'drain', 'add', 'remove', 'configure'] satisfies Deed['kind'][];
// A deadline behind it is still a date.
const latest = Date.UTC(9990, 0);
const longestName = 1000;

/** Reads changes as `onChange` was handed them. Those that have ended are left out. `most`: how many there may be. */
export function readStored(value: unknown, most: number): Stored {
  if (value === undefined || value === null) return { changes: [], faults: [] };
  const list = readList(value, 2 * most + 1);
  if (list === undefined) {
    const advice =
      typeof value === 'string' ? 'write JSON.parse(…) around it' : 'write the list that onChange was handed';
    const fault = { problem: 'it must be a list of changes', advice };
    return { changes: [], faults: [printProblem(stateProblem('initialChanges', value, fault))] };
  }
  const faults: string[] = [];
  const changes = new Map<string, Change>();
  for (const [index, element] of list.entries()) {
    const { change, problems } = readOne(element, `initialChanges[${index}]`, changes);
    if (problems.length > 0) faults.push(problems.map(printProblem).join('; '));
    else if (change && changes.size >= most) {
      faults.push(`initialChanges[${index}] and what follows is left out: ${most} changes may be in force`);
      break;
    } else if (change) changes.set(change.id, change);
  }
  // Ids are greater the later they were made, whichever way round the list is.
  return { changes: [...changes.values()].sort((one, other) => (one.id < other.id ? -1 : 1)), faults };
}

function readList(value: unknown, most: number): readonly unknown[] | undefined {
  try {
    return Array.isArray(value) ? (value.slice(0, most) as unknown[]) : undefined;
  } catch {
    return undefined;
  }
}

function readOne(
  element: unknown,
  path: string,
  known: ReadonlyMap<unknown, unknown>,
): Readonly<{ change?: Change; problems: readonly Problem[] }> {
  const given = copyJson(element);
  if (!isRecord(given)) return { problems: [state(path, element, 'it is no change')] };
  if (states.includes(given['state']) && given['state'] !== 'in-force') return { problems: [] };
  const { id, at, by, reason, until, deed } = given;
  const problems = [
    ...checkHead(given, path),
    ...checkTerms({ reason }, []).map((problem) => ({ ...problem, path: `${path}.reason` })),
    ...checkStoredDeed(deed, `${path}.deed`),
    ...(known.has(id) ? [state(`${path}.id`, id, 'there is another one of this id')] : []),
  ];
  if (problems.length > 0) return { problems };
  // Checked above.
  const who = cleanName(by as string);
  const head = { id, at, by: who, reason: reason ?? undefined, until: until ?? undefined } as Omit<
    Change,
    'deed'
  >;
  const change = { ...head, deed: readDeed(deed as Options), state: 'in-force', ended: undefined } as const;
  return { change, problems };
}

function checkHead({ id, at, by, until, state: word }: Options, path: string): readonly Problem[] {
  const isTime = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value <= latest;
  const rules: readonly (readonly [name: string, value: unknown, isRight: boolean, problem: string])[] = [
    ['id', id, typeof id === 'string' && /^[\w-]{1,64}$/.test(id), 'it is no id'],
    ['at', at, isTime(at), 'it is no time in milliseconds since 1970'],
    ['by', by, isName(by) && cleanName(by) !== '', 'it is nobody’s name'],
    [
      'until',
      until,
      until === undefined || until === null || isTime(until),
      'it is no time in milliseconds since 1970',
    ],
    ['state', word, word === 'in-force', 'there is no such state'],
  ];
  return rules
    .filter(([, , isRight]) => !isRight)
    .map(([name, value, , problem]) => state(`${path}.${name}`, value, problem));
}

function checkStoredDeed(deed: unknown, path: string): readonly Problem[] {
  if (!isRecord(deed) || !kinds.includes(deed['kind'])) return [state(path, deed, 'it is no deed')];
  const kind = deed['kind'] as Deed['kind'];
  const { balancer, member, name, deadlineMs } = deed;
  const isOfMember = kind === 'change' || kind === 'drain' || kind === 'remove';
  const isSpan =
    deadlineMs === undefined ||
    deadlineMs === null ||
    (typeof deadlineMs === 'number' && deadlineMs >= 0 && deadlineMs <= longestSpanMs);
  const options = optionsOf(deed);
  return [
    ...(isName(balancer) ? [] : [state(`${path}.balancer`, balancer, 'it is no name')]),
    ...(isOfMember && !isName(member) ? [state(`${path}.member`, member, 'it is no name')] : []),
    ...(kind === 'add' && !isName(name) ? [state(`${path}.name`, name, 'it is no name')] : []),
    ...(kind === 'drain' && !isSpan
      ? [state(`${path}.deadlineMs`, deadlineMs, 'it is no time in milliseconds')]
      : []),
    ...(options === undefined
      ? [state(path, deed, 'it does not say what is to be done')]
      : checkDeed(kind, options).map((problem) => ({ ...problem, path: `${path}: ${problem.path}` }))),
  ];
}

/** What the deed sets; undefined where it should say so and does not. */
function optionsOf(deed: Options): Options | undefined {
  if (deed['kind'] === 'drain' || deed['kind'] === 'remove') return {};
  const options = deed['kind'] === 'add' ? deed['member'] : deed['set'];
  return isRecord(options) ? options : undefined;
}

function readDeed(deed: Options): Deed {
  const kind = deed['kind'] as Deed['kind'];
  const { balancer, member } = deed;
  // Those whose member is no name have no use for one.
  const addressee = { balancer: String(balancer), member: typeof member === 'string' ? member : undefined };
  const deadlineMs = typeof deed['deadlineMs'] === 'number' ? deed['deadlineMs'] : undefined;
  const read = buildDeed(kind, addressee, optionsOf(deed) ?? {}, deadlineMs);
  return read.kind === 'add' ? { ...read, name: String(deed['name']) } : read;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= longestName && !/\p{Cc}/u.test(value);
}

function state(path: string, given: unknown, problem: string): Problem {
  return stateProblem(path, given, {
    problem,
    advice: 'leave it out, or write it as onChange was handed it',
  });
}
