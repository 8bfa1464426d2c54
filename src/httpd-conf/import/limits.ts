import type { Server, Work } from './draft.ts';

const most = { hosts: 1000, mappings: 2000, sections: 2000, rules: 2000, members: 5000 } as const;

/** What a mount of one host costs is paid for each of them; nobody writes so much by hand. */
const mostTogether = 20_000;

/** Whether there is no more than can be worked out in a moment; if there is, that is told. */
export function isWithinLimits(servers: readonly Server[], { ledger }: Work): boolean {
  const counts = {
    hosts: servers.length,
    mappings: sum(
      servers,
      ({ mappings, locations }) => mappings.length + locations.filter(({ mapping }) => mapping).length,
    ),
    sections: sum(servers, ({ locations, proxies }) => locations.length + proxies.length),
    rules: sum(servers, (server) =>
      [server, ...server.locations, ...server.proxies].reduce(
        (total, { reverses, cookieDomains, cookiePaths }) =>
          total + reverses.length + cookieDomains.length + cookiePaths.length,
        0,
      ),
    ),
    members: sum(servers, ({ balancers }) =>
      [...balancers.values()].reduce((total, { members }) => total + members.length, 0),
    ),
  };
  const names = Object.keys(most) as (keyof typeof most)[];
  const over = names.find((name) => counts[name] > most[name]);
  const inherited = (servers[0]?.mappings.length ?? 0) * servers.length;
  const at = servers.flatMap(({ items }) => items[0]?.head ?? [])[0];
  if (at === undefined || (over === undefined && inherited <= mostTogether)) return true;
  if (over === undefined)
    ledger.fail(
      at,
      `${inherited} mounts are too many`,
      'write ProxyPass in the <VirtualHost> that it is for, and ProxyPassInherit Off',
    );
  else
    ledger.fail(
      at,
      `there are ${counts[over]} ${over}, of at most ${most[over]}`,
      'write several configurations',
    );
  return false;
}

function sum(servers: readonly Server[], count: (server: Server) => number): number {
  return servers.reduce((total, server) => total + count(server), 0);
}
