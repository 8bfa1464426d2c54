import { once } from 'node:events';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { BalancerDefinition } from '../../src/index.ts';
import { insideOf } from '../../src/inside.ts';
import type { BalancerTally, MemberTally } from '../../src/tally/tally.ts';
import { ask, askStatuses } from '../support/ask.ts';
import { deadUrl, startBackend } from '../support/backend.ts';
import { startFaulty } from '../support/faults.ts';
import { senders, startFront, type Front, type FrontOptions } from '../support/front.ts';
import { startHolding } from '../support/holding.ts';
import { tidyUp, until } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';
import { closeWebSockets, openWebSocket, startChat, startUpgradeFront } from '../support/websocket.ts';

afterEach(async () => {
  closeWebSockets();
  await tidyUp();
});

function tallyOf({ balancer }: Front): BalancerTally {
  return insideOf(balancer).now().parts.tally.balancer;
}

function tallyOfMember({ balancer }: Front, name: string): MemberTally {
  const { tally, members } = insideOf(balancer).now().parts;
  return tally.of(members.view().find(({ settings }) => settings.name === name)!);
}

function sessionsOf(front: Front, name: string): number | undefined {
  return tallyOfMember(front, name).sessions(performance.now());
}

const countEnded = (front: Front): number => tallyOf(front).codes.reduce((sum, count) => sum + count);

/** Waits until so many requests have ended, and no more. */
async function expectEnded(front: Front, count: number): Promise<void> {
  await until(() => countEnded(front) >= count);
  expect(countEnded(front)).toBe(count);
}

