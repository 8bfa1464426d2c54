import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from '@jest/globals';
import { startBackend, startRawBackend } from '../support/backend.ts';
import { senders } from '../support/front.ts';
import { startGate } from '../support/gate.ts';
import { tidyUp } from '../support/idle.ts';
import { startChat } from '../support/websocket.ts';

afterEach(tidyUp);

const index = JSON.stringify(new URL('../../src/index.ts', import.meta.url).href);

/** What a script writes, run by a process that ends when nothing is left for it to do. */
async function run(script: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    cwd: new URL('../..', import.meta.url),
    timeout: 20_000,
  });
  return stdout;
}

const countLeft = `
  const countLeft = () => process.getActiveResourcesInfo().filter((kind) => /TCP|TLS|Timeout/.test(kind)).length;
`;

describe.each(senders)('close, over %s,', (_name, sender) => {
  test('lets the process end by itself', async () => {
    const [backend, chat] = [await startBackend(), await startChat()];
    const definition = {
      ...sender,
      members: [backend.url, chat.url],
      deadline: '30s',
      upgradeTimeout: '30s',
    };
    const stdout = await run(`
      import { once } from 'node:events';
      import { createServer } from 'node:http';
      import { WebSocket } from 'ws';
      import { attachUpgrades, createBalancer } from ${index};
      ${countLeft}
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
      process.once('exit', () => console.log(text, countLeft()));
    `);

    expect(stdout).toBe('backend 0\n');
  });

  test.each(['stays', 'leaves'])(
    'lets the process end though a member has not shaken hands and the client %s',
    async (what) => {
      const gate = await startGate();
      const definition = {
        ...sender,
        logger: false,
        members: [{ url: gate.url, connectiontimeout: '10m', tls: { ca: gate.ca } }],
      };
      const stdout = await run(`
        import { once } from 'node:events';
        import { createServer } from 'node:http';
        import { connect } from 'node:net';
        import { createBalancer } from ${index};
        ${countLeft}
        const balancer = createBalancer(${JSON.stringify(definition)});
        const app = (req, res) => balancer(req, res, (error) => res.writeHead(error.status).end());
        const server = createServer(app).listen(0, '127.0.0.1');
        await once(server, 'listening');
        const client = connect(server.address().port, '127.0.0.1').resume();
        client.write('GET / HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n');
        while (balancer.view()[0].busy === 0) await new Promise(setImmediate);
        if (${what === 'leaves'}) {
          client.destroy();
          while (balancer.view()[0].busy > 0) await new Promise(setImmediate);
        }
        await balancer.close();
        server.close();
        process.once('exit', () => console.log(countLeft(), balancer.view()[0].busy));
      `);

      expect(stdout).toBe('0 0\n');
    },
  );

  // Without Express around them nobody catches what they throw.
  test('ends every request, though the first one’s error handler throws', async () => {
    const silent = await startRawBackend(() => undefined);
    const definition = { ...sender, logger: false, members: [silent.url] };
    const stdout = await run(`
      import { once } from 'node:events';
      import { createServer } from 'node:http';
      import { createBalancer } from ${index};
      const thrown = [];
      process.on('uncaughtException', (error) => thrown.push(error.message));
      const balancer = createBalancer(${JSON.stringify(definition)});
      let calls = 0;
      const server = createServer((req, res) => {
        balancer(req, res, (error) => {
          calls += 1;
          if (calls === 1) throw new Error('a mistake of the app');
          res.writeHead(error.status).end();
        });
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const url = 'http://127.0.0.1:' + server.address().port;
      const told = [];
      const ask = () => fetch(url).then(({ status }) => told.push(status), () => told.push('cut'));
      const asked = Promise.all([ask(), ask(), ask()]);
      while (balancer.view()[0].busy < 3) await new Promise(setImmediate);
      await balancer.close();
      while (told.length < 2) await new Promise(setImmediate);
      const { busy } = balancer.view()[0];
      server.close();
      server.closeAllConnections();
      await asked;
      console.log(JSON.stringify({ told, busy, calls, thrown }));
    `);

    expect(JSON.parse(stdout)).toEqual({
      told: [503, 503, 'cut'],
      busy: 0,
      calls: 3,
      thrown: ['a mistake of the app'],
    });
  });

  test('waits for the others, though nothing else keeps the process', async () => {
    const redis = JSON.stringify(new URL('../../src/redis/index.ts', import.meta.url).href);
    const stdout = await run(`
      import { redisState } from ${redis};
      const state = redisState({ url: 'redis://127.0.0.1:1', logger: false });
      await state.ready();
      console.log(state.status().kind);
      await state.close();
    `);
    expect(stdout).toBe('alone\n');
  });
});
