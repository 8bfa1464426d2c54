import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from '@jest/globals';
import { startBackend } from '../support/backend.ts';
import { senders } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { startChat } from '../support/websocket.ts';

afterEach(tidyUp);

describe.each(senders)('close, over %s,', (_name, sender) => {
  test('lets the process end by itself', async () => {
    const [backend, chat] = [await startBackend(), await startChat()];
    const definition = {
      ...sender,
      members: [backend.url, chat.url],
      deadline: '30s',
      upgradeTimeout: '30s',
    };
    const script = `
      import { once } from 'node:events';
      import { createServer } from 'node:http';
      import { WebSocket } from 'ws';
      import { attachUpgrades, createBalancer } from ${JSON.stringify(new URL('../../src/index.ts', import.meta.url).href)};

      const balancer = createBalancer(${JSON.stringify(definition)});
      const app = (req, res) => balancer(req, res, (error) => res.writeHead(error?.status ?? 404).end());
      const server = createServer(app).listen(0, '127.0.0.1');
      attachUpgrades(server, app);
      await once(server, 'listening');
      const { port } = server.address();
      const answer = await fetch('http://127.0.0.1:' + port + '/');
      const text = await answer.text();
      const socket = new WebSocket('ws://127.0.0.1:' + port + '/');
      await once(socket, 'open');
      const closed = once(socket, 'close');
      await balancer.close();
      server.close();
      server.closeAllConnections();
      await Promise.all([closed, once(server, 'close')]);
      process.once('exit', () => console.log(text, process.getActiveResourcesInfo().filter((kind) => /TCP|Timeout/.test(kind)).length));
    `;

    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      cwd: new URL('../..', import.meta.url),
      timeout: 4_000,
    });

    expect(stdout).toBe('backend 0\n');
  });
});
