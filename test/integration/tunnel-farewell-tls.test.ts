import { once } from 'node:events';
import { createServer } from 'node:https';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import express from 'express';
import { attachUpgrades, createBalancer } from '../../src/index.ts';
import { listen } from '../support/backend.ts';
import { makeCertificates, type Certificates } from '../support/certificates.ts';
import { senders, silent } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { becomesLonely, closeWebSockets, openWebSocket, say, startChat } from '../support/websocket.ts';

let certificates: Certificates;

beforeAll(async () => {
  certificates = await makeCertificates();
});

afterEach(async () => {
  closeWebSockets();
  await tidyUp();
});

describe.each(senders)('a WebSocket over TLS both ways, over %s,', (_name, sender) => {
  test.each([0, 0.2])(
    'hears 1001 at both ends when the balancer closes with a grace of %d s',
    async (grace) => {
      const { ca, server: secured } = certificates;
      const chat = await startChat('chat', {}, { scheme: 'https' }, createServer(secured));
      const balancer = createBalancer({ ...silent, ...sender, members: [{ url: chat.url, tls: { ca } }] });
      const app = express().use(balancer);
      const server = createServer(secured, app);
      attachUpgrades(server, app);
      const { port } = await listen(server, [], () => 0, { scheme: 'https' });
      const { socket } = await openWebSocket(port, '/', { ca, headers: { Host: 'app.internal' } });
      await say(socket, 'hello');

      const closed = Promise.all([once(socket, 'close'), once(chat.sockets[0]!, 'close')]);
      await balancer.close({ grace });

      expect((await closed).map(([code]) => code as number)).toEqual([1001, 1001]);
      await becomesLonely(server);
    },
  );
});
