import { EventEmitter } from 'node:events';
import type { IncomingMessage, OutgoingMessage } from 'node:http';
import type { KeptBytes } from './kept-bytes.ts';
import { findNominated } from '../rewrite/hop-by-hop.ts';
import { keepTrailers } from './trailers.ts';

/** The client's request broke off, or cannot be read any more: no member has failed. */
export class BodyLost extends Error {
  override readonly name = 'BodyLost';
}

type Events = {
  data: [chunk: Buffer];
  end: [];
  error: [error: Error];
  close: [];
  /** The sink takes no more for now. */
  held: [];
  /** The sink takes more; what is awaited now is the client. */
  flowing: [];
};

/**
 * A request's body for one attempt: first what is kept of it, then the rest as the client sends it. It has as much of a
 * stream as a ClientRequest wants, and is none: who pipes a stream may destroy it, and with an IncomingMessage goes its socket,
 * while the client is still to be answered.
 */
export class BodySource extends EventEmitter<Events> {
  readonly #req: IncomingMessage;
  readonly #kept: KeptBytes;
  #next = 0;
  #isPaused = true;
  #isScheduled = false;
  #isLive = false;
  #errored: Error | null = null;
  #ended = false;
  #destroyed = false;
  #closed = false;

  constructor(req: IncomingMessage, kept: KeptBytes) {
    super();
    this.#req = req;
    this.#kept = kept;
    if (!kept.isWhole) {
      this.destroy(new BodyLost('what was sent of the body has not been kept'));
    } else if (isBroken(req)) {
      this.#onBreak();
    } else if (!req.readableEnded) {
      req.on('error', this.#onBreak);
      req.on('close', this.#onBreak);
    }
  }

  get errored(): Error | null {
    return this.#errored;
  }

  get readableEnded(): boolean {
    return this.#ended;
  }

  get destroyed(): boolean {
    return this.#destroyed;
  }

  get closed(): boolean {
    return this.#closed;
  }

  pause(): this {
    if (this.#isPaused || this.#destroyed) return this;
    this.#isPaused = true;
    if (this.#isLive) this.#req.pause();
    this.emit('held');
    return this;
  }

  /** Pours, from the next tick on. A refused connection never gets here, and leaves the body whole. */
  resume(): this {
    if (!this.#isPaused || this.#destroyed) return this;
    this.#isPaused = false;
    this.emit('flowing');
    if (this.#isLive) {
      this.#req.resume();
    } else if (!this.#isScheduled) {
      this.#isScheduled = true;
      process.nextTick(this.#pour);
    }
    return this;
  }

  /** Leaves the request as it is, paused, for the next source. */
  destroy(error?: Error): this {
    if (this.#destroyed) return this;
    this.#destroyed = true;
    this.#errored = error ?? null;
    this.#detach();
    process.nextTick(() => {
      this.#closed = true;
      if (error && this.listenerCount('error') > 0) this.emit('error', error);
      this.emit('close');
    });
    return this;
  }

  /** Writes into a request to a member, its trailers too if it is chunked; nothing is poured before `resume`. */
  pipe<Sink extends OutgoingMessage>(sink: Sink): Sink {
    let isFull = false;
    this.on('data', (chunk) => {
      if (sink.destroyed) {
        this.destroy();
      } else if (!sink.write(chunk)) {
        isFull = true;
        this.pause();
      }
    });
    this.on('end', () => {
      try {
        const { rawTrailers, rawHeaders } = this.#req;
        if (rawTrailers.length > 0) sink.addTrailers(keepTrailers(rawTrailers, findNominated(rawHeaders)));
      } catch {
        // A trailer that Node refuses is left out, with those after it; the content before it is whole.
      }
      sink.end();
    });
    sink.on('drain', () => {
      // A ClientRequest may drain what was written to it before.
      if (isFull) this.resume();
      isFull = false;
    });
    sink.on('close', () => {
      this.destroy();
    });
    return sink;
  }

  readonly #pour = (): void => {
    this.#isScheduled = false;
    while (this.#isFlowing() && this.#next < this.#kept.chunks.length) {
      this.#next += 1;
      this.emit('data', this.#kept.chunks[this.#next - 1]!);
    }
    if (!this.#isFlowing()) return;
    if (this.#req.readableFlowing && this.#req.readableDidRead) {
      // Somebody else has made the body flow while nobody was here to take it.
      this.destroy(new BodyLost('another listener has read some of the body'));
    } else if (this.#req.readableEnded) {
      this.#onEnd();
    } else {
      this.#isLive = true;
      this.#req.on('data', this.#onData);
      this.#req.on('end', this.#onEnd);
      this.#req.resume();
    }
  };

  #isFlowing(): boolean {
    return !this.#isPaused && !this.#destroyed;
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#kept.add(chunk);
    this.emit('data', chunk);
    // Another listener's pipe may resume the request behind the sink's back.
    if (this.#isPaused) this.#req.pause();
  };

  readonly #onEnd = (): void => {
    this.#ended = true;
    this.emit('end');
    this.destroy();
  };

  readonly #onBreak = (): void => {
    // 'close' follows the end of a whole request as well.
    if (this.#req.readableEnded) return;
    this.destroy(new BodyLost('the client broke off its request', { cause: this.#req.errored }));
  };

  #detach(): void {
    const req = this.#req;
    if (this.#isLive) {
      req.off('data', this.#onData);
      req.off('end', this.#onEnd);
      req.pause();
    }
    req.off('close', this.#onBreak);
    // A request that is just breaking has its 'error' still to emit, and that must not go unheard.
    if (!req.destroyed) req.off('error', this.#onBreak);
  }
}

/** Whether the rest of a request's body will never come. */
function isBroken(req: IncomingMessage): boolean {
  return req.destroyed && !req.readableEnded;
}
