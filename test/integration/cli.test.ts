import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import express, { type Express } from 'express';
import { WebSocket } from 'ws';
import type { ExitCode } from '../../src/cli/io.ts';
import * as confLibrary from '../../src/httpd-conf/index.ts';
import * as library from '../../src/index.ts';
import * as managerLibrary from '../../src/manager/index.ts';
import { ask, type Told } from '../support/ask.ts';
import { startBackend, stopBackends, type Backend } from '../support/backend.ts';
import { start, type Session } from '../support/command.ts';
import { until } from '../support/idle.ts';
import { startChat } from '../support/websocket.ts';
import { runModule } from '../unit/httpd-conf/convert/support.ts';

const main = join(import.meta.dirname, '../../src/cli/main.ts');
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

afterEach(stopBackends);

function writeConf(conf: string, name = 'httpd.conf'): string {
  const file = join(folder, name);
  writeFileSync(file, conf);
  return file;
}

async function call(
  args: readonly string[],
  input?: string,
): Promise<Readonly<{ out: string; err: string; code: ExitCode }>> {
  const session = start(args, input);
  const code = await session.code;
  return { ...session.said, code };
}

const confOf = (backend: Backend, more = ''): string => `<Proxy balancer://mycluster>
  BalancerMember ${backend.url} route=app1
  ProxySet stickysession=BALANCEID
</Proxy>
ProxyPass /app balancer://mycluster/sub
${more}`;

