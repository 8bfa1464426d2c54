import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { BalancerDefinition } from '../../src/definition/definition.ts';
import type { MemberChange } from '../../src/definition/member-change.ts';

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

const withHandlers = define({
  members: [
    { url: 'http://app1', route: 'app1', redirect: 'sorry' },
    { handler: () => undefined, route: 'sorry', status: '+H' },
    { handler: () => undefined },
    { url: 'http://app2', resolve: 'SRV', hcmethod: 'GET' },
  ],
});
expectNames<'app1' | 'sorry' | 'http://app1' | 'http://app2'>(withHandlers);
// @ts-expect-error: the route of the handler is a name too
expectNames<'app1' | 'http://app1' | 'http://app2'>(withHandlers);

const onlyHandlers = define({ members: [{ handler: () => undefined, route: 'stub' }] });
expectNames<'stub'>(onlyHandlers);

declare const port: number;
const ofPorts = define({ members: [`http://a:${port}`, 'http://b', { handler: () => undefined }] });
ofPorts.is('http://a:8080');
// @ts-expect-error: b has no port
ofPorts.is('http://b:8080');

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
      retryMax: '10m',
      slowStart: 30,
      max: 100,
      acquire: 250,
      resolve: 'A',
      hcmethod: 'GET11',
      hcuri: '/health',
      hcinterval: 5,
      hcpasses: 2,
      hcfails: 3,
      hctimeout: '1s',
      hcheaders: { Host: 'app.internal' },
      hcexpect: { status: [200], body: /ready/ },
      warmUp: ['/', '/cart'],
      tls: { ca: 'pem', cert: Buffer.from(''), key: ['pem'], servername: 'app1', rejectUnauthorized: false },
    },
    { url: 'unix:/run/app.sock|http://localhost/', route: 'app2' },
    'http://[::1]:3000',
  ],
  memberDefaults: { retry: '1h', retryMax: false, loadfactor: 2, hcexpect: [200] },
  lbmethod: 'byhash',
  hashKey: { header: 'x-user' },
  hashBalance: false,
  ejection: { consecutive: false, rate: 0.2, window: '1m', minRequests: 5, maxEjected: 1, time: 5 },
  hold: '30s',
  queueLength: 0,
  queueTimeout: 5,
  resolver: ['10.0.0.2:5353'],
  serverTiming: true,
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

define({
  members: ['http://a'],
  proxypassreverse: { 'http://old/': '/app/', 'balancer://balancer/bar': '/bash' },
  proxymaxforwards: 10,
  compat: 'httpd',
});
// @ts-expect-error: there is no other server to be like
define({ members: ['http://a'], compat: 'nginx' });
// @ts-expect-error: what stands for what is text
define({ members: ['http://a'], proxypassreverse: { '/x': true } });

// Functions typed for Express fit.

const respond: RequestHandler = (_req, res) => {
  res.send('sorry');
};
define({
  members: [
    'http://a',
    { handler: respond },
    {
      handler: (req: Request, res: Response, next: NextFunction) => {
        if (req.secure) next();
        else res.sendStatus(503);
      },
    },
    { handler: (req, res) => res.end(req.url) },
  ],
  lbmethod: (members, req: Request) => members.find(({ name }) => name === req.query['to']),
  hashKey: (req: Request) => req.ip,
  exclude: (req: Request) => req.path === '/x',
  pathRewrite: (path, req: Request) => path + req.originalUrl,
});
define({
  members: ['http://a'],
  lbmethod: ([first]) => first,
  exclude: ['/a', (req: Request) => req.secure],
});
define({ members: ['http://a'], lbmethod: 'byhash', hashKey: { cookie: 'user' } });
define({
  members: [
    { url: 'http://a', hcmethod: 'GET', hcexpect: /ready/ },
    { url: 'http://b', hcmethod: 'GET', hcexpect: ({ status, body }) => status === 200 && body !== '' },
  ],
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

// A member is a server or a handler.

// @ts-expect-error: not both
define({ members: [{ url: 'http://a', handler: () => undefined }] });
// @ts-expect-error: a handler has no timeout
define({ members: [{ handler: () => undefined, timeout: 5 }] });
// @ts-expect-error: nor is it checked
define({ members: [{ handler: () => undefined, hcmethod: 'GET' }] });
// @ts-expect-error: DNS tells servers
define({ members: [{ handler: () => undefined, resolve: 'A' }] });
// @ts-expect-error: a handler is a function
define({ members: [{ handler: 'sorry' }] });
// @ts-expect-error: a handler belongs to one member
define({ members: ['http://a'], memberDefaults: { handler: () => undefined } });

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
define({ members: ['http://a'], routeregex: '!(.*)$' });
// @ts-expect-error: a number is no pattern
define({ members: ['http://a'], routeregex: 5 });
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
// @ts-expect-error: it is 'GET'
define({ members: [{ url: 'http://a', hcmethod: 'get' }] });
// @ts-expect-error: a text is no pattern
define({ members: [{ url: 'http://a', hcmethod: 'GET', hcexpect: 'ready' }] });
// @ts-expect-error: there is no MX
define({ members: [{ url: 'http://a', resolve: 'MX' }] });
// @ts-expect-error: it is rate
define({ members: ['http://a'], ejection: { errorRate: 0.5 } });
// @ts-expect-error: one thing
define({ members: ['http://a'], lbmethod: 'byhash', hashKey: 'x-user' });
// @ts-expect-error: a field or a cookie, not both
define({ members: ['http://a'], lbmethod: 'byhash', hashKey: { header: 'x-user', cookie: 'user' } });
// @ts-expect-error: the address is a word
define({ members: ['http://a'], lbmethod: 'byhash', hashKey: { ip: true } });
// @ts-expect-error: a method chooses a member
define({ members: ['http://a'], lbmethod: () => 'http://a' });

// Changes.

const changes: readonly MemberChange[] = [
  '+D',
  '-drain',
  { drain: true, status: '-E' },
  { loadfactor: 2, lbset: 1, route: null, redirect: null, max: null, acquire: null, retry: null },
  { hcmethod: 'HEAD', hcexpect: [200], retryMax: false, slowStart: '1m' },
];
// @ts-expect-error: it needs new connections
changes.concat({ url: 'http://b' });
// @ts-expect-error: a URL cannot be taken away
changes.concat({ url: null });
// @ts-expect-error: it is drain
changes.concat({ draining: true });
