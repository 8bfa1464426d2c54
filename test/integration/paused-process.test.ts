import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test } from '@jest/globals';
import { insideOf } from '../../src/inside.ts';
import { probe } from '../../src/health/probe.ts';
import { ask } from '../support/ask.ts';
import { senders, silent, startFront } from '../support/front.ts';
import { tidyUp, until } from '../support/idle.ts';

/** A backend with an event loop of its own: it answers while this one stands still. */
const program = `
  const { parentPort, workerData } = require('node:worker_threads');
  const flags = new Int32Array(workerData);
  const server = require('node:http').createServer((req, res) => {
    Atomics.store(flags, 0, 1);
    // Only when the other loop has stopped: what it hears later, it hears all at once.
    Atomics.wait(flags, 1, 0, 20_000);
    res.end('late to be read');
    res.on('close', () => {});
    setImmediate(() => { Atomics.store(flags, 2, 1); Atomics.notify(flags, 2); });
  });
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

type Stopping = Readonly<{
  port: number;
  /** Resolves when the backend has the request; from then on this loop has stood still for so long, and it has answered. */
  standStill(ms: number): Promise<void>;
}>;

const workers: Worker[] = [];

afterEach(async () => {
  await tidyUp();
  await Promise.all(workers.splice(0).map((worker) => worker.terminate()));
});

async function startStopping(): Promise<Stopping> {
  const shared = new SharedArrayBuffer(12);
  const flags = new Int32Array(shared);
  const worker = new Worker(program, { eval: true, workerData: shared });
  workers.push(worker);
  const [port] = (await once(worker, 'message')) as [number];
  return {
    port,
    async standStill(ms) {
      await until(() => Atomics.load(flags, 0) === 1);
      const end = performance.now() + ms;
      Atomics.store(flags, 1, 1);
      Atomics.notify(flags, 1);
      Atomics.wait(flags, 2, 0, 20_000);
      const idle = new Int32Array(new SharedArrayBuffer(4));
      Atomics.wait(idle, 0, 0, Math.max(0, end - performance.now()));
    },
  };
}

describe('while this process stands still for longer than a timeout', () => {
  test.each(senders)('%s: a member that has answered was not silent', async (_name, sender) => {
    const backend = await startStopping();
    const front = await startFront({
      ...sender,
      ...silent,
      failontimeout: true,
      members: [{ url: `http://127.0.0.1:${backend.port}`, timeout: '2s', connectiontimeout: '20s' }],
    });
    const [answer] = await Promise.all([ask(front.port), backend.standStill(3_000)]);
    expect(answer).toMatchObject({ status: 200, text: 'late to be read' });
    expect(front.balancer.view()[0]).toMatchObject({ inError: false, failures: 0 });
  });

  test('a health check that was answered has not failed', async () => {
    const backend = await startStopping();
    const front = await startFront({ ...silent, members: [`http://127.0.0.1:${backend.port}`] });
    const { settings } = insideOf(front.balancer).roster.find(`http://127.0.0.1:${backend.port}`);
    const [result] = await Promise.all([
      probe(settings, {
        request: { method: 'GET', version: '1.1' },
        target: '/',
        headers: [['Host', 'member']],
        timeoutMs: 2_000,
        readsBody: true,
      }),
      backend.standStill(3_000),
    ]);
    expect(result).toMatchObject({ kind: 'answered' });
  });
});
