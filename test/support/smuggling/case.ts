/** What a client may try so that somebody behind us reads other requests than we do. */
export type Smuggling = Readonly<{
  what: string;
  /** What the client sends; unless it `waits`, a plain request comes right behind it. */
  bytes: string;
  /** What members get, in any order and by any reading. */
  reaches: readonly string[];
  /** The same where Node's parser is the lenient one, if that makes a difference. */
  leniently?: readonly string[];
  /** The request has not come to its end: nothing whole reaches a member. */
  waits?: true;
  /** Node may end the connection while it is served: it has reached a member by then or not. */
  isCut?: true;
}>;

/** What comes right behind, on the same connection. */
export const AFTER = 'GET /after';

/** What is hidden in bodies. */
export const HIDDEN = 'GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n';

export const COUNTED = `Content-Length: ${HIDDEN.length}`;
export const CHUNKED = 'Transfer-Encoding: chunked';

/** A start line and fields, up to the empty line; Host is there already. */
export function writeHead(start: string, ...fields: readonly string[]): string {
  return [start, 'Host: a', ...fields, '', ''].join('\r\n');
}

/** A POST, which is whom a body belongs to. */
export function post(fields: readonly string[], body: string): string {
  return writeHead('POST /a HTTP/1.1', ...fields) + body;
}

/** A body of one chunk. */
export function chunk(body: string): string {
  return `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
}
