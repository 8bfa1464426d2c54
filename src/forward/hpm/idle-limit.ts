import type { Agent, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { clock, type Timer } from '../../clock.ts';
import { longestMs } from '../../definition/duration.ts';
import type { MemberSettings } from '../../definition/settings.ts';

/** What the types forget of an agent's connection, and what is noted on it. */
type Connection = Duplex & {
  unref(): void;
  /** Node's own agent looks there as well; nothing public tells what a connection has just answered. */
  _httpMessage?: { res?: IncomingMessage | null };
  [endsAt]?: number;
};

/** When an idle connection is ended, by the clock. */
const endsAt = Symbol('endsAt');

/** How long an idle connection is kept when neither member nor definition says so. */
const DEFAULT_TTL_MS = 4000;

/**
 * Ends connections that nobody has used for too long. The function it returns lets one be idle from now on; false: it may
 * not be. One timer for all of them: a socket's own would be set and cleared with each request.
 */
export function createIdleLimit(
  agent: Agent,
  { ttlMs }: Pick<MemberSettings, 'ttlMs'>,
): (connection: Duplex) => boolean {
  let timer: Timer | undefined;
  let sweepsAt = Infinity;

  function sweepAt(at: number, now: number): void {
    clock.clear(timer);
    sweepsAt = at;
    timer = clock.setTimer(sweep, Math.max(1, at - now));
    timer.unref();
  }

  function sweep(): void {
    const now = clock.now();
    let next = Infinity;
    for (const idle of Object.values(agent.freeSockets)) {
      for (const socket of (idle ?? []) as Connection[]) {
        const at = socket[endsAt] ?? Infinity;
        if (at <= now) socket.destroy();
        else next = Math.min(next, at);
      }
    }
    sweepsAt = Infinity;
    if (next < Infinity) sweepAt(next, now);
  }

  return (connection) => {
    const socket = connection as Connection;
    const idleMs = readTtl(socket, ttlMs);
    if (idleMs <= 0) return false;
    const now = clock.now();
    const at = now + idleMs;
    socket[endsAt] = at;
    if (at < sweepsAt) sweepAt(at, now);
    socket.unref();
    return true;
  };
}

/** The member's own `Keep-Alive: timeout=…`, less a second for the way, but not longer than the member's `ttl`. */
function readTtl({ _httpMessage: request }: Connection, ttlMs: number | undefined): number {
  const announced = readTimeout(request?.res?.rawHeaders ?? []);
  if (announced === undefined) return ttlMs ?? DEFAULT_TTL_MS;
  return Math.min(Number(announced) * 1000 - 1000, ttlMs ?? longestMs);
}

/** Not by `headers`, which Node joins when they are looked at first. */
function readTimeout(headers: readonly string[]): string | undefined {
  for (let i = 0; i < headers.length; i += 2) {
    const isField = headers[i]!.length === 'keep-alive'.length && headers[i]!.toLowerCase() === 'keep-alive';
    if (isField) return /^timeout=(\d+)/.exec(headers[i + 1]!)?.[1];
  }
  return undefined;
}
