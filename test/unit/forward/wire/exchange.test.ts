import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import type { Failure } from '../../../../src/forward/outcome.ts';
import type { Outbound, Receiver } from '../../../../src/forward/sender.ts';
import type { Connection } from '../../../../src/forward/wire/connection.ts';
import { Exchange } from '../../../../src/forward/wire/exchange.ts';
import { writeHead } from '../../../../src/forward/wire/write-head.ts';
import { buildMember } from '../../../support/build-members.ts';

const ignore = (): void => undefined;

/** Sends a POST onto a connection whose first write fails; tells the failure. */
async function failWriting(
  fails: 'at once' | 'later',
  asked: Partial<Outbound> = {},
  protocol: 'http:' | 'https:' = 'http:',
): Promise<Failure> {
  const broken = Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' });
  const bytesOfOthers = 100;
  let bytesWritten = bytesOfOthers;
  // As Node's sockets count: what was refused at once is not among it.
  const fail = (done: (error: Error) => void): void => {
    if (fails === 'later') bytesWritten += 20;
    setImmediate(done, broken);
  };
  const socket = new Duplex({
    read: ignore,
    write(_chunk, _encoding, done) {
      fail(done);
    },
    writev(_chunks, done) {
      fail(done);
    },
  });
  Object.defineProperty(socket, 'bytesWritten', { get: () => bytesWritten });
  const { promise, resolve } = Promise.withResolvers<Failure>();
  const receiver: Receiver = {
    interim: ignore,
    answered: ignore,
    data: ignore,
    ended: ignore,
    upgraded: ignore,
    failed: resolve,
  };
  const outbound: Outbound = {
    method: 'POST',
    path: '/',
    headers: ['Host', 'm'],
    upgrade: undefined,
    body: { kind: 'none', counted: false },
    ...asked,
  };
  const exchange = new Exchange(outbound, buildMember({ protocol }), receiver, undefined);
  // All of a connection that an exchange needs in order to be written, and to fail.
  const connection = { await: ignore, close: ignore } as unknown as Connection;
  exchange.assign(writeHead(outbound, false), connection);
  socket.on('error', (error) => {
    exchange.fail('reset', error);
  });
  // A stream is all of a socket that is written to.
  exchange.write(socket as unknown as Socket, true);
  return promise;
}

const long = { headers: ['Host', 'm', 'X-Long', 'x'.repeat(20_000)] };
const parsed = { body: { kind: 'bytes', bytes: Buffer.from('body'), contentType: undefined } } as const;

describe('a request whose writing fails', () => {
  test.each([
    ['a head', {}],
    ['a long head', long],
    ['a head and what a parser has left of a body', parsed],
  ])('has surely not left where the connection refuses it at once: %s', async (_what, asked) => {
    expect(await failWriting('at once', asked)).toMatchObject({ kind: 'reset', sent: false, reused: true });
  });

  test.each([
    ['a head', {}],
    ['a long head', long],
    ['a head and what a parser has left of a body', parsed],
  ])('may have left in part where that is told later: %s', async (_what, asked) => {
    expect(await failWriting('later', asked)).toMatchObject({ kind: 'reset', sent: true, reused: true });
  });

  test('cannot be read, over TLS, where it is one record that has not left whole', async () => {
    expect(await failWriting('later', {}, 'https:')).toMatchObject({ sent: false });
    expect(await failWriting('later', long, 'https:')).toMatchObject({ sent: true });
    expect(await failWriting('later', parsed, 'https:')).toMatchObject({ sent: true });
  });
});
