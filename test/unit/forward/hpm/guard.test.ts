import { EventEmitter } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { guardListeners, toError } from '../../../../src/forward/hpm/guard.ts';

function guarded(): { emitter: EventEmitter; caught: string[] } {
  const emitter = new EventEmitter();
  const caught: string[] = [];
  guardListeners(emitter, (error, event, args) =>
    caught.push(`${String(error)} at ${String(event)} ${args.join()}`),
  );
  return { emitter, caught };
}

describe('a guarded emitter', () => {
  test('hands over what its listeners throw, and goes on to the next', () => {
    const { emitter, caught } = guarded();
    let heard = 0;
    emitter.on('e', () => {
      throw new Error('a bug');
    });
    emitter.addListener('e', () => (heard += 1));
    emitter.emit('e', 1, 2);
    expect(caught).toEqual(['Error: a bug at e 1,2']);
    expect(heard).toBe(1);
  });

  test('hands over what their promises are rejected with', async () => {
    const { emitter, caught } = guarded();
    const listener = (): unknown => Promise.reject(new Error('a bug'));
    emitter.on('e', listener);
    emitter.emit('e');
    await Promise.resolve();
    await Promise.resolve();
    expect(caught).toEqual(['Error: a bug at e ']);
  });

  test('shows its listeners what is made for them of what it tells', () => {
    const emitter = new EventEmitter();
    const seen: unknown[] = [];
    guardListeners(
      emitter,
      () => undefined,
      (arg) => `shown ${String(arg)}`,
    );
    emitter.on('e', (...args: unknown[]) => seen.push(...args));
    emitter.emit('e', 1, 2);
    expect(seen).toEqual(['shown 1', 'shown 2']);
  });

  test('lets them be taken off', () => {
    const { emitter } = guarded();
    let heard = 0;
    const listener = (): unknown => (heard += 1);
    emitter.on('e', listener);
    emitter.off('e', listener);
    emitter.once('e', listener);
    emitter.emit('e');
    emitter.emit('e');
    expect(heard).toBe(1);
    expect(emitter.listenerCount('e')).toBe(0);
  });

  test('calls them as the emitter they were put on', () => {
    const { emitter } = guarded();
    const selves: unknown[] = [];
    emitter.on('e', function (this: unknown) {
      selves.push(this);
    });
    emitter.emit('e');
    expect(selves).toEqual([emitter]);
  });
});

test('whatever was thrown is an Error', () => {
  const error = new Error('mine');
  expect(toError(error)).toBe(error);
  expect(toError('text')).toMatchObject({ message: 'text' });
  expect(toError(undefined)).toMatchObject({ message: 'undefined' });
  const foreign = { message: 'of another realm', stack: '' };
  expect(toError(foreign)).toBe(foreign);
});
