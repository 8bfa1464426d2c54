import { once } from 'node:events';
import { afterEach, describe, expect, test } from '@jest/globals';
import { DefinitionError, type BalancerDefinition } from '../../src/index.ts';
import { ask } from '../support/ask.ts';
import { catchRejection } from '../support/catch-error.ts';
import { senders } from '../support/front.ts';
import { startHolding } from '../support/holding.ts';
import { tidyUp, until } from '../support/idle.ts';
import type { ToldFront } from '../support/stories.ts';
import { farewell, listenTo, startPunctual } from '../support/tunnel-ends.ts';
import {
  closeWebSockets,
  openHalf,
  openWebSocket,
  say,
  startChat,
  startUpgradeFront,
  type Chat,
} from '../support/websocket.ts';

afterEach(async () => {
  closeWebSockets();
  await tidyUp();
});

/** Two members, of which `a` is to be drained. */
async function startTwo(
  sender: Partial<BalancerDefinition>,
): Promise<Readonly<{ front: ToldFront; a: Chat; b: Chat }>> {
  const [a, b] = [await startChat('a'), await startChat('b')];
  const front = await startPunctual({
    ...sender,
    stickysession: 'SID',
    members: [
      { url: a.url, route: 'a' },
      { url: b.url, route: 'b' },
    ],
  });
  return { front, a, b };
}

describe.each(senders)('a drain with a grace, over %s,', (_name, sender) => {
  test('tells the member’s WebSockets to go once the deadline is over; they come back elsewhere', async () => {
    const { front, a } = await startTwo(sender);
    const { socket } = await openWebSocket(front.port, '/?SID=x.a');
    const { socket: other } = await openWebSocket(front.port, '/?SID=x.b');
    const closed = Promise.all([once(socket, 'close'), once(a.sockets[0]!, 'close')]);

    expect(await front.balancer.drain('a', { deadline: '50ms', grace: '10h' })).toEqual({
      empty: true,
      busy: 0,
    });

    expect((await closed).map(([code]) => code as number)).toEqual([1001, 1001]);
    expect(front.member('a').status).toBe('ND');
    const again = await openWebSocket(front.port, '/?SID=x.a');
    expect(again.head.headers['x-backend']).toBe('b');
    expect(await say(other, 'still here')).toBe('still here');
  });

  test('cuts those that are left at its end, and counts as empty then', async () => {
    const { front } = await startTwo(sender);
    // It answers nothing.
    const client = listenTo(await openHalf(front.port));
    await until(() => front.member('a').busy === 1);

    expect(await front.balancer.drain('a', { deadline: 0, grace: '200ms' })).toEqual({
      empty: true,
      busy: 0,
    });
    await client.over;
    expect(client.heard()).toEqual(farewell);
  });
});

describe('a drain with a grace', () => {
  test('cuts no request: it goes on, and the member is not empty', async () => {
    const holding = await startHolding('a');
    const chat = await startChat('b');
    const front = await startUpgradeFront({
      members: [
        { url: holding.url, route: 'a' },
        { url: chat.url, route: 'b', status: 'D' },
      ],
    });
    const answer = ask(front.port);
    await until(() => holding.held() === 1);

    const drained = await front.balancer.drain('a', { deadline: 0, grace: '50ms' });

    expect(drained).toEqual({ empty: false, busy: 1 });
    holding.answer();
    expect((await answer).text).toBe('a');
  });

  test('that is ended while it runs tells and cuts nobody any more', async () => {
    const chat = await startChat('a');
    const front = await startUpgradeFront({ members: [{ url: chat.url, route: 'a' }] });
    const { socket } = await openWebSocket(front.port);
    const drained = front.balancer.drain('a', { deadline: '20ms', grace: '10h' });
    await until(() => front.member('a').status === 'ND');

    front.balancer.change('a', 'enabled');

    expect(await drained).toEqual({ empty: false, busy: 1 });
    expect(await say(socket, 'still here')).toBe('still here');
  });

  test('needs a deadline to begin with', async () => {
    const { front } = await startTwo({});
    const error = await catchRejection(front.balancer.drain('a', { grace: '10s' }));
    expect(error).toBeInstanceOf(DefinitionError);
    expect(String(error)).toMatch(
      /grace is '10s': it begins with the deadline, and there is none; write a deadline, too/,
    );
    expect(front.member('a').status).toBe('');
  });
});
