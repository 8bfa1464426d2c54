import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import {
  createServer,
  get,
  type IncomingMessage,
  type RequestListener,
  type RequestOptions,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import express from 'express';
import { createBalancer, type BalancerDefinition } from '../../src/index.ts';
import { ask } from '../support/ask.ts';
import { deadUrl, listen, startBackend, type Backend, type Place } from '../support/backend.ts';
import { makeCertificates } from '../support/certificates.ts';
import { senders, silent } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { startToldFront } from '../support/stories.ts';
import { closeWebSockets, openWebSocket, say, startChat, startUpgradeFront } from '../support/websocket.ts';

let folder: string;
const closings: (() => Promise<void>)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'balancer-'));
});

afterEach(async () => {
  closeWebSockets();
  await Promise.all(closings.splice(0).map((close) => close()));
  await tidyUp();
  rmSync(folder, { recursive: true });
});

async function startAt(
  place: Place,
  answer: RequestListener,
): Promise<Backend & { heads: IncomingMessage[] }> {
  const heads: IncomingMessage[] = [];
  let connections = 0;
  const server = createServer((req, res) => {
    heads.push(req);
    answer(req, res);
  });
  server.on('connection', () => (connections += 1));
  return { ...(await listen(server, [], () => connections, place)), heads };
}

/** An app that listens elsewhere than tests usually do. */
async function startFrontAt(place: Place, definition: BalancerDefinition): Promise<Backend> {
  const balancer = createBalancer({ ...silent, ...definition });
  closings.push(balancer.close);
  return startAt(place, express().set('env', 'test').use(balancer));
}

async function askAt(options: RequestOptions): Promise<IncomingMessage> {
  const [res] = (await once(get({ agent: false, ...options }), 'response')) as [IncomingMessage];
  await text(res);
  return res;
}

const echo: RequestListener = (req, res) => {
  req.pipe(res);
};

describe.each(senders)('a member behind a unix socket, over %s', (_name, sender) => {
  test('is asked by the host, and below the path, of its URL', async () => {
    const backend = await startAt({ path: join(folder, 'app.sock') }, echo);
    const url = `unix:${join(folder, 'app.sock')}|http://app.internal/base/`;
    const front = await startToldFront({ ...sender, members: [url] }, { mount: '/app' });

    for (let i = 0; i < 3; i += 1) {
      expect(
        await ask(front.port, { method: 'PUT', path: '/app/x?y=1', body: Buffer.from('hi') }),
      ).toMatchObject({
        status: 200,
        text: 'hi',
      });
    }

    expect(backend.heads[0]).toMatchObject({ url: '/base/x?y=1', headers: { host: 'app.internal' } });
    expect(backend.connections()).toBe(1);
    expect(front.balancer.view()[0]!.url).toBe(url);
  });

  test('has its Location and cookies mapped to the mount path', async () => {
    await startAt({ path: join(folder, 'app.sock') }, (_req, res) => {
      res.setHeader('Set-Cookie', 'a=1; Domain=app.internal; Path=/base/x');
      res.writeHead(302, { Location: 'http://app.internal/base/login' }).end();
    });
    const front = await startToldFront(
      { ...sender, members: [`unix:${join(folder, 'app.sock')}|http://app.internal/base/`] },
      { mount: '/app' },
    );

    const { headers } = await ask(front.port, { path: '/app', headers: { Host: 'front.test' } });

    expect(headers.location).toBe('http://front.test/app/login');
    expect(headers['set-cookie']).toEqual(['a=1; Path=/app/x']);
  });

  test('is left for the next one when its socket is missing or nobody’s', async () => {
    writeFileSync(join(folder, 'stale.sock'), '');
    await startAt({ path: join(folder, 'app.sock') }, echo);
    const members = ['missing', 'stale', 'app'].map(
      (name) => `unix:${join(folder, name)}.sock|http://localhost/`,
    );
    const front = await startToldFront({ ...sender, members });

    const answer = await ask(front.port, { method: 'POST', body: Buffer.from('once'), chunked: true });

    expect([answer.status, answer.text]).toEqual([200, 'once']);
    expect(front.stories()[0]).toMatch(
      /missing\S+ connect ENOENT, \S+stale\S+ connect \w+, \S+app\S+ answered 200$/,
    );
  });

  test('is another one than that of the same host behind another socket', async () => {
    for (const name of ['a', 'b']) await startAt({ path: join(folder, name) }, (_req, res) => res.end(name));
    const members = ['a', 'b'].map((name) => `unix:${join(folder, name)}|http://localhost/`);
    const front = await startToldFront({ ...sender, members });

    const names: string[] = [];
    for (let i = 0; i < 4; i += 1) names.push((await ask(front.port)).text);

    expect(names).toEqual(['a', 'b', 'a', 'b']);
  });

  test('may speak TLS', async () => {
    const { server, ca } = await makeCertificates();
    const secured = createTlsServer(server, (req, res) => res.end(req.headers.host));
    await listen(secured, [], () => 0, { path: join(folder, 'tls.sock') });
    const front = await startToldFront({
      ...sender,
      members: [{ url: `unix:${join(folder, 'tls.sock')}|https://app.internal/`, tls: { ca } }],
    });

    expect(await ask(front.port)).toMatchObject({ status: 200, text: 'app.internal' });
  });

  test('opens WebSockets', async () => {
    const chat = await startChat('chat', {}, { path: join(folder, 'chat.sock') });
    const front = await startUpgradeFront({ ...sender, members: [`${chat.url}/base`] });

    expect(await say((await openWebSocket(front.port, '/x')).socket, 'hello')).toBe('hello');
    expect(chat.handshakes[0]).toMatchObject({ url: '/base/x', headers: { host: 'localhost' } });
  });

  test('may stand behind an app that listens on one, whose clients have no address', async () => {
    const backend = await startBackend();
    const path = join(folder, 'front.sock');
    await startFrontAt({ path }, { ...sender, members: [backend.url], proxyaddheaders: 'both' });

    expect((await askAt({ socketPath: path, headers: { Host: 'front.test' } })).statusCode).toBe(200);

    const { headers } = backend.received[0]!;
    expect(headers).not.toHaveProperty('x-forwarded-for');
    expect(headers).toMatchObject({
      'x-forwarded-host': 'front.test',
      forwarded: 'for=unknown;host=front.test;proto=http',
    });
  });
});

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);
const describeIpv6 = hasIpv6 ? describe : describe.skip;
const why = hasIpv6 ? '' : ' (skipped: this machine has no ::1)';

