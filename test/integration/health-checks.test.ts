import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { HealthSettings, MemberSettings } from '../../src/definition/settings.ts';
import { createConnectionWatch } from '../../src/health/connection-watch.ts';
import { createHealthChecks, type HealthChecks } from '../../src/health/health-checks.ts';
import { judgeProbe } from '../../src/health/judge-probe.ts';
import { probe, type ProbeResult } from '../../src/health/probe.ts';
import type { Member } from '../../src/member/member.ts';
import { Status } from '../../src/member/status.ts';
import {
  deadUrl,
  listen,
  startBackend,
  startRawBackend,
  stopBackends,
  type Backend,
} from '../support/backend.ts';
import { makeCertificates } from '../support/certificates.ts';
import { faults, midAnswerFaults, startFaulty, type Fault, type MidAnswerFault } from '../support/faults.ts';
import { startGate } from '../support/gate.ts';
import { until } from '../support/idle.ts';
import { buildHealth, happen, makeLogger, makeMember, placeOf } from '../unit/health/support.ts';

const endings: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of endings.splice(0)) await end();
  await stopBackends();
});

type Target = Pick<Backend, 'port' | 'url'>;

function check(
  target: Target,
  health: Partial<HealthSettings> = {},
  settings: Partial<MemberSettings> = {},
  signal?: AbortSignal,
): Promise<ProbeResult> {
  const member = makeMember({ ...placeOf(target), ...settings });
  return probe(member.settings, buildHealth({ timeoutMs: 10_000, ...health }), signal);
}

/** What a check says in a log. */
async function tell(...args: Parameters<typeof check>): Promise<string> {
  const { passed, why } = judgeProbe(await check(...args), buildHealth());
  return `${passed ? 'passed' : 'failed'}: ${why}`;
}

async function placeOfDead(): Promise<Target> {
  const url = await deadUrl();
  return { url, port: Number(new URL(url).port) };
}

/** A server that counts the connections that are open. */
async function startCounted(server: Server): Promise<Backend & { open: () => number }> {
  let open = 0;
  server.on('connection', (socket: Socket) => {
    open += 1;
    socket.on('error', () => socket.destroy());
    socket.once('close', () => (open -= 1));
  });
  return { ...(await listen(server, [], () => 0)), open: () => open };
}

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine';

describe('what is sent', () => {
  const host = ['Host', 'app.internal:8080'] as const;

  test.each<[string, HealthSettings['request'], string, string]>([
    ['K1', { method: 'GET', version: '1.0' }, '/status', 'GET /status HTTP/1.0'],
    ['K2', { method: 'HEAD', version: '1.1' }, '/app/h', 'HEAD /app/h HTTP/1.1'],
    ['K3', { method: 'OPTIONS', version: '1.0' }, '*', 'OPTIONS * HTTP/1.0'],
    ['K4', { method: 'GET', version: '1.0' }, '/', 'GET / HTTP/1.0'],
    ['HEAD', { method: 'HEAD', version: '1.0' }, '/h?a=b%20c', 'HEAD /h?a=b%20c HTTP/1.0'],
    ['OPTIONS11', { method: 'OPTIONS', version: '1.1' }, '*', 'OPTIONS * HTTP/1.1'],
    ['OPTIONS11 of a path', { method: 'OPTIONS', version: '1.1' }, '/h', 'OPTIONS /h HTTP/1.1'],
    ['GET11', { method: 'GET', version: '1.1' }, '/h', 'GET /h HTTP/1.1'],
  ])('%s, to the byte', async (_name, request, target, line) => {
    const backend = await startRawBackend((socket) => socket.end(ok));
    expect(await tell(backend, { request, target, headers: [host] })).toBe('passed: 200');
    expect(backend.received.map(({ rawHeaders }) => rawHeaders)).toEqual([
      [`${line}\r\nHost: app.internal:8080\r\nConnection: close\r\n\r\n`],
    ]);
  });

  test('are the fields of the definition, in their order and spelling', async () => {
    const backend = await startRawBackend((socket) => socket.end(ok));
    const headers = [host, ['X-API-key', 'a b'], ['accept', '*/*'], ['User-Agent', 'checks']] as const;
    await check(backend, { request: { method: 'GET', version: '1.0' }, headers });
    expect(backend.received[0]!.rawHeaders[0]).toBe(
      'GET / HTTP/1.0\r\nHost: app.internal:8080\r\nX-API-key: a b\r\naccept: */*\r\nUser-Agent: checks\r\nConnection: close\r\n\r\n',
    );
  });

  test('goes over a connection of its own each time', async () => {
    const backend = await startBackend();
    for (let i = 0; i < 3; i += 1) await check(backend);
    expect(backend.received.map(({ connection }) => connection)).toEqual([0, 1, 2]);
  });

  test('is nothing but a connection for TCP, with an https member too', async () => {
    const bytes: Buffer[] = [];
    const server = await startCounted(
      createServer((socket) => socket.on('data', (data) => bytes.push(data))),
    );
    const health = { request: undefined };
    expect(await check(server, health)).toEqual({ kind: 'connected' });
    expect(await check({ ...server, url: server.url.replace('http', 'https') }, health)).toEqual({
      kind: 'connected',
    });
    await until(() => server.open() === 0);
    expect(bytes).toEqual([]);
  });
});

