import { once } from 'node:events';
import { createServer, request, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { connect } from 'node:tls';
import { afterEach, expect, test } from '@jest/globals';
import { isWrittenPlainly } from '../../../src/forward/plain-write.ts';
import { makeCertificates } from '../../support/certificates.ts';

const closings: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closings.splice(0)) await close();
});

/** A response to a request that has come over this server. */
async function openResponse(server: Server, ask: (port: number) => void): Promise<ServerResponse> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const asked = once(server, 'request');
  ask((server.address() as AddressInfo).port);
  const [, res] = (await asked) as [unknown, ServerResponse];
  closings.push(() => {
    res.destroy();
    server.close();
    return once(server, 'close');
  });
  return res;
}

async function openPlain(): Promise<ServerResponse> {
  return openResponse(createServer(), (port) => {
    request({ port, agent: false })
      .on('error', () => undefined)
      .end();
  });
}

test('Node’s own way of writing is known: memory is used again', async () => {
  expect(isWrittenPlainly(await openPlain())).toBe(true);
});

test('so it is over TLS', async () => {
  const { server, ca } = await makeCertificates();
  const res = await openResponse(createHttpsServer(server), (port) => {
    const socket = connect({ port, ca, host: '127.0.0.1' });
    socket.on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  });
  expect(isWrittenPlainly(res)).toBe(true);
});

const write = (): boolean => true;

test.each<[what: string, change: (res: ServerResponse) => void]>([
  [
    'a response that is corked',
    (res) => {
      res.cork();
    },
  ],
  ['a response with a write of its own', (res) => Object.assign(res, { write })],
  ['a connection with a write of its own', (res) => Object.assign(res.socket!, { write })],
  [
    'a response that waits for its connection',
    (res) => {
      res.detachSocket(res.socket!);
    },
  ],
])('nobody knows who holds what was written to %s', async (_what, change) => {
  const res = await openPlain();
  const { socket } = res;
  closings.unshift(() => socket?.destroy());
  change(res);
  expect(isWrittenPlainly(res)).toBe(false);
});
