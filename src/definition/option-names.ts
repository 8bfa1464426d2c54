import type {
  BalancerDefinition,
  Ejection,
  FailoverOn,
  HttpProxyMiddleware,
  RouteCookie,
} from './definition.ts';
import type { MemberChangeOptions } from './member-change.ts';
import type {
  HandlerMember,
  HcExpectation,
  MemberParameters,
  ServerMember,
  TlsOptions,
} from './member-definition.ts';

/** The records of a definition and of a change, each with options of its own. */
export type Place =
  | 'balancer'
  | 'member'
  | 'handlerMember'
  | 'memberDefaults'
  | 'tls'
  | 'hcexpect'
  | 'hashKey'
  | 'ejection'
  | 'routeCookie'
  | 'failoverOn'
  | 'httpProxyMiddleware'
  | 'change';

// Records rather than lists, so that the compiler misses a name that is missing.
const balancer: Readonly<Record<keyof BalancerDefinition, true>> = {
  name: true,
  members: true,
  memberDefaults: true,
  lbmethod: true,
  hashKey: true,
  hashBalance: true,
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
  ejection: true,
  hold: true,
  queueLength: true,
  queueTimeout: true,
  resolver: true,
  failoverOn: true,
  replayBytes: true,
  exclude: true,
  pathRewrite: true,
  proxypreservehost: true,
  proxyaddheaders: true,
  trustProxy: true,
  proxyvia: true,
  proxymaxforwards: true,
  proxyerroroverride: true,
  proxypassreverse: true,
  proxypassreversecookiedomain: true,
  proxypassreversecookiepath: true,
  compat: true,
  serverTiming: true,
  upgrade: true,
  upgradeTimeout: true,
  httpProxyMiddleware: true,
  allowMembers: true,
  state: true,
  logger: true,
  warnings: true,
};

const memberDefaults: Readonly<Record<Exclude<keyof MemberParameters, 'route' | 'redirect'>, true>> = {
  loadfactor: true,
  lbset: true,
  status: true,
  retry: true,
  retryMax: true,
  slowStart: true,
  max: true,
  acquire: true,
  timeout: true,
  connectiontimeout: true,
  ttl: true,
  disablereuse: true,
  keepalive: true,
  responsefieldsize: true,
  tls: true,
  hcmethod: true,
  hcuri: true,
  hcinterval: true,
  hcpasses: true,
  hcfails: true,
  hctimeout: true,
  hcheaders: true,
  hcexpect: true,
  warmUp: true,
};

const member: Readonly<Record<keyof ServerMember, true>> = {
  url: true,
  route: true,
  redirect: true,
  ...memberDefaults,
  resolve: true,
  handler: true,
};

const handlerMember: Readonly<Record<Exclude<keyof HandlerMember, 'url'>, true>> = {
  handler: true,
  route: true,
  redirect: true,
  loadfactor: true,
  lbset: true,
  status: true,
  max: true,
  acquire: true,
};

const change: Readonly<Record<keyof MemberChangeOptions, true>> = {
  status: true,
  loadfactor: true,
  lbset: true,
  route: true,
  redirect: true,
  retry: true,
  retryMax: true,
  slowStart: true,
  max: true,
  acquire: true,
  timeout: true,
  hcmethod: true,
  hcuri: true,
  hcinterval: true,
  hcpasses: true,
  hcfails: true,
  hctimeout: true,
  hcheaders: true,
  hcexpect: true,
  disabled: true,
  stopped: true,
  drain: true,
  inError: true,
  ignoreErrors: true,
  hotStandby: true,
  hotSpare: true,
};

const ejection: Readonly<Record<keyof Ejection, true>> = {
  consecutive: true,
  rate: true,
  window: true,
  minRequests: true,
  maxEjected: true,
  time: true,
};

const hcexpect: Readonly<Record<keyof HcExpectation, true>> = {
  status: true,
  body: true,
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
  prefix: true,
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
};

/** The names of all options, by the record that they belong in. */
export const optionNames: Readonly<Record<Place, readonly string[]>> = {
  balancer: Object.keys(balancer),
  member: Object.keys(member),
  handlerMember: Object.keys(handlerMember),
  memberDefaults: Object.keys(memberDefaults),
  tls: Object.keys(tls),
  hcexpect: Object.keys(hcexpect),
  hashKey: ['header', 'cookie'],
  ejection: Object.keys(ejection),
  routeCookie: Object.keys(routeCookie),
  failoverOn: Object.keys(failoverOn),
  httpProxyMiddleware: Object.keys(httpProxyMiddleware),
  change: Object.keys(change),
};
