import { once } from 'node:events';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { ErrorRequestHandler } from 'express';
import type { BalancerDefinition, BalancerEvents } from '../../src/index.ts';
import { ask } from '../support/ask.ts';
import { deadUrl, startBackend } from '../support/backend.ts';
import { startFaulty } from '../support/faults.ts';
import { senders, startFront, type Front, type FrontOptions } from '../support/front.ts';
import { startHolding } from '../support/holding.ts';
import { tidyUp, until } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';
import {
  askToSwitch,
  closeWebSockets,
  openWebSocket,
  readRefusal,
  say,
  startChat,
  startUpgradeFront,
} from '../support/websocket.ts';

type Ended = BalancerEvents['request'];

afterEach(async () => {
  closeWebSockets();
  await tidyUp();
});

/** A front, and what it tells of requests that have ended. */
type Listening = Readonly<{
  front: Front;
  told: readonly Ended[];
  /** Waits until so many are told, and returns the last. */
  ended(count?: number): Promise<Ended>;
}>;

async function startListening(
  definition: BalancerDefinition,
  options: FrontOptions = {},
  start: typeof startFront = startFront,
): Promise<Listening> {
  const front = await start({ name: 'app', ...definition }, options);
  const told: Ended[] = [];
  front.balancer.on('request', (event) => told.push(event));
  return {
    front,
    told,
    async ended(count = 1) {
      await until(() => told.length >= count);
      expect(told).toHaveLength(count);
      return told[count - 1]!;
    },
  };
}

const teapot: ErrorRequestHandler = (_error, _req, res, _next) => {
  res.writeHead(418).end();
};

/** Of a request that nobody was tried for. */
const unknown = {
  balancer: 'app',
  error: undefined,
  member: undefined,
  route: undefined,
  sticky: undefined,
  routeChanged: false,
  waitedMs: 0,
  durationMs: expect.any(Number),
  attempts: [],
};

