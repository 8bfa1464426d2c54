import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { HttpProxyMiddleware } from '../../src/definition/definition.ts';
import { createHpmSender } from '../../src/forward/hpm-sender.ts';
import type { Outbound, Sender } from '../../src/forward/sender.ts';
import { StreamBody } from '../../src/request/body.ts';
import { deadUrl, startBackend, startRawBackend, stopBackends } from '../support/backend.ts';
import { midAnswerFaults, startFaulty, type Fault, type MidAnswerFault } from '../support/faults.ts';
import { startHandler, stopHandlers } from '../support/handler.ts';
import { until } from '../support/idle.ts';
import { memberAt, outboundTo, record } from '../support/recorder.ts';

const senders: Sender[] = [];
const clients: { close(): Promise<unknown> }[] = [];

function createSender(options: HttpProxyMiddleware = {}): Sender {
  const sender = createHpmSender(options);
  senders.push(sender);
  return sender;
}

afterEach(async () => {
  await Promise.all(senders.splice(0).map((sender) => sender.destroy()));
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await Promise.all([stopBackends(), stopHandlers()]);
});

/** A client's request whose head has come; what it writes next is the client's. */
async function startUpload(lines: readonly string[]): Promise<
  Readonly<{
    req: IncomingMessage;
    res: ServerResponse;
    write: (text: string | Buffer) => void;
    leave(): void;
  }>
> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.on('error', () => client.destroy());
  clients.push({
    async close() {
      client.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  });
  client.write(['POST / HTTP/1.1', 'Host: front', ...lines, '', ''].join('\r\n'));
  const [req, res] = (await once(server, 'request')) as [IncomingMessage, ServerResponse];
  return {
    req,
    res,
    write: (text) => client.write(text),
    leave: () => client.resetAndDestroy(),
  };
}

function post(body: Outbound['body'], ...headers: string[]): Partial<Outbound> {
  return { method: 'POST', headers: ['Host', 'member', ...headers], body };
}

describe('an answer', () => {
  test('is told as it came: spelling, repetitions and order of its fields, its reason', async () => {
    const backend = await startRawBackend((socket) => {
      socket.write('HTTP/1.1 200 Fine By Me\r\nX-B: 1\r\nSET-COOKIE: a=1\r\nx-b: 2\r\nSet-Cookie: b=2\r\n');
      socket.write('Connection: keep-alive\r\nContent-Length: 5\r\n\r\nhello');
    });
    const member = memberAt(backend.url);
    const told = record(createSender(), outboundTo(member), member);
    await told.over;
    expect(told.calls).toEqual(['answered', 'data', 'ended']);
    expect(told.answer).toEqual({
      status: 200,
      reason: 'Fine By Me',
      headers: [
        ['X-B', '1', 'SET-COOKIE', 'a=1', 'x-b', '2', 'Set-Cookie', 'b=2'],
        ['Connection', 'keep-alive', 'Content-Length', '5'],
      ].flat(),
    });
    expect(told.body).toBe('hello');
  });

  test('to HEAD has no body, and leaves the connection for the next request', async () => {
    const backend = await startBackend();
    const member = memberAt(backend.url);
    const sender = createSender();
    for (const method of ['HEAD', 'HEAD', 'GET']) {
      const told = record(sender, outboundTo(member, { method }), member);
      await told.over;
      expect(told.calls).toEqual(method === 'HEAD' ? ['answered', 'ended'] : ['answered', 'data', 'ended']);
    }
    expect(backend.connections()).toBe(1);
  });

  test('has its interim answers before it, but for 100, and its trailers behind it', async () => {
    const backend = await startRawBackend((socket) => {
      socket.write(
        'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n',
      );
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n');
    });
    const member = memberAt(backend.url);
    const told = record(createSender(), outboundTo(member), member);
    await told.over;
    expect(told.calls).toEqual(['interim', 'answered', 'data', 'ended']);
    expect(told.interims).toEqual([
      { status: 103, reason: 'Early Hints', headers: ['Link', '</a>; rel=preload'] },
    ]);
    expect(told.trailers).toEqual(['X-Sum', '1']);
  });

  test('has its head told at once, whenever its first piece comes', async () => {
    const backend = await startHandler((_req, res) => {
      res.flushHeaders();
    });
    const member = memberAt(backend.url);
    const told = record(createSender(), outboundTo(member), member);
    await told.begun;
    expect(told.calls).toEqual(['answered']);
    told.flow.abort();
  });

  test('waits, piece by piece, for whoever has paused it', async () => {
    const size = 4 * 1024 * 1024;
    let sent = 0;
    const backend = await startHandler((_req, res) => {
      const piece = Buffer.alloc(65_536, 'x');
      const more = (): void => {
        while (sent < size) {
          sent += piece.length;
          if (!res.write(piece)) {
            res.once('drain', more);
            return;
          }
        }
        res.end();
      };
      more();
    });
    const member = memberAt(backend.url, { timeoutMs: 100 });
    let pieces = 0;
    const held = Promise.withResolvers<undefined>();
    const told = record(createSender(), outboundTo(member), member, {
      onCall(name, flow) {
        if (name === 'answered') flow.pause();
        if (name !== 'data') return;
        pieces += 1;
        if (pieces > 1) return;
        flow.pause();
        held.resolve(undefined);
      },
    });
    await told.begun;
    told.flow.resume();
    await held.promise;
    // Twice as long as `timeout`, by the clock of a member that is silent: whoever is slow here is not the member.
    const silent = memberAt((await startFaulty('stays silent')).url, { timeoutMs: 200 });
    await record(createSender(), outboundTo(silent), silent).over;
    expect(pieces).toBe(1);
    expect(told.failure).toBeUndefined();
    told.flow.resume();
    await told.over;
    expect(told.calls.at(-1)).toBe('ended');
    expect(told.body).toHaveLength(size);
  });
});

