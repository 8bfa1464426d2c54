import type { IncomingMessage } from 'node:http';
import type { SecureContextOptions } from 'node:tls';
import type { Options as HttpProxyMiddlewareOptions } from 'http-proxy-middleware';

/**
 * A time span. A number is in httpd's unit for that option (seconds, where nothing else is said);
 * a string says its unit: `'500ms'`, `'30s'`, `'2m'`, `'1h'`.
 */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h'}`;

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
   * `I` ignore errors, `R` hot spare, `H` hot standby, `N` drain, `E` in error, `C` failed its health check. Default: none.
   */
  readonly status?: string;
  /** How long a member in error is left alone before one request tries it again (httpd `retry`, seconds). Default: 60 s. */
  readonly retry?: Duration;
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
};

/** TLS towards a member, in the words of Node's `tls.connect`. */
export type TlsOptions = Pick<SecureContextOptions, 'ca' | 'cert' | 'key' | 'passphrase' | 'pfx'> & {
  /** Name sent as SNI and checked against the certificate. Default: the host of the member's URL. */
  readonly servername?: string;
  /** Whether a certificate that cannot be verified ends the attempt. Default: true. */
  readonly rejectUnauthorized?: boolean;
};

/** One member: where it is, and its parameters. */
export type MemberDefinition<
  Route extends string = string,
  Url extends string = string,
> = MemberParameters<Route> & {
  /**
   * `http://host:port/base/`, `https://…`, or `unix:/path/to.sock|http://host/base/`.
   * What the client asked for below the mount path is appended to the base with exactly one slash.
   */
  readonly url: Url;
};

/** When a request may move to another member although this one may have seen it. */
export type FailoverOn = {
  /** Statuses of an answer that make an idempotent request try another member. Default: none. */
  readonly status?: readonly number[];
  /** Methods that may be sent a second time although they are not idempotent, such as `'POST'`. Default: none. */
  readonly methods?: readonly string[];
  /** Treat a request as idempotent when it carries `Idempotency-Key` (or the header named here). Default: false. */
  readonly idempotencyKey?: boolean | string;
};

/** The cookie that the balancer itself sets, so that members need not know of it. Other keys are Express's cookie options. */
export type RouteCookie = {
  /** Name of the cookie. Default: `'ROUTEID'`. */
  readonly name?: string;
  /** Sign the cookie in cookie-parser's format; several secrets allow rotation: the first signs, all verify. Default: unsigned. */
  readonly secret?: string | readonly string[];
  /** Path it is for. Default: the mount path of the balancer. */
  readonly path?: string;
  /** Domain it is for, subdomains included. Default: the host that was asked for. */
  readonly domain?: string;
  /** Whether scripts cannot read it. Default: true. */
  readonly httpOnly?: boolean;
  /** `'auto'` sets it on https only. Default: `'auto'`. */
  readonly secure?: boolean | 'auto';
  /** Whether requests from other sites carry it; `true` is `'strict'`. Default: `'lax'`. */
  readonly sameSite?: boolean | 'lax' | 'strict' | 'none';
  /** Lifetime in milliseconds, as in Express. Default: until the browser closes. */
  readonly maxAge?: number;
  /** When it ends; `maxAge` goes before it. Default: when the browser closes. */
  readonly expires?: Date;
  /** Whether each embedding site has one of its own (CHIPS). Default: false. */
  readonly partitioned?: boolean;
  /** Which cookies Chrome keeps when a host has too many. Default: not said. */
  readonly priority?: 'low' | 'medium' | 'high';
};

/** A request path below the mount path (with everything beneath it), a pattern for that path, or a question. */
export type PathPattern = string | RegExp | ((req: IncomingMessage) => boolean);

/** Rewrites the path below the mount path before it is joined to a member's base; the query is not part of it. */
export type PathRewrite = Readonly<Record<string, string>> | ((path: string, req: IncomingMessage) => string);

/** Where warnings go; `console` fits. */
export type Logger = Pick<Console, 'info' | 'warn' | 'error'>;

/** http-proxy-middleware's own options, but for those that the balancer stands for. */
export type HttpProxyMiddleware = Omit<
  HttpProxyMiddlewareOptions,
  'target' | 'router' | 'forward' | 'ws' | 'xfwd'
>;

/**
 * A balancer, as a user writes it. Options in lower case are httpd's, with its meaning, default and unit;
 * those in camelCase are this library's own.
 */
