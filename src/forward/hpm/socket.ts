import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { asShown, beneath, overlay } from './overlay.ts';

/** Whose connection a stand-in stands for. */
export type SocketOwner = {
  /** Calls back when the client and the member have both been silent for so long; 0: never. */
  limitIdle(ms: number, callback: () => void): void;
  /** Somebody wants the client's connection to end. */
  fail(cause: unknown, kind: 'reset'): void;
};

/** What http-proxy-middleware wants to see before it takes an upgrade; it does nothing with it. */
const someServer = {};

const owner = Symbol('owner');

/**
 * The client's connection as http-proxy-middleware and hooks see it: to be looked at, not to be written to, tuned or
 * ended, since the client is still to be answered, perhaps by another member.
 */
class SocketStandIn extends EventEmitter {
  readonly [owner]: SocketOwner;
  readonly [beneath]: object;
  [asShown]: unknown = undefined;
  /** On the client's own, http-proxy-middleware would subscribe to the server's events. */
  readonly server: object | undefined;

  constructor(itsOwner: SocketOwner, isUpgrade: boolean, socket: object) {
    super();
    this[beneath] = socket;
    this[owner] = itsOwner;
    this.server = isUpgrade ? someServer : undefined;
  }

  setTimeout(ms: number, callback?: () => void): this {
    this[owner].limitIdle(ms, callback ?? (() => this.emit('timeout')));
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  write(): boolean {
    return true;
  }

  end(): this {
    return this;
  }

  pause(): this {
    return this;
  }

  resume(): this {
    return this;
  }

  unshift(): void {
    // What the client has sent ahead goes to the member when it has switched.
  }

  pipe<Sink>(sink: Sink): Sink {
    return sink;
  }

  unpipe(): this {
    return this;
  }

  destroy(error?: Error): this {
    // As its `timeout` option does.
    this[owner].fail(error ?? new Error('the client’s connection was to be ended'), 'reset');
    return this;
  }
}

/** A stand-in for the client's connection; one that is nobody's looks open. */
export function standInForSocket(
  itsOwner: SocketOwner,
  isUpgrade: boolean,
  socket: object = { writable: true },
): Socket {
  // Complete enough for whoever is handed it; what is missing is read from the client's own.
  return overlay(new SocketStandIn(itsOwner, isUpgrade, socket)) as unknown as Socket;
}