describe('an answer', () => {
  test('is read whole, where its body is looked at', async () => {
    const backend = await startBackend('a', (_req, res) => {
      res.writeHead(404, { 'X-Ready': 'no', 'Set-Cookie': ['a=1', 'b=2'] });
      res.write('sch');
      res.end('ön');
    });
    const result = await check(backend, { readsBody: true });
    expect(result).toMatchObject({
      kind: 'answered',
      answer: { status: 404, headers: { 'x-ready': 'no', 'set-cookie': ['a=1', 'b=2'] }, body: 'schön' },
    });
  });

  test.each(['HEAD', 'OPTIONS'] as const)('to %s has no body', async (method) => {
    const backend = await startBackend('a', (_req, res) => res.end('text'));
    const result = await check(backend, { request: { method, version: '1.1' }, readsBody: true });
    expect(result).toMatchObject({ kind: 'answered', answer: { status: 200, body: '' } });
  });

  test('keeps nothing of a body that is not looked at', async () => {
    const backend = await startBackend('a', (_req, res) => res.end('text'));
    expect(await check(backend)).toMatchObject({ kind: 'answered', answer: { status: 200, body: '' } });
  });

  test.each([
    ['keep-alive', 'HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 4\r\n\r\nfine'],
    ['HTTP/1.0 until it closes', 'HTTP/1.0 200 OK\r\n\r\nfine'],
    ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfine\r\n0\r\nX-End: 1\r\n\r\n'],
    ['after 1xx', `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n${ok}`],
  ])('may come as %s', async (name, text) => {
    const backend = await startRawBackend((socket) =>
      name === 'HTTP/1.0 until it closes' ? socket.end(text) : socket.write(text),
    );
    for (const version of ['1.0', '1.1'] as const) {
      const result = await check(backend, { request: { method: 'GET', version }, readsBody: true });
      expect(result).toMatchObject({ kind: 'answered', answer: { status: 200, body: 'fine' } });
    }
  });

  test.each([
    [true, 65_536],
    [false, 0],
  ])('without an end counts, and ends (body looked at: %s)', async (readsBody, length) => {
    let isOver = false;
    const backend = await startBackend('a', (_req, res) => {
      const piece = 'x'.repeat(10_000);
      // Node 26 calls back at once, with an error, before it tells that the connection is gone.
      const more = (error?: Error | null): void => {
        if (!isOver && !error) res.write(piece, more);
      };
      res.once('close', () => (isOver = true));
      more();
    });
    const result = await check(backend, { readsBody });
    expect(result.kind === 'answered' && result.answer.body.length).toBe(length);
    await until(() => isOver);
  });

  test('may have any head up to the length that the member may send to others', async () => {
    const backend = await startBackend('a', (_req, res) => res.setHeader('X', 'x'.repeat(30_000)).end());
    expect(await tell(backend)).toBe('failed: no answer: HPE_HEADER_OVERFLOW');
    expect(await tell(backend, {}, { maxHeadBytes: 65_536 })).toBe('passed: 200');
  });
});

