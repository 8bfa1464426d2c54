import { Agent, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createIdleLimit } from '../../../../src/forward/hpm/idle-limit.ts';

type Connection = Readonly<{ destroy: jest.Mock<() => void>; unref: jest.Mock<() => void> }> & Duplex;

/** A connection that has just answered with these fields. */
function makeConnection(...rawHeaders: string[]): Connection {
  const res = { rawHeaders } as unknown as IncomingMessage;
  const connection = { _httpMessage: { res }, destroy: jest.fn(), unref: jest.fn() };
  return connection as unknown as Connection;
}

/** How often it was ended. */
function endsOf(connection: Connection): number {
  return connection.destroy.mock.calls.length;
}

/** An agent that has these connections to spare. */
function makeAgent(...connections: Duplex[]): Agent {
  return Object.assign(new Agent(), { freeSockets: { 'member:80:': connections } });
}

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('an idle connection', () => {
  test.each([
    ['the default where nobody says so', undefined, [], 4_000],
    ['ttl', 2_000, [], 2_000],
    ['what the member announces, less a second', undefined, ['Keep-Alive', 'timeout=3'], 2_000],
    ['ttl where the member would keep it longer', 500, ['KEEP-ALIVE', 'timeout=60, max=5'], 500],
    ['the default where the member says nothing of it', undefined, ['Keep-Alive', 'max=5'], 4_000],
  ])('is kept for %s', (_what, ttlMs, headers, expectedMs) => {
    const connection = makeConnection(...headers);
    const limit = createIdleLimit(makeAgent(connection), { ttlMs });
    expect(limit(connection)).toBe(true);
    expect(connection.unref.mock.calls).toHaveLength(1);
    jest.advanceTimersByTime(expectedMs - 1);
    expect(endsOf(connection)).toBe(0);
    jest.advanceTimersByTime(2);
    expect(endsOf(connection)).toBe(1);
  });

  test.each([
    ['ttl', 0, []],
    ['the member', undefined, ['Keep-Alive', 'timeout=1']],
  ])('is not kept at all where %s is too short for it', (_who, ttlMs, headers) => {
    const connection = makeConnection(...headers);
    expect(createIdleLimit(makeAgent(connection), { ttlMs })(connection)).toBe(false);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('counts from its last use', () => {
    const [used, idle] = [makeConnection(), makeConnection()];
    const limit = createIdleLimit(makeAgent(used, idle), { ttlMs: 1_000 });
    limit(used);
    limit(idle);
    jest.advanceTimersByTime(600);
    limit(used);
    jest.advanceTimersByTime(600);
    expect(endsOf(idle)).toBe(1);
    expect(endsOf(used)).toBe(0);
    jest.advanceTimersByTime(600);
    expect(endsOf(used)).toBe(1);
  });

  test('that may stay for less time than others is not kept as long as they are', () => {
    const [long, short] = [
      makeConnection('Keep-Alive', 'timeout=60'),
      makeConnection('Keep-Alive', 'timeout=2'),
    ];
    const limit = createIdleLimit(makeAgent(long, short), { ttlMs: undefined });
    limit(long);
    limit(short);
    jest.advanceTimersByTime(1_001);
    expect(endsOf(short)).toBe(1);
    expect(endsOf(long)).toBe(0);
  });

  test('leaves no timer behind when it is gone', () => {
    const agent = makeAgent();
    const limit = createIdleLimit(agent, { ttlMs: 1_000 });
    limit(makeConnection());
    jest.advanceTimersByTime(1_001);
    expect(jest.getTimerCount()).toBe(0);
  });
});