describe('serve', () => {
  const sessions: Session[] = [];

  /** Serves a file on a port of the system's choice. */
  async function serve(
    file: string,
    ...options: readonly string[]
  ): Promise<Session & Readonly<{ port: number }>> {
    const session = start(['serve', file, '--listen', '127.0.0.1:0', ...options]);
    sessions.push(session);
    const listening = (): string | undefined =>
      /listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(session.said.err)?.[1];
    let ended: ExitCode | undefined;
    void session.code.then((code) => (ended = code));
    await until(() => listening() !== undefined || ended !== undefined);
    expect({ ended, err: session.said.err }).toMatchObject({ ended: undefined });
    return { ...session, port: Number(listening()) };
  }

  afterEach(async () => {
    for (const session of sessions.splice(0)) {
      session.signal('SIGTERM');
      await session.code;
    }
  });

  test('proxies as the configuration says, and answers the rest by itself', async () => {
    const backend = await startBackend('app1');
    const { port, said } = await serve(writeConf(confOf(backend, 'LogLevel warn')));
    const told = await ask(port, { path: '/app/x?y=1' });
    expect([told.status, told.text]).toEqual([200, 'app1']);
    expect(backend.received[0]!.url).toBe('/sub/x?y=1');
    expect((await ask(port, { path: '/other' })).status).toBe(404);
    expect(said.err).toContain('LogLevel warn');
    expect(said.err).not.toContain('✓ taken');
    expect(said.err).toContain('  /app -> balancer mycluster/sub (');
    expect(said.out).toBe('');
  });

  test('a member that is down is told without a stack', async () => {
    const backend = await startBackend();
    const { port } = await serve(writeConf(confOf(backend)));
    await backend.stop();
    const { status, text: page } = await ask(port, { path: '/app', headers: { Accept: 'text/html' } });
    expect(status).toBe(503);
    expect(page).toContain('<h1>503 Service Unavailable</h1>');
    expect(page).not.toMatch(/\bat \S+:\d+|127\.0\.0\.1/);
  });

  test('--log tells of each request why it went where it went', async () => {
    const backend = await startBackend();
    const { port, said } = await serve(writeConf(confOf(backend)), '--log');
    await ask(port, {
      path: '/app/x?secret',
      headers: { Cookie: 'BALANCEID=1.app1', Host: 'www.example.com' },
    });
    await ask(port, { path: '/other' });
    await until(() => said.out.split('\n').length === 3);
    expect(said.out).toMatch(
      /^\S+ GET www\.example\.com \/app\/x 200 \d+ms balancer=mycluster member=app1 why="bound by BALANCEID to route app1"\n\S+ GET 127\.0\.0\.1:\d+ \/other 404 \d+ms balancer=- member=- why="nothing is mounted there"\n$/,
    );
  });

  test('WebSockets travel through it', async () => {
    const chat = await startChat();
    const { port } = await serve(writeConf(confOf(chat)));
    const socket = new WebSocket(`ws://127.0.0.1:${port}/app/chat`);
    const message = once(socket, 'message');
    await once(socket, 'open');
    socket.send('hello');
    expect(String((await message)[0])).toBe('hello');
    const closed = once(socket, 'close');
    socket.close();
    await closed;
  });

  test('SIGHUP reads the file again; what is under way ends by the old one', async () => {
    let release = (): void => undefined;
    const old = await startBackend('old', (_req, res) => {
      release = () => void res.end('old');
    });
    const fresh = await startBackend('new');
    const file = writeConf(confOf(old));
    const session = await serve(file);
    const slow = ask(session.port, { path: '/app' });
    await until(() => old.received.length === 1);
    writeConf(confOf(fresh));
    session.signal('SIGHUP');
    await until(() => session.said.err.includes('read again'));
    expect((await ask(session.port, { path: '/app' })).text).toBe('new');
    release();
    expect((await slow).text).toBe('old');
  });

  test('SIGHUP with a wrong file tells what is wrong, and all stays as it was', async () => {
    const backend = await startBackend('app1');
    const session = await serve(writeConf(confOf(backend)));
    writeConf('<Proxy balancer://mycluster>\n');
    session.signal('SIGHUP');
    await until(() => session.said.err.includes('all stays as it was'));
    expect(session.said.err).toMatch(/httpd\.conf:1:1: .*\n {2}<Proxy balancer:\/\/mycluster>\n {2}\^/);
    expect((await ask(session.port, { path: '/app' })).text).toBe('app1');
  });

  test('SIGTERM lets requests end, and takes no more', async () => {
    let release = (): void => undefined;
    const backend = await startBackend('app1', (_req, res) => {
      release = () => void res.end('late');
    });
    const { port, code, signal, said } = await serve(writeConf(confOf(backend)));
    const slow = ask(port, { path: '/app' });
    await until(() => backend.received.length === 1);
    signal('SIGTERM');
    await until(() => said.err.includes('ending'));
    await expect(ask(port)).rejects.toThrow('ECONNREFUSED');
    release();
    expect((await slow).text).toBe('late');
    expect(await code).toBe(0);
  });

  test('a second signal ends at once', async () => {
    const backend = await startBackend('app1', () => undefined);
    const { port, code, signal, said } = await serve(writeConf(confOf(backend)));
    const slow = ask(port, { path: '/app' }).catch((error: unknown) => error);
    await until(() => backend.received.length === 1);
    signal('SIGINT');
    await until(() => said.err.includes('ending'));
    signal('SIGINT');
    expect(await code).toBe(0);
    expect((await slow) as Told | Error).not.toHaveProperty('status', 200);
  });

  test('a port that somebody has is one clear line, and nothing is left running', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const backend = await startBackend();
    const { code, err } = await call(['serve', writeConf(confOf(backend)), '--listen', `127.0.0.1:${port}`]);
    expect([code, err]).toEqual([
      1,
      `error: cannot listen on 127.0.0.1:${port}: the port is taken; write another one, such as --listen ${port + 1}\n`,
    ]);
    other.close();
  });

  test('standard input is served, and is not read again', async () => {
    const backend = await startBackend('app1');
    const session = start(['serve', '-', '--listen', '127.0.0.1:0'], confOf(backend));
    sessions.push(session);
    await until(() => session.said.err.includes('listening'));
    session.signal('SIGHUP');
    await until(() => session.said.err.includes('cannot be read again'));
  });
});

