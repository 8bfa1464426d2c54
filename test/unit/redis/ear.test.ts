import { describe, expect, jest, test } from '@jest/globals';
import type { AnyClient } from '../../../src/redis/client.ts';
import { createEar } from '../../../src/redis/ear.ts';

/** Like a Cluster client: it keeps its listeners in a set. */
function createFake() {
  const listeners = new Set<(text: string) => void>();
  const client = {
    subscribe(_channel: string, listener: (text: string) => void) {
      listeners.add(listener);
      return Promise.resolve();
    },
    unsubscribe(_channel: string, listener: (text: string) => void) {
      listeners.delete(listener);
      return Promise.resolve();
    },
  };
  return {
    client: client as unknown as AnyClient,
    publish: (text: string) => {
      for (const listener of [...listeners]) listener(text);
    },
  };
}

describe('an ear on a client of a Cluster', () => {
  test('that ends late does not end the one that has taken its place', async () => {
    const { client, publish } = createFake();
    const hear = jest.fn();
    const old = createEar(client, 'news', hear, () => undefined);
    const ending = old.close();
    createEar(client, 'news', hear, () => undefined);
    await ending;
    publish('a');
    expect(hear.mock.calls).toEqual([['a']]);
  });

  test('hears nothing any more once it is to end', () => {
    const { client, publish } = createFake();
    const hear = jest.fn();
    void createEar(client, 'news', hear, () => undefined).close();
    publish('a');
    expect(hear).not.toHaveBeenCalled();
  });
});
