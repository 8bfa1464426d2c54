import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import express from 'express';
import { findFreePort } from '../../bench/rig/free-port.ts';
import type { Balancer } from '../../src/index.ts';
import { createManager, type Manager } from '../../src/manager/index.ts';
import { listen, startBackend, stopBackends, type Backend } from '../support/backend.ts';
import { openGuide } from '../support/guide.ts';
import { until } from '../support/idle.ts';
import { requestTarget } from '../support/request-target.ts';
import { findFaults, startEcho, startTraffic } from '../support/traffic.ts';
import { closeWebSockets, openWebSocket, startChat } from '../support/websocket.ts';

const guide = openGuide('docs/zero-downtime-deploys.md');
const root = join(import.meta.dirname, '../..');
const ending: (() => unknown)[] = [];

afterEach(async () => {
  closeWebSockets();
  for (const end of ending.splice(0)) await end();
  await guide.close();
  await stopBackends();
});
afterAll(guide.expectAllRun);

function place(backends: readonly Backend[]): Readonly<Record<string, string>> {
  return Object.fromEntries(backends.map(({ url }, i) => [`http://localhost:${4001 + i}`, url]));
}

/** Runs a block that mounts a balancer, or makes one, and serves it. */
async function serve(heading: string, nth: number, backends: readonly Backend[], cut = '') {
  const app = express();
  const replace = { ...place(backends), ...(cut && { [cut]: '' }) };
  const isMade = guide.findSnippet(heading, nth).includes('const balancer');
  const { balancer } = guide.run(heading, nth, {
    names: { app },
    replace,
    wanted: isMade ? ['balancer'] : [],
  });
  if (isMade) app.use(balancer as Balancer);
  const port = await guide.keep(app.listen(0, '127.0.0.1'));
  const ask = async (headers = {}): Promise<string> => (await requestTarget(port, '/', { headers })).body;
  return { balancer: balancer as Balancer, port, ask };
}

