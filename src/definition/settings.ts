import type { WarningCode } from '../warnings/codes.ts';
import type {
  HashKey,
  HttpProxyMiddleware,
  LbMethod,
  Logger,
  MethodName,
  PathPattern,
  PathRewrite,
  RouteCookie,
} from './definition.ts';
import type {
  HcAnswer,
  LocalHandler,
  MemberDefinition,
  MemberParameters,
  TlsOptions,
} from './member-definition.ts';

/** A member's definition, complete and ready to use. */
export type MemberSettings = Readonly<{
  /**
   * What it is called in facts and views: its route if it has one to itself, else its URL as the definition writes it,
   * or `handler`.
   */
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
  /** What `retryMs` may grow to: `retryMs` itself where it does not grow. */
  retryMaxMs: number;
  /** 0: all its weight at once. */
  slowStartMs: number;
  /** Infinity: no limit. */
  max: number;
  /** Undefined: as long as the queue lets it. */
  acquireMs: number | undefined;
  timeoutMs: number;
  connectTimeoutMs: number;
  /** Undefined: what the member announces, or the sender's default. */
  ttlMs: number | undefined;
  disablereuse: boolean;
  keepalive: boolean;
  maxHeadBytes: number;
  tls: TlsOptions | undefined;
  /** Undefined: its health is not checked. */
  health: HealthSettings | undefined;
  /** Stands for a server behind a name, which DNS tells; undefined for a server. Such a member is never chosen itself. */
  resolve: 'A' | 'SRV' | undefined;
  /** Answers in this process; where there is one, the address means nothing. */
  handler: LocalHandler | undefined;
  /** What it was built from, `memberDefaults` included: a change builds it anew. */
  definition: MemberDefinition;
  /** What holds where neither its own definition nor a change says anything. Left out: the options' own defaults. */
  inherited?: Inherited;
}>;

/** What members have in common. */
export type Inherited = Readonly<{
  /** Of `memberDefaults`, those that a member of its kind can have. */
  parameters: MemberParameters;
  proxytimeoutMs: number;
}>;

/** How a member's health is checked. */
export type HealthSettings = Readonly<{
  /** Undefined: a connection is all that is asked for. */
  request: Readonly<{ method: 'OPTIONS' | 'HEAD' | 'GET'; version: '1.0' | '1.1' }> | undefined;
  /** Origin-form, the member's base path included; or `*`. */
  target: string;
  /** Names as they are sent, `Host` first. */
  headers: readonly (readonly [name: string, value: string])[];
  intervalMs: number;
  passes: number;
  fails: number;
  timeoutMs: number;
  /** Whether the body is looked at. */
  readsBody: boolean;
  isExpected: (answer: HcAnswer) => boolean;
  /** Origin-form; empty: it counts as up at once. */
  warmUp: readonly string[];
}>;

/** When members are ejected. */
export type EjectionSettings = Readonly<{
  /** Infinity: any number. */
  consecutive: number;
  /** Infinity: any share. */
  rate: number;
  windowMs: number;
  minRequests: number;
  maxEjected: number;
  timeMs: number;
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
  /** In front of the route. */
  prefix: string;
  /** Empty: unsigned. */
  secrets: readonly string[];
  /** Undefined: the mount path. */
  path: string | undefined;
  secure: boolean | 'auto';
  /** Express's cookie options other than path and secure. */
  attributes: Omit<RouteCookie, 'name' | 'prefix' | 'secret' | 'path' | 'secure'>;
}>;

/** A balancer's definition, complete, frozen and ready to use. */
export type Settings = Readonly<{
  name: string;
  /** `'httpd'`: paths, sessions and answers are joined, read and mapped back letter for letter as httpd does. */
  compat: 'httpd' | undefined;
  members: readonly MemberSettings[];
  lbmethod: MethodName | LbMethod;
  hashKey: HashKey;
  /** Infinity: no bound. */
  hashBalance: number;
  ejection: EjectionSettings | undefined;
  sticky: StickySettings | undefined;
  routeCookie: RouteCookieSettings | undefined;
  nofailover: boolean;
  /** Undefined: one less than there are members. */
  maxattempts: number | undefined;
  /** How long a request waits for a usable member; 0: not at all. */
  waitMs: number;
  deadlineMs: number | undefined;
  /** How long a request is held while no member is up; 0: not at all. */
  holdMs: number;
  queueLength: number;
  queueTimeoutMs: number;
  /** Empty: the system's. */
  resolver: readonly string[];
  serverTiming: boolean;
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
  /** -1: none is added. */
  proxymaxforwards: number;
  /** How this balancer calls itself in Via; a token. */
  pseudonym: string;
  errorOverride: (status: number) => boolean;
  reverse: boolean;
  /** Further backend URLs that stand for the mount path. */
  reverseUrls: readonly string[];
  /** What stands for other public URLs: internal to public, in order. */
  reverseTable: readonly (readonly [internal: string, external: string])[];
  /** False: off; a table: instead of the derived mapping, internal to public, in order. */
  cookieDomain: boolean | readonly (readonly [internal: string, external: string])[];
  cookiePath: boolean | readonly (readonly [internal: string, external: string])[];
  /** Protocols that may be switched to, in lower case; `*` for any. */
  upgrade: ReadonlySet<string>;
  upgradeTimeoutMs: number | undefined;
  httpProxyMiddleware: HttpProxyMiddleware | undefined;
  logger: Logger;
  /** Warnings that nobody is to be told, or wants to be. */
  silenced: ReadonlySet<WarningCode>;
}>;
