import { parseStatus } from '../member/status.ts';
import type { MemberDefinition, MemberParameters, TlsOptions } from './definition.ts';
import { toMilliseconds } from './duration.ts';
import { parseMemberUrl } from './member-url.ts';
import { isFault } from './problem.ts';
import type { MemberSettings } from './settings.ts';

/** What a member's settings depend on besides its own definition. */
export type MemberContext = Readonly<{
  memberDefaults: Omit<MemberParameters, 'route' | 'redirect'> | undefined;
  /** `timeout` of members that do not say otherwise. */
  proxytimeoutMs: number;
  /** Names of the members that are there already. */
  taken: ReadonlySet<string>;
}>;

/** The settings of one member, complete and frozen, from a checked definition of it. */
export function buildMember(definition: string | MemberDefinition, context: MemberContext): MemberSettings {
  const own = typeof definition === 'string' ? { url: definition } : definition;
  const address = parseMemberUrl(own.url);
  if (isFault(address)) throw new TypeError(`${address.problem}; ${address.advice}`);

  const all = { ...context.memberDefaults, ...withoutUndefined(own) };
  const timeoutMs = all.timeout === undefined ? context.proxytimeoutMs : toMilliseconds(all.timeout);
  const tls = { ...context.memberDefaults?.tls, ...own.tls };
  const hasTls = address.protocol === 'https:' && Object.keys(tls).length > 0;
  return Object.freeze({
    ...address,
    // As it is written, so that it is what its literal type says.
    name: all.route === undefined || context.taken.has(all.route) ? own.url : all.route,
    route: all.route,
    redirect: all.redirect,
    // httpd keeps hundredths and cuts off the rest: 1.999 is 199.
    lbfactor: Math.trunc((all.loadfactor ?? 1) * 100),
    lbset: all.lbset ?? 0,
    status: parseStatus(all.status ?? ''),
    retryMs: toMilliseconds(all.retry ?? 60),
    timeoutMs,
    connectTimeoutMs: all.connectiontimeout === undefined ? timeoutMs : toMilliseconds(all.connectiontimeout),
    ttlMs: all.ttl === undefined ? undefined : toMilliseconds(all.ttl),
    disablereuse: all.disablereuse ?? false,
    keepalive: all.keepalive ?? false,
    maxHeadBytes: all.responsefieldsize ?? 16_384,
    tls: hasTls ? copyTls(tls) : undefined,
  });
}

/** Lists are ours to freeze; certificates and keys are the user's. */
function copyTls(tls: TlsOptions): TlsOptions {
  const entries = Object.entries(withoutUndefined(tls)).map(([name, value]: [string, unknown]) => [
    name,
    Array.isArray(value) ? Object.freeze([...(value as unknown[])]) : value,
  ]);
  return Object.freeze(Object.fromEntries(entries) as TlsOptions);
}

/** An option that is there but undefined must not hide a default. */
function withoutUndefined<Options extends object>(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options;
}
