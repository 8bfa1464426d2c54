import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createBalancer } from '../../src/index.ts';
import { startRawBackend, type Backend } from '../support/backend.ts';
import { silent, startFront, type Front } from '../support/front.ts';
import { isIdle, tidyUp, until } from '../support/idle.ts';

const kib = 1_024;
const connections = 8;
const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

let collect: () => void;

beforeAll(() => {
  setFlagsFromString('--expose-gc');
  collect = runInNewContext('gc') as () => void;
});

afterEach(tidyUp);

/** Bytes in use when everything that nobody has any more is gone. */
async function readUsed(): Promise<number> {
  forgetReceived();
  // What is told that something is unused lets go of more.
  for (let i = 0; i < 5; i += 1) {
    collect();
    await turn();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** What backends note of requests is no part of what is looked at. */
let backends: readonly Backend[] = [];

function forgetReceived(): void {
  for (const { received, begun } of backends) received.length = begun.length = 0;
}

async function startLeanFront(): Promise<Front> {
  const start = () =>
    startRawBackend((socket) => {
      socket.write(answer);
    });
  const [one, other] = await Promise.all([start(), start()]);
  backends = [one, other];
  return startFront({
    stickysession: 'SID',
    members: [
      { url: one.url, route: 'a' },
      { url: other.url, route: 'b' },
    ],
  });
}

/** Clients on connections that are kept, which forget what they are answered; half of the requests have a session. */
async function load({ port }: Front, agent: Agent, count: number): Promise<void> {
  let left = count;
  async function work(): Promise<void> {
    while (left > 0) {
      left -= 1;
      const headers = left % 2 === 0 ? { Cookie: `SID=${left}.a` } : {};
      const request = get({ port, agent, headers, path: `/${left}` });
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      expect(response.statusCode).toBe(200);
      await once(response.resume(), 'end');
    }
  }
  await Promise.all(Array.from({ length: connections }, work));
}

/** Runs with clients that leave no connection behind. */
async function withClients(run: (agent: Agent) => Promise<void>): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  try {
    await run(agent);
  } finally {
    agent.destroy();
  }
}

const listenersOf = (emitter: Socket): number =>
  emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0);

const countTimers = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

describe('requests that are over', () => {
  test('are collected, and so are their answers', async () => {
    const front = await startLeanFront();
    const seen: WeakRef<object>[] = [];
    front.server.prependListener('request', (req, res) => {
      seen.push(new WeakRef(req), new WeakRef(res));
    });
    await withClients(async (agent) => {
      await load(front, agent, 1_000);
      await until(() => isIdle(front));
      await readUsed();
      expect(seen).toHaveLength(2_000);
      // A connection that is kept may hold its last one.
      const alive = seen.filter((reference) => reference.deref() !== undefined).length;
      expect(alive).toBeLessThanOrEqual(2 * connections);
    });
  });

  test('leave no listener on connections that are kept, and no timer', async () => {
    const front = await startLeanFront();
    const sockets = new Set<Socket>();
    front.server.on('connection', (socket: Socket) => sockets.add(socket));
    const count = (): readonly number[] => [
      sockets.size,
      [...sockets].reduce((sum, socket) => sum + listenersOf(socket), 0),
    ];
    await withClients(async (agent) => {
      await load(front, agent, 50);
      await until(() => isIdle(front));
      const before = count();
      const timers = countTimers();
      await load(front, agent, 1_000);
      await until(() => isIdle(front));
      expect(count()).toEqual(before);
      // Of connections there may be a few more, not of requests.
      expect(countTimers() - timers).toBeLessThanOrEqual(4 * connections);
    });
  });

  test('leave the heap where it was: 20,000 of them less than a megabyte', async () => {
    const front = await startLeanFront();
    await withClients(async (agent) => {
      await load(front, agent, 3_000);
      await until(() => isIdle(front));
      const before = await readUsed();
      await load(front, agent, 20_000);
      await until(() => isIdle(front));
      // 50 bytes of each: any object that stays is more.
      expect((await readUsed()) - before).toBeLessThan(1_000 * kib);
    });
  }, 120_000);
});

describe('members that nobody asks for anything', () => {
  test.each([
    ['plain', {}],
    ['with health checks', { hcmethod: 'GET', hcinterval: 3_600 }],
  ] as const)('take less than 20 KiB each: %s', async (_what, parameters) => {
    const count = 2_000;
    const create = (members: number) =>
      createBalancer({
        ...silent,
        stickysession: 'SID',
        memberDefaults: parameters,
        members: Array.from({ length: members }, (_, i) => ({
          url: `http://10.0.0.1:80/${i}`,
          route: `r${i}`,
        })),
      });
    await create(10).close();
    const before = await readUsed();
    const balancer = create(count);
    const bytes = (await readUsed()) - before;
    expect(balancer.view()).toHaveLength(count);
    await balancer.close();
    expect(bytes / count).toBeLessThan(20 * kib);
    // And are counted at all.
    expect(bytes / count).toBeGreaterThan(100);
  });
});
