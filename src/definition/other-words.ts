import type { Place } from './option-names.ts';
import type { Fault } from './problem.ts';

type Words = ReadonlyMap<string, Fault>;

function say(problem: string, advice: string): Fault {
  return { problem, advice };
}

/** Words of other balancers and proxies for one of our options; folded, by the option's name. */
function translate(words: Readonly<Record<string, string>>): [string, Fault][] {
  return Object.entries(words).flatMap(([option, others]) =>
    others
      .split(' ')
      .map((other): [string, Fault] => [other, say('there is no such option', `write ${option}`)]),
  );
}

/** Words for one of the methods. */
function sayMethod(method: string, others: string): [string, Fault][] {
  return translate({ [`lbmethod: '${method}'`]: others });
}

/** Words for options in a record. */
function inRecord(record: string, words: Readonly<Record<string, string>>): [string, Fault][] {
  return Object.entries(words).flatMap(([option, others]) =>
    translate({ [`${record}: { ${option}: … }`]: others }),
  );
}

/** Words for parameters of members, on the balancer. */
function onMembers(words: Readonly<Record<string, string>>): [string, Fault][] {
  return Object.entries(words).flatMap(([option, others]) =>
    translate({ [`${option} on a member, or in memberDefaults for all`]: others }),
  );
}

const balancer: Words = new Map([
  ...translate({
    members: 'backends balancermember balancermembers hosts nodes origins servers upstream upstreams targets',
    memberDefaults: 'defaults memberoptions',
    lbmethod:
      'algorithm balance balancing lbpolicy loadbalancingpolicy method policy selectionpolicy strategy',
    hashKey: 'hashon hashpolicy keyby',
    hashBalance: 'balancefactor hashbalancefactor loadbound',
    ejection: 'circuitbreaker observe outlierdetection passivehealth passivehealthcheck',
    hold: 'lbtryduration tryduration',
    queueLength: 'maxpending maxpendingrequests maxqueue queue queuesize',
    queueTimeout: 'timeoutqueue',
    resolver: 'dnsservers nameserver nameservers resolvers',
    stickysession: 'affinity sticky stickycookie',
    stickysessionsep: 'separator sep',
    maxattempts: 'attempts maxretries retries',
    deadline: 'requesttimeout totaltimeout',
    failonstatus: 'erroronstatus',
    failoverOn: 'retryon nextupstream proxynextupstream',
    exclude: 'ignore skip',
    pathRewrite: 'rewrite',
    proxypreservehost: 'preservehost',
    proxyvia: 'via',
    upgrade: 'protocols',
    logger: 'log loglevel logs logprovider',
  }),
  ...sayMethod('bybusyness', 'leastconn leastconnections leastrequest'),
  ...sayMethod('byhash', 'iphash clientiphash consistenthash ringhash maglev'),
  ...sayMethod('byrequests', 'roundrobin rr'),
  ...sayMethod('random', 'p2c'),
  ...sayMethod('byresponsetime', 'leasttime peakewma'),
  ...inRecord('ejection', {
    consecutive: 'consecutive5xx consecutiveerrors consecutivefailures maxfails unhealthycount errorlimit',
    rate: 'errorrate failurerate',
    maxEjected: 'maxejected maxejectionpercent',
    time: 'baseejectiontime ejectiontime',
  }),
  ['panicthreshold', say('there is no such option', 'write forcerecovery')],
  ...onMembers({
    max: 'connectionlimit maxconcurrency maxconcurrent maxconn maxconnections maxconns maxrequests',
    retry: 'failduration failtimeout',
    hcmethod: 'activehealthcheck check health healthcheck healthchecks',
    hcuri: 'healthpath healthuri healthcheckpath',
    hcinterval: 'checkinterval healthinterval interval inter',
  }),
  // http-proxy-middleware's.
  ['target', say('the members stand for it', "write members: ['http://…']")],
  [
    'router',
    say('the members stand for it', "write members: ['http://…'], or one balancer for each of its entries"),
  ],
  ['forward', say('requests are not copied to a second server', 'leave it out')],
  [
    'ws',
    say(
      'upgrades to websocket are served anyway',
      'leave it out, and call attachUpgrades(server, app); or write upgrade',
    ),
  ],
  [
    'websocket',
    say(
      'upgrades to websocket are served anyway',
      'leave it out, and call attachUpgrades(server, app); or write upgrade',
    ),
  ],
  ['xfwd', say('X-Forwarded-* are added anyway', 'leave it out, or write proxyaddheaders')],
  [
    'changeorigin',
    say(
      'members get their own Host anyway',
      'leave it out, or write proxypreservehost: true for changeOrigin: false',
    ),
  ],
  [
    'secure',
    say(
      'TLS to the members has a record of its own',
      'write memberDefaults: { tls: { rejectUnauthorized: false } } for secure: false',
    ),
  ],
  ['pathfilter', say('what is not proxied is named', 'write exclude, or mount the balancer at the path')],
  ['hostrewrite', say('redirects are mapped back anyway', 'leave it out, or write proxypassreverse')],
  ['autorewrite', say('redirects are mapped back anyway', 'leave it out, or write proxypassreverse')],
  ['protocolrewrite', say('redirects are mapped back anyway', 'leave it out, or write proxypassreverse')],
  ['cookiedomainrewrite', say('there is no such option', 'write proxypassreversecookiedomain')],
  ['cookiepathrewrite', say('there is no such option', 'write proxypassreversecookiepath')],
]);

