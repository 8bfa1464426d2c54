import type { LocalHandler } from '../definition/member-definition.ts';
import type { Origin } from './sender.ts';

/** Lets a member that is a function of the app answer. `passOn` is called at most once: it has called `next`, or has thrown. */
export function runHandler(handler: LocalHandler, origin: Origin, passOn: (error?: unknown) => void): void {
  const { req, res } = origin;
  let isOver = false;
  const next = (error?: unknown): void => {
    if (isOver) return;
    isOver = true;
    passOn(error);
  };
  try {
    const result = handler(req, res, next);
    // As in Express 5: what it promises and does not keep is an error.
    if (result instanceof Promise)
      result.catch((error: unknown) => {
        next(error ?? new Error('a local handler has rejected, and does not say why'));
      });
  } catch (error) {
    next(error);
  }
}