describe.each(senders)('%s: what is counted', (_sender, sender) => {
  test('has every answer at its member, and every request at the balancer', async () => {
    let status = 200;
    const { url } = await startBackend('a', (_req, res) => res.writeHead(status).end());
    const front = await startFront({ ...sender, members: [{ url, route: 'a' }] });
    for (status of [200, 204, 301, 404, 503]) await ask(front.port);
    await expectEnded(front, 5);
    expect(tallyOf(front).codes).toEqual([0, 0, 2, 1, 1, 1]);
    expect(tallyOf(front).errors.size).toBe(0);
    expect(tallyOf(front).durations.count).toBe(5);
    const member = tallyOfMember(front, 'a');
    expect([...member.attempts]).toEqual([['answered', 5]]);
    expect(member).toMatchObject({ answers: [0, 0, 2, 1, 1, 1], broken: 0 });
    expect(member.failovers.size).toBe(0);
    expect(member.responseTimes.count).toBe(5);
    expect(member.responseTimes.sum).toBeGreaterThan(0);
    expect(member.responseTimes.sum).toBeLessThan(tallyOf(front).durations.sum);
  });

  test('has what moved: at the member that it left, by what its attempt came to', async () => {
    const [dead, bad] = [await deadUrl(), await startBackend('bad', (_req, res) => res.writeHead(503).end())];
    const { url } = await startBackend('ok');
    const front = await startFront({
      ...sender,
      failoverOn: [503],
      members: [
        { url: dead, route: 'dead' },
        { url: bad.url, route: 'bad', lbset: 1 },
        { url, route: 'ok', lbset: 2 },
      ],
    });
    expect(await askStatuses(front.port, 1)).toEqual([200]);
    await expectEnded(front, 1);
    expect(tallyOf(front).codes).toEqual([0, 0, 1, 0, 0, 0]);
    expect([...tallyOfMember(front, 'dead').attempts]).toEqual([['connect', 1]]);
    expect([...tallyOfMember(front, 'dead').failovers]).toEqual([['connect', 1]]);
    expect(tallyOfMember(front, 'dead').answers).toEqual([0, 0, 0, 0, 0, 0]);
    expect(tallyOfMember(front, 'dead').responseTimes.count).toBe(0);
    expect([...tallyOfMember(front, 'bad').attempts]).toEqual([['discarded', 1]]);
    expect([...tallyOfMember(front, 'bad').failovers]).toEqual([['discarded', 1]]);
    expect(tallyOfMember(front, 'bad').answers).toEqual([0, 0, 0, 0, 0, 1]);
    expect(tallyOfMember(front, 'bad').responseTimes.count).toBe(0);
    expect([...tallyOfMember(front, 'ok').attempts]).toEqual([['answered', 1]]);
    expect(tallyOfMember(front, 'ok').failovers.size).toBe(0);
  });

  test('has a member that was tried once more', async () => {
    let isLast = false;
    const { url } = await startBackend('a', (req, res) => {
      if (isLast) req.socket.resetAndDestroy();
      else res.end('a');
      isLast = !isLast;
    });
    const front = await startFront({ ...sender, members: [{ url, route: 'a' }] });
    expect(await askStatuses(front.port, 2)).toEqual([200, 200]);
    await expectEnded(front, 2);
    const member = tallyOfMember(front, 'a');
    expect(Object.fromEntries(member.attempts)).toEqual({ answered: 2, reset: 1 });
    expect([...member.failovers]).toEqual([['reset', 1]]);
  });

  test('has errors by their codes, and what the client was answered', async () => {
    const front = await startFront({ ...sender, members: [{ url: await deadUrl(), route: 'a' }] });
    await ask(front.port);
    await ask(front.port, { path: '/%zz' });
    front.balancer.change('a', '+D');
    await ask(front.port);
    await expectEnded(front, 3);
    expect(Object.fromEntries(tallyOf(front).errors)).toEqual({
      ERR_BALANCER_CONNECT: 1,
      ERR_BALANCER_BAD_REQUEST: 1,
      ERR_BALANCER_NO_MEMBER: 1,
    });
    expect(tallyOf(front).codes).toEqual([0, 0, 0, 0, 1, 2]);
    expect(tallyOf(front).durations.count).toBe(3);
    expect([...tallyOfMember(front, 'a').attempts]).toEqual([['connect', 1]]);
  });

  test('has an answer that broke off at the member, and one whose client left at nobody', async () => {
    const { url } = await startFaulty('closes in a counted body');
    const half = await startBackend('b', (_req, res) => res.write('half'));
    const front = await startFront({
      ...sender,
      stickysession: 'SID',
      members: [
        { url, route: 'a' },
        { url: half.url, route: 'b' },
      ],
    });
    expect((await ask(front.port, { headers: { Cookie: 'SID=1.a' } })).whole).toBe(false);
    await expectEnded(front, 1);
    expect(tallyOf(front).codes).toEqual([0, 0, 1, 0, 0, 0]);
    expect(tallyOfMember(front, 'a')).toMatchObject({ broken: 1, answers: [0, 0, 1, 0, 0, 0] });
    expect([...tallyOfMember(front, 'a').attempts]).toEqual([['answered', 1]]);

    const client = await RawClient.connect(front.port);
    client.send(['GET / HTTP/1.1', 'Host: a', 'Cookie: SID=1.b']);
    await client.readHead();
    client.socket.destroy();
    await expectEnded(front, 2);
    expect(tallyOf(front).codes).toEqual([1, 0, 1, 0, 0, 0]);
    expect(tallyOfMember(front, 'b')).toMatchObject({ broken: 0, answers: [0, 0, 1, 0, 0, 0] });
    expect([...tallyOfMember(front, 'b').attempts]).toEqual([['answered', 1]]);
  });

  test('has the queue', async () => {
    const held = await startHolding('a');
    const front = await startFront({
      ...sender,
      queueLength: 1,
      members: [{ url: held.url, route: 'a', max: 1 }],
    });
    const first = ask(front.port);
    await until(() => held.held() === 1);
    const second = ask(front.port);
    await until(() => tallyOf(front).queued.get('waiting') === 1);
    expect((await ask(front.port)).code).toBe('ERR_BALANCER_OVERLOAD');
    expect(tallyOf(front).waits.count).toBe(0);
    held.open();
    await Promise.all([first, second]);
    await expectEnded(front, 3);
    expect(Object.fromEntries(tallyOf(front).queued)).toEqual({ waiting: 1, refused: 1, served: 1 });
    expect(tallyOf(front).waits.count).toBe(1);
    expect(tallyOf(front).waits.sum).toBeGreaterThan(0);
  });

  test('has an upgrade when it is switched, without how long it lasts', async () => {
    const chat = await startChat();
    const front = await startUpgradeFront({ ...sender, members: [{ url: chat.url, route: 'a' }] });
    const { socket } = await openWebSocket(front.port);
    await expectEnded(front, 1);
    const expectOne = (): void => {
      expect(tallyOf(front).codes).toEqual([0, 1, 0, 0, 0, 0]);
      expect(tallyOf(front).durations.count).toBe(0);
      expect([...tallyOfMember(front, 'a').attempts]).toEqual([['upgraded', 1]]);
      expect(tallyOfMember(front, 'a').answers).toEqual([0, 1, 0, 0, 0, 0]);
      expect(tallyOfMember(front, 'a').responseTimes.count).toBe(1);
    };
    expectOne();
    socket.close();
    await once(socket, 'close');
    await until(() => front.balancer.view().every(({ busy }) => busy === 0));
    expectOne();
  });
});

