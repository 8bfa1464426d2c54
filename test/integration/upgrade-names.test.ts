import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { attachUpgrades, createBalancer } from '../../src/index.ts';
import { startBackend } from '../support/backend.ts';
import { closeFronts, silent } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { closeRawClients, RawClient } from '../support/raw-client.ts';

afterEach(async () => {
  closeRawClients();
  await closeFronts();
  await tidyUp();
});

// Node's lenient parser takes these for the field's name. Handed in again with the field still there, such a request would
// come back as an upgrade for ever, in one turn of the event loop: one client would end the process.
test.each(['Upgrade', 'Upgrade ', 'UPGRADE  '])(
  'an upgrade that nobody knows is served once without the switch, though its field is called %j',
  async (name) => {
    const backend = await startBackend('b');
    const balancer = createBalancer({ ...silent, members: [backend.url] });
    const server = createServer({ insecureHTTPParser: true });
    let upgrades = 0;
    server.on('request', (req, res) => {
      balancer(req, res, () => res.writeHead(400).end());
    });
    server.on('upgrade', (_req, socket) => {
      // Fails, rather than to go on until there is no memory.
      if (++upgrades > 5) socket.destroy(new Error('again and again'));
      if (upgrades > 10) throw new Error('the same upgrade comes back for ever');
    });
    attachUpgrades(server, (req, res) => {
      server.emit('request', req, res);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const client = await RawClient.connect((server.address() as AddressInfo).port);
      client.send(['GET /ws HTTP/1.1', 'Host: a', 'Connection: Upgrade', `${name}: nothing-known`]);
      const answer = await client.readAnswer();
      expect([answer.status, answer.body]).toEqual([200, 'b']);
      expect([upgrades, backend.received.map(({ url }) => url)]).toEqual([1, ['/ws']]);
    } finally {
      server.closeAllConnections();
      server.close();
      await balancer.close();
    }
  },
);
