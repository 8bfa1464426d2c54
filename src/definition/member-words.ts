import { say, sayAll, translate, type Words } from './words.ts';

const byLetters = 'status letters say so';

/** Words that stand for options of a member. */
export const memberWords: Words = new Map([
  ...translate({
    url: 'addr address host href origin server target uri',
    route: 'cookie id jvmroute label name routeid',
    handler: 'callback fn function handle middleware',
    "resolve: 'A'": 'dns lookup',
    "resolve: 'SRV'": 'service srv',
    loadfactor: 'factor lbfactor weight',
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
    connectiontimeout: 'connecttimeout connectiontimeoutms proxyconnecttimeout',
    timeout: 'proxytimeout proxyreadtimeout proxysendtimeout readtimeout responsetimeout sockettimeout',
    ttl: 'idletimeout keepalivetimeout',
    responsefieldsize: 'maxheadersize responsefieldlimit',
    tls: 'https ssl',
  }),
  ...sayAll('port protocol scheme path', 'the URL says it', "write it in url: 'http://host:3000/base/'"),
  [
    'maxfails',
    say(
      'one failed connection puts it in error',
      'write ejection: { consecutive: … } beside members for bad answers',
    ),
  ],
  ['backup', say(byLetters, "write status: 'H' (hot standby) or 'R' (hot spare)")],
  ...sayAll('standby hotstandby', byLetters, "write status: 'H'"),
  ...sayAll('spare hotspare', byLetters, "write status: 'R'"),
  ...sayAll('drain drained draining', byLetters, "write status: 'N'"),
  ...sayAll('stop stopped maint maintenance offline', byLetters, "write status: 'S'"),
  ...sayAll('down disable disabled inactive', byLetters, "write status: 'D'"),
  ...sayAll('inerror', byLetters, "write status: 'E'"),
  ...sayAll('ignoreerrors', byLetters, "write status: 'I'"),
  ...sayAll('active enable enabled', byLetters, "leave it out, or write status: 'D' for false"),
  [
    'secure',
    say('TLS has a record of its own', 'write tls: { rejectUnauthorized: false } for secure: false'),
  ],
]);

/** Words that stand for options of a change, where they are others than a member's. */
export const changeWords: Words = new Map([
  ...translate({
    disabled: 'disable down inactive',
    stopped: 'stop offline maint maintenance',
    drain: 'draining drained',
    hotStandby: 'backup standby',
    hotSpare: 'spare',
    inError: 'error failed',
  }),
  ...sayAll(
    'enabled enable active',
    'there is no such option',
    "write status: 'enabled', or disabled: false",
  ),
  ['deadline', say('it is an option of drain', 'write balancer.drain(name, { deadline: … })')],
  ['idle', say('it is an option of drain', 'write balancer.drain(name, { idle: … })')],
]);

/** Words that stand for TLS options. */
export const tlsWords: Words = new Map(
  translate({
    servername: 'hostname proxysslname sni',
    rejectUnauthorized: 'insecure proxysslverify secure sslproxyverify sslverify verify',
    ca: 'cacert cafile proxyssltrustedcertificate sslproxycacertificatefile',
    cert: 'certfile certificate crt proxysslcertificate sslproxymachinecertificatefile',
    key: 'keyfile privatekey proxysslcertificatekey',
  }),
);
