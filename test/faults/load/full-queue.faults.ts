import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { askMany } from '../../support/load.ts';
import { senders, startFront, type Front } from '../../support/front.ts';
import { startHolding, type Holding } from '../../support/holding.ts';
import { until } from '../../support/idle.ts';
import { watchQueue } from '../../support/queue.ts';
import { RawClient } from '../../support/raw-client.ts';
import { noteWhatIsThere, nothingIsLeft } from '../support/leftovers.ts';

beforeEach(noteWhatIsThere);

afterEach(nothingIsLeft);

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What is held on the heap and beside it, once what is over has been let go of. */
async function measureBytes(): Promise<number> {
  for (let i = 0; i < 4; i += 1) {
    collectGarbage();
    await new Promise(setImmediate);
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

describe.each(senders)('a front whose members are full, over %s,', (name, sender) => {
  type Full = Readonly<{ front: Front; backend: Holding; clients: readonly RawClient[] }>;

  /** A member that serves one request, and as many as may who wait for it. */
  async function fill(queueLength: number, method: string, body: Buffer): Promise<Full> {
    const backend = await startHolding();
    const front = await startFront({
      ...sender,
      members: [{ url: backend.url, max: 1 }],
      queueLength,
      queueTimeout: '10m',
    });
    const queue = watchQueue(front);
    const clients: RawClient[] = [];
    for (let i = 0; i <= queueLength; i += 1) {
      const client = await RawClient.connect(front.port);
      client.send([`${method} /${i} HTTP/1.1`, 'Host: front.test', `Content-Length: ${body.length}`]);
      // The same bytes for all: what is held of them is not the clients'.
      client.socket.write(body);
      clients.push(client);
    }
    await until(() => queue.waiting() === queueLength);
    return { front, backend, clients };
  }

  test('refuses 10,000 more while 1,000 wait, and keeps nothing of them', async () => {
    const { front, backend } = await fill(1_000, 'GET', Buffer.alloc(0));
    const refuse = async (count: number): Promise<void> => {
      const told = await askMany(front.port, count, 50);
      const statuses = new Set(
        told.map(({ status, headers }) => `${status} ${headers['retry-after'] ?? ''}`),
      );
      expect([...statuses]).toEqual(['503 1']);
      front.errors.length = 0;
    };
    await refuse(1_000);
    const before = await measureBytes();
    await refuse(10_000);
    const grown = (await measureBytes()) - before;
    process.stdout.write(`${name}: ${Math.round(grown / 1_024)} KiB more after 10,000 were refused\n`);
    expect(grown).toBeLessThan(2_000_000);

    backend.open();
    await until(() => backend.begun.length === 1_001);
    const paths = backend.received.map(({ url }) => url);
    expect(paths).toEqual(Array.from({ length: 1_001 }, (_, i) => `/${i}`));
  });

  test('reads no more than the beginning of the bodies of those who wait', async () => {
    const before = await measureBytes();
    const body = Buffer.alloc(1_048_576);
    const { clients } = await fill(300, 'PUT', body);
    const heldKiB = ((await measureBytes()) - before) / 1_024;
    process.stdout.write(`${name}: ${Math.round(heldKiB / 300)} KiB for each who waits with a body\n`);
    // Both ends of a connection, and what one read may bring.
    expect(heldKiB / 300).toBeLessThan(200);
    for (const client of clients) client.socket.destroy();
  });
});
