import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { valuesOf, type RawHeaders } from '../../src/rewrite/headers.ts';

/** The head of an answer, byte for byte, one character a byte. */
export type Head = Readonly<{ version: string; status: number; reason: string; headers: RawHeaders }>;

/** A whole answer, and what came before it. */
export type WireAnswer = Head &
  Readonly<{ interims: readonly Head[]; body: string; trailers: RawHeaders; chunked: boolean }>;

const open: RawClient[] = [];

/** Closes every raw client that a test has left open; call it in `afterEach`. */
export function closeRawClients(): void {
  for (const client of open.splice(0)) client.socket.destroy();
}

/** One connection of a client that writes bytes and reads answers one after the other. */
export class RawClient {
  readonly socket: Socket;
  #bytes = '';
  #ended = false;
  #news = Promise.withResolvers<undefined>();

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.#bytes += text;
      this.#tell();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#ended = true;
      this.#tell();
    });
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = connect(port, '127.0.0.1');
    const client = new RawClient(socket);
    open.push(client);
    await once(socket, 'connect');
    return client;
  }

  /** Writes lines, each with its line end, and the empty one behind them; `body` follows as it is. */
  send(lines: readonly string[], body = ''): this {
    this.socket.write([...lines, '', body].join('\r\n'), 'latin1');
    return this;
  }

  write(text: string): this {
    this.socket.write(text, 'latin1');
    return this;
  }

  /** The next head, be it an interim answer's. */
  async readHead(): Promise<Head> {
    const text = await this.#readTo('\r\n\r\n');
    const [start = '', ...lines] = text.split('\r\n');
    const match = /^HTTP\/(\d\.\d) (\d{3}) (.*)$/s.exec(start);
    if (match === null) throw new Error(`no status line: ${start}`);
    const headers = lines.flatMap((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    });
    return { version: match[1]!, status: Number(match[2]), reason: match[3]!, headers };
  }

  /** The next answer, with the interim ones before it. Fails when the connection ends before the answer does. */
  async readAnswer(method = 'GET'): Promise<WireAnswer> {
    const interims: Head[] = [];
    let head = await this.readHead();
    while (head.status < 200) {
      interims.push(head);
      head = await this.readHead();
    }
    return { ...head, interims, ...(await this.#readBody(head, method)) };
  }

  /** Sends one request and reads its answer. */
  async ask(lines: readonly string[], body = ''): Promise<WireAnswer> {
    return this.send(lines, body).readAnswer(lines[0]!.split(' ')[0]);
  }

  /** The next so many bytes, whatever they are. */
  async readBytes(length: number): Promise<string> {
    while (this.#bytes.length < length) await this.#more();
    return this.#take(length);
  }

  /** Everything up to the end of the connection. */
  async readRest(): Promise<string> {
    while (!this.#ended) await this.#news.promise;
    return this.#take(this.#bytes.length);
  }

  async #readBody(
    { status, headers }: Head,
    method: string,
  ): Promise<Readonly<{ body: string; trailers: RawHeaders; chunked: boolean }>> {
    const chunked = valuesOf(headers, 'transfer-encoding').includes('chunked');
    if (method === 'HEAD' || status === 204 || status === 304) return { body: '', trailers: [], chunked };
    if (chunked) return { ...(await this.#readChunks()), chunked };
    const [length] = valuesOf(headers, 'content-length');
    const body = length === undefined ? await this.readRest() : await this.readBytes(Number(length));
    return { body, trailers: [], chunked };
  }

  async #readChunks(): Promise<Readonly<{ body: string; trailers: RawHeaders }>> {
    let body = '';
    for (;;) {
      const size = parseInt(await this.#readTo('\r\n'), 16);
      if (size === 0) break;
      body += await this.readBytes(size);
      await this.#readTo('\r\n');
    }
    const trailers: string[] = [];
    for (let line = await this.#readTo('\r\n'); line !== ''; line = await this.#readTo('\r\n')) {
      const colon = line.indexOf(':');
      trailers.push(line.slice(0, colon), line.slice(colon + 1).trim());
    }
    return { body, trailers };
  }

  async #readTo(mark: string): Promise<string> {
    while (!this.#bytes.includes(mark)) await this.#more();
    const text = this.#take(this.#bytes.indexOf(mark));
    this.#take(mark.length);
    return text;
  }

  async #more(): Promise<void> {
    if (this.#ended) throw new Error(`the connection has ended, behind ${JSON.stringify(this.#bytes)}`);
    await this.#news.promise;
  }

  #take(length: number): string {
    const text = this.#bytes.slice(0, length);
    this.#bytes = this.#bytes.slice(length);
    return text;
  }

  #tell(): void {
    this.#news.resolve(undefined);
    this.#news = Promise.withResolvers();
  }
}

/** The lines of a head as `name: value`, in order. */
export function linesOf(headers: RawHeaders): string[] {
  const lines: string[] = [];
  for (let i = 0; i < headers.length; i += 2) lines.push(`${headers[i]!}: ${headers[i + 1]!}`);
  return lines;
}
