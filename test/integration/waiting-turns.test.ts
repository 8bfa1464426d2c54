import { AsyncLocalStorage } from 'node:async_hooks';
import type { ErrorRequestHandler, Express } from 'express';
import { afterEach, describe, expect, test } from '@jest/globals';
import { startBackend } from '../support/backend.ts';
import { senders, startFront } from '../support/front.ts';
import { tidyUp, until } from '../support/idle.ts';
import { closeRawClients, RawClient } from '../support/raw-client.ts';

afterEach(async () => {
  closeRawClients();
  await tidyUp();
});

const host = 'Host: a';
const post = [host, 'Content-Length: 1'];

// RFC 9112 9.3.2: what is not safe waits for those before it on its connection.
describe.each(senders)('over %s, a request that waits for its turn', (_name, sender) => {
  test('is served in what the app keeps beside it, not in what it keeps beside the one before', async () => {
    let answer = (): void => undefined;
    const member = await startBackend('b', (_req, res) => {
      answer = () => void res.end('b');
    });
    const kept = new AsyncLocalStorage<string>();
    const seen: (readonly [string, string | undefined])[] = [];
    const page: ErrorRequestHandler = (error, req, _res, next) => {
      seen.push([req.url, kept.getStore()]);
      next(error);
    };
    const front = await startFront(
      { ...sender, members: [member.url] },
      {
        before: (app) =>
          app.use((req, _res, next) => {
            kept.run(req.url, next);
          }),
        after: (app) => app.use(page),
      },
    );
    const client = await RawClient.connect(front.port);

    client.send(['GET /alice HTTP/1.1', host]);
    client.send(['POST /bob%zz HTTP/1.1', ...post], 'x').send(['PUT /carol%zz HTTP/1.1', ...post], 'x');
    await until(() => member.begun.length === 1);
    answer();

    for (const status of [200, 400, 400]) expect((await client.readAnswer()).status).toBe(status);
    expect(seen).toEqual([
      ['/bob%zz', '/bob%zz'],
      ['/carol%zz', '/carol%zz'],
    ]);
  });

  test('and that the app answers meanwhile is answered by that alone, and sent to nobody', async () => {
    let answer = (): void => undefined;
    const member = await startBackend('b', (req, res) => {
      if (req.url === '/slow') answer = () => void res.end('slow');
      else res.end('next');
    });
    let expire = (): void => undefined;
    const limitTime = (app: Express): unknown =>
      app.use((req, res, next) => {
        if (req.url === '/late') expire = () => void res.status(503).end('late');
        next();
      });
    const front = await startFront({ ...sender, members: [member.url] }, { before: limitTime });
    const client = await RawClient.connect(front.port);
    let came = 0;
    front.server.on('request', () => (came += 1));

    client.send(['GET /slow HTTP/1.1', host]).send(['POST /late HTTP/1.1', ...post], 'x');
    client.send(['GET /next HTTP/1.1', host]);
    await until(() => came === 3 && member.begun.length === 1);
    expire();
    answer();

    for (const expected of ['slow', 'late', 'next']) expect((await client.readAnswer()).body).toBe(expected);
    expect(front.errors).toEqual([]);
    expect(member.begun).toEqual(['GET /slow', 'GET /next']);
  });
});
