import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { AnyClient } from '../../../src/redis/client.ts';
import { connectAtLast } from '../../../src/redis/connect-at-last.ts';

const never = new Error('nobody answers');

function createFake(extra: object = {}) {
  const connect = jest.fn(() => Promise.reject<unknown>(never));
  const client = Object.assign(new EventEmitter(), { isOpen: false, connect }, extra);
  const [onConnected, onFailed] = [jest.fn(), jest.fn()];
  const end = connectAtLast(client as unknown as AnyClient, onConnected, onFailed);
  return { client, connect, onConnected, onFailed, end };
}

describe('a client of a Cluster whose server is not there', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  test('is connected again and again, every two seconds at most, until that succeeds', async () => {
    const { connect, onConnected, onFailed, client } = createFake();
    await jest.advanceTimersByTimeAsync(20_000);
    const tried = connect.mock.calls.length;
    expect(tried).toBeGreaterThan(10);
    expect(onFailed.mock.calls).toEqual(Array.from({ length: tried }, () => [never]));
    connect.mockResolvedValue(client);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(connect).toHaveBeenCalledTimes(tried + 1);
    expect(onConnected).toHaveBeenCalledTimes(1);
    expect(client.listenerCount('disconnect')).toBe(0);
  });

  test.each<[string, (fake: ReturnType<typeof createFake>) => void]>([
    ['the app has closed it', ({ client }) => client.emit('disconnect')],
    ['the app has connected it', ({ client }) => (client.isOpen = true)],
    [
      'the state is closed',
      ({ end }) => {
        end();
      },
    ],
  ])('is left alone when %s', async (_why, act) => {
    const fake = createFake();
    await jest.advanceTimersByTimeAsync(0);
    act(fake);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(fake.connect).toHaveBeenCalledTimes(1);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('is asked once where it is a standalone one, which goes on by itself', async () => {
    const { connect } = createFake({ isPubSubActive: false });
    await jest.advanceTimersByTimeAsync(60_000);
    expect(connect).toHaveBeenCalledTimes(1);
  });
});
