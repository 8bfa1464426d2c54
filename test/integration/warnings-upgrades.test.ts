import type { Server } from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import { attachUpgrades, type BalancerDefinition, type Logger } from '../../src/index.ts';
import { senders, startFront, type Front } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { closeWebSockets, openWebSocket, startChat } from '../support/websocket.ts';

afterEach(async () => {
  closeWebSockets();
  await tidyUp();
});

async function startLogged(
  definition: Partial<BalancerDefinition>,
  attach: (server: Server, front: Front) => void,
): Promise<Readonly<{ lines: string[]; front: Front }>> {
  const lines: string[] = [];
  const logger = { ...console, warn: (line: string) => void lines.push(line) } as Logger;
  const chat = await startChat();
  const front = await startFront({ members: [chat.url], logger, ...definition });
  attach(front.server, front);
  return { lines, front };
}

test.each(senders)('an upgrade that two listeners take is warned of once, over %s', async (_name, sender) => {
  const { lines, front } = await startLogged(sender, (server, { app }) => {
    attachUpgrades(server, app);
    // Who only looks on would be no trouble; nobody can see that.
    server.on('upgrade', () => undefined);
  });
  for (let i = 0; i < 2; i += 1) await openWebSocket(front.port);
  expect(lines).toEqual([
    expect.stringMatching(/besides that of attachUpgrades.*\(WARN_BALANCER_UPGRADE_CONTESTED\), see file:/),
  ]);
});

test.each(senders)('one that attachUpgrades alone takes is not, over %s', async (_name, sender) => {
  const { lines, front } = await startLogged(sender, (server, { app }) => {
    attachUpgrades(server, app);
  });
  await openWebSocket(front.port);
  expect(lines).toEqual([]);
});

test('two listeners that hand each path to its own taker are not', async () => {
  const { lines, front } = await startLogged({}, (server, { balancer }) => {
    server.on('upgrade', (req, socket, head) => {
      if (req.url === '/chat') balancer.upgrade(req, socket, head);
    });
    server.on('upgrade', (req, socket) => {
      if (req.url !== '/chat') socket.destroy();
    });
  });
  await openWebSocket(front.port, '/chat');
  expect(lines).toEqual([]);
});

test('it is not where the code is switched off', async () => {
  const warnings = { WARN_BALANCER_UPGRADE_CONTESTED: false };
  const { lines, front } = await startLogged({ warnings }, (server, { app }) => {
    attachUpgrades(server, app);
    server.on('upgrade', () => undefined);
  });
  await openWebSocket(front.port);
  expect(lines).toEqual([]);
});
