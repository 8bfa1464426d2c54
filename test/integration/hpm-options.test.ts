import { once } from 'node:events';
import { Agent, type IncomingMessage, type ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { HttpProxyMiddleware } from '../../src/index.ts';
import { ask } from '../support/ask.ts';
import { deadUrl, startBackend, startRawBackend } from '../support/backend.ts';
import { makeCertificates } from '../support/certificates.ts';
import { startFaulty } from '../support/faults.ts';
import { startHandler } from '../support/handler.ts';
import { startHpmFront } from '../support/hpm.ts';
import { tidyUp, until } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';
import { stopTime } from '../support/time.ts';

afterEach(tidyUp);

describe('paths', () => {
  const below = async (httpProxyMiddleware: HttpProxyMiddleware, path: string): Promise<string> => {
    const backend = await startBackend();
    const front = await startHpmFront([`${backend.url}/base/`], httpProxyMiddleware, { mount: '/mount' });
    const { status } = await ask(front.port, { path: `/mount${path}` });
    return status === 200 ? backend.received[0]!.url : String(status);
  };

  test.each([
    [{ '^/old': '/new' }, '/old/x?y', '/base/new/x?y'],
    [{ '^/remove': '' }, '/remove/x', '/base/x'],
    [{ '^/': '/more/' }, '/x', '/base/more/x'],
    [{ '^/a$': '/../x' }, '/a', '400'],
    [{ '^/a$': '/%2e%2e/x' }, '/a', '400'],
    [{ '^/a$': '/..%2fx' }, '/a', '400'],
  ])('pathRewrite %j makes of %s below the mount %s', async (pathRewrite, path, expected) => {
    expect(await below({ pathRewrite }, path)).toBe(expected);
  });

  test('pathRewrite may be a function, and take its time', async () => {
    const pathRewrite = async (path: string, req: IncomingMessage): Promise<string> => {
      await Promise.resolve();
      return `${path}/${req.method!}`;
    };
    expect(await below({ pathRewrite }, '/x')).toBe('/base/x/GET');
  });

  test('a pathRewrite that throws is no member’s failure', async () => {
    const pathRewrite = (): string => {
      throw new Error('a bug');
    };
    expect(await below({ pathRewrite }, '/x')).toBe('400');
  });

  test('ignorePath asks for the member’s own path alone', async () => {
    expect(await below({ ignorePath: true }, '/x')).toBe('/base/');
  });

  test.each([
    ['a path', '/api'],
    ['a list of paths', ['/api', '/ajax']],
    ['globs', ['/api/**', '!**/*.html']],
    ['a function', (pathname: string, req: IncomingMessage) => pathname === '/api/x' && req.method === 'GET'],
  ])('pathFilter leaves what it does not match to the app: %s', async (_what, pathFilter) => {
    const backend = await startBackend();
    const front = await startHpmFront([backend.url], { pathFilter });
    expect(await ask(front.port, { path: '/api/x?y=1' })).toMatchObject({ status: 200 });
    expect(await ask(front.port, { path: '/other/api' })).toMatchObject({ status: 404 });
    expect(backend.received).toHaveLength(1);
  });
});

describe('further options', () => {
  test('headers, auth and changeOrigin say what the member gets', async () => {
    const backend = await startBackend();
    const front = await startHpmFront([backend.url], {
      headers: { 'X-Api-Key': 'k', accept: 'text/plain', Expect: '100-continue' },
      auth: 'user:pass',
      changeOrigin: true,
    });
    await ask(front.port, { headers: { Accept: '*/*' } });
    const { headers } = backend.received[0]!;
    expect(headers).toMatchObject({
      host: `127.0.0.1:${backend.port}`,
      'x-api-key': 'k',
      accept: 'text/plain',
      authorization: `Basic ${Buffer.from('user:pass').toString('base64')}`,
    });
    expect(headers).not.toHaveProperty('expect');
  });

  test('rewrite cookies and Location before the balancer does', async () => {
    const backend = await startBackend('b', (_req, res) => {
      res.statusCode = 302;
      res.setHeader('Location', `http://127.0.0.1:${backend.port}/x`);
      res.setHeader('Set-Cookie', ['a=1; Domain=old.test; Path=/old', 'b=2']);
      res.end();
    });
    const front = await startHpmFront([backend.url], {
      hostRewrite: 'public.test',
      protocolRewrite: 'https',
      cookieDomainRewrite: { 'old.test': 'new.test' },
      cookiePathRewrite: '/new',
    });
    const { headers } = await ask(front.port);
    expect(headers.location).toBe(`https://public.test:${backend.port}/x`);
    expect(headers['set-cookie']).toEqual(['a=1; Domain=new.test; Path=/new', 'b=2']);
  });

  test('a Location that is no URL is the member’s broken answer', async () => {
    const backend = await startRawBackend((socket) =>
      socket.write('HTTP/1.1 302 Found\r\nLocation: http://[\r\nContent-Length: 0\r\n\r\n'),
    );
    const front = await startHpmFront([backend.url], { hostRewrite: 'public.test' });
    expect(await ask(front.port)).toMatchObject({ status: 502, code: 'ERR_BALANCER_BAD_ANSWER' });
  });

  test.each([
    ['GET', 302, 'GET '],
    ['POST', 307, `POST ${'x'.repeat(300_000)}`],
    ['POST', 303, 'GET '],
  ] as const)('followRedirects goes after a redirect of %s with %i', async (method, status, expected) => {
    const backend = await startBackend('b', (req, res, { body }) => {
      if (req.url === '/end') {
        res.end(`${req.method!} ${body.toString()}`);
        return;
      }
      res.writeHead(status, { Location: '/end' });
      res.end('to the end');
    });
    const front = await startHpmFront([backend.url], { followRedirects: true });
    const body = method === 'POST' ? Buffer.from('x'.repeat(300_000)) : undefined;
    expect(await ask(front.port, { method, body })).toMatchObject({ status: 200, text: expected });
  });

  test('followRedirects to where nobody is fails', async () => {
    const dead = await deadUrl();
    const backend = await startBackend('b', (_req, res) => res.writeHead(302, { Location: dead }).end());
    const front = await startHpmFront([backend.url], { followRedirects: true });
    expect(await ask(front.port)).toMatchObject({ status: 503 });
  });

  test.each(['proxyTimeout', 'timeout'] as const)('%s ends like a reset', async (name) => {
    const front = await startHpmFront([(await startFaulty('stays silent')).url], { [name]: 100 });
    expect(await ask(front.port)).toMatchObject({ status: 502, code: 'ERR_BALANCER_RESET' });
  });

  test('timeout counts from the last piece that came either way', async () => {
    const time = stopTime();
    const drips: ServerResponse[] = [];
    const backend = await startHandler((req, res) => {
      req.resume();
      res.writeHead(200, { 'Content-Length': 4 }).write('.');
      drips.push(res);
    });
    const front = await startHpmFront([backend.url], { timeout: 150 });
    const client = await RawClient.connect(front.port);
    client.send(['GET / HTTP/1.1', 'Host: a']);
    await client.readHead();
    expect(await client.readBytes(1)).toBe('.');
    for (const piece of ['.', '.', '!']) {
      time.pass(140);
      drips[0]!.write(piece);
      expect(await client.readBytes(1)).toBe(piece);
    }
  });

  test('an agent of the user’s is used, and not closed', async () => {
    const backend = await startBackend();
    const agent = new Agent({ keepAlive: true });
    const front = await startHpmFront([backend.url], { agent });
    await ask(front.port);
    await front.close();
    await until(() => Object.keys(agent.freeSockets).length === 1);
    agent.destroy();
  });

  test('localAddress is where connections come from', async () => {
    const backend = await startHandler((req, res) => res.end(req.socket.remoteAddress));
    const front = await startHpmFront([backend.url], { localAddress: '127.0.0.2' });
    expect((await ask(front.port)).text).toBe('127.0.0.2');
  });

  test('secure: false does without a certificate that can be verified', async () => {
    const { server } = await makeCertificates();
    const https = await import('node:https');
    const backend = https.createServer(server, (_req, res) => res.end('tls')).listen(0, '127.0.0.1');
    await once(backend, 'listening');
    const url = `https://127.0.0.1:${(backend.address() as { port: number }).port}`;
    const trusting = await startHpmFront([url], { secure: false });
    expect(await ask(trusting.port)).toMatchObject({ text: 'tls' });
    const careful = await startHpmFront([url], {});
    expect(await ask(careful.port)).toMatchObject({ status: 503, code: 'ERR_BALANCER_CONNECT' });
    backend.closeAllConnections();
    backend.close();
    await once(backend, 'close');
  });
});
