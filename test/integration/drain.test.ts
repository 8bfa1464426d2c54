import { afterEach, describe, expect, test } from '@jest/globals';
import { DefinitionError, type Drained, type DrainOptions, type MemberParameters } from '../../src/index.ts';
import { ask, type Told } from '../support/ask.ts';
import { startBackend, type Backend } from '../support/backend.ts';
import { catchRejection } from '../support/catch-error.ts';
import { senders } from '../support/front.ts';
import { startHolding, type Holding } from '../support/holding.ts';
import { tidyUp, until } from '../support/idle.ts';
import { startToldFront, type ToldFront } from '../support/stories.ts';
import { stopTime } from '../support/time.ts';
import { findFaults, startEcho, startTraffic } from '../support/traffic.ts';
import { viewStill } from '../support/view-still.ts';
import { closeWebSockets, openWebSocket, say, startChat, startUpgradeFront } from '../support/websocket.ts';

afterEach(async () => {
  closeWebSockets();
  await tidyUp();
});

/** A front over `a`, which answers when it is told to, and `b`. */
async function startHalf(
  parameters: MemberParameters = {},
): Promise<Readonly<{ front: ToldFront; a: Holding; b: Backend; askAs: (route: string) => Promise<Told> }>> {
  const [a, b] = [await startHolding('a'), await startBackend('b')];
  const front = await startToldFront({
    stickysession: 'SID',
    members: [
      { ...parameters, url: a.url, route: 'a' },
      { url: b.url, route: 'b' },
    ],
  });
  return { front, a, b, askAs: (route) => ask(front.port, { headers: { Cookie: `SID=x.${route}` } }) };
}

/** Starts a drain and notes how it ends. */
function drain(front: ToldFront, options?: DrainOptions): { ended?: Drained; promise: Promise<Drained> } {
  const drained: { ended?: Drained; promise: Promise<Drained> } = {
    promise: front.balancer.drain('a', options).then((ended) => (drained.ended = ended)),
  };
  return drained;
}

describe.each(senders)('a drain, over %s', (_name, sender) => {
  test('under load, then a removal, then a stop, is missed by nobody', async () => {
    const backends = [await startEcho('a'), await startEcho('b')];
    const front = await startToldFront({
      ...sender,
      members: backends.map(({ url }, i) => ({ url, route: 'ab'[i]! })),
    });
    const traffic = startTraffic(front.port);
    await traffic.goesOn();

    expect(await front.balancer.drain('a')).toEqual({ empty: true, busy: 0 });
    const asked = backends[0]!.received.length;
    await traffic.goesOn();
    expect(backends[0]!.received).toHaveLength(asked);
    await front.balancer.remove('a');
    await backends[0]!.stop();
    await traffic.goesOn();

    expect(findFaults(await traffic.stop(), backends)).toEqual([]);
  });

  test('waits for WebSockets', async () => {
    const [chat, b] = [await startChat('chat'), await startBackend('b')];
    const front = await startUpgradeFront({
      ...sender,
      members: [
        { url: chat.url, route: 'a' },
        { url: b.url, route: 'b' },
      ],
    });
    const { socket } = await openWebSocket(front.port);

    const drained = drain(front);
    expect(await say(socket, 'still here')).toBe('still here');
    expect((await ask(front.port)).text).toBe('b');
    expect(drained.ended).toBeUndefined();
    socket.close();

    expect(await drained.promise).toEqual({ empty: true, busy: 0 });
  });
});

