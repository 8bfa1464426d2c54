import { once } from 'node:events';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { HttpProxyMiddleware } from '../../src/index.ts';
import { startBackend, startRawBackend } from '../support/backend.ts';
import { midAnswerFaults, startFaulty, type Fault, type MidAnswerFault } from '../support/faults.ts';
import { startHandler } from '../support/handler.ts';
import { closeSenders, createSender } from '../support/hpm.ts';
import { until } from '../support/idle.ts';
import { stopTime } from '../support/time.ts';
import { memberAt, outboundTo, record } from '../support/recorder.ts';

afterEach(closeSenders);

/** Where nobody looks, and where a hook does. */
const waysOfHpm: [string, HttpProxyMiddleware][] = [
  ['seen by no hook', {}],
  ['seen by a hook', { on: { proxyRes: () => undefined } }],
];

describe.each(waysOfHpm)('a failure, %s', (_way, options) => {
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
    'never ends its 1xx': 'bad-answer',
    'sends two lengths': 'bad-answer',
    'sends a length that is none': 'bad-answer',
    'sends a length and chunks': 'bad-answer',
    'codes its answer': 'bad-answer',
  };

  test.each(Object.entries(kinds) as [Fault, string][])(
    'of a member that %s is a %s',
    async (fault, kind) => {
      const backend = await startFaulty(fault);
      const member = memberAt(backend.url, kind === 'timeout' ? { timeoutMs: 100 } : {});
      const told = record(createSender(options), outboundTo(member), member);
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
    const member = memberAt(backend.url);
    const told = record(createSender(options), outboundTo(member), member);
    await told.over;
    expect(told.calls).toEqual(['failed']);
    expect(told.failure).toMatchObject({ kind: 'bad-answer', sent: true });
  });

  test.each(Object.keys(midAnswerFaults) as MidAnswerFault[])(
    'in mid-answer is never an end: a member that %s',
    async (fault) => {
      const backend = await startFaulty(fault);
      const time = stopTime();
      const member = memberAt(backend.url, { timeoutMs: 100 });
      const told = record(createSender(options), outboundTo(member), member);
      await told.begun;
      let isOver = false;
      void told.over.then(() => (isOver = true));
      await until(() => {
        if (fault.startsWith('stalls')) time.pass(10);
        return isOver;
      });
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
    const told = record(createSender(options), outboundTo(member), member);
    await told.over;
    expect(told.failure).toMatchObject({ kind: 'connect-timeout', sent: false });
  });

  test('of TLS is one of connecting', async () => {
    const plain = await startBackend();
    const other = memberAt(plain.url.replace('http:', 'https:'));
    const told = record(createSender(options), outboundTo(other), other);
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
    const sender = createSender(options);
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

describe.each(waysOfHpm)('aborting, %s', (_way, options) => {
  test('before there is a connection opens none, and nothing is told', async () => {
    const backend = await startBackend();
    const member = memberAt(backend.url);
    const sender = createSender(options);
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
    const told = record(createSender(options), outboundTo(member), member);
    await once(backend.server, 'request');
    told.flow.abort();
    await until(() => backend.open() === 0);
    expect(told.calls).toEqual([]);
  });

  test('in mid-answer ends the connection, and nothing more is told', async () => {
    const backend = await startHandler((_req, res) => res.write('half'));
    const member = memberAt(backend.url);
    const told = record(createSender(options), outboundTo(member), member, {
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
    const told = record(createSender(options), outboundTo(member), member, {
      onCall(_name, flow) {
        flow.abort();
      },
    });
    await told.begun;
    await until(() => told.calls.length > 0);
    expect(told.calls).toEqual(['answered']);
  });
});
