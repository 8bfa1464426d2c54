import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { runClosedLoop } from '../../../bench/load/closed-loop.ts';
import { writeRequest } from '../../../bench/load/fixed-rate.ts';

describe('asking as fast as answers come', () => {
  const connections = 4;
  const enough = 200;
  let server: Server;
  let port: number;
  let asked: Record<string, number>;
  let mostAtOnce: number;
  let over: PromiseWithResolvers<undefined>;

  beforeEach(async () => {
    asked = {};
    mostAtOnce = 0;
    over = Promise.withResolvers();
    let total = 0;
    let underWay = 0;
    server = createServer((req, res) => {
      asked[req.url!] = (asked[req.url!] ?? 0) + 1;
      mostAtOnce = Math.max(mostAtOnce, (underWay += 1));
      total += 1;
      if (total === enough) over.resolve(undefined);
      if (req.url === '/cut') {
        underWay -= 1;
        req.socket.destroy();
        return;
      }
      // Answered later, so that all connections ask meanwhile.
      setImmediate(() => {
        underWay -= 1;
        res.writeHead(req.url === '/bad' ? 503 : 200).end('ok');
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
  });

  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const run = (...paths: readonly string[]): ReturnType<typeof runClosedLoop> =>
    runClosedLoop(
      { port, requests: paths.map((path) => writeRequest(port, { path })), connections, durationMs: 0 },
      over.promise,
    );

  test('counts answers, with one request under way on each connection', async () => {
    const { answered, perSecond, failed } = await run('/');
    // Those that were under way in the end do not count.
    expect(answered).toBeGreaterThanOrEqual(enough - connections);
    expect(answered).toBeLessThanOrEqual(asked['/']!);
    expect(failed).toBe(0);
    expect(perSecond).toBeGreaterThan(0);
    expect(mostAtOnce).toBeLessThanOrEqual(connections);
  });

  test('asks the requests in turn, and counts answers that are no 2xx as failed', async () => {
    const { answered, failed } = await run('/', '/bad');
    expect(Math.abs(asked['/']! - asked['/bad']!)).toBeLessThanOrEqual(connections);
    expect(Math.abs(failed - answered / 2)).toBeLessThanOrEqual(connections);
  });

  test('counts connections that are cut off as failed, and opens others', async () => {
    const { answered, failed } = await run('/', '/', '/', '/', '/cut');
    expect(failed).toBeGreaterThanOrEqual(enough / 5 - 2 * connections);
    expect(answered).toBeGreaterThan(enough / 2);
  });
});
