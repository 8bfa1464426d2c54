import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { Agent } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import express from 'express';
import { createProxyMiddleware, type Options } from 'http-proxy-middleware';
import { attachUpgrades, createBalancer, type HttpProxyMiddleware } from '../../src/index.ts';
import { ask } from '../support/ask.ts';
import { stopBackends } from '../support/backend.ts';
import { closeBeside, endWithBeside, serveBeside } from '../support/beside-hpm.ts';
import { makeCertificates } from '../support/certificates.ts';
import { until } from '../support/idle.ts';
import { closeWebSockets, openWebSocket, say, startChat } from '../support/websocket.ts';

afterEach(async () => {
  closeWebSockets();
  await closeBeside();
  await stopBackends();
});

/** Both over one target, upgrades as each wants them; the ports. */
async function serveChats(
  url: string,
  options: HttpProxyMiddleware,
  mount = '/',
): Promise<readonly [hpm: number, ours: number]> {
  const proxy = createProxyMiddleware({ ...(options as Options), target: url });
  const hpm = createServer(express().use(mount, proxy)).listen(0, '127.0.0.1');
  hpm.on('upgrade', proxy.upgrade);

  const balancer = createBalancer({ logger: false, members: [url], httpProxyMiddleware: options });
  const app = express().use(mount, balancer);
  const ours = createServer(app).listen(0, '127.0.0.1');
  attachUpgrades(ours, app);
  endWithBeside(() => balancer.close());

  const ports: number[] = [];
  for (const server of [hpm, ours]) {
    if (!server.listening) await once(server, 'listening');
    endWithBeside(async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    });
    ports.push((server.address() as AddressInfo).port);
  }
  return [ports[0]!, ports[1]!];
}

describe('WebSockets', () => {
  test('attachUpgrades stands for ws: true and server.on("upgrade", proxy.upgrade)', async () => {
    const chat = await startChat();
    for (const port of await serveChats(chat.url, {})) {
      const { socket } = await openWebSocket(port, '/socket');
      expect(await say(socket, 'hello')).toBe('hello');
    }
    expect(chat.handshakes.map(({ url }) => url)).toEqual(['/socket', '/socket']);
  });

  test('no request has to come before the first upgrade', async () => {
    const chat = await startChat();
    const balancer = createBalancer({ logger: false, members: [chat.url], httpProxyMiddleware: {} });
    endWithBeside(() => balancer.close());
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    server.on('upgrade', balancer.upgrade);
    endWithBeside(async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    });
    const { socket } = await openWebSocket((server.address() as AddressInfo).port);
    expect(await say(socket, 'hello')).toBe('hello');
  });

  test('pathFilter and pathRewrite hold for them too', async () => {
    const chat = await startChat();
    const options: HttpProxyMiddleware = { pathFilter: '/socket', pathRewrite: { '^/socket': '' } };
    for (const port of await serveChats(chat.url, options)) await openWebSocket(port, '/socket/room');
    expect(chat.handshakes.map(({ url }) => url)).toEqual(['/room', '/room']);
  });

  test('each balancer has a mount path; with createProxyMiddleware the server’s upgrades know of none', async () => {
    const chat = await startChat();
    for (const port of await serveChats(`${chat.url}/base`, {}, '/ws-path-a')) {
      await openWebSocket(port, '/ws-path-a/room');
    }
    expect(chat.handshakes.map(({ url }) => url)).toEqual(['/base/ws-path-a/room', '/base/room']);
  });

  test('proxyReqWs, open and close are told', async () => {
    const chat = await startChat();
    const told: string[] = [];
    const options: HttpProxyMiddleware = {
      on: {
        proxyReqWs(proxyReq) {
          proxyReq.setHeader('X-Special-Proxy-Header', 'foobar');
          told.push('proxyReqWs');
        },
        open: (proxySocket) => void proxySocket.once('data', () => told.push('open, data')),
        close: () => void told.push('close'),
      },
    };
    for (const port of await serveChats(chat.url, options)) {
      const before = told.length;
      const { socket } = await openWebSocket(port);
      await say(socket, 'hello');
      socket.close();
      await until(() => told.length === before + 3);
    }
    expect(told).toEqual([
      ...['proxyReqWs', 'open, data', 'close'],
      ...['proxyReqWs', 'open, data', 'close'],
    ]);
    const headers = chat.handshakes.map((req) => req.headers['x-special-proxy-header']);
    expect(headers).toEqual(['foobar', 'foobar']);
  });
});

describe('members over TLS', () => {
  /** What each answers when its member is this server: `ours` by the same options, or by native ones. */
  async function askBoth(options: HttpProxyMiddleware): Promise<readonly string[]> {
    const { server } = await makeCertificates();
    const backend = createTlsServer(server, (_req, res) => res.end('tls')).listen(0, '127.0.0.1');
    await once(backend, 'listening');
    endWithBeside(async () => {
      backend.closeAllConnections();
      backend.close();
      await once(backend, 'close');
    });
    const url = `https://localhost:${(backend.address() as AddressInfo).port}`;
    const balancer = createBalancer({ logger: false, members: [url], httpProxyMiddleware: options });
    endWithBeside(() => balancer.close());
    const proxies = [createProxyMiddleware({ ...(options as Options), target: url }), balancer];
    return Promise.all(
      proxies.map(async (proxy) => (await ask(await serveBeside(express().use(proxy)))).text.slice(0, 3)),
    );
  }

  test('secure: false verifies nobody', async () => {
    expect(await askBoth({ secure: false })).toEqual(['tls', 'tls']);
  });

  test('ssl has the authority that verifies', async () => {
    const { ca } = await makeCertificates();
    expect(await askBoth({ changeOrigin: true, ssl: { ca } })).toEqual(['tls', 'tls']);
  });

  test('an agent may have it', async () => {
    const { ca } = await makeCertificates();
    expect(await askBoth({ changeOrigin: true, agent: new Agent({ ca }) })).toEqual(['tls', 'tls']);
  });
});
