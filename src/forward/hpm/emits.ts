import type { EventEmitter } from 'node:events';

type Emit = (event: string | symbol, ...args: unknown[]) => boolean;

/** What an emitter's `emit` was before; others may have put themselves around it as well. */
const emitted = Symbol('emitted');

type Heeded = EventEmitter & { [emitted]?: Emit };

/** Has `emit` hear of all that an emitter tells, before its listeners do and instead of them; it has `emitTo` for them. */
export function heedEmits<Emitter extends EventEmitter>(
  emitter: Emitter & Heeded,
  emit: (this: Emitter, event: string, ...args: unknown[]) => boolean,
): void {
  // One function for all emitters of a kind, and what it needs on them: closures for each were garbage by the dozen.
  emitter[emitted] = (emitter as { emit: Emit }).emit;
  emitter.emit = emit as Emit;
}

/** Has its listeners hear of it. */
export function emitTo(emitter: Heeded, event: string | symbol, args: readonly unknown[]): boolean {
  return Reflect.apply(emitter[emitted]!, emitter, [event, ...args]);
}
