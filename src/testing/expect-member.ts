import { describe } from '../definition/describe.ts';
import { complain, indent } from './complain.ts';
import { shorten } from './member-request.ts';
import type { TestMember } from './test-member.ts';

/**
 * An answer, whoever has asked for it: of supertest, `fetch`, axios, `http.request` or the like. What is looked at is the field
 * `X-Member`, by which members of a test say who they are.
 */
export type Answered = Readonly<{
  /** Its fields: by name in lower case, or as `fetch` has them. */
  headers:
    | Readonly<Record<string, unknown>>
    | Readonly<{
        /** The value of a field. */
        get(name: string): string | null;
      }>;
  /** Shown where it is not what was expected. */
  status?: unknown;
  /** The same, as `http.request` has it. */
  statusCode?: unknown;
  /** The body, shown in the same place. */
  text?: unknown;
}>;

/** A member, or its name. */
export type Named<Name extends string = string> = Name | Pick<TestMember<Name>, 'name'>;

/** The name of a member, however it is given. */
export function nameOf(member: Named, from: { name: string }): string {
  const name: unknown = typeof member === 'string' ? member : (member as { name?: unknown } | null)?.name;
  if (typeof name === 'string') return name;
  throw new TypeError(`${from.name}: ${describe(member)}: write a member, or its name: 'app1'`);
}

/**
 * Throws unless this member has answered: `expectMember(response, 'app1')`, or `members.app1`. Only to be asked of answers of
 * members that were started by `startMembers` and not told to hide `X-Member`.
 */
export function expectMember(response: Answered, member: Named): void {
  const expected = nameOf(member, expectMember);
  const actual = readMember(response, expectMember);
  if (actual === expected) return;
  const found =
    actual === undefined
      ? `none has answered: there is no X-Member. It is ${tellAnswer(response)}`
      : `${actual} has. It is ${tellAnswer(response)}`;
  throw complain(
    { message: `${expected} should have answered, but ${found}`, actual, expected },
    expectMember,
  );
}

/** Throws unless all of the answers, two at least, are of the same member. Returns its name. */
export function expectSticky(responses: readonly Answered[]): string {
  if (!(Array.isArray as (value: unknown) => boolean)(responses) || responses.length < 2)
    throw new TypeError('expectSticky: write a list of two answers at least: one alone cannot differ');
  const names = responses.map((response) => readMember(response, expectSticky));
  const [first] = names;
  if (first !== undefined && names.every((name) => name === first)) return first;
  const lines = responses.map(
    (response, i) => `${i + 1}. ${names[i] ?? 'no member'}: ${tellAnswer(response)}`,
  );
  const hint = 'does the client send back the cookie, and does a member have the route that stands in it?';
  const message = `all answers should be of one member; ${hint}${indent(lines)}`;
  throw complain({ message, actual: names, expected: names.map(() => first ?? 'one member') }, expectSticky);
}

function readMember(response: Answered, from: { name: string }): string | undefined {
  const headers: unknown = (response as Answered | undefined)?.headers;
  if (typeof headers !== 'object' || headers === null) {
    const isPromise = typeof (response as unknown as { then?: unknown } | undefined)?.then === 'function';
    throw new TypeError(
      `${from.name}: ${isPromise ? 'that is a promise: await the answer' : `${describe(response)}: that is no answer`}`,
    );
  }
  const value: unknown =
    'get' in headers && typeof headers.get === 'function'
      ? (headers.get as (name: string) => unknown)('X-Member')
      : Object.entries(headers).find(([name]) => name.toLowerCase() === 'x-member')?.[1];
  return typeof value === 'string' ? value : undefined;
}

/** `503 "{…}"` */
function tellAnswer({ status, statusCode, text }: Answered): string {
  const number = status ?? statusCode;
  const shown = typeof text === 'string' && text !== '' ? ` ${shorten(text)}` : '';
  return `${typeof number === 'number' ? number : 'an answer'}${shown}`;
}
