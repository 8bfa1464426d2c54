import type { Server, Work } from './draft.ts';

/** So much of each is read. */
export const most = { hosts: 1000, mappings: 2000, sections: 2000, rules: 2000, members: 5000 } as const;

/** What a mount of one host costs is paid for each of them; nobody writes so much by hand. */
const mostTogether = 20_000;

/** Whether there is no more than can be worked out in a moment; if there is, that is told. */
export function isWithinLimits(servers: readonly Server[], { ledger }: Work): boolean {
  const all = {
    hosts: servers.flatMap(({ host, items }) => (host === undefined ? [] : (items[0]?.head ?? []))),
    mappings: servers.flatMap(({ mappings, locations }) =>
      [...mappings, ...locations.flatMap(({ mapping }) => mapping ?? [])].map(({ source }) => source.at),
    ),
    sections: servers.flatMap(({ locations, proxies }) =>
      [...locations, ...proxies].map(({ item }) => item.head),
    ),
    rules: servers.flatMap((server) =>
      [server, ...server.locations, ...server.proxies].flatMap(({ reverses, cookieDomains, cookiePaths }) =>
        [...reverses, ...cookieDomains, ...cookiePaths].map(({ source }) => source.at),
      ),
    ),
    members: servers.flatMap(({ balancers }) =>
      [...balancers.values()].flatMap(({ members }) => members.map(({ source }) => source.at)),
    ),
  };
  const names = Object.keys(most) as (keyof typeof most)[];
  for (const name of names) {
    const { length, [most[name]]: first } = all[name];
    if (first === undefined) continue;
    ledger.fail(
      first,
      `there are ${length} ${name}, and this is the first beyond ${most[name]}`,
      'write several configurations',
    );
    return false;
  }
  const [main] = servers;
  const inherited = (main?.mappings.length ?? 0) * servers.length;
  const [mapping] = main?.mappings ?? [];
  if (mapping === undefined || inherited <= mostTogether) return true;
  ledger.fail(
    mapping.source.at,
    `${inherited} mounts are too many`,
    'write ProxyPass in the <VirtualHost> that it is for, and ProxyPassInherit Off',
  );
  return false;
}
