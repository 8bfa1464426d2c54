import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SecureContextOptions } from 'node:tls';
import type { StatusText } from '../member/status.ts';
import type { Duration } from './definition.ts';

/** What one backend is to the balancer: httpd's BalancerMember and its parameters. */
export type MemberParameters<Route extends string = string> = {
  /** Label that binds a session to this member (httpd `route`). At most 63 bytes. Default: none. */
  readonly route?: Route;
  /** Route of the member that takes over this member's sessions while it is unusable (httpd `redirect`). Default: none. */
  readonly redirect?: NoInfer<Route>;
  /** Weight, 1 to 100, in hundredths (httpd `loadfactor`). Default: 1. */
  readonly loadfactor?: number;
  /** Set the member belongs to, 0 to 99; a higher set serves only when no lower one can (httpd `lbset`). Default: 0. */
  readonly lbset?: number;
  /**
   * Initial flags in httpd's letters, each after `+` (set, the default) or `-` (clear): `D` disabled, `S` stopped,
   * `I` ignore errors, `R` hot spare, `H` hot standby, `N` drain, `E` in error, `C` failed its health check; or those
   * words: `'hot-standby'`, `'+disabled'`. Default: none.
   */
  readonly status?: StatusText;
  /** How long a member in error is left alone before one request tries it again (httpd `retry`, seconds). Default: 60 s. */
  readonly retry?: Duration;
  /** How long that time may grow, in seconds: it doubles with each trial that fails. `false`: it stays as it is. Default: ten times `retry`. */
  readonly retryMax?: Duration | false;
  /** How long a member that comes back, or is added, takes from a tenth of its weight to all of it, in seconds. Default: 0, all at once. */
  readonly slowStart?: Duration;
  /** How many requests it may serve at the same time, upgraded connections included (httpd `max`, there for connections). Default: no limit. */
  readonly max?: number;
  /** How long a request waits for a place at this member, which serves its `max`, instead of `queueTimeout`; it may be longer (httpd `acquire`, milliseconds). Default: `queueTimeout`. */
  readonly acquire?: Duration;
  /**
   * How long the member may be silent: before the head of its answer, and between two pieces of it
   * (httpd `timeout`, seconds). The time that a slow client takes does not count. Default: `proxytimeout`.
   */
  readonly timeout?: Duration;
  /** How long a connection, TLS included, may take to open (httpd `connectiontimeout`, seconds). Default: `timeout`. */
  readonly connectiontimeout?: Duration;
  /** How long an idle connection is kept for the next request (httpd `ttl`, seconds). Default: 4 s, or what the member announces in `Keep-Alive`. */
  readonly ttl?: Duration;
  /** One connection a request, closed after it (httpd `disablereuse`). Default: false. */
  readonly disablereuse?: boolean;
  /** TCP keep-alive probes on connections to the member (httpd `keepalive`). Default: false. */
  readonly keepalive?: boolean;
  /** Longest head of an answer that is accepted, in bytes (httpd `responsefieldsize`, there for each line). Default: 16384. */
  readonly responsefieldsize?: number;
  /** TLS to the member, for `https:` URLs: trust, identity and name. Default: Node's own trust store. */
  readonly tls?: TlsOptions;

  /** How its health is checked: a connection, or a request in HTTP/1.0, or with `11` in HTTP/1.1 (httpd `hcmethod`). Default: `'NONE'`. */
  readonly hcmethod?: 'NONE' | 'TCP' | 'OPTIONS' | 'HEAD' | 'GET' | 'OPTIONS11' | 'HEAD11' | 'GET11';
  /** Path of the check, with query, below the member's own (httpd `hcuri`). OPTIONS asks for `*` without one. Default: the member's own path. */
  readonly hcuri?: string;
  /** Time from the end of one check to the start of the next, give or take a tenth (httpd `hcinterval`, seconds). Default: 30 s. */
  readonly hcinterval?: Duration;
  /** Checks in a row that must pass before a failed member serves again (httpd `hcpasses`, there in sum). Default: 1. */
  readonly hcpasses?: number;
  /** Checks in a row that must fail before the member serves no more (httpd `hcfails`, there in sum). Default: 1. */
  readonly hcfails?: number;
  /** How long a check may take, in seconds. Default: 5 s, or `hcinterval` where that is shorter. */
  readonly hctimeout?: Duration;
  /** Fields that a check sends, `Host` among them where it should not be the member's own. Default: none. */
  readonly hcheaders?: Readonly<Record<string, string>>;
  /** Which answers pass: statuses, a pattern for the body, both, or a function (httpd `hcexpr`). Default: 200 to 399. */
  readonly hcexpect?: readonly number[] | RegExp | HcExpectation | HcFunction;
  /**
   * Paths below the member's own that are asked for, one after the other, before the member counts as up: at the start,
   * when it is added, and when its health checks pass again. Needs `hcmethod`. Default: none.
   */
  readonly warmUp?: string | readonly string[];
};

