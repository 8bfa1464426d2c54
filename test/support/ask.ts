import { createHash } from 'node:crypto';
import { Agent, request, type IncomingHttpHeaders } from 'node:http';

/** A request, as a client makes it. */
export type Asked = Readonly<{
  method?: string;
  path?: string;
  headers?: Readonly<Record<string, string>>;
  body?: Buffer | undefined;
  /** Without Content-Length, in three pieces. */
  chunked?: boolean;
  /** Keeps connections from one request to the next. */
  agent?: Agent;
}>;

/** What a client is told. */
export type Told = Readonly<{
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  text: string;
  /** The answer came to its end. */
  whole: boolean;
  /** `code` of an error page. */
  code: string | undefined;
}>;

/** Asks on a connection of its own, unless there is an agent, and waits for the end of the answer, cut or not. */
export async function ask(port: number, asked: Asked = {}): Promise<Told> {
  const { method = 'GET', path = '/', headers = {}, body, chunked = false, agent } = asked;
  const { promise, resolve, reject } = Promise.withResolvers<Told>();
  const length = body && !chunked ? { 'Content-Length': String(body.length) } : {};
  const coding = chunked ? { 'Transfer-Encoding': 'chunked' } : {};
  const req = request({
    host: '127.0.0.1',
    port,
    method,
    path,
    headers: { ...length, ...coding, ...headers },
    agent: agent ?? false,
  });
  let isAnswered = false;
  req.on('error', (error) => {
    // An upload may break because its answer has come already.
    if (!isAnswered) reject(error);
  });
  req.on('response', (res) => {
    isAnswered = true;
    const chunks: Buffer[] = [];
    res.on('data', (chunk: Buffer) => chunks.push(chunk));
    res.on('error', () => chunks);
    res.on('close', () => {
      const whole = Buffer.concat(chunks);
      const text = whole.toString('latin1');
      resolve({
        status: res.statusCode!,
        headers: res.headers,
        body: whole,
        text,
        whole: res.complete,
        code: /"code":"(ERR_\w+)"/.exec(text)?.[1],
      });
    });
  });
  if (body && chunked) {
    const third = Math.ceil(body.length / 3);
    for (let at = 0; at < body.length; at += third) req.write(body.subarray(at, at + third));
    req.end();
  } else {
    req.end(body);
  }
  return promise;
}

/** Asks as often, one after the other; tells the statuses. */
export async function askStatuses(
  port: number,
  count: number,
  asked: Asked = {},
): Promise<readonly number[]> {
  const statuses: number[] = [];
  for (let i = 0; i < count; i += 1) statuses.push((await ask(port, asked)).status);
  return statuses;
}

/** Bytes in no order, so that a piece that is lost, doubled or moved shows. */
export function makeBody(length: number): Buffer {
  const body = Buffer.alloc(length);
  let state = 1;
  for (let i = 0; i < length; i += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    body[i] = state >>> 16;
  }
  return body;
}

/** The SHA-256 of some bytes, in hex. */
export function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