describe('a request', () => {
  test('is written with the spelling and the repetitions that it was given, Host first', async () => {
    const backend = await startBackend();
    const member = memberAt(backend.url);
    const headers = ['Host', 'a.test', 'x-one', '1', 'X-Two', '2', 'X-TWO', '3', 'accept', '*/*'];
    await record(createSender(), outboundTo(member, { headers }), member).over;
    expect(backend.received[0]!.rawHeaders).toEqual([
      ...['Host', 'a.test', 'x-one', '1', 'X-Two', '2', 'X-Two', '3', 'accept', '*/*'],
      ...['Connection', 'keep-alive'],
    ]);
  });

  test('goes to the path that it was given, base and query and all', async () => {
    const backend = await startBackend();
    const member = memberAt(`${backend.url}/base`);
    const sender = createSender();
    const paths = ['/base/', '/base/?', '/base/a%2Fb;c?d=?&e', '/base/a/'];
    for (const path of paths) await record(sender, outboundTo(member, { path }), member).over;
    expect(backend.received.map(({ url }) => url)).toEqual(paths);
  });

  test.each(['DELETE', 'OPTIONS'])('with %s and no body is given no length', async (method) => {
    const backend = await startBackend();
    const member = memberAt(backend.url);
    await record(createSender(), outboundTo(member, { method }), member).over;
    expect(backend.received[0]!.headers).not.toHaveProperty('content-length');
  });

  test('has the body that a parser has left', async () => {
    const backend = await startBackend();
    const member = memberAt(backend.url);
    const body = { kind: 'bytes', bytes: Buffer.from('{"a":1}'), contentType: undefined } as const;
    await record(createSender(), outboundTo(member, post(body, 'Content-Length', '7')), member).over;
    expect(backend.received[0]).toMatchObject({ body: Buffer.from('{"a":1}') });
  });

  test.each(['POST', 'DELETE', 'GET'])(
    'with %s streams a body of unknown length, and its trailers',
    async (method) => {
      const backend = await startBackend();
      const member = memberAt(backend.url);
      const upload = await startUpload(['Transfer-Encoding: chunked']);
      const body = new StreamBody(upload.req, undefined, 100);
      const told = record(createSender(), outboundTo(member, { ...post(body), method }), member);
      upload.write('5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n');
      await told.over;
      expect(told.calls).toEqual(['answered', 'data', 'ended']);
      expect(backend.received[0]).toMatchObject({ body: Buffer.from('hello'), trailers: { 'x-sum': '1' } });
      expect(backend.received[0]!.headers).not.toHaveProperty('content-length');
    },
  );

  test('that is refused a connection leaves its body whole for the next member', async () => {
    const backend = await startBackend();
    const [dead, alive] = [memberAt(await deadUrl()), memberAt(backend.url)];
    const upload = await startUpload(['Content-Length: 8']);
    const body = new StreamBody(upload.req, 8, 100);
    const sender = createSender();
    upload.write('half');
    for (let i = 0; i < 12; i += 1) {
      const refused = record(sender, outboundTo(dead, post(body, 'Content-Length', '8')), dead);
      await refused.over;
      expect(refused.failure).toMatchObject({
        kind: 'connect',
        sent: false,
        cause: { code: 'ECONNREFUSED' },
      });
      expect(body.hasPoured).toBe(false);
    }
    const told = record(sender, outboundTo(alive, post(body, 'Content-Length', '8')), alive);
    upload.write('half');
    await told.over;
    expect(backend.received[0]!.body.toString()).toBe('halfhalf');
    // Twelve attempts have left nothing on it.
    expect(upload.req.listenerCount('error') + upload.req.listenerCount('data')).toBe(0);
  });

  test('whose client breaks off is no failure of the member', async () => {
    const backend = await startHandler(() => undefined);
    const member = memberAt(backend.url);
    const upload = await startUpload(['Content-Length: 8']);
    const told = record(
      createSender(),
      outboundTo(member, post(new StreamBody(upload.req, 8, 100), 'Content-Length', '8')),
      member,
    );
    upload.write('half');
    await once(backend.server, 'request');
    upload.leave();
    await told.over;
    expect(told.failure).toMatchObject({ kind: 'bad-request', cause: { name: 'BodyLost' } });
    await until(() => backend.open() === 0);
  });

  test.each([
    ['a method', { method: 'GE T' }],
    ['a path', { path: '/\u0100' }],
    ['a field', { headers: ['Host', 'a', 'X-A', 'a\nb'] }],
    ['a field name', { headers: ['Host', 'a', 'X A', 'b'] }],
  ])('with %s that cannot be written is at fault itself', async (_what, overrides) => {
    const member = memberAt((await startBackend()).url);
    const told = record(createSender(), outboundTo(member, overrides), member);
    await told.over;
    expect(told.failure).toMatchObject({ kind: 'bad-request', sent: false });
  });
});

