import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { MemberSettings } from '../../../../src/definition/settings.ts';
import type { Failure } from '../../../../src/forward/outcome.ts';
import type { Outbound, Receiver, Sender } from '../../../../src/forward/sender.ts';
import { createHttpSender } from '../../../../src/forward/wire/http-sender.ts';
import { StreamBody } from '../../../../src/request/body.ts';
import { startRawBackend, type Backend } from '../../../support/backend.ts';
import { buildMember } from '../../../support/build-members.ts';
import { tidyUp, until } from '../../../support/idle.ts';
import { stopTime } from '../../../support/time.ts';
import { fakeRequest } from '../../request/loopback.ts';

const senders: Sender[] = [];

afterEach(async () => {
  await Promise.all(senders.splice(0).map((sender) => sender.destroy()));
  await tidyUp();
});

type Talk = (socket: Socket, head: string, connection: number) => void;

type Rig = Readonly<{
  backend: Backend;
  sender: Sender;
  member: MemberSettings;
  /** Sends a request and resolves with what became of it: `200 ok`, or the failure. */
  ask: (asked?: Partial<Outbound>, fresh?: boolean) => Promise<string | Failure>;
}>;

async function startRig(talk: Talk, settings: Partial<MemberSettings> = {}): Promise<Rig> {
  const backend = await startRawBackend(talk);
  const { hostname, port } = new URL(backend.url);
  const member = buildMember({
    url: backend.url,
    origin: backend.url,
    hostname,
    port: Number(port),
    ...settings,
  });
  const sender = createHttpSender();
  senders.push(sender);
  return { backend, sender, member, ask: (asked, fresh = false) => ask(sender, member, asked, fresh) };
}

function ask(
  sender: Sender,
  member: MemberSettings,
  asked: Partial<Outbound> = {},
  fresh = false,
): Promise<string | Failure> {
  const { promise, resolve } = Promise.withResolvers<string | Failure>();
  let text = '';
  const receiver: Receiver = {
    interim: () => undefined,
    answered({ status }) {
      text = `${status} `;
    },
    data(chunk) {
      text += chunk.toString('latin1');
    },
    ended() {
      resolve(text);
    },
    upgraded(_answer, socket) {
      socket.destroy();
      resolve('switched');
    },
    failed: resolve,
  };
  sender.send(outbound(asked), member, receiver, fresh);
  return promise;
}

function outbound(asked: Partial<Outbound> = {}): Outbound {
  return {
    method: 'GET',
    path: '/',
    headers: ['Host', 'm'],
    upgrade: undefined,
    body: { kind: 'none', counted: false },
    ...asked,
  };
}

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const answerOk: Talk = (socket) => socket.write(ok);

