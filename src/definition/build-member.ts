import { parseStatus } from '../member/status.ts';
import { buildHealth } from './build-health.ts';
import { copyRegExp } from './copy-reg-exp.ts';
import type { BalancerDefinition } from './definition.ts';
import { isRegExp } from './describe.ts';
import { longestMs, toMilliseconds } from './duration.ts';
import type {
  HandlerMember,
  HcExpectation,
  MemberDefinition,
  MemberParameters,
  ServerMember,
  TlsOptions,
} from './member-definition.ts';
import { parseMemberUrl, type MemberAddress } from './member-url.ts';
import { isFault } from './problem.ts';
import type { Inherited, MemberSettings } from './settings.ts';

/** What a member's settings depend on besides its own definition. */
export type MemberContext = Readonly<{
  memberDefaults: BalancerDefinition['memberDefaults'];
  /** `timeout` of members that do not say otherwise. */
  proxytimeoutMs: number;
  /** Names of the members that are there already. */
  taken: ReadonlySet<string>;
}>;

/** Who and where a member is: what no parameter says. */
type Identity = MemberAddress & Pick<MemberSettings, 'name'>;

/** What a member that is a function has for an address: nobody connects to it. */
const noAddress: Omit<MemberAddress, 'url'> = {
  origin: 'http://local.invalid',
  protocol: 'http:',
  hostname: 'local.invalid',
  port: 80,
  host: '',
  socketPath: undefined,
  basePath: '',
  path: '/',
};

/** The settings of one member, complete and frozen, from a checked definition of it. */
export function buildMember(definition: string | MemberDefinition, context: MemberContext): MemberSettings {
  const own = typeof definition === 'string' ? { url: definition } : definition;
  const { taken, memberDefaults, proxytimeoutMs } = context;
  if (own.handler !== undefined) {
    const name = nameMember(own.route, nameHandler(taken), taken);
    const identity = { ...noAddress, name, url: `local:${name}` };
    const inherited = inherit(pickFitting(memberDefaults), proxytimeoutMs);
    return buildHandler(identity, mergeHandler(own, inherited.parameters), inherited);
  }
  const address = parseMemberUrl(own.url);
  if (isFault(address)) throw new TypeError(`${address.problem}; ${address.advice}`);
  const identity = { ...address, name: nameMember(own.route, own.url, taken) };
  const inherited = inherit(memberDefaults, proxytimeoutMs);
  return buildServer(identity, mergeServer(own, inherited.parameters), inherited);
}

/** The settings of a member after a change of its parameters: it stays where it is, and keeps its name and initial flags. */
export function rebuildMember(member: MemberSettings, definition: MemberDefinition): MemberSettings {
  const { name, url, origin, protocol, hostname, port, host, socketPath, basePath, path } = member;
  const identity = { name, url, origin, protocol, hostname, port, host, socketPath, basePath, path };
  const { status, resolve, inherited = inherit() } = member;
  const built =
    definition.handler === undefined
      ? buildServer(identity, freeze(definition), inherited)
      : buildHandler(identity, freeze(definition), inherited);
  return Object.freeze({ ...built, status, resolve });
}

function inherit(parameters: MemberParameters = {}, proxytimeoutMs = 60_000): Inherited {
  return Object.freeze({ parameters: freeze(withoutUndefined(parameters)), proxytimeoutMs });
}

function buildServer(identity: Identity, all: ServerMember, inherited: Inherited): MemberSettings {
  const timeoutMs = all.timeout === undefined ? inherited.proxytimeoutMs : toMilliseconds(all.timeout);
  const hasTls = identity.protocol === 'https:' && all.tls !== undefined && Object.keys(all.tls).length > 0;
  return Object.freeze({
    ...buildShared(identity, all),
    ...buildRetry(all),
    slowStartMs: toMilliseconds(all.slowStart ?? 0),
    timeoutMs,
    connectTimeoutMs: all.connectiontimeout === undefined ? timeoutMs : toMilliseconds(all.connectiontimeout),
    ttlMs: all.ttl === undefined ? undefined : toMilliseconds(all.ttl),
    disablereuse: all.disablereuse ?? false,
    keepalive: all.keepalive ?? false,
    maxHeadBytes: all.responsefieldsize ?? 16_384,
    tls: hasTls ? all.tls : undefined,
    health: buildHealth(all, identity),
    resolve: all.resolve,
    handler: undefined,
    definition: all,
    inherited,
  });
}

