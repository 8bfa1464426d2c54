import type { AttemptFacts } from '../facts.ts';
import { complain, indent } from './complain.ts';
import { nameOf, type Named } from './expect-member.ts';

/** What tells of attempts: `req.balancer`, or the event `request`. */
export type Attempted<Name extends string = string> = Readonly<{
  /** What was tried, in order. */
  attempts: readonly AttemptFacts<Name>[];
}>;

/**
 * Throws unless the request was tried at these members, in this order, two at least, and answered by the last one. `request`: an event
 * `request` (`await watch(balancer, 'request').next()`), or `req.balancer`. `members`: names, or `members.app1`.
 */
export function expectFailover<Name extends string>(
  request: Attempted<Name>,
  members: readonly Named<NoInfer<Name>>[],
): void {
  if (!(Array.isArray as (value: unknown) => boolean)(members) || members.length < 2)
    throw new TypeError(
      "expectFailover: write the members in the order in which they are tried: ['app1', 'app2']",
    );
  const names = members.map((member) => nameOf(member, expectFailover));
  const attempts: unknown = (request as Attempted | undefined)?.attempts;
  if (!Array.isArray(attempts))
    throw new TypeError("expectFailover: write an event of watch(balancer, 'request'), or req.balancer");
  const all = attempts as readonly AttemptFacts[];
  const actual = all.map(({ name }) => name);
  const isInOrder = actual.length === names.length && actual.every((name, i) => name === names[i]);
  const end = all.at(-1)?.outcome;
  if (isInOrder && (end === 'answered' || end === 'upgraded')) return;
  const lines = all.map(({ name, reason, outcome, code, status }, i) => {
    const ending = [outcome, status, code].filter((each) => each !== undefined).join(' ');
    return `${i + 1}. ${name} (${reason}): ${ending}`;
  });
  const found = lines.length === 0 ? 'nobody was tried' : `the attempts were${indent(lines)}`;
  const message = `the request should have gone from ${names.join(' to ')} and been answered there, but ${found}`;
  throw complain({ message, actual, expected: names }, expectFailover);
}
