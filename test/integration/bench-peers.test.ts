import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { startMembers, type MemberKind, type Members } from '../../bench/members/start-members.ts';
import { expressAlone, peers, socketPipe } from '../../bench/peers/index.ts';
import type { Peer, Task } from '../../bench/peers/peer.ts';
import type { Running } from '../../bench/rig/running.ts';
import { until } from '../support/idle.ts';

type Stoppable = Readonly<{ stop(): Promise<void> }>;
const started: Stoppable[] = [];
const keep = <Kept extends Stoppable>(kept: Kept): Kept => {
  started.push(kept);
  return kept;
};

afterEach(async () => {
  await Promise.all(started.splice(0).map((each) => each.stop()));
});

describe.each(peers.map((peer) => [peer.name, peer] as const))('%s', (_name, peer) => {
  if (isMissing(peer)) return;

  test('relays a GET, and the body of a POST', async () => {
    const proxy = await startPeer(peer, { members: [await startEcho('a'), await startEcho('b')] });
    const answers = [await ask(proxy.port, {}), await ask(proxy.port, {})];
    expect(answers.map(({ status, text }) => `${status} ${text}`).sort()).toEqual([
      '200 a: GET /path?query=1 ',
      '200 b: GET /path?query=1 ',
    ]);
    const body = 'letters'.repeat(150);
    expect((await ask(proxy.port, { body })).text).toMatch(`: POST /path?query=1 ${body}`);
  });

  test('keeps a session on its member, where it says it can', async () => {
    const members = await Promise.all(['a', 'b', 'c'].map(startEcho));
    const task = { members, sticky: true, upgrades: false };
    if (peer.lacks(task) !== undefined) {
      expect(peer.lacks(task)).toBe('no sticky sessions');
      return;
    }
    const proxy = await startPeer(peer, task);
    for (const [route, name] of ['a', 'b', 'c'].entries()) {
      const headers = { cookie: `other=1.r9; sid=a7f3c1.r${route}` };
      const texts = await Promise.all(
        Array.from({ length: 4 }, async () => (await ask(proxy.port, { headers })).text),
      );
      expect(texts).toEqual(Array.from({ length: 4 }, () => `${name}: GET /path?query=1 `));
    }
    expect((await ask(proxy.port, {})).status).toBe(200);
  });

  test('carries a WebSocket, where it says it can', async () => {
    const members = await startKind('echo', 2);
    const task = { members: members.origins, sticky: false, upgrades: true };
    if (peer.lacks(task) !== undefined) {
      expect(peer.lacks(task)).toBe('no WebSockets');
      return;
    }
    const proxy = await startPeer(peer, task);
    expect(await echo(proxy.port, ['small', 'large'.repeat(500)])).toEqual(['small', 'large'.repeat(500)]);
  });

  test('leaves no process behind', async () => {
    const proxy = await startPeer(peer, { members: [await startEcho('a')] });
    expect(isGroupThere(proxy.pid)).toBe(true);
    await proxy.stop();
    await until(() => !isGroupThere(proxy.pid));
  });
});

describe('those that only some workloads are compared with', () => {
  test('Express alone answers by itself', async () => {
    const proxy = await startPeer(expressAlone, { members: [] });
    expect(await ask(proxy.port, {})).toMatchObject({ status: 200, text: 'ok' });
  });

  test('a plain socket pipe carries a WebSocket', async () => {
    const members = await startKind('echo', 2);
    const proxy = await startPeer(socketPipe, { members: members.origins, upgrades: true });
    expect(await echo(proxy.port, ['message'])).toEqual(['message']);
  });
});

