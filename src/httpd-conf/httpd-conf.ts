import type { Balancer } from '../balancer.ts';
import type { BalancerDefinition } from '../definition/definition.ts';
import type { Place } from './syntax/directive.ts';

/** A configuration of httpd or Ape, as this library understands it. */
export type HttpdConf = Readonly<{
  /** In the order in which they are tried; the first that fits serves. */
  mounts: readonly HttpdMount[];
  /** In the order of the file: the first is for requests whose host nobody has. Empty: all requests are the main server's. */
  hosts: readonly VirtualHost[];
  /** Who may ask for what; of those that fit a request, the last of Require and the last of Order decide. */
  access: readonly AccessSection[];
  /** What became of each directive, in the order of the file. */
  notices: readonly Notice[];
  /** What `Listen` says: where `serve` listens when it is told nothing else. */
  listen: readonly Listen[];
}>;

/** What became of one directive: taken, taken with a difference, or dropped. */
export type Notice = Readonly<{
  kind: 'taken' | 'different' | 'dropped';
  /** As it is written, in one line. */
  directive: string;
  file: string;
  line: number;
  /** What it has become, what the difference is, or why it does nothing. */
  why: string;
}>;

/** `Listen 127.0.0.1:8080`. */
export type Listen = Readonly<{
  address: string | undefined;
  port: number;
  /** In lower case: `Listen 8443 https`. Default: `'https'` for port 443, else `'http'`. */
  protocol?: string;
  place: Place;
}>;

/** A `<VirtualHost>`. */
export type VirtualHost = Readonly<{
  /** Host name in lower case, without port; undefined: it has none. */
  serverName: string | undefined;
  /** In lower case; `*` and `?` are wildcards. */
  serverAlias: readonly string[];
  /** Ports of its addresses; empty: any. */
  ports: readonly number[];
  /** `SSLEngine On`, or ports for https (`Listen 8443 https`, 443): it is for https. */
  isTls: boolean;
  /** Whether the main server's mounts are tried too, and first (httpd `ProxyPassInherit`). */
  inherits: boolean;
  place: Place;
}>;

/** One rule: which requests, and what is done with them. */
export type HttpdMount = MountBase &
  (
    | (Readonly<{
        /** Proxied by a balancer. Mounts that share a balancer share the very same object. */
        kind: 'balancer';
        /**
         * What stands behind the balancer's name, or the host of a URL: `''`, `/`, `/sub`. Where `at` is a pattern, `$0` to
         * `$9` are its groups, `%1` to `%9` those of the last condition, `\$` and `\%` the characters themselves, and what
         * follows a `?` is the query.
         */
        to: string;
        /** The whole path is appended to `to` (ProxyPassMatch without a `$` in its target). Default: false. */
        appendsPath?: boolean;
        /** What becomes of the client's query: kept, appended to the one in `to` (mod_rewrite `QSA`), or left out. Default: `'keep'`, which a query in `to` replaces. */
        query?: 'keep' | 'append' | 'drop';
        /** What its target is for `<Proxy>` sections, without the path: `http://app1:3000`. Default: `balancer://` and the balancer's name. */
        url?: string;
      }> &
        (
          | Readonly<{ definition: BalancerDefinition; balancer?: never }>
          | Readonly<{ balancer: Balancer; definition?: never }>
        ))
    /** Not proxied (`ProxyPass /path !`): no further mount is tried but those of managers, and then the app's later middleware. */
    | Readonly<{ kind: 'next' }>
    /** `SetHandler balancer-manager`. Tried last, wherever it stands, since a handler comes after the mapping of paths. */
    | Readonly<{ kind: 'manager' }>
    /** Answered with an error (mod_rewrite `F`, `G`). */
    | Readonly<{ kind: 'status'; status: 403 | 410 }>
    /** The answer gets this Set-Cookie value, and the mounts after it are tried (mod_rewrite `CO`). `$0` … as in `to`. */
    | Readonly<{ kind: 'cookie'; cookie: string }>
  );

type MountBase = Readonly<{
  /** Undefined: the main server's, for every host that inherits it. */
  host?: VirtualHost;
  /**
   * A path prefix by httpd's rules (whole segments, case-sensitive, on the decoded path; one that ends in a slash needs it),
   * or a pattern for the decoded path, unanchored.
   */
  at: string | RegExp;
  /** The pattern must not match (mod_rewrite `!pattern`). Default: false. */
  negated?: boolean;
  /** What else must be so (RewriteCond). Default: nothing. */
  conditions?: readonly Condition[];
  /** Where it was written; left out in what is written by hand. */
  place?: Place;
}>;

/** `RewriteCond %{HTTP_HOST} ^www\. [NC]`. */
export type Condition = Readonly<{
  /** Text with `%{NAME}` variables, `$n` groups of the rule and `%n` groups of the condition before. */
  test: string;
  /** A pattern, or a comparison: `=text`, `<text`, `>text` as strings, `-eq` … as numbers. `nc`: without case. */
  matches:
    | RegExp
    | Readonly<{
        compare: '=' | '<' | '>' | '<=' | '>=' | '-eq' | '-lt' | '-le' | '-gt' | '-ge';
        text: string;
        nc?: boolean;
      }>;
  /** Default: false. */
  negated?: boolean;
  /** It or the next one (`[OR]`). Default: false. */
  or?: boolean;
}>;

/** Who may ask for what lies in a section. */
export type AccessSection = Readonly<{
  /** Undefined: every host's. */
  host?: VirtualHost;
  /** As of a mount; undefined: whatever is proxied (`<Proxy *>`). */
  at?: string | RegExp;
  /** Only what is proxied to a URL that begins so, or fits the pattern (`<Proxy balancer://app/admin>`): the mount's and the path there, decoded. */
  url?: string | RegExp;
  rule: AccessRule;
  place?: Place;
}> &
  (
    | Readonly<{
        /** Which module of httpd says it: the last section of each decides by itself, and both must let the request pass. Default: `'require'`. */
        by?: 'require';
        satisfy?: never;
      }>
    | Readonly<{
        /** Order, Allow and Deny. */
        by: 'order';
        /** `'any'`: it is enough that this or Require lets the request pass, or that there is no Require. Default: `'all'`. */
        satisfy?: 'all' | 'any';
      }>
  );

/**
 * `Require all granted`, `Require ip …`, or Order, Allow and Deny. Addresses: `'all'`, `'local'` (this machine, mod_authz_host's
 * `Require local`), `'10.1.2.3'`, `'10.1'`, `'10.0.0.0/8'`, `'2001:db8::/32'`.
 */
export type AccessRule = Readonly<{
  /** `'deny,allow'`: allowed unless denied, and Allow wins; `'allow,deny'`: denied unless allowed, and Deny wins. */
  order: 'deny,allow' | 'allow,deny';
  allow: readonly string[];
  deny: readonly string[];
}>;

/** How a configuration is read. */
export type HttpdConfOptions = Readonly<{
  /** Names that are defined from the start (`httpd -D NAME`), with values or without (`undefined`). Default: none. */
  defines?: readonly string[] | Readonly<Record<string, string | undefined>>;
  /** Where `${VAR}` is looked up that no Define has set. Default: `process.env`. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Modules that count as there for `<IfModule>`, besides those whose work is done here and those that LoadModule names. Default: none. */
  modules?: readonly string[];
  /** Folder that paths in Include begin at. Default: what ServerRoot says where there is such a folder, else that of the file. */
  serverRoot?: string;
  /** `'httpd'`: definitions get `compat: 'httpd'`. Default: not. */
  compat?: 'httpd';
}>;
