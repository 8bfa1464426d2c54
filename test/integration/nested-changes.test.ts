import { afterEach, describe, expect, test } from '@jest/globals';
import { ask } from '../support/ask.ts';
import { startBackend } from '../support/backend.ts';
import { senders, silent, type Front } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { startToldFront } from '../support/stories.ts';

afterEach(tidyUp);

function urlsOf({ balancer }: Front): readonly string[] {
  return balancer.view().map(({ url }) => url);
}

describe.each(senders)('a listener that changes what it is told of, over %s', (_name, sender) => {
  test('of members has the last word with an update, over an add', async () => {
    const [a, b, c] = [await startBackend('a'), await startBackend('b'), await startBackend('c')];
    const front = await startToldFront({ ...sender, members: [a.url] });
    let isFirst = true;
    front.balancer.on('members', () => {
      if (!isFirst) return;
      isFirst = false;
      front.balancer.update({ ...silent, ...sender, members: [c.url], serverTiming: true });
    });

    front.balancer.add(b.url);

    expect(urlsOf(front)).toEqual([c.url]);
    const told = await ask(front.port);
    expect(told.text).toBe('c');
    expect(told.headers['server-timing']).toBeDefined();
    // What is added to is what the listener wrote.
    front.balancer.add(a.url);
    expect(urlsOf(front)).toEqual([c.url, a.url]);
  });

  test('of members has the last word with an update, over a remove', async () => {
    const [a, b] = [await startBackend('a'), await startBackend('b')];
    const front = await startToldFront({ ...sender, members: [a.url, b.url] });
    let isFirst = true;
    front.balancer.on('members', () => {
      if (!isFirst) return;
      isFirst = false;
      front.balancer.update({ ...silent, ...sender, members: [b.url], serverTiming: true });
    });

    await front.balancer.remove(b.url);

    expect(urlsOf(front)).toEqual([b.url]);
    const told = await ask(front.port);
    expect(told.text).toBe('b');
    expect(told.headers['server-timing']).toBeDefined();
  });

  test('of state has the last word with an update, over another update', async () => {
    const [a, b, c] = [await startBackend('a'), await startBackend('b'), await startBackend('c')];
    const front = await startToldFront({ ...sender, members: [a.url, b.url] });
    let isFirst = true;
    front.balancer.on('state', () => {
      if (!isFirst) return;
      isFirst = false;
      front.balancer.update({ ...silent, ...sender, members: [a.url] });
    });

    front.balancer.update({ ...silent, ...sender, members: [{ url: a.url, status: 'I' }, c.url] });

    expect(isFirst).toBe(false);
    expect(urlsOf(front)).toEqual([a.url]);
    for (let i = 0; i < 4; i += 1) expect((await ask(front.port)).text).toBe('a');
    expect([b.connections(), c.connections()]).toEqual([0, 0]);
    // Nobody is left that the balancer has and does not know of.
    expect(front.balancer.add(c.url)).toBe(c.url);
    expect(urlsOf(front)).toEqual([a.url, c.url]);
  });

  test('of state finds the update whole', async () => {
    const [a, b] = [await startBackend('a'), await startBackend('b')];
    const front = await startToldFront({ ...sender, members: [a.url] });
    const seen: (readonly string[])[] = [];
    front.balancer.on('state', () => seen.push(urlsOf(front)));

    front.balancer.update({ ...silent, ...sender, members: [{ url: a.url, status: 'I' }, b.url] });

    expect(seen).toEqual([[a.url, b.url]]);
  });
});
