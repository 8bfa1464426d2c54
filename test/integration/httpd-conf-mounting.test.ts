import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import connect from 'connect';
import express, { Router } from 'express';
import express4 from 'express4';
import type { HttpdMount } from '../../src/httpd-conf/httpd-conf.ts';
import { createHttpdHandler } from '../../src/httpd-conf/mount/handler.ts';
import { mountHttpdConf } from '../../src/httpd-conf/mount/mount-httpd-conf.ts';
import { attachUpgrades, createBalancer } from '../../src/index.ts';
import { startBackend, type Backend } from '../support/backend.ts';
import { tidyUp } from '../support/idle.ts';
import { closeMounted, kinds, startMounted } from '../support/mounted-conf.ts';
import { requestTarget } from '../support/request-target.ts';
import { closeWebSockets, openWebSocket, say, startChat } from '../support/websocket.ts';

afterEach(async () => {
  closeWebSockets();
  await closeMounted();
  await tidyUp();
});

/** A backend that redirects to its own `/t/next`, and sets a cookie for its own `/t`. */
function startRedirecting(): Promise<Backend> {
  return startBackend('backend', (_req, res, { headers }) => {
    const { host } = headers;
    res.writeHead(302, { Location: `http://${String(host)}/t/next`, 'Set-Cookie': 'a=b; Path=/t' }).end();
  });
}

const proxied = (backend: Backend, at: string | RegExp = '/app'): HttpdMount => ({
  kind: 'balancer',
  at,
  to: '/t',
  definition: { members: [backend.url] },
});

describe.each(kinds)('in %s', (kind) => {
  test('a redirect and a cookie lead back below the mount', async () => {
    const backend = await startRedirecting();
    const { port } = await startMounted({ mounts: [proxied(backend)] }, { kind });
    for (const target of ['/app/x', '//app//x', '/y/../app/x', '/app/z/../x']) {
      expect((await requestTarget(port, target)).headers).toMatchObject({
        location: 'http://front.example/app/next',
        'set-cookie': ['a=b; Path=/app'],
      });
    }
    expect(backend.received.map(({ url }) => url)).toEqual(Array(4).fill('/t/x'));
    expect(backend.received[0]!.headers).toMatchObject({ 'x-forwarded-prefix': '/app' });
  });

  test('what goes on to the app is as it was', async () => {
    const backend = await startBackend();
    const mounts: readonly HttpdMount[] = [
      { kind: 'next', at: '/app/no' },
      { kind: 'balancer', at: '/app', to: '', definition: { members: [backend.url], exclude: ['/out'] } },
    ];
    const { port, passed } = await startMounted({ mounts }, { kind });
    for (const target of ['/else/x?y', '/app/no', '//app/./out?y=z']) await requestTarget(port, target);
    const isExpress = kind.startsWith('express');
    const asked = ['/else/x?y', '/app/no', '//app/./out?y=z'];
    expect(passed).toEqual(
      asked.map((url) => ({
        url,
        originalUrl: kind === 'plain http' ? undefined : url,
        baseUrl: isExpress ? '' : undefined,
      })),
    );
    expect(backend.received).toEqual([]);
  });

  test('so is what fails', async () => {
    const backend = await startBackend();
    const { port, passed, errors } = await startMounted({ mounts: [proxied(backend)] }, { kind });
    await backend.stop();
    expect(await requestTarget(port, '/app/x?y')).toMatchObject({ status: 503 });
    expect(passed).toMatchObject([{ url: '/app/x?y' }]);
    expect(errors).toMatchObject([{ code: 'ERR_BALANCER_CONNECT' }]);
  });

  test('an upgrade goes the same way', async () => {
    const chat = await startChat();
    const mounts: readonly HttpdMount[] = [
      { kind: 'next', at: '/app/no' },
      { kind: 'balancer', at: '/app', to: '/ws', definition: { members: [chat.url] } },
    ];
    const { port } = await startMounted({ mounts }, { kind });
    const { socket } = await openWebSocket(port, '/app/room?x=y');
    expect(await say(socket, 'hello')).toBe('hello');
    expect(chat.handshakes.map(({ url }) => url)).toEqual(['/ws/room?x=y']);
  });
});

describe.each(['express 5', 'express 4', 'connect'] as const)('mounted below a path in %s', (kind) => {
  test('it serves what is below, and its answers lead back there', async () => {
    const backend = await startRedirecting();
    const { port, passed } = await startMounted(
      { mounts: [proxied(backend), { kind: 'next', at: '/' }] },
      { kind, below: '/sub' },
    );
    for (const target of ['/sub/app/x', '/sub//app/./x']) {
      expect((await requestTarget(port, target)).headers).toMatchObject({
        location: 'http://front.example/sub/app/next',
        'set-cookie': ['a=b; Path=/sub/app'],
      });
    }
    await requestTarget(port, '/sub/other');
    await requestTarget(port, '/app/x');
    expect(backend.received).toHaveLength(2);
    expect(passed.map(({ url, originalUrl }) => [url, originalUrl])).toEqual([
      ['/sub/other', '/sub/other'],
      ['/app/x', '/app/x'],
    ]);
  });

  test('it does not climb out of that', async () => {
    const backend = await startBackend();
    const { port } = await startMounted({ mounts: [proxied(backend, '/')] }, { kind, below: '/sub' });
    expect(await requestTarget(port, '/sub/../app')).toMatchObject({ status: 400 });
    expect(backend.received).toEqual([]);
  });
});

