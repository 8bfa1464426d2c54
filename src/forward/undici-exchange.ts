import type { Duplex } from 'node:stream';
import { errors, type Dispatcher } from 'undici';
import type { MemberSettings } from '../definition/settings.ts';
import type { BodySource } from '../request/body-source.ts';
import type { RawHeaders } from '../rewrite/headers.ts';
import { valuesOf } from '../rewrite/headers.ts';
import type { Answer, Failure, FailureKind } from './outcome.ts';
import type { Flow, Outbound, Receiver } from './sender.ts';
import { connectErrors, type MemberClient } from './undici-client.ts';

type Controller = Dispatcher.DispatchController;

/** One attempt: undici's callbacks on one side, the receiver's on the other. */
export class Exchange implements Dispatcher.DispatchHandler, Flow {
  /** The client that carries the request; set when one is found for it. */
  client: MemberClient | undefined;
  readonly #outbound: Outbound;
  readonly #member: MemberSettings;
  readonly #receiver: Receiver;
  readonly #source: BodySource | undefined;
  #controller: Controller | undefined;
  #reused = false;
  #begun = false;
  #answered = false;
  #over = false;
  #silence: NodeJS.Timeout | undefined;
  /** How often the member's silence was counted anew. */
  #turns = 0;

  constructor(outbound: Outbound, member: MemberSettings, receiver: Receiver) {
    this.#outbound = outbound;
    this.#member = member;
    this.#receiver = receiver;
    this.#source = outbound.body.kind === 'stream' ? outbound.body.open() : undefined;
  }

