import { complain } from './complain.ts';
import { compileRequestPattern, type MemberRequest, type RequestPattern } from './member-request.ts';
import { readCount, readName } from './read-options.ts';
import { listRequests, type TestMember } from './test-member.ts';

/** Members of a test, as `startMembers` gives them. */
export type ServingMembers<Name extends string = string> = Readonly<{
  /** The requests of all, in the order in which they came. */
  requests: readonly MemberRequest[];
  /** All members, in order. */
  [Symbol.iterator](): Iterator<TestMember<Name>>;
}>;

/** Which requests are counted. */
export type ExpectServedOptions = Readonly<{
  /** `'/orders'`, `'POST /orders'`, or a function. Default: all, health checks included. */
  only?: RequestPattern;
}>;

/** Throws unless each member has got as many whole requests; one that is not named, none. */
export function expectServed<Name extends string>(
  members: ServingMembers<Name>,
  counts: Readonly<Partial<Record<NoInfer<Name>, number>>>,
  { only }: ExpectServedOptions = {},
): void {
  const isMeant = compileRequestPattern(only, 'expectServed: only');
  const all = [...members];
  const names = all.map(({ name }) => name);
  const wanted = new Map<string, number>();
  for (const [name, count] of Object.entries(counts))
    wanted.set(readName(name, names, 'expectServed'), readCount(count, `expectServed: ${name}`, 0));
  const counted = all.map(
    ({ name, requests }) =>
      [name, requests.filter((each) => each.isComplete && isMeant(each)).length] as const,
  );
  if (counted.every(([name, count]) => count === (wanted.get(name) ?? 0))) return;
  const actual = Object.fromEntries(counted);
  const expected = Object.fromEntries(names.map((name) => [name, wanted.get(name) ?? 0]));
  const what = typeof only === 'string' ? only : 'whole requests';
  const message =
    `${what}: the members should have got ${tellCounts(expected)}, but got ${tellCounts(actual)}; in order they got ` +
    listRequests(members.requests);
  throw complain({ message, actual, expected }, expectServed);
}

/**
 * Throws unless exactly one whole request of that kind has come to all members together: that an order was placed once, although
 * a member has failed. Returns the request.
 */
export function expectOnce(members: ServingMembers, only: RequestPattern): MemberRequest {
  const isMeant = compileRequestPattern(only, 'expectOnce');
  const found = members.requests.filter((each) => each.isComplete && isMeant(each));
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  const what = typeof only === 'string' ? only : 'the request';
  const times = found.length === 0 ? 'never' : `${found.length} times`;
  const message = `${what} should have come to a member once, but has come ${times}; in order they got ${listRequests(members.requests)}`;
  throw complain({ message, actual: found.length, expected: 1 }, expectOnce);
}

function tellCounts(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name}: ${count}`)
    .join(', ');
}
