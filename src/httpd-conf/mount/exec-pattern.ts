import { createContext, Script } from 'node:vm';
import { BalancerError } from '../../errors.ts';

/** About what httpd's limit of backtracking comes to. */
const longestMs = 100;

/** What a pattern that tries every way through a text is soon through with. */
const mostSteps = 2 ** 26;

/**
 * Asks a pattern of what clients send. Several unbounded parts in one pattern may take minutes over a path that it almost
 * fits, and a repeated group that may be had in two ways years over some forty characters; httpd gives up after a
 * while, and so does this.
 *
 * @throws {BalancerError} 400 when it takes too long: httpd takes that for no match, which would let past a rule that denies.
 */
export function execPattern(pattern: RegExp, text: string): RegExpExecArray | null {
  const isSoonDone = text.length ** measure(pattern) <= mostSteps;
  return isSoonDone ? pattern.exec(text) : execInTime(pattern, text);
}

const measured = new WeakMap<RegExp, number>();

/** Which power of the length of a text the steps over it grow with. */
function measure(pattern: RegExp): number {
  const known = measured.get(pattern);
  if (known !== undefined) return known;
  const bare = pattern.source.replace(/\\.|\[(?:\\.|[^\]\\])*\]/gs, 'x');
  // With each turn of a repeated group the ways through it may multiply.
  const power = /\)(?:[*+]|\{\d)/.test(bare) ? Infinity : countUnbounded(bare);
  measured.set(pattern, power);
  return power;
}

/** A pattern that may begin anywhere has one more. */
function countUnbounded(bare: string): number {
  return (
    (bare.match(/[*+]|\{\d+,\d*\}/g) ?? []).length + (bare.startsWith('^') && !bare.includes('|') ? 0 : 1)
  );
}

const context: { ask: () => RegExpExecArray | null } = { ask: () => null };
const script = new Script('ask()');

function execInTime(pattern: RegExp, text: string): RegExpExecArray | null {
  // Its time is all that is limited: the pattern is this realm's, and so are its groups.
  context.ask = () => pattern.exec(text);
  try {
    // Once more, since a process that was held up has lost its time without a fault of the pattern.
    const found = askInTime() ?? askInTime();
    if (found) return found.groups;
    throw new BalancerError('ERR_BALANCER_BAD_REQUEST', { detail: 'a pattern takes too long over it' });
  } finally {
    context.ask = () => null;
  }
}

/** Undefined: it was not found out in time. */
function askInTime(): Readonly<{ groups: RegExpExecArray | null }> | undefined {
  try {
    return {
      groups: script.runInContext(createdContext(), { timeout: longestMs }) as RegExpExecArray | null,
    };
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined;
    throw error;
  }
}

let created: object | undefined;

/** At the first need, since it takes milliseconds. */
function createdContext(): object {
  return (created ??= createContext(context));
}