describe('check', () => {
  test('exits with 0 when all is taken, and with 1 when something is dropped', async () => {
    const backend = await startBackend();
    const whole = await call(['check', '-'], confOf(backend));
    expect([whole.code, whole.err]).toEqual([0, '']);
    expect(whole.out).toContain('✓ taken');
    expect(whole.out).toContain('0 dropped\n');
    const { code, out } = await call(['check', '-', '--quiet'], confOf(backend, 'LogLevel warn\n'));
    expect(code).toBe(1);
    expect(out).toContain('✗ dropped');
    expect(out).not.toContain('✓ taken');
  });

  test('tells which member a request would get, and sends nothing', async () => {
    const backend = await startBackend();
    const { out, code } = await call(
      ['check', '-', '--json', '--url', 'http://h/app/x', '--cookie', 'BALANCEID=1.app1'],
      confOf(backend).replace('route=app1', 'route=app1 hcmethod=GET hcinterval=1'),
    );
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      sum: { dropped: 0 },
      request: {
        balancer: 'mycluster',
        member: 'app1',
        memberUrl: `${backend.url}/sub/x`,
        mount: { line: 5 },
      },
    });
    expect(backend.connections()).toBe(0);
  });

  test('a wrong configuration is shown with its line and a caret', async () => {
    const { code, out, err } = await call(['check', '-'], 'ProxyPass /app\n');
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/httpd\.conf:1:\d+: .*\n {2}ProxyPass \/app\n +\^/);
    const { out: json } = await call(['check', '-', '--json'], 'ProxyPass /app\n');
    expect(JSON.parse(json)).toMatchObject({ problems: [{ line: 1 }] });
  });

  test('names are defined by -D', async () => {
    const conf = '<IfDefine TEST>\nLogLevel ${LEVEL}\n</IfDefine>\n';
    expect((await call(['check', '-'], conf)).code).toBe(0);
    const { code, out } = await call(['check', '-', '-DTEST', '-D', 'LEVEL=debug'], conf);
    expect(code).toBe(1);
    expect(out).toContain('LogLevel');
  });

  test('a file that is not there is told by its name', async () => {
    const { code, err } = await call(['check', join(folder, 'nothing.conf')]);
    expect(code).toBe(1);
    expect(err).toContain('nothing.conf');
    expect(err).not.toContain('    at ');
  });
});

describe('convert', () => {
  test('prints a module, and tells beside it what is different or dropped', async () => {
    const backend = await startBackend();
    const { code, out, err } = await call(['convert', '-'], confOf(backend, 'LogLevel warn\n'));
    expect(code).toBe(0);
    expect(out).toContain('// Made from standard input by');
    expect(out).toContain('export const mycluster = createBalancer({');
    expect(err).toContain('LogLevel warn');
    expect(err).toContain('1 dropped\n');
  });

  test('--output writes it to a file, and one that cannot be written is told', async () => {
    const backend = await startBackend();
    const output = join(folder, 'balancers.ts');
    const { out } = await call(['convert', '-', '--output', output], confOf(backend));
    expect(out).toBe('');
    expect(readFileSync(output, 'utf8')).toContain('createBalancer({');
    const failed = await call(['convert', '-', '-o', join(folder, 'no/where.ts')], confOf(backend));
    expect(failed.code).toBe(1);
    expect(failed.err).toMatch(/^error: .*where\.ts: no such file or directory\n$/m);
  });
});

describe('a converted module', () => {
  const modules = {
    'express-proxy-balancer': library,
    'express-proxy-balancer/manager': managerLibrary,
    'express-proxy-balancer/httpd-conf': confLibrary,
  };

  test.each([
    ['in Express alone', ''],
    ['with rules that Express has not', 'ProxyPass /app/private !\n'],
  ])('proxies as the configuration does, %s', async (_how, more) => {
    const backend = await startBackend('app1');
    const conf = `${more}${confOf(backend)}\nProxyPass /slash/ balancer://mycluster/\n<Location /manager>\nSetHandler balancer-manager\n</Location>\n`;
    const { out } = await call(['convert', '-'], conf);
    const { mount, mycluster } = runModule(out, modules) as {
      mount: (app: Express, options: managerLibrary.ManagerOptions) => unknown;
      mycluster: library.Balancer;
    };
    const app = express();
    mount(app, { authorize: () => true });
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    for (const path of ['/app/x?y=1', '/slash/z', '/app/private/x']) await ask(port, { path });
    const asked = backend.received.map(({ url }) => url);
    expect(asked).toEqual(more === '' ? ['/sub/x?y=1', '/z', '/sub/private/x'] : ['/sub/x?y=1', '/z']);
    expect((await ask(port, { path: '/manager/' })).text).toContain('mycluster');
    expect(mycluster.view().map(({ route }) => route)).toEqual(['app1']);
    server.close();
    await mycluster.close();
  });
});

