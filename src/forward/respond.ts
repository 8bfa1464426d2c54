import { validateHeaderValue, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { BalancerError } from '../errors.ts';
import { keepTrailers } from '../request/trailers.ts';
import type { RawHeaders } from '../rewrite/headers.ts';
import type { Reply } from '../rewrite/rewrite-answer.ts';
import type { Tunnel } from '../tunnel/tunnel.ts';
import { switchProtocols, type UpgradeRequest } from '../upgrade-request.ts';
import { flushBehindInterims } from './interims-first.ts';
import { writeInterim } from './write-interim.ts';
import { isWrittenPlainly } from './plain-write.ts';

/**
 * Whether a client takes more: `full` and `sending` do not, until they say so; with `sending` nobody holds by then what it was
 * given.
 */
export type Room = 'room' | 'full' | 'sending';

/** The client's end of an exchange. */
export type Client = Readonly<{
  /** Passes an interim answer on; false when this client cannot be told. */
  interim(reply: Reply): boolean;
  /** Writes the head. Throws, with nothing written, when Node refuses a status, a name or a value in it. */
  head(reply: Reply): void;
  data(chunk: Buffer): Room;
  /** Calls back whenever it takes more again; asked for once. */
  onDrain(callback: () => void): void;
  /** Returns what something that the app has put around `end` has thrown. */
  end(trailers: RawHeaders): Error | undefined;
  /** Ties the client's connection to the member's; `closed` is called once, when both have ended. */
  upgraded(reply: Reply, socket: Duplex, closed: () => void): void;
  /** What its connection has become then. */
  readonly tunnel: Tunnel | undefined;
  /** Ends the connection, so that half an answer cannot pass for a whole one. */
  cut(): void;
  fail(error: BalancerError): void;
  /** It has broken off its request, or closed its connection. */
  isGone(): boolean;
  /** The head of an answer, a member's or one of the app's own, has been written. */
  isAnswered(): boolean;
}>;

/** What a client is made of. */
type Ends = Readonly<{
  req: IncomingMessage;
  res: ServerResponse;
  upgrade: UpgradeRequest | undefined;
  upgradeTimeoutMs: number | undefined;
  fail: (error: BalancerError) => void;
}>;

/** The client of a request that Node, Express or Connect has handed over. */
export function createClient(ends: Ends): Client {
  return new ResponseClient(ends);
}

/**
 * From this length on, in bytes, each piece is on its way before the next one is read. Node's own limit (64 KiB) leaves room
 * for two to three of them in the memory of each slow reader.
 */
const longPiece = 8_192;

class ResponseClient implements Client {
  readonly #ends: Ends;
  readonly #res: ServerResponse;
  tunnel: Tunnel | undefined;
  /** What is to come of the length that the head has told; NaN where it has told none. */
  #leftBytes = NaN;
  #nominated: ReadonlySet<string> | undefined;
  /** The last piece of content: it goes with the end, which is one write instead of two and about 1 µs. */
  #last: Buffer | undefined;
  #drained: (() => void) | undefined;
  /** Long pieces that are on their way. */
  #sending = 0;

  constructor(ends: Ends) {
    this.#ends = ends;
    this.#res = ends.res;
  }

  interim(reply: Reply): boolean {
    return writeInterim(this.#res, this.#ends.req.httpVersion, reply);
  }

  head(reply: Reply): void {
    writeHead(this.#res, reply);
    flushBehindInterims(this.#res);
    this.#leftBytes = readLength(reply);
    this.#nominated = reply.nominated;
  }

  data(chunk: Buffer): Room {
    this.#leftBytes -= chunk.length;
    if (this.#leftBytes === 0) {
      this.#last = chunk;
      return 'room';
    }
    if (chunk.length < longPiece || !isWrittenPlainly(this.#res)) {
      // Node 22 does not say what room uncork() has made; what was written before does, once it is out.
      const isCorked = this.#res.writableCorked > 0;
      return this.#res.write(chunk, isCorked ? this.#tellRoom.bind(this) : undefined) ? 'room' : 'full';
    }
    this.#sending += 1;
    this.#res.write(chunk, () => {
      this.#sending -= 1;
      this.#tellRoom();
    });
    return 'sending';
  }

  #tellRoom(): void {
    if (this.#sending === 0) this.#drained?.();
  }

  onDrain(callback: () => void): void {
    // Not `once`: middleware that compresses hands the listener to a stream of its own, which nobody takes it off again.
    // Others may say so too early: Node itself does for what it only passes on to the connection.
    this.#res.on('drain', () => {
      if (this.#sending === 0) callback();
    });
    this.#drained = callback;
  }

  end(trailers: RawHeaders): Error | undefined {
    const last = this.#last;
    this.#last = undefined;
    try {
      writeEnd(this.#res, trailers, this.#nominated, last);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  upgraded(reply: Reply, socket: Duplex, closed: () => void): void {
    const { upgrade, upgradeTimeoutMs } = this.#ends;
    // Only a request that came as an upgrade asks a member for one.
    this.tunnel = switchProtocols(upgrade!, this.#res, reply, socket, upgradeTimeoutMs, closed);
  }

  cut(): void {
    // Node holds a head back for what follows it: one that came with its failure tells at least that there was an answer.
    if (this.#res.headersSent) this.#res.flushHeaders();
    if (isEndedByClose(this.#res)) reset(this.#res.socket);
    this.#res.destroy();
    this.#ends.upgrade?.socket.destroy();
  }

  fail(error: BalancerError): void {
    this.#ends.fail(error);
  }

  isGone(): boolean {
    const { req } = this.#ends;
    return this.#res.destroyed || (req.destroyed && !req.complete);
  }

  isAnswered(): boolean {
    return this.#res.headersSent;
  }
}

/** Whether nothing but the end of the connection tells that the answer is whole. */
function isEndedByClose(res: ServerResponse): boolean {
  // HTTP/2 knows nothing of chunks, and resets what is cut by itself.
  return res.headersSent && (res.chunkedEncoding as unknown) === false && !res.hasHeader('content-length');
}

/** RFC 9112 8: half an answer would look whole to such a client if the connection just ended. */
function reset(socket: Socket | null): void {
  // Nothing but TCP can be reset; TLS tells by itself when it was broken off (RFC 9112 9.8).
  if (socket?.remotePort === undefined || 'encrypted' in socket) return;
  try {
    socket.resetAndDestroy();
  } catch {
    // What stands in for a connection need not know how: it just ends.
  }
}

/** Whether a head was refused for what the member has put into it, and not by something that the app does to heads. */
export function isRefusedHead(error: unknown): boolean {
  // Not `instanceof`: an app may run in a realm of its own, Node's errors do not.
  const { code } = Object(error) as { code?: unknown };
  return typeof code === 'string' && refusals.has(code);
}

const refusals: ReadonlySet<string> = new Set([
  'ERR_INVALID_CHAR',
  'ERR_INVALID_HTTP_TOKEN',
  'ERR_HTTP_INVALID_HEADER_VALUE',
  'ERR_HTTP_INVALID_STATUS_CODE',
  'ERR_HTTP_TRAILER_INVALID',
]);

/** Writes a head through `setHeader`, which every middleware that listens for heads understands. */
function writeHead(res: ServerResponse, { status, reason, headers }: Reply): void {
  // Before writeHead is called: middleware that has put itself around it acts once, and is to act on the error page.
  validateHeaderValue('reason', reason);
  if (status < 200) {
    throw Object.assign(new RangeError(`${status} is no status of an answer`), {
      code: 'ERR_HTTP_INVALID_STATUS_CODE',
    });
  }
  const before = res.getHeaderNames();
  const values = before.map((name) => res.getHeader(name)!);
  const { statusCode, statusMessage } = res;
  try {
    const named = headers.length > 2 * fewFields ? new Set<string>() : undefined;
    for (let i = 0; i < headers.length; i += 2) {
      const name = headers[i]!;
      // A cookie that the app has set stays beside the member's; any other field is the member's to say.
      if (isRepeated(headers, i, named) || (isSetCookie(name) && before.includes('set-cookie'))) {
        res.appendHeader(name, headers[i + 1]!);
      } else {
        res.setHeader(name, headers[i + 1]!);
      }
    }
    res.writeHead(status, reason);
  } catch (error) {
    for (const name of res.getHeaderNames()) res.removeHeader(name);
    for (const [i, name] of before.entries()) res.setHeader(name, values[i]!);
    Object.assign(res, { statusCode, statusMessage });
    throw error;
  }
}

function isSetCookie(name: string): boolean {
  return name.length === 10 && name.toLowerCase() === 'set-cookie';
}

/** Above this many fields a Set of their names costs less than comparing them. */
const fewFields = 32;

/** Whether a field of the same name stands before it. `named`: where there are many, the names of those before. */
function isRepeated(headers: RawHeaders, at: number, named: Set<string> | undefined): boolean {
  const name = headers[at]!;
  if (named) return named.size === named.add(name.toLowerCase()).size;
  for (let i = 0; i < at; i += 2) {
    const other = headers[i]!;
    if (other.length === name.length && other.toLowerCase() === name.toLowerCase()) return true;
  }
  return false;
}

/** NaN: not told. */
function readLength({ headers }: Reply): number {
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]!;
    if (name.length === 14 && name.toLowerCase() === 'content-length') return Number(headers[i + 1]);
  }
  return NaN;
}

/** Ends an answer, with its last piece of content and the trailers it may carry. */
function writeEnd(
  res: ServerResponse,
  trailers: RawHeaders,
  nominated: ReadonlySet<string> | undefined,
  last: Buffer | undefined,
): void {
  const kept =
    trailers.length === 0 || res.hasHeader('content-length') ? [] : keepTrailers(trailers, nominated);
  try {
    if (kept.length > 0) res.addTrailers(kept);
  } catch {
    // A trailer that Node refuses is left out; the content before it is whole.
  }
  // Node writes the last chunk before those that a corked response holds back, and the client reads them as another answer.
  while (res.writableCorked > 0) res.uncork();
  if (last) res.end(last);
  else res.end();
}
