import type { IncomingMessage } from 'node:http';
import type { MemberSnapshot } from '../member/snapshot.ts';
import type { SharedState } from '../sharing/membership.ts';
import type { HttpProxyMiddleware } from './http-proxy-middleware.ts';
import type { WarningCode } from '../warnings/codes.ts';
import type { MemberDefinition, MemberParameters } from './member-definition.ts';

/**
 * A time span. A number is in httpd's unit for that option (seconds, where nothing else is said);
 * a string says its unit: `'500ms'`, `'30s'`, `'2m'`, `'1h'`.
 */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h'}`;

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
  /** What stands in front of the route: `'.'` makes it a cookie that httpd's recipe has set. Read with it and without. Default: `''`. */
  readonly prefix?: string;
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
export type PathPattern = string | RegExp | PathQuestion;

/** A question to a request. */
export type PathQuestion = {
  // As a method, so that functions typed for Express fit; the same below.
  /** Whether the answer is yes for this request. What it throws ends the request in `next(err)`. */
  ask(req: IncomingMessage): boolean;
}['ask'];

/** Rewrites the path below the mount path before it is joined to a member's base; the query is not part of it. */
export type PathRewrite = Readonly<Record<string, string>> | PathRewriter;

/** Rewrites one path. */
export type PathRewriter = {
  /** `path`: below the mount path, without the query, as the client has encoded it. Returns the path to ask for instead. */
  rewrite(path: string, req: IncomingMessage): string;
}['rewrite'];

/** The balancing methods that have names (httpd `lbmethod`). */
export type MethodName = 'byrequests' | 'bytraffic' | 'bybusyness' | 'byresponsetime' | 'random' | 'byhash';

/**
 * A balancing method of the user's own: one of the members that may be chosen now, or undefined for byrequests' choice.
 * `(members, req: Request) => members.find(({ name }) => name === req.user?.id)`, for one.
 */
export type LbMethod = {
  /** `members`: those that may be chosen now, one at least. Returns one of them, or undefined to leave it to byrequests. */
  choose(
    members: readonly [MemberSnapshot, ...MemberSnapshot[]],
    req: IncomingMessage,
  ): MemberSnapshot | undefined;
}['choose'];

/** What byhash keeps on one member: the client's address, a field, a cookie, or what a function says. */
export type HashKey =
  | 'ip'
  | Readonly<{
      /** Name of the header field whose value counts. */
      header: string;
      /** Not beside `header`. */
      cookie?: never;
    }>
  | Readonly<{
      /** Name of the cookie whose value counts. */
      cookie: string;
      /** Not beside `cookie`. */
      header?: never;
    }>
  | HashFunction;

/**
 * What of a request byhash keeps on one member: `(req: Request) => req.user?.id`, where Express is told of users. Without
 * one, it goes to the less busy of two that are drawn.
 */
export type HashFunction = {
  /** Its key; undefined: it has none. */
  key(req: IncomingMessage): string | number | undefined;
}['key'];

/** When a member that answers badly is put in error, although it does answer. */
export type Ejection = {
  /** Bad answers in a row: 5xx but 501 and 505, resets, timeouts, broken answers. `false`: any number. Default: 5. */
  readonly consecutive?: number | false;
  /** Share of bad answers within `window`, above 0 and up to 1. `false`: any share. Default: 0.5. */
  readonly rate?: number | false;
  /** How far back `rate` looks, in seconds. Default: 30 s. */
  readonly window?: Duration;
  /** How many answers `rate` needs within `window` to mean anything. Default: 20. */
  readonly minRequests?: number;
  /** Largest share of the members that may be ejected at a time, rounded down to whole members, above 0 and up to 1. Default: 0.5. */
  readonly maxEjected?: number;
  /** How long a member is ejected before one request tries it, instead of `retry`; grows like it. In seconds. Default: 30 s. */
  readonly time?: Duration;
};

/** Where warnings go; `console` fits. */
export type Logger = Pick<Console, 'info' | 'warn' | 'error'>;