describe('how it is called', () => {
  test.each([
    [['--help'], 'Commands:'],
    [['-h'], 'Commands:'],
    [['help', 'serve'], '--listen [ADDRESS:]PORT'],
    [['serve', '--help'], '--listen [ADDRESS:]PORT'],
    [['convert', '--help'], '--output FILE'],
    [['check', '-h', 'x'], '--url URL'],
  ])('%j prints help that fits a terminal', async (args, said) => {
    const { code, out, err } = await call(args);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain(said);
    expect(Math.max(...out.split('\n').map(({ length }) => length))).toBeLessThan(100);
  });

  test.each(['serve', 'convert', 'check'])('%s --help has one column for what options do', async (name) => {
    const { out } = await call([name, '--help']);
    const [, options = ''] = /\nOptions:\n([^]*?)\n(?:\n|$)/.exec(out)!;
    const columns = options.split('\n').map((line) => /^(?: +-.*? {2,}(?! )| +)/.exec(line)?.[0].length);
    expect(columns.length).toBeGreaterThan(4);
    expect(new Set(columns).size).toBe(1);
  });

  test('--version is that of the package', async () => {
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
      version: string;
    };
    expect(await call(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' });
  });

  test.each([
    [[], 'no command', '--help'],
    [['chek'], "'chek' is no command", '--help'],
    [['help', 'chek'], "'chek' is no command", '--help'],
    [['check'], 'check needs a FILE', 'check --help'],
    [['check', ''], 'check needs a FILE', 'check --help'],
    [['check', '-', '--quite'], 'write --quiet', 'check --help'],
    [['serve', '-', '--listen', 'x'], "--listen is 'x'", 'serve --help'],
    [['convert', '-', '--compat', 'ape'], "--compat is 'ape'", 'convert --help'],
  ])('%j is a wrong call', async (args, told, help) => {
    const { code, out, err } = await call(args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(told);
    expect(err).toContain(`See express-proxy-balancer ${help}\n`);
  });
});

describe('as a process', () => {
  function spawnMain(...args: readonly string[]): ChildProcess {
    return spawn(process.execPath, [main, ...args], {
      stdio: 'pipe',
      env: { ...process.env, FORCE_COLOR: '' },
    });
  }

  test('tells by its exit code, on the right streams, without colours', async () => {
    const child = spawnMain('check', '-');
    child.stdin!.end('LogLevel warn\n');
    const [out, err] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, 'exit')]);
    expect([child.exitCode, err]).toEqual([1, '']);
    expect(out).toContain('✗ dropped');
    expect(out).not.toContain('\u001b');
  });

  test('ends quietly when nobody reads on', async () => {
    const child = spawnMain('check', '-');
    child.stdout!.destroy();
    child.stdin!.end('LogLevel warn\n'.repeat(20_000));
    const [err] = await Promise.all([text(child.stderr!), once(child, 'exit')]);
    expect(err).toBe('');
  });

  test('serves until SIGTERM, and ends with 0', async () => {
    const backend = await startBackend('app1');
    const child = spawnMain('serve', writeConf(confOf(backend), 'process.conf'), '--listen', '127.0.0.1:0');
    let err = '';
    child.stderr!.on('data', (chunk: Buffer) => (err += chunk.toString()));
    const listening = (): string | undefined => /listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(err)?.[1];
    await until(() => listening() !== undefined || child.exitCode !== null);
    const port = Number(listening());
    expect((await ask(port, { path: '/app' })).text).toBe('app1');
    // A connection that is kept for the next request holds nobody up.
    const kept = request({
      port,
      host: '127.0.0.1',
      path: '/app',
      headers: { Connection: 'keep-alive' },
    }).end();
    const [res] = (await once(kept, 'response')) as [NodeJS.ReadableStream];
    res.resume();
    await once(res, 'end');
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
  });
});
