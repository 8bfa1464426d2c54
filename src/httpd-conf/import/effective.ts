import {
  mergeBags,
  type Bag,
  type BalancerOptions,
  type LocationDraft,
  type Mapping,
  type ProxyDraft,
  type ReverseRule,
  type Scope,
  type Server,
  type ServerSettings,
} from './draft.ts';

/** What holds for one path of one server. */
export type Effective = Readonly<{
  settings: Bag<BalancerOptions>;
  server: ServerSettings;
  reverses: readonly ReverseRule[];
  cookieDomains: readonly ReverseRule[];
  cookiePaths: readonly ReverseRule[];
  /** The sections that said something of it. */
  scopes: readonly Scope[];
}>;

/** What holds for a mapping: the main server's directives, the host's, those of `<Proxy>`, those of `<Location>`, later over earlier. */
export function findEffective(mapping: Mapping, server: Server, own: LocationDraft | undefined): Effective {
  const servers = server.main === undefined ? [server] : [server.main, server];
  const url = writeTarget(mapping);
  const scopes: readonly Scope[] = [
    ...servers,
    ...servers.flatMap(({ proxies }) => proxies.filter((proxy) => isFor(proxy, url))),
    ...servers.flatMap(({ locations }) =>
      locations.filter((location) => location === own || covers(location, mapping.at)),
    ),
  ].filter((scope) => saysSomething(scope));
  return {
    settings: mergeBags(...scopes.map(({ settings }) => settings)),
    server: Object.assign({}, ...scopes.map((scope) => scope.server)) as ServerSettings,
    reverses: scopes.flatMap(({ reverses }) => reverses),
    cookieDomains: scopes.flatMap(({ cookieDomains }) => cookieDomains),
    cookiePaths: scopes.flatMap(({ cookiePaths }) => cookiePaths),
    scopes,
  };
}

/** Whether a scope has any directive in it that holds for what is proxied there. */
export function saysSomething({ settings, server, reverses, cookieDomains, cookiePaths }: Scope): boolean {
  return (
    settings.from.size > 0 ||
    Object.keys(server).length > 0 ||
    reverses.length + cookieDomains.length + cookiePaths.length > 0
  );
}

/** Whether a path lies below another, itself included, by whole segments. */
export function isBelow(path: string, above: string): boolean {
  const base = above.replace(/\/+$/, '');
  return path === base || path.startsWith(`${base}/`) || path === above;
}

function covers({ at }: LocationDraft, path: string | RegExp): boolean {
  if (typeof at !== 'string') return false;
  if (/^\/*$/.test(at)) return true;
  return typeof path === 'string' && isBelow(path, at);
}

/** Whether a `<Proxy>` is for a URL. */
export function isFor({ matches }: ProxyDraft, url: string): boolean {
  if (typeof matches !== 'string') return matches.test(url);
  // By whole segments, where httpd takes any URL that begins so.
  return url.startsWith(matches) && (/(^|\/)$/.test(matches) || /^(\/|$)/.test(url.slice(matches.length)));
}

/** The URL that a mapping leads to. */
function writeTarget({ target }: Mapping): string {
  switch (target.kind) {
    case 'balancer':
      return `balancer://${target.name}${target.to}`;
    case 'server':
      return `${target.url}${target.to === '' ? '/' : target.to}`;
    case 'next':
    case 'done':
    case 'refused':
      return '';
  }
}