describe('a connection', () => {
  test('carries one request after the other', async () => {
    const { ask, backend } = await startRig(answerOk);
    for (let i = 0; i < 3; i += 1) expect(await ask()).toBe('200 ok');
    expect(backend.connections()).toBe(1);
  });

  test('of those that idle, the one that was used last is used next', async () => {
    const { ask, backend } = await startRig(answerOk);
    await Promise.all([ask(), ask(), ask()]);
    for (let i = 0; i < 4; i += 1) await ask();
    expect(backend.connections()).toBe(3);
    expect(new Set(backend.received.slice(3).map(({ connection }) => connection)).size).toBe(1);
  });

  test('is a new one for a request that wants that', async () => {
    const { ask, backend } = await startRig(answerOk);
    await ask();
    await ask({}, true);
    expect(backend.received.map(({ connection }) => connection)).toEqual([0, 1]);
  });

  test.each<[string, Talk, Partial<Outbound>]>([
    [
      'bytes have come behind its answer',
      (socket) => socket.write(`${ok}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil`),
      {},
    ],
    [
      'it has answered HEAD',
      (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n'),
      { method: 'HEAD' },
    ],
    [
      'the member closes it',
      (socket) => socket.write('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok'),
      {},
    ],
    [
      'the member keeps it too short',
      (socket) => socket.write('HTTP/1.1 200 OK\r\nKeep-Alive: timeout=2\r\nContent-Length: 2\r\n\r\nok'),
      {},
    ],
    [
      'the member speaks HTTP/1.0',
      (socket) => socket.write('HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok'),
      {},
    ],
    [
      'a body went with a method that calls for none',
      answerOk,
      {
        method: 'DELETE',
        headers: ['Host', 'm', 'Content-Length', '1'],
        body: { kind: 'bytes', bytes: Buffer.from('x'), contentType: undefined },
      },
    ],
    ['an upgrade was refused', answerOk, { upgrade: 'websocket' }],
  ])('is not used again when %s', async (_why, talk, asked) => {
    const { ask, backend } = await startRig(talk);
    const answer = asked.method === 'HEAD' ? '200 ' : '200 ok';
    expect(await ask(asked)).toBe(answer);
    expect(await ask(asked)).toBe(answer);
    expect(backend.connections()).toBe(2);
  });

  test('that says something while it idles is closed, and nobody gets it for an answer', async () => {
    const sockets: Socket[] = [];
    const { ask, backend } = await startRig((socket) => {
      sockets.push(socket);
      socket.write(ok);
    });
    await ask();
    sockets[0]!.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil');
    await once(sockets[0]!, 'close');
    expect(await ask()).toBe('200 ok');
    expect(backend.connections()).toBe(2);
  });

  test.each([
    ['4 seconds', '', {}, 4_000],
    ['two seconds less than the member does', 'Keep-Alive: timeout=10\r\n', {}, 8_000],
    ['as long as ttl says', '', { ttlMs: 20_000 }, 20_000],
    ['no longer than the member does, with ttl', 'Keep-Alive: timeout=10\r\n', { ttlMs: 20_000 }, 10_000],
  ])('idles for %s', async (_long, line, settings, ms) => {
    const time = stopTime();
    const { ask, backend } = await startRig(
      (socket) => socket.write(`HTTP/1.1 200 OK\r\n${line}Content-Length: 2\r\n\r\nok`),
      settings,
    );
    await ask();
    time.pass(ms - 1);
    await ask();
    expect(backend.connections()).toBe(1);
    time.pass(ms);
    await ask();
    expect(backend.connections()).toBe(2);
  });

  test('is closed when its time is over, though nobody asks', async () => {
    const time = stopTime();
    const sockets: Socket[] = [];
    const { ask } = await startRig((socket) => {
      sockets.push(socket);
      socket.write(ok);
    });
    await ask();
    const closed = once(sockets[0]!, 'close');
    time.pass(4_000);
    await closed;
  });

  test('is kept no more once its member is retired, which ends with the last one', async () => {
    const sockets: Socket[] = [];
    const { ask, sender, member } = await startRig((socket) => sockets.push(socket));
    const answer = ask();
    await until(() => sockets.length === 1);
    let isRetired = false;
    const retired = sender.retire(member).then(() => (isRetired = true));
    await new Promise(setImmediate);
    expect(isRetired).toBe(false);
    sockets[0]!.write(ok);
    expect(await answer).toBe('200 ok');
    await retired;
  });
});

describe('a failure tells', () => {
  test('that a connection had served before when its member ends it', async () => {
    const seen = new Set<number>();
    const { ask } = await startRig((socket, _head, connection) => {
      if (seen.has(connection)) socket.resetAndDestroy();
      else socket.write(ok);
      seen.add(connection);
    });
    await ask();
    expect(await ask()).toMatchObject({ kind: 'reset', sent: true, reused: true });
  });

  test('that nothing has left while the body has not begun to come', async () => {
    const sockets: Socket[] = [];
    const { ask, backend } = await startRig((socket) => {
      sockets.push(socket);
      socket.write(ok);
    });
    await ask();
    const failure = ask({ method: 'POST', body: streamOf(undefined).body });
    sockets[0]!.destroy();
    expect(await failure).toMatchObject({ kind: 'reset', sent: false, reused: true });
    expect(backend.begun).toEqual(['GET /']);
  });

  test.each<[string, Partial<Outbound>]>([
    ['a line break in a value', { headers: ['Host', 'm', 'X-A', 'a\r\nX-B: 1'] }],
    ['a line break in a name', { headers: ['Host', 'm', 'X-A: 1\r\nX-B', 'b'] }],
    ['a bare LF in a value', { headers: ['Host', 'm', 'X-A', 'a\nX-B: 1'] }],
    ['NUL in a value', { headers: ['Host', 'm', 'X-A', '\0'] }],
    [
      'a character of more than a byte, which would be cut to one',
      { headers: ['Host', 'm', 'X-A', '\u010d\u010a'] },
    ],
    ['a space in a name', { headers: ['Host', 'm', 'X A', 'b'] }],
    ['no name', { headers: ['Host', 'm', '', 'b'] }],
    ['a space in the path', { path: '/ HTTP/1.1\r\nX: /' }],
    ['no path', { path: '' }],
    ['a method that is none', { method: 'GET /x' }],
    ['a framing of its own', { headers: ['Host', 'm', 'transfer-encoding', 'chunked'] }],
    ['a length that is not the body’s', { headers: ['Host', 'm', 'Content-Length', '5'] }],
    ['two lengths', { headers: ['Host', 'm', 'Content-Length', '0', 'content-length', '0'] }],
    ['a line break in the protocol to switch to', { upgrade: 'a\r\nb' }],
  ])('that a request with %s is the client’s doing, and none of it leaves', async (_what, asked) => {
    const { ask, backend } = await startRig(answerOk);
    expect(await ask(asked)).toMatchObject({ kind: 'bad-request', sent: false });
    expect(backend.connections()).toBe(0);
  });

  test.each([
    ['more', 3, 'body'],
    ['less', 5, 'body'],
  ])('that a body of %s bytes than were announced is the client’s doing', async (_what, length, sent) => {
    const { ask } = await startRig(() => undefined);
    const { body, push } = streamOf(length);
    const failure = ask({ method: 'POST', headers: ['Host', 'm', 'Content-Length', String(length)], body });
    push(sent);
    expect(await failure).toMatchObject({ kind: 'bad-request' });
  });

  test('that the sender is closed', async () => {
    const { ask, sender } = await startRig(answerOk);
    await sender.destroy();
    expect(await ask()).toMatchObject({ kind: 'reset', sent: false });
  });
});

test('a body that streams keeps its connection, once all of it has left', async () => {
  const bodies: string[] = [];
  const { ask, backend } = await startRig((socket, head) => {
    bodies.push(head);
    if (head.startsWith('0') || head.endsWith('0\r\n\r\n')) socket.write(ok);
  });
  for (let i = 0; i < 2; i += 1) {
    const { body, push } = streamOf(undefined);
    const answer = ask({ method: 'POST', body });
    push('some');
    expect(await answer).toBe('200 ok');
  }
  expect(backend.connections()).toBe(1);
  expect(bodies.join('')).toMatch(/Transfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n0\r\n\r\n/);
});

test('an answer that comes before the whole body is the last on its connection', async () => {
  const { ask, backend } = await startRig(answerOk);
  const { body, request } = streamOf(undefined);
  const answer = ask({ method: 'POST', body });
  request.push('a beginning');
  expect(await answer).toBe('200 ok');
  expect(await ask()).toBe('200 ok');
  expect(backend.connections()).toBe(2);
});

test('what was handed on stays as it is while more is read', async () => {
  const size = 3_000_000;
  const { sender, member } = await startRig((socket) => {
    const content = Buffer.alloc(size).map((_, i) => i % 251);
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
    socket.write(content);
  });
  const chunks: Buffer[] = [];
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const ignore = (): void => undefined;
  const data = (chunk: Buffer): void => void chunks.push(chunk);
  const ended = (): void => {
    resolve(undefined);
  };
  sender.send(
    outbound(),
    member,
    { interim: ignore, answered: ignore, data, ended, upgraded: ignore, failed: ignore },
    false,
  );
  await promise;
  const content = Buffer.concat(chunks);
  expect(content.length).toBe(size);
  expect(content.findIndex((byte, i) => byte !== i % 251)).toBe(-1);
});

/** A body whose bytes come when the test says so. */
function streamOf(length: number | undefined): Readonly<{
  body: StreamBody;
  request: ReturnType<typeof fakeRequest>;
  push: (text: string) => void;
}> {
  const request = fakeRequest();
  const body = new StreamBody(request as unknown as IncomingMessage, length, 1024); // all of a request that a body looks at
  return {
    body,
    request,
    push(text) {
      request.push(text);
      request.push(null);
    },
  };
}
