import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import express, { type Request } from 'express';
import express4 from 'express4';
import { findMountPath, makeUpRequest, type MadeUp } from '../../../../src/manager/survey/made-up-request.ts';

const plain = new IncomingMessage(new Socket());

function makeUp(overrides: Partial<MadeUp>, mountPath = '', like: IncomingMessage = plain): IncomingMessage {
  const madeUp = {
    path: '/',
    method: 'GET',
    headers: [['Host', 'site']] as const,
    address: '192.0.2.7',
    ...overrides,
  };
  return makeUpRequest(madeUp, like, mountPath);
}

describe('the mount path of a made-up request', () => {
  test.each([
    ['/', [], ''],
    ['/', ['/'], ''],
    ['/shop', ['/shop'], '/shop'],
    ['/shop/', ['/shop'], '/shop'],
    ['/shop?x=/shop/a', ['/shop'], '/shop'],
    ['/shopping', ['/shop'], ''],
    ['/shop/a', ['/', '/shop', '/shop/a'], '/shop/a'],
    ['/other', ['/shop'], ''],
  ])('of %s among %j is %j', (path, mountPaths, expected) => {
    expect(findMountPath(path, mountPaths)).toBe(expected);
  });
});

describe('a made-up request', () => {
  test.each([
    ['/shop/a?b=c', '/shop', '/a?b=c'],
    ['/shop', '/shop', '/'],
    ['/shop?b=c', '/shop', '/?b=c'],
    ['/shop/a', '', '/shop/a'],
  ])('of %s at %j has what Express leaves, %s', (path, mountPath, url) => {
    expect(makeUp({ path }, mountPath)).toMatchObject({ url, baseUrl: mountPath, originalUrl: path });
  });

  test('has fields as Node reads them', () => {
    const headers = [
      ['Host', 'site'],
      ['Cookie', 'a=1; b=2'],
    ] as const;
    const req = makeUp({ headers });
    expect(req.rawHeaders).toEqual(['Host', 'site', 'Cookie', 'a=1; b=2']);
    expect(req.headers).toEqual({ host: 'site', cookie: 'a=1; b=2' });
    expect(req.headersDistinct).toEqual({ host: ['site'], cookie: ['a=1; b=2'] });
    expect(req.socket.remoteAddress).toBe('192.0.2.7');
  });

  test('has an empty body, which has come', async () => {
    const chunks: unknown[] = [];
    for await (const chunk of makeUp({ method: 'POST' })) chunks.push(chunk);
    expect(chunks).toEqual([]);
  });

  test('can be asked as one of Express can', () => {
    const app = express();
    app.set('trust proxy', true);
    // As Express makes them: what is made by Node, with the app's prototype.
    const asked = Object.setPrototypeOf(new IncomingMessage(new Socket()), app.request) as IncomingMessage;
    const headers = [
      ['Host', 'site:81'],
      ['X-Forwarded-Proto', 'https'],
      ['X-Forwarded-For', '198.51.100.1'],
    ] as const;
    const req = makeUp({ path: '/shop/a?b=c', headers }, '/shop', asked) as Request;
    expect([req.protocol, req.hostname, req.ip, req.path, req.query['b'], req.get('host')]).toEqual([
      'https',
      'site',
      '198.51.100.1',
      '/a',
      'c',
      'site:81',
    ]);
  });

  test('has its query parsed under Express 4, whose requests have it from a middleware', () => {
    const made = Object.assign(new IncomingMessage(new Socket()), { query: {} });
    const like = Object.setPrototypeOf(made, express4().request) as IncomingMessage;
    const req = makeUp({ path: '/shop?a[b]=c' }, '/shop', like) as Request;
    expect([req.query, req.path]).toEqual([{ a: { b: 'c' } }, '/']);
  });

  test('has its cookies parsed where the app parses cookies', () => {
    const like = Object.assign(new IncomingMessage(new Socket()), { cookies: {}, signedCookies: {} });
    const req = makeUp({ headers: [['Cookie', 'a=1; b=2']] }, '', like);
    expect(req).toMatchObject({ cookies: { a: '1', b: '2' } });
    expect(makeUp({ headers: [['Cookie', 'a=1']] })).not.toHaveProperty('cookies');
  });
});