export type BalancerDefinition<Route extends string = string, Url extends string = string> = {
  /** Name in logs, errors and `req.balancer` (httpd: `balancer://name`). Default: `'balancer'`. */
  readonly name?: string;
  /** The backends: URLs, or URLs with parameters. At least one. */
  readonly members: readonly (Url | MemberDefinition<Route, Url>)[];
  /** Parameters for all members that do not say otherwise. Default: none. */
  readonly memberDefaults?: Omit<MemberParameters, 'route' | 'redirect'>;

  /** How a member is chosen for requests that are bound to none (httpd `lbmethod`). Default: `'byrequests'`. */
  readonly lbmethod?: 'byrequests';
  /** Cookie that carries the route, or `'cookie|parameter'` where path and query parameter have another name (httpd `stickysession`). Default: none. */
  readonly stickysession?: string;
  /** What separates the session id from the route; `'Off'`: the whole value is the route (httpd `stickysessionsep`). Default: `'.'`. */
  readonly stickysessionsep?: string;
  /** Which separator counts when the value has several. httpd: the first. Default: `'first'`. */
  readonly separatorMatch?: 'first' | 'last';
  /** Finds the route in the value: group 1, or the whole match without one; wins over the separator (Ape `routeregex`). Default: none. */
  readonly routeregex?: RegExp;
  /** A path parameter ends at `;` (httpd `scolonpathdelim`; in the query too). Path parameters always end there. Default: false. */
  readonly scolonpathdelim?: boolean;
  /** The balancer's own cookie, set when a request's route changed. `true`: all defaults. Default: false. */
  readonly routeCookie?: boolean | RouteCookie;
  /** Answer 503 rather than move a session whose member is unusable (httpd `nofailover`). Default: false. */
  readonly nofailover?: boolean;

  /** Further tries after the first; the same members again where it is more than there are (httpd `maxattempts`). Default: each of the others once. */
  readonly maxattempts?: number;
  /** How long a request waits, before its first try, for a usable member when there is none (httpd's balancer `timeout`, seconds). Default: 0. */
  readonly timeout?: Duration;
  /** Default `timeout` of the members (httpd's ProxyTimeout, seconds). Default: 60 s. */
  readonly proxytimeout?: Duration;
  /** Longest time for the whole request, all attempts and the answer's body included; ends with a switch of protocols. In seconds. Default: none. */
  readonly deadline?: Duration;
  /** Statuses that are relayed and put the member in error (httpd `failonstatus`). Default: none. */
  readonly failonstatus?: number | readonly number[];
  /** A member that lets a request time out is put in error (httpd `failontimeout`). Default: false. */
  readonly failontimeout?: boolean;
  /** When every member is in error, all are tried as if none were (httpd `forcerecovery`). Default: true. */
  readonly forcerecovery?: boolean;
  /** Statuses that make an idempotent request try another member, or more than that. Default: none. */
  readonly failoverOn?: readonly number[] | FailoverOn;
  /** How much of a request body is kept while it streams, so that it can be sent again, in bytes. Default: 65536. */
  readonly replayBytes?: number;

  /** Paths below the mount path that are left to the app: `next()` (httpd: `ProxyPass /path !`). Default: none. */
  readonly exclude?: PathPattern | readonly PathPattern[];
  /** Rewrites the path below the mount path; the first pattern that matches is replaced, as in http-proxy-middleware. Default: none. */
  readonly pathRewrite?: PathRewrite;

  /** Send the client's Host to the member (httpd ProxyPreserveHost). Default: false. */
  readonly proxypreservehost?: boolean;
  /**
   * Add X-Forwarded-For, -Host, -Server, -Proto and -Prefix (httpd ProxyAddHeaders), or RFC 7239 `Forwarded`, or both.
   * False leaves what the client sent as it is. Default: true, the X-Forwarded-* ones.
   */
  readonly proxyaddheaders?: boolean | 'x-forwarded' | 'forwarded' | 'both';
  /** Whose X-Forwarded-* are believed, and appended to rather than replaced; instead of Express's `trust proxy`. Default: Express's, or nobody's. */
  readonly trustProxy?: boolean | ((address: string) => boolean);
  /** Via: add it, add it with a comment, or remove it from requests (httpd ProxyVia). With `'On'` and `'Full'`, a request that comes round again gets 508. Default: `'Off'`. */
  readonly proxyvia?: 'Off' | 'On' | 'Full' | 'Block';
  /** Member answers of 400 and above, or of these statuses, become errors for the app's own error pages (httpd ProxyErrorOverride). Default: false. */
  readonly proxyerroroverride?: boolean | readonly number[];
  /** Map members' URLs in Location, Content-Location, URI, Destination, Refresh and Link back to the mount path; further URLs that stand for it (httpd ProxyPassReverse). Default: true. */
  readonly proxypassreverse?: boolean | readonly string[];
  /** Map members' host names in cookies' Domain: drop them, or replace by this table, internal to public (httpd ProxyPassReverseCookieDomain). Default: true. */
  readonly proxypassreversecookiedomain?: boolean | Readonly<Record<string, string>>;
  /** Map members' base paths in cookies' Path to the mount path, or by this table, internal to public (httpd ProxyPassReverseCookiePath). Default: true. */
  readonly proxypassreversecookiepath?: boolean | Readonly<Record<string, string>>;

  /** Protocols that may be switched to, `'ANY'` for all, `false` for none; others are served without the switch (httpd `upgrade`). Default: `'websocket'`. */
  readonly upgrade?: string | readonly string[] | false;
  /** How long an upgraded connection may be silent both ways, in seconds. Default: no limit. */
  readonly upgradeTimeout?: Duration;

  /** Let http-proxy-middleware carry the requests, with these options of its own. Default: undici carries them. */
  readonly httpProxyMiddleware?: HttpProxyMiddleware;
  /** Where warnings go. Default: `console`. `false`: nowhere. */
  readonly logger?: Logger | false;
};
