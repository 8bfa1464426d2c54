import { buildEjection } from './build-ejection.ts';
import { buildMember } from './build-member.ts';
import { splitStickysession } from './check-sessions.ts';
import { compilePattern, copyRegExp } from './copy-reg-exp.ts';
import type {
  BalancerDefinition,
  Duration,
  FailoverOn,
  HashKey,
  Logger,
  PathPattern,
  RouteCookie,
} from './definition.ts';
import { toMilliseconds } from './duration.ts';
import type { MemberSettings, RouteCookieSettings, Settings, StickySettings } from './settings.ts';
import { warningCodes } from '../warnings/codes.ts';

const silent: Logger = Object.freeze({ info: ignore, warn: ignore, error: ignore });

function ignore(): void {
  // Nobody wants to know.
}

/** What makes a balancer this one among all that a request may pass through: its machine, and a token of its own. */
export type Place = Readonly<{ hostname: string; instance: string }>;

/** The settings of a balancer, complete and frozen, from a checked definition. */
export function buildSettings(definition: BalancerDefinition, { hostname, instance }: Place): Settings {
  const name = definition.name ?? 'balancer';
  const { proxyaddheaders = true, proxypassreverse = true, logger = console } = definition;
  return Object.freeze({
    name,
    compat: definition.compat,
    members: buildMembers(definition),
    lbmethod: definition.lbmethod ?? 'byrequests',
    hashKey: buildHashKey(definition.hashKey),
    hashBalance: definition.hashBalance === false ? Infinity : (definition.hashBalance ?? 1.25),
    ejection: buildEjection(definition.ejection),
    sticky: buildSticky(definition),
    routeCookie: buildRouteCookie(definition.routeCookie),
    nofailover: definition.nofailover ?? false,
    maxattempts: definition.maxattempts,
    waitMs: toMilliseconds(definition.timeout ?? 0),
    deadlineMs: toOptionalMilliseconds(definition.deadline),
    holdMs: toMilliseconds(definition.hold ?? 0),
    queueLength: definition.queueLength ?? 1000,
    queueTimeoutMs: toMilliseconds(definition.queueTimeout ?? 10),
    resolver: Object.freeze(toList(definition.resolver)),
    serverTiming: definition.serverTiming ?? false,
    failonstatus: new Set(toList(definition.failonstatus)),
    failontimeout: definition.failontimeout ?? false,
    forcerecovery: definition.forcerecovery ?? true,
    failover: buildFailover(definition.failoverOn),
    replayBytes: definition.replayBytes ?? 65_536,
    exclude: Object.freeze(toList(definition.exclude).map(copyPattern)),
    pathRewrite:
      typeof definition.pathRewrite === 'object'
        ? Object.freeze({ ...definition.pathRewrite })
        : definition.pathRewrite,
    proxypreservehost: definition.proxypreservehost ?? false,
    xForwarded: proxyaddheaders === true || proxyaddheaders === 'x-forwarded' || proxyaddheaders === 'both',
    forwarded: proxyaddheaders === 'forwarded' || proxyaddheaders === 'both',
    trustProxy: buildTrust(definition.trustProxy),
    proxyvia: definition.proxyvia ?? 'Off',
    proxymaxforwards: definition.proxymaxforwards ?? -1,
    pseudonym: `${writeToken(hostname)}+${writeToken(name)}+${instance}`,
    errorOverride: buildErrorOverride(definition.proxyerroroverride ?? false),
    reverse: proxypassreverse !== false,
    reverseUrls: Object.freeze(isUrls(proxypassreverse) ? [...proxypassreverse] : []),
    reverseTable: Object.freeze(
      typeof proxypassreverse === 'object' && !isUrls(proxypassreverse) ? toPairs(proxypassreverse) : [],
    ),
    cookieDomain: buildTable(definition.proxypassreversecookiedomain ?? true),
    cookiePath: buildTable(definition.proxypassreversecookiepath ?? true),
    upgrade: buildUpgrade(definition.upgrade ?? 'websocket'),
    upgradeTimeoutMs: toOptionalMilliseconds(definition.upgradeTimeout),
    httpProxyMiddleware:
      definition.httpProxyMiddleware && Object.freeze({ ...definition.httpProxyMiddleware }),
    logger: logger === false ? silent : logger,
    silenced: buildSilenced(logger === false ? false : definition.warnings),
  });
}

function buildHashKey(hashKey: HashKey = 'ip'): HashKey {
  if (typeof hashKey !== 'object') return hashKey;
  const { header, cookie } = hashKey;
  // One that is there but undefined would be taken for the one that is meant.
  return Object.freeze(header === undefined ? { cookie } : { header });
}