describe('what is counted', () => {
  test('has no request that is left to the app, and those that a local handler passes on', async () => {
    const front = await startFront(
      {
        exclude: ['/own'],
        members: [
          {
            route: 'here',
            handler(req, res, next) {
              if (req.url === '/next') next();
              else res.end('here');
            },
          },
        ],
      },
      { after: (app) => app.use((_req, res) => void res.sendStatus(404)) },
    );
    for (const path of ['/own', '/next', '/']) await ask(front.port, { path });
    await expectEnded(front, 2);
    expect(tallyOf(front).codes).toEqual([0, 0, 1, 0, 1, 0]);
    const member = tallyOfMember(front, 'here');
    expect(Object.fromEntries(member.attempts)).toEqual({ 'passed-on': 1, answered: 1 });
    expect(member.answers).toEqual([0, 0, 1, 0, 0, 0]);
  });

  test('stays with its member over change and update, and goes with one that is removed', async () => {
    const [a, b] = [await startBackend('a'), await startBackend('b')];
    const define = (...routes: readonly string[]): BalancerDefinition => ({
      logger: false,
      stickysession: 'SID',
      members: [
        { url: a.url, route: routes[0]! },
        { url: b.url, route: routes[1]! },
      ],
    });
    const front = await startFront(define('a', 'b'));
    await ask(front.port, { headers: { Cookie: 'SID=1.a' } });
    await ask(front.port, { headers: { Cookie: 'SID=1.b' } });
    await expectEnded(front, 2);
    front.balancer.change('a', { route: 'x' });
    front.balancer.update(define('y', 'b'));
    expect([...tallyOfMember(front, 'y').attempts]).toEqual([['answered', 1]]);
    expect(sessionsOf(front, 'y')).toBe(1);
    expect(countEnded(front)).toBe(2);
    await front.balancer.remove('b');
    front.balancer.add({ url: b.url, route: 'b' });
    expect(tallyOfMember(front, 'b').attempts.size).toBe(0);
    expect(sessionsOf(front, 'b')).toBeUndefined();
    expect(countEnded(front)).toBe(2);
  });

  describe('of sessions', () => {
    async function startPair(
      definition: Partial<BalancerDefinition>,
      options: FrontOptions = {},
    ): Promise<Front> {
      const [a, b] = [await startBackend('a'), await startBackend('b')];
      const members = [
        { url: a.url, route: 'a' },
        { url: b.url, route: 'b', redirect: 'a' },
      ];
      return startFront({ members, ...definition }, options);
    }
    const cookie = (value: string): { headers: Record<string, string> } => ({ headers: { Cookie: value } });

    test('has each once at the member that it is bound to', async () => {
      const front = await startPair({ stickysession: 'SID' });
      for (const id of ['1', '2', '3', '1', '2']) await ask(front.port, cookie(`SID=${id}.a`));
      for (const id of ['1', '4']) await ask(front.port, { path: `/;SID=${id}.b` });
      expect([sessionsOf(front, 'a'), sessionsOf(front, 'b')]).toEqual([3, 2]);
    });

    test('has none that went elsewhere than its route says, and none without a route', async () => {
      const front = await startPair({ stickysession: 'SID' });
      front.balancer.change('b', '+D');
      await ask(front.port, cookie('SID=1.b'));
      await ask(front.port, cookie('SID=1.gone'));
      await ask(front.port, cookie('SID=1'));
      await ask(front.port);
      expect([sessionsOf(front, 'a'), sessionsOf(front, 'b')]).toEqual([undefined, undefined]);
    });

    test('does not know any where the route is all that a request tells: the cookie of the balancer', async () => {
      const front = await startPair({ routeCookie: true });
      const { headers } = await ask(front.port);
      const [own = ''] = headers['set-cookie']!.map((each) => each.split(';', 1)[0]!);
      await ask(front.port, cookie(own));
      expect([sessionsOf(front, 'a'), sessionsOf(front, 'b')]).toEqual([undefined, undefined]);
    });

    test('has the session of the app where that decides, beside the cookie of the balancer', async () => {
      const front = await startPair({ stickysession: 'SID', routeCookie: { name: 'OWN' } });
      const { headers, text } = await ask(front.port);
      const [own = ''] = headers['set-cookie']!.map((each) => each.split(';', 1)[0]!);
      // A session of a member that is gone: the other cookie decides, and nobody knows whose it is.
      expect((await ask(front.port, cookie(`SID=1.gone; ${own}`))).text).toBe(text);
      expect([sessionsOf(front, 'a'), sessionsOf(front, 'b')]).toEqual([undefined, undefined]);
      for (const id of ['1', '2']) await ask(front.port, cookie(`SID=${id}.b; ${own}`));
      expect([sessionsOf(front, 'a'), sessionsOf(front, 'b')]).toEqual([undefined, 2]);
    });

    test('does not end up in what listeners are told, nor in req.balancer', async () => {
      const facts: unknown[] = [];
      const front = await startPair(
        { stickysession: 'SID' },
        {
          before: (app) =>
            app.use((req, res, next) => {
              res.once('close', () => facts.push(req.balancer));
              next();
            }),
        },
      );
      const told: unknown[] = [];
      front.balancer.on('attempt', (event) => told.push(event));
      front.balancer.on('request', (event) => told.push(event));
      await ask(front.port, cookie('SID=secret.a'));
      await until(() => told.length === 2 && facts.length === 1);
      expect(sessionsOf(front, 'a')).toBe(1);
      expect(JSON.stringify([facts, told])).not.toContain('secret');
    });
  });
});
