import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** A request as a member has got it. */
export type MemberRequest = Readonly<{
  /** The name of the member. */
  member: string;
  /** As it stands in the request line. */
  method: string;
  /** As it stands in the request line: with the query. */
  path: string;
  /** By name in lower case, as Node reads them. */
  headers: IncomingHttpHeaders;
  /** Names and values in turn, as they came. */
  rawHeaders: readonly string[];
  /** What of the body has come by now. */
  body: Buffer;
  /** The body as text. */
  text(): string;
  /** The body as JSON. Throws a TypeError that shows the body where it is none. */
  json(): unknown;
  /** Which connection of the member it came by, from 0 on. */
  connection: number;
  /** It has come whole; false while it comes, and for good where it broke off. */
  isComplete: boolean;
  /** Nothing more of it will come: it is complete, or its connection is gone. */
  isOver: boolean;
  /** It asks for another protocol, as WebSockets do. */
  isUpgrade: boolean;
  /** Texts of the WebSocket that it has opened, as the member has got them. */
  messages: readonly string[];
}>;

/** Which requests are meant: `'/orders'`, `'POST /orders'` (the query aside), or a function. */
export type RequestPattern = string | ((request: MemberRequest) => boolean);

/** Writes down a request while it comes, and leaves its body to whoever reads it. */
export class RecordedRequest implements MemberRequest {
  readonly member: string;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly connection: number;
  readonly isUpgrade: boolean;
  readonly messages: string[] = [];
  readonly #chunks: Buffer[] = [];
  readonly #req: IncomingMessage;

  constructor(member: string, req: IncomingMessage, connection: number, isUpgrade: boolean) {
    this.member = member;
    this.method = req.method ?? '';
    this.path = req.url ?? '';
    this.headers = req.headers;
    this.rawHeaders = req.rawHeaders;
    this.connection = connection;
    this.isUpgrade = isUpgrade;
    this.#req = req;
    // A listener would make it flow before the handler has come to read it.
    const push = req.push.bind(req);
    req.push = (chunk: unknown, encoding?: BufferEncoding) => {
      if (Buffer.isBuffer(chunk)) this.#chunks.push(Buffer.from(chunk));
      return push(chunk, encoding);
    };
  }

  get body(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  get isComplete(): boolean {
    return this.isUpgrade || this.#req.complete;
  }

  get isOver(): boolean {
    return this.isComplete || this.#req.destroyed || this.#req.socket.destroyed;
  }

  text(): string {
    return this.body.toString();
  }

  json(): unknown {
    const text = this.text();
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new TypeError(`${tellRequest(this)}: the body is no JSON: ${shorten(text)}`, { cause });
    }
  }
}

/** `POST /orders to app1`, and what is odd of it. */
export function tellRequest(request: MemberRequest): string {
  const { method, path, member, isComplete } = request;
  return `${method} ${path} to ${member}${isComplete ? '' : ' (not complete)'}`;
}

/** Compiles a pattern; undefined: all requests. */
export function compileRequestPattern(
  pattern: RequestPattern | undefined,
  what: string,
): (request: MemberRequest) => boolean {
  if (pattern === undefined) return () => true;
  if (typeof pattern === 'function') return pattern;
  const [, method, path] = /^(?:([A-Z][A-Z-]*) )?(\/[^?#\s]*)$/.exec(pattern) ?? [];
  if (path === undefined)
    throw new TypeError(
      `${what}: ${JSON.stringify(pattern)}: write a path such as '/orders', or 'POST /orders', or a function`,
    );
  return (request) =>
    (method === undefined || request.method === method) && request.path.split('?', 1)[0] === path;
}

/** The beginning of a text, in quotes. */
export function shorten(text: string): string {
  return text.length > 200
    ? `${JSON.stringify(text.slice(0, 200))}… (${text.length} letters)`
    : JSON.stringify(text);
}