function buildHandler(identity: Identity, all: HandlerMember, inherited: Inherited): MemberSettings {
  return Object.freeze({
    ...buildShared(identity, all),
    ...buildRetry({}),
    slowStartMs: 0,
    timeoutMs: inherited.proxytimeoutMs,
    connectTimeoutMs: inherited.proxytimeoutMs,
    ttlMs: undefined,
    disablereuse: false,
    keepalive: false,
    maxHeadBytes: 16_384,
    tls: undefined,
    health: undefined,
    resolve: undefined,
    handler: all.handler,
    definition: all,
    inherited,
  });
}

/** What members of either kind have. */
function buildShared(identity: Identity, all: Omit<HandlerMember, 'handler' | 'url'>) {
  return {
    ...identity,
    route: all.route,
    redirect: all.redirect,
    // httpd keeps hundredths and cuts off the rest: 1.999 is 199. In binary, 20.15 × 100 is a little less than 2015.
    lbfactor: Math.trunc(Number(((all.loadfactor ?? 1) * 100).toFixed(6))),
    lbset: all.lbset ?? 0,
    status: parseStatus(all.status ?? ''),
    max: all.max ?? Infinity,
    acquireMs: all.acquire === undefined ? undefined : toMilliseconds(all.acquire, 'ms'),
  };
}

function buildRetry({
  retry = 60,
  retryMax,
}: MemberParameters): Pick<MemberSettings, 'retryMs' | 'retryMaxMs'> {
  const retryMs = toMilliseconds(retry);
  if (retryMax === false) return { retryMs, retryMaxMs: retryMs };
  return {
    retryMs,
    retryMaxMs: retryMax === undefined ? Math.min(10 * retryMs, longestMs) : toMilliseconds(retryMax),
  };
}

/** As it is written, so that it is what its literal type says. */
function nameMember(route: string | undefined, other: string, taken: ReadonlySet<string>): string {
  return route === undefined || taken.has(route) ? other : route;
}

function nameHandler(taken: ReadonlySet<string>): string {
  let name = 'handler';
  for (let i = 2; taken.has(name); i += 1) name = `handler-${i}`;
  return name;
}

function mergeServer(own: ServerMember, defaults: MemberParameters): ServerMember {
  const all = { ...defaults, ...withoutUndefined(own) };
  return freeze(
    all.tls === undefined
      ? all
      : { ...all, tls: { ...withoutUndefined(defaults.tls ?? {}), ...withoutUndefined(own.tls ?? {}) } },
  );
}

/** Of the defaults, those that a function can have. */
function pickFitting(defaults: MemberParameters = {}): MemberParameters {
  const names = ['loadfactor', 'lbset', 'status', 'max', 'acquire'];
  return Object.fromEntries(Object.entries(defaults).filter(([name]) => names.includes(name)));
}

function mergeHandler(own: HandlerMember, defaults: MemberParameters): HandlerMember {
  // Those that fit.
  return freeze({ ...(defaults as Omit<HandlerMember, 'handler'>), ...withoutUndefined(own) });
}

/** Lists, records and patterns are ours to freeze; certificates and keys are the user's. */
function freeze<Definition extends MemberDefinition | MemberParameters>(definition: Definition): Definition {
  const { tls, hcheaders, hcexpect, warmUp } = definition as MemberParameters;
  const copies = {
    ...(tls && { tls: copyTls(tls) }),
    ...(hcheaders && { hcheaders: Object.freeze({ ...hcheaders }) }),
    ...(hcexpect && { hcexpect: copyExpectation(hcexpect) }),
    ...(Array.isArray(warmUp) ? { warmUp: Object.freeze([...(warmUp as readonly string[])]) } : {}),
  };
  // The same options, each of its own type.
  return Object.freeze({ ...definition, ...copies }) as Definition;
}

function copyTls(tls: TlsOptions): TlsOptions {
  const entries = Object.entries(tls).map(([name, value]: [string, unknown]) => [
    name,
    Array.isArray(value) ? Object.freeze([...(value as unknown[])]) : value,
  ]);
  return Object.freeze(Object.fromEntries(entries) as TlsOptions);
}

function copyExpectation(
  hcexpect: NonNullable<MemberParameters['hcexpect']>,
): NonNullable<MemberParameters['hcexpect']> {
  if (typeof hcexpect === 'function') return hcexpect;
  if (isRegExp(hcexpect)) return copyRegExp(hcexpect);
  if (Array.isArray(hcexpect)) return Object.freeze([...(hcexpect as readonly number[])]);
  const { status, body } = hcexpect as HcExpectation;
  return Object.freeze({
    ...(status && { status: Object.freeze([...status]) }),
    ...(body !== undefined && { body: typeof body === 'string' ? body : copyRegExp(body) }),
  });
}

/** An option that is there but undefined must not hide a default. */
function withoutUndefined<Options extends object>(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options;
}
