import type { IncomingMessage } from 'node:http';
import { unmapAddress } from '../../request/address.ts';
import { splitTarget } from '../../request/path.ts';
import { readAddress } from './read-address.ts';

/** What of a request is known besides itself. */
export type VariableFacts = Readonly<{
  /** Decoded, as patterns see it. */
  path: string;
  /** With its `?`, or `''` for none. Default: as the request has it. */
  query?: string | undefined;
  /** For requests that name no host. */
  serverName?: string | undefined;
  /** For requests that name no port. Default: that of the scheme. */
  serverPort?: number | undefined;
}>;

/** What Express adds to a request. */
type ExpressRequest = IncomingMessage & { protocol?: unknown; originalUrl?: unknown };
type Reader = (req: ExpressRequest, facts: VariableFacts) => string;

const readers: Readonly<Record<string, Reader>> = {
  HTTP_ACCEPT: readHeader('accept'),
  HTTP_COOKIE: readHeader('cookie'),
  HTTP_FORWARDED: readHeader('forwarded'),
  HTTP_HOST: readHost,
  HTTP_PROXY_CONNECTION: readHeader('proxy-connection'),
  HTTP_REFERER: readHeader('referer'),
  HTTP_USER_AGENT: readHeader('user-agent'),
  CONN_REMOTE_ADDR: ({ socket }) => unmapAddress(socket.remoteAddress ?? ''),
  HTTPS: (req) => (readScheme(req) === 'https' ? 'on' : 'off'),
  IPV6: (req) => (readClient(req).includes(':') ? 'on' : 'off'),
  IS_SUBREQ: () => 'false',
  QUERY_STRING: (req, { query }) => decodeUtf8(readQuery(query ?? targetOf(req))),
  REMOTE_ADDR: readClient,
  REMOTE_PORT: ({ socket }) => String(socket.remotePort ?? ''),
  // In a server's own rules httpd has looked for no file yet.
  REQUEST_FILENAME: (_req, { path }) => path,
  REQUEST_METHOD: ({ method }) => method ?? '',
  REQUEST_SCHEME: (req) => readScheme(req),
  REQUEST_URI: (_req, { path }) => path,
  SCRIPT_FILENAME: (_req, { path }) => path,
  SERVER_ADDR: ({ socket }) => unmapAddress(socket.localAddress ?? ''),
  SERVER_NAME: (req, { serverName }) => splitHost(readHost(req)).name || (serverName ?? ''),
  SERVER_PORT: (req, { serverPort }) =>
    splitHost(readHost(req)).port || String(serverPort ?? (readScheme(req) === 'https' ? 443 : 80)),
  SERVER_PROTOCOL: ({ httpVersion }) => `HTTP/${httpVersion}`,
  THE_REQUEST: (req) => decodeUtf8(`${req.method ?? ''} ${targetOf(req)} HTTP/${req.httpVersion}`),
};

const header = /^http:(.+)$/is;

/** Whether a variable of mod_rewrite's is known here, by its name without `%{}`. Letters count in either case. */
export function isVariable(name: string): boolean {
  return header.test(name) || Object.hasOwn(readers, name.toUpperCase());
}

/** Tells what variables stand for in one request; `''` for what it has not. */
export function readVariables(req: IncomingMessage, facts: VariableFacts): (name: string) => string {
  return (name) => {
    const field = header.exec(name)?.[1];
    if (field !== undefined)
      return /^host$/i.test(field) ? readHost(req) : readHeader(field.toLowerCase())(req, facts);
    const key = name.toUpperCase();
    return Object.hasOwn(readers, key) ? readers[key]!(req, facts) : '';
  };
}

/** All lines of a header, as one. Node keeps only the first of some. */
function readHeader(name: string): Reader {
  return ({ rawHeaders }) => {
    const values = rawHeaders.filter((_value, i) => i % 2 === 1 && rawHeaders[i - 1]!.toLowerCase() === name);
    return decodeUtf8(values.join(name === 'cookie' ? '; ' : ', '));
  };
}

/** RFC 9112 3.2.2: a host in the target goes before the Host header; it is what is sent on, too. */
function readHost(req: ExpressRequest): string {
  const target = splitTarget(targetOf(req));
  return decodeUtf8((target.kind === 'absolute' ? target.authority : undefined) ?? req.headers.host ?? '');
}

/** Node has made a character of each byte; patterns are written in UTF-8. */
function decodeUtf8(text: string): string {
  return /[\u0080-\u00ff]/.test(text) ? Buffer.from(text, 'latin1').toString('utf8') : text;
}

function readScheme({ protocol, socket }: ExpressRequest): 'http' | 'https' {
  // Express has looked at X-Forwarded-Proto, where it trusts the proxy.
  if (typeof protocol === 'string') return protocol === 'https' ? 'https' : 'http';
  return 'encrypted' in socket && socket.encrypted === true ? 'https' : 'http';
}

/** The address that access goes by, too. */
function readClient(req: ExpressRequest): string {
  return unmapAddress(readAddress(req));
}

/** As it came, before a mount path was taken off. */
function targetOf({ originalUrl, url = '' }: ExpressRequest): string {
  return typeof originalUrl === 'string' ? originalUrl : url;
}

function readQuery(text: string): string {
  return text.includes('?') ? text.slice(text.indexOf('?') + 1) : '';
}

/** `[::1]:8080` -> `[::1]` and `8080`. */
function splitHost(host = ''): Readonly<{ name: string; port: string }> {
  const [, name = '', port = ''] = /^(.*?)(?::(\d*))?$/s.exec(host)!;
  return { name: name.toLowerCase(), port };
}