describe.each(senders)('%s: a request that has ended is told of, once:', (_sender, sender) => {
  test('one that was answered', async () => {
    const { url } = await startBackend('a', (_req, res) => res.writeHead(201).end());
    const { front, ended } = await startListening({
      ...sender,
      stickysession: 'SID',
      members: [{ url, route: 'a' }],
    });
    await ask(front.port, { method: 'PUT', path: '/x/y?z=1', headers: { Cookie: 'SID=secret.a' } });
    const event = await ended();
    const attempt = {
      member: url,
      name: 'a',
      reason: 'route',
      outcome: 'answered',
      status: 201,
      code: undefined,
      startedMs: expect.any(Number),
      durationMs: expect.any(Number),
    };
    expect(event).toEqual({
      ...unknown,
      method: 'PUT',
      path: '/x/y',
      status: 201,
      member: 'a',
      route: 'a',
      sticky: 'SID',
      attempts: [attempt],
    });
    expect(event.durationMs).toBeGreaterThanOrEqual(event.attempts[0]!.durationMs);
  });

  test('one that went to a further member', async () => {
    const [dead, b] = [await deadUrl(), await startBackend('b')];
    const { front, ended } = await startListening(
      {
        ...sender,
        stickysession: 'SID',
        members: [
          { url: dead, route: 'a' },
          { url: b.url, route: 'b' },
        ],
      },
      { mount: '/shop' },
    );
    await ask(front.port, { path: '/shop/x;SID=1.a?y' });
    expect(await ended()).toMatchObject({
      path: '/shop/x',
      status: 200,
      error: undefined,
      member: 'b',
      route: 'a',
      routeChanged: true,
      attempts: [
        { name: 'a', outcome: 'connect', code: 'ECONNREFUSED' },
        { name: 'b', outcome: 'answered', status: 200 },
      ],
    });
  });

  test('one that ended in an error: the status is what the app has made of it', async () => {
    const { front, ended } = await startListening(
      { ...sender, members: [{ url: await deadUrl(), route: 'a' }] },
      { after: (app) => app.use(teapot) },
    );
    expect((await ask(front.port)).status).toBe(418);
    expect(await ended()).toMatchObject({
      status: 418,
      error: 'ERR_BALANCER_CONNECT',
      member: 'a',
      attempts: [{ outcome: 'connect' }],
    });
  });

  test('one that waited', async () => {
    const held = await startHolding('a');
    const { front, ended } = await startListening({
      ...sender,
      members: [{ url: held.url, route: 'a', max: 1 }],
    });
    let waiting = 0;
    front.balancer.on('queue', (event) => (waiting = event.waiting));
    const first = ask(front.port);
    await until(() => held.held() === 1);
    const second = ask(front.port);
    await until(() => waiting === 1);
    held.open();
    await Promise.all([first, second]);
    const { waitedMs, durationMs } = await ended(2);
    expect(waitedMs).toBeGreaterThan(0);
    expect(durationMs).toBeGreaterThan(waitedMs);
  });

  test('one whose client left while the member was thinking', async () => {
    const held = await startHolding('a');
    const { front, ended } = await startListening({ ...sender, members: [{ url: held.url, route: 'a' }] });
    const client = await RawClient.connect(front.port);
    client.send(['GET / HTTP/1.1', 'Host: a']);
    await until(() => held.held() === 1);
    client.socket.destroy();
    expect(await ended()).toMatchObject({
      status: undefined,
      error: undefined,
      member: 'a',
      attempts: [{ outcome: 'client-gone', status: undefined }],
    });
  });

  test('one whose client left in the middle of the answer', async () => {
    const { url } = await startBackend('a', (_req, res) => res.write('half'));
    const { front, ended } = await startListening({ ...sender, members: [{ url, route: 'a' }] });
    const client = await RawClient.connect(front.port);
    client.send(['GET / HTTP/1.1', 'Host: a']);
    await client.readHead();
    client.socket.destroy();
    expect(await ended()).toMatchObject({
      status: undefined,
      error: undefined,
      attempts: [{ outcome: 'client-gone', status: 200 }],
    });
  });

  test('one whose answer broke off: the client has got its status, and no more', async () => {
    const { url } = await startFaulty('closes in a counted body');
    const { front, ended } = await startListening({ ...sender, members: [{ url, route: 'a' }] });
    expect((await ask(front.port)).whole).toBe(false);
    expect(await ended()).toMatchObject({
      status: 200,
      error: undefined,
      attempts: [{ outcome: 'reset', status: 200 }],
    });
  });

  test('one whose deadline was over, and one that the end of the balancer refused', async () => {
    const held = await startHolding('a');
    const { front, ended } = await startListening({
      ...sender,
      deadline: '100ms',
      members: [{ url: held.url, route: 'a' }],
    });
    await ask(front.port);
    expect(await ended()).toMatchObject({
      status: 504,
      error: 'ERR_BALANCER_DEADLINE',
      attempts: [{ outcome: 'deadline' }],
    });
    await until(() => held.held() === 0);
    front.balancer.update({
      ...sender,
      name: 'app',
      members: [{ url: held.url, route: 'a' }],
      logger: false,
    });
    const asked = ask(front.port);
    await until(() => held.held() === 1);
    await front.balancer.close();
    expect((await asked).status).toBe(503);
    expect(await ended(2)).toMatchObject({ status: 503, error: 'ERR_BALANCER_CLOSED', member: 'a' });
  });

  test('one that the app has answered itself meanwhile', async () => {
    const held = await startHolding('a');
    const { front, ended } = await startListening(
      { ...sender, members: [{ url: held.url, route: 'a' }] },
      {
        before: (app) =>
          app.use((req, res, next) => {
            req.once('told', () => res.writeHead(503).end());
            next();
          }),
      },
    );
    const requested = once(front.server, 'request') as Promise<[NodeJS.EventEmitter]>;
    const asked = ask(front.port);
    await until(() => held.held() === 1);
    (await requested)[0].emit('told');
    await asked;
    expect(await ended()).toMatchObject({
      status: 503,
      error: undefined,
      attempts: [{ outcome: 'client-gone' }],
    });
  });

  describe('upgrades:', () => {
    async function startChatting(): Promise<Listening> {
      const chat = await startChat();
      const refusing = await startBackend('b', (_req, res) => res.writeHead(403).end());
      return startListening(
        {
          ...sender,
          stickysession: 'SID',
          members: [
            { url: chat.url, route: 'a' },
            { url: refusing.url, route: 'b' },
            { url: await deadUrl(), route: 'c', status: 'drain' },
          ],
          nofailover: true,
        },
        {},
        startUpgradeFront,
      );
    }
    const bound = (route: string): { headers: Record<string, string> } => ({
      headers: { Cookie: `SID=x.${route}` },
    });

    test('one that was switched, while it is open and never again', async () => {
      const { front, told, ended } = await startChatting();
      const { socket } = await openWebSocket(front.port, '/chat?x', bound('a'));
      expect(await ended()).toMatchObject({
        method: 'GET',
        path: '/chat',
        status: 101,
        error: undefined,
        member: 'a',
        attempts: [{ outcome: 'upgraded', status: 101 }],
      });
      expect(await say(socket, 'still there')).toBe('still there');
      socket.close();
      await once(socket, 'close');
      await until(() => front.balancer.view().every(({ busy }) => busy === 0));
      expect(told).toHaveLength(1);
    });

    test('one that was switched and is then cut', async () => {
      const { front, told, ended } = await startChatting();
      const { socket } = await openWebSocket(front.port, '/', bound('a'));
      await ended();
      const closed = once(socket, 'close');
      await front.balancer.close();
      await closed;
      expect(told).toHaveLength(1);
    });

    test('one that was refused by the member, and one by the balancer', async () => {
      const { front, ended } = await startChatting();
      expect((await readRefusal(front.port, '/', bound('b'))).status).toBe(403);
      expect(await ended()).toMatchObject({ status: 403, error: undefined, member: 'b' });
      expect((await readRefusal(front.port, '/', bound('c'))).status).toBe(503);
      expect(await ended(2)).toMatchObject({ status: 503, error: 'ERR_BALANCER_CONNECT', member: 'c' });
    });

    test('one whose client left before', async () => {
      const held = await startHolding('a');
      const { front, ended } = await startListening(
        { ...sender, members: [{ url: held.url, route: 'a' }] },
        {},
        startUpgradeFront,
      );
      const client = await RawClient.connect(front.port);
      client.send(askToSwitch());
      await until(() => held.held() === 1);
      client.socket.destroy();
      expect(await ended()).toMatchObject({ status: undefined, attempts: [{ outcome: 'client-gone' }] });
    });
  });
});

