import { afterEach, describe, expect, test } from '@jest/globals';
import cookieParser from 'cookie-parser';
import { Router, type Express, type RequestHandler } from 'express';
import { createBalancer } from '../../src/index.ts';
import { deadUrl } from '../support/backend.ts';
import { senders, silent } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { stopTime } from '../support/time.ts';
import {
  becomesLonely,
  closeWebSockets,
  openWebSocket,
  readRefusal,
  say,
  startChat,
  startUpgradeFront,
} from '../support/websocket.ts';

afterEach(async () => {
  closeWebSockets();
  await tidyUp();
});

/** Signs in whoever has the cookie, and keeps everybody else out. */
function guard(app: Express): void {
  const guarding: RequestHandler = async (req, res, next) => {
    // As where a session store is asked.
    await Promise.resolve();
    if ((req.cookies as Record<string, string>)['user'] === 'anna') {
      Object.assign(req, { user: 'anna' });
      res.cookie('seen', 'yes');
      next();
    } else {
      res.status(401).set('WWW-Authenticate', 'Login').json({ error: 'who are you?' });
    }
  };
  app.use(cookieParser(), guarding);
}

describe.each(senders)('an upgrade through the app, over %s', (_name, sender) => {
  test('meets the middleware first, which may answer it', async () => {
    const chat = await startChat();
    const front = await startUpgradeFront({ ...sender, members: [chat.url] }, { before: guard });

    const refusal = await readRefusal(front.port);

    expect(refusal).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Login', connection: 'close' },
    });
    expect(JSON.parse(refusal.body)).toEqual({ error: 'who are you?' });
    expect(chat.handshakes).toEqual([]);
    await becomesLonely(front.server);
  });

  test('goes on with what the middleware has made of it', async () => {
    const chat = await startChat();
    const users: unknown[] = [];
    const front = await startUpgradeFront(
      {
        ...sender,
        members: [chat.url],
        exclude: (req) => {
          users.push('user' in req && req.user);
          return false;
        },
      },
      { before: guard },
    );

    const { socket, head } = await openWebSocket(front.port, '/', { headers: { Cookie: 'user=anna' } });

    expect(users).toEqual(['anna']);
    expect(head.headers['set-cookie']).toEqual(['seen=yes; Path=/']);
    expect(await say(socket, 'hello')).toBe('hello');
  });

  test('has routers and their mount paths taken off', async () => {
    const chat = await startChat();
    const balancer = createBalancer({ ...silent, ...sender, members: [`${chat.url}/base`] });
    const front = await startUpgradeFront(
      { ...sender, members: [await deadUrl()] },
      { before: (app) => app.use('/v1', Router().use('/:room/chat', balancer)) },
    );

    const { socket } = await openWebSocket(front.port, '/v1/kitchen/chat/x?y=1');

    expect(await say(socket, 'hello')).toBe('hello');
    expect(chat.handshakes[0]!.url).toBe('/base/x?y=1');
    expect(chat.handshakes[0]!.headers['x-forwarded-prefix']).toBe('/v1/kitchen/chat');
    await balancer.close();
  });

  test('finds its balancer among several', async () => {
    const [chat, news] = [await startChat('chat'), await startChat('news')];
    const other = createBalancer({ ...silent, ...sender, members: [news.url] });
    const front = await startUpgradeFront(
      { ...sender, members: [chat.url] },
      { mount: '/chat', before: (app) => app.use('/news', other) },
    );

    const heads = await Promise.all(
      ['/chat', '/news', '/chat/2'].map(async (path) => (await openWebSocket(front.port, path)).head),
    );

    expect(heads.map(({ headers }) => headers['x-backend'])).toEqual(['chat', 'news', 'chat']);
    await other.close();
  });

  test('is 404 by the app when nobody takes it', async () => {
    const chat = await startChat();
    const front = await startUpgradeFront({ ...sender, members: [chat.url] }, { mount: '/chat' });

    const refusal = await readRefusal(front.port, '/elsewhere');

    expect(refusal.status).toBe(404);
    expect(refusal.body).toMatch('Cannot GET /elsewhere');
    await becomesLonely(front.server);
  });

  test('is left to later middleware where its path is excluded', async () => {
    const chat = await startChat();
    const front = await startUpgradeFront(
      { ...sender, members: [chat.url], exclude: '/private' },
      { after: (app) => app.use((_req, res) => void res.status(403).send('not here')) },
    );

    expect(await readRefusal(front.port, '/private/x')).toMatchObject({ status: 403, body: 'not here' });
    expect(await say((await openWebSocket(front.port, '/public')).socket, 'x')).toBe('x');
  });

  test('fails into the app’s error page', async () => {
    stopTime();
    const front = await startUpgradeFront({ ...sender, members: [await deadUrl()] });

    const refusal = await readRefusal(front.port);

    expect(refusal.status).toBe(503);
    expect(refusal.headers['retry-after']).toBe('60');
    expect(JSON.parse(refusal.body)).toMatchObject({ code: 'ERR_BALANCER_CONNECT' });
    expect(front.errors).toHaveLength(1);
    await becomesLonely(front.server);
  });

  test('fails into the app’s error page when a middleware throws', async () => {
    const chat = await startChat();
    const front = await startUpgradeFront(
      { ...sender, members: [chat.url] },
      {
        before: (app) =>
          app.use(() => {
            throw Object.assign(new Error('session store'), { status: 500 });
          }),
      },
    );

    expect((await readRefusal(front.port)).status).toBe(500);
    await becomesLonely(front.server);
  });

  test('has errors of members made into error pages where the definition says so', async () => {
    const chat = await startChat('a', {
      verifyClient: (_info, answer) => {
        answer(false, 403, 'no');
      },
    });
    const front = await startUpgradeFront({ ...sender, members: [chat.url], proxyerroroverride: true });

    expect(await readRefusal(front.port)).toMatchObject({ status: 403 });
    expect(front.errors.map(({ code }) => code)).toEqual(['ERR_BALANCER_MEMBER_STATUS']);
  });

  test.each([
    ['a cookie', '/', 'SID=abc.r2'],
    ['a path parameter', '/room;SID=abc.r2/x', ''],
    ['a query parameter', '/room?SID=abc.r2', ''],
  ])('sticks to the member in %s', async (_where, path, cookie) => {
    const chats = await Promise.all(['r1', 'r2', 'r3'].map((name) => startChat(name)));
    const front = await startUpgradeFront({
      ...sender,
      stickysession: 'SID',
      members: chats.map(({ url }, i) => ({ url, route: `r${i + 1}` })),
    });

    for (let i = 0; i < 4; i += 1) {
      const { head } = await openWebSocket(front.port, path, { headers: { Cookie: cookie } });
      expect(head.headers['x-backend']).toBe('r2');
    }
  });

  test('is balanced when nothing binds it', async () => {
    const chats = await Promise.all(['a', 'b'].map((name) => startChat(name)));
    const front = await startUpgradeFront({ ...sender, members: chats.map(({ url }) => url) });

    const names: unknown[] = [];
    for (let i = 0; i < 4; i += 1) names.push((await openWebSocket(front.port)).head.headers['x-backend']);

    expect(names).toEqual(['a', 'b', 'a', 'b']);
  });

  test('stays where it is bound, with nofailover', async () => {
    const chat = await startChat();
    const front = await startUpgradeFront({
      ...sender,
      stickysession: 'SID',
      nofailover: true,
      members: [
        { url: chat.url, route: 'r1' },
        { url: await deadUrl(), route: 'r2' },
      ],
    });

    const refusal = await readRefusal(front.port, '/?SID=x.r2');

    expect(refusal.status).toBe(503);
    expect(chat.handshakes).toEqual([]);
  });
});
