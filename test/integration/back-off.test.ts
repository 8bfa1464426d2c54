import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { MemberParameters } from '../../src/index.ts';
import { ask } from '../support/ask.ts';
import { listen, startBackend } from '../support/backend.ts';
import { senders } from '../support/front.ts';
import { tidyUp, until } from '../support/idle.ts';
import { askMany, tally } from '../support/load.ts';
import { startToldFront, type ToldFront } from '../support/stories.ts';
import { stopTime } from '../support/time.ts';

afterEach(tidyUp);

type Dead = Readonly<{
  front: ToldFront;
  /** When each connection came. */
  times: readonly number[];
  /** How long after each failure the next trial was due. */
  due: readonly number[];
  open: () => number;
  mostOpen: () => number;
}>;

describe.each(senders)('%s: a member that stays dead', (_sender, sender) => {
  /** `a` ends every connection before the handshake, and has been put in error for the first; `b` answers. */
  async function startDead(parameters: MemberParameters): Promise<Dead> {
    const times: number[] = [];
    let open = 0;
    let mostOpen = 0;
    const server = createServer((socket) => {
      times.push(performance.now());
      open += 1;
      mostOpen = Math.max(mostOpen, open);
      socket.on('error', () => socket.destroy());
      socket.once('close', () => (open -= 1));
      setImmediate(() => socket.destroy());
    });
    const { url } = await listen(server, [], () => times.length, { scheme: 'https' });
    const other = await startBackend('b');
    const front = await startToldFront({
      ...sender,
      members: [
        { url, route: 'a', tls: { rejectUnauthorized: false }, ...parameters },
        { url: other.url, route: 'b' },
      ],
    });
    const due: number[] = [];
    front.balancer.on('attempt', ({ attempt: { name } }) => {
      if (name === 'a') due.push(front.member('a').retryInMs!);
    });
    // Alone: what comes before it is in error may try it together.
    expect((await ask(front.port)).text).toBe('b');
    return { front, times, due, open: () => open, mostOpen: () => mostOpen };
  }

  /** Asks under load until so many connections were tried; tells how long after each the next came. */
  async function tryUntil({ front, times, due }: Dead, count: number): Promise<readonly number[]> {
    while (times.length < count) {
      expect(tally(await askMany(front.port, 16, 8))).toEqual({ b: 16 });
    }
    await until(() => due.length === times.length);
    return times.slice(1).map((time, i) => time - times[i]!);
  }

  test('is tried at longer and longer intervals, up to retryMax', async () => {
    const dead = await startDead({ retry: '50ms', retryMax: '150ms' });
    const gaps = await tryUntil(dead, 5);
    [50, 100, 150, 150].forEach((wait, i) => {
      expect(gaps[i]).toBeGreaterThanOrEqual(wait);
      expect(dead.due[i]).toBeLessThanOrEqual(wait);
    });
    // The first was no trial: it put the member in error.
    expect(dead.front.member('a')).toMatchObject({ status: 'E', retries: dead.times.length - 1 });
  });

  test('is tried at the same intervals with retryMax: false', async () => {
    const dead = await startDead({ retry: '30ms', retryMax: false });
    const gaps = await tryUntil(dead, 6);
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(30);
    for (const ms of dead.due) expect(ms).toBeLessThanOrEqual(30);
  });

  test('is tried by one request at a time, however many there are', async () => {
    const dead = await startDead({ retry: '20ms', retryMax: false });
    await tryUntil(dead, 6);
    await until(() => dead.open() === 0);
    expect(dead.mostOpen()).toBe(1);
    expect(dead.front.member('a').elected).toBe(dead.times.length);
    expect(dead.front.errors).toEqual([]);
  });

  test('starts from its retry again, once it has answered in between', async () => {
    const time = stopTime();
    const backend = await startBackend('a');
    const other = await startBackend('b');
    const front = await startToldFront({
      ...sender,
      members: [
        { url: backend.url, route: 'a', retry: '100ms' },
        { url: other.url, route: 'b', lbset: 1 },
      ],
    });
    const passUntilDue = (): void => {
      time.pass(front.member('a').retryInMs ?? 0);
    };
    await backend.stop();
    for (let i = 0; i < 3; i += 1) {
      passUntilDue();
      expect((await ask(front.port)).text).toBe('b');
    }
    expect(front.member('a').retryInMs).toBe(400);
    passUntilDue();
    await backend.start();
    expect((await ask(front.port)).text).toBe('a');
    await backend.stop();
    expect((await ask(front.port)).text).toBe('b');
    expect(front.member('a').retryInMs).toBe(100);
  });
});
