import { afterEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { ask, hashOf, makeBody, type Asked } from '../support/ask.ts';
import { deadUrl, startBackend, startRawBackend, type Backend } from '../support/backend.ts';
import { makeCertificates } from '../support/certificates.ts';
import { startFaulty, type Fault } from '../support/faults.ts';
import { senders } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { startHashing, startPair } from '../support/pair.ts';
import { startToldFront } from '../support/stories.ts';
import type { MemberParameters } from '../../src/index.ts';

const methods = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'POST', 'PATCH'] as const;
const small = makeBody(1_000);
/** Longer than what is kept for replay. */
const large = makeBody(300_000);
const bodies: readonly Pick<Asked, 'body' | 'chunked'>[] = [
  {},
  { body: small },
  { body: small, chunked: true },
  { body: large },
];

/** By method: what a request gets without a body, with a small counted one, a small chunked one, a large one. */
type Table = Readonly<Record<string, readonly string[]>>;

afterEach(tidyUp);

describe.each(senders)('%s', (_sender, sender) => {
  /** Every method with every body: who executed it, in order, and what the client got. */
  async function tabulate(
    first: string,
    backend?: Backend,
    parameters: MemberParameters = {},
  ): Promise<Table> {
    const healthy = await startHashing();
    const rows = methods.map(async (method) => {
      // A front a method, within whose retry budget all of its requests are.
      const front = await startPair(first, healthy.url, sender, parameters);
      const cells = bodies.map(async (body, i) => {
        const path = `/${method}/${i}`;
        const told = await ask(front.port, { method, path, ...body });
        const executed = [backend, healthy].flatMap((each, which) =>
          (each?.begun ?? []).filter((line) => line === `${method} ${path}`).map(() => 'ab'[which]!),
        );
        if (told.status === 200) expect(told.headers['x-hash']).toBe(hashOf(body.body ?? Buffer.alloc(0)));
        return [...executed, told.status].join(' ');
      });
      return [method, await Promise.all(cells)] as const;
    });
    return Object.fromEntries(await Promise.all(rows));
  }

  const moves = ['b 200', 'b 200', 'b 200', 'b 200'];

  describe('a request that has not left goes to another member, whatever its method and body', () => {
    const everyMoves: Table = Object.fromEntries(methods.map((method) => [method, moves]));

    test('when the connection is refused', async () => {
      expect(await tabulate(await deadUrl())).toEqual(everyMoves);
    });

    // A resolver may take its time, so that only a few ask it.
    test('when there is no such host', async () => {
      const healthy = await startHashing();
      const front = await startPair('http://does-not-exist.invalid/', healthy.url, sender);
      for (const method of ['GET', 'POST']) {
        const told = await ask(front.port, { method, body: large });
        expect([told.status, told.headers['x-hash']]).toEqual([200, hashOf(large)]);
      }
      const story = expect.stringMatching(/^a connect (?:ENOTFOUND|EAI_AGAIN), b answered 200$/);
      expect(front.stories()).toEqual([story, story]);
    }, 30_000);

    test('when there is no such socket', async () => {
      expect(await tabulate('unix:/does/not/exist.sock|http://localhost/')).toEqual(everyMoves);
    });

    test('when the member does not speak TLS', async () => {
      const plain = await startBackend('plain');
      expect(await tabulate(plain.url.replace('http:', 'https:'), plain)).toEqual(everyMoves);
    });

    test('when the certificate is nobody’s that is trusted', async () => {
      const { server: certified } = await makeCertificates();
      let executed = 0;
      const server = createServer(certified, () => (executed += 1)).listen(0, '127.0.0.1');
      await once(server, 'listening');
      try {
        const { port } = server.address() as AddressInfo;
        expect(await tabulate(`https://localhost:${port}`)).toEqual(everyMoves);
        expect(executed).toBe(0);
      } finally {
        server.close();
      }
    });

    test('when TLS does not come about within connectiontimeout', async () => {
      const mute = await startRawBackend(() => undefined);
      const table = await tabulate(mute.url.replace('http:', 'https:'), mute, { connectiontimeout: '50ms' });
      expect(table).toEqual(everyMoves);
    });
  });

  describe('a request that may have been executed goes to another member if it may be executed twice', () => {
    const again = ['a b 200', 'a b 200', 'a b 200'];
    const rows: readonly (readonly [fault: Fault, status: number])[] = [
      ['resets the connection', 502],
      ['closes the connection', 502],
      ['breaks off in the head', 502],
      ['stays silent', 504],
      ['stalls in the head', 504],
      ['answers garbage', 502],
      ['speaks another version', 502],
      ['sends a broken header line', 502],
      ['sends a head too long', 502],
      ['switches unasked', 502],
      ['never ends its 1xx', 502],
      ['sends two lengths', 502],
      ['sends a length that is none', 502],
      ['sends a length and chunks', 502],
      ['codes its answer', 502],
    ];
    test.each(rows)('and its body is kept: a member that %s', async (fault, status) => {
      const faulty = await startFaulty(fault);
      const stays = `a ${status}`;
      const idempotent = [...again, stays];
      const other = [stays, stays, stays, stays];
      const parameters = status === 504 ? { timeout: '1s' as const, connectiontimeout: '20s' as const } : {};
      expect(await tabulate(faulty.url, faulty, parameters)).toEqual({
        GET: idempotent,
        HEAD: idempotent,
        OPTIONS: idempotent,
        PUT: idempotent,
        DELETE: idempotent,
        POST: other,
        PATCH: other,
      });
    });
  });

  test('tries one member after the other until one answers', async () => {
    const silent = await startFaulty('stays silent');
    const reset = await startFaulty('resets the connection');
    const healthy = await startHashing();
    const urls = [await deadUrl(), reset.url, silent.url, healthy.url];
    const front = await startToldFront({
      ...sender,
      members: urls.map((url, i) => ({
        url,
        route: 'abcd'[i]!,
        lbset: i,
        ...(url === silent.url ? { timeout: '1s', connectiontimeout: '20s' } : {}),
      })),
    });
    expect((await ask(front.port)).status).toBe(200);
    expect(front.stories()).toEqual([
      expect.stringMatching(/^a connect ECONNREFUSED, b reset \w+, c timeout\b.*, d answered 200$/),
    ]);
    expect(front.balancer.view().map(({ elected }) => elected)).toEqual([1, 1, 1, 1]);
  });
});