describe('a request that no member has seen is told of too:', () => {
  const members = ['http://127.0.0.1:9/'];

  test.each([
    ['/%zz?a=1', '/%zz'],
    ['/a;SID=1.a/%00', '/a/%00'],
    ['http://front.test/%zz', '/%zz'],
    ['http://user:secret@front.test/x', ''],
  ])('one that is refused: %s', async (target, path) => {
    const { front, ended } = await startListening({ members });
    const client = await RawClient.connect(front.port);
    await client.ask([`GET ${target} HTTP/1.1`, 'Host: a']);
    expect(await ended()).toEqual({
      ...unknown,
      method: 'GET',
      path,
      status: 400,
      error: 'ERR_BALANCER_BAD_REQUEST',
    });
  });

  test('one that was refused below a mount path', async () => {
    const { front, ended } = await startListening({ members }, { mount: '/shop' });
    await ask(front.port, { path: '/shop/%zz' });
    expect(await ended()).toMatchObject({ path: '/shop/%zz', error: 'ERR_BALANCER_BAD_REQUEST' });
  });

  test('one whose body was read before', async () => {
    const { front, ended } = await startListening(
      { members },
      { before: (app) => app.use((req, _res, next) => void req.resume().once('end', next)) },
    );
    await ask(front.port, { method: 'POST', body: Buffer.from('x') });
    expect(await ended()).toMatchObject({ status: 500, error: 'ERR_BALANCER_BODY_CONSUMED' });
  });

  test('one that is answered here, Max-Forwards being used up', async () => {
    const { front, ended } = await startListening({ members });
    await ask(front.port, { method: 'OPTIONS', path: '/x', headers: { 'Max-Forwards': '0' } });
    expect(await ended()).toEqual({ ...unknown, method: 'OPTIONS', path: '/x', status: 204 });
  });

  test('one for which a function of the definition has thrown', async () => {
    const exclude = (): boolean => {
      throw Object.assign(new Error('no'), { status: 507 });
    };
    const { front, ended } = await startListening({ members, exclude });
    await ask(front.port, { path: '/x' });
    expect(await ended()).toEqual({ ...unknown, method: 'GET', path: '/x', status: 507 });
  });

  test.each([
    ['was refused', '/%zz', 'ERR_BALANCER_BAD_REQUEST'],
    ['would have been sent', '/', undefined],
  ])('one that %s when its client had left already', async (_what, path, error) => {
    const { front, ended } = await startListening(
      { members },
      { before: (app) => app.use((_req, res, next) => void res.once('close', () => setImmediate(next))) },
    );
    const requested = once(front.server, 'request');
    const client = await RawClient.connect(front.port);
    client.send([`GET ${path} HTTP/1.1`, 'Host: a']);
    await requested;
    client.socket.destroy();
    expect(await ended()).toEqual({ ...unknown, method: 'GET', path, status: undefined, error });
  });

  test('but not one that is left to the app', async () => {
    const { url } = await startBackend('a');
    const { front, told, ended } = await startListening(
      { members: [url], exclude: ['/own'] },
      { after: (app) => app.use('/own', (_req, res) => void res.send('own')) },
    );
    expect((await ask(front.port, { path: '/own' })).text).toBe('own');
    await ask(front.port, { path: '/theirs' });
    await ended();
    expect(told.map(({ path }) => path)).toEqual(['/theirs']);
  });
});

