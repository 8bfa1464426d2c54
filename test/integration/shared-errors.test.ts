import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createSharedState } from '../../src/sharing/create-shared-state.ts';
import type { SharedState } from '../../src/sharing/membership.ts';
import { ask, askStatuses } from '../support/ask.ts';
import { startBackend } from '../support/backend.ts';
import { senders } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { createMemoryNet, type MemoryNet, type TestHub } from '../support/memory-net.ts';
import { startToldFront, type ToldFront } from '../support/stories.ts';
import { stopProcessTime, type StoppedTime } from '../support/time.ts';

const begin = 1_790_000_000_000;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

describe.each(senders)('%s: two processes that share their state', (_sender, sender) => {
  let time: StoppedTime;
  let net: MemoryNet;
  let states: SharedState[];
  let hubs: TestHub[];

  beforeEach(() => {
    time = stopProcessTime();
    net = createMemoryNet();
    states = [];
    hubs = [];
  });

  afterEach(async () => {
    await tidyUp();
    await Promise.all(states.map((state) => state.close()));
  });

  async function startPair(...members: readonly [string, string]): Promise<readonly [ToldFront, ToldFront]> {
    const start = (): Promise<ToldFront> => {
      const hub = net.hub();
      const now = (): number => begin + Math.round(performance.now());
      const state = createSharedState(hub, { logger: silent, busy: false, now });
      hubs.push(hub);
      states.push(state);
      return startToldFront({
        ...sender,
        name: 'app',
        state,
        members: members.map((url, i) => ({ url, route: i === 0 ? 'a' : 'b', retry: 10 })),
      });
    };
    return [await start(), await start()];
  }

  test('a member that one has found dead gets no request of the other before its retry', async () => {
    const dying = await startBackend('a');
    const healthy = await startBackend('b');
    const [one, other] = await startPair(dying.url, healthy.url);
    await dying.stop();
    expect(await askStatuses(one.port, 2)).toEqual([200, 200]);
    net.settle();
    expect(one.member('a')).toMatchObject({ status: 'E', elected: 1 });
    time.pass(9900);
    expect(await askStatuses(other.port, 6)).toEqual(Array.from({ length: 6 }, () => 200));
    expect(other.member('a')).toMatchObject({ status: 'E', elected: 0 });
    expect(other.stories()).toEqual(Array.from({ length: 6 }, () => 'b answered 200'));
  });

  test('one trial is enough for both: that it is well again, and that it is not', async () => {
    const backend = await startBackend('a');
    const healthy = await startBackend('b');
    const [one, other] = await startPair(backend.url, healthy.url);
    await backend.stop();
    await askStatuses(one.port, 2);
    net.settle();

    time.pass(12_000);
    expect([one, other].map((front) => front.member('a').retryInMs)).toEqual([0, 0]);
    await askStatuses(one.port, 2);
    net.settle();
    expect(await askStatuses(other.port, 4)).toEqual([200, 200, 200, 200]);
    expect(other.member('a')).toMatchObject({ status: 'E', elected: 0, retries: 1 });

    await backend.start();
    time.pass(30_000);
    await askStatuses(one.port, 2);
    net.settle();
    expect(other.member('a')).toMatchObject({ status: '', retries: 0, retryInMs: undefined });
    expect(await askStatuses(other.port, 4)).toEqual([200, 200, 200, 200]);
    expect(other.member('a').elected).toBeGreaterThan(0);
    expect(backend.received.length).toBe(one.member('a').elected - 2 + other.member('a').elected);
  });

  test('alone, each goes on with what it knows, and they agree afterwards', async () => {
    const dying = await startBackend('a');
    const healthy = await startBackend('b');
    const [one, other] = await startPair(dying.url, healthy.url);
    hubs[0]!.cut();
    await dying.stop();
    expect(await askStatuses(one.port, 2)).toEqual([200, 200]);
    net.settle();
    expect(other.member('a').status).toBe('');
    hubs[0]!.mend();
    net.settle();
    expect(other.member('a').status).toBe('E');
    expect((await ask(other.port)).text).toBe('b');
  });
});