describe('a member that does not answer', () => {
  test('is told from one that cannot be reached', async () => {
    const dead = await placeOfDead();
    expect(await tell(dead)).toBe('failed: no connection: ECONNREFUSED');
    expect(await tell(dead, { request: undefined })).toBe('failed: no connection: ECONNREFUSED');
    const settings = { hostname: 'nobody.invalid' };
    expect(await tell(dead, {}, settings)).toMatch(/^failed: no connection: (?:ENOTFOUND|EAI_AGAIN)$/);
  });

  const silent: readonly string[] = [
    'stays silent',
    'stalls in the head',
    'stalls in a counted body',
    'stalls in a chunked body',
    // Node waits for the answer that has to follow.
    'never ends its 1xx',
  ];

  // An answer that an ordinary request would refuse too.
  const names = [...Object.keys(faults), ...Object.keys(midAnswerFaults)] as (Fault | MidAnswerFault)[];
  const passing: readonly string[] = ['codes its answer'];

  test.each(names.filter((name) => !passing.includes(name)))('fails: it %s', async (fault) => {
    const backend = await startFaulty(fault);
    for (const version of ['1.0', '1.1'] as const) {
      const isSilent = silent.includes(fault);
      const timeoutMs = isSilent ? 100 : 10_000;
      const told = await tell(backend, { request: { method: 'GET', version }, timeoutMs });
      expect(told).toMatch(
        isSilent
          ? /^failed: timeout after 0\.1 s$/
          : /^failed: no (?:whole )?answer: (?:ECONN|HPE_|the connection)/,
      );
    }
  });

  test.each(['stays silent', 'stalls in the head', 'stalls in a counted body'] as const)(
    'is left when its time is over: it %s',
    async (fault) => {
      const write = { ...faults, ...midAnswerFaults }[fault];
      const server = await startCounted(createServer((socket) => socket.once('data', () => write(socket))));
      const began = performance.now();
      expect(await tell(server, { timeoutMs: 150 })).toBe('failed: timeout after 0.15 s');
      expect(performance.now() - began).toBeGreaterThanOrEqual(145);
      await until(() => server.open() === 0);
    },
  );

  test('has one time for all of it: dripping does not help', async () => {
    const server = await startCounted(
      createServer((socket) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n');
        const drip = setInterval(() => socket.write('x'), 20);
        socket.once('close', () => {
          clearInterval(drip);
        });
      }),
    );
    expect(await tell(server, { timeoutMs: 200 })).toBe('failed: timeout after 0.2 s');
    await until(() => server.open() === 0);
  });

  test('is left at once when the check is called off', async () => {
    const server = await startCounted(createServer((socket) => socket.resume()));
    const off = new AbortController();
    const result = check(server, {}, {}, off.signal);
    await until(() => server.open() === 1);
    off.abort();
    expect(await result).toMatchObject({ kind: 'failed', cause: { message: 'called off' } });
    await until(() => server.open() === 0);
    expect(await check(server, {}, {}, off.signal)).toMatchObject({ cause: { message: 'called off' } });
    expect(server.open()).toBe(0);
  });

  test('fails a check that cannot be sent, with the connection closed', async () => {
    const server = await startCounted(createServer((socket) => socket.resume()));
    expect(await tell(server, { target: '/a b' })).toBe('failed: no answer: ERR_UNESCAPED_CHARACTERS');
    expect(await tell(server, { headers: [['X', 'a\nb']] })).toBe('failed: no answer: ERR_INVALID_CHAR');
    await until(() => server.open() === 0);
  });
});

