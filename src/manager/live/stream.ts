import type { ServerResponse } from 'node:http';

/** What a client may leave unread before it is told nothing more. */
const unreadBytes = 1024 * 1024;

/** One open stream of server-sent events. */
export type Stream = Readonly<{
  send(event: string, data: string): void;
  /** When something was last sent. */
  sentAt(): number;
  /** Whether the client has not read what it was sent. */
  isStuck(): boolean;
  end(): void;
  /** Ends it without waiting for what is unread. */
  destroy(): void;
}>;

/** Compression middleware collects what is written until it is told to flush. */
type FlushableResponse = ServerResponse & { flush?: unknown };

/** Begins the answer. `onEnd` is called once, whoever has ended it. */
export function openStream(
  res: FlushableResponse,
  retryMs: number,
  now: () => number,
  onEnd: () => void,
): Stream {
  let sentAt = now();

  function write(text: string): void {
    if (res.writableEnded || res.destroyed) return;
    sentAt = now();
    res.write(text);
    if (typeof res.flush === 'function') (res.flush as () => void)();
  }

  res.statusCode = 200;
  res.setHeader('Content-Type', 'text/event-stream; charset=utf-8');
  // no-transform: a proxy or a middleware that compresses would hold events back. nginx has a header of its own.
  res.setHeader('Cache-Control', 'no-store, no-transform');
  res.setHeader('X-Accel-Buffering', 'no');
  res.once('close', onEnd);
  // A client that has left is no error.
  res.on('error', () => undefined);
  write(`retry: ${retryMs}\n\n`);
  return {
    // JSON has no line breaks, so that one line holds it.
    send: (event, data) => {
      write(`event: ${event}\ndata: ${data}\n\n`);
    },
    sentAt: () => sentAt,
    isStuck: () => res.writableLength > unreadBytes,
    end: () => {
      res.end();
    },
    destroy: () => {
      res.destroy();
    },
  };
}
