import { createHash, randomBytes } from 'node:crypto';
import { openConnection } from './open-connection.ts';

/** WebSockets on which one message each is under way. */
export type Echoes = Readonly<{
  /** All of them speak until so much time is over; how many messages came back. */
  speak(durationMs: number): Promise<EchoFigures>;
  close(): void;
}>;

/** What came back. `failed`: connections that broke, or on which something else came back. */
export type EchoFigures = Readonly<{ messages: number; seconds: number; failed: number }>;

const sizes = [64, 1_024];
const acceptSalt = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const openPatienceMs = 10_000;

/** Opens them, each with a handshake of its own; fails where one of them does. */
export async function openEchoes(port: number, path: string, count: number): Promise<Echoes> {
  const all = await Promise.all(Array.from({ length: count }, () => openEcho(port, path)));
  return {
    async speak(durationMs) {
      const startMs = performance.now();
      for (const one of all) one.begin();
      const over = Promise.withResolvers<undefined>();
      const timer = setTimeout(over.resolve, durationMs, undefined);
      await Promise.race([over.promise, Promise.all(all.map(({ gone }) => gone))]);
      clearTimeout(timer);
      const seconds = (performance.now() - startMs) / 1_000;
      const counts = all.map((one) => one.stop());
      await Promise.all(all.map((one) => one.quiet()));
      return {
        messages: counts.reduce((sum, count) => sum + count, 0),
        seconds,
        failed: all.filter((one) => one.hasFailed()).length,
      };
    },
    close() {
      for (const one of all) one.close();
    },
  };
}

type Echo = Readonly<{
  begin(): void;
  /** No further message; tells how many came back since it began. */
  stop(): number;
  /** Resolves when nothing is under way any more. */
  quiet(): Promise<unknown>;
  hasFailed(): boolean;
  gone: Promise<void>;
  close(): void;
}>;

async function openEcho(port: number, path: string): Promise<Echo> {
  const opened = Promise.withResolvers<undefined>();
  const gone = Promise.withResolvers<undefined>();
  const key = randomBytes(16).toString('base64');
  const messages = sizes.map((size) => frameMessage(randomBytes(size)));
  let stopped = Promise.withResolvers<undefined>();
  let kept: Buffer = Buffer.alloc(0);
  let isOpen = false;
  let isSpeaking = false;
  let isUnderWay = false;
  let isClosed = false;
  let failed = false;
  let count = 0;
  let turn = 0;

  const speak = (): void => {
    isUnderWay = true;
    socket.write(messages[turn]!.sent);
  };

  const hear = (bytes: Buffer): void => {
    const { back } = messages[turn]!;
    if (bytes.length < back.length) {
      kept = Buffer.from(bytes);
      return;
    }
    if (!isUnderWay || !bytes.equals(back)) throw new Error('another message came back');
    kept = Buffer.alloc(0);
    count += 1;
    turn = (turn + 1) % messages.length;
    isUnderWay = false;
    if (isSpeaking) speak();
    else stopped.resolve(undefined);
  };

  const open = (bytes: Buffer): void => {
    const end = bytes.indexOf('\r\n\r\n');
    kept = end < 0 ? Buffer.from(bytes) : Buffer.alloc(0);
    if (end < 0) return;
    checkHandshake(bytes.toString('latin1', 0, end), key);
    if (bytes.length > end + 4) throw new Error('the member speaks before it was spoken to');
    isOpen = true;
    clearTimeout(patience);
    opened.resolve(undefined);
  };

  const socket = openConnection(port, {
    read(fresh) {
      const bytes = kept.length > 0 ? Buffer.concat([kept, fresh]) : fresh;
      if (isOpen) hear(bytes);
      else open(bytes);
      return undefined;
    },
    closed(error) {
      clearTimeout(patience);
      failed = !isClosed;
      opened.reject(error ?? new Error('the connection was closed in the handshake'));
      gone.resolve(undefined);
    },
  });
  const patience = setTimeout(() => {
    socket.destroy(new Error('the handshake is not answered'));
  }, openPatienceMs);
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  );
  await opened.promise;
  return {
    begin() {
      isSpeaking = true;
      count = 0;
      stopped = Promise.withResolvers();
      if (!socket.destroyed) speak();
    },
    stop() {
      isSpeaking = false;
      return count;
    },
    quiet: () => Promise.race([stopped.promise, gone.promise]),
    hasFailed: () => failed,
    gone: gone.promise,
    close() {
      isClosed = true;
      socket.destroy();
    },
  };
}

/** RFC 6455 4.2.2: only who has understood the handshake can know this. */
function checkHandshake(head: string, key: string): void {
  const accept = createHash('sha1')
    .update(key + acceptSalt)
    .digest('base64');
  const told = /\r\nsec-websocket-accept: *(\S+)/i.exec(head)?.[1];
  if (!head.startsWith('HTTP/1.1 101 ') || told !== accept)
    throw new Error(`the handshake is answered ${JSON.stringify(head.slice(0, 60))}`);
}

/** A binary message as it is sent, masked (RFC 6455 5.3), and as it comes back, unmasked. */
export function frameMessage(payload: Buffer): Readonly<{ sent: Buffer; back: Buffer }> {
  const mask = randomBytes(4);
  const masked = payload.map((byte, i) => byte ^ mask[i % 4]!);
  const isLong = payload.length > 125;
  const length = isLong ? [126, payload.length >> 8, payload.length & 0xff] : [payload.length];
  return {
    sent: Buffer.from([0x82, 0x80 | length[0]!, ...length.slice(1), ...mask, ...masked]),
    back: Buffer.from([0x82, ...length, ...payload]),
  };
}
