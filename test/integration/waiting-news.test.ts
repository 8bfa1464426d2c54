import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { ask } from '../support/ask.ts';
import { startBackend } from '../support/backend.ts';
import { senders, silent } from '../support/front.ts';
import { startHolding } from '../support/holding.ts';
import { tidyUp, until } from '../support/idle.ts';
import { watchQueue } from '../support/queue.ts';
import { RawClient } from '../support/raw-client.ts';
import { startToldFront } from '../support/stories.ts';

afterEach(tidyUp);

describe.each(senders)('those who wait, over %s', (_name, sender) => {
  test('are served when the member is due, also when the first of them has left', async () => {
    const backend = await startHolding('a');
    const front = await startToldFront({
      ...sender,
      timeout: 60,
      forcerecovery: false,
      queueTimeout: '60s',
      members: [{ url: backend.url, route: 'a', max: 1, retry: 1 }],
    });
    const queue = watchQueue(front);
    const slow = ask(front.port);
    await until(() => backend.held() === 1);
    const first = await RawClient.connect(front.port);
    first.send(['GET /first HTTP/1.1', 'Host: a']);
    await queue.untilWaiting(1);
    const second = ask(front.port, { path: '/second' });
    await queue.untilWaiting(2);

    front.balancer.change('a', '+E');
    backend.open();
    expect((await slow).status).toBe(200);
    first.socket.destroy();

    expect((await second).text).toBe('a');
  });

  test('are held for a member that has failed, also when the first of them has left', async () => {
    const held: ServerResponse[] = [];
    const backend = await startBackend('a', (req, res) => {
      if (req.url === '/slow') held.push(res);
      else res.end('a');
    });
    const front = await startToldFront({
      ...sender,
      hold: '20s',
      failonstatus: 500,
      queueTimeout: '60s',
      members: [{ url: backend.url, route: 'a', max: 1, retry: 60 }],
    });
    const queue = watchQueue(front);
    const slow = ask(front.port, { path: '/slow' });
    await until(() => held.length === 1);
    const first = await RawClient.connect(front.port);
    first.send(['GET /first HTTP/1.1', 'Host: a']);
    await queue.untilWaiting(1);
    const second = ask(front.port, { path: '/second' });
    await queue.untilWaiting(2);

    held[0]!.writeHead(500).end('slow');
    expect((await slow).status).toBe(500);
    first.socket.destroy();

    expect((await second).text).toBe('a');
  });

  test('are served by a hold that an update has switched on', async () => {
    const backend = await startBackend('a');
    const members = [{ url: backend.url, route: 'a', retry: 60 }];
    const front = await startToldFront({ ...sender, timeout: '20s', forcerecovery: false, members });
    await backend.stop();
    expect((await ask(front.port)).status).toBe(503);
    const queue = watchQueue(front);
    const before = ask(front.port);
    await queue.untilWaiting(1);

    front.balancer.update({ ...silent, ...sender, hold: '20s', members });
    const after = ask(front.port, { method: 'POST' });
    await queue.untilWaiting(2);
    await backend.start();

    expect([(await before).text, (await after).text]).toEqual(['a', 'a']);
  });
});
