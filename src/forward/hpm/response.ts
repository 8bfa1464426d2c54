import { EventEmitter } from 'node:events';
import {
  validateHeaderName,
  validateHeaderValue,
  type OutgoingHttpHeader,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import type { SetHeader } from './head.ts';
import { asShown, beneath, overlay } from './overlay.ts';

/** Who is answered through a stand-in. */
export type ResponseOwner = {
  /** An interim answer of a hook's own. */
  interim(status: number, headers: OutgoingHttpHeaders): void;
  /** The head is what the stand-in has now. */
  head(): void;
  /** False: wait for `drain`. */
  data(chunk: Buffer): boolean;
  end(trailers: readonly string[]): void;
  fail(cause: unknown, kind: 'bad-request'): void;
};

type Callback = () => void;
type Fields = OutgoingHttpHeaders | readonly OutgoingHttpHeader[];

const owner = Symbol('owner');

/**
 * The client's response as http-proxy-middleware and hooks see it. What is written to it is the attempt's answer, or
 * nothing once the attempt has failed; everything that is not about answering is read from the client's own beneath it.
 */
export class ResponseStandIn extends EventEmitter {
  readonly [owner]: ResponseOwner;
  readonly [beneath]: object;
  [asShown]: unknown = undefined;
  /** By lower-case name. */
  readonly setHeadersByName = new Map<string, SetHeader>();
  readonly removedHeaders: string[] = [];
  readonly addedTrailers: string[] = [];
  req: unknown = undefined;
  socket: Socket;
  connection: Socket;
  statusCode = 200;
  statusMessage: string | undefined = undefined;
  headersSent = false;
  finished = false;
  writable = true;
  writableEnded = false;
  writableFinished = false;
  writableNeedDrain = false;
  writableLength = 0;
  destroyed = false;
  closed = false;
  errored: Error | null = null;

  constructor(itsOwner: ResponseOwner, socket: Socket, res: object) {
    super();
    this[beneath] = res;
    this[owner] = itsOwner;
    this.socket = socket;
    this.connection = socket;
  }

  setHeader(name: string, value: OutgoingHttpHeader): this {
    this.assertUnsent('set');
    validateHeaderName(name);
    if (typeof value === 'string') validateHeaderValue(name, value);
    else for (const each of [value].flat()) validateHeaderValue(name, each as string);
    this.setHeadersByName.set(name.toLowerCase(), { name, value });
    return this;
  }

  appendHeader(name: string, value: string | readonly string[]): this {
    const known = this.getHeader(name);
    return this.setHeader(name, known === undefined ? [value].flat() : [known, value].flat().map(String));
  }

  setHeaders(headers: Iterable<readonly [string, OutgoingHttpHeader]>): this {
    for (const [name, value] of headers) {
      // Headers hands cookies over one by one.
      if (name.toLowerCase() === 'set-cookie') this.appendHeader(name, [value].flat().map(String));
      else this.setHeader(name, value);
    }
    return this;
  }

  getHeader(name: string): OutgoingHttpHeader | undefined {
    return this.setHeadersByName.get(name.toLowerCase())?.value;
  }

  getHeaders(): OutgoingHttpHeaders {
    return Object.fromEntries([...this.setHeadersByName].map(([key, { value }]) => [key, value]));
  }

  getHeaderNames(): string[] {
    return [...this.setHeadersByName.keys()];
  }

  getRawHeaderNames(): string[] {
    return [...this.setHeadersByName.values()].map(({ name }) => name);
  }

  hasHeader(name: string): boolean {
    return this.setHeadersByName.has(name.toLowerCase());
  }

  removeHeader(name: string): void {
    this.assertUnsent('remove');
    const key = name.toLowerCase();
    this.setHeadersByName.delete(key);
    this.removedHeaders.push(key);
  }

  writeHead(status: number, reason?: string | Fields, headers?: Fields): this {
    this.assertUnsent('write');
    const fields = typeof reason === 'string' ? headers : reason;
    if (typeof reason === 'string') this.statusMessage = reason;
    this.statusCode = status;
    const named = new Set<string>();
    for (const [name, value] of pairsOf(fields)) {
      if (named.has(name)) this.appendHeader(name, [value].flat().map(String));
      else this.setHeader(name, value);
      named.add(name);
    }
    this.flushHeaders();
    return this;
  }

  flushHeaders(): void {
    if (this.headersSent || this.destroyed) return;
    this.headersSent = true;
    this[owner].head();
  }

  write(chunk: string | Uint8Array, encoding?: BufferEncoding | Callback, callback?: Callback): boolean {
    const written = typeof encoding === 'function' ? encoding : callback;
    if (written) process.nextTick(written);
    if (this.destroyed || this.writableEnded) return true;
    this.flushHeaders();
    const bytes = toBuffer(chunk, encoding);
    this.writableNeedDrain = bytes.length > 0 && !this[owner].data(bytes);
    return !this.writableNeedDrain;
  }

  end(
    chunk?: string | Uint8Array | Callback | null,
    encoding?: BufferEncoding | Callback,
    callback?: Callback,
  ): this {
    const done = [chunk, encoding, callback].find((each) => typeof each === 'function');
    if (done) this.once('finish', done);
    if (this.destroyed || this.writableEnded) return this;
    if (chunk !== undefined && chunk !== null && typeof chunk !== 'function') this.write(chunk, encoding);
    this.flushHeaders();
    this.finished = true;
    this.writableEnded = true;
    this[owner].end(this.addedTrailers);
    return this;
  }

  addTrailers(trailers: Fields): void {
    for (const [name, value] of pairsOf(trailers)) this.addedTrailers.push(name, String(value));
  }

  writeEarlyHints(hints: OutgoingHttpHeaders, callback?: Callback): void {
    if (!this.headersSent && !this.destroyed) this[owner].interim(103, hints);
    callback?.();
  }

  writeProcessing(): void {
    if (!this.headersSent && !this.destroyed) this[owner].interim(102, {});
  }

  writeContinue(): void {
    // The client has been told when its request came.
  }

  cork(): void {
    // There is nothing that small writes could be gathered in.
  }

  uncork(): void {
    // As above.
  }

  setTimeout(ms: number, callback?: Callback): this {
    this.socket.setTimeout(ms, callback);
    return this;
  }

  destroy(error?: Error): this {
    this[owner].fail(error ?? new Error('a hook has ended the response'), 'bad-request');
    return this;
  }

  private assertUnsent(verb: string): void {
    // Once the attempt has failed, nothing is refused: `on.error` may answer, in vain.
    if (!this.headersSent || this.destroyed) return;
    const error = new Error(`Cannot ${verb} headers after they are sent to the client`);
    throw Object.assign(error, { code: 'ERR_HTTP_HEADERS_SENT' });
  }
}

/** A stand-in for the client's response; to be handed out as `shown`, and made to speak as `own`. */
export function standInForResponse(
  itsOwner: ResponseOwner,
  socket: Socket,
  res: object = {},
): { own: ResponseStandIn; shown: ServerResponse } {
  const own = new ResponseStandIn(itsOwner, socket, res);
  // Complete enough for whoever is handed it; what is missing is read from the client's own.
  return { own, shown: overlay(own) as unknown as ServerResponse };
}

/** Header fields in the forms that Node takes: an object, `[name, value, …]`, `[[name, value], …]`. */
function pairsOf(fields: Fields | undefined): [name: string, value: OutgoingHttpHeader][] {
  if (fields === undefined) return [];
  if (!Array.isArray(fields)) {
    return Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  }
  if (Array.isArray(fields[0])) return fields as [string, OutgoingHttpHeader][];
  const pairs: [string, OutgoingHttpHeader][] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) pairs.push([String(fields[i]), fields[i + 1] as string]);
  return pairs;
}

function toBuffer(chunk: string | Uint8Array, encoding: BufferEncoding | Callback | undefined): Buffer {
  if (typeof chunk === 'string') return Buffer.from(chunk, typeof encoding === 'string' ? encoding : 'utf8');
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
