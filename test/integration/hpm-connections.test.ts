import { once } from 'node:events';

import { afterEach, describe, expect, test } from '@jest/globals';
import { StreamBody } from '../../src/request/body.ts';
import type { HttpProxyMiddleware } from '../../src/index.ts';
import { startBackend, startRawBackend } from '../support/backend.ts';
import { startHandler } from '../support/handler.ts';
import { closeSenders, createSender, startUpload } from '../support/hpm.ts';
import { until } from '../support/idle.ts';
import { memberAt, outboundTo, record } from '../support/recorder.ts';

afterEach(closeSenders);

/** Where nobody looks, and where a hook does. */
const waysOfHpm: [string, HttpProxyMiddleware][] = [
  ['seen by no hook', {}],
  ['seen by a hook', { on: { proxyRes: () => undefined } }],
];

describe.each(waysOfHpm)('connections, %s', (_way, options) => {
  test('are kept for the next request, and ended when idle for longer than ttl', async () => {
    const backend = await startHandler((_req, res) => res.end('ok'));
    const member = memberAt(backend.url, { ttlMs: 2_500 });
    const sender = createSender(options);
    await record(sender, outboundTo(member), member).over;
    await record(sender, outboundTo(member), member).over;
    expect(backend.open()).toBe(1);
    await until(() => backend.open() === 0);
  });

  test('serve one request each with disablereuse', async () => {
    const backend = await startBackend();
    const member = memberAt(backend.url, { disablereuse: true });
    const sender = createSender(options);
    await record(sender, outboundTo(member), member).over;
    await record(sender, outboundTo(member), member).over;
    expect(backend.connections()).toBe(2);
    expect(backend.received[0]!.headers['connection']).toBe('close');
  });

  test('serve no other request once they are said to be closed, as httpxy says with chunks', async () => {
    // RFC 9112 9.6. A member may close behind it without a word of its own.
    const backend = await startRawBackend((socket, head) => {
      // The last of the chunks comes as a head of its own.
      if (!head.startsWith('POST')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
    const member = memberAt(backend.url);
    const sender = createSender(options);
    const upload = await startUpload('Transfer-Encoding: chunked');
    const body = new StreamBody(upload.req, undefined, 100);
    const told = record(sender, outboundTo(member, { method: 'POST', body }), member);
    upload.write('4\r\nhalf\r\n0\r\n\r\n');
    await told.over;
    await record(sender, outboundTo(member), member).over;
    const requests = backend.received.filter(({ rawHeaders: [head] }) => head!.includes(' HTTP/1.1'));
    expect(requests.map(({ method, connection }) => [method, connection])).toEqual([
      ['POST', 0],
      ['GET', 1],
    ]);
  });

  test('do not pile up when uploads fail', async () => {
    const backend = await startHandler(() => undefined);
    const member = memberAt(backend.url, { timeoutMs: 50 });
    const sender = createSender(options);
    for (let i = 0; i < 10; i += 1) {
      const upload = await startUpload('Transfer-Encoding: chunked');
      const body = new StreamBody(upload.req, undefined, 100);
      const told = record(sender, outboundTo(member, { method: 'POST', body }), member);
      upload.write('4\r\nhalf\r\n0\r\n\r\n');
      await told.over;
      expect(told.failure).toMatchObject({ kind: 'timeout', sent: true });
    }
    await until(() => backend.open() === 0);
  });

  test('end with `destroy`, whatever they are doing', async () => {
    const backend = await startHandler(() => undefined);
    const member = memberAt(backend.url);
    const sender = createSender(options);
    const told = record(sender, outboundTo(member), member);
    await once(backend.server, 'request');
    await sender.destroy();
    expect(told.failure).toMatchObject({ kind: 'reset', sent: true });
    await until(() => backend.open() === 0);
  });
});
