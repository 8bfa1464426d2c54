import type { BalancerDefinition } from '../../src/definition/definition.ts';

// Compiled, never run: what must compile, and after each `@ts-expect-error` what must not.

/** In and out, so that neither more nor fewer names fit. */
type Names<Name> = Readonly<{ is: (name: Name) => Name }>;

declare function define<const Route extends string = never, const Url extends string = never>(
  definition: BalancerDefinition<Route, Url>,
): Names<Route | Url>;
declare function expectNames<Name>(names: Names<Name>): void;

// Routes and URLs are inferred as they are written.

const names = define({
  members: [
    { url: 'http://app1', route: 'app1' },
    { url: 'http://app2', route: 'app2', redirect: 'app1' },
    'http://app3',
  ],
});
expectNames<'app1' | 'app2' | 'http://app1' | 'http://app2' | 'http://app3'>(names);
// @ts-expect-error: there is one more
expectNames<'app1' | 'app2' | 'http://app1' | 'http://app2'>(names);
// @ts-expect-error: there is no app4
expectNames<'app1' | 'app2' | 'app4' | 'http://app1' | 'http://app2' | 'http://app3'>(names);

const urls = define({ members: ['http://a', 'http://b'] });
expectNames<'http://a' | 'http://b'>(urls);

declare const texts: readonly string[];
const anyName = define({ members: texts });
expectNames<string>(anyName);

// Every form compiles.

define({
  name: 'app-balancer',
  members: [
    {
      url: 'https://app1:8443/base/',
      route: 'app1',
      redirect: 'app2',
      loadfactor: 2.5,
      lbset: 1,
      status: '+H-E',
      retry: 5,
      timeout: '1.5s',
      connectiontimeout: '500ms',
      ttl: '2m',
      disablereuse: true,
      keepalive: true,
      responsefieldsize: 8192,
      tls: { ca: 'pem', cert: Buffer.from(''), key: ['pem'], servername: 'app1', rejectUnauthorized: false },
    },
    { url: 'unix:/run/app.sock|http://localhost/', route: 'app2' },
    'http://[::1]:3000',
  ],
  memberDefaults: { retry: '1h', loadfactor: 2 },
  lbmethod: 'byrequests',
  stickysession: 'JSESSIONID|jsessionid',
  stickysessionsep: '!',
  separatorMatch: 'last',
  routeregex: /!(.*)$/,
  scolonpathdelim: true,
  routeCookie: {
    name: 'R',
    secret: ['new', 'old'],
    secure: 'auto',
    sameSite: 'lax',
    maxAge: 5000,
    expires: new Date(),
  },
  nofailover: true,
  maxattempts: 2,
  timeout: 0,
  proxytimeout: 30,
  deadline: '1m',
  failonstatus: [500, 503],
  failontimeout: true,
  forcerecovery: false,
  failoverOn: { status: [503], methods: ['POST'], idempotencyKey: 'X-Once' },
  replayBytes: 0,
  exclude: ['/health', /^\/x/, (req) => req.method === 'TRACE'],
  pathRewrite: { '^/a': '/b' },
  proxypreservehost: true,
  proxyaddheaders: 'both',
  trustProxy: (address) => address === '::1',
  proxyvia: 'Full',
  proxyerroroverride: [404],
  proxypassreverse: ['http://old/'],
  proxypassreversecookiedomain: { internal: 'public.example' },
  proxypassreversecookiepath: { '/': '/m' },
  upgrade: ['websocket', 'chat'],
  upgradeTimeout: '24h',
  httpProxyMiddleware: {
    on: { proxyReq: (proxyReq) => proxyReq.setHeader('a', 'b') },
    followRedirects: true,
  },
  logger: console,
});
define({
  members: ['http://a'],
  failonstatus: 503,
  failoverOn: [502],
  exclude: '/x',
  routeCookie: true,
  upgrade: false,
  logger: false,
});
define({
  members: ['http://a'],
  exclude: /x/,
  pathRewrite: (path) => path.slice(2),
  trustProxy: true,
  proxyerroroverride: true,
});
define({
  members: ['http://a'],
  exclude: (req) => req.url === '/',
  proxypassreverse: false,
  proxypassreversecookiepath: false,
});

const frozen = {
  members: [{ url: 'http://a', route: 'a' }, 'http://b'],
  stickysession: 'sid',
} as const satisfies BalancerDefinition;
const ofFrozen = define(frozen);
expectNames<'a' | 'http://a' | 'http://b'>(ofFrozen);

// A misspelt option, at either level and further in.

// @ts-expect-error: it is stickysession
define({ members: ['http://a'], stickySession: 'sid' });
// @ts-expect-error: it is loadfactor
define({ members: [{ url: 'http://a', loadFactor: 2 }] });
// @ts-expect-error: it is loadfactor
define({ members: ['http://b', { url: 'http://a', weight: 2 }] });
// @ts-expect-error: it is retry
define({ members: ['http://a'], memberDefaults: { Retry: 2 } });
// @ts-expect-error: a route belongs to one member
define({ members: ['http://a'], memberDefaults: { route: 'a' } });
// @ts-expect-error: it is httpOnly
define({ members: ['http://a'], routeCookie: { httponly: true } });
// @ts-expect-error: it is status
define({ members: ['http://a'], failoverOn: { statuses: [503] } });
// @ts-expect-error: it is rejectUnauthorized
define({ members: [{ url: 'https://a', tls: { rejectUnauthorised: false } }] });
// @ts-expect-error: the members stand for it
define({ members: ['http://a'], httpProxyMiddleware: { target: 'http://a' } });

// What is missing.

// @ts-expect-error: no members
define({});
// @ts-expect-error: a member without URL
define({ members: [{ route: 'a' }] });
// @ts-expect-error: members are a list
define({ members: 'http://a' });

// A redirect goes to a route that there is.

// @ts-expect-error: no member has the route c
define({ members: ['http://a', { url: 'http://b', route: 'b', redirect: 'c' }] });
// @ts-expect-error: a URL is no route
define({ members: ['http://a', { url: 'http://b', route: 'b', redirect: 'http://a' }] });

// Values.

// @ts-expect-error: the unit is missing
define({ members: ['http://a'], timeout: '30' });
// @ts-expect-error: the unit is s
define({ members: ['http://a'], timeout: '30sec' });
// @ts-expect-error: there are no days
define({ members: [{ url: 'http://a', retry: '1d' }] });
// @ts-expect-error: a number is no pattern
define({ members: ['http://a'], exclude: 5 });
// @ts-expect-error: nor is it one in a list
define({ members: ['http://a'], exclude: ['/a', 5] });
// @ts-expect-error: a question is answered with yes or no
define({ members: ['http://a'], exclude: () => 'yes' });
// @ts-expect-error: a text is no RegExp
define({ members: ['http://a'], routeregex: '!(.*)$' });
// @ts-expect-error: it is a boolean
define({ members: ['http://a'], nofailover: 'On' });
// @ts-expect-error: statuses are numbers
define({ members: ['http://a'], failonstatus: '500,503' });
// @ts-expect-error: it is 'On'
define({ members: ['http://a'], proxyvia: 'on' });
// @ts-expect-error: health checks supersede it
define({ members: ['http://a'], lbmethod: 'heartbeat' });
// @ts-expect-error: it names protocols
define({ members: ['http://a'], upgrade: true });
// @ts-expect-error: the default needs no word
define({ members: ['http://a'], logger: true });
