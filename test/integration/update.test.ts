import { createServer, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { afterEach, describe, expect, test } from '@jest/globals';
import { DefinitionError, type BalancerDefinition, type BalancerEvents } from '../../src/index.ts';
import { ask, hashOf } from '../support/ask.ts';
import { deadUrl, listen, startBackend, type Backend } from '../support/backend.ts';
import { catchError } from '../support/catch-error.ts';
import { makeCertificates } from '../support/certificates.ts';
import { senders, silent } from '../support/front.ts';
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

/** A backend that tells the connection on which it was asked, and how many are open. */
async function startCounting(): Promise<Backend & Readonly<{ open: () => number }>> {
  let open = 0;
  let count = 0;
  const numbers = new WeakMap<object, number>();
  const server = createServer((req, res) => res.end(String(numbers.get(req.socket))));
  server.on('connection', (socket) => {
    numbers.set(socket, count++);
    open += 1;
    socket.once('close', () => (open -= 1));
  });
  return { ...(await listen(server, [], () => count)), open: () => open };
}

describe.each(senders)('an update, over %s', (_name, sender) => {
  test('of everything under load fails no request and doubles none', async () => {
    const backends = [await startEcho('a'), await startEcho('b'), await startEcho('c')];
    const [a, b, c] = backends.map(({ url }, i) => ({ url, route: 'abc'[i]! }));
    const definitions: readonly BalancerDefinition[] = [
      { members: [a!, b!] },
      { members: [b!, c!], lbmethod: 'bybusyness' },
      { members: [{ ...c!, ttl: 1, max: 2 }, a!], lbmethod: 'byresponsetime', proxyerroroverride: true },
      { members: [c!, a!, b!], lbmethod: 'random', memberDefaults: { disablereuse: true } },
      { members: [a!, b!], httpProxyMiddleware: {}, failoverOn: [503] },
      { members: [b!, c!], httpProxyMiddleware: { headers: { 'X-Of': 'c' } }, replayBytes: 0 },
      { members: [a!, b!, c!], lbmethod: 'byhash', hashKey: { header: 'host' }, hashBalance: 1 },
    ];
    const front = await startToldFront({ ...sender, members: [a!, b!] });
    const traffic = startTraffic(front.port);

    for (const definition of [...definitions, ...definitions]) {
      await traffic.goesOn();
      front.balancer.update({ ...silent, ...sender, ...definition });
    }
    await traffic.goesOn();
    const exchanges = await traffic.stop();

    expect(findFaults(exchanges, backends)).toEqual([]);
    expect(Object.keys(countServers(exchanges)).toSorted()).toEqual(['a', 'b', 'c']);
    expect(front.errors).toEqual([]);
  });

  test('keeps counters, sessions and requests of the members that stay', async () => {
    const [a, b, c] = [await startHolding('a'), await startBackend('b'), await startBackend('c')];
    const front = await startToldFront({
      ...sender,
      stickysession: 'SID',
      members: [
        { url: a.url, route: 'a' },
        { url: b.url, route: 'b' },
      ],
    });
    const slow = ask(front.port, { path: '/?SID=x.a', method: 'POST', body: Buffer.from('x') });
    await until(() => a.held() === 1);
    await ask(front.port, { path: '/?SID=x.b' });
    const before = viewStill(front);

    front.balancer.update({
      ...silent,
      ...sender,
      stickysession: 'SID',
      members: [
        { url: c.url, route: 'c' },
        { url: b.url, route: 'b', loadfactor: 2 },
        { url: a.url, route: 'a' },
      ],
    });

    expect(viewStill(front).slice(0, 2)).toEqual([before[0], { ...before[1], loadfactor: 2 }]);
    expect(front.member('c')).toMatchObject({ elected: 0, busy: 0 });
    for (let i = 0; i < 3; i += 1) expect((await ask(front.port, { path: '/?SID=x.b' })).text).toBe('b');
    a.answer();
    expect((await slow).text).toBe('a');
    a.open();
    expect((await ask(front.port, { path: '/?SID=x.a' })).text).toBe('a');
  });

  test('leaves slow answers and WebSockets of members that go alone', async () => {
    const chat = await startChat('chat');
    const [slow, next] = [await startHolding('slow'), await startBackend('next')];
    const front = await startUpgradeFront({
      ...sender,
      stickysession: 'SID',
      members: [
        { url: chat.url, route: 'chat' },
        { url: slow.url, route: 'slow' },
      ],
    });
    const { socket } = await openWebSocket(front.port, '/?SID=x.chat');
    const answer = ask(front.port, { path: '/?SID=x.slow' });
    await until(() => slow.held() === 1);

    front.balancer.update({ ...silent, ...sender, members: [next.url] });

    expect((await ask(front.port, { path: '/?SID=x.slow' })).text).toBe('next');
    expect(await say(socket, 'still here')).toBe('still here');
    slow.answer();
    expect((await answer).text).toBe('slow');
  });

  test.each<readonly [option: string, before: object, after: object]>([
    ['ttl', { ttl: '60s' }, { ttl: '50s' }],
    ['connectiontimeout', { ttl: '60s' }, { ttl: '60s', connectiontimeout: 3 }],
    ['responsefieldsize', { ttl: '60s' }, { ttl: '60s', responsefieldsize: 8_192 }],
    ['keepalive', { ttl: '60s' }, { ttl: '60s', keepalive: true }],
  ])('of %s makes new connections, and ends the old ones that are idle', async (_option, before, after) => {
    const backend = await startCounting();
    const front = await startToldFront({ ...sender, members: [{ url: backend.url, ...before }] });
    expect([(await ask(front.port)).text, (await ask(front.port)).text]).toEqual(['0', '0']);

    front.balancer.update({ ...silent, ...sender, members: [{ url: backend.url, ...after }] });

    await until(() => backend.open() === 0);
    expect([(await ask(front.port)).text, (await ask(front.port)).text]).toEqual(['1', '1']);
    expect(front.member(backend.url).elected).toBe(4);
  });

  test('of what has nothing to do with connections keeps them', async () => {
    const backend = await startCounting();
    const front = await startToldFront({ ...sender, members: [{ url: backend.url, ttl: '60s' }] });
    await ask(front.port);

    front.balancer.update({
      ...silent,
      ...sender,
      lbmethod: 'random',
      members: [
        { url: backend.url, ttl: '60s', loadfactor: 3, max: 5, retry: 1, timeout: 5, connectiontimeout: 60 },
      ],
    });

    expect((await ask(front.port)).text).toBe('0');
  });

  test('of connections leaves those in use alone until they are not', async () => {
    const { promise: asked, resolve } = Promise.withResolvers<ServerResponse>();
    const server = createServer((_req, res) => {
      resolve(res);
    });
    let open = 0;
    server.on('connection', (socket) => {
      open += 1;
      socket.once('close', () => (open -= 1));
    });
    const backend = await listen(server, [], () => 0);
    const front = await startToldFront({ ...sender, members: [{ url: backend.url, ttl: '60s' }] });
    const answer = ask(front.port, { method: 'POST', body: Buffer.from('x') });
    const res = await asked;
    res.write('half');

    front.balancer.update({ ...silent, ...sender, members: [{ url: backend.url, ttl: '30s' }] });
    res.end(' and half');

    expect(await answer).toMatchObject({ text: 'half and half', whole: true });
    await until(() => open === 0);
  });

  test.each<readonly [what: string, change: Partial<BalancerDefinition>]>([
    ['connections', {}],
    ['the sender', 'httpProxyMiddleware' in sender ? {} : { httpProxyMiddleware: {} }],
  ])('of %s takes uploads whose first byte has still to come', async (what, change) => {
    const backend = await startEcho('a');
    const front = await startToldFront({ ...sender, members: [{ url: backend.url, ttl: '60s' }] });
    await ask(front.port);
    const client = await RawClient.connect(front.port);
    client.send(['POST / HTTP/1.1', 'Host: a', 'Content-Length: 3']);
    await until(() => front.member(backend.url).busy === 1);

    const ttl = what === 'connections' ? '30s' : '60s';
    const kept = what === 'connections' ? sender : {};
    front.balancer.update({ ...silent, ...kept, ...change, members: [{ url: backend.url, ttl }] });
    expect((await ask(front.port)).status).toBe(200);
    client.write('abc');

    expect((await client.readAnswer()).body).toBe(hashOf(Buffer.from('abc')));
    expect(front.stories()[1]).toBe(`${backend.url} answered 200`);
  });

  test('of responsefieldsize holds at once, for new connections', async () => {
    const backend = await startBackend('long', (_req, res) => {
      res.setHeader('X-Long', 'x'.repeat(6_000)).end();
    });
    const front = await startToldFront({ ...sender, members: [backend.url] });
    expect((await ask(front.port)).status).toBe(200);

    front.balancer.update({
      ...silent,
      ...sender,
      members: [{ url: backend.url, responsefieldsize: 4_096 }],
    });

    expect((await ask(front.port)).code).toBe('ERR_BALANCER_BAD_ANSWER');
  });

  test('of tls trusts anew', async () => {
    const { ca, server: certified } = await makeCertificates();
    const server = createHttpsServer(certified, (_req, res) => res.end('secure'));
    const backend = await listen(server, [], () => 0, { scheme: 'https' });
    const member = { url: backend.url, retry: 0 };
    const front = await startToldFront({ ...sender, members: [member] });
    expect((await ask(front.port)).code).toBe('ERR_BALANCER_CONNECT');

    front.balancer.update({ ...silent, ...sender, members: [{ ...member, tls: { ca } }] });
    expect((await ask(front.port)).text).toBe('secure');
    front.balancer.update({ ...silent, ...sender, members: [member] });

    expect((await ask(front.port)).code).toBe('ERR_BALANCER_CONNECT');
  });
});

describe('an update while a request is under way', () => {
  test('of the sender lets the request end as it began: off, on, other options, off', async () => {
    const held: ServerResponse[] = [];
    const backend = await startBackend('a', (req, res) => {
      res.setHeader('X-Seen', String(req.headers['x-of'] ?? 'none'));
      held.push(res);
    });
    const base = { ...silent, members: [backend.url] };
    const front = await startToldFront(base);
    const options = [
      { httpProxyMiddleware: { headers: { 'X-Of': '1' } } },
      { httpProxyMiddleware: { headers: { 'X-Of': '2' } } },
      {},
    ];
    const answers = [ask(front.port)];
    await until(() => held.length === 1);

    for (const [i, more] of options.entries()) {
      front.balancer.update({ ...base, ...more });
      answers.push(ask(front.port, { method: 'POST', body: Buffer.from('x') }));
      await until(() => held.length === 2 + i);
    }
    for (const res of held) res.end();

    expect((await Promise.all(answers)).map(({ headers }) => headers['x-seen'])).toEqual([
      'none',
      '1',
      '2',
      'none',
    ]);
    expect(front.member(backend.url).elected).toBe(4);
  });

  test('of the sender leaves no connection of the one before', async () => {
    const backend = await startCounting();
    const base = { ...silent, members: [{ url: backend.url, ttl: '60s' }] as const };
    const front = await startToldFront(base);

    for (const more of [
      {},
      { httpProxyMiddleware: {} },
      { httpProxyMiddleware: { prependPath: true } },
      {},
    ]) {
      front.balancer.update({ ...base, ...more });
      await ask(front.port);
      await until(() => backend.open() === 1);
    }
    await front.balancer.close();

    await until(() => backend.open() === 0);
  });

  test('of errorOverride and failoverOn holds for the requests to come', async () => {
    const held: ServerResponse[] = [];
    const backend = await startBackend('a', (_req, res) => {
      res.statusCode = 503;
      held.push(res);
    });
    const base = { ...silent, members: [backend.url] };
    const front = await startToldFront(base);
    const first = ask(front.port);
    await until(() => held.length === 1);

    front.balancer.update({ ...base, proxyerroroverride: true });
    const second = ask(front.port);
    await until(() => held.length === 2);
    for (const res of held) res.end('of the member');

    expect(await first).toMatchObject({ status: 503, text: 'of the member' });
    expect(await second).toMatchObject({ status: 503, code: 'ERR_BALANCER_MEMBER_STATUS' });
  });

  test('of failoverOn moves the requests to come', async () => {
    const a = await startBackend('a', (_req, res) => {
      res.statusCode = 503;
      res.end();
    });
    const b = await startBackend('b');
    const base = { ...silent, members: [a.url, { url: b.url, lbset: 1 }] };
    const front = await startToldFront(base);
    expect((await ask(front.port)).status).toBe(503);

    front.balancer.update({ ...base, failoverOn: [503] });

    expect((await ask(front.port)).text).toBe('b');
  });

  test('of stickysession binds by what it says now', async () => {
    const backends = [await startBackend('a'), await startBackend('b')];
    const members = backends.map(({ url }, i) => ({ url, route: 'ab'[i]! }));
    const front = await startToldFront({ stickysession: 'OLD', members });
    /** Whether the session of route b stays there; a request that is bound to nobody goes to each in turn. */
    const isBound = async (cookie: string): Promise<boolean> => {
      const headers = { Cookie: cookie };
      const texts = new Set<string>();
      for (let i = 0; i < 6; i += 1) texts.add((await ask(front.port, { headers })).text);
      return !texts.has('a');
    };
    expect([await isBound('NEW=x.b'), await isBound('OLD=x.b')]).toEqual([false, true]);

    front.balancer.update({ ...silent, stickysession: 'NEW', members });
    expect([await isBound('OLD=x.b'), await isBound('NEW=x.b')]).toEqual([false, true]);
    front.balancer.update({ ...silent, routeCookie: true, members });

    expect([await isBound('NEW=x.b'), await isBound('ROUTEID=b')]).toEqual([false, true]);
  });

  test('of lbmethod holds for the requests to come', async () => {
    const backends = [await startBackend('a'), await startBackend('b')];
    const members = backends.map(({ url }, i) => ({ url, route: 'ab'[i]! }));
    const front = await startToldFront({ members });
    const askThrice = async (): Promise<readonly string[]> => {
      const texts = [];
      for (let i = 0; i < 3; i += 1) texts.push((await ask(front.port)).text);
      return texts;
    };
    const prefer = (name: string): BalancerDefinition => ({
      ...silent,
      lbmethod: (list) => list.find((member) => member.name === name),
      members,
    });

    front.balancer.update(prefer('b'));
    expect(await askThrice()).toEqual(['b', 'b', 'b']);
    front.balancer.update(prefer('a'));
    expect(await askThrice()).toEqual(['a', 'a', 'a']);
    front.balancer.update({ ...silent, lbmethod: 'bybusyness', members });

    expect(new Set(await askThrice())).toEqual(new Set(['a', 'b']));
  });

  test('lets those go who wait', async () => {
    const a = await startHolding('a');
    const base = { ...silent, members: [{ url: a.url, max: 1 }] };
    const front = await startToldFront(base);
    const answers = [ask(front.port), ask(front.port)];
    await until(() => a.held() === 1 && front.stories().length === 2);

    front.balancer.update({ ...base, members: [a.url] });
    await until(() => a.held() === 2);
    a.open();

    expect((await Promise.all(answers)).map(({ text }) => text)).toEqual(['a', 'a']);
  });

  test('of the mount path mapping holds at once', async () => {
    const a = await startBackend('a', (req, res) => {
      res.setHeader('Location', `http://${req.headers.host!}/x`).end();
    });
    const front = await startToldFront({ members: [a.url] }, { mount: '/m' });
    const read = async (): Promise<string | undefined> =>
      (await ask(front.port, { path: '/m/', headers: { Host: 'front.test' } })).headers.location;
    expect(await read()).toBe('http://front.test/m/x');

    front.balancer.update({ ...silent, members: [a.url], proxypassreverse: false });

    expect(await read()).toBe(`${a.url}/x`);
  });
});

describe('what was set on a member since', () => {
  test('outlasts an update that says the same as before', async () => {
    const backends = [await startBackend('a'), await startBackend('b')];
    const members = backends.map(({ url }, i) => ({ url, route: 'ab'[i]!, loadfactor: 2, max: 9 }));
    const front = await startToldFront({ members });
    front.balancer.change('a', { disabled: true, loadfactor: 3, max: null, timeout: '7s' });
    front.balancer.change('b', { route: 'c', lbset: 4 });
    const before = viewStill(front);

    front.balancer.update({ ...silent, lbmethod: 'bybusyness', members });
    front.balancer.update({ ...silent, members });

    expect(viewStill(front)).toEqual(before);
    expect(before).toMatchObject([
      { status: 'D', loadfactor: 3, max: undefined },
      { route: 'c', lbset: 4 },
    ]);
  });

  test('gives way to what the definition says anew, and only that', async () => {
    const { url } = await startBackend();
    const front = await startToldFront({ members: [{ url, loadfactor: 2, max: 9, status: 'H' }] });
    front.balancer.change(url, { disabled: true, loadfactor: 3, max: 8, lbset: 5 });

    front.balancer.update({ ...silent, members: [{ url, loadfactor: 4, max: 9, status: 'H' }] });
    expect(front.member(url)).toMatchObject({ loadfactor: 4, max: 8, lbset: 5, status: 'DH' });
    front.balancer.update({ ...silent, members: [{ url, loadfactor: 4, max: 9, status: 'R' }] });
    expect(front.member(url)).toMatchObject({ loadfactor: 4, max: 8, lbset: 5, status: 'R' });
    front.balancer.update({ ...silent, members: [{ url, max: 9, status: 'R', lbset: 6 }] });

    expect(front.member(url)).toMatchObject({ loadfactor: 1, max: 8, lbset: 6, status: 'R' });
  });

  test('gives way to a definition that it does not fit', async () => {
    const backends = [await startBackend('a'), await startBackend('b')];
    const [a, b] = backends.map(({ url }) => url);
    const front = await startToldFront({ members: [{ url: a!, route: 'a' }, { url: b! }] });
    front.balancer.change('a', { route: 'c' });

    front.balancer.update({
      ...silent,
      members: [
        { url: a!, route: 'a' },
        { url: b!, route: 'c' },
      ],
    });

    expect(front.balancer.view().map(({ route }) => route)).toEqual(['a', 'c']);
  });

  test('holds for members that were added, when the definition has them too', async () => {
    const backends = [await startBackend('a'), await startBackend('b')];
    const [a, b] = backends.map(({ url }, i) => ({ url, route: 'ab'[i]! }));
    const front = await startToldFront({ members: [a!] });
    const name = front.balancer.add(b!);
    front.balancer.change(name, { loadfactor: 5, drain: true });

    front.balancer.update({ ...silent, members: [a!, b!] });
    expect(front.member('b')).toMatchObject({ loadfactor: 5, status: 'N' });
    front.balancer.update({ ...silent, members: [a!] });

    expect(front.balancer.view().map(({ route }) => route)).toEqual(['a']);
  });

  test('leaves an error as it is', async () => {
    const [dead, b] = [await deadUrl(), await startBackend('b')];
    const members = [dead, { url: b.url, lbset: 1 }];
    const front = await startToldFront({ members });
    await ask(front.port);
    expect(front.member(dead).inError).toBe(true);

    front.balancer.update({ ...silent, members: [{ url: dead, status: 'H' }, b.url] });

    expect(front.member(dead)).toMatchObject({ inError: true, status: 'EH' });
  });
});

describe('an update', () => {
  test('tells who has come and gone', async () => {
    const [a, b, c] = [await startBackend('a'), await startBackend('b'), await startBackend('c')];
    const front = await startToldFront({ members: [a.url, b.url] });
    const events: BalancerEvents['members'][] = [];
    front.balancer.on('members', (event) => events.push(event));

    front.balancer.update({ ...silent, members: [a.url, b.url] });
    front.balancer.update({ ...silent, name: 'other', members: [b.url, c.url] });

    expect(events).toEqual([{ balancer: 'balancer', added: [c.url], removed: [a.url] }]);
    expect((await ask(front.port)).status).toBe(200);
  });

  test.each<readonly [what: string, change: object, paths: readonly string[]]>([
    ['no members', { members: [] }, ['members']],
    ['a misspelt option', { stickysesion: 'SID' }, ['stickysesion']],
    [
      'several faults at once',
      {
        lbmethod: 'heartbeat',
        timeout: -1,
        members: [
          { url: 'http://a.test', route: 'a', lbset: -1 },
          { url: 'http://b.test', route: 'a', lbset: -1 },
          'nonsense',
        ],
      },
      ['lbmethod', 'timeout', 'members[0].lbset', 'members[1].lbset', 'members[2]', 'members[1].route'],
    ],
  ])('to %s tells all faults, and changes nothing', async (_what, change, paths) => {
    const [a, b] = [await startBackend('a'), await startBackend('b')];
    const members = [
      { url: a.url, route: 'a' },
      { url: b.url, route: 'b' },
    ];
    const front = await startToldFront({ stickysession: 'SID', members });
    await ask(front.port);
    front.balancer.change('a', '+D');
    const before = viewStill(front);

    const error = catchError(() => {
      front.balancer.update({
        ...silent,
        lbmethod: 'random',
        members: [a.url],
        ...change,
      });
    });

    expect(error).toBeInstanceOf(DefinitionError);
    expect((error as DefinitionError).problems.map(({ path }) => path).toSorted()).toEqual(paths.toSorted());
    expect(viewStill(front)).toEqual(before);
    expect((await ask(front.port, { headers: { Cookie: 'SID=x.b' } })).text).toBe('b');
    front.balancer.change('a', 'enabled');
    expect((await ask(front.port, { headers: { Cookie: 'SID=x.a' } })).text).toBe('a');
  });

  test('names members as its definition does', async () => {
    const { url } = await startBackend();
    const front = await startToldFront({ members: [{ url, route: 'a' }] });

    front.balancer.update({ ...silent, members: [url] });
    expect(front.balancer.view().map(({ name }) => name)).toEqual([url]);
    front.balancer.update({ ...silent, members: [{ url, route: 'b' }] });

    expect(front.balancer.view().map(({ name }) => name)).toEqual(['b']);
  });

  test('lets routes change places', async () => {
    const backends = [await startBackend('a'), await startBackend('b')];
    const [a, b] = backends.map(({ url }) => url);
    const front = await startToldFront({
      stickysession: 'SID',
      members: [
        { url: a!, route: '1' },
        { url: b!, route: '2' },
      ],
    });

    front.balancer.update({
      ...silent,
      stickysession: 'SID',
      members: [
        { url: a!, route: '2' },
        { url: b!, route: '1' },
      ],
    });

    expect((await ask(front.port, { headers: { Cookie: 'SID=x.1' } })).text).toBe('b');
    expect((await ask(front.port, { headers: { Cookie: 'SID=x.2' } })).text).toBe('a');
    front.balancer.change('1', '+D');
    expect(front.balancer.view().map(({ url, status }) => [url, status])).toEqual([
      [a, ''],
      [b, 'D'],
    ]);
  });
});
