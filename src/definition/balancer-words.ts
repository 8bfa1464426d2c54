import { formerWords } from './http-proxy-middleware-words.ts';
import { say, sayAll, translate, translateIn, type Words } from './words.ts';

const byhash = "lbmethod: 'byhash' with hashKey";

/** Words that stand for options of the balancer: those of other balancers, and of http-proxy-middleware. */
export const balancerWords: Words = new Map([
  ...translate({
    members:
      'backend backends balancermember balancermembers cluster clusters host hosts node nodes origin origins pool server servers upstream upstreams targets',
    memberDefaults: 'defaults memberoptions',
    lbmethod:
      'algorithm balance balancing lbpolicy loadbalancingpolicy method policy selectionpolicy strategy',
    "lbmethod: 'bybusyness'": 'leastconn leastconnections leastrequest',
    "lbmethod: 'byrequests'": 'roundrobin rr',
    "lbmethod: 'random'": 'p2c',
    "lbmethod: 'byresponsetime'": 'leasttime peakewma',
    "lbmethod: 'byhash'": 'iphash clientiphash',
    [byhash]: 'hash hashtype consistenthash ringhash maglev',
    hashKey: 'hashon hashpolicy keyby',
    hashBalance: 'balancefactor hashbalancefactor loadbound',
    ejection: 'circuitbreaker observe outlierdetection passivehealth passivehealthcheck',
    forcerecovery: 'panicthreshold',
    hold: 'lbtryduration tryduration',
    queueLength: 'maxpending maxpendingrequests maxqueue queue queuesize',
    queueTimeout: 'timeoutqueue',
    resolver: 'dnsservers nameserver nameservers resolvers',
    stickysession: 'cookie cookiename stickysessions',
    stickysessionsep: 'separator sep',
    maxattempts: 'attempts maxretries nextupstreamtries proxynextupstreamtries retries',
    proxytimeout: 'proxyreadtimeout proxysendtimeout',
    deadline: 'requesttimeout totaltimeout',
    failonstatus: 'erroronstatus',
    failoverOn: 'retryon nextupstream proxynextupstream',
    exclude: 'ignore skip',
    pathRewrite: 'rewrite',
    proxypreservehost: 'preservehost',
    proxyvia: 'via',
    upgrade: 'protocols',
    allowMembers: 'allowedmembers allowhosts',
    state: 'redis sharedstate statestore store',
    logger: 'log loglevel logs logprovider',
    warnings: 'checks validate validation validations warn warning',
    proxypassreversecookiedomain: 'cookiedomainrewrite proxycookiedomain',
    proxypassreversecookiepath: 'cookiepathrewrite proxycookiepath',
  }),
  ...translateIn('ejection', {
    consecutive: 'consecutive5xx consecutiveerrors consecutivefailures maxfails unhealthycount errorlimit',
    rate: 'errorrate failurerate',
    maxEjected: 'maxejectionpercent',
    time: 'baseejectiontime ejectiontime',
  }),
  ...sayAll(
    'affinity sessionaffinity sticky stickycookie',
    'there is no such option',
    "write stickysession for a cookie that the members set, or routeCookie: true for one of the balancer's own",
  ),
  ['failover', say('it is on anyway', 'leave it out, or write nofailover: true for failover: false')],
  ...sayAll(
    'path mountpath',
    'the path is where the balancer is mounted',
    "write app.use('/path', balancer)",
  ),
  ['target', say('the members stand for it', "write members: ['http://…']")],
  [
    'router',
    say('the members stand for it', "write members: ['http://…'], or one balancer for each of its entries"),
  ],
  ...sayAll(
    'ws websocket',
    'upgrades to websocket are served anyway',
    'leave it out, and call attachUpgrades(server, app); or write upgrade',
  ),
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
  ...sayAll(
    'hostrewrite autorewrite protocolrewrite',
    'redirects are mapped back anyway',
    'leave it out, or write proxypassreverse',
  ),
  ...formerWords,
]);