describe('TLS', () => {
  test('shakes hands, with a name where there is one, and takes what is trusted', async () => {
    const { ca, server: certified } = await makeCertificates();
    const names: unknown[] = [];
    const server = createHttpsServer(certified, (req, res) => {
      names.push((req.socket as Socket & { servername?: unknown }).servername);
      res.end('ok');
    });
    const backend = await listen(server, [], () => 0, { scheme: 'https' });
    expect(await tell(backend, {}, { tls: { ca } })).toBe('passed: 200');
    expect(await tell(backend, {}, { tls: { ca, servername: 'app.internal' } })).toBe('passed: 200');
    expect(await tell(backend, {}, { tls: { ca }, hostname: 'localhost' })).toBe('passed: 200');
    const request = { method: 'GET', version: '1.0' } as const;
    expect(await tell(backend, { request }, { tls: { rejectUnauthorized: false } })).toBe('passed: 200');
    expect(names).toEqual([false, 'app.internal', 'localhost', false]);
  });

  test('tells a wrong certificate nothing, whatever is wrong with it', async () => {
    const { ca, otherCa, server: certified } = await makeCertificates();
    let requests = 0;
    const server = createHttpsServer(certified, (_req, res) => {
      requests += 1;
      res.end();
    });
    const backend = await listen(server, [], () => 0, { scheme: 'https' });
    expect(await tell(backend)).toBe('failed: no connection: UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    expect(await tell(backend, {}, { tls: { ca: otherCa } })).toMatch(/^failed: no connection: [A-Z_]+$/);
    expect(await tell(backend, {}, { tls: { ca, servername: 'other.internal' } })).toBe(
      'failed: no connection: ERR_TLS_CERT_ALTNAME_INVALID',
    );
    expect(await tell(backend, {}, { tls: { ca: 'no certificate', cert: 'x', key: 'y' } })).toMatch(
      /^failed: no connection: ERR_/,
    );
    expect(requests).toBe(0);
  });

  test('fails where none is spoken, or the handshake takes too long', async () => {
    const plain = await startBackend();
    expect(await tell({ ...plain, url: plain.url.replace('http', 'https') })).toMatch(
      /^failed: no connection: E/,
    );
    const gate = await startGate();
    const place = { url: gate.url, port: Number(new URL(gate.url).port) };
    expect(await tell(place, { timeoutMs: 150 }, { tls: { ca: gate.ca } })).toBe(
      'failed: timeout after 0.15 s',
    );
    await until(() => gate.waiting() === 0);
  });
});

describe('a unix socket', () => {
  test('is checked like a port, with TLS too', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'balancer-'));
    endings.push(() => {
      rmSync(folder, { recursive: true });
    });
    const { ca, server: certified } = await makeCertificates();
    const hosts: unknown[] = [];
    const answer: Parameters<typeof createHttpsServer>[1] = (req, res) => {
      hosts.push(req.headers.host);
      res.end();
    };
    const [path, securePath] = [join(folder, 'a.sock'), join(folder, 'b.sock')];
    await listen(createHttpServer(answer), [], () => 0, { path });
    await listen(createHttpsServer(certified, answer), [], () => 0, { path: securePath });
    const nowhere = { url: 'http://localhost', port: 1 };
    const host = { hostname: 'localhost' };
    expect(await tell(nowhere, {}, { ...host, socketPath: path })).toBe('passed: 200');
    expect(await tell(nowhere, { request: undefined }, { ...host, socketPath: path })).toBe(
      'passed: connected',
    );
    expect(
      await tell(
        { ...nowhere, url: 'https://localhost' },
        {},
        { ...host, socketPath: securePath, tls: { ca } },
      ),
    ).toBe('passed: 200');
    expect(hosts).toEqual(['app.internal', 'app.internal']);
    expect(await tell(nowhere, {}, { ...host, socketPath: join(folder, 'none.sock') })).toBe(
      'failed: no connection: ENOENT',
    );
  });
});

type Story = Readonly<{ checks: HealthChecks; members: Member[]; told: string[] }>;

