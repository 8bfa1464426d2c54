import type { ClientRequest, IncomingMessage, InformationEvent } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { MemberSettings } from '../../definition/settings.ts';
import { isFailedWrite, isHalfRecord } from '../failed-write.ts';
import type { FailureKind } from '../outcome.ts';
import { emitTo, heedEmits } from './emits.ts';
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

const mostContinues = 10;

/** Where an attempt is found by what http-proxy-middleware is handed for it. */
export const attemptOf = Symbol('attempt');

/** The attempt that something belongs to. A property: a WeakMap with a life as short as a request's costs half of the garbage collector's time. */
export function findAttempt(thing: unknown): HpmAttempt | undefined {
  if (typeof thing !== 'object' || thing === null) return undefined;
  return (thing as { [attemptOf]?: HpmAttempt })[attemptOf];
}

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
  /** Among those that are under way. */
  place = -1;
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
  #continues = 0;
  /** What its connection had written for others. */
  #bytesBefore = 0;
  readonly #whenOver: (attempt: HpmAttempt) => void;

  constructor({ outbound, member, receiver, fresh }: Asked, whenOver: (attempt: HpmAttempt) => void) {
    this.outbound = outbound;
    this.member = member;
    this.receiver = receiver;
    this.fresh = fresh;
    this.#whenOver = whenOver;
    this.timers = new Timers(member, this);
  }

  /** A body goes with it, be it an empty one in chunks. */
  get hasBody(): boolean {
    return this.outbound.body.kind !== 'none';
  }

  /** There is no ending yet. */
  get isLive(): boolean {
    return !this.isOver;
  }

  /** The request to the member, before any hook sees it; `options` are those that httpxy makes this one of. */
  abstract adopt(request: ClientRequest, options: { agent?: unknown }): void;
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
    const failure = {
      kind: kind ?? this.#kindOf(error),
      sent: this.isSent && !this.#isUnwritten(error),
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
    const followed = request as Followed;
    followed[attemptOf] = this;
    heedEmits(followed, emitHeeded);
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

  /** A request to the member has something to tell. */
  heed(request: ClientRequest, event: string, args: readonly unknown[]): boolean {
    try {
      // What comes behind an eleventh interim answer, in the same read: nobody is there for httpxy to pour it into.
      if (this.isOver && event === 'response') return true;
      if (this.isOver || request !== this.request) return emitTo(request, event, args);
      switch (event) {
        case 'response':
          this.timers.heard();
          return this.respond(args[0] as IncomingMessage, () => emitTo(request, event, args));
        case 'upgrade':
          return this.switched(args[0] as IncomingMessage, args[1] as Duplex, () =>
            emitTo(request, event, args),
          );
        case 'information':
          this.#tellInterim(args[0] as InformationEvent);
          break;
        case 'error':
          this.fail(args[0], this.isRefused ? 'bad-request' : undefined);
          break;
        case 'close':
          if (!this.isWhole()) this.fail(lostConnection());
          break;
        case 'finish':
          this.timers.heard();
          break;
      }
      return emitTo(request, event, args);
    } catch (error) {
      // httpxy throws at some answers, in a handler of Node's, where nobody would catch it.
      this.fail(error, 'bad-answer');
      return true;
    }
  }

  #tellInterim({ statusCode, statusMessage, rawHeaders }: InformationEvent): void {
    this.timers.heard();
    if (statusCode === 100) {
      // The client has been told to continue already, if it asked; a member could go on for ever.
      this.#continues += 1;
      if (this.#continues > mostContinues) {
        this.fail(new Error('more than ten times 100 (Continue)'), 'bad-answer');
      }
      return;
    }
    this.receiver.interim({ status: statusCode, reason: statusMessage, headers: rawHeaders });
  }

  #watchSocket(request: ClientRequest, socket: Socket): void {
    if (isReady(socket)) {
      this.#proceed(request, socket);
      return;
    }
    const proceed = (): void => {
      this.#proceed(request, socket);
    };
    this.timers.awaitConnection();
    socket.once('connect', proceed);
    socket.once('secureConnect', proceed);
  }

  #proceed(request: ClientRequest, socket: Socket): void {
    if (this.isOver || this.isConnected || request !== this.request || !isReady(socket)) return;
    this.timers.connected();
    this.isConnected = true;
    this.#bytesBefore = socket.bytesWritten;
    this.connected();
  }

  #isUnwritten(error: Error): boolean {
    const { body, path, headers } = this.outbound;
    if (body.kind !== 'none' || !isFailedWrite(error)) return false;
    if (this.member.protocol === 'https:') return isHalfRecord(`${path} ${headers.join(': \r\n')}`, body);
    // A write that is refused at once is not counted; one that fails later is, and may have left in part.
    return this.request?.socket?.bytesWritten === this.#bytesBefore;
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
export function findFault({ statusCode = 0, headers, httpVersion }: IncomingMessage): string | undefined {
  if (statusCode < 200) return `status ${statusCode} is no answer`;
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && coding.trim().toLowerCase() !== 'chunked') return `Transfer-Encoding ${coding}`;
  // RFC 9112 6.1: whoever speaks 1.0 does not know it.
  if (coding !== undefined && httpVersion === '1.0') return 'Transfer-Encoding in HTTP/1.0';
  return undefined;
}

/** The end of a connection whose answer is not whole, where Node has no error for it. */
export function lostConnection(): Error {
  return Object.assign(new Error('the member closed the connection'), { code: 'ECONNRESET' });
}

function isReady(socket: Socket): boolean {
  return !socket.connecting && !('secureConnecting' in socket && socket.secureConnecting === true);
}

function ignore(): void {
  // Told by `emit`.
}

/** The `emit` of a request that is followed: one for all of them. */
function emitHeeded(this: Followed, event: string, ...args: unknown[]): boolean {
  return this[attemptOf].heed(this, event, args);
}

type Followed = ClientRequest & { [attemptOf]: HpmAttempt };
