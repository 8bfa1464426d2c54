import type { AccessSection } from '../httpd-conf.ts';
import type { ProxyDraft, Server } from './draft.ts';
import type { HostPlan } from './list-plans.ts';
import { isFor, writeTarget } from './effective.ts';

/** Who may ask for what. httpd asks `<Proxy>` before `<Location>`, and the main server's before the host's; the last decides. */
export function listAccess(servers: readonly Server[], plans: readonly HostPlan[]): readonly AccessSection[] {
  return [
    ...servers.flatMap((server) => server.proxies.flatMap((proxy) => listOfProxy(proxy, server, plans))),
    ...servers.flatMap((server) =>
      server.locations.flatMap(({ access, at, item }): readonly AccessSection[] =>
        access === undefined ? [] : [{ ...hostOf(server), at, rule: access, place: item.place }],
      ),
    ),
  ];
}

/** A section for one URL holds for the paths that are proxied there. */
function listOfProxy(
  proxy: ProxyDraft,
  server: Server,
  plans: readonly HostPlan[],
): readonly AccessSection[] {
  const { access, item, matches } = proxy;
  if (access === undefined) return [];
  const section = { ...hostOf(server), rule: access, place: item.place };
  if (matches === '') return [section];
  const isSeen = (plan: HostPlan): boolean =>
    server.host === undefined || plan.host === undefined || plan.host === server.host;
  const paths = plans.filter((plan) => isSeen(plan) && isFor(proxy, writeTarget(plan.mapping)));
  return [...new Set(paths.map(({ mapping }) => mapping.at))].map((at) => ({ ...section, at }));
}

function hostOf({ host }: Server): Pick<AccessSection, 'host'> {
  return host === undefined ? {} : { host };
}
