import { createContext, Script } from 'node:vm';
import { clock } from '../clock.ts';
import { measurePattern } from './measure-pattern.ts';

/** What a pattern that tries every way through a text is through with in about two milliseconds. */
const mostSteps = 2 ** 21;

/** A thousand times what a pattern takes that is not attacked. */
const firstMs = 10;

/** Tried once more, since a process that was held up has lost its time without a fault of the pattern. */
const secondMs = 100;

/** But not by those who would have us try all day. */
const secondEveryMs = 1_000;

/** What is known of a pattern that is asked of what others send. */
type Known = { readonly power: number; slowAt: number; tell: ((text: string) => void) | undefined };

const all = new WeakMap<RegExp, Known>();

/**
 * Asks a pattern of what others send. Several unbounded parts in one pattern may take minutes over a text that it almost
 * fits, and a repeated group that may be had in two ways years over some forty characters; httpd gives up after a
 * while, and so does this. Undefined: it takes too long.
 */
export function execInTime(pattern: RegExp, text: string): RegExpExecArray | null | undefined {
  const known = know(pattern);
  if (text.length ** known.power <= mostSteps) return pattern.exec(text);
  const exec = (): RegExpExecArray | null => pattern.exec(text);
  const found = runInTime(exec, firstMs);
  if (found) return found.value;
  const now = clock.now();
  const isRare = now - known.slowAt > secondEveryMs;
  known.slowAt = now;
  const late = isRare ? runInTime(exec, secondMs) : undefined;
  if (late) return late.value;
  known.tell?.(text);
  known.tell = undefined;
  return undefined;
}

/** Has somebody told of the first text that a pattern is given up over. */
export function tellOfSlowText(pattern: RegExp, tell: (text: string) => void): void {
  know(pattern).tell = tell;
}

function know(pattern: RegExp): Known {
  let known = all.get(pattern);
  if (known === undefined) {
    known = { power: measurePattern(pattern), slowAt: -Infinity, tell: undefined };
    all.set(pattern, known);
  }
  return known;
}

const context: { ask: () => unknown } = { ask: () => undefined };
const script = new Script('ask()');

/** Undefined: it was not done in time. The time is all that is limited: what it works with is this realm's. */
export function runInTime<T>(ask: () => T, limitMs: number): Readonly<{ value: T }> | undefined {
  context.ask = ask;
  try {
    return { value: script.runInContext(createdContext(), { timeout: limitMs }) as T };
  } catch (error) {
    // A pattern keeps the ways that it has not tried yet, and may be out of room for them before its time is over.
    if (error instanceof RangeError) return undefined;
    if ((error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined;
    throw error;
  } finally {
    context.ask = () => undefined;
  }
}

let created: object | undefined;

/** At the first need, since it takes milliseconds. */
function createdContext(): object {
  return (created ??= createContext(context));
}