export type { HttpProxyMiddleware };

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
  readonly lbmethod?: MethodName | LbMethod;
  /** What `byhash` keeps on one member. Default: `'ip'`. */
  readonly hashKey?: HashKey;
  /** How much more than its share of the requests under way `byhash` gives a member, as a factor from 1 up. `false`: any. Default: 1.25. */
  readonly hashBalance?: number | false;
  /** Cookie that carries the route, or `'cookie|parameter'` where path and query parameter have another name (httpd `stickysession`). Default: none. */
  readonly stickysession?: string;
  /** What separates the session id from the route; `'Off'`: the whole value is the route (httpd `stickysessionsep`). Default: `'.'`. */
  readonly stickysessionsep?: string;
  /** Which separator counts when the value has several. httpd: the first. Default: `'first'`. */
  readonly separatorMatch?: 'first' | 'last';
  /**
   * Finds the route in the value: group 1, or the whole match without one; wins over the separator (Ape `routeregex`). A
   * text is the source of a pattern, for definitions in files: `'!(.*)$'`. Default: none.
   */
  readonly routeregex?: RegExp | string;
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
  /** When nobody can be chosen otherwise, members in error are tried, then those that fail their health checks (httpd `forcerecovery`, for errors). Default: true. */
  readonly forcerecovery?: boolean;
  /** Put members that answer badly in error, as if they did not answer. `true`: all defaults. Default: false. */
  readonly ejection?: boolean | Ejection;
  /** How long a request waits and tries again while no member is up, from when it came in; in seconds. Default: not at all. */
  readonly hold?: Duration;
  /** How many requests may wait at the same time, for whatever reason; a further one gets 503. Default: 1000. */
  readonly queueLength?: number;
  /** How long a request waits for a member that serves its `max`, in seconds. Default: 10 s. */
  readonly queueTimeout?: Duration;
  /** Addresses of the DNS servers that `resolve` asks, with a port where it is not 53 (nginx `resolver`). Default: the system's. */
  readonly resolver?: string | readonly string[];
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
  /** Add this Max-Forwards to OPTIONS and TRACE requests that have none (httpd ProxyMaxForwards). Default: -1, none is added. */
  readonly proxymaxforwards?: number;
  /** Member answers of 400 and above, or of these statuses, become errors for the app's own error pages (httpd ProxyErrorOverride). Default: false. */
  readonly proxyerroroverride?: boolean | readonly number[];
  /**
   * Map members' URLs in Location, Content-Location, URI, Destination, Refresh and Link back to the mount path (httpd
   * ProxyPassReverse); further URLs that stand for it, or a table of URLs and paths, internal to public, where public paths
   * begin at the root of the host and `balancer://name/sub` is `/sub` below every member. Default: true.
   */
  readonly proxypassreverse?: boolean | readonly string[] | Readonly<Record<string, string>>;
  /** Map members' host names in cookies' Domain: drop them, or replace by this table, internal to public (httpd ProxyPassReverseCookieDomain). Default: true. */
  readonly proxypassreversecookiedomain?: boolean | Readonly<Record<string, string>>;
  /** Map members' base paths in cookies' Path to the mount path, or by this table, internal to public (httpd ProxyPassReverseCookiePath). Default: true. */
  readonly proxypassreversecookiepath?: boolean | Readonly<Record<string, string>>;

  /**
   * `'httpd'`: the letter of httpd where it is better otherwise. Paths are joined without adding or taking a slash, dot segments
   * of a client are resolved rather than refused, a session is read from the first parameter or cookie that looks like one,
   * members may share a route, and answers are mapped back by the tables of `proxypassreverse` and its cookie pair alone, by
   * prefix, in their order: nothing is derived, and `Refresh` and `Link` stay as they are. Not beside `httpProxyMiddleware`. Default: not.
   */
  readonly compat?: 'httpd';

  /** Tell clients in `Server-Timing` who answered, how long it took and what was tried. Default: false. */
  readonly serverTiming?: boolean;

  /** Protocols that may be switched to, `'ANY'` for all, `false` for none; others are served without the switch (httpd `upgrade`). Default: `'websocket'`. */
  readonly upgrade?: string | readonly string[] | false;
  /** How long an upgraded connection may be silent both ways, in seconds. Default: no limit. */
  readonly upgradeTimeout?: Duration;

  /** Let http-proxy-middleware carry the requests, with these options of its own. Default: the balancer carries them itself. */
  readonly httpProxyMiddleware?: HttpProxyMiddleware;
  /**
   * Which servers may be added while it runs, by the program, a manager or another process: hosts (`'app3.internal'`,
   * `'*.internal'`, `'10.0.0.5:3000'`), or a question to a URL; of a member with `resolve`, which name. Default: any http(s)
   * server.
   */
  readonly allowMembers?: readonly string[] | ((url: URL) => boolean);
  /**
   * What this balancer shares with those of the same name in other processes, and how: `redisState(…)` of
   * `express-proxy-balancer/redis`. Default: nothing; its state is in this process's memory.
   */
  readonly state?: SharedState;
  /** Where warnings go. Default: `console`. `false`: nowhere. */
  readonly logger?: Logger | false;
  /**
   * Which mistakes of the set-up are warned of, each once, through `logger`: `false` for none, or by code,
   * `{ WARN_BALANCER_TRUST_PROXY: false }`. Default: `true`, all.
   */
  readonly warnings?: boolean | Readonly<Partial<Record<WarningCode, boolean>>>;
};
