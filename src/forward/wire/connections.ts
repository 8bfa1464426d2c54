import { clock, type Timer } from '../../clock.ts';
import type { MemberSettings } from '../../definition/settings.ts';
import type { ConnectionOwner } from './connection-owner.ts';
import { Connection } from './connection.ts';
import type { Exchange } from './exchange.ts';
import { findServername } from './open-socket.ts';
import { WireError } from './wire-error.ts';
import type { Head } from './write-head.ts';

/** For how long a connection idles whose member says nothing about that: shorter than any server's default. */
const defaultIdleMs = 4_000;
const longestIdleMs = 600_000;
/** So much earlier than the member, whose word takes its time, and who counts from when it has written its answer. */
const marginMs = 2_000;
/** Names that connections over TLS are opened by are the clients' where they are passed on. */
const mostSessions = 100;

/** The connections to one member. */
export class Connections implements ConnectionOwner {
  readonly #member: MemberSettings;
  /** Every one that is not closed. A list, for a set that much goes in and out of leaves tables behind it. */
  readonly #open: Connection[] = [];
  /** Those that carry nothing; the last one that did so last. */
  readonly #idle: Connection[] = [];
  readonly #sessions = new Map<string, Buffer>();
  #sweep: Timer | undefined;
  #isRetired = false;
  #whenEmpty: (() => void) | undefined;

  constructor(member: MemberSettings) {
    this.#member = member;
  }

  /** Has a connection carry an exchange: the one that was used last, or a new one. */
  carry(exchange: Exchange, head: Head, fresh: boolean): void {
    const { upgrade, headers } = exchange.outbound;
    const servername = findServername(this.#member, headers);
    const isTunnel = upgrade !== undefined;
    const idle = fresh || isTunnel ? undefined : this.#takeIdle(servername);
    if (idle !== undefined) {
      idle.ref();
      exchange.assign(head, idle);
      idle.carry(exchange);
      return;
    }
    const wanted = { servername, session: this.#sessions.get(servername ?? ''), isTunnel };
    const connection = new Connection(this.#member, wanted, this);
    connection.slot = this.#open.length;
    this.#open.push(connection);
    exchange.assign(head, connection);
    connection.carry(exchange);
    connection.open(wanted);
  }

  idle(connection: Connection, keptMs: number | undefined): void {
    const idleMs = this.#idleMs(keptMs);
    if (this.#isRetired || idleMs <= 0) {
      connection.close();
      return;
    }
    connection.expiresAt = clock.now() + idleMs;
    connection.unref();
    this.#idle.push(connection);
    this.#sweep ??= clock.setTimer(this.#onSweep, idleMs).unref();
  }

  closed(connection: Connection): void {
    const open = this.#open;
    const last = open.pop()!;
    if (last !== connection) {
      open[connection.slot] = last;
      last.slot = connection.slot;
    }
    const at = this.#idle.lastIndexOf(connection);
    if (at !== -1) this.#idle.splice(at, 1);
    if (open.length === 0) {
      clock.clear(this.#sweep);
      this.#sweep = undefined;
      this.#whenEmpty?.();
    }
  }

  session(servername: string | undefined, session: Buffer): void {
    const sessions = this.#sessions;
    const key = servername ?? '';
    if (!sessions.has(key) && sessions.size >= mostSessions) sessions.clear();
    sessions.set(key, session);
  }

  /** Keeps none any more; resolves when those that are in use have ended. */
  async retire(): Promise<void> {
    this.#isRetired = true;
    for (const connection of [...this.#idle]) connection.close();
    if (this.#open.length === 0) return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#whenEmpty = () => {
      resolve(undefined);
    };
    await promise;
  }

  destroy(): void {
    this.#isRetired = true;
    for (const connection of [...this.#open])
      connection.break(new WireError('ECONNRESET', 'the sender was destroyed'));
  }

  #takeIdle(servername: string | undefined): Connection | undefined {
    const idle = this.#idle;
    if (idle.length === 0) return undefined;
    const now = clock.now();
    for (let i = idle.length - 1; i >= 0; i -= 1) {
      const connection = idle[i]!;
      if (connection.expiresAt <= now || connection.isClosed) {
        connection.close();
      } else if (connection.servername === servername) {
        idle.splice(i, 1);
        return connection;
      }
    }
    return undefined;
  }

  /** A member with `ttl` is taken at its word to the millisecond, as far as that goes. */
  #idleMs(keptMs: number | undefined): number {
    const { ttlMs } = this.#member;
    if (keptMs === undefined) return ttlMs ?? defaultIdleMs;
    return ttlMs === undefined ? Math.min(keptMs - marginMs, longestIdleMs) : Math.min(keptMs, ttlMs);
  }

  readonly #onSweep = (): void => {
    const now = clock.now();
    let nextMs = Infinity;
    for (const connection of [...this.#idle]) {
      if (connection.expiresAt <= now) connection.close();
      else nextMs = Math.min(nextMs, connection.expiresAt - now);
    }
    this.#sweep = nextMs === Infinity ? undefined : clock.setTimer(this.#onSweep, Math.ceil(nextMs)).unref();
  };
}
