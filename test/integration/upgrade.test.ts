import { afterEach, describe, expect, test } from '@jest/globals';
import { valuesOf } from '../../src/rewrite/headers.ts';
import { senders } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';
import {
  askToSwitch,
  closeWebSockets,
  openWebSocket,
  readRefusal,
  say,
  startChat,
  startSwitching,
  startUpgradeBackend,
  startUpgradeFront,
  SWITCH,
  takeAll,
} from '../support/websocket.ts';

afterEach(async () => {
  closeWebSockets();
  await tidyUp();
});

describe.each(senders)('an upgrade over %s', (_name, sender) => {
  test('opens a WebSocket to a member', async () => {
    const chat = await startChat('a');
    const front = await startUpgradeFront({ ...sender, members: [chat.url] });

    const { socket, head } = await openWebSocket(front.port);

    expect(head.headers['x-backend']).toBe('a');
    expect(await say(socket, 'hello')).toBe('hello');
    expect(front.stories()).toEqual([`${chat.url} upgraded 101`]);
  });

  test('joins path and query with the base of the member, without the mount path', async () => {
    const chat = await startChat();
    const front = await startUpgradeFront({ ...sender, members: [`${chat.url}/base/`] }, { mount: '/chat' });

    await openWebSocket(front.port, '/chat/room%2F1?name=a%20b');

    expect(chat.handshakes.map(({ url }) => url)).toEqual(['/base/room%2F1?name=a%20b']);
  });

  test('passes subprotocol, extension and origin both ways', async () => {
    const chat = await startChat('a', { perMessageDeflate: true, handleProtocols: () => 'v2.chat' });
    const front = await startUpgradeFront({ ...sender, members: [chat.url] });

    const { socket, head } = await openWebSocket(front.port, '/', {
      protocols: ['v1.chat', 'v2.chat'],
      origin: 'https://site.example',
      perMessageDeflate: true,
    });

    const { headers } = chat.handshakes[0]!;
    expect(headers['sec-websocket-protocol']).toBe('v1.chat,v2.chat');
    expect(headers['sec-websocket-extensions']).toMatch(/^permessage-deflate/);
    expect(headers['sec-websocket-version']).toBe('13');
    expect(headers.origin).toBe('https://site.example');
    expect(socket.protocol).toBe('v2.chat');
    expect(head.headers['sec-websocket-extensions']).toMatch(/^permessage-deflate/);
    expect(await say(socket, 'x'.repeat(10_000))).toBe('x'.repeat(10_000));
  });

  test('tells the member who asks, and keeps from it what ends here', async () => {
    const chat = await startChat();
    const front = await startUpgradeFront({ ...sender, members: [chat.url] }, { mount: '/chat' });

    const client = await RawClient.connect(front.port);
    client.send(
      askToSwitch(
        '/chat',
        'Cookie: a=1',
        'Connection: X-Hop',
        'X-Hop: 1',
        'Proxy-Authorization: Basic x',
        'X-Forwarded-For: 6.6.6.6',
      ),
    );
    await client.readHead();

    const { headers } = chat.handshakes[0]!;
    expect(headers).toMatchObject({
      host: `127.0.0.1:${chat.port}`,
      cookie: 'a=1',
      upgrade: 'websocket',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': 'front.test',
      'x-forwarded-proto': 'http',
      'x-forwarded-prefix': '/chat',
    });
    expect(headers.connection?.toLowerCase()).toBe('upgrade');
    expect(headers).not.toHaveProperty('x-hop');
    expect(headers).not.toHaveProperty('proxy-authorization');
  });

  test('relays the fields of the 101, rewritten like those of any answer', async () => {
    const chat = await startUpgradeBackend((socket) => {
      takeAll(socket);
      const fields =
        'Set-Cookie: a=1; Domain=127.0.0.1; Path=/base/x\r\nX-Hop: 1\r\nX-Twice: 1\r\nX-Twice: 2';
      socket.write(SWITCH.replace('Connection: Upgrade', `Connection: upgrade, X-Hop\r\n${fields}`));
    });
    const front = await startUpgradeFront(
      { ...sender, members: [{ url: `${chat.url}/base`, route: 'r1' }], routeCookie: true },
      { mount: '/chat' },
    );
    const client = await RawClient.connect(front.port);

    const { status, reason, headers } = await client.send(askToSwitch('/chat')).readHead();

    expect([status, reason]).toEqual([101, 'Switching Protocols']);
    expect(valuesOf(headers, 'connection')).toEqual(['Upgrade']);
    expect(valuesOf(headers, 'upgrade')).toEqual(['websocket']);
    expect(valuesOf(headers, 'x-twice')).toEqual(['1', '2']);
    expect(valuesOf(headers, 'x-hop')).toEqual([]);
    expect(valuesOf(headers, 'set-cookie')).toEqual([
      'a=1; Path=/chat/x',
      'ROUTEID=r1; Path=/chat; HttpOnly; SameSite=Lax',
    ]);
  });

  test('sends the token as the client spells it', async () => {
    const chat = await startSwitching();
    const front = await startUpgradeFront({ ...sender, members: [chat.url] });
    const client = await RawClient.connect(front.port);

    client.send(['GET / HTTP/1.1', 'Host: a', 'Connection: keep-alive, Upgrade', 'Upgrade: WebSocket']);

    expect((await client.readHead()).status).toBe(101);
    expect(chat.handshakes[0]!.headers.upgrade).toBe('WebSocket');
  });

  test('passes a handshake without a key on, for the member to refuse', async () => {
    const chat = await startChat();
    const front = await startUpgradeFront({ ...sender, members: [chat.url] });
    const client = await RawClient.connect(front.port);

    client.send(['GET / HTTP/1.1', 'Host: a', 'Connection: Upgrade', 'Upgrade: websocket']);

    expect((await client.readAnswer()).status).toBe(400);
    expect(chat.handshakes).toHaveLength(1);
  });

  test('relays a refusal whole', async () => {
    const body = 'no entry. '.repeat(50_000);
    const chat = await startUpgradeBackend((socket) => {
      socket.end(
        `HTTP/1.1 403 Not You\r\nX-Why: 1\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
    });
    const front = await startUpgradeFront({ ...sender, members: [chat.url] });

    const refusal = await readRefusal(front.port);

    expect(refusal).toMatchObject({ status: 403, headers: { 'x-why': '1', 'set-cookie': ['a=1', 'b=2'] } });
    expect(refusal.body).toBe(body);
    expect(front.stories()).toEqual([`${chat.url} answered 403`]);
  });

  test('relays a chunked refusal, and maps its Location', async () => {
    const chat = await startUpgradeBackend((socket) => {
      socket.end(
        `HTTP/1.1 302 Found\r\nLocation: ${chat.url}/base/login\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nnot\r\n4\r\nhere\r\n0\r\n\r\n`,
      );
    });
    const front = await startUpgradeFront({ ...sender, members: [`${chat.url}/base`] }, { mount: '/chat' });

    const refusal = await readRefusal(front.port, '/chat');

    expect(refusal.status).toBe(302);
    expect(refusal.headers.location).toMatch(/\/chat\/login$/);
    expect(refusal.body).toBe('nothere');
  });

  test('relays 426 with the protocol that it calls for', async () => {
    const chat = await startUpgradeBackend((socket) => {
      socket.end(
        'HTTP/1.1 426 Upgrade Required\r\nConnection: Upgrade\r\nUpgrade: websocket, TLS/1.0\r\nContent-Length: 0\r\n\r\n',
      );
    });
    const front = await startUpgradeFront({ ...sender, members: [chat.url] });

    const refusal = await readRefusal(front.port);

    expect(refusal.status).toBe(426);
    expect(refusal.headers.upgrade).toBe('websocket');
    expect(refusal.headers.connection).toMatch(/upgrade/i);
  });

  test('carries requests and WebSockets of one member side by side', async () => {
    const chat = await startChat('both');
    const front = await startUpgradeFront({ ...sender, members: [chat.url] });

    const [{ socket }, answer] = await Promise.all([openWebSocket(front.port), fetch(front.url)]);

    expect(await answer.text()).toBe('both');
    expect(await say(socket, 'still here')).toBe('still here');
    expect(await (await fetch(front.url)).text()).toBe('both');
  });

  test('opens one connection for each upgrade where connections are not reused', async () => {
    const chat = await startChat();
    const front = await startUpgradeFront({
      ...sender,
      members: [chat.url],
      memberDefaults: { disablereuse: true },
    });
    const sockets = await Promise.all([openWebSocket(front.port), openWebSocket(front.port)]);

    for (const { socket } of sockets) expect(await say(socket, 'x')).toBe('x');
    expect(chat.connections()).toBe(2);
  });

  test('keeps more WebSockets open than a pool has connections for anything else', async () => {
    const chat = await startChat();
    const front = await startUpgradeFront({ ...sender, members: [chat.url] });
    const sockets = await Promise.all(Array.from({ length: 60 }, () => openWebSocket(front.port)));

    expect(await Promise.all(sockets.map(({ socket }, i) => say(socket, String(i))))).toHaveLength(60);
    expect(await (await fetch(front.url)).text()).toBe('chat');
    expect(front.balancer.view()[0]!.busy).toBe(60);
  });
});