const memberDefaults: Words = new Map([
  ...translate({
    loadfactor: 'factor weight',
    lbset: 'priority set tier',
    retry: 'failduration failtimeout retryafter retrytimeout slowretry',
    retryMax: 'backoffmax maxbackoff maxretry maxretrytime',
    slowStart: 'rampup slowstartduration slowstarttime',
    max: 'connectionlimit limit maxconcurrency maxconcurrent maxconn maxconnections maxconns maxrequests',
    acquire: 'acquiretimeout pooltimeout',
    hcmethod: 'activehealthcheck check health healthcheck healthchecks hctype',
    hcuri: 'checkpath checkuri healthcheckpath healthpath healthuri hcpath hcurl',
    hcinterval: 'checkinterval healthinterval inter interval',
    hcpasses: 'healthpasses healthythreshold passes rise successthreshold',
    hcfails: 'fall failurethreshold fails healthfails unhealthythreshold',
    hctimeout: 'checktimeout healthtimeout timeoutcheck',
    hcheaders: 'healthheaders hcheader checkheaders',
    hcexpect: 'expect expectstatus expectbody healthbody healthstatus hcstatus httpcheckexpect match',
    warmUp: 'warmuprequests prewarm',
    connectiontimeout: 'connecttimeout connectiontimeoutms',
    timeout: 'proxytimeout readtimeout responsetimeout sockettimeout',
    ttl: 'idletimeout keepalivetimeout',
    responsefieldsize: 'maxheadersize responsefieldlimit',
    tls: 'https ssl',
  }),
  ['upgrade', say('it is an option of the balancer', 'write it beside members')],
  [
    'maxfails',
    say(
      'one failed connection puts it in error',
      'write ejection: { consecutive: … } beside members for bad answers',
    ),
  ],
  ['outlierdetection', say('it is an option of the balancer', 'write ejection beside members')],
  ['backup', say('status letters say so', "write status: 'H' (hot standby) or 'R' (hot spare)")],
  ['down', say('status letters say so', "write status: 'D'")],
  ['disabled', say('status letters say so', "write status: 'D'")],
  [
    'secure',
    say('TLS has a record of its own', 'write tls: { rejectUnauthorized: false } for secure: false'),
  ],
  ...['ca', 'cert', 'key', 'pfx', 'passphrase', 'servername', 'rejectunauthorized'].map(
    (name): [string, Fault] => [
      name,
      say(
        'TLS has a record of its own',
        `write tls: { ${name === 'rejectunauthorized' ? 'rejectUnauthorized' : name}: … }`,
      ),
    ],
  ),
]);

const member: Words = new Map([
  ...memberDefaults,
  ...translate({
    url: 'address host href origin server target uri',
    route: 'id jvmroute label name',
    handler: 'callback fn function handle middleware',
    "resolve: 'A'": 'dns lookup',
    "resolve: 'SRV'": 'service srv',
  }),
]);

const change: Words = new Map([
  ...member,
  ...translate({
    disabled: 'disable down',
    stopped: 'stop offline maintenance',
    drain: 'draining drained',
    hotStandby: 'backup standby',
    hotSpare: 'spare',
    inError: 'error failed',
  }),
  ['enabled', say('there is no such option', "write status: 'enabled', or disabled: false")],
]);

const routeCookie: Words = new Map([
  ...translate({ secret: 'keys secrets', maxAge: 'lifetime maxagems ttl', name: 'cookie cookiename' }),
  ['signed', say('a secret makes it signed', 'write secret')],
  ['encode', say('a route needs no encoding', 'leave it out')],
]);

const httpProxyMiddleware: Words = new Map([
  ['target', say('the members stand for it', "write members: ['http://…'] on the balancer")],
  ['router', say('the members stand for it', "write members: ['http://…'] on the balancer")],
  ['forward', say('requests are not copied to a second server', 'leave it out')],
  ['ws', say('upgrades have their own way', 'call attachUpgrades(server, app)')],
  ['xfwd', say("X-Forwarded-* are the balancer's", 'write proxyaddheaders on the balancer')],
]);

/** What to answer to words that are none of ours, folded, by the record that they stand in. */
export const otherWords: Readonly<Record<Place, Words>> = {
  balancer,
  member,
  handlerMember: member,
  change,
  hcexpect: new Map(
    translate({ status: 'code codes statuscode statuscodes statuses', body: 'match pattern text' }),
  ),
  hashKey: new Map(translate({ header: 'field headername', cookie: 'cookiename' })),
  ejection: new Map(
    translate({
      consecutive: 'consecutive5xx consecutiveerrors consecutivefailures errorlimit maxfails',
      rate: 'errorrate failurerate share threshold',
      window: 'interval period',
      minRequests: 'minrequest minimumrequests minvolume requestvolume volume',
      maxEjected: 'maxejectionpercent maxshare',
      time: 'baseejectiontime duration ejectiontime retry',
    }),
  ),
  memberDefaults,
  tls: new Map(translate({ servername: 'sni hostname', rejectUnauthorized: 'secure verify', ca: 'cacert' })),
  routeCookie,
  failoverOn: new Map(
    translate({ status: 'statuses statuscodes codes', methods: 'method', idempotencyKey: 'idempotent' }),
  ),
  httpProxyMiddleware,
};
