import { isFault, type Fault } from '../../definition/problem.ts';
import { parseMemberUrl } from '../../definition/member-url.ts';

/** A server that a member or a target names. */
export type ServerUrl = Readonly<{
  /** The whole URL, with http: for ws:. */
  url: string;
  /** `http://host:3000`, with the socket where there is one. */
  origin: string;
  /** What stands behind it. */
  path: string;
  /** It was ws: or wss:. */
  isWebSocket: boolean;
}>;

/** A scheme of httpd that is not spoken here. */
export type OtherScheme = Readonly<{ why: string }>;

const others: ReadonlyMap<string, string> = new Map([
  ['ajp', 'members are spoken to in HTTP; write http:// and the port of its HTTP connector'],
  ['fcgi', 'members are spoken to in HTTP; put an HTTP server before the FastCGI application'],
  ['scgi', 'members are spoken to in HTTP; put an HTTP server before the SCGI application'],
  ['uwsgi', "members are spoken to in HTTP; write http:// and the address of uwsgi's http-socket"],
  ['h2', 'members are spoken to in HTTP/1.1; write https://'],
  ['h2c', 'members are spoken to in HTTP/1.1; write http://'],
  ['ftp', 'members are spoken to in HTTP'],
  ['fd', 'members are spoken to in HTTP'],
]);

/** Takes a URL of httpd apart: `http://host/path`, `unix:/socket|http://host/path`, `ws://…`. */
export function readServerUrl(text: string): ServerUrl | OtherScheme | Fault {
  const [, socket = '', scheme = '', authority = '', path = ''] =
    /^(unix:[^|]*\|)?([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^]*)$/i.exec(text) ?? [];
  const lower = scheme.toLowerCase();
  const other = others.get(lower);
  if (other !== undefined) return { why: `${lower}:// is not spoken here: ${other}` };
  const isWebSocket = lower === 'ws' || lower === 'wss';
  const spoken = isWebSocket ? lower.replace('ws', 'http') : lower;
  const origin = scheme === '' ? text : `${socket}${spoken}://${authority}`;
  // The path of a target may have $1 or a query in it.
  const address = parseMemberUrl(origin);
  if (isFault(address)) return address;
  return { url: `${origin}${path}`, origin: address.url, path, isWebSocket };
}

/** Whether httpd would take it for the URL of a server, be it one that nobody could send to. */
export function isAbsoluteUrl(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?[^/?#:@]+(?::\d*)?(?:[/?#]|$)/i.test(text);
}

/** A URL or a path as it is compared: the origin as parsers write it, and no slash at the end. */
export function normalise(text: string): string {
  const url = /^\//.test(text) ? undefined : readServerUrl(text);
  const whole = url === undefined || !('origin' in url) ? text : `${url.origin}${url.path}`;
  return whole.replace(/\/+$/, '');
}
