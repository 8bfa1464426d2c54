import type { Logger } from '../definition/definition.ts';
import type { ManagerOptions } from '../manager/manager-options.ts';
import type { Change } from './change.ts';

/** How many changes wait while the app stores another one. */
const longestQueue = 1000;

/**
 * Hands changes to the app, in their order, the next when it is done with the one before: what it returns may be a promise.
 * `inForce`: those of the moment in which a change is handed on, so that what is stored last is how things are.
 */
export function createHandOn(
  onChange: ManagerOptions['onChange'],
  inForce: () => readonly Change[],
  logger: Logger,
): (change: Change) => void {
  if (!onChange) return () => undefined;
  const waiting: Change[] = [];
  let isBusy = false;

  function fail(error: unknown): void {
    logger.error('[manager] onChange has failed; the change holds, but may not be stored:', error);
  }

  function work(): void {
    while (!isBusy && waiting.length > 0) {
      isBusy = true;
      const returned = call(waiting.shift()!);
      if (returned === undefined) isBusy = false;
      else
        void returned.catch(fail).then(() => {
          isBusy = false;
          work();
        });
    }
  }

  function call(change: Change): Promise<unknown> | undefined {
    try {
      const returned = onChange?.(change, inForce());
      return isThenable(returned) ? Promise.resolve(returned) : undefined;
    } catch (error) {
      fail(error);
      return undefined;
    }
  }

  return (change) => {
    waiting.push(change);
    if (waiting.length > longestQueue) {
      const dropped = waiting.shift()!;
      logger.error(
        `[manager] onChange is too slow: ${longestQueue} changes wait for it, and change ${dropped.id} was not handed on`,
      );
    }
    work();
  };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
