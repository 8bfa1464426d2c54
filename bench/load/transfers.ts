import type { Socket } from 'node:net';
import { readAnswers } from './answer-reader.ts';
import { openConnection } from './open-connection.ts';
import { writeRequest } from './fixed-rate.ts';

/** Large bodies, several at a time. */
export type TransferOptions = Readonly<{
  path: string;
  /** Of each body. */
  bytes: number;
  /** Connections, each with one transfer after the other. */
  parallel: number;
  /** No transfer begins later; each connection makes at least one. */
  durationMs: number;
}>;

/** What went over. */
export type TransferFigures = Readonly<{ mib: number; seconds: number; transfers: number; failed: number }>;

/** One who transfers: `false` where the answer or its length was not the right one. */
type Transfer = (port: number, options: TransferOptions) => Promise<boolean>;

/** How long nothing may move. */
const silenceMs = 10_000;
const pieceBytes = 262_144;
const piece = Buffer.alloc(pieceBytes, 'upload ');

/** Asks for the same large body again and again, and counts the bytes of each. */
export function download(port: number, options: TransferOptions): Promise<TransferFigures> {
  return transferAll(downloadOnce, port, options);
}

/** Sends a large body of an announced length again and again; each is to be answered with a 2xx when it is over. */
export function upload(port: number, options: TransferOptions): Promise<TransferFigures> {
  return transferAll(uploadOnce, port, options);
}

async function transferAll(
  transfer: Transfer,
  port: number,
  options: TransferOptions,
): Promise<TransferFigures> {
  const startMs = performance.now();
  const results = await Promise.all(
    Array.from({ length: options.parallel }, async () => {
      const ends: boolean[] = [];
      do ends.push(await transfer(port, options));
      while (performance.now() - startMs < options.durationMs);
      return ends;
    }),
  );
  const ends = results.flat();
  const whole = ends.filter(Boolean).length;
  return {
    mib: (whole * options.bytes) / 1_048_576,
    seconds: (performance.now() - startMs) / 1_000,
    transfers: ends.length,
    failed: ends.length - whole,
  };
}

function downloadOnce(port: number, { path, bytes }: TransferOptions): Promise<boolean> {
  return exchange(
    port,
    (status, got) => status === 200 && got === bytes,
    (socket) => {
      socket.write(writeRequest(port, { path, headers: { Connection: 'close' } }));
    },
  );
}

function uploadOnce(port: number, { path, bytes }: TransferOptions): Promise<boolean> {
  let left = bytes;
  const isOver = (): boolean => left === 0;
  return exchange(
    port,
    (status) => status >= 200 && status < 300 && isOver(),
    (socket) => {
      const pour = (): void => {
        while (left > 0) {
          const part = piece.subarray(0, Math.min(left, pieceBytes));
          left -= part.length;
          if (!socket.write(part)) return;
        }
      };
      socket.on('drain', pour);
      const headers = { 'Content-Length': `${bytes}`, Connection: 'close' };
      socket.write(writeRequest(port, { path, method: 'POST', headers }));
      pour();
    },
  );
}

/** One answer on a connection of its own; whether it was as it should be, and nothing came behind it. */
function exchange(
  port: number,
  isRight: (status: number, bodyBytes: number) => boolean,
  send: (socket: Socket) => void,
): Promise<boolean> {
  const ended = Promise.withResolvers<boolean>();
  const ends: boolean[] = [];
  const reader = readAnswers((status, bodyBytes) => {
    ends.push(isRight(status, bodyBytes));
    socket.end();
  });
  const socket = openConnection(port, {
    read(bytes) {
      reader.read(bytes);
      return undefined;
    },
    closed() {
      ended.resolve(ends.length === 1 && ends[0] === true);
    },
  });
  socket.setTimeout(silenceMs, () => {
    socket.destroy();
  });
  send(socket);
  return ended.promise;
}
