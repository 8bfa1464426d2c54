import { execFile } from 'node:child_process';
import { format, promisify } from 'node:util';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import createDebug from 'debug';
import { createBalancer, type Logger } from '../../src/index.ts';
import { ask } from '../support/ask.ts';
import { deadUrl, startBackend, startRawBackend, type Backend } from '../support/backend.ts';
import { senders } from '../support/front.ts';
import { startHandler } from '../support/handler.ts';
import { tidyUp, until } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';
import { startToldFront } from '../support/stories.ts';
import {
  closeWebSockets,
  openWebSocket,
  readRefusal,
  startChat,
  startUpgradeFront,
} from '../support/websocket.ts';

afterEach(async () => {
  jest.restoreAllMocks();
  closeWebSockets();
  await tidyUp();
});

/** Where warnings go, to be read. */
function listenIn(): Logger & { lines: string[] } {
  const lines: string[] = [];
  const note =
    (level: string) =>
    (...args: unknown[]): void => {
      lines.push(`${level}: ${format(...args)}`);
    };
  return { lines, info: note('info'), warn: note('warn'), error: note('error') };
}

/** A backend that promises more than it says. */
function startBreaking(): Promise<Backend> {
  return startRawBackend((socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf', () => socket.resetAndDestroy());
  });
}

describe.each(senders)('the log, over %s', (_name, sender) => {
  test('warns of an answer that a member has broken off', async () => {
    const [logger, backend] = [listenIn(), await startBreaking()];
    const front = await startToldFront({ ...sender, name: 'shop', members: [backend.url], logger });

    expect((await ask(front.port)).whole).toBe(false);

    expect(logger.lines).toEqual([expect.stringMatching(/^warn: \[shop\] http:\S+: cut in mid-answer, \S/)]);
    expect(logger.lines[0]).toContain(backend.url);
  });

  test('warns of an answer that was not whole within deadline', async () => {
    const logger = listenIn();
    const backend = await startBackend('slow', (_req, res) => res.write('half'));
    const front = await startToldFront({ ...sender, members: [backend.url], logger, deadline: '1s' });

    expect((await ask(front.port)).whole).toBe(false);

    expect(logger.lines).toEqual([`warn: [balancer] ${backend.url}: cut in mid-answer, deadline is over`]);
  });

  test('goes to the console where the definition does not say', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    const backend = await startBreaking();
    const balancer = createBalancer({ ...sender, members: [backend.url] });
    const { port } = await startHandler((req, res) => {
      balancer(req, res, () => res.end());
    });

    expect((await ask(port)).whole).toBe(false);

    expect(warn).toHaveBeenCalledTimes(1);
    await balancer.close();
  });

  test('goes nowhere with logger: false', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    const backend = await startBreaking();
    const front = await startToldFront({ ...sender, members: [backend.url], logger: false });

    expect((await ask(front.port)).whole).toBe(false);

    expect(warn).not.toHaveBeenCalled();
  });

  test('is silent about what others are told: errors, failovers, refusals, clients that leave, close', async () => {
    const logger = listenIn();
    const [backend, chat] = [await startBackend(), await startChat()];
    const hanging = await startBackend('hanging', (_req, res) => res.write('half'));
    const front = await startUpgradeFront({
      ...sender,
      logger,
      stickysession: 'SID',
      members: [
        { url: await deadUrl(), route: 'dead' },
        { url: backend.url, route: 'r1' },
        { url: chat.url, route: 'r2' },
        { url: hanging.url, route: 'r3' },
      ],
    });

    expect((await ask(front.port)).status).toBe(200);
    expect((await ask(front.port, { path: '/..%2fup' })).status).toBe(400);
    expect((await readRefusal(front.port, '/?SID=x.r1')).status).toBe(200);
    (await openWebSocket(front.port, '/?SID=x.r2')).socket.terminate();
    const leaving = await RawClient.connect(front.port);
    await leaving.send(['GET /?SID=x.r3 HTTP/1.1', 'Host: a']).readHead();
    leaving.socket.destroy();
    await until(() => front.balancer.view().every(({ busy }) => busy === 0));
    const cut = ask(front.port, { path: '/?SID=x.r3' });
    await until(() => front.member('r3').busy === 1);
    await front.balancer.close();
    await cut;
    expect((await ask(front.port)).status).toBe(503);

    expect(logger.lines).toEqual([]);
  });
});

describe('DEBUG', () => {
  test.each([
    ['request', [/ GET \/x: inbound$/, / bound to r9 by SID$/]],
    ['choice', [/ http:\S+, by method$/, / http:\S+, by method$/]],
    ['forward', [/ http:\S+: connect ECONNREFUSED, [\d.]+ ms$/, / http:\S+: answered 200, [\d.]+ ms$/]],
    ['member', [/ http:\S+: failed, .*status/]],
  ])('=express-proxy-balancer:%s prints its part, and nothing else', async (part, lines) => {
    const backend = await startBackend();
    const members = [await deadUrl(), { url: backend.url, route: 'r1' }];
    const front = await startToldFront({ members, stickysession: 'SID' });
    const printed: string[] = [];
    const { log } = createDebug;
    createDebug.log = (...args: unknown[]) => {
      printed.push(format(...args));
    };
    createDebug.enable(`express-proxy-balancer:${part}`);

    await ask(front.port, { path: '/x', headers: { Cookie: 'SID=abc.r9' } });

    createDebug.disable();
    createDebug.log = log;
    expect(printed).toEqual(lines.map((line) => expect.stringMatching(line)));
    for (const line of printed) expect(line).toContain(`express-proxy-balancer:${part}`);
  });
});

describe('a process', () => {
  const script = `
    import { createServer } from 'node:http';
    import { once } from 'node:events';
    import { createBalancer } from ${JSON.stringify(new URL('../../src/index.ts', import.meta.url).href)};

    const { BACKEND, DEAD } = process.env;
    for (const sender of [{}, { httpProxyMiddleware: {} }]) {
      const balancer = createBalancer({ ...sender, members: [DEAD, BACKEND], maxattempts: 1 });
      const server = createServer((req, res) => {
        balancer(req, res, (error) => res.writeHead(error.status).end());
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const url = 'http://127.0.0.1:' + server.address().port;
      const answers = [await fetch(url), await fetch(url + '/..%2f'), await fetch(url, { method: 'POST', body: 'x' })];
      await balancer.close();
      console.log(...answers.map(({ status }) => status));
      server.close();
      server.closeAllConnections();
    }
  `;

  const run = async (
    env: Readonly<Record<string, string>>,
  ): Promise<Readonly<{ stdout: string; stderr: string }>> => {
    const backend = await startBackend();
    return promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      cwd: new URL('../..', import.meta.url),
      env: { ...process.env, DEBUG: '', BACKEND: backend.url, DEAD: await deadUrl(), ...env },
      timeout: 25_000,
    });
  };

  test('prints nothing of its own accord', async () => {
    expect(await run({})).toEqual({ stdout: '200 400 200\n200 400 200\n', stderr: '' });
  });

  test('prints every decision with DEBUG=express-proxy-balancer:*', async () => {
    const { stdout, stderr } = await run({ DEBUG: 'express-proxy-balancer:*' });

    expect(stdout).toBe('200 400 200\n200 400 200\n');
    for (const part of ['request', 'choice', 'forward', 'member']) {
      expect(stderr).toContain(`express-proxy-balancer:${part} `);
    }
  });
});
