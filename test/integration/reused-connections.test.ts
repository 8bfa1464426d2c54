import { afterEach, describe, expect, test } from '@jest/globals';
import { Agent } from 'node:http';
import { ask, askStatuses, makeBody } from '../support/ask.ts';
import { startBackend, startRawBackend, type Backend } from '../support/backend.ts';
import { startFaulty } from '../support/faults.ts';
import { senders } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { startToldFront } from '../support/stories.ts';

afterEach(tidyUp);

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** Answers the first request of each connection, and kills the connection at the second (E14 of the reference). */
function startKiller(): Promise<Backend> {
  const served = new Set<number>();
  return startRawBackend((socket, _head, connection) => {
    if (served.has(connection)) {
      socket.resetAndDestroy();
    } else {
      served.add(connection);
      socket.write(ok);
    }
  });
}

describe.each(senders)('%s: a connection that the member ends', (_sender, sender) => {
  describe('at the next request that comes on it', () => {
    test('a GET stays on its member, so that its session does', async () => {
      const killer = await startKiller();
      const other = await startBackend('b');
      const front = await startToldFront({
        ...sender,
        stickysession: 'SID',
        members: [
          { url: killer.url, route: 'a' },
          { url: other.url, route: 'b' },
        ],
      });
      const headers = { Cookie: 'SID=1.a' };
      expect(await askStatuses(front.port, 3, { headers })).toEqual([200, 200, 200]);
      expect(front.stories()[0]).toBe('a answered 200');
      expect(front.stories().slice(1)).toEqual([
        expect.stringMatching(/^a reset \w+, a again answered 200$/),
        // The fresh connection was for one request; a pool that had kept it would see it killed.
        expect.stringMatching(/^(?:a reset \w+, a again|a) answered 200$/),
      ]);
      expect(other.begun).toEqual([]);
      expect(front.member('a').status).toBe('');
    });

    test('E14: a POST gets 502 and is executed once', async () => {
      const killer = await startKiller();
      const other = await startBackend('b');
      const front = await startToldFront({
        ...sender,
        members: [
          { url: killer.url, route: 'a' },
          { url: other.url, route: 'b', lbset: 1 },
        ],
      });
      const statuses: number[] = [];
      for (const [i, method] of ['GET', 'POST', 'GET', 'POST', 'GET'].entries()) {
        statuses.push((await ask(front.port, { method, path: `/${i}` })).status);
      }
      expect(statuses).toEqual([200, 502, 200, 502, 200]);
      expect(killer.begun.filter((line) => line.startsWith('POST'))).toEqual(['POST /1', 'POST /3']);
      expect(other.begun).toEqual([]);
      expect(front.errors.map(({ code }) => code)).toEqual(['ERR_BALANCER_RESET', 'ERR_BALANCER_RESET']);
      expect(front.member('a').status).toBe('');
    });

    test('a PUT goes there again with its whole body', async () => {
      const body = makeBody(50_000);
      const received: number[] = [];
      const killer = await startBackend('a', (req, res, { body: got, connection }) => {
        received.push(got.equals(body) ? connection : -1);
        if (received.filter((each) => each === connection).length > 1) req.socket.resetAndDestroy();
        else res.end('ok');
      });
      const front = await startToldFront({ ...sender, members: [{ url: killer.url, route: 'a' }] });
      expect(await askStatuses(front.port, 2, { method: 'PUT', body })).toEqual([200, 200]);
      expect(received).toEqual([0, 0, 1]);
    });

    test('when the fresh one is ended too, another member is next', async () => {
      let requests = 0;
      const failing = await startRawBackend((socket) => {
        requests += 1;
        if (requests === 1) socket.write(ok);
        else socket.resetAndDestroy();
      });
      const other = await startBackend('b');
      const front = await startToldFront({
        ...sender,
        members: [
          { url: failing.url, route: 'a' },
          { url: other.url, route: 'b', lbset: 1 },
        ],
      });
      expect(await askStatuses(front.port, 2)).toEqual([200, 200]);
      expect(front.stories()[1]).toMatch(/^a reset \w+, a again reset \w+, b answered 200$/);
      expect(requests).toBe(3);
    });

    test('a member that is gone by then is found out on the fresh one', async () => {
      const first = await startBackend('a', (_req, res) => {
        res.end('a');
      });
      const other = await startBackend('b');
      const front = await startToldFront({
        ...sender,
        members: [
          { url: first.url, route: 'a' },
          { url: other.url, route: 'b', lbset: 1 },
        ],
      });
      expect((await ask(front.port)).text).toBe('a');
      await first.stop();
      expect(await ask(front.port)).toMatchObject({ status: 200, text: 'b' });
      expect(front.member('a').status).toBe('E');
    });
  });

  // E15 of the reference.
  test.each(['GET', 'POST'])('E15: while it is idle, costs no %s anything', async (method) => {
    const closing = await startRawBackend((socket) => {
      socket.write(ok);
      socket.setTimeout(30, () => socket.end());
      socket.once('close', () => closed.shift()?.());
    });
    const closed: (() => void)[] = [];
    const front = await startToldFront({ ...sender, members: [{ url: closing.url, route: 'a' }] });
    for (let i = 0; i < 3; i += 1) {
      const isClosed = new Promise<void>((resolve) => closed.push(resolve));
      expect((await ask(front.port, { method })).status).toBe(200);
      await isClosed;
    }
    expect(closing.connections()).toBe(3);
    expect(front.stories()).toEqual(['a answered 200', 'a answered 200', 'a answered 200']);
  });

  // E12 and E13: httpd answers 502 to the first, and drops the client's connection without a word at the second.
  test('E12, E13: the client’s own connection is never dropped without an answer', async () => {
    const faulty = await startFaulty('closes the connection');
    const front = await startToldFront({ ...sender, members: [{ url: faulty.url, route: 'a' }] });
    let connections = 0;
    front.server.on('connection', () => (connections += 1));
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    try {
      for (const method of ['GET', 'GET', 'POST', 'GET']) {
        expect(await ask(front.port, { method, agent })).toMatchObject({
          status: 502,
          code: 'ERR_BALANCER_RESET',
        });
      }
      expect(connections).toBe(1);
      expect(front.member('a').status).toBe('');
    } finally {
      agent.destroy();
    }
  });

  test('with disablereuse there is none', async () => {
    const backend = await startBackend('a', (req, res) => {
      res.end(req.headers.connection);
    });
    const front = await startToldFront({ ...sender, members: [{ url: backend.url, disablereuse: true }] });
    for (let i = 0; i < 3; i += 1)
      expect(await ask(front.port)).toMatchObject({ status: 200, text: 'close' });
    expect(backend.connections()).toBe(3);
  });
});