describe('by script', () => {
  const [script] = guide.findSnippets('sh').map(({ code }) => code) as [string];

  /** The front of the page over two backends, and what a restart by ssh is here. */
  async function startCluster(first?: Backend, tries = 300) {
    const backends = [first ?? (await startEcho('app1')), await startEcho('app2')];
    const managers: Manager[] = [];
    const modules = {
      'express-proxy-balancer/manager': {
        createManager: (options: Parameters<typeof createManager>[0]) => {
          const manager = createManager({ ...options, logger: false });
          managers.push(manager);
          return manager;
        },
      },
    };
    const replace = { ...place(backends), 'listen(8080)': "listen(0, '127.0.0.1')" };
    const { server } = guide.run('By script', 0, { modules, replace, wanted: ['server'] });
    const port = await guide.keep(server as Server);
    const [manager] = managers as [Manager];
    ending.push(() => {
      manager.close();
    });
    const restarted: string[] = [];
    const ssh = createServer((req, res) => {
      const member = req.url!.slice(1);
      const backend = backends[member === 'app1' ? 0 : 1]!;
      const { busy, status } = guide.balancers[0]!.view().find(({ name }) => name === member)!;
      restarted.push(`${member} ${status} ${busy}`);
      void backend
        .stop()
        .then(() => backend.start())
        .then(() => res.end());
    });
    const control = await listen(ssh, [], () => 0);
    const run = (...members: readonly string[]) => {
      const replacements = {
        'localhost:8080': `127.0.0.1:${port}`,
        'ssh "$member" sudo systemctl restart app': `curl -sf "${control.url}/$member"`,
        'http://$1:3000/healthz': `${control.url.replace(/\d+$/, String(backends[0]!.port))}/healthz`,
        'sleep 1': 'sleep 0.1',
        'within 300': `within ${tries}`,
      };
      const text = Object.entries(replacements).reduce((result, [from, to]) => {
        expect(result).toContain(from);
        return result.replaceAll(from, to);
      }, script);
      const folder = mkdtempSync(join(tmpdir(), 'rolling-'));
      ending.push(() => {
        rmSync(folder, { recursive: true });
      });
      writeFileSync(join(folder, 'rolling.sh'), text);
      return promisify(execFile)('sh', [join(folder, 'rolling.sh'), ...members]);
    };
    return { backends, port, manager, restarted, run };
  }

  test('restarts each member in turn, empty and disabled, and no request is lost or executed twice', async () => {
    const { backends, port, manager, restarted, run } = await startCluster();
    const traffic = startTraffic(port);
    await traffic.goesOn();
    await run('app1', 'app2');
    await traffic.goesOn();
    const exchanges = await traffic.stop();
    expect(findFaults(exchanges, backends)).toEqual([]);
    expect(restarted).toEqual(['app1 ND 0', 'app2 ND 0']);
    expect(guide.balancers[0]!.view().map(({ status }) => status)).toEqual(['', '']);
    expect(manager.changes().map(({ state }) => state)).toEqual(Array(4).fill('undone'));
  }, 60_000);

  test('ends at the first refusal, before anything is restarted, and says what the API has said', async () => {
    const { restarted, run } = await startCluster();
    await expect(run('app9', 'app1')).rejects.toMatchObject({
      code: 22,
      stderr: expect.stringMatching(/returned error: 404\n.*app9/s) as unknown,
    });
    expect(restarted).toEqual([]);
  });

  test('and likewise where there is no manager to begin with', async () => {
    const { manager, restarted, run } = await startCluster();
    manager.close();
    await expect(run('app1')).rejects.toMatchObject({
      code: 22,
      stderr: expect.stringContaining('returned error: 503') as unknown,
    });
    expect(restarted).toEqual([]);
  });

  test('ends where a member does not come to be idle, and does not restart it', async () => {
    const hanging = await startBackend('app1', () => undefined);
    const { port, restarted, run } = await startCluster(hanging, 3);
    const asked = requestTarget(port, '/');
    await until(() => guide.balancers[0]!.view()[0]!.busy === 1);
    await expect(run('app1', 'app2')).rejects.toMatchObject({ code: 1, stderr: 'in vain: isIdle app1\n' });
    expect(restarted).toEqual([]);
    expect(guide.balancers[0]!.view().map(({ status }) => status)).toEqual(['ND', '']);
    await hanging.stop();
    await asked;
  });
});

test('by program: each member is restarted empty, and no request is lost or executed twice', async () => {
  const backends = [await startEcho('app1'), await startEcho('app2')];
  const restarted: string[] = [];
  let front: Balancer | undefined;
  const app = express();
  app.use((req, res, next) => {
    if (front) front(req, res, next);
    else next();
  });
  const port = await guide.keep(app.listen(0, '127.0.0.1'));
  const restart = async (member: string): Promise<void> => {
    const backend = backends[member === 'app1' ? 0 : 1]!;
    const { busy, status } = front!.view().find(({ name }) => name === member)!;
    restarted.push(`${member} ${status} ${busy}`);
    await backend.stop();
    await traffic!.goesOn();
    await backend.start();
  };
  let traffic: ReturnType<typeof startTraffic> | undefined;
  const begin = async (balancer: Balancer): Promise<void> => {
    front = balancer;
    traffic = startTraffic(port);
    await traffic.goesOn();
  };
  await guide.runWaiting('By program', 0, {
    names: { restart, begin },
    replace: {
      ...place(backends),
      "idle: '10s'": "idle: '100ms'",
      'for (const member': 'await begin(balancer);\nfor (const member',
    },
  });
  await traffic!.goesOn();
  expect(findFaults(await traffic!.stop(), backends)).toEqual([]);
  expect(restarted).toEqual(['app1 ND 0', 'app2 ND 0']);
  expect(front!.view().map(({ status }) => status)).toEqual(['', '']);
});

