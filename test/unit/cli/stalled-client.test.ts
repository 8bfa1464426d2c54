import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { endWhenStalled } from '../../../src/cli/stalled-client.ts';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const minuteMs = 60_000;

/** A request whose client is as slow as the test wants. */
function createSlow(): Readonly<{
  req: { complete: boolean; readableLength: number };
  socket: { bytesRead: number; bytesWritten: number; writableLength: number };
  res: EventEmitter;
  isEnded(): boolean;
}> {
  const destroy = jest.fn();
  const socket = { bytesRead: 100, bytesWritten: 0, writableLength: 0, destroy };
  const req = { complete: true, readableLength: 0, socket };
  const res = new EventEmitter();
  endWhenStalled(req as unknown as IncomingMessage, res as unknown as ServerResponse);
  return { req, socket, res, isEnded: () => destroy.mock.calls.length > 0 };
}

test('an upload that stands still is ended', () => {
  const { req, isEnded } = createSlow();
  req.complete = false;
  jest.advanceTimersByTime(2 * minuteMs);
  expect(isEnded()).toBe(true);
});

test('an answer that is not taken is ended', () => {
  const { socket, isEnded } = createSlow();
  Object.assign(socket, { bytesWritten: 900, writableLength: 500 });
  jest.advanceTimersByTime(2 * minuteMs);
  expect(isEnded()).toBe(true);
});

test.each<readonly [string, (slow: ReturnType<typeof createSlow>) => void]>([
  ['waits for its answer', () => undefined],
  [
    'sends now and then',
    ({ req, socket }) => {
      req.complete = false;
      socket.bytesRead += 1;
    },
  ],
  [
    'takes a little now and then',
    ({ socket }) => {
      socket.bytesWritten = 900;
      socket.writableLength = socket.writableLength === 500 ? 400 : 500;
    },
  ],
  [
    'has sent what nobody has read yet',
    ({ req }) => void Object.assign(req, { complete: false, readableLength: 9 }),
  ],
])('a client that %s is left alone', (_what, act) => {
  const slow = createSlow();
  for (let i = 0; i < 5; i += 1) {
    act(slow);
    jest.advanceTimersByTime(minuteMs);
  }
  expect(slow.isEnded()).toBe(false);
});

test('it is no longer looked at when it is over', () => {
  const { res } = createSlow();
  res.emit('close');
  expect(jest.getTimerCount()).toBe(0);
});
