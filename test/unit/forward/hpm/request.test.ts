import { EventEmitter } from 'node:events';
import { ClientRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, jest, test } from '@jest/globals';
import { standInForRequest } from '../../../../src/forward/hpm/request.ts';
import { standInForSocket } from '../../../../src/forward/hpm/socket.ts';
import type { Outbound } from '../../../../src/forward/sender.ts';

/** The client's own, where every call would be noticed. */
function makeClient(): EventEmitter {
  const methods = [
    'pipe',
    'unpipe',
    'pause',
    'resume',
    'read',
    'setEncoding',
    'setTimeout',
    'destroy',
    'write',
    'end',
  ];
  const calls = Object.fromEntries(methods.map((name) => [name, jest.fn()]));
  return Object.assign(new EventEmitter(), {
    user: 'ann',
    url: '/his',
    headers: { host: 'front' },
    ...calls,
  });
}

function outboundOf(client: object | undefined, overrides: Partial<Outbound> = {}): Outbound {
  return {
    method: 'GET',
    path: '/base/x',
    headers: ['Host', 'member', 'X-A', '1', 'x-a', '2'],
    upgrade: undefined,
    body: { kind: 'none', counted: false },
    ...(client && {
      origin: { req: client as unknown as IncomingMessage, res: {} as unknown as ServerResponse },
    }),
    ...overrides,
  };
}

describe('a request that stands in', () => {
  test('is what the member gets, and beneath it what the app has made of the client’s', () => {
    const client = makeClient();
    const owner = { pour: jest.fn(), fail: jest.fn() };
    const { shown } = standInForRequest(owner, outboundOf(client), '/x', new Socket());
    const { url, method, headers, rawHeaders } = shown;
    expect({ url, method, headers, rawHeaders }).toEqual({
      url: '/x',
      method: 'GET',
      headers: { host: 'member', 'x-a': '1, 2' },
      rawHeaders: ['Host', 'member', 'X-A', '1', 'x-a', '2'],
    });
    expect('user' in shown && shown.user).toBe('ann');
    shown.url = '/changed';
    shown.headers.host = 'changed';
    expect(client).toMatchObject({ url: '/his', headers: { host: 'front' } });
  });

  test.each([
    ['an upgrade', { upgrade: 'websocket' }, ['Connection', 'Upgrade', 'Upgrade', 'websocket']],
    [
      'an upload of unknown length',
      { body: { kind: 'stream', length: undefined } },
      ['Transfer-Encoding', 'chunked'],
    ],
    ['an upload of known length', { body: { kind: 'stream', length: 3 } }, []],
  ])('of %s says so', (_what, overrides, framing) => {
    const outbound = outboundOf(undefined, overrides as Partial<Outbound>);
    const { shown } = standInForRequest({ pour: jest.fn(), fail: jest.fn() }, outbound, '/x', new Socket());
    expect(shown.rawHeaders.slice(6)).toEqual(framing);
    expect(shown.httpVersion).toBe('1.1');
  });

  test('keeps its hands off the client’s', () => {
    const client = makeClient();
    const owner = { pour: jest.fn(), fail: jest.fn() };
    const socket = new Socket();
    const { shown } = standInForRequest(owner, outboundOf(client), '/x', socket);
    const request = new ClientRequest('http://127.0.0.1:1');
    request.on('error', () => undefined).destroy();
    expect(shown.pipe(request)).toBe(request);
    shown
      .unpipe()
      .pause()
      .resume()
      .setEncoding('utf8')
      .on('data', () => undefined);
    shown.setTimeout(1000);
    expect(shown.read()).toBeNull();
    shown.destroy().destroy(new Error('mine'));
    for (const [name, value] of Object.entries(client)) {
      if (jest.isMockFunction(value)) expect([name, value.mock.calls]).toEqual([name, []]);
    }
    expect(client.listenerCount('data')).toBe(0);
    expect(socket.timeout).toBe(1000);
    expect(owner.pour).toHaveBeenCalledWith(request);
    expect(owner.fail.mock.calls).toEqual([
      [expect.objectContaining({ message: 'a hook has ended the request' }), 'bad-request'],
      [expect.objectContaining({ message: 'mine' }), 'bad-request'],
    ]);
  });
});

describe('a connection that stands in', () => {
  test('is to be looked at, and to be left alone', () => {
    const client = makeClient();
    const owner = { limitIdle: jest.fn(), fail: jest.fn() };
    const shown = standInForSocket(owner, false, Object.assign(client, { remoteAddress: '::1', server: {} }));
    expect(shown.remoteAddress).toBe('::1');
    expect('server' in shown && shown.server).toBeUndefined();
    shown.setNoDelay().setKeepAlive().pause().resume().unpipe().end();
    shown.unshift('a');
    expect(shown.write('a')).toBe(true);
    expect(shown.pipe(client as unknown as Socket)).toBe(client);
    const expired = jest.fn();
    shown.on('timeout', expired);
    shown.setTimeout(5);
    const [ms, expire] = owner.limitIdle.mock.calls[0] as [number, () => void];
    expire();
    expect(ms).toBe(5);
    expect(expired).toHaveBeenCalledTimes(1);
    shown.destroy();
    expect(owner.fail).toHaveBeenCalledWith(expect.anything(), 'reset');
    for (const [name, value] of Object.entries(client)) {
      if (jest.isMockFunction(value)) expect([name, value.mock.calls]).toEqual([name, []]);
    }
  });

  test('of an upgrade has some server, which http-proxy-middleware asks for', () => {
    const shown = standInForSocket({ limitIdle: jest.fn(), fail: jest.fn() }, true);
    expect('server' in shown && shown.server).toBeTruthy();
    expect(shown.writable).toBe(true);
  });
});
