import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { makeUpRequest } from '../manager/survey/made-up-request.ts';
import { UsageError } from './io.ts';
import type { Values } from './parse-call.ts';

/** Which request is asked about. */
export type Question = Readonly<{
  url: URL;
  method: string;
  /** Each name once. */
  headers: readonly (readonly [name: string, value: string])[];
}>;

/** Who the made-up client is: access is asked for it. */
export const client = '127.0.0.1';

const token = /^[\w!#$%&'*+.^`|~-]+$/;

/**
 * Reads what `check --url` asks about; undefined: nothing is asked.
 *
 * @throws {UsageError} when it is no request.
 */
export function readQuestion(values: Values<'check'>): Question | undefined {
  const { url, cookie = [], header = [], method = 'GET' } = values;
  if (url === undefined) {
    const alone = (['cookie', 'header', 'method'] as const).find((name) => values[name] !== undefined);
    if (alone === undefined) return undefined;
    throw new UsageError(`--${alone} is of a request: write --url http://host/path too`);
  }
  if (!token.test(method)) throw new UsageError(`--method is '${method}': write GET, POST or another method`);
  const parsed = readUrl(url);
  return { url: parsed, method, headers: readFields(parsed, cookie, header) };
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new UsageError(`--url is '${text}': write a whole URL, such as http://example.com/app`);
  }
  return url;
}

function readFields(url: URL, cookies: readonly string[], fields: readonly string[]): Question['headers'] {
  const headers = new Map([['host', ['Host', url.host] as [string, string]]]);
  const add = (name: string, value: string, separator: string): void => {
    const known = headers.get(name.toLowerCase());
    if (!known || name.toLowerCase() === 'host') headers.set(name.toLowerCase(), [name, value]);
    else known[1] += `${separator}${value}`;
  };
  for (const field of fields) {
    const { name = '', value = '' } = /^(?<name>[^:]*):\s*(?<value>.*?)\s*$/s.exec(field)?.groups ?? {};
    if (!token.test(name) || !isValue(value)) {
      throw new UsageError(`--header is '${field}': write 'Name: value', in one line`);
    }
    add(name, value, name.toLowerCase() === 'cookie' ? '; ' : ', ');
  }
  for (const cookie of cookies) {
    if (!cookie.includes('=') || !isValue(cookie)) {
      throw new UsageError(`--cookie is '${cookie}': write 'name=value', in one line`);
    }
    add('Cookie', cookie, '; ');
  }
  return [...headers.values()];
}

/** Node has no field with other characters (RFC 9110 5.5). */
function isValue(text: string): boolean {
  return !/[^\t\x20-\x7e\x80-\xff]/.test(text);
}

/** The request, as a server would have got it that nobody has asked. */
export function makeUp({ url, method, headers }: Question): IncomingMessage {
  const path = `${url.pathname}${url.search}`;
  const req = makeUpRequest(
    { path, method, headers, address: client },
    new IncomingMessage(new Socket()),
    '',
  );
  const isTls = url.protocol === 'https:';
  const port = url.port === '' ? (isTls ? 443 : 80) : Number(url.port);
  Object.defineProperty(req.socket, 'localPort', { value: port });
  if (isTls) Object.defineProperty(req.socket, 'encrypted', { value: true });
  return req;
}