describeIpv6.each(senders)(`IPv6${why}, over %s`, (_name, sender) => {
  test('members are asked by their bracketed address, and their Location is mapped', async () => {
    const backend = await startAt({ host: '::1' }, (_req, res) => {
      res.writeHead(302, { Location: `${backend.url}/base/login` }).end();
    });
    const front = await startToldFront({ ...sender, members: [`${backend.url}/base`] }, { mount: '/app' });

    const { headers } = await ask(front.port, { path: '/app/x', headers: { Host: 'front.test' } });

    expect(backend.heads[0]).toMatchObject({ url: '/base/x', headers: { host: `[::1]:${backend.port}` } });
    expect(headers.location).toBe('http://front.test/app/login');
  });

  test('members are left for the next one when they are dead', async () => {
    const dead = (await deadUrl()).replace('127.0.0.1', '[::1]');
    const backend = await startAt({ host: '::1' }, echo);
    const front = await startToldFront({ ...sender, members: [dead, backend.url] });

    expect((await ask(front.port, { method: 'POST', body: Buffer.from('x') })).text).toBe('x');
    expect(front.stories()).toEqual([`${dead} connect ECONNREFUSED, ${backend.url} answered 200`]);
  });

  test('members open WebSockets', async () => {
    const chat = await startChat('chat', {}, { host: '::1' });
    const front = await startUpgradeFront({ ...sender, members: [chat.url] });

    expect(await say((await openWebSocket(front.port)).socket, 'hello')).toBe('hello');
  });

  test('clients are told of by their address, in quotes and brackets where Forwarded wants it', async () => {
    const backend = await startBackend();
    const { port } = await startFrontAt(
      { host: '::1' },
      { ...sender, members: [backend.url], proxyaddheaders: 'both' },
    );

    expect((await askAt({ host: '::1', port })).statusCode).toBe(200);

    expect(backend.received[0]!.headers).toMatchObject({
      'x-forwarded-for': '::1',
      'x-forwarded-host': `[::1]:${port}`,
      forwarded: `for="[::1]";host="[::1]:${port}";proto=http`,
    });
  });

  test('clients that come by IPv4 to a socket of both are told of by their IPv4 address', async () => {
    const backend = await startBackend();
    const { port } = await startFrontAt({ host: '::' }, { ...sender, members: [backend.url] });

    expect((await askAt({ host: '127.0.0.1', port })).statusCode).toBe(200);

    expect(backend.received[0]!.headers['x-forwarded-for']).toBe('127.0.0.1');
  });
});
