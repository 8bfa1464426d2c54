import { describe, expect, test } from '@jest/globals';
import { foldName } from '../../../src/definition/spelling.ts';
import { problemsOf } from './support.ts';

type Options = Readonly<Record<string, unknown>>;

const onBalancer = (options: Options): Options => ({ members: ['http://a'], ...options });
const onMember = (options: Options): Options => ({ members: [{ url: 'http://a', ...options }] });
const inDefaults = (options: Options): Options => ({ members: ['http://a'], memberDefaults: options });
const inTls = (options: Options): Options => ({ members: [{ url: 'https://a', tls: options }] });
const inHpm = (options: Options): Options => ({ members: ['http://a'], httpProxyMiddleware: options });

/** What is said of the one option that is unknown. */
function adviceOn(definition: Options): string {
  const [first, ...others] = problemsOf(definition);
  // Where it is certain what is meant, its value is looked at too.
  const ofValue = others.map(({ path }) => foldName(path).replace(/['[\]]/g, ''));
  const own = foldName(first!.path).replace(/['[\]]/g, '');
  expect(ofValue.filter((path) => path !== own)).toEqual([]);
  return `${first!.problem}; ${first!.advice}`;
}

const noSuch = 'there is no such option; write ';

describe('a misspelt option gets the right spelling', () => {
  test.each([
    ['lbMethod', 'lbmethod'],
    ['lb_method', 'lbmethod'],
    ['maxAttempts', 'maxattempts'],
    ['max-attempts', 'maxattempts'],
    ['ProxyPassReverse', 'proxypassreverse'],
    ['ProxyTimeout', 'proxytimeout'],
    ['proxypreservehst', 'proxypreservehost'],
    ['proxypassreversecookiedoamin', 'proxypassreversecookiedomain'],
    ['failonstats', 'failonstatus'],
    ['replaybytes', 'replayBytes'],
    ['loger', 'logger'],
    ['excludes', 'exclude'],
    ['erroronstatus', 'failonstatus'],
    ['retries', 'maxattempts'],
    ['method', 'lbmethod'],
    ['cookieDomainRewrite', 'proxypassreversecookiedomain'],
    ['lb_policy', 'lbmethod'],
    ['least_conn', "lbmethod: 'bybusyness'"],
    ['ip_hash', "lbmethod: 'byhash'"],
    ['hash-balance-factor', 'hashBalance'],
    ['outlierDetection', 'ejection'],
    ['circuitBreaker', 'ejection'],
    ['max_fails', 'ejection: { consecutive: … }'],
    ['maxEjectionPercent', 'ejection: { maxEjected: … }'],
    ['baseEjectionTime', 'ejection: { time: … }'],
    ['lb_try_duration', 'hold'],
    ['queue', 'queueLength'],
    ['queuelength', 'queueLength'],
    ['nameservers', 'resolver'],
    ['server-timing', 'serverTiming'],
    ['panicThreshold', 'forcerecovery'],
    ['max_conns', 'max on a member, or in memberDefaults for all'],
    ['healthCheck', 'hcmethod on a member, or in memberDefaults for all'],
    ['interval', 'hcinterval on a member, or in memberDefaults for all'],
    ['weight', 'loadfactor on a member, or in memberDefaults for all'],
    ['jvmRoute', 'route on a member'],
    ['proxy_connect_timeout', 'connectiontimeout on a member, or in memberDefaults for all'],
    ['proxy_read_timeout', 'proxytimeout'],
    ['proxy_next_upstream', 'failoverOn'],
    ['proxy_next_upstream_tries', 'maxattempts'],
    ['hash', "lbmethod: 'byhash' with hashKey"],
    ['hash-type', "lbmethod: 'byhash' with hashKey"],
    ['hashkey', 'hashKey'],
    ['cluster', 'members'],
    ['cookie', 'stickysession'],
    ['consecutive', 'ejection: { consecutive: … }'],
    ['rate', 'ejection: { rate: … }'],
    ['window', 'ejection: { window: … }'],
    ['time', 'ejection: { time: … }'],
    ['minRequests', 'ejection: { minRequests: … }'],
    ['maxEjected', 'ejection: { maxEjected: … }'],
    ['sameSite', 'routeCookie: { sameSite: … }'],
    ['methods', 'failoverOn: { methods: … }'],
    ['header', 'hashKey: { header: … }'],
  ])('%s on the balancer is %s', (name, option) => {
    expect(adviceOn(onBalancer({ [name]: 'x' }))).toBe(noSuch + option);
  });

  test.each([
    ['loadFactor', 'loadfactor'],
    ['weight', 'loadfactor'],
    ['load_factor', 'loadfactor'],
    ['lodfactor', 'loadfactor'],
    ['Route', 'route'],
    ['jvmRoute', 'route'],
    ['connectTimeout', 'connectiontimeout'],
    ['connectionTimeout', 'connectiontimeout'],
    ['keepAlive', 'keepalive'],
    ['fail_timeout', 'retry'],
    ['maxBackoff', 'retryMax'],
    ['retry_max', 'retryMax'],
    ['slow_start', 'slowStart'],
    ['max_conns', 'max'],
    ['maxconn', 'max'],
    ['healthCheck', 'hcmethod'],
    ['health_uri', 'hcuri'],
    ['interval', 'hcinterval'],
    ['inter', 'hcinterval'],
    ['rise', 'hcpasses'],
    ['fall', 'hcfails'],
    ['unhealthyThreshold', 'hcfails'],
    ['health_timeout', 'hctimeout'],
    ['health_headers', 'hcheaders'],
    ['expect_status', 'hcexpect'],
    ['hcintervall', 'hcinterval'],
    ['HcUri', 'hcuri'],
    ['warmup', 'warmUp'],
    ['service', "resolve: 'SRV'"],
    ['lbfactor', 'loadfactor'],
    ['lb_factor', 'loadfactor'],
    ['cookie', 'route'],
    ['route_id', 'route'],
    ['proxy_connect_timeout', 'connectiontimeout'],
  ])('%s on a member is %s', (name, option) => {
    expect(adviceOn(onMember({ [name]: 'x' }))).toBe(noSuch + option);
  });

  test.each(['target', 'URL', 'host', 'href'])(
    '%s on a member is url, and that is the only fault',
    (name) => {
      expect(adviceOn({ members: [{ [name]: 'http://a' }] })).toBe(`${noSuch}url`);
    },
  );

  test.each(['backends', 'servers', 'upstream', 'member', 'Members'])(
    '%s is members, and that is the only fault',
    (name) => {
      expect(adviceOn({ [name]: ['http://a'] })).toBe(`${noSuch}members`);
    },
  );

  test.each([
    [inTls({ rejectunauthorised: false }), 'rejectUnauthorized'],
    [inTls({ sni: 'a' }), 'servername'],
    [inTls({ serverName: 'a' }), 'servername'],
    [inHpm({ pathRewrit: {} }), 'pathRewrite'],
    [inHpm({ ChangeOrigin: true }), 'changeOrigin'],
    [inDefaults({ Retry: 5 }), 'retry'],
  ])('%j', (definition, option) => {
    expect(adviceOn(definition)).toBe(noSuch + option);
  });

  test('one that is like nothing is to be left out', () => {
    expect(adviceOn(onBalancer({ zzz: 1 }))).toBe('there is no such option; leave it out');
    expect(adviceOn(onBalancer({ ['x'.repeat(100_000)]: 1 }))).toBe('there is no such option; leave it out');
    expect(adviceOn(onBalancer(JSON.parse('{ "__proto__": 1 }') as Options))).toBe(
      'there is no such option; leave it out',
    );
    expect(adviceOn(onBalancer({ constructor: 1 }))).toBe('there is no such option; leave it out');
  });
});

describe('the value of a misspelt option is looked at too', () => {
  const tellAll = (definition: Options): string[] =>
    problemsOf(definition).map(({ path, problem, advice }) => `${path}: ${problem}; ${advice}`);

  test('by itself', () => {
    expect(tellAll(onBalancer({ lbMethod: 'leastconn' }))).toEqual([
      'lbMethod: there is no such option; write lbmethod',
      expect.stringMatching(/^lbMethod: .*'bybusyness'/),
    ]);
  });

  test('beside the others', () => {
    expect(tellAll(onMember({ hcMethod: 'TCP', hcinterval: 2, hcuri: '/h' }))).toEqual([
      'members[0].hcMethod: there is no such option; write hcmethod',
      "members[0].hcuri: TCP connects and asks for nothing; write hcmethod: 'GET', or leave it out",
    ]);
    expect(tellAll(onBalancer({ stickySession: 'sid' }))).toEqual([
      'stickySession: there is no such option; write stickysession',
      "stickysession: no member has a route; write { url, route: 'app1' } for the members",
    ]);
  });

  test('and causes no second fault by being misspelt', () => {
    for (const name of ['hcMethod', 'hc-method', 'hcmetod', 'healthCheck'])
      for (const place of [onMember, inDefaults])
        expect(tellAll(place({ [name]: 'GET', hcinterval: 2, hcuri: '/h' }))).toEqual([
          expect.stringMatching(/there is no such option; write hcmethod$/),
        ]);
    expect(tellAll({ Members: [{ URL: 'http://a', Route: 'a' }], RouteCookie: true })).toHaveLength(4);
  });

  test('but not where the right one is there as well', () => {
    expect(tellAll(onBalancer({ lbmethod: 'random', lbMethod: 'x' }))).toEqual([
      'lbMethod: there is no such option; write lbmethod',
    ]);
  });

  test('and not shown where it is a secret', () => {
    const text = JSON.stringify(
      problemsOf(
        onBalancer({ routeCookie: { Secret: 7_654_321 }, memberDefaults: { TLS: { Key: 7_654_321 } } }),
      ),
    );
    expect(text).toContain('Secret');
    expect(text).not.toContain('7654321');
  });
});

describe('words of others get the way that is meant', () => {
  test.each(['sticky', 'stickyCookie', 'affinity'])('%s: both ways of being sticky', (name) => {
    const advice =
      "write stickysession for a cookie that the members set, or routeCookie: true for one of the balancer's own";
    expect(adviceOn(onBalancer({ [name]: true }))).toBe(`there is no such option; ${advice}`);
    expect(adviceOn(onMember({ [name]: true }))).toBe(
      `it is an option of the balancer; ${advice} beside members`,
    );
  });

  test('failover is on', () => {
    const advice = 'it is on anyway; leave it out, or write nofailover: true for failover: false';
    expect(adviceOn(onBalancer({ failover: true }))).toBe(advice);
    expect(adviceOn(onMember({ failover: false }))).toBe(advice);
  });
});

describe('an option in the wrong place is sent to the right one', () => {
  test.each([
    ...['port', 'protocol', 'scheme', 'path'].map((name): [Options, string] => [
      onMember({ [name]: 'x' }),
      "the URL says it; write it in url: 'http://host:3000/base/'",
    ]),
    ...[
      ['standby', 'H'],
      ['hotstandby', 'H'],
      ['hot_standby', 'H'],
      ['spare', 'R'],
      ['hotSpare', 'R'],
      ['drain', 'N'],
      ['draining', 'N'],
      ['stopped', 'S'],
      ['maintenance', 'S'],
      ['down', 'D'],
      ['disabled', 'D'],
      ['ignoreErrors', 'I'],
    ].map(([name, letter]): [Options, string] => [
      onMember({ [name!]: true }),
      `status letters say so; write status: '${letter!}'`,
    ]),
    [onMember({ enabled: false }), "status letters say so; leave it out, or write status: 'D' for false"],
    ...[
      ['queue', 'queueLength'],
      ['maxqueue', 'queueLength'],
      ['observe', 'ejection'],
      ['error_limit', 'ejection: { consecutive: … }'],
      ['rate', 'ejection: { rate: … }'],
      ['retries', 'maxattempts'],
      ['least_conn', "lbmethod: 'bybusyness'"],
      ['hash', "lbmethod: 'byhash' with hashKey"],
      ['outlierDetection', 'ejection'],
    ].flatMap(([name, option]): [Options, string][] =>
      [onMember, inDefaults].map((place) => [
        place({ [name!]: 1 }),
        `it is an option of the balancer; write ${option!} beside members`,
      ]),
    ),
    [onMember({ sni: 'a' }), 'TLS has a record of its own; write tls: { servername: … }'],
    [onMember({ verify: 'none' }), 'TLS has a record of its own; write tls: { rejectUnauthorized: … }'],
    [inDefaults({ 'ca-file': 'x' }), 'TLS has a record of its own; write tls: { ca: … }'],
    [
      onBalancer({ sni: 'a' }),
      'TLS to the members has a record of its own; write memberDefaults: { tls: { servername: … } }',
    ],
    [onBalancer({ port: 80 }), "the URL says it; write it in url: 'http://host:3000/base/'"],
    [
      onBalancer({ path: '/a' }),
      "the path is where the balancer is mounted; write app.use('/path', balancer)",
    ],
    [
      onBalancer({ standby: true }),
      "status letters say so; write status: 'H' on a member, or in memberDefaults for all",
    ],
    [inDefaults({ cookie: 'x' }), 'it belongs to one member; write route on the member itself'],
    [inDefaults({ port: 80 }), 'it belongs to one member; write url on the member itself'],
    [
      { members: ['http://a'], ejection: { nofailover: true } },
      'it is an option of the balancer; write nofailover beside members',
    ],
    [
      onBalancer({ loadfactor: 2 }),
      'it is a parameter of members; write loadfactor on a member, or in memberDefaults for all',
    ],
    [
      onBalancer({ connectionTimeout: 2 }),
      'it is a parameter of members; write connectiontimeout on a member, or in memberDefaults for all',
    ],
    [onBalancer({ route: 'a' }), 'it is a parameter of members; write route on a member'],
    [onBalancer({ redirct: 'a' }), 'it is a parameter of members; write redirect on a member'],
    [
      onBalancer({ rejectUnauthorized: false }),
      'TLS to the members has a record of its own; write memberDefaults: { tls: { rejectUnauthorized: … } }',
    ],
    [
      onBalancer({ on: {} }),
      "it is an option of http-proxy-middleware's; write httpProxyMiddleware: { on: … }",
    ],
    [
      onBalancer({ plugins: [] }),
      "it is an option of http-proxy-middleware's; write httpProxyMiddleware: { plugins: … }",
    ],
    [onMember({ upgrade: 'ANY' }), 'it is an option of the balancer; write upgrade beside members'],
    [onMember({ maxattempts: 1 }), 'it is an option of the balancer; write maxattempts beside members'],
    [onMember({ stickySession: 'a' }), 'it is an option of the balancer; write stickysession beside members'],
    [onMember({ stickysesion: 'a' }), 'it is an option of the balancer; write stickysession beside members'],
    [
      onBalancer({ hcmethod: 'GET' }),
      'it is a parameter of members; write hcmethod on a member, or in memberDefaults for all',
    ],
    [
      onBalancer({ slow_start: 1 }),
      'it is a parameter of members; write slowStart on a member, or in memberDefaults for all',
    ],
    [onBalancer({ resolve: 'A' }), 'it is a parameter of members; write resolve on a member'],
    [inDefaults({ resolve: 'A' }), 'it belongs to one member; write resolve on the member itself'],
    [inDefaults({ handler: 'x' }), 'it belongs to one member; write handler on the member itself'],
    [onMember({ hold: 1 }), 'it is an option of the balancer; write hold beside members'],
    [
      onMember({ max_fails: 1 }),
      'one failed connection puts it in error; write ejection: { consecutive: … } beside members for bad answers',
    ],
    [onMember({ proxytimeout: 1 }), `${noSuch}timeout`],
    [onMember({ backup: true }), "status letters say so; write status: 'H' (hot standby) or 'R' (hot spare)"],
    [onMember({ ca: 'x' }), 'TLS has a record of its own; write tls: { ca: … }'],
    [
      onMember({ rejectUnauthorized: true }),
      'TLS has a record of its own; write tls: { rejectUnauthorized: … }',
    ],
    [inDefaults({ route: 'x' }), 'it belongs to one member; write route on the member itself'],
    [inDefaults({ url: 'x' }), 'it belongs to one member; write url on the member itself'],
  ])('%j', (definition, advice) => {
    expect(adviceOn(definition)).toBe(advice);
  });
});

describe("httpd's options that mean nothing here are refused by name", () => {
  const names = [
    'secret',
    'smax',
    'min',
    'flusher',
    'flushpackets',
    'flushwait',
    'iobuffersize',
    'receivebuffersize',
    'growth',
    'nonce',
    'ProxyHCTPsize',
    'nocanon',
    'noquery',
    'ProxyRequests',
    'proxysourceaddress',
    'ProxyBadHeader',
    'BalancerPersist',
  ];

  test.each(names)('%s', (name) => {
    for (const place of [onBalancer, onMember, inDefaults]) {
      expect(adviceOn(place({ [name]: 1 }))).toMatch(/; leave it out/);
      expect(adviceOn(place({ [name]: 1 }))).not.toMatch(/no such option/);
    }
  });

  test.each([
    ['enablereuse', 'connections are used again unless that is disabled; write disablereuse: false or true'],
    [
      'ping',
      'a request is sent at once, not held back for a 100 (Continue); write connectiontimeout and timeout',
    ],
    ['interpolate', 'a definition is JavaScript; write the value itself'],
    [
      'addressttl',
      "host names are looked up for each new connection; write resolve: 'A' for a member each, as long as DNS says",
    ],
    ['hcexpr', 'a definition is JavaScript; write hcexpect'],
    ['ProxyHCExpr', 'a definition is JavaScript; write hcexpect'],
    ['hctemplate', 'what members share is written once; write memberDefaults'],
    ['ProxyHCTemplate', 'what members share is written once; write memberDefaults'],
    ['ProxyPass', "the path is where the balancer is mounted; write app.use('/path', balancer)"],
  ])('%s', (name, advice) => {
    expect(adviceOn(onBalancer({ [name]: 1 }))).toBe(advice);
    expect(adviceOn(onMember({ [name]: 1 }))).toBe(advice);
  });
});

describe('a refused option is recognised by a slip, and not by a likeness', () => {
  test.each([
    ['flushr', 'it is for mod_proxy_fdpass, and members are spoken to in HTTP; leave it out'],
    ['ProxySourceAdress', 'it is not in this version; leave it out'],
    ['cluste', 'there is no such option; leave it out'],
    ['crusher', 'there is no such option; leave it out'],
    ['ring', 'there is no such option; leave it out'],
  ])('%s', (name, advice) => {
    expect(adviceOn(onBalancer({ [name]: 1 }))).toBe(advice);
  });
});

describe('a misspelt key', () => {
  test.each([
    [onBalancer({ hashkey: 'ip' }), "'ip'"],
    [onBalancer({ hash_key: 'ip' }), "'ip'"],
    [onBalancer({ 'hash-key': 'ip' }), "'ip'"],
    [onBalancer({ idempotencyKey: 'X-Id' }), "'X-Id'"],
    [onBalancer({ privateKey: 'hush' }), 'a string'],
    [onMember({ keyfile: 'hush' }), 'a string'],
    [onBalancer({ apikey: 'hush' }), 'a string'],
  ])('%j is shown where it is no secret', (definition, given) => {
    const all = problemsOf(definition);
    expect(all.map((problem) => problem.given)).toEqual(all.map(() => given));
    expect(all).not.toEqual([]);
  });
});

describe("http-proxy-middleware's options", () => {
  test.each([
    [
      'router',
      "the members stand for it; write members: ['http://…'], or one balancer for each of its entries",
    ],
    [
      'changeOrigin',
      'members get their own Host anyway; leave it out, or write proxypreservehost: true for changeOrigin: false',
    ],
    [
      'ws',
      'upgrades to websocket are served anyway; leave it out, and call attachUpgrades(server, app); or write upgrade',
    ],
    ['xfwd', 'X-Forwarded-* are added anyway; leave it out, or write proxyaddheaders'],
    [
      'secure',
      'TLS to the members has a record of its own; write memberDefaults: { tls: { rejectUnauthorized: false } } for secure: false',
    ],
    ['forward', 'requests are not copied to a second server; leave it out'],
    ['pathFilter', 'what is not proxied is named; write exclude, or mount the balancer at the path'],
    ['hostRewrite', 'redirects are mapped back anyway; leave it out, or write proxypassreverse'],
  ])('%s on the balancer is told where it goes', (name, advice) => {
    expect(adviceOn(onBalancer({ [name]: true }))).toBe(advice);
  });

  test('target instead of members is the only fault', () => {
    expect(adviceOn({ target: 'http://a' })).toBe("the members stand for it; write members: ['http://…']");
  });

  test.each([
    ['target', /members stand for it/],
    ['router', /members stand for it/],
    ['forward', /not copied/],
    ['ws', /attachUpgrades/],
    ['xfwd', /proxyaddheaders/],
  ])('%s is refused among its own too', (name, reason) => {
    expect(adviceOn(inHpm({ [name]: true }))).toMatch(reason);
  });

  test('that a later version may have are let through', () => {
    expect(problemsOf(inHpm({ somethingNew: true }))).toEqual([]);
  });
});
