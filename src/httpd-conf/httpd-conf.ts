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
  /** Whether it does what it does in httpd. */
  kind: 'taken' | 'different' | 'dropped';
  /** As it is written, in one line. */
  directive: string;
  /** The file it stands in. */
  file: string;
  /** Its line there, from 1. */
  line: number;
  /** What it has become, what the difference is, or why it does nothing. */
  why: string;
}>;

/** `Listen 127.0.0.1:8080`. */
export type Listen = Readonly<{
  /** The address to listen on; undefined: all. */
  address: string | undefined;
  /** The port to listen on. */
  port: number;
  /** In lower case: `Listen 8443 https`. Default: `'https'` for port 443, else `'http'`. */
  protocol?: string;
  /** Where it is written. */
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
  /** Where it is written. */
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
          | Readonly<{
              /** What its balancer is created from. */
              definition: BalancerDefinition;
              /** Not beside `definition`. */
              balancer?: never;
            }>
          | Readonly<{
              /** One that is there already; it stays the app's to close. */
              balancer: Balancer;
              /** Not beside `balancer`. */
              definition?: never;
            }>
        ))
    | Readonly<{
        /** Not proxied (`ProxyPass /path !`): no further mount is tried but those of managers, and then the app's later middleware. */
        kind: 'next';
      }>
    | Readonly<{
        /** `SetHandler balancer-manager`. Tried last, wherever it stands, since a handler comes after the mapping of paths. */
        kind: 'manager';
      }>
    | Readonly<{
        /** Answered with an error (mod_rewrite `F`, `G`). */
        kind: 'status';
        /** Its status. */
        status: 403 | 410;
      }>
    | Readonly<{
        /** The answer gets a cookie, and the mounts after it are tried (mod_rewrite `CO`). */
        kind: 'cookie';
        /** The value of Set-Cookie; `$0` … as in `to`. */
        cookie: string;
      }>
  );

/** Which requests a rule is for. */
export type MountBase = Readonly<{
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
        /** `=`, `<` and their like compare texts, `-eq` and its like numbers. */
        compare: '=' | '<' | '>' | '<=' | '>=' | '-eq' | '-lt' | '-le' | '-gt' | '-ge';
        /** What is compared with. */
        text: string;
        /** Without case (`[NC]`). Default: false. */
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
  /** Who may ask. */
  rule: AccessRule;
  /** Where it is written; left out in what is written by hand. */
  place?: Place;
}> &
  (
    | Readonly<{
        /** Which module of httpd says it: the last section of each decides by itself, and both must let the request pass. Default: `'require'`. */
        by?: 'require';
        /** Not with Require. */
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
  /** Whom Allow and Require name. */
  allow: readonly string[];
  /** Whom Deny names. */
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
