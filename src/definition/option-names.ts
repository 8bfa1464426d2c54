import type {
  BalancerDefinition,
  FailoverOn,
  HttpProxyMiddleware,
  MemberDefinition,
  RouteCookie,
  TlsOptions,
} from './definition.ts';

/** The records of a definition, each with options of its own. */
export type Place =
  'balancer' | 'member' | 'memberDefaults' | 'tls' | 'routeCookie' | 'failoverOn' | 'httpProxyMiddleware';

// Records rather than lists, so that the compiler misses a name that is missing.
const balancer: Readonly<Record<keyof BalancerDefinition, true>> = {
  name: true,
  members: true,
  memberDefaults: true,
  lbmethod: true,
  stickysession: true,
  stickysessionsep: true,
  separatorMatch: true,
  routeregex: true,
  scolonpathdelim: true,
  routeCookie: true,
  nofailover: true,
  maxattempts: true,
  timeout: true,
  proxytimeout: true,
  deadline: true,
  failonstatus: true,
  failontimeout: true,
  forcerecovery: true,
  failoverOn: true,
  replayBytes: true,
  exclude: true,
  pathRewrite: true,
  proxypreservehost: true,
  proxyaddheaders: true,
  trustProxy: true,
  proxyvia: true,
  proxyerroroverride: true,
  proxypassreverse: true,
  proxypassreversecookiedomain: true,
  proxypassreversecookiepath: true,
  upgrade: true,
  upgradeTimeout: true,
  httpProxyMiddleware: true,
  logger: true,
};

const memberDefaults: Readonly<Record<Exclude<keyof MemberDefinition, 'url' | 'route' | 'redirect'>, true>> =
  {
    loadfactor: true,
    lbset: true,
    status: true,
    retry: true,
    timeout: true,
    connectiontimeout: true,
    ttl: true,
    disablereuse: true,
    keepalive: true,
    responsefieldsize: true,
    tls: true,
  };

const tls: Readonly<Record<keyof TlsOptions, true>> = {
  ca: true,
  cert: true,
  key: true,
  passphrase: true,
  pfx: true,
  servername: true,
  rejectUnauthorized: true,
};

const routeCookie: Readonly<Record<keyof RouteCookie, true>> = {
  name: true,
  secret: true,
  path: true,
  domain: true,
  httpOnly: true,
  secure: true,
  sameSite: true,
  maxAge: true,
  expires: true,
  partitioned: true,
  priority: true,
};

const failoverOn: Readonly<Record<keyof FailoverOn, true>> = {
  status: true,
  methods: true,
  idempotencyKey: true,
};

const httpProxyMiddleware: Readonly<Record<keyof HttpProxyMiddleware, true>> = {
  pathFilter: true,
  pathRewrite: true,
  plugins: true,
  ejectPlugins: true,
  on: true,
  logger: true,
  agent: true,
  http2: true,
  ssl: true,
  secure: true,
  toProxy: true,
  prependPath: true,
  ignorePath: true,
  localAddress: true,
  changeOrigin: true,
  preserveHeaderKeyCase: true,
  auth: true,
  hostRewrite: true,
  autoRewrite: true,
  protocolRewrite: true,
  cookieDomainRewrite: true,
  cookiePathRewrite: true,
  headers: true,
  proxyTimeout: true,
  upgradeTimeout: true,
  timeout: true,
  selfHandleResponse: true,
  followRedirects: true,
  buffer: true,
};

/** The names of all options, by the record that they belong in. */
export const optionNames: Readonly<Record<Place, readonly string[]>> = {
  balancer: Object.keys(balancer),
  member: ['url', 'route', 'redirect', ...Object.keys(memberDefaults)],
  memberDefaults: Object.keys(memberDefaults),
  tls: Object.keys(tls),
  routeCookie: Object.keys(routeCookie),
  failoverOn: Object.keys(failoverOn),
  httpProxyMiddleware: Object.keys(httpProxyMiddleware),
};
