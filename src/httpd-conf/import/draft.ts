import type { BalancerDefinition, Duration } from '../../definition/definition.ts';
import type { MemberParameters } from '../../definition/member-definition.ts';
import type { HttpdConfOptions, HttpdMount, Listen, VirtualHost } from '../httpd-conf.ts';
import type { Ledger } from '../ledger.ts';
import type { AccessReading } from '../translate/access.ts';
import type { Destination } from './plan.ts';
import type { Argument, Directive, Item } from '../syntax/directive.ts';

/** Where an option was written. */
export type Source = Readonly<{ item: Item; at: Argument }>;

/** Options as they are gathered, each with where it was written; the last one wins. */
export type Bag<Options extends object> = { options: Partial<Options>; from: Map<string, Source> };

/** Parameters of a member. httpd has `upgrade` there, and here it is the balancer's. */
export type MemberOptions = MemberParameters & Readonly<{ upgrade: readonly string[] }>;

/** Options of a balancer, those that directives set included. */
export type BalancerOptions = Omit<BalancerDefinition, 'members'>;

/** A BalancerMember. */
export type MemberDraft = Bag<MemberOptions> &
  Readonly<{
    url: string;
    /** The URL as it is compared: normalised, without slash at its end. */
    base: string;
    source: Source;
  }>;

/** A `balancer://name` of one server. */
export type BalancerDraft = Bag<BalancerOptions> &
  Readonly<{
    name: string;
    members: MemberDraft[];
    /** Where it was named first. */
    source: Source;
  }> & {
    /** By a section, a ProxySet or a member, not only as a target. */
    isDefined: boolean;
  };

/** Parameters of the servers whose URL begins so. */
export type WorkerDraft = Bag<MemberOptions> & Readonly<{ base: string }>;

/** `ProxyPassReverse`, `ProxyPassReverseCookieDomain` or `-Path`: what members say, and what clients are told. */
export type ReverseRule = Readonly<{
  internal: string;
  external: string;
  /** `internal` as it is compared. */
  base: string;
  source: Source;
}>;

/** What directives say that is no option of a balancer, but becomes one. */
export type ServerSettings = {
  /** `SSLProxyVerify`: whether members' certificates are verified. */
  verifies?: boolean;
  /** `SSLProxyEngine`. */
  speaksTls?: boolean;
  /** `Timeout`: what ProxyTimeout is where it is not said. */
  timeout?: Readonly<{ time: Duration; source: Source }>;
};

/** Directives that hold for a server, or a part of its paths. */
export type Scope = Readonly<{
  settings: Bag<BalancerOptions>;
  server: ServerSettings;
  reverses: ReverseRule[];
  cookieDomains: ReverseRule[];
  cookiePaths: ReverseRule[];
}>;

/** What a path is mapped to. */
export type Target =
  /** A mount that proxies nothing, as a rewrite rule makes them. */
  | Readonly<{ kind: 'done'; mount: HttpdMount }>
  | Readonly<{ kind: 'next' }>
  | Readonly<{ kind: 'balancer'; name: string; to: string }>
  /** A server by itself. */
  | Readonly<{ kind: 'server'; url: string; to: string; parameters: Bag<MemberOptions> }>
  /** What is not spoken here: nobody can answer. */
  | Readonly<{ kind: 'refused'; name: string; to: string }>;

/** A ProxyPass or ProxyPassMatch. */
export type Mapping = Readonly<{
  /** Of whose server it is. */
  host: VirtualHost | undefined;
  at: string | RegExp;
  target: Target;
  source: Source;
  appendsPath: boolean;
}>;

/** A `<Location>`. */
export type LocationDraft = Scope &
  Readonly<{ at: string | RegExp; path: string; item: Item }> & {
    mapping?: Mapping;
    manager?: Item;
    access?: AccessReading;
  };

/** Directives in a `<Proxy url>`: for what is sent there. */
export type ProxyDraft = Scope &
  Readonly<{
    matches: string | RegExp;
    /** As access is asked by it: whatever begins so, with the path; `''`: whatever is proxied. */
    url: string | RegExp;
    item: Item;
  }> & {
    access?: AccessReading;
  };

/** What health checks refer to by name. */
export type Checks = Readonly<{
  exprs: Map<string, NonNullable<MemberParameters['hcexpect']>>;
  templates: Map<string, Partial<MemberOptions>>;
}>;

/** The main server, or a virtual host. */
export type Server = Scope &
  Readonly<{
    /** 0: the main server. */
    id: number;
    host: VirtualHost | undefined;
    main: Server | undefined;
    balancers: Map<string, BalancerDraft>;
    workers: WorkerDraft[];
    mappings: Mapping[];
    locations: LocationDraft[];
    proxies: ProxyDraft[];
    items: readonly Item[];
    checks: Checks;
    inherits: Readonly<{ mappings: boolean; balancers: boolean }>;
  }>;

/** What an import works on. */
export type Work = Readonly<{
  ledger: Ledger;
  options: HttpdConfOptions;
  listen: Listen[];
  /** Balancers as servers see them. */
  destinations: Map<string, Destination>;
  /** How many entries the tables have together. */
  tables: { entries: number };
  /** How many directives were not known. */
  unknown: { count: number };
  /** Ape's: a routeregex was seen. */
  ape: { source?: Source };
}>;

/** What a directive stands in. */
export type Where = Readonly<{
  work: Work;
  server: Server;
  scope: Scope;
  /** The `<Location>` or `<LocationMatch>`. */
  location?: LocationDraft;
  /** The `<Proxy>`: its balancer or URL. */
  proxy?: string;
}>;

/** Reads one directive that is known, and gives its verdict. */
export type Reader = (directive: Directive, where: Where) => void;

/** An empty bag. */
export function makeBag<Options extends object>(): Bag<Options> {
  return { options: {}, from: new Map() };
}

/** A scope in which nothing is said. */
export function makeScope(): Scope {
  return { settings: makeBag(), server: {}, reverses: [], cookieDomains: [], cookiePaths: [] };
}

/** Puts options into a bag, over those that are there. */
export function putInto<Options extends object>(
  bag: Bag<Options>,
  options: Partial<Options>,
  source: Source,
): void {
  bag.options = { ...bag.options, ...options };
  for (const name of Object.keys(options)) bag.from.set(name, source);
}

/** Several bags as one, later over earlier. */
export function mergeBags<Options extends object>(...bags: readonly Bag<Options>[]): Bag<Options> {
  return {
    options: Object.assign({}, ...bags.map(({ options }) => options)) as Partial<Options>,
    from: new Map(bags.flatMap(({ from }) => [...from])),
  };
}