function startChecks(...members: Member[]): Story {
  const told: string[] = [];
  const checks = createHealthChecks({
    view: () => members,
    report(member, event, why) {
      told.push(`${event}: ${why}`);
      happen(
        members.find((each) => each === member)!,
        event,
      );
    },
    random: Math.random,
    logger: makeLogger().logger,
  });
  endings.push(checks.close);
  checks.sync();
  return { checks, members, told };
}

describe('health checks', () => {
  test('K9: a member that refuses fails with the third check, and passes when it is back', async () => {
    const backend = await startBackend();
    const health = buildHealth({ request: undefined, intervalMs: 50, fails: 3, passes: 2 });
    const { told } = startChecks(makeMember({ ...placeOf(backend), health }));
    await until(() => backend.connections() >= 2);
    expect(told).toEqual([]);
    await backend.stop();
    await until(() => told.length === 1);
    const before = backend.connections();
    await backend.start();
    await until(() => told.length === 2);
    expect(backend.connections() - before).toBeGreaterThanOrEqual(2);
    expect(told).toEqual(['checks-failed: no connection: ECONNREFUSED', 'checks-passed: connected']);
  });

  test('warm a new member up before it serves', async () => {
    const backend = await startBackend('a', (req, res) => {
      res.statusCode = req.url === '/app/cold' ? 500 : 200;
      res.end();
    });
    const health = buildHealth({ target: '/app/h', warmUp: ['/app/cold', '/app/two'], intervalMs: 100 });
    const member = makeMember({ ...placeOf(backend), health }, Status.healthCheckFailed);
    const { told } = startChecks(member);
    await until(() => told.length === 1);
    expect(told).toEqual(['checks-passed: 200']);
    expect(
      backend.received.map(({ method, url, headers }) => `${method} ${url} ${String(headers.host)}`),
    ).toEqual(['GET /app/h app.internal', 'GET /app/cold app.internal', 'GET /app/two app.internal']);
  });

  test('leave no connection behind when they are closed in the middle of one', async () => {
    const server = await startCounted(createServer((socket) => socket.resume()));
    const members = Array.from({ length: 5 }, () =>
      makeMember({ ...placeOf(server), health: buildHealth({ intervalMs: 20 }) }),
    );
    const { checks, told } = startChecks(...members);
    await until(() => server.open() === 5);
    await checks.close();
    await until(() => server.open() === 0);
    expect(told).toEqual([]);
  });

  test('do not keep a process running', async () => {
    const server = await startCounted(createServer((socket) => socket.resume()));
    const url = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
    const script = `
      import { createHealthChecks } from ${url('../../src/health/health-checks.ts')};
      import { createConnectionWatch } from ${url('../../src/health/connection-watch.ts')};
      import { buildHealth, makeMember, placeOf } from ${url('../unit/health/support.ts')};
      const place = placeOf({ port: ${server.port}, url: 'http://127.0.0.1' });
      const health = buildHealth({ intervalMs: 10, timeoutMs: 600_000 });
      const members = [makeMember({ ...place, health }), makeMember(place, 16)];
      const parts = { view: () => members, report() {}, random: () => 0, logger: console };
      createHealthChecks(parts).sync();
      createConnectionWatch(parts).start();
      setTimeout(() => console.log('the last'), 300);
    `;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      timeout: 20_000,
    });
    expect(stdout).toBe('the last\n');
  });
});

describe('a watch for connections', () => {
  test('tells that a member listens again', async () => {
    const backend = await startBackend();
    await backend.stop();
    const member = makeMember(placeOf(backend), Status.inError);
    const told: string[] = [];
    const watch = createConnectionWatch({
      view: () => [member],
      report(_member, event, why) {
        told.push(`${event}: ${why}`);
        happen(member, event);
      },
      random: Math.random,
      logger: makeLogger().logger,
    });
    endings.push(watch.stop);
    watch.start();
    await backend.start();
    await until(() => told.length > 0);
    expect(told).toEqual(['checks-passed: connected']);
    expect(member.state.errorAt).toBeUndefined();
    expect(backend.begun).toEqual([]);
  });
});