describe('a drain', () => {
  test('lets sessions stay, sends new ones elsewhere, and ends when nothing is served', async () => {
    const { front, a, askAs } = await startHalf();
    const first = askAs('a');
    await until(() => a.held() === 1);

    const drained = drain(front);
    expect(front.member('a').status).toBe('N');
    for (let i = 0; i < 3; i += 1) expect((await ask(front.port)).text).toBe('b');
    const second = askAs('a');
    await until(() => a.held() === 2);
    a.answer(1);
    expect((await first).text).toBe('a');
    expect(drained.ended).toBeUndefined();
    a.answer(1);
    expect((await second).text).toBe('a');

    expect(await drained.promise).toEqual({ empty: true, busy: 0 });
    expect(front.member('a').status).toBe('N');
  });

  test('ends at once where nothing is served', async () => {
    const { front, a, askAs } = await startHalf();

    expect(await drain(front).promise).toEqual({ empty: true, busy: 0 });

    // Sessions are still served, until somebody removes it.
    const answer = askAs('a');
    await until(() => a.held() === 1);
    a.answer();
    expect((await answer).text).toBe('a');
  });

  test('ends with its deadline: the member is disabled, and what it serves goes on', async () => {
    const { front, a, askAs } = await startHalf();
    const answer = askAs('a');
    await until(() => a.held() === 1);

    expect(await drain(front, { deadline: '50ms' }).promise).toEqual({ empty: false, busy: 1 });

    expect(front.member('a').status).toBe('ND');
    expect((await askAs('a')).text).toBe('b');
    a.answer();
    expect((await answer).text).toBe('a');
  });

  test('waits until no session has asked for as long as is set', async () => {
    const time = stopTime();
    const { front, a, askAs } = await startHalf();
    a.open();
    const drained = drain(front, { idle: '500ms' });

    for (let i = 0; i < 7; i += 1) {
      expect((await askAs('a')).text).toBe('a');
      await until(() => front.member('a').busy === 0);
      time.pass(100);
    }
    time.pass(399);
    expect((await ask(front.port)).text).toBe('b');
    expect(drained.ended).toBeUndefined();
    time.pass(1);

    expect(await drained.promise).toEqual({ empty: true, busy: 0 });
  });

  test.each(['-N', '-drain', 'enabled', { drain: false }] as const)('is ended by %j', async (change) => {
    const { front, a, askAs } = await startHalf();
    const answer = askAs('a');
    await until(() => a.held() === 1);
    const drained = drain(front, { deadline: '1h' });

    front.balancer.change('a', change);

    expect(await drained.promise).toEqual({ empty: false, busy: 1 });
    expect(front.member('a').status).toBe('');
    a.answer();
    await answer;
  });

  test('that is ended is not empty, though nothing is served: it serves again', async () => {
    const { front } = await startHalf();
    const drained = drain(front, { idle: '1h' });

    front.balancer.change('a', 'enabled');

    expect(await drained.promise).toEqual({ empty: false, busy: 0 });
  });

  test('by two at once ends for both, each at its own time', async () => {
    const { front, a, askAs } = await startHalf();
    const answer = askAs('a');
    await until(() => a.held() === 1);

    const [one, other] = [drain(front), drain(front, { deadline: '50ms' })];
    expect(await other.promise).toEqual({ empty: false, busy: 1 });
    expect(one.ended).toBeUndefined();
    a.answer();

    expect(await one.promise).toEqual({ empty: true, busy: 0 });
    await answer;
  });

  test('ends with the balancer, without waiting for its times', async () => {
    const { front, a, askAs } = await startHalf();
    const answer = askAs('a');
    await until(() => a.held() === 1);
    const drains = [drain(front), drain(front, { deadline: '1h', idle: '1h' })];

    await front.balancer.close();

    expect(await Promise.all(drains.map(({ promise }) => promise))).toEqual(
      Array(2).fill({ empty: true, busy: 0 }),
    );
    expect((await answer).code).toBe('ERR_BALANCER_CLOSED');
    expect(await drain(front, { idle: '1h' }).promise).toEqual({ empty: true, busy: 0 });
  });

  test('that nobody is left by leaves its sessions alone', async () => {
    const { front, a, b, askAs } = await startHalf();
    a.open();
    await drain(front).promise;
    await b.stop();

    expect((await ask(front.port)).status).toBe(503);
    expect((await askAs('a')).text).toBe('a');
  });

  test('outlasts an update that says the same as before', async () => {
    const { front, a, b, askAs } = await startHalf();
    const answer = askAs('a');
    await until(() => a.held() === 1);
    const drained = drain(front);

    front.balancer.update({
      logger: false,
      stickysession: 'SID',
      members: [
        { url: a.url, route: 'a' },
        { url: b.url, route: 'b' },
      ],
    });
    expect((await ask(front.port)).text).toBe('b');
    expect(drained.ended).toBeUndefined();
    a.answer();

    expect(await drained.promise).toEqual({ empty: true, busy: 0 });
    await answer;
  });

  test('goes on when the member is removed meanwhile', async () => {
    const { front, a, askAs } = await startHalf();
    const answer = askAs('a');
    await until(() => a.held() === 1);
    const drained = drain(front);

    const removal = front.balancer.remove('a');
    a.answer();

    expect(await drained.promise).toEqual({ empty: true, busy: 0 });
    await Promise.all([removal, answer]);
  });

  test('is told, by the member and in words', async () => {
    const { front } = await startHalf();
    const told = Promise.withResolvers<unknown>();
    front.balancer.on('state', told.resolve);

    await drain(front).promise;

    expect(await told.promise).toMatchObject({ member: 'a', from: '', to: 'N', cause: 'changed' });
  });

  test.each<readonly [options: unknown, paths: readonly string[]]>([
    [{ deadline: 'soon', idle: -1 }, ['deadline', 'idle']],
    [{ dealine: '30s' }, ['dealine']],
    ['30s', ['options']],
    [null, ['options']],
  ])('with %j is refused, and drains nobody', async (options, paths) => {
    const { front } = await startHalf();
    const before = viewStill(front);

    const error = await catchRejection(front.balancer.drain('a', options as DrainOptions));

    expect(error).toBeInstanceOf(DefinitionError);
    expect((error as DefinitionError).problems.map(({ path }) => path)).toEqual(paths);
    expect(viewStill(front)).toEqual(before);
  });

  test('of a member that there is not is refused', async () => {
    const { front } = await startHalf();

    const error = await catchRejection(front.balancer.drain('c'));

    expect(error).toBeInstanceOf(DefinitionError);
    expect(String(error)).toMatch(/write one of 'a', 'b'/);
  });
});

test('a client that leaves counts as an end', async () => {
  const { front, a } = await startHalf();
  const answer = ask(front.port, { headers: { Cookie: 'SID=x.a' } });
  await until(() => a.held() === 1);
  const drained = drain(front);

  const failed = answer.catch(() => 'left');
  front.server.closeAllConnections();

  expect(await drained.promise).toEqual({ empty: true, busy: 0 });
  expect(await failed).toBe('left');
});