  begin(dispatcher: Dispatcher): void {
    const { method, path, headers, upgrade, body } = this.#outbound;
    if (this.#source) this.#watch(this.#source);
    dispatcher.dispatch(
      {
        method: method,
        path,
        headers: headers as string[],
        body: this.#source ?? (body.kind === 'bytes' ? body.bytes : null),
        ...(upgrade === undefined ? {} : { upgrade }),
      } as Dispatcher.DispatchOptions, // Its `body` type wants a Readable; a bare emitter with a stream's methods is enough.
      this,
    );
    this.#begun = true;
  }

  pause(): void {
    this.#stopWaiting();
    this.#controller?.pause();
  }

  resume(): void {
    if (this.#answered && !this.#over && !this.#silence) this.#await();
    this.#controller?.resume();
  }

  abort(): void {
    if (this.#over) return;
    this.#end();
    if (this.#controller) this.#controller.abort(new errors.RequestAbortedError());
    else this.client?.abandon();
  }

  onRequestStart(controller: Controller): void {
    if (this.#over) {
      controller.abort(new errors.RequestAbortedError());
      return;
    }
    this.#controller = controller;
    this.#reused = this.client!.begin();
    if (!this.#source) this.#await();
  }

  onResponseStart(controller: Controller, status: number, _headers: unknown, reason = ''): void {
    if (this.#over) return;
    const answer = { status, reason: toRawText(reason), headers: toRawHeaders(controller.rawHeaders) };
    const fault = findFault(answer);
    if (fault !== undefined) {
      this.abort();
      this.#receiver.failed(this.#failure('bad-answer', new Error(fault)));
    } else if (status < 200) {
      if (this.#silence) this.#await();
      this.#receiver.interim(answer);
    } else {
      this.#answered = true;
      this.#await();
      this.#receiver.answered(answer);
    }
  }

  onRequestUpgrade(controller: Controller, status: number, _headers: unknown, socket: Duplex): void {
    if (this.#over) {
      socket.destroy();
      return;
    }
    const answer: Answer = {
      status,
      reason: 'Switching Protocols',
      headers: toRawHeaders(controller.rawHeaders),
    };
    this.#end();
    const agreed = valuesOf(answer.headers, 'upgrade').join(', ').toLowerCase();
    if (agreed === this.#outbound.upgrade?.toLowerCase()) {
      this.#receiver.upgraded(answer, socket);
    } else {
      socket.destroy();
      this.#receiver.failed(
        this.#failure('bad-answer', new Error(`switched to ${agreed || 'nothing'} unasked`)),
      );
    }
  }

  onResponseData(_controller: Controller, chunk: Buffer): void {
    if (this.#over) return;
    this.#await();
    this.#receiver.data(chunk);
  }

  onResponseEnd(controller: Controller): void {
    if (this.#over) return;
    this.#end();
    this.#receiver.ended(toRawHeaders(controller.rawTrailers));
  }

  onResponseError(_controller: Controller | undefined, error: Error): void {
    if (this.#over) return;
    this.#end();
    const failure = this.#failure(this.#kindOf(error), error);
    // undici reports a request that it refuses while it is being handed over; the caller has no Flow yet.
    if (this.#begun) this.#receiver.failed(failure);
    else
      queueMicrotask(() => {
        this.#receiver.failed(failure);
      });
  }

  #end(): void {
    this.#over = true;
    this.#stopWaiting();
    this.#source?.destroy();
  }

  #failure(kind: FailureKind, cause: Error): Failure {
    const started = this.#controller !== undefined;
    // The first write has failed, so nothing has left; with a body there may have been an earlier one.
    const unwritten = this.#outbound.body.kind === 'none' && 'syscall' in cause && cause.syscall === 'write';
    return { kind, sent: started && !unwritten, reused: this.#reused || !started, cause };
  }

  #kindOf(error: Error): FailureKind {
    if (connectErrors.has(error)) {
      return error instanceof errors.ConnectTimeoutError ? 'connect-timeout' : 'connect';
    }
    if (
      error instanceof errors.HTTPParserError ||
      error instanceof errors.HeadersOverflowError ||
      error instanceof errors.ResponseContentLengthMismatchError ||
      (error instanceof errors.SocketError && error.message.startsWith('bad ')) ||
      // undici takes for granted that a 101 names a protocol.
      ('code' in error && error.code === 'ERR_ASSERTION')
    ) {
      return 'bad-answer';
    }
    if (
      error instanceof errors.InvalidArgumentError ||
      error instanceof errors.NotSupportedError ||
      error instanceof errors.RequestContentLengthMismatchError
    ) {
      return 'bad-request';
    }
    return 'reset';
  }

  /** While a body streams, the member's turn is when it takes no more of it, or has all of it. */
  #watch(source: BodySource): void {
    const onTurn = (): void => {
      if (!this.#over && !this.#answered) this.#await();
    };
    source.on('held', onTurn);
    source.on('end', onTurn);
    source.on('flowing', () => {
      if (!this.#answered) this.#stopWaiting();
    });
  }

  /** It is the member's turn: counts its silence, anew. */
  #await(): void {
    this.#turns += 1;
    if (this.#silence) {
      this.#silence.refresh();
      return;
    }
    const timer = setTimeout(() => {
      const turns = this.#turns;
      // A loop that was busy runs its timers before it reads what has come meanwhile.
      setImmediate(() => {
        if (this.#silence === timer && this.#turns === turns) this.#giveUp();
      });
    }, this.#member.timeoutMs);
    this.#silence = timer;
  }

  #giveUp(): void {
    const { url, timeoutMs } = this.#member;
    const SilenceError = this.#answered ? errors.BodyTimeoutError : errors.HeadersTimeoutError;
    const failure = this.#failure('timeout', new SilenceError(`${url} silent for ${timeoutMs} ms`));
    this.abort();
    this.#receiver.failed(failure);
  }

  /** It is somebody else's turn. */
  #stopWaiting(): void {
    clearTimeout(this.#silence);
    this.#silence = undefined;
  }
}

/** What is wrong with a head; undici's parser takes more than can be passed on. */
function findFault({ status, headers }: Answer): string | undefined {
  if (status < 100) return `status ${status} is no answer`;
  // The parser takes off `chunked` alone: what is left would reach the client as content.
  const coding = valuesOf(headers, 'transfer-encoding').join(', ');
  return coding === '' || coding.toLowerCase() === 'chunked' ? undefined : `Transfer-Encoding ${coding}`;
}

/** undici reads a reason as UTF-8; Node writes one character a byte. */
function toRawText(text: string): string {
  return Buffer.from(text).toString('latin1');
}

function toRawHeaders(headers: unknown): RawHeaders {
  if (!Array.isArray(headers)) return [];
  return headers.map((field: Buffer | string) =>
    typeof field === 'string' ? field : field.toString('latin1'),
  );
}
