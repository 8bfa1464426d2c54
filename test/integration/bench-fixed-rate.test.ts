import { afterEach, describe, expect, test } from '@jest/globals';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { measureAtRate, writeRequest } from '../../bench/load/fixed-rate.ts';
import { runAtRate, type Clock, type RatePlan } from '../../bench/load/rate-run.ts';

const servers: Server[] = [];
const sockets = new Set<Socket>();

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  for (const server of servers.splice(0)) {
    server.close();
    await once(server, 'close');
  }
});

/** A server that does with each request what it is told. */
async function startServer(
  asked: (answer: (text?: string) => void, socket: Socket) => void,
): Promise<number> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', () => {
      asked((text = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok') => socket.write(text), socket);
    });
  });
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const request = Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n');

function plan(port: number, other: Partial<RatePlan> = {}): RatePlan {
  return {
    port,
    perSecond: 100,
    durationMs: 2_000,
    warmUpMs: 0,
    connections: 1,
    patienceMs: 600_000,
    request,
    ...other,
  };
}

/** Moved by hand. */
function createClock(): Clock & { nowMs: number } {
  const clock = { nowMs: 0, now: () => clock.nowMs, soon: setImmediate };
  return clock;
}

describe('latency at a fixed rate', () => {
  test('counts from when a request was due: a server that stands still for a second shows in p99', async () => {
    const clock = createClock();
    let count = 0;
    const port = await startServer((answer) => {
      count += 1;
      if (count < 100) clock.nowMs += 10;
      if (count === 100) clock.nowMs += 1_000;
      answer();
    });

    const figures = await runAtRate(plan(port), clock);

    expect(figures).toMatchObject({ sent: 200, answered: 200, failed: 0, maxUs: 1_000_000 });
    // Counted from when it was sent, one answer in two hundred would be slow, and p99 10 ms.
    expect(figures.p99Us / 980_000).toBeCloseTo(1, 2);
    expect(figures.p50Us / 10_000).toBeCloseTo(1, 2);
  });

  test('goes on asking while answers are held back, and lets what finds no connection wait', async () => {
    const clock = createClock();
    const held: (() => void)[] = [];
    const allHeld = Promise.withResolvers<undefined>();
    const port = await startServer((answer) => {
      if (held.length >= 4) {
        answer();
        return;
      }
      held.push(answer);
      clock.nowMs += 10;
      if (held.length === 4) allHeld.resolve(undefined);
    });
    const running = runAtRate(plan(port, { connections: 4, durationMs: 60 }), clock);
    await allHeld.promise;
    clock.nowMs = 100;
    for (const answer of held) answer();

    const figures = await running;

    // Due at 0, 10 … 50 ms, and all answered at 100 ms.
    expect(figures).toMatchObject({ sent: 6, answered: 6, failed: 0, maxUs: 100_000 });
    expect(figures.p50Us / 70_000).toBeCloseTo(1, 2);
  });

  test('lets an answer that never comes count with the time that it was waited for', async () => {
    const clock = createClock();
    const port = await startServer(() => {
      clock.nowMs += 5_000;
    });

    const figures = await runAtRate(plan(port, { durationMs: 20, patienceMs: 1_000 }), clock);

    expect(figures).toMatchObject({ sent: 1, answered: 0, failed: 2, maxUs: 5_000_000, perSecond: 0 });
    expect(figures.p50Us / 4_990_000).toBeCloseTo(1, 2);
  });

  test('leaves out what was asked to get warm', async () => {
    const clock = createClock();
    let count = 0;
    const port = await startServer((answer) => {
      count += 1;
      clock.nowMs += count <= 10 ? 500 : 10;
      answer();
    });

    const figures = await runAtRate(plan(port, { warmUpMs: 100, durationMs: 100 }), clock);

    expect(count).toBe(20);
    expect(figures).toMatchObject({ sent: 10, answered: 10 });
  });

  test('tells refusals and broken connections as failed, and goes on with another connection', async () => {
    const clock = createClock();
    let count = 0;
    const port = await startServer((answer, socket) => {
      count += 1;
      clock.nowMs += 10;
      if (count === 1) answer('HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n');
      else if (count === 2) socket.destroy();
      else answer();
    });

    const figures = await runAtRate(plan(port, { durationMs: 50 }), clock);

    expect(figures).toMatchObject({ sent: 5, answered: 3, failed: 2 });
  });

  test('is measured by a process of its own, which asks as it was told', async () => {
    const port = await startServer((answer) => {
      answer();
    });

    const figures = await measureAtRate(port, {
      perSecond: 500,
      durationMs: 1_000,
      connections: 3,
      path: '/a?b',
      body: Buffer.from('xyz'),
      headers: { Cookie: 'sid=1.r0' },
    });

    expect(figures).toMatchObject({ sent: 500, answered: 500, failed: 0 });
    expect(sockets.size).toBe(3);
  });

  test('is not measured where nobody listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');

    await expect(measureAtRate(port, { perSecond: 100, durationMs: 100 })).rejects.toThrow('ECONNREFUSED');
  });
});

test('a request is written as it is to be asked', () => {
  const headers = { Cookie: 'sid=1.r0' };
  expect(writeRequest(80, { path: '/a?b', headers }).toString()).toBe(
    'GET /a?b HTTP/1.1\r\nHost: 127.0.0.1:80\r\nCookie: sid=1.r0\r\n\r\n',
  );
  expect(writeRequest(80, { body: Buffer.from('xyz') }).toString()).toBe(
    'POST / HTTP/1.1\r\nHost: 127.0.0.1:80\r\nContent-Length: 3\r\n\r\nxyz',
  );
});
