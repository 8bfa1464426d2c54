import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createBalancer } from '../../src/index.ts';
import { makeBody } from '../support/ask.ts';
import { startBackend } from '../support/backend.ts';
import { senders, silent } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';
import {
  askToSwitch,
  closeWebSockets,
  startUpgradeBackend,
  startUpgradeFront,
} from '../support/websocket.ts';

const servers: Server[] = [];

afterEach(async () => {
  closeWebSockets();
  await tidyUp();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const bodies = [
  ['a counted body', 'Content-Length: 5', 'hello'],
  ['a chunked body', 'Transfer-Encoding: chunked', '2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n'],
] as const;

const [, host, ...webSocket] = askToSwitch();
const http2 = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk'];

/** What the member was asked: method, target, body. */
const told = ({ method, url, body }: Readonly<{ method: string; url: string; body: Buffer }>): string =>
  `${method} ${url} ${body.toString()}`;

// The second is the case only once some balancer of the process may switch to anything; there is no way back.
describe.each([
  ['WebSocket', webSocket, false],
  ['h2c, which some balancer of the process allows', http2, true],
] as const)('an upgrade with a body, to %s,', (_protocol, fields, allowsAny) => {
  beforeAll(async () => {
    if (allowsAny)
      await createBalancer({ ...silent, members: ['http://127.0.0.1:1'], upgrade: 'ANY' }).close();
  });

  describe.each(senders)('over %s', (_name, sender) => {
    describe.each(bodies)('%s', (_kind, framing, body) => {
      test.each(['POST', 'GET', 'PUT'])(
        'of a %s reaches the member, once, without the switch',
        async (method) => {
          const backend = await startBackend('a');
          const front = await startUpgradeFront({ ...sender, members: [backend.url] });
          const client = await RawClient.connect(front.port);

          const answer = await client.ask([`${method} /form HTTP/1.1`, host!, ...fields, framing], body);
          const next = await client.ask(['GET /next HTTP/1.1', host!]);

          expect([answer.status, answer.body, next.status]).toEqual([200, 'a', 200]);
          expect(backend.received.map(told)).toEqual([`${method} /form hello`, 'GET /next ']);
          expect(backend.begun).toHaveLength(2);
          expect(backend.received[0]!.headers).not.toHaveProperty('upgrade');
          expect(backend.received[0]!.headers['connection']).not.toMatch(/upgrade/i);
          expect(front.errors).toEqual([]);
        },
      );
    });

    test('may come long after its head', async () => {
      const backend = await startBackend('a');
      const front = await startUpgradeFront({ ...sender, members: [backend.url] });
      const client = await RawClient.connect(front.port);
      const half = makeBody(300_000).toString('latin1');

      client.send(['PUT / HTTP/1.1', host!, ...fields, `Content-Length: ${2 * half.length}`], half);
      const asking = client.write(half).readAnswer();

      expect((await asking).status).toBe(200);
      expect(backend.received.map((one) => one.body.equals(Buffer.from(half + half, 'latin1')))).toEqual([
        true,
      ]);
    });

    test('may wait for a go-ahead', async () => {
      const backend = await startBackend('a');
      const front = await startUpgradeFront({ ...sender, members: [backend.url] });
      const client = await RawClient.connect(front.port);

      client.send(['POST / HTTP/1.1', host!, ...fields, 'Expect: 100-continue', 'Content-Length: 5']);
      expect((await client.readHead()).status).toBe(100);

      expect((await client.write('hello').readAnswer()).status).toBe(200);
      expect(backend.received.map(told)).toEqual(['POST / hello']);
    });

    test.each(bodies)(
      'is served where its server has an answer to requests: %s',
      async (_kind, framing, body) => {
        const backend = await startBackend('a');
        const balancer = createBalancer({ ...silent, ...sender, members: [backend.url] });
        const server = createServer((req, res) => {
          balancer(req, res, () => res.writeHead(500).end());
        });
        server.on('upgrade', balancer.upgrade).listen(0, '127.0.0.1');
        servers.push(server);
        await once(server, 'listening');
        const client = await RawClient.connect((server.address() as AddressInfo).port);

        // As Java's client does: on one connection, each with the wish.
        for (const path of ['/a', '/b']) {
          const answer = await client.ask([`POST ${path} HTTP/1.1`, host!, ...fields, framing], body);
          expect(answer.status).toBe(200);
        }

        expect(backend.received.map(told)).toEqual(['POST /a hello', 'POST /b hello']);
        await balancer.close();
      },
    );

    test.each(bodies)('is refused where no app takes it: %s', async (_kind, framing, body) => {
      const backend = await startBackend('a');
      const balancer = createBalancer({ ...silent, ...sender, members: [backend.url] });
      const server = createServer().on('upgrade', balancer.upgrade).listen(0, '127.0.0.1');
      servers.push(server);
      await once(server, 'listening');
      const client = await RawClient.connect((server.address() as AddressInfo).port);

      client.send(['POST / HTTP/1.1', host!, ...fields, framing], body);
      const { status } = await client.readAnswer();

      expect(status).toBe(400);
      await client.readRest();
      expect(backend.connections()).toBe(0);
      expect(balancer.view()).toMatchObject([{ busy: 0, elected: 0 }]);
      await balancer.close();
    });
  });
});

// http-proxy-middleware knows WebSocket only.
test.each(bodies)(
  'a balancer that switches to anything leaves aside what has %s',
  async (_kind, framing, body) => {
    const backend = await startBackend('a');
    const front = await startUpgradeFront({ members: [backend.url], upgrade: 'ANY' });
    const client = await RawClient.connect(front.port);

    const answer = await client.ask(['POST / HTTP/1.1', host!, ...http2, framing], body);

    expect([answer.status, ...backend.received.map(told)]).toEqual([200, 'POST / hello']);
    expect(backend.received[0]!.headers).not.toHaveProperty('upgrade');
  },
);

test.each(senders)(
  'an upgrade whose body is announced as empty is one without, over %s',
  async (_name, sender) => {
    const backend = await startUpgradeBackend((socket) => {
      socket.end(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
    });
    const front = await startUpgradeFront({ ...sender, members: [backend.url] });
    const client = await RawClient.connect(front.port);

    client.send([...askToSwitch(), 'Content-Length: 0']);

    expect((await client.readHead()).status).toBe(101);
  },
);