/** What a health check must be answered with; what is left out passes. */
export type HcExpectation = {
  /** Default: 200 to 399. */
  readonly status?: readonly number[];
  /** Tested against the first 64 KiB of the body, read as UTF-8. A text is the source of a pattern, for definitions in files. Default: any body. */
  readonly body?: RegExp | string;
};

/** The answer to a health check. */
export type HcAnswer = Readonly<{
  /** Status of the answer. */
  status: number;
  /** By name in lower case, as Node reads them. */
  headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The first 64 KiB, read as UTF-8; `''` for HEAD and OPTIONS. */
  body: string;
}>;

/** Whether the answer passes. One that throws does not. */
export type HcFunction = (answer: HcAnswer) => boolean;

/** TLS towards a member, in the words of Node's `tls.connect`. */
export type TlsOptions = Pick<SecureContextOptions, 'ca' | 'cert' | 'key' | 'passphrase' | 'pfx'> & {
  /** Name sent as SNI and checked against the certificate. Default: the host of the member's URL. */
  readonly servername?: string;
  /** Whether a certificate that cannot be verified ends the attempt. Default: true. */
  readonly rejectUnauthorized?: boolean;
};

/** A member that is a server: where it is, and its parameters. */
export type ServerMember<
  Route extends string = string,
  Url extends string = string,
> = MemberParameters<Route> & {
  /**
   * `http://host:port/base/`, `https://…`, or `unix:/path/to.sock|http://host/base/`.
   * What the client asked for below the mount path is appended to the base with exactly one slash.
   */
  readonly url: Url;
  /**
   * Ask DNS for all servers behind the URL's host, a member each, and again when the answer's TTL is over: `'A'` for its
   * addresses, `'SRV'` for targets and ports. A `route` is then the first part of theirs. Default: the host is one member.
   */
  readonly resolve?: 'A' | 'SRV';
  /** Not beside `url`. */
  readonly handler?: never;
};

/** Answers requests in this process. `next` as in any middleware: an error for the app, or nothing for its later middleware. */
export type LocalHandler = {
  // As a method, so that handlers typed for Express fit.
  /** Answers, or calls `next` once. */
  handle(req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void): unknown;
}['handle'];

/** A member that is a function of the app: a page that says sorry, a stub. */
export type HandlerMember<Route extends string = string, Url extends string = string> = Pick<
  MemberParameters<Route>,
  'route' | 'redirect' | 'loadfactor' | 'lbset' | 'status' | 'max' | 'acquire'
> & {
  /**
   * Answers in the members' place. Not rewritten, and not followed by failover: what it does is the app's. It gets no
   * request of whose body another member has read some before it failed.
   */
  // What is excluded is nothing; but with it the compiler infers that no URL comes from here, rather than any text.
  readonly handler: LocalHandler | Exclude<`${Url}`, string>;
  /** Not beside `handler`. */
  readonly url?: never;
};

/** One member. */
export type MemberDefinition<Route extends string = string, Url extends string = string> =
  ServerMember<Route, Url> | HandlerMember<Route, Url>;
