import type { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { types } from 'node:util';
import * as zlib from 'node:zlib';

type Listener = ((...args: unknown[]) => unknown) & { listener?: unknown };
type Register = (event: string | symbol, listener: Listener) => unknown;

/** Hears of what a listener threw, or what its promise was rejected with, and of the event it was called for. */
export type Caught = (error: unknown, event: string | symbol, args: readonly unknown[]) => void;

/**
 * From now on, whatever a listener throws or rejects with goes to `caught`: a mistake in a user's hook is one failed
 * request. Nobody else would catch it; the process would end. `show` makes of what is told what listeners are to see.
 */
export function guardListeners(
  emitter: Pick<EventEmitter, 'on'>,
  caught: Caught,
  show: (arg: unknown) => unknown = (arg) => arg,
): void {
  const on: Register = emitter.on.bind(emitter);
  const guarded: Register = (event, listener) => {
    // The wrapper that `once` makes comes by here as well, and is looked for by its own identity when it is taken off.
    if (listener.listener !== undefined) return on(event, listener);
    const guard: Listener = function (this: unknown, ...told) {
      const args = told.map(show);
      try {
        const result = listener.apply(this, args);
        if (types.isPromise(result))
          result.catch((error: unknown) => {
            caught(error, event, args);
          });
      } catch (error) {
        caught(error, event, args);
      }
    };
    // removeListener finds a wrapper by this.
    guard.listener = listener;
    return on(event, guard);
  };
  Object.assign(emitter, { on: guarded, addListener: guarded });
}

/** Tells of a mistake in a hook that no request can fail for any more. */
export function warnOf(thrown: unknown): void {
  const { message, stack } = toError(thrown);
  process.emitWarning(`a listener of httpProxyMiddleware has failed: ${message}`, { detail: stack ?? '' });
}

/** Anything that was thrown, as an Error; those of other realms are Errors too. */
export function toError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  const isError = typeof thrown === 'object' && thrown !== null && 'message' in thrown && 'stack' in thrown;
  return isError ? (thrown as Error) : new Error(String(thrown));
}

/**
 * Guards whoever listens to a member's answer, and to what `responseInterceptor` unpacks it with: interceptors are
 * async listeners of `end`.
 */
export function guardInterceptors(res: IncomingMessage, caught: Caught): void {
  guardListeners(res, caught);
  const pipe = res.pipe.bind(res);
  res.pipe = (sink, options) => {
    if (unpackers.some((Unpacker) => (sink as unknown) instanceof Unpacker)) {
      guardListeners(sink, caught);
    }
    return pipe(sink, options);
  };
}

const unpackers = [zlib.Gunzip, zlib.Inflate, zlib.BrotliDecompress, zlib.ZstdDecompress];
