import { describe, expect, jest, test } from '@jest/globals';
import { createWaitingRoom, type Waiter, type WaitingRoom } from '../../../src/waiting/waiting-room.ts';

/** A room, and waiters that note when they are asked; they stay unless they are let go. */
function open() {
  const asked: string[] = [];
  const changes: boolean[] = [];
  const free = new Set<string>();
  const room: WaitingRoom = createWaitingRoom((isEmpty) => changes.push(isEmpty));
  function enter(name: string, kind?: string, happen: () => void = () => undefined): Waiter {
    const waiter: Waiter = {
      kind: () => kind,
      retry() {
        asked.push(name);
        happen();
        return free.has(name);
      },
      awaitsMember: () => false,
    };
    room.enter(waiter, 100);
    return waiter;
  }
  return { room, asked, changes, free, enter };
}

/** Lets what was put off to the end of the turn happen. */
async function wake(room: WaitingRoom): Promise<void> {
  room.wake();
  await Promise.resolve();
}

describe('those who wait', () => {
  test('are asked in the order in which they came', async () => {
    const { room, asked, enter } = open();
    for (const name of ['c', 'a', 'b']) enter(name);
    await wake(room);
    expect(asked).toEqual(['c', 'a', 'b']);
  });

  test('are asked again until they are served', async () => {
    const { room, asked, free, enter } = open();
    enter('a');
    enter('b');
    free.add('b');
    await wake(room);
    expect(room.size()).toBe(1);
    await wake(room);
    expect(asked).toEqual(['a', 'b', 'a']);
  });

  test('are asked once, however much has happened at a time', async () => {
    const { room, asked, enter } = open();
    enter('a');
    room.wake();
    room.wake();
    await wake(room);
    expect(asked).toEqual(['a']);
  });

  test('are asked after what has happened is in order, and before anything else', async () => {
    const { room, asked, enter } = open();
    enter('a');
    room.wake();
    expect(asked).toEqual([]);
    const later = new Promise((resolve) => setImmediate(resolve));
    await Promise.resolve();
    expect(asked).toEqual(['a']);
    await later;
    expect(asked).toEqual(['a']);
  });

  test('are not asked when one of their kind stays, while those of others are', async () => {
    const { room, asked, enter } = open();
    for (const [name, kind] of [
      ['a1', 'a'],
      ['b1', 'b'],
      ['a2', 'a'],
      ['x', undefined],
      ['b2', 'b'],
      ['y', undefined],
    ] as const) {
      enter(name, kind);
    }
    await wake(room);
    expect(asked).toEqual(['a1', 'b1', 'x', 'y']);
  });

  test('are asked when the one of their kind before them is served', async () => {
    const { room, asked, free, enter } = open();
    for (const name of ['a1', 'a2', 'a3']) enter(name, 'a');
    free.add('a1');
    await wake(room);
    expect(asked).toEqual(['a1', 'a2']);
  });

  test('are not asked after they have left', async () => {
    const { room, asked, enter } = open();
    const gone = enter('gone');
    enter('a');
    room.leave(gone);
    await wake(room);
    expect(asked).toEqual(['a']);
  });

  test('are not asked after another, asked before them, has called them off', async () => {
    const { room, asked, enter } = open();
    const late: Waiter[] = [];
    enter('first', undefined, () => {
      for (const each of late) room.leave(each);
    });
    late.push(enter('late'));
    await wake(room);
    expect(asked).toEqual(['first']);
    expect(room.size()).toBe(1);
  });

  test('may come back from within, to the end, for what happens next', async () => {
    const { room, asked, free, enter } = open();
    free.add('a');
    const again: (() => void)[] = [() => enter('a again')];
    enter('a', undefined, () => again.pop()?.());
    enter('b');
    await wake(room);
    expect(asked).toEqual(['a', 'b']);
    await wake(room);
    expect(asked).toEqual(['a', 'b', 'b', 'a again']);
  });

  test('are asked once more for what happens while they are asked', async () => {
    const { room, asked, enter } = open();
    const once = jest.fn(() => {
      if (once.mock.calls.length === 1) room.wake();
    });
    enter('a', undefined, once);
    await wake(room);
    await Promise.resolve();
    expect(asked).toEqual(['a', 'a']);
  });
});

describe('the room', () => {
  test('takes as many as it may, and one more when one has left', () => {
    const { room, enter } = open();
    const first = enter('a');
    enter('b');
    const other: Waiter = { kind: () => undefined, retry: () => false, awaitsMember: () => false };
    expect(room.enter(other, 2)).toBe(false);
    expect(room.size()).toBe(2);
    room.leave(first);
    expect(room.enter(other, 2)).toBe(true);
    expect(room.size()).toBe(2);
  });

  test('takes nobody where nobody may wait', () => {
    const { room, changes } = open();
    expect(room.enter({ kind: () => undefined, retry: () => false, awaitsMember: () => false }, 0)).toBe(
      false,
    );
    expect(changes).toEqual([]);
  });

  test('tells when the first comes and when the last has left', async () => {
    const { room, changes, free, enter } = open();
    const first = enter('a');
    enter('b');
    expect(changes).toEqual([false]);
    room.leave(first);
    room.leave(first);
    expect(changes).toEqual([false]);
    free.add('b');
    await wake(room);
    expect(changes).toEqual([false, true]);
    enter('c');
    expect(changes).toEqual([false, true, false]);
  });
});
