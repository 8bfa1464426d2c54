import type { ClientRequest, IncomingMessage, InformationEvent } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { MemberSettings } from '../../definition/settings.ts';
import type { FailureKind } from '../outcome.ts';
import { toError } from './guard.ts';
import { Timers } from './timers.ts';
import type { Flow, Outbound, Receiver } from '../sender.ts';

/** Errors of requests that cannot be written at all. */
const UNWRITABLE: ReadonlySet<string> = new Set([
  'ERR_HTTP_INVALID_HEADER_VALUE',
  'ERR_HTTP_TRAILER_INVALID',
  'ERR_INVALID_CHAR',
  'ERR_INVALID_HTTP_TOKEN',
  'ERR_UNESCAPED_CHARACTERS',
]);

/**
 * What an attempt through http-proxy-middleware is, whether for a request or for an upgrade: it watches the ClientRequest
 * from outside, has its own timers, and tells the receiver one ending.
 */
export abstract class HpmAttempt implements Flow {
  readonly fresh: boolean;
  /** http-proxy-middleware has taken the request. */
  isTaken = false;
  /** httpxy has the request; what fails from now on is not its preparation. */
  isStarted = false;
  protected readonly outbound: Outbound;
  protected readonly member: MemberSettings;
  protected readonly receiver: Receiver;
  protected readonly timers: Timers;
  protected request: ClientRequest | undefined;
  protected isConnected = false;
  /** Some of the request may have left. */
  protected isSent = false;
  /** A hook has ended the request before it was sent. */
  protected isRefused = false;
  protected isOver = false;
  #isAborted = false;
  readonly #whenOver: (attempt: HpmAttempt) => void;

  constructor({ outbound, member, receiver, fresh }: Asked, whenOver: (attempt: HpmAttempt) => void) {
    this.outbound = outbound;
    this.member = member;
    this.receiver = receiver;
    this.fresh = fresh;
    this.#whenOver = whenOver;
    this.timers = new Timers(member, this);
  }

  /** There is no ending yet. */
  get isLive(): boolean {
    return !this.isOver;
  }

  abstract pause(): void;
  abstract resume(): void;

  /** The connection is there. */
  protected abstract connected(): void;
  /** `pass` lets http-proxy-middleware and hooks have the answer. */
  protected abstract respond(res: IncomingMessage, pass: () => boolean): boolean;
  /** The member has switched protocols, asked to or not. */
  protected abstract switched(res: IncomingMessage, socket: Duplex, pass: () => boolean): boolean;
  /** Everything of the answer has come. */
  protected abstract isWhole(): boolean;
  /** Something that the member has said is still here, unread. */
  abstract isHeld(): boolean;
  /** Lets go of all but the request. */
  protected abstract release(): void;

  abort(): void {
    this.#isAborted = true;
    if (this.isOver) return;
    this.finish();
    this.request?.destroy();
  }

