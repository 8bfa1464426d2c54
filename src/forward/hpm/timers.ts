import { clock, type Timer } from '../../clock.ts';
import type { MemberSettings } from '../../definition/settings.ts';

/** Whose timers they are. */
export type TimersOwner = Readonly<{
  /** Something that the member has said is still here, unread. */
  isHeld(): boolean;
  fail(cause: Error, kind: 'connect-timeout' | 'timeout'): void;
}>;

/**
 * The timers of one attempt; http-proxy-middleware's own end like a reset. Each lets what has come meanwhile be read
 * before it counts: a loop that was busy runs its timers first.
 */
export class Timers {
  readonly #member: MemberSettings;
  readonly #owner: TimersOwner;
  #connecting: Timer | undefined;
  #silence: Timer | undefined;
  #idle: Timer | undefined;
  #hasHeard = false;

  constructor(member: MemberSettings, owner: TimersOwner) {
    this.#member = member;
    this.#owner = owner;
  }

  /** From now on the connection has to come about within `connectiontimeout`. */
  awaitConnection(): void {
    const { url, connectTimeoutMs } = this.#member;
    this.connected();
    const timer = clock.setLimit(() => {
      setImmediate(() => {
        if (this.#connecting !== timer) return;
        const cause = new Error(`no connection to ${url} within ${connectTimeoutMs / 1000} s`);
        this.#owner.fail(cause, 'connect-timeout');
      });
    }, connectTimeoutMs);
    this.#connecting = timer;
  }

  connected(): void {
    if (this.#connecting === undefined) return;
    clock.clear(this.#connecting);
    this.#connecting = undefined;
  }

  /** It is the member's turn: from now on it may not be silent for longer than `timeout`. */
  awaitMember(): void {
    const { url, timeoutMs } = this.#member;
    this.rest();
    const timer = clock.setLimit(() => {
      this.#hasHeard = false;
      setImmediate(() => {
        if (this.#silence !== timer) return;
        // What a slow client has not taken yet is no silence.
        if (this.#hasHeard || this.#owner.isHeld()) timer.refresh();
        else this.#owner.fail(new Error(`${url} silent for ${timeoutMs} ms`), 'timeout');
      });
    }, timeoutMs);
    this.#silence = timer;
  }

  /** It is somebody else's turn. */
  rest(): void {
    if (this.#silence === undefined) return;
    clock.clear(this.#silence);
    this.#silence = undefined;
  }

  /** The member has said or taken something. */
  heard(): void {
    this.#silence?.refresh();
    this.#hasHeard = true;
    this.stir();
  }

  /** Something has gone either way. */
  stir(): void {
    this.#idle?.refresh();
  }

  /** Calls back when nothing has gone either way for so long; 0: never. */
  limitIdle(ms: number, callback: () => void): void {
    if (this.#idle !== undefined) clock.clear(this.#idle);
    this.#idle = ms > 0 ? clock.setLimit(callback, ms) : undefined;
  }

  stop(): void {
    this.connected();
    this.rest();
    if (this.#idle === undefined) return;
    clock.clear(this.#idle);
    this.#idle = undefined;
  }
}