describe('a request that a local handler has', () => {
  test('is told of with the answer that is finally given', async () => {
    const { front, ended } = await startListening(
      {
        members: [
          {
            route: 'here',
            handler: (req, res, next) => {
              if (req.url === '/next') next();
              else if (req.url === '/fail') throw new Error('no');
              else res.writeHead(202).end('here');
            },
          },
        ],
      },
      { after: (app) => app.use('/next', (_req, res) => void res.status(203).send('app')) },
    );
    await ask(front.port);
    expect(await ended(1)).toMatchObject({
      status: 202,
      member: 'here',
      attempts: [{ outcome: 'answered' }],
    });
    await ask(front.port, { path: '/next' });
    expect(await ended(2)).toMatchObject({
      status: 203,
      member: 'here',
      attempts: [{ outcome: 'passed-on' }],
    });
    await ask(front.port, { path: '/fail' });
    expect(await ended(3)).toMatchObject({
      status: 500,
      error: undefined,
      attempts: [{ outcome: 'passed-on' }],
    });
  });
});

describe('what is told of a request', () => {
  test('holds nothing of its session but the route, wherever that stands', async () => {
    const { url } = await startBackend('a');
    const { front, told, ended } = await startListening({
      stickysession: 'SID',
      routeCookie: true,
      members: [{ url, route: 'a' }],
    });
    await ask(front.port, { path: '/x;SID=secret.a/y' });
    await ask(front.port, { path: '/x?SID=secret.a' });
    await ask(front.port, { headers: { Cookie: 'SID=secret.a' } });
    await ask(front.port, { path: '/%zz;SID=secret.a?SID=secret.a' });
    await ended(4);
    const events = JSON.stringify(told);
    expect(events).toContain('SID');
    expect(events).not.toContain('secret');
  });

  test('stays as it was, whatever becomes of req.balancer', async () => {
    const { url } = await startBackend('a');
    const seen: unknown[] = [];
    const { front, ended } = await startListening(
      { members: [{ url, route: 'a' }] },
      {
        before: (app) =>
          app.use((req, res, next) => {
            res.once('close', () => seen.push(req.balancer!.attempts));
            next();
          }),
      },
    );
    await ask(front.port);
    const { attempts } = await ended();
    expect(attempts).toEqual(seen[0]);
    expect(attempts).not.toBe(seen[0]);
  });
});
