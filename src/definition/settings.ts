import type {
  HttpProxyMiddleware,
  Logger,
  PathPattern,
  PathRewrite,
  RouteCookie,
  TlsOptions,
} from './definition.ts';

/** A member's definition, complete and ready to use. */
export type MemberSettings = Readonly<{
  /** What it is called in facts and views: its route if it has one to itself, else its URL as the definition writes it. */
  name: string;
  /** As httpd names a worker: the URL without default port, host in lower case; with `unix:…|` where it is a socket. */
  url: string;
  /** `http://host:port`, as a client connects to it; IPv6 in brackets; port only if not the default. */
  origin: string;
  protocol: 'http:' | 'https:';
  /** Host without brackets. */
  hostname: string;
  port: number;
  /** The value of the Host header: host, with the port if it is not the default one. */
  host: string;
  socketPath: string | undefined;
  /** The member's own path without its trailing slash: `''`, `/media`. */
  basePath: string;
  /** The member's own path as the definition has it, with a leading slash: `/`, `/media/`. */
  path: string;
  route: string | undefined;
  redirect: string | undefined;
  /** Weight in hundredths: 100 to 10000. */
  lbfactor: number;
  lbset: number;
  /** Initial flags (see member/status.ts). */
  status: number;
  retryMs: number;
  timeoutMs: number;
  connectTimeoutMs: number;
  /** Undefined: what the member announces, or the sender's default. */
  ttlMs: number | undefined;
  disablereuse: boolean;
  keepalive: boolean;
  maxHeadBytes: number;
  tls: TlsOptions | undefined;
}>;

/** Where a session's route is looked for. */
export type StickySettings = Readonly<{
  cookie: string;
  /** Name of the path and query parameter. */
  parameter: string;
  separator: string | undefined;
  separatorMatch: 'first' | 'last';
  routeregex: RegExp | undefined;
  scolonpathdelim: boolean;
}>;

/** The balancer's own cookie, with its defaults filled in. */
export type RouteCookieSettings = Readonly<{
  name: string;
  /** Empty: unsigned. */
  secrets: readonly string[];
  /** Undefined: the mount path. */
  path: string | undefined;
  secure: boolean | 'auto';
  /** Express's cookie options other than path and secure. */
  attributes: Omit<RouteCookie, 'name' | 'secret' | 'path' | 'secure'>;
}>;

/** A balancer's definition, complete, frozen and ready to use. */
export type Settings = Readonly<{
  name: string;
  members: readonly MemberSettings[];
  sticky: StickySettings | undefined;
  routeCookie: RouteCookieSettings | undefined;
  nofailover: boolean;
  /** Undefined: one less than there are members. */
  maxattempts: number | undefined;
  /** How long a request waits for a usable member; 0: not at all. */
  waitMs: number;
  deadlineMs: number | undefined;
  failonstatus: ReadonlySet<number>;
  failontimeout: boolean;
  forcerecovery: boolean;
  failover: Readonly<{
    status: ReadonlySet<number>;
    /** In upper case. */
    methods: ReadonlySet<string>;
    /** Header whose presence makes a request repeatable, in lower case. */
    idempotencyKey: string | undefined;
  }>;
  replayBytes: number;
  exclude: readonly PathPattern[];
  pathRewrite: PathRewrite | undefined;
  proxypreservehost: boolean;
  xForwarded: boolean;
  forwarded: boolean;
  trustProxy: ((address: string) => boolean) | undefined;
  proxyvia: 'Off' | 'On' | 'Full' | 'Block';
  /** How this balancer calls itself in Via; a token. */
  pseudonym: string;
  errorOverride: (status: number) => boolean;
  reverse: boolean;
  /** Further backend URLs that stand for the mount path. */
  reverseUrls: readonly string[];
  /** False: off; a table: instead of the derived mapping, internal to public, in order. */
  cookieDomain: boolean | readonly (readonly [internal: string, external: string])[];
  cookiePath: boolean | readonly (readonly [internal: string, external: string])[];
  /** Protocols that may be switched to, in lower case; `*` for any. */
  upgrade: ReadonlySet<string>;
  upgradeTimeoutMs: number | undefined;
  httpProxyMiddleware: HttpProxyMiddleware | undefined;
  logger: Logger;
}>;