  /** The attempt has failed, if it is not over yet: the first reason counts. */
  fail(cause: unknown, kind?: FailureKind): void {
    if (this.isOver) return;
    const error = toError(cause);
    // The first write has failed, so nothing has left; with a body there may have been an earlier one.
    const isUnwritten = this.outbound.body.kind === 'none' && 'syscall' in error && error.syscall === 'write';
    const failure = {
      kind: kind ?? this.#kindOf(error),
      sent: this.isSent && !isUnwritten,
      reused: this.request?.reusedSocket ?? false,
      cause: error,
    };
    this.finish();
    // Behind a whole answer Node listens to its connection no more: an error of it would end the process.
    this.request?.destroy(this.isWhole() ? undefined : error);
    // Later: the hooks are still to hear of it, and whoever called `send` has no Flow yet.
    queueMicrotask(() => {
      if (!this.#isAborted) this.receiver.failed(failure);
    });
  }

  limitIdle(ms: number, callback: () => void): void {
    if (!this.isOver) this.timers.limitIdle(ms, callback);
  }

  /** Nothing more will be told. */
  protected finish(): void {
    this.isOver = true;
    this.timers.stop();
    this.release();
    this.#whenOver(this);
  }

  /** Watches a request to the member from now on. */
  protected follow(request: ClientRequest): void {
    this.request = request;
    this.isConnected = false;
    const emit = request.emit.bind(request) as (event: string, ...args: unknown[]) => boolean;
    request.emit = (event: string, ...args: unknown[]) => {
      const pass = (): boolean => emit(event, ...args);
      try {
        return this.#heed(request, event, args, pass);
      } catch (error) {
        // httpxy throws at some answers, in a handler of Node's, where nobody would catch it.
        this.fail(error, 'bad-answer');
        return true;
      }
    };
    // Node hands a switch over only where somebody listens; unheard, the request would wait for ever.
    request.on('upgrade', ignore);
    if (request.socket) {
      this.#watchSocket(request, request.socket);
    } else {
      this.timers.awaitConnection();
      request.once('socket', (socket) => {
        this.#watchSocket(request, socket);
      });
    }
  }

  #heed(request: ClientRequest, event: string, args: readonly unknown[], pass: () => boolean): boolean {
    if (this.isOver || request !== this.request) return pass();
    switch (event) {
      case 'information':
        this.#tellInterim(args[0] as InformationEvent);
        return pass();
      case 'response':
        this.timers.heard();
        return this.respond(args[0] as IncomingMessage, pass);
      case 'upgrade':
        return this.switched(args[0] as IncomingMessage, args[1] as Duplex, pass);
      case 'error':
        this.fail(args[0], this.isRefused ? 'bad-request' : undefined);
        return pass();
      case 'close':
        if (!this.isWhole()) this.fail(lostConnection());
        return pass();
      default:
        if (event === 'finish') this.timers.heard();
        return pass();
    }
  }

  #tellInterim({ statusCode, statusMessage, rawHeaders }: InformationEvent): void {
    this.timers.heard();
    // The client has been told to continue already, if it asked.
    if (statusCode === 100) return;
    this.receiver.interim({ status: statusCode, reason: statusMessage, headers: rawHeaders });
  }

  #watchSocket(request: ClientRequest, socket: Socket): void {
    const isReady = (): boolean => !socket.connecting && !isShaking(socket);
    const proceed = (): void => {
      if (this.isOver || this.isConnected || request !== this.request || !isReady()) return;
      this.timers.connected();
      this.isConnected = true;
      this.connected();
    };
    if (isReady()) {
      proceed();
    } else {
      this.timers.awaitConnection();
      socket.once('connect', proceed);
      socket.once('secureConnect', proceed);
    }
  }

  #kindOf(error: Error): FailureKind {
    const code = 'code' in error ? String(error.code) : '';
    if (UNWRITABLE.has(code) || code.startsWith('HPM_')) return 'bad-request';
    if (code === 'ERR_UPSTREAM_UPGRADE_TIMEOUT') return 'timeout';
    if (!this.isConnected) return 'connect';
    return code.startsWith('HPE_') ? 'bad-answer' : 'reset';
  }
}

/** What `send` was asked for. */
export type Asked = Readonly<{
  outbound: Outbound;
  member: MemberSettings;
  receiver: Receiver;
  fresh: boolean;
}>;

/** What is wrong with an answer's head; Node's parser takes more than can be passed on. */
export function findFault({ statusCode = 0, headers }: IncomingMessage): string | undefined {
  if (statusCode < 200) return `status ${statusCode} is no answer`;
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && coding.trim().toLowerCase() !== 'chunked') return `Transfer-Encoding ${coding}`;
  return undefined;
}

/** The end of a connection whose answer is not whole, where Node has no error for it. */
export function lostConnection(): Error {
  return Object.assign(new Error('the member closed the connection'), { code: 'ECONNRESET' });
}

function isShaking(socket: Socket): boolean {
  return 'secureConnecting' in socket && socket.secureConnecting === true;
}

function ignore(): void {
  // Told by `emit`.
}