describe('a failure', () => {
  const kinds: Readonly<Record<Fault, string>> = {
    'resets the connection': 'reset',
    'closes the connection': 'reset',
    'stays silent': 'timeout',
    'stalls in the head': 'timeout',
    'breaks off in the head': 'reset',
    'answers garbage': 'bad-answer',
    'speaks another version': 'bad-answer',
    'sends a broken header line': 'bad-answer',
    'sends a head too long': 'bad-answer',
    'switches unasked': 'bad-answer',
    'never ends its 1xx': 'timeout',
    'sends two lengths': 'bad-answer',
    'sends a length that is none': 'bad-answer',
    'sends a length and chunks': 'bad-answer',
    'codes its answer': 'bad-answer',
  };

  test.each(Object.entries(kinds) as [Fault, string][])(
    'of a member that %s is a %s',
    async (fault, kind) => {
      const backend = await startFaulty(fault);
      const member = memberAt(backend.url, { timeoutMs: 100 });
      const told = record(createSender(), outboundTo(member), member);
      await told.over;
      expect(told.failure).toMatchObject({ kind, sent: true, reused: false });
    },
  );

  test.each([
    ['a status below 100', 'HTTP/1.1 099 What\r\nContent-Length: 0\r\n\r\n'],
    ['a 101 that switches to nothing', 'HTTP/1.1 101 Switching Protocols\r\nContent-Length: 0\r\n\r\n'],
    ['a coding that is not chunked', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: foo\r\n\r\nraw'],
    ['a coding beneath chunked', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
  ])('is what %s comes to', async (_what, text) => {
    const backend = await startRawBackend((socket) => socket.write(text));
    const member = memberAt(backend.url, { timeoutMs: 500 });
    const told = record(createSender(), outboundTo(member), member);
    await told.over;
    expect(told.calls).toEqual(['failed']);
    expect(told.failure).toMatchObject({ kind: 'bad-answer', sent: true });
  });

  test.each(Object.keys(midAnswerFaults) as MidAnswerFault[])(
    'in mid-answer is never an end: a member that %s',
    async (fault) => {
      const backend = await startFaulty(fault);
      const member = memberAt(backend.url, { timeoutMs: 100 });
      const told = record(createSender(), outboundTo(member), member);
      await told.over;
      expect(told.calls[0]).toBe('answered');
      expect(told.calls.at(-1)).toBe('failed');
      expect(told.failure!.kind).toBe(
        fault.startsWith('stalls') ? 'timeout' : fault === 'sends a broken chunk' ? 'bad-answer' : 'reset',
      );
    },
  );

  test('of a connection that does not come about in time is told from silence', async () => {
    // It takes the handshake for the beginning of a head.
    const mute = await startRawBackend(() => undefined);
    const url = mute.url.replace('http:', 'https:');
    const member = memberAt(url, { connectTimeoutMs: 100 });
    const told = record(createSender(), outboundTo(member), member);
    await told.over;
    expect(told.failure).toMatchObject({ kind: 'connect-timeout', sent: false });
  });

  test('of TLS is one of connecting', async () => {
    const plain = await startBackend();
    const other = memberAt(plain.url.replace('http:', 'https:'));
    const told = record(createSender(), outboundTo(other), other);
    await told.over;
    expect(told.failure).toMatchObject({ kind: 'connect', sent: false });
  });

  test('of a connection that had served a request before is told as such, and another one may be asked for', async () => {
    const backend = await startRawBackend((socket, _head, connection) => {
      if (connection > 0 || socket.bytesWritten === 0) {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      } else {
        socket.resetAndDestroy();
      }
    });
    const member = memberAt(backend.url);
    const sender = createSender();
    await record(sender, outboundTo(member), member).over;
    const again = record(sender, outboundTo(member), member);
    await again.over;
    expect(again.failure).toMatchObject({ kind: 'reset', reused: true });
    const fresh = record(sender, outboundTo(member), member, { fresh: true });
    await fresh.over;
    expect(fresh.body).toBe('ok');
    expect(backend.connections()).toBe(2);
  });
});

describe('aborting', () => {
  test('before there is a connection opens none, and nothing is told', async () => {
    const backend = await startBackend();
    const member = memberAt(backend.url);
    const sender = createSender();
    const told = record(sender, outboundTo(member), member);
    told.flow.abort();
    told.flow.abort();
    await record(sender, outboundTo(member), member).over;
    expect(told.calls).toEqual([]);
    expect(backend.connections()).toBe(1);
  });

  test('while the member is silent ends the connection', async () => {
    const backend = await startHandler(() => undefined);
    const member = memberAt(backend.url);
    const told = record(createSender(), outboundTo(member), member);
    await once(backend.server, 'request');
    told.flow.abort();
    await until(() => backend.open() === 0);
    expect(told.calls).toEqual([]);
  });

  test('in mid-answer ends the connection, and nothing more is told', async () => {
    const backend = await startHandler((_req, res) => res.write('half'));
    const member = memberAt(backend.url);
    const told = record(createSender(), outboundTo(member), member, {
      onCall(name, flow) {
        if (name === 'data') flow.abort();
      },
    });
    await until(() => told.calls.includes('data') && backend.open() === 0);
    expect(told.calls).toEqual(['answered', 'data']);
  });

  test('as soon as the head is there tells no piece', async () => {
    const backend = await startBackend();
    const member = memberAt(backend.url);
    const told = record(createSender(), outboundTo(member), member, {
      onCall(_name, flow) {
        flow.abort();
      },
    });
    await told.begun;
    await until(() => told.calls.length > 0);
    expect(told.calls).toEqual(['answered']);
  });
});

describe('connections', () => {
  test('are kept for the next request, and ended when idle for longer than ttl', async () => {
    const backend = await startHandler((_req, res) => res.end('ok'));
    const member = memberAt(backend.url, { ttlMs: 100 });
    const sender = createSender();
    await record(sender, outboundTo(member), member).over;
    await record(sender, outboundTo(member), member).over;
    expect(backend.open()).toBe(1);
    await until(() => backend.open() === 0);
  });

  test('serve one request each with disablereuse', async () => {
    const backend = await startBackend();
    const member = memberAt(backend.url, { disablereuse: true });
    const sender = createSender();
    await record(sender, outboundTo(member), member).over;
    await record(sender, outboundTo(member), member).over;
    expect(backend.connections()).toBe(2);
    expect(backend.received[0]!.headers['connection']).toBe('close');
  });

  test('end with `close`, those in use when their request has ended', async () => {
    const waiting = Promise.withResolvers<ServerResponse>();
    const backend = await startHandler((req, res) => {
      if (req.url === '/slow') waiting.resolve(res);
      else res.end('ok');
    });
    const member = memberAt(backend.url);
    const sender = createSender();
    const slow = record(sender, outboundTo(member, { path: '/slow' }), member);
    const res = await waiting.promise;
    await record(sender, outboundTo(member), member).over;
    expect(backend.open()).toBe(2);
    const closed = sender.close();
    await until(() => backend.open() === 1);
    res.end('done');
    await closed;
    expect(slow.body).toBe('done');
    await until(() => backend.open() === 0);
    const late = record(sender, outboundTo(member), member);
    await late.over;
    expect(late.failure).toMatchObject({ kind: 'reset', sent: false });
  });

  test('end with `destroy`, whatever they are doing', async () => {
    const backend = await startHandler(() => undefined);
    const member = memberAt(backend.url);
    const sender = createSender();
    const told = record(sender, outboundTo(member), member);
    await once(backend.server, 'request');
    await sender.destroy();
    expect(told.failure).toMatchObject({ kind: 'reset', sent: true });
    await until(() => backend.open() === 0);
  });
});
