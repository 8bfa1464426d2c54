import { once } from 'node:events';
import { createServer } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { RequestHandler } from 'express';
import { makeCertificates } from '../../support/certificates.ts';
import { senders, startFront } from '../../support/front.ts';
import { isIdle, until } from '../../support/idle.ts';
import { compress } from '../../support/wrappers.ts';
import { noteWhatIsThere, nothingIsLeft } from '../support/leftovers.ts';
import { runCrowd, startPatternMember } from '../support/members/crowd.ts';

const servers: Server[] = [];

beforeEach(noteWhatIsThere);
afterEach(async () => {
  for (const server of servers.splice(0)) {
    const closed = once(server, 'close');
    server.close();
    await closed;
  }
  await nothingIsLeft();
});

/** Corks each response now and then, for some turns of the loop. */
const cork: RequestHandler = (_req, res, next) => {
  let turns = 0;
  const toggle = (): void => {
    turns += 1;
    if (res.destroyed || res.writableEnded) return;
    if (turns % 3 === 1) res.cork();
    else if (turns % 3 === 2) res.uncork();
    setImmediate(toggle);
  };
  toggle();
  next();
};

/** Keeps each piece for some turns of the loop before it is written, and calls back at once. */
const delay: RequestHandler = (_req, res, next) => {
  const write = res.write.bind(res) as (chunk: unknown) => boolean;
  const end = res.end.bind(res) as (chunk?: unknown) => unknown;
  const held: (() => void)[] = [];
  let isDue = false;
  const flush = (): void => {
    isDue = false;
    for (const go of held.splice(0)) go();
  };
  const later = (go: () => void): void => {
    held.push(go);
    if (!isDue) setImmediate(setImmediate, flush);
    isDue = true;
  };
  Object.assign(res, {
    write(chunk: unknown, called?: unknown) {
      later(() => {
        if (!res.destroyed) write(chunk);
      });
      if (typeof called === 'function') (called as () => void)();
      return true;
    },
    end(chunk?: unknown) {
      later(() => {
        if (!res.destroyed) end(chunk);
      });
      return res;
    },
  });
  next();
};

const around: Readonly<Record<string, RequestHandler | undefined>> = {
  'nothing around it': undefined,
  'middleware that compresses': compress,
  'middleware that corks': cork,
  'middleware that writes later': delay,
};

type Kind = 'http' | 'https' | 'https that speaks HTTP/2 as well';

/** How many requests a client makes, and how long the longest answer is: what compresses takes its time. */
const rows: readonly (readonly [kind: Kind, what: string, requests: number, longest: number])[] = [
  ['http', 'nothing around it', 16, 6_000_000],
  ['http', 'middleware that compresses', 5, 1_000_000],
  ['http', 'middleware that corks', 12, 5_000_000],
  ['http', 'middleware that writes later', 12, 5_000_000],
  ['https', 'nothing around it', 12, 5_000_000],
  ['https', 'middleware that corks', 8, 3_000_000],
  ['https that speaks HTTP/2 as well', 'nothing around it', 8, 5_000_000],
];

describe.each(senders)('over %s, each client gets its own bytes and nobody else’s', (_name, sender) => {
  test.each(rows)('%s, %s', async (kind, what, requests, longest) => {
    const members = await Promise.all(['a', 'b', 'c'].map(startPatternMember));
    const before = around[what];
    const front = await startFront(
      { ...sender, members: members.map(({ url }) => url) },
      before ? { before: (app) => app.use(before) } : {},
    );
    const crowd = await runCrowd(await listenAs(kind, front.app), {
      seed: 1 + rows.findIndex((row) => row[0] === kind && row[1] === what),
      clients: 32,
      requests,
      longest,
      tls: kind !== 'http',
    });
    expect(crowd.faults).toEqual([]);
    expect(crowd.whole).toBeGreaterThan(2 * requests);
    expect(crowd.cut + crowd.refused).toBeGreaterThan(2);
    expect(crowd.left).toBeGreaterThan(2);
    await until(() => isIdle(front));
  });
});

async function listenAs(kind: Kind, app: RequestHandler): Promise<number> {
  const { server: certified } = await makeCertificates();
  const makers = {
    http: () => createServer(app as never),
    https: () => createHttpsServer(certified, app as never),
    'https that speaks HTTP/2 as well': () =>
      createSecureServer({ ...certified, allowHTTP1: true }, app as never),
  };
  const server: Server = makers[kind]();
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
