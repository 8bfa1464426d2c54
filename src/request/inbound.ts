import type { RawHeaders } from '../rewrite/headers.ts';

/** The facts of a client's request, read once; nothing in here is ever changed. */
export type Inbound = Readonly<{
  /** As sent: methods are case-sensitive. */
  method: string;
  /** `'1.0'` or `'1.1'`. */
  httpVersion: string;
  /** Path below the mount path: begins with exactly one slash, no dot segments, otherwise as the client encoded it. */
  path: string;
  /** What a mapping, and then `pathRewrite`, make of it: what is appended to a member's base path. */
  pathToMember: string;
  /** What of the members' paths, below their own, stands for the mount path; `''` without a mapping. */
  memberPath: string;
  /** The query with its `?`, byte for byte, or what a mapping puts for it; `''` without one. */
  query: string;
  /** Path the balancer is mounted at, without trailing slash: `''`, `/static`. */
  mountPath: string;
  headers: RawHeaders;
  /** Value of the Host header, or the authority of an absolute-form target. Undefined for HTTP/1.0 without either. */
  host: string | undefined;
  /** How the client came to us, X-Forwarded-Proto of a trusted peer considered. */
  protocol: 'http' | 'https';
  /** Address of the connection's other end. */
  remoteAddress: string;
  /** Whether that peer's X-Forwarded-* are believed. */
  trusted: boolean;
  /** Protocol that the client wants to switch to and the definition allows, as the client spells it. */
  upgrade: string | undefined;
  /** What cookie-parser has made of the cookies, if the app has mounted it. */
  parsedCookies: ParsedCookies | undefined;
}>;

/** cookie-parser's results: `req.cookies` and `req.signedCookies` (where `false` is a signature that failed). */
export type ParsedCookies = Readonly<{
  cookies: Readonly<Record<string, unknown>>;
  signedCookies: Readonly<Record<string, unknown>>;
}>;
