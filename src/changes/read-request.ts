import type { MemberDefinition } from '../definition/member-definition.ts';
import { optionNames, type Place } from '../definition/option-names.ts';
import {
  DefinitionError,
  joinPath,
  stateProblem,
  type Options,
  type Problem,
} from '../definition/problem.ts';
import { findNearest, foldName } from '../definition/spelling.ts';
import { checkUnknownIn } from '../definition/unknown-options.ts';
import type { ChangeRequest, Deed } from './change.ts';
import { checkCarried } from './check-carried.ts';
import { copyJson, isRecord } from './copy-json.ts';
import { checkTerms, findTerm, readSpan, readTerms } from './read-terms.ts';

/** What is done to whom, as the path or the fields of a request say. */
export type Addressee = Readonly<{ balancer: string; member?: string | undefined }>;

/** The kinds of deeds: which terms they have, and where their options stand. */
const kinds: Readonly<
  Record<
    Deed['kind'],
    Readonly<{ times: readonly string[]; place: Place | undefined; path: string; example: string }>
  >
> = {
  change: { times: ['for'], place: 'change', path: 'change', example: '{ "loadfactor": 2 }' },
  drain: { times: ['for', 'deadline'], place: undefined, path: 'change', example: '{ "deadline": "10m" }' },
  add: { times: ['for'], place: 'member', path: 'member', example: '{ "url": "http://host:3000" }' },
  remove: { times: ['for'], place: undefined, path: 'change', example: '{ "reason": "gone" }' },
  configure: { times: ['for'], place: 'balancer', path: '', example: '{ "lbmethod": "bybusyness" }' },
};

/**
 * Reads what is asked for in JSON: the options flat, beside `reason` and `for`. Values of options are the balancer's to check.
 *
 * @throws {DefinitionError} with everything that is wrong with it.
 */
export function readChangeRequest(kind: Deed['kind'], addressee: Addressee, body: unknown): ChangeRequest {
  const given = body === undefined && kinds[kind].place === undefined ? {} : copyJson(body);
  if (!isRecord(given)) {
    const fault = { problem: 'it must be a record of options', advice: `write ${kinds[kind].example}` };
    throw refuse([stateProblem('change', body, fault)]);
  }
  const { times } = kinds[kind];
  const isTerm = (name: string): boolean => name === 'reason' || times.includes(name);
  const entries = Object.entries(given);
  const options = Object.fromEntries(entries.filter(([name]) => !isTerm(name)));
  const problems = [...checkTerms(given, times), ...checkDeed(kind, options)];
  if (problems.length > 0) throw refuse(problems);
  return { deed: buildDeed(kind, addressee, options, readSpan(given['deadline'])), ...readTerms(given) };
}

/** What is wrong with the options of a deed, as far as its balancer would not say so. */
export function checkDeed(kind: Deed['kind'], options: Options): readonly Problem[] {
  const { place, path, example } = kinds[kind];
  const names = Object.keys(options);
  // Of a member without a URL more can be said.
  if (names.length === 0 && place !== undefined && kind !== 'add') {
    const fault = { problem: 'there is nothing to be done', advice: `write ${example}` };
    return [stateProblem(path || 'change', options, fault)];
  }
  return [
    ...names.flatMap((name) => checkName(kind, name, options[name])),
    ...(place === undefined ? [] : checkCarried(kind, options, path)),
  ];
}

/** A checked deed. */
export function buildDeed(
  kind: Deed['kind'],
  { balancer, member = '' }: Addressee,
  options: Options,
  deadlineMs: number | undefined,
): Deed {
  switch (kind) {
    case 'drain':
      return { kind, balancer, member, deadlineMs };
    case 'remove':
      return { kind, balancer, member };
    // What the values are worth is for the balancer to say.
    case 'change':
      return { kind, balancer, member, set: options };
    case 'configure':
      return { kind, balancer, set: options };
    case 'add':
      return { kind, balancer, member: options as unknown as MemberDefinition, name: undefined };
  }
}

function checkName(kind: Deed['kind'], name: string, value: unknown): readonly Problem[] {
  const { place, path, times } = kinds[kind];
  const known = place === undefined ? [] : optionNames[place];
  if (known.includes(name)) return [];
  const at = joinPath(path, name);
  if (kind === 'remove' && name === 'deadline')
    return [stateProblem(at, value, { problem: 'it is an option of drain', advice: 'leave it out' })];
  const folded = foldName(name);
  const options = known.some((option) => foldName(option) === folded);
  const term = findTerm(folded) ?? findNearest(name, ['reason', ...times]);
  if (term !== undefined && !options)
    return [stateProblem(at, value, { problem: 'there is no such option', advice: `write ${term}` })];
  // The balancer has better advice for its own options.
  if (place === 'balancer') return [];
  if (place !== undefined) return checkUnknownIn(place)(name, value, at);
  return [stateProblem(at, value, { problem: 'there is no such option', advice: 'leave it out' })];
}

function refuse(problems: readonly Problem[]): DefinitionError {
  return new DefinitionError(problems, 'The change');
}
