import { AsyncLocalStorage } from 'node:async_hooks';
import type { ErrorRequestHandler, Express } from 'express';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { BalancerDefinition } from '../../src/index.ts';
import { startBackend, startRawBackend } from '../support/backend.ts';
import { senders, startFront, type Front } from '../support/front.ts';
import { tidyUp, until } from '../support/idle.ts';
import { closeRawClients, RawClient } from '../support/raw-client.ts';

afterEach(async () => {
  closeRawClients();
  await tidyUp();
});

/** What the app keeps beside a request, such as its user: here the path. Its log and its error page note whose they see. */
async function startKeeping(definition: BalancerDefinition): Promise<Front & Readonly<{ seen: string[] }>> {
  const kept = new AsyncLocalStorage<string>();
  const seen: string[] = [];
  const note = (what: string, path: string): void => {
    seen.push(`${what} of ${path} in ${String(kept.getStore())}`);
  };
  const keep = (app: Express): unknown =>
    app.use((req, res, next) => {
      res.on('finish', () => {
        note('end', req.url);
      });
      kept.run(req.url, next);
    });
  const page: ErrorRequestHandler = (error, req, _res, next) => {
    note('error', req.url);
    next(error);
  };
  const front = await startFront(definition, { before: keep, after: (app) => app.use(page) });
  return { ...front, seen };
}

describe.each(senders)('over %s, the app’s AsyncLocalStorage', (_name, sender) => {
  test('is the request’s own, on whichever connection that goes to the member', async () => {
    const member = await startRawBackend((socket, head) => {
      if (head.includes('/bob')) socket.destroy();
      else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
    const { port, seen } = await startKeeping({ ...sender, members: [member.url] });
    const [alice, carol, bob] = [
      await RawClient.connect(port),
      await RawClient.connect(port),
      await RawClient.connect(port),
    ];

    expect((await alice.ask(['GET /alice HTTP/1.1', 'Host: a'])).status).toBe(200);
    expect((await carol.ask(['GET /carol HTTP/1.1', 'Host: a'])).status).toBe(200);
    expect((await bob.ask(['POST /bob HTTP/1.1', 'Host: a', 'Content-Length: 0'])).status).toBe(502);

    // All of them on the connection that the first one has opened.
    expect(member.connections()).toBe(1);
    await until(() => seen.length === 4);
    expect(seen).toEqual([
      'end of /alice in /alice',
      'end of /carol in /carol',
      'error of /bob in /bob',
      'end of /bob in /bob',
    ]);
  });

  test('is its own when another request has made room for it', async () => {
    const answers: (() => void)[] = [];
    const member = await startBackend('b', (_req, res) => {
      answers.push(() => void res.end('b'));
    });
    const { port, seen, balancer } = await startKeeping({
      ...sender,
      members: [{ url: member.url, max: 1, acquire: '30s' }],
    });
    const waits = new Promise<void>((resolve) => {
      balancer.on('queue', () => {
        resolve();
      });
    });
    const [alice, bob] = [await RawClient.connect(port), await RawClient.connect(port)];

    alice.send(['GET /alice HTTP/1.1', 'Host: a']);
    await until(() => answers.length === 1);
    bob.send(['GET /bob HTTP/1.1', 'Host: a']);
    await waits;
    answers[0]!();
    await until(() => answers.length === 2);
    answers[1]!();

    expect((await alice.readAnswer()).status).toBe(200);
    expect((await bob.readAnswer()).status).toBe(200);
    await until(() => seen.length === 2);
    expect(seen).toEqual(['end of /alice in /alice', 'end of /bob in /bob']);
  });
});