test.each([
  ['Express 5', express],
  ['Express 4', express4],
])('in a router of %s, in a router', async (_name, create) => {
  const backend = await startRedirecting();
  const inner = Router();
  const handler = mountHttpdConf(inner, { mounts: [proxied(backend)] }, { logger: false });
  const app = create();
  app.use('/one', Router().use('/two', inner));
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { headers } = await requestTarget((server.address() as AddressInfo).port, '/one/two/app/x');
  expect(headers.location).toBe('http://front.example/one/two/app/next');
  await handler.close();
  server.close();
});

test('an app of Connect takes it', async () => {
  const backend = await startBackend();
  const app = connect();
  const handler = mountHttpdConf(app, { mounts: [proxied(backend)] }, { logger: false });
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  expect(await requestTarget((server.address() as AddressInfo).port, '/app')).toMatchObject({ status: 200 });
  expect(backend.received.map(({ url }) => url)).toEqual(['/t']);
  await handler.close();
  server.close();
});

test('alone on a server, it answers by itself what nobody serves', async () => {
  const chat = await startChat();
  const handler = createHttpdHandler(
    {
      mounts: [
        { kind: 'status', status: 403, at: '/secret' },
        { kind: 'balancer', at: '/app', to: '', definition: { members: [chat.url] } },
      ],
    },
    { logger: false },
  );
  const server = createServer(handler).listen(0, '127.0.0.1');
  attachUpgrades(server, handler);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  expect(await requestTarget(port, '/else')).toMatchObject({ status: 404, body: 'Not Found\n' });
  expect(await requestTarget(port, '/secret')).toMatchObject({ status: 403, body: 'Forbidden\n' });
  expect(await requestTarget(port, '/app/%00')).toMatchObject({ status: 400, body: 'Bad Request\n' });
  expect(await requestTarget(port, '/app')).toMatchObject({ status: 200 });
  const { socket } = await openWebSocket(port, '/app/room');
  expect(await say(socket, 'hello')).toBe('hello');
  socket.terminate();
  await chat.stop();
  expect(await requestTarget(port, '/app')).toMatchObject({ status: 503, body: 'Service Unavailable\n' });
  await handler.close();
  server.close();
});

test('alone behind something that has begun an answer, it breaks that off', async () => {
  const handler = createHttpdHandler({ mounts: [] });
  const server = createServer((req, res) => {
    res.write('half');
    handler(req, res);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  await expect(requestTarget((server.address() as AddressInfo).port, '/')).rejects.toMatchObject({
    code: 'ECONNRESET',
  });
  await handler.close();
  server.close();
});

describe('balancers', () => {
  test('are one for each definition, in the order of their mounts', async () => {
    const [one, two] = [await startBackend('one'), await startBackend('two')];
    const first = { name: 'first', members: [one.url] };
    const given = createBalancer({ name: 'given', members: [two.url], logger: false });
    const { port, handler } = await startMounted({
      mounts: [
        { kind: 'balancer', at: '/a', to: '', definition: first },
        { kind: 'balancer', at: '/b', to: '/x', balancer: given },
        { kind: 'balancer', at: '/c', to: '/y', definition: first },
      ],
    });
    expect(handler.balancers).toHaveLength(2);
    expect(handler.balancers[1]).toBe(given);
    await requestTarget(port, '/c/z');
    await requestTarget(port, '/b/z');
    expect(one.received.map(({ url }) => url)).toEqual(['/y/z']);
    expect(two.received.map(({ url }) => url)).toEqual(['/x/z']);
    expect(handler.balancers[0]!.view()[0]!.elected).toBe(1);
    await given.close();
  });

  test('are closed with it, but for those that were handed in', async () => {
    const [one, two] = [await startBackend('one'), await startBackend('two')];
    const given = createBalancer({ members: [two.url], logger: false });
    const { port, handler, errors } = await startMounted({
      mounts: [
        { kind: 'balancer', at: '/a', to: '', definition: { members: [one.url] } },
        { kind: 'balancer', at: '/b', to: '', balancer: given },
      ],
    });
    await handler.close();
    expect(await requestTarget(port, '/a')).toMatchObject({ status: 503 });
    expect(errors).toMatchObject([{ code: 'ERR_BALANCER_CLOSED' }]);
    expect(await requestTarget(port, '/b')).toMatchObject({ status: 200, body: 'two' });
    await given.close();
  });

  test('may be adjusted before they are created', async () => {
    const backend = await startBackend();
    const definition = { name: 'app', members: [backend.url] };
    const asked: unknown[] = [];
    const mount = { kind: 'balancer', at: '/a', to: '', definition } as const;
    const { port, handler } = await startMounted(
      { mounts: [mount, { ...mount, at: '/b' }] },
      {
        define(given, first) {
          asked.push([given.name, first.at]);
          return { ...given, exclude: ['/out'] };
        },
      },
    );
    expect(asked).toEqual([['app', '/a']]);
    expect(handler.balancers).toHaveLength(1);
    expect(await requestTarget(port, '/a/out')).toMatchObject({ status: 404 });
    expect(await requestTarget(port, '/b/in')).toMatchObject({ status: 200 });
  });

  test('tell their facts as ever', async () => {
    const backend = await startBackend();
    const facts: unknown[] = [];
    const { port } = await startMounted(
      { mounts: [proxied(backend)] },
      {
        before: (app) =>
          app.use((req, res, next) => {
            res.once('close', () => facts.push(req.balancer));
            next();
          }),
      },
    );
    await requestTarget(port, '/app/x');
    expect(facts).toMatchObject([
      { name: 'balancer', member: backend.url, attempts: [{ outcome: 'answered' }] },
    ]);
  });
});
