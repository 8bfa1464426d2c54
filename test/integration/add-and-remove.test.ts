import { createServer, type ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { DefinitionError, type BalancerEvents, type MemberDefinition } from '../../src/index.ts';
import { ask, hashOf, makeBody } from '../support/ask.ts';
import { listen, startBackend } from '../support/backend.ts';
import { catchError, catchRejection } from '../support/catch-error.ts';
import { senders } from '../support/front.ts';
import { startHandler, type Handling } from '../support/handler.ts';
import { startHolding } from '../support/holding.ts';
import { tidyUp, until } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';
import { startToldFront } from '../support/stories.ts';
import { countServers, findFaults, startEcho, startTraffic } from '../support/traffic.ts';
import { viewStill } from '../support/view-still.ts';
import { closeWebSockets, openWebSocket, say, startChat, startUpgradeFront } from '../support/websocket.ts';

afterEach(async () => {
  closeWebSockets();
  await tidyUp();
});

/** Notes when a promise is kept. */
function watch(promise: Promise<unknown>): Readonly<{ isKept: () => boolean; promise: Promise<unknown> }> {
  let isKept = false;
  return { isKept: () => isKept, promise: promise.then(() => (isKept = true)) };
}

/** A backend that reads no body and answers with `ok` when it is told to. */
async function startSlow(): Promise<Handling & Readonly<{ asked: Promise<ServerResponse> }>> {
  const { promise, resolve } = Promise.withResolvers<ServerResponse>();
  return {
    ...(await startHandler((_req, res) => {
      resolve(res);
    })),
    asked: promise,
  };
}

describe.each(senders)('members that come and go, over %s', (_name, sender) => {
  test('under load fail no request, double none, and leave the counters of the others', async () => {
    const [a, b, c] = [await startEcho('a'), await startEcho('b'), await startEcho('c')];
    const front = await startToldFront({ ...sender, members: [{ url: a.url, route: 'a' }] });
    const traffic = startTraffic(front.port);
    await traffic.goesOn();
    const before = front.member('a');

    for (let i = 0; i < 3; i += 1) {
      front.balancer.add({ url: b.url, route: 'b' });
      await traffic.goesOn();
      front.balancer.add({ url: c.url, route: 'c' });
      const removed = front.balancer.remove('b');
      await traffic.goesOn();
      await removed;
      await Promise.all([traffic.goesOn(), front.balancer.remove('c')]);
    }
    const exchanges = await traffic.stop();

    expect(findFaults(exchanges, [a, b, c])).toEqual([]);
    const counts = countServers(exchanges);
    expect(Object.keys(counts).toSorted()).toEqual(['a', 'b', 'c']);
    expect(front.balancer.view().map(({ name }) => name)).toEqual(['a']);
    expect(front.member('a').elected).toBe(counts['a']);
    expect(front.member('a').sent).toBeGreaterThan(before.sent);
  });

  test('leave when what they serve has ended, and then have no connection any more', async () => {
    const leaving = await startSlow();
    const staying = await startBackend('staying');
    const front = await startToldFront({
      ...sender,
      members: [
        { url: leaving.url, route: 'leaving', ttl: '60s' },
        { url: staying.url, route: 'staying' },
      ],
    });
    const client = await RawClient.connect(front.port);
    client.send(['GET / HTTP/1.1', 'Host: a']);
    const res = await leaving.asked;
    res.write('half');
    await client.readHead();

    const removal = watch(front.balancer.remove('leaving'));
    expect(front.balancer.view().map(({ name }) => name)).toEqual(['staying']);
    for (let i = 0; i < 3; i += 1) expect((await ask(front.port)).text).toBe('staying');
    expect([removal.isKept(), leaving.open()]).toEqual([false, 1]);
    res.end(' and half');

    await removal.promise;
    await until(() => leaving.open() === 0);
    expect(await client.readBytes(28)).toBe('4\r\nhalf\r\n9\r\n and half\r\n0\r\n\r\n');
    expect(front.stories()).toEqual([
      'leaving answered 200',
      ...Array<string>(3).fill('staying answered 200'),
    ]);
  });

  test('have no connection any more when they served nothing', async () => {
    const server = createServer((_req, res) => res.end('idle'));
    let open = 0;
    server.on('connection', (socket) => {
      open += 1;
      socket.once('close', () => (open -= 1));
    });
    const idle = await listen(server, [], () => 0);
    const other = await startBackend('other');
    const front = await startToldFront({
      ...sender,
      members: [{ url: idle.url, route: 'idle', ttl: '60s' }, other.url],
    });
    await Promise.all([ask(front.port), ask(front.port), ask(front.port), ask(front.port)]);
    expect(open).toBeGreaterThan(0);

    await front.balancer.remove('idle');

    await until(() => open === 0);
  });

  test('take uploads to their end', async () => {
    const leaving = await startEcho('leaving');
    const front = await startToldFront({
      ...sender,
      members: [{ url: leaving.url, route: 'leaving' }, (await startBackend()).url],
    });
    const client = await RawClient.connect(front.port);
    const body = makeBody(3_000).toString('latin1');
    client.send(['POST / HTTP/1.1', 'Host: a', 'Content-Length: 3000'], body.slice(0, 1_000));
    await until(() => leaving.begun.length === 1);

    const removal = watch(front.balancer.remove('leaving'));
    client.write(body.slice(1_000, 2_000));
    await ask(front.port);
    expect(removal.isKept()).toBe(false);
    client.write(body.slice(2_000));

    expect((await client.readAnswer()).body).toBe(hashOf(Buffer.from(body, 'latin1')));
    await removal.promise;
  });

  test('take uploads whose first byte has still to come', async () => {
    const leaving = await startEcho('leaving');
    const front = await startToldFront({
      ...sender,
      members: [{ url: leaving.url, route: 'leaving' }, (await startBackend()).url],
    });
    const client = await RawClient.connect(front.port);
    client.send(['POST / HTTP/1.1', 'Host: a', 'Content-Length: 3']);
    await until(() => front.member('leaving').busy === 1);

    const removal = watch(front.balancer.remove('leaving'));
    await ask(front.port);
    client.write('abc');

    expect((await client.readAnswer()).body).toBe(hashOf(Buffer.from('abc')));
    await removal.promise;
  });

  test('keep WebSockets until they end', async () => {
    const chat = await startChat('chat');
    const other = await startBackend();
    const front = await startUpgradeFront({
      ...sender,
      members: [{ url: chat.url, route: 'chat' }, other.url],
    });
    const { socket } = await openWebSocket(front.port);

    const removal = watch(front.balancer.remove('chat'));
    expect(await say(socket, 'still here')).toBe('still here');
    await ask(front.port);
    expect(removal.isKept()).toBe(false);
    socket.close();

    await removal.promise;
  });

  test('hand a request on that they fail while they leave', async () => {
    const leaving = await startSlow();
    const staying = await startBackend('staying');
    const front = await startToldFront({
      ...sender,
      members: [
        { url: leaving.url, route: 'leaving' },
        { url: staying.url, route: 'staying' },
      ],
    });
    const answer = ask(front.port);
    const res = await leaving.asked;

    const removal = front.balancer.remove('leaving');
    res.socket!.resetAndDestroy();

    expect((await answer).text).toBe('staying');
    await removal;
    expect(front.stories()[0]).toMatch(/^leaving reset.*, staying answered 200$/);
  });

  test('may come back while they still serve', async () => {
    const a = await startHolding('a');
    const b = await startBackend('b');
    const front = await startToldFront({
      ...sender,
      stickysession: 'SID',
      members: [
        { url: a.url, route: 'a' },
        { url: b.url, route: 'b' },
      ],
    });
    const headers = { Cookie: 'SID=x.a' };
    const first = ask(front.port, { headers });
    await until(() => a.held() === 1);
    const removal = front.balancer.remove('a');
    expect(front.balancer.add({ url: a.url, route: 'a' })).toBe('a');
    const second = ask(front.port, { headers });
    await until(() => a.held() === 2);

    a.answer(1);
    expect((await first).text).toBe('a');
    await removal;
    expect(front.member('a')).toMatchObject({ busy: 1, elected: 1 });
    a.answer(1);

    expect((await second).text).toBe('a');
    expect(front.member('a').busy).toBe(0);
  });

  test('end with the balancer', async () => {
    const a = await startHolding('a');
    const front = await startToldFront({
      ...sender,
      members: [{ url: a.url, route: 'a' }, (await startBackend()).url],
    });
    const answer = ask(front.port);
    await until(() => a.held() === 1);

    const removal = front.balancer.remove('a');
    await Promise.all([front.balancer.close(), removal]);

    expect((await answer).code).toBe('ERR_BALANCER_CLOSED');
  });
});

describe('sessions', () => {
  test('of a removed member move, and those of the others stay', async () => {
    const backends = [await startBackend('a'), await startBackend('b'), await startBackend('c')];
    const front = await startToldFront({
      stickysession: 'SID',
      members: backends.map(({ url }, i) => ({ url, route: 'abc'[i]! })),
    });
    const askAs = async (route: string): Promise<string> =>
      (await ask(front.port, { headers: { Cookie: `SID=x.${route}` } })).text;

    await front.balancer.remove('a');

    expect(await askAs('a')).not.toBe('a');
    for (let i = 0; i < 3; i += 1) expect([await askAs('b'), await askAs('c')]).toEqual(['b', 'c']);
    front.balancer.add({ url: backends[0]!.url, route: 'a' });
    for (let i = 0; i < 3; i += 1) expect(await askAs('a')).toBe('a');
  });

  test('of a removed member, in a route cookie of ours, get another one', async () => {
    const backends = [await startBackend('a'), await startBackend('b')];
    const front = await startToldFront({
      routeCookie: { secret: 'secret' },
      members: backends.map(({ url }, i) => ({ url, route: 'ab'[i]! })),
    });
    const first = await ask(front.port);
    const cookie = first.headers['set-cookie']![0]!.split(';')[0]!;
    const name = first.text;
    const same = await ask(front.port, { headers: { Cookie: cookie } });
    expect([same.text, same.headers['set-cookie']]).toEqual([name, undefined]);

    await front.balancer.remove(name);

    const moved = await ask(front.port, { headers: { Cookie: cookie } });
    expect(moved.text).not.toBe(name);
    const next = moved.headers['set-cookie']![0]!.split(';')[0]!;
    expect(next).not.toBe(cookie);
    expect((await ask(front.port, { headers: { Cookie: next } })).headers['set-cookie']).toBeUndefined();
  });
});

describe('redirects and cookies', () => {
  /** A backend that says where it is, in its own terms or those of another. */
  const startPointing = (name: string, to?: string): ReturnType<typeof startBackend> =>
    startBackend(name, (req, res) => {
      const origin = to ?? `http://${req.headers.host!}`;
      res.setHeader('Location', `${origin}/login`);
      res.setHeader('Set-Cookie', `id=1; Domain=${req.headers.host!.split(':')[0]!}; Path=/app`);
      res.end(name);
    });

  test('of an added member are mapped back at once', async () => {
    const a = await startBackend('a');
    const b = await startPointing('b');
    const front = await startToldFront(
      { stickysession: 'SID', members: [{ url: a.url, route: 'a' }] },
      { mount: '/m' },
    );

    front.balancer.add({ url: `${b.url}/app`, route: 'b' });

    const { headers } = await ask(front.port, { path: '/m/?SID=x.b', headers: { Host: 'front.test' } });
    expect(headers['set-cookie']).toEqual(['id=1; Path=/m']);
    // Its base is /app: what is outside of it is nobody's.
    expect(headers.location).toBe(`${b.url}/login`);
  });

  test('that name an added member are mapped back, and those that name a removed one not any more', async () => {
    const b = await startBackend('b');
    const a = await startPointing('a', b.url);
    const front = await startToldFront(
      { stickysession: 'SID', members: [{ url: a.url, route: 'a' }] },
      { mount: '/m' },
    );
    const readLocation = async (): Promise<string | undefined> =>
      (await ask(front.port, { path: '/m/?SID=x.a', headers: { Host: 'front.test' } })).headers.location;

    expect(await readLocation()).toBe(`${b.url}/login`);
    front.balancer.add({ url: b.url, route: 'b' });
    expect(await readLocation()).toBe('http://front.test/m/login');
    await front.balancer.remove('b');
    expect(await readLocation()).toBe(`${b.url}/login`);
  });

  test('of an added member are mapped back for who has waited for it', async () => {
    const a = await startBackend('a');
    const b = await startPointing('b');
    const front = await startToldFront(
      { timeout: '20s', members: [{ url: a.url, status: 'D' }] },
      { mount: '/m' },
    );
    const answer = ask(front.port, { path: '/m/', headers: { Host: 'front.test' } });
    await until(() => front.stories().length === 1);

    front.balancer.add(`http://localhost:${b.port}`);

    const { headers } = await answer;
    expect(headers.location).toBe('http://front.test/m/login');
    expect(headers['set-cookie']).toEqual(['id=1; Path=/m/app']);
  });

  test('of a removed member are mapped back for who is still served by it', async () => {
    const { promise: asked, resolve } = Promise.withResolvers<ServerResponse>();
    const a = await startBackend('a', (_req, res) => {
      resolve(res);
    });
    const front = await startToldFront(
      { members: [{ url: a.url, route: 'a' }, (await startBackend()).url] },
      { mount: '/m' },
    );
    const answer = ask(front.port, { path: '/m/', headers: { Host: 'front.test' } });
    const res = await asked;

    const removal = front.balancer.remove('a');
    res.setHeader('Location', `${a.url}/login`).end();

    expect((await answer).headers.location).toBe('http://front.test/m/login');
    await removal;
  });
});

describe('adding and removing', () => {
  test('is told', async () => {
    const [a, b] = [await startBackend('a'), await startBackend('b')];
    const front = await startToldFront({ members: [{ url: a.url, route: 'a' }] });
    const events: BalancerEvents['members'][] = [];
    front.balancer.on('members', (event) => events.push(event));

    const name = front.balancer.add(b.url);
    await front.balancer.remove(name);

    expect(events).toEqual([
      { balancer: 'balancer', added: [b.url], removed: [] },
      { balancer: 'balancer', added: [], removed: [b.url] },
    ]);
  });

  test('starts an added member level with the others', async () => {
    const backends = [await startBackend('a'), await startBackend('b')];
    const front = await startToldFront({ lbmethod: 'bytraffic', members: [backends[0]!.url] });
    for (let i = 0; i < 20; i += 1) await ask(front.port);

    front.balancer.add(backends[1]!.url);
    for (let i = 0; i < 10; i += 1) await ask(front.port);

    expect(backends[1]!.received.length).toBeGreaterThan(3);
    expect(backends[1]!.received.length).toBeLessThan(7);
  });

  test('has an added member take what memberDefaults say', async () => {
    const silent = await startHolding('silent');
    const front = await startToldFront({
      memberDefaults: { timeout: '50ms', connectiontimeout: '20s', max: 7 },
      members: [{ url: (await startBackend()).url, status: 'D' }],
    });

    front.balancer.add({ url: silent.url, route: 'silent' });

    expect((await ask(front.port)).code).toBe('ERR_BALANCER_TIMEOUT');
    expect(front.member('silent').max).toBe(7);
  });

  test('lets those go who wait for a place', async () => {
    const [a, b] = [await startHolding('a'), await startBackend('b')];
    const front = await startToldFront({ members: [{ url: a.url, max: 1 }] });
    const first = ask(front.port);
    await until(() => a.held() === 1);
    const second = ask(front.port);
    await until(() => front.stories().length === 2);

    front.balancer.add(b.url);

    expect((await second).text).toBe('b');
    a.open();
    expect((await first).text).toBe('a');
  });

  test.each<readonly [what: string, member: (a: string) => unknown, paths: readonly string[]]>([
    ['no URL', () => 'app1', ['member']],
    ['a server that is there', (a) => a, ['member']],
    ['a server that is there, written otherwise', (a) => ({ url: `${a}/` }), ['member.url']],
    ['a route that is there', () => ({ url: 'http://b.test', route: 'a' }), ['member.route']],
    ['a redirect to nobody', () => ({ url: 'http://b.test', redirect: 'z' }), ['member.redirect']],
    [
      'several faults at once',
      (a) => ({ url: a, route: 'a', loadfactor: 0, retry: 'soon', retyr: 3, redirect: 'z' }),
      ['member.loadfactor', 'member.retry', 'member.retyr', 'member.url', 'member.route', 'member.redirect'],
    ],
  ])('of %s tells all faults, and changes nothing', async (_what, makeMember, paths) => {
    const a = await startBackend();
    const front = await startToldFront({ stickysession: 'SID', members: [{ url: a.url, route: 'a' }] });
    await ask(front.port);
    const before = viewStill(front);

    const error = catchError(() => front.balancer.add(makeMember(a.url) as MemberDefinition));

    expect(error).toBeInstanceOf(DefinitionError);
    expect((error as DefinitionError).problems.map(({ path }) => path)).toEqual(paths);
    expect(viewStill(front)).toEqual(before);
  });

  test('of the last member is refused, and of one that there is not', async () => {
    const [a, b] = [await startBackend('a'), await startBackend('b')];
    const front = await startToldFront({
      members: [
        { url: a.url, route: 'a' },
        { url: b.url, route: 'b' },
      ],
    });
    const unknown = await catchRejection(front.balancer.remove('c'));
    expect(String(unknown)).toMatch(/there is no member of this name; write one of 'a', 'b'/);
    await front.balancer.remove('a');

    const again = await catchRejection(front.balancer.remove('a'));
    const last = await catchRejection(front.balancer.remove('b'));

    expect([unknown, again, last].map((error) => error instanceof DefinitionError)).toEqual([
      true,
      true,
      true,
    ]);
    expect(String(last)).toMatch(/a balancer needs a member/);
    expect((await ask(front.port)).text).toBe('b');
  });

  test('of one member twice at once removes it once', async () => {
    const front = await startToldFront({
      members: [{ url: (await startBackend()).url, route: 'a' }, (await startBackend('b')).url],
    });

    const results = await Promise.allSettled([front.balancer.remove('a'), front.balancer.remove('a')]);

    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect((await ask(front.port)).text).toBe('b');
  });

  test('ends a wait for a member of the session that is gone', async () => {
    const [a, b] = [await startHolding('a'), await startBackend('b')];
    const front = await startToldFront({
      stickysession: 'SID',
      members: [
        { url: a.url, route: 'a', max: 1 },
        { url: b.url, route: 'b' },
      ],
    });
    const headers = { Cookie: 'SID=x.a' };
    const first = ask(front.port, { headers });
    await until(() => a.held() === 1);
    const second = ask(front.port, { headers });
    await until(() => front.stories().length === 2);

    const removal = front.balancer.remove('a');

    expect((await second).text).toBe('b');
    a.open();
    await Promise.all([first, removal]);
  });
});

test('a server that is stopped after its removal is missed by nobody', async () => {
  const [a, b] = [await startEcho('a'), await startEcho('b')];
  const front = await startToldFront({
    members: [
      { url: a.url, route: 'a' },
      { url: b.url, route: 'b' },
    ],
  });
  const traffic = startTraffic(front.port);
  await traffic.goesOn();

  await front.balancer.remove('a');
  await a.stop();
  await traffic.goesOn();

  expect(findFaults(await traffic.stop(), [a, b])).toEqual([]);
  expect(front.errors).toEqual([]);
});