test('a member that announces its end is left before it stops, and nothing is lost', async () => {
  const other = await startEcho('other');
  const port = await findFreePort();
  const handlers: (() => void)[] = [];
  const timers: (() => void)[] = [];
  const { server } = guide.run('Members that announce their end', 0, {
    names: {
      process: { once: (_signal: string, handler: () => void) => handlers.push(handler) },
      setTimeout: (call: () => void) => timers.push(call),
    },
    replace: { 'listen(4001)': `listen(${port}, '127.0.0.1')` },
    wanted: ['server'],
  });
  await guide.keep(server as Server);
  const app = express();
  guide.run('Members that announce their end', 1, {
    names: { app },
    replace: {
      'http://localhost:4001': `http://127.0.0.1:${port}`,
      'http://localhost:4002': other.url,
      "'2s'": "'100ms'",
    },
  });
  const ask = await guide.serve(app);
  const [balancer] = guide.balancers as [Balancer];
  await until(() => other.received.some(({ url }) => url === '/cart'));
  await until(() => balancer.view()[0]!.elected > 0 || (void ask('/'), false));
  handlers[0]!();
  await until(() => balancer.view()[0]!.status.includes('C'));
  const { elected } = balancer.view()[0]!;
  timers[0]!();
  for (let i = 0; i < 4; i += 1) expect((await ask('/x')).headers['x-backend']).toBe('other');
  expect(balancer.view()[0]!.elected).toBe(elected);
});

describe('two versions', () => {
  test('green takes over when it is told to, sessions of blue stay, and blue goes on when green fails', async () => {
    const backends = [await startBackend('blue'), await startBackend('green')];
    const cut = guide.findSnippet('Blue and green').split('\n').slice(-3).join('\n');
    const { balancer, ask } = await serve('Blue and green', 0, backends, cut);
    const bound = { Cookie: 'ROUTEID=blue' };
    expect([await ask(), await ask(), await ask(bound)]).toEqual(['blue', 'blue', 'blue']);
    balancer.change('blue', { lbset: 2 });
    expect([await ask(), await ask(), await ask(bound)]).toEqual(['green', 'green', 'blue']);
    await backends[1]!.stop();
    expect(await ask()).toBe('blue');
    await backends[1]!.start();
    balancer.change('green', '-E');
    balancer.change('blue', { lbset: 0 });
    expect(await ask()).toBe('blue');
  });

  test('the lines of the page change it so, and drain blue', async () => {
    const backends = [await startBackend('blue'), await startBackend('green')];
    await guide.runWaiting('Blue and green', 0, { replace: place(backends) });
    expect(guide.balancers[0]!.view()).toMatchObject([
      { lbset: 2, status: 'N' },
      { lbset: 1, status: '' },
    ]);
  });

  test('a canary gets its share of new clients, and keeps them', async () => {
    const backends = [await startBackend('stable'), await startBackend('canary')];
    const { ask } = await serve('Canary', 0, backends);
    const answers: string[] = [];
    for (let i = 0; i < 109; i += 1) answers.push(await ask());
    // 99 to 10, which the last line has made of it.
    expect(answers.filter((answer) => answer === 'canary')).toHaveLength(10);
    const Cookie = 'ROUTEID=canary';
    expect([await ask({ Cookie }), await ask({ Cookie })]).toEqual(['canary', 'canary']);
    guide.balancers[0]!.change('canary', 'disabled');
    expect(await ask({ Cookie })).toBe('stable');
  });

  test('a canary for those who ask for it, and a stable one for them where it fails', async () => {
    const backends = await Promise.all(
      ['stable-1', 'stable-2', 'canary-1'].map((name) => startBackend(name)),
    );
    const { ask } = await serve('Canary', 1, backends);
    const beta = { 'X-Beta': 'yes' };
    expect([await ask(beta), await ask(beta)]).toEqual(['canary-1', 'canary-1']);
    for (let i = 0; i < 4; i += 1) expect(await ask()).toMatch(/^stable/);
    await backends[2]!.stop();
    expect(await ask(beta)).toMatch(/^stable/);
  });
});

