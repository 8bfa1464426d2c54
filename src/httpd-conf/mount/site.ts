import type { HttpdConf, VirtualHost } from '../httpd-conf.ts';
import { chooseHost, type Coming } from './host.ts';
import type { AccessGuard } from './guard.ts';
import type { Rule } from './rule.ts';

/** What holds for the requests of one host. */
export type Site = Readonly<{
  /** Undefined: there are no virtual hosts. */
  host: VirtualHost | undefined;
  /** In the order in which they are tried, without those of managers. */
  rules: readonly Rule[];
  /** The second phase. */
  managers: readonly Rule[];
  guards: readonly AccessGuard[];
}>;

/** Finds the site that a request is for. */
export type FindSite = (coming: Coming) => Site;

/** Divides rules and access among the hosts. */
export function compileSites(
  hosts: HttpdConf['hosts'],
  rules: readonly Rule[],
  guards: readonly AccessGuard[],
): FindSite {
  const build = (host: VirtualHost | undefined): Site => ({
    host,
    rules: rules.filter(({ mount }) => mount.kind !== 'manager' && isTried(mount.host, host)),
    // Sections are merged into every host, whether it inherits ProxyPass or not.
    managers: rules.filter(({ mount }) => mount.kind === 'manager' && isOf(mount.host, host)),
    guards: guards.filter(({ section }) => isOf(section.host, host)),
  });
  if (hosts.length === 0) {
    const main = build(undefined);
    return () => main;
  }
  const sites = new Map(hosts.map((host) => [host, build(host)]));
  const hasMounts = (host: VirtualHost): boolean => {
    const { rules: own, managers } = sites.get(host)!;
    return own.length > 0 || managers.length > 0;
  };
  return (coming) => sites.get(chooseHost(hosts, coming, hasMounts)!)!;
}

function isTried(of: VirtualHost | undefined, host: VirtualHost | undefined): boolean {
  return of === host || (of === undefined && (host?.inherits ?? true));
}

function isOf(of: VirtualHost | undefined, host: VirtualHost | undefined): boolean {
  return of === host || of === undefined;
}