function buildMembers({
  members,
  memberDefaults,
  proxytimeout = 60,
}: BalancerDefinition): readonly MemberSettings[] {
  const proxytimeoutMs = toMilliseconds(proxytimeout);
  const taken = new Set<string>();
  const built = members.map((member) => {
    const settings = buildMember(member, { memberDefaults, proxytimeoutMs, taken });
    taken.add(settings.name);
    return settings;
  });
  return Object.freeze(built);
}

function buildSticky(definition: BalancerDefinition): StickySettings | undefined {
  if (definition.stickysession === undefined) return undefined;
  const { stickysessionsep = '.', routeregex } = definition;
  return Object.freeze({
    ...splitStickysession(definition.stickysession),
    separator: stickysessionsep === 'Off' ? undefined : stickysessionsep,
    separatorMatch: definition.separatorMatch ?? 'first',
    routeregex: routeregex === undefined ? undefined : compilePattern(routeregex),
    scolonpathdelim: definition.scolonpathdelim ?? false,
  });
}

function buildRouteCookie(routeCookie: boolean | RouteCookie = false): RouteCookieSettings | undefined {
  if (routeCookie === false) return undefined;
  const { name, prefix = '', secret, path, secure, ...attributes } = routeCookie === true ? {} : routeCookie;
  return Object.freeze({
    name: name ?? 'ROUTEID',
    prefix,
    secrets: Object.freeze(toList(secret)),
    path,
    secure: secure ?? 'auto',
    attributes: Object.freeze({
      ...attributes,
      httpOnly: attributes.httpOnly ?? true,
      sameSite: attributes.sameSite ?? 'lax',
      ...(attributes.expires ? { expires: new Date(attributes.expires) } : {}),
    }),
  });
}

function buildFailover(failoverOn: BalancerDefinition['failoverOn'] = []): Settings['failover'] {
  const {
    status = [],
    methods = [],
    idempotencyKey = false,
  } = isStatuses(failoverOn) ? { status: failoverOn } : failoverOn;
  const field = idempotencyKey === true ? 'Idempotency-Key' : idempotencyKey;
  return Object.freeze({
    status: new Set(status),
    methods: new Set(methods),
    idempotencyKey: field === false ? undefined : field.toLowerCase(),
  });
}

// Array.isArray alone does not narrow readonly lists.
function isStatuses(failoverOn: readonly number[] | FailoverOn): failoverOn is readonly number[] {
  return Array.isArray(failoverOn);
}

function buildTrust(trust: BalancerDefinition['trustProxy']): Settings['trustProxy'] {
  return typeof trust === 'boolean' ? () => trust : trust;
}

function buildErrorOverride(override: boolean | readonly number[]): Settings['errorOverride'] {
  if (typeof override === 'boolean') return override ? (status) => status >= 400 : () => false;
  const statuses = new Set(override);
  return (status) => statuses.has(status);
}

function buildTable(table: boolean | Readonly<Record<string, string>>): Settings['cookieDomain'] {
  if (typeof table === 'boolean') return table;
  return Object.freeze(toPairs(table));
}

function toPairs(table: Readonly<Record<string, string>>): (readonly [string, string])[] {
  return Object.entries(table).map((pair) => Object.freeze(pair));
}

// Likewise.
function isUrls(value: NonNullable<BalancerDefinition['proxypassreverse']>): value is readonly string[] {
  return Array.isArray(value);
}

function buildUpgrade(upgrade: string | readonly string[] | false): ReadonlySet<string> {
  const protocols = upgrade === false ? [] : toList(upgrade);
  return new Set(protocols.map((protocol) => (/^any$/i.test(protocol) ? '*' : protocol.toLowerCase())));
}

/** RFC 9110 5.6.2, by way of percent-encoding, so that two names stay two. */
function writeToken(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(/[()]/g, (c) => (c === '(' ? '%28' : '%29'));
}

function copyPattern(pattern: PathPattern): PathPattern {
  return typeof pattern === 'object' ? copyRegExp(pattern) : pattern;
}

/** Where nobody is told, nobody needs to look. */
function buildSilenced(warnings: BalancerDefinition['warnings'] = true): Settings['silenced'] {
  return new Set(
    warningCodes.filter((code) => warnings === false || (warnings !== true && warnings[code] === false)),
  );
}

function toOptionalMilliseconds(duration: Duration | undefined): number | undefined {
  return duration === undefined ? undefined : toMilliseconds(duration);
}

/** One, several or none, as a new list. */
function toList<Element>(value: Element | readonly Element[] | undefined): Element[] {
  if (value === undefined) return [];
  return isList(value) ? value.slice() : [value];
}

function isList<Element>(value: Element | readonly Element[]): value is readonly Element[] {
  return Array.isArray(value);
}