describe('the front itself', () => {
  /** The page's files, in processes of their own; `main.ts` or `front.ts` alone. */
  async function startProcess(
    file: 'main.ts' | 'front.ts',
    backends: readonly Backend[],
    times: Readonly<Record<string, string>>,
  ) {
    const port = await findFreePort();
    const folder = mkdtempSync(join(tmpdir(), 'deploy-'));
    const url = (path: string): string => pathToFileURL(join(root, path)).href;
    const replacements = {
      ...place(backends),
      ...times,
      "'express-proxy-balancer'": `'${url('src/index.ts')}'`,
      "'express'": `'${url('node_modules/express/index.js')}'`,
      'app.listen(8080)': `app.listen(${port}, '127.0.0.1', () => console.log('listening', process.pid))`,
    };
    const front = Object.entries(replacements).reduce((text, [from, to]) => {
      expect(text).toContain(from);
      return text.replaceAll(from, to);
    }, guide.take('The front itself'));
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(folder, 'front.ts'), front);
    writeFileSync(join(folder, 'main.ts'), guide.take('The front itself', 1));
    const child: ChildProcess = spawn(process.execPath, [file], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout!, child.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => (said += text));
    const exited = once(child, 'exit');
    ending.push(async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await exited;
      rmSync(folder, { recursive: true });
    });
    const pids = (): readonly string[] => [...said.matchAll(/listening (\d+)/g)].map(([, pid]) => pid!);
    await until(() => pids().length >= (file === 'main.ts' ? 2 : 1));
    return { port, child, exited, pids, said: () => said };
  }

  test('workers are replaced in turn on SIGHUP, and no request is lost or executed twice', async () => {
    const backends = [await startEcho('app1'), await startEcho('app2')];
    const { port, child, exited, pids, said } = await startProcess('main.ts', backends, {
      // Longer than the machine may pause between the connection of a client and its request.
      'setTimeout(1000)': 'setTimeout(2500)',
    });
    const before = pids();
    const traffic = startTraffic(port);
    await traffic.goesOn();
    child.kill('SIGHUP');
    await until(() => said().includes('All workers are new.'));
    await traffic.goesOn();
    expect(findFaults(await traffic.stop(), backends)).toEqual([]);
    expect(new Set(pids()).size).toBe(2 * before.length);
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  }, 60_000);

  test('SIGTERM lets what is under way end, tells WebSockets to go, and the process ends by itself', async () => {
    const chat = await startChat();
    let answer: (() => void) | undefined;
    const slow = await startBackend('slow', (_req, res) => (answer = () => res.end('at last')));
    const { port, child, exited } = await startProcess('front.ts', [slow, chat], {
      'setTimeout(1000)': 'setTimeout(1)',
      "grace: '20s'": "grace: '3s'",
    });
    const asked = requestTarget(port, '/');
    await until(() => answer !== undefined);
    const { socket } = await openWebSocket(port);
    const closed = once(socket, 'close');
    child.kill('SIGTERM');
    expect((await closed)[0]).toBe(1001);
    answer!();
    expect((await asked).body).toBe('at last');
    expect(await exited).toEqual([0, null]);
  }, 60_000);

  test('systemd waits longer than the grace, and speaks to the first process', () => {
    const { code } = guide.findSnippets('ini')[0]!;
    const grace = Number(/grace: '(\d+)s'/.exec(guide.findSnippet('The front itself'))![1]);
    expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(code)![1])).toBeGreaterThan(grace);
    expect(code).toMatch(/^KillMode=mixed$/m);
  });
});

test('the lines of shell are shell', () => {
  for (const { code } of guide.findSnippets('sh')) execFileSync('sh', ['-n'], { input: code });
});
