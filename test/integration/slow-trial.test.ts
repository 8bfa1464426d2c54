import { afterEach, describe, expect, test } from '@jest/globals';
import { ask } from '../support/ask.ts';
import { startBackend } from '../support/backend.ts';
import { senders } from '../support/front.ts';
import { tidyUp, until } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';
import { startToldFront } from '../support/stories.ts';

afterEach(tidyUp);

/** A session of the member in error, which is where its requests go as soon as they may. */
const path = '/?S=x.a';

describe.each(senders)('a slow upload that tries a member in error, over %s', (_name, sender) => {
  test('leaves the trial to another request after a second, and is not disturbed', async () => {
    const [a, b] = [await startBackend('a'), await startBackend('b')];
    const front = await startToldFront({
      ...sender,
      stickysession: 'S',
      members: [
        { url: a.url, route: 'a', retry: '100ms' },
        { url: b.url, route: 'b' },
      ],
    });
    await a.stop();
    expect((await ask(front.port, { path })).text).toBe('b');
    expect(front.member('a').inError).toBe(true);
    await a.start();
    await until(() => front.member('a').retryInMs === 0);

    const begun = performance.now();
    const client = await RawClient.connect(front.port);
    client.send([`POST ${path} HTTP/1.1`, 'Host: a', 'Content-Length: 10'], 'slow');
    await until(() => a.begun.length === 1);
    let text = '';
    while (text !== 'a') text = (await ask(front.port, { path })).text;

    expect(performance.now() - begun).toBeGreaterThanOrEqual(990);
    expect(front.member('a').inError).toBe(false);
    await until(() => front.member('a').busy === 1);
    client.write(' after');
    expect((await client.readAnswer('POST')).body).toBe('a');
    expect(a.received.at(-1)!.body.toString()).toBe('slow after');
  });
});