describe('members of the benchmark', () => {
  test('answer two letters, 10 KiB, 10 MiB and 100 MiB', async () => {
    const { origins } = await startKind('web', 3);
    for (const origin of origins)
      expect(await ask(portOf(origin), { path: '/' })).toMatchObject({ status: 200, text: 'ok' });
    const lengths = [];
    for (const path of ['/10k', '/10m', '/100m'])
      lengths.push((await ask(portOf(origins[0]!), { path })).bytes / 1_024);
    expect(lengths).toEqual([10, 10 * 1_024, 100 * 1_024]);
  });

  test.each<MemberKind>(['web', 'uploads'])(
    'of the kind %s answer a POST once its body has come, and not before',
    async (kind) => {
      const { origins } = await startKind(kind, 1);
      const socket = connect(portOf(origins[0]!), '127.0.0.1').setEncoding('latin1');
      try {
        const ends = ['2', '3'];
        let said = '';
        socket.on('data', (text: string) => (said += text));
        socket.write('POST / HTTP/1.1\r\nHost: m\r\nContent-Length: 3\r\n\r\n1');
        // What another connection is answered meanwhile, this one could have been answered too.
        for (let i = 0; i < 20; i += 1) await ask(portOf(origins[0]!), { path: '/' });
        expect(said).toBe('');
        socket.write(ends.join(''));
        await until(() => said.endsWith('ok'));
        expect(said).toMatch(/^HTTP\/1\.1 200 /);
        // The connection serves on.
        said = '';
        socket.write('POST / HTTP/1.1\r\nHost: m\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n');
        await until(() => said.endsWith('ok'));
      } finally {
        socket.destroy();
      }
    },
  );

  test('take uploads that no buffer holds', async () => {
    const { origins } = await startKind('uploads', 1);
    const body = Buffer.alloc(20 * 1_024 * 1_024);
    expect(await ask(portOf(origins[0]!), { body })).toMatchObject({ status: 200, text: 'ok' });
  });

  test('echo what comes in pieces, pong, and close', async () => {
    const { origins } = await startKind('echo', 1);
    const socket = new WebSocket(origins[0]!.replace('http', 'ws'));
    await once(socket, 'open');
    const long = 'x'.repeat(200_000);
    const answers = new Promise((resolve) => {
      const texts: string[] = [];
      socket.on('message', (data: Buffer) => {
        texts.push(data.toString());
        if (texts.length === 3) resolve(texts);
      });
    });
    for (const text of ['', long, 'end']) socket.send(text);
    expect(await answers).toEqual(['', long, 'end']);
    socket.ping('still there?');
    expect(String((await once(socket, 'pong'))[0])).toBe('still there?');
    socket.close(1000);
    expect((await once(socket, 'close'))[0]).toBe(1000);
  });

  test('fail as they are told to', async () => {
    const closed = await startKind('closed', 1);
    const resetting = await startKind('resetting', 1);
    await expect(ask(portOf(closed.origins[0]!), {})).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(ask(portOf(resetting.origins[0]!), {})).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('are gone when they are stopped', async () => {
    for (const kind of ['web', 'uploads', 'echo'] as const) {
      const { origins, stop } = await startMembers({ kind, count: 1 });
      await stop();
      await expect(ask(portOf(origins[0]!), {})).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    }
  });

  test('are a thousand where that is wanted, each with a port of its own', async () => {
    const { origins } = await startKind('web', 1_000);
    expect(new Set(origins).size).toBe(1_000);
    const statuses = await Promise.all(
      [0, 1, 500, 999].map(async (i) => (await ask(portOf(origins[i]!), { path: '/' })).status),
    );
    expect(statuses).toEqual([200, 200, 200, 200]);
  });
});

/** Tells what is not installed, and leaves it out; under CI nothing may be missing. */
function isMissing(peer: Peer): boolean {
  if (peer.version() !== undefined || process.env['CI']) return false;
  console.warn(`Left out: ${peer.name} is not there. To have it: ${peer.install ?? 'npm install'}`);
  test.skip(`${peer.name} is not installed`, () => undefined);
  return true;
}

async function startPeer(peer: Peer, task: Partial<Task>): Promise<Running> {
  return keep(await peer.start({ members: [], sticky: false, upgrades: false, ...task }));
}

async function startKind(kind: MemberKind, count: number): Promise<Members> {
  return keep(await startMembers({ kind, count }));
}

/** A backend that answers with its name, the request line and the body; its origin. */
async function startEcho(name: string): Promise<string> {
  const server = createServer((req, res) => {
    let body = '';
    req.setEncoding('utf8').on('data', (text: string) => (body += text));
    req.on('end', () => res.end(`${name}: ${req.method!} ${req.url!} ${body}`));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  keep({
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

type Asked = Readonly<{ path?: string; headers?: Readonly<Record<string, string>>; body?: string | Buffer }>;
type Answered = Readonly<{ status: number; text: string; bytes: number }>;

/** On a connection of its own. */
async function ask(port: number, { path = '/path?query=1', headers, body }: Asked): Promise<Answered> {
  const method = body === undefined ? 'GET' : 'POST';
  const req = request({
    host: '127.0.0.1',
    port,
    path,
    method,
    agent: false,
    headers: { ...headers, ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }) },
  });
  req.end(body);
  const [res] = (await once(req, 'response')) as [AsyncIterable<Buffer> & Readonly<{ statusCode: number }>];
  let text = '';
  let bytes = 0;
  for await (const chunk of res) {
    bytes += chunk.length;
    // Of a large one the length is enough.
    if (bytes < 100_000) text += chunk.toString();
  }
  return { status: res.statusCode, text, bytes };
}

/** Sends messages one after the other through a proxy; what came back. */
async function echo(port: number, messages: readonly string[]): Promise<readonly string[]> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
  try {
    await once(socket, 'open');
    const echoes: string[] = [];
    for (const message of messages) {
      socket.send(message);
      const [data] = (await once(socket, 'message')) as [Buffer];
      echoes.push(data.toString());
    }
    return echoes;
  } finally {
    socket.terminate();
  }
}

function portOf(origin: string): number {
  return Number(new URL(origin).port);
}

/** Whether a process with this id leads others, or is there itself. */
function isGroupThere(leader: number): boolean {
  try {
    process.kill(-leader, 0);
    return true;
  } catch {
    return false;
  }
}
