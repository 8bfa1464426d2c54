import { readAnswers } from './answer-reader.ts';
import { writeRequest } from './fixed-rate.ts';
import { openConnection } from './open-connection.ts';

/** Clients that have asked for a large body and do not read it. */
export type SlowReaders = Readonly<{
  /** Each reads a little more, one after the other. */
  sip(): Promise<void>;
  /** All read to the end; how many got every byte, and how many did not. */
  drain(): Promise<Readonly<{ whole: number; broken: number }>>;
  close(): void;
}>;

/** Who reads what. */
export type SlowReaderOptions = Readonly<{
  path: string;
  /** Of each body. */
  bytes: number;
  count: number;
}>;

/** How long one may wait for the next bytes. */
const silenceMs = 30_000;
/** So many connect at a time: a listener's queue is short. */
const openedAtOnce = 50;

/** Opens them; resolves when each has the head of its answer and the first bytes behind it, and has stopped reading. */
export async function openSlowReaders(port: number, options: SlowReaderOptions): Promise<SlowReaders> {
  const readers: SlowReader[] = [];
  const close = (): void => {
    for (const reader of readers) reader.close();
  };
  try {
    while (readers.length < options.count) {
      const fresh = Array.from({ length: Math.min(openedAtOnce, options.count - readers.length) }, () =>
        openReader(port, options),
      );
      readers.push(...fresh);
      await Promise.all(fresh.map((reader) => reader.sip()));
    }
  } catch (error) {
    close();
    throw error;
  }
  return {
    async sip() {
      for (const reader of readers) await reader.sip();
    },
    async drain() {
      const ends = await Promise.all(readers.map((reader) => reader.drain()));
      const whole = ends.filter(Boolean).length;
      return { whole, broken: ends.length - whole };
    },
    close,
  };
}

type SlowReader = Readonly<{
  /** Reads once; fails where the connection ends meanwhile. */
  sip(): Promise<undefined>;
  /** Reads on to the end; whether it was the right one. */
  drain(): Promise<boolean>;
  close(): void;
}>;

function openReader(port: number, { path, bytes }: SlowReaderOptions): SlowReader {
  const ended = Promise.withResolvers<boolean>();
  let sipped = Promise.withResolvers<undefined>();
  let isDraining = false;
  let isWhole = false;
  const reader = readAnswers((status, bodyBytes) => {
    isWhole = status === 200 && bodyBytes === bytes;
    socket.destroy();
  });
  const socket = openConnection(port, {
    read(piece) {
      reader.read(piece);
      if (reader.bodyBytes() > 0) sipped.resolve(undefined);
      // A head alone is no sip.
      return isDraining || reader.bodyBytes() === 0;
    },
    closed(error) {
      sipped.reject(error ?? new Error(`a slow reader was cut off after ${reader.bodyBytes()} bytes`));
      // Nobody may be waiting for a sip.
      sipped.promise.catch(() => undefined);
      ended.resolve(isWhole);
    },
  });
  socket.write(writeRequest(port, { path }));
  let isFirst = true;
  return {
    sip() {
      if (!isFirst) {
        if (socket.destroyed) return Promise.reject(new Error('a slow reader was cut off'));
        sipped = Promise.withResolvers<undefined>();
        socket.resume();
      }
      isFirst = false;
      return sipped.promise;
    },
    drain() {
      isDraining = true;
      socket.setTimeout(silenceMs, () => {
        socket.destroy();
      });
      socket.resume();
      return ended.promise;
    },
    close() {
      socket.destroy();
    },
  };
}
