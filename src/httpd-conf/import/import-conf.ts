import type { HttpdConf, HttpdConfOptions } from '../httpd-conf.ts';
import type { Ledger } from '../ledger.ts';
import type { Item, Section } from '../syntax/directive.ts';
import type { Server, Work } from './draft.ts';
import { asksUrls, listAccess } from './list-access.ts';
import { isWithinLimits } from './limits.ts';
import { listManagers } from './list-managers.ts';
import { listMounts } from './list-mounts.ts';
import { listPlans } from './list-plans.ts';
import { planRules, readServerRules } from './list-rewrites.ts';
import { readHost } from './read-host.ts';
import { makeServer, readServer } from './read-server.ts';
import { tellUnused } from './tell-unused.ts';

/**
 * What a configuration comes to. Each directive gets a verdict; what is wrong is in the ledger's problems, and then the
 * result is not to be used.
 */
export function importConf(
  items: readonly Item[],
  ledger: Ledger,
  options: HttpdConfOptions,
): Omit<HttpdConf, 'notices'> {
  const work: Work = {
    ledger,
    options,
    listen: [],
    destinations: new Map(),
    tables: { entries: 0 },
    unknown: { count: 0 },
    ape: {},
  };
  const main = makeServer({
    id: 0,
    host: undefined,
    main: undefined,
    items: items.filter((item) => !isHost(item)),
    inherits: { mappings: true, balancers: true },
  });
  readServer(main, work);
  const hosts = items.filter(isHost).map((section, i) => readHostServer(section, i + 1, main, work));
  const servers = [main, ...hosts];
  const nothing = { mounts: [], hosts: [], access: [], listen: [] };
  if (!isWithinLimits(servers, work)) return nothing;
  const rules = readServerRules(main, hosts, work);
  const plans = [...planRules(rules, work), ...listPlans(main, hosts, work)];
  const mounts = listMounts(plans, work, { asksUrls: asksUrls(servers) });
  tellUnused(servers, plans, work);
  return {
    mounts: [...mounts, ...listManagers(servers, mounts, work)],
    hosts: hosts.map(({ host }) => host!),
    access: listAccess(servers),
    listen: work.listen,
  };
}

function readHostServer(section: Section, id: number, main: Server, work: Work): Server {
  const host = readHost(section, work);
  const isKept = section.items.some(
    ({ key, args }) => key === 'balancerinherit' && /^off$/i.test(args[0]?.text ?? ''),
  );
  const server = makeServer({
    id,
    host,
    main,
    items: section.items,
    inherits: { mappings: host.inherits, balancers: !isKept },
  });
  readServer(server, work);
  return server;
}

function isHost(item: Item): item is Section {
  return item.kind === 'section' && item.key === 'virtualhost';
}
