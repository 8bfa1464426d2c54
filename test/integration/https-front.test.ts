import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createServer, get, type Server } from 'node:https';
import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import express from 'express';
import { attachUpgrades, createBalancer, type BalancerDefinition } from '../../src/index.ts';
import { ask } from '../support/ask.ts';
import { deadUrl, listen, startBackend } from '../support/backend.ts';
import { makeCertificates, type Certificates } from '../support/certificates.ts';
import { senders, silent } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { startToldFront } from '../support/stories.ts';
import {
  becomesLonely,
  closeWebSockets,
  openWebSocket,
  readToEnd,
  say,
  startChat,
  startSwitching,
} from '../support/websocket.ts';

let certificates: Certificates;
const closings: (() => Promise<void>)[] = [];

beforeAll(async () => {
  certificates = await makeCertificates();
});

afterEach(async () => {
  closeWebSockets();
  await Promise.all(closings.splice(0).map((close) => close()));
  await tidyUp();
});

/** An app behind TLS with one balancer below `/app`. */
async function startHttpsFront(
  definition: BalancerDefinition,
): Promise<Readonly<{ server: Server; port: number }>> {
  const balancer = createBalancer({ ...silent, ...definition });
  const app = express().set('env', 'test').use('/app', balancer);
  const server = createServer(certificates.server, app);
  attachUpgrades(server, app);
  closings.push(balancer.close);
  return { server, port: (await listen(server, [], () => 0, { scheme: 'https' })).port };
}

async function askTls(port: number, path: string): Promise<IncomingMessage> {
  const req = get({
    host: '127.0.0.1',
    port,
    path,
    ca: certificates.ca,
    headers: { Host: 'app.internal' },
    agent: false,
  });
  const [res] = (await once(req, 'response')) as [IncomingMessage];
  await text(res);
  return res;
}

describe.each(senders)('an app that is served over TLS, over %s', (_name, sender) => {
  test('says so to its members', async () => {
    const backend = await startBackend();
    const { port } = await startHttpsFront({ ...sender, members: [backend.url], proxyaddheaders: 'both' });

    expect((await askTls(port, '/app')).statusCode).toBe(200);
    expect(backend.received[0]!.headers).toMatchObject({
      'x-forwarded-proto': 'https',
      forwarded: 'for=127.0.0.1;host=app.internal;proto=https',
    });
  });

  test('has Location and cookies of its own scheme', async () => {
    const backend = await startBackend('a', (_req, res) => {
      res.writeHead(302, { Location: `http://127.0.0.1:${backend.port}/login` }).end();
    });
    const definition = { ...sender, members: [{ url: backend.url, route: 'r1' }], routeCookie: true };
    const { port } = await startHttpsFront(definition);
    const plain = await startToldFront(definition, { mount: '/app' });

    const { headers } = await askTls(port, '/app/x');
    const inClear = await ask(plain.port, { path: '/app/x', headers: { Host: 'app.internal' } });

    expect(headers.location).toBe('https://app.internal/app/login');
    expect(headers['set-cookie']).toEqual(['ROUTEID=r1; Path=/app; HttpOnly; Secure; SameSite=Lax']);
    expect(inClear.headers.location).toBe('http://app.internal/app/login');
    expect(inClear.headers['set-cookie']).toEqual(['ROUTEID=r1; Path=/app; HttpOnly; SameSite=Lax']);
  });

  test('may also be one behind a proxy that Express trusts', async () => {
    const backend = await startBackend('a', (_req, res) => {
      res.writeHead(302, { Location: `http://127.0.0.1:${backend.port}/login` }).end();
    });
    const front = await startToldFront(
      { ...sender, members: [{ url: backend.url, route: 'r1' }], routeCookie: true },
      { before: (app) => app.set('trust proxy', true) },
    );

    const { headers } = await ask(front.port, {
      headers: { Host: 'app.internal', 'X-Forwarded-Proto': 'https' },
    });

    expect(headers.location).toBe('https://app.internal/login');
    expect(headers['set-cookie']).toEqual(['ROUTEID=r1; Path=/; HttpOnly; Secure; SameSite=Lax']);
    expect(backend.received[0]!.headers['x-forwarded-proto']).toBe('https');
  });

  test('opens WebSockets, and ends them at both ends', async () => {
    const chat = await startChat();
    const { server, port } = await startHttpsFront({ ...sender, members: [await deadUrl(), chat.url] });

    const { socket } = await openWebSocket(port, '/app/chat', { ca: certificates.ca });

    const message = 'x'.repeat(4_000_000);
    expect(await say(socket, message)).toBe(message);
    expect(chat.handshakes[0]!.headers['x-forwarded-proto']).toBe('https');
    socket.close(4001, 'bye');
    expect((await once(chat.sockets[0]!, 'close')).map(String)).toEqual(['4001', 'bye']);
    await becomesLonely(server);
  });

  test('lets the client end its side of a tunnel first', async () => {
    const backend = await startSwitching((socket) => {
      void readToEnd(socket).then((all) => socket.end(`you said: ${all.toString()}`));
    });
    const { server, port } = await startHttpsFront({ ...sender, members: [backend.url] });
    const client = connect({ host: '127.0.0.1', port, ca: certificates.ca });
    client.allowHalfOpen = true;

    client.write('GET /app HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    expect(String((await once(client, 'data'))[0])).toMatch(/^HTTP\/1\.1 101 /);
    client.end('hello');

    expect((await readToEnd(client)).toString()).toBe('you said: hello');
    await becomesLonely(server);
  });

  test('serves requests for other protocols, and keeps the connection', async () => {
    const backend = await startBackend('a');
    const { server, port } = await startHttpsFront({ ...sender, members: [backend.url] });
    const client = connect({ host: '127.0.0.1', port, ca: certificates.ca });
    const head = 'POST /app HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n';

    client.write(`${head}Content-Length: 5\r\n\r\nhello`);
    expect(String((await once(client, 'data'))[0])).toMatch(/^HTTP\/1\.1 200 /);
    client.write(`${head}Content-Length: 5\r\n\r\nagain`);
    expect(String((await once(client, 'data'))[0])).toMatch(/^HTTP\/1\.1 200 /);

    expect(backend.received.map(({ body }) => body.toString())).toEqual(['hello', 'again']);
    client.destroy();
    await becomesLonely(server);
  });
});
