import { createBalancer, type Balancer, type CloseOptions } from '../../balancer.ts';
import type { BalancerDefinition } from '../../definition/definition.ts';
import { insideOf } from '../../inside.ts';
import { createManager, type Manager } from '../../manager/index.ts';
import type { HttpdMount } from '../httpd-conf.ts';
import { compileGuards } from './guard.ts';
import type { Mounted } from './handler.ts';
import type { HttpdHandlerOptions } from './handler-options.ts';
import { chooseAuthorize } from './manager-access.ts';
import { compileRule } from './rule.ts';
import { compileSites, type FindSite } from './site.ts';

/** What a configuration is served with. */
export type House = Readonly<{
  find: FindSite;
  balancers: readonly Balancer[];
  manager: Manager | undefined;
  close(options?: CloseOptions): Promise<void>;
}>;

/** Builds everything, or leaves nothing running. */
export function buildHouse(conf: Mounted, options: HttpdHandlerOptions): House {
  const made = new Map<BalancerDefinition, Balancer>();
  try {
    const rules = conf.mounts.map((mount) => {
      const balancer = findBalancer(mount, made, options);
      const isCompat = balancer && insideOf(balancer).now().parts.settings.compat === 'httpd';
      return compileRule(mount, balancer, isCompat === true);
    });
    const balancers = [...new Set(rules.flatMap(({ balancer }) => balancer ?? []))];
    const find = compileSites(conf.hosts ?? [], rules, compileGuards(conf.access ?? []));
    const manager = buildManager(conf, options, balancers);
    return {
      find,
      balancers,
      manager,
      async close(asked) {
        manager?.close();
        await closeAll(made, asked);
      },
    };
  } catch (error) {
    // They have served nobody: it ends at once.
    void closeAll(made);
    throw error;
  }
}

async function closeAll(made: ReadonlyMap<unknown, Balancer>, asked?: CloseOptions): Promise<void> {
  await Promise.all([...made.values()].map((balancer) => balancer.close(asked)));
}

/** Mounts share a balancer where they share a definition. */
function findBalancer(
  mount: HttpdMount,
  made: Map<BalancerDefinition, Balancer>,
  { define, logger }: HttpdHandlerOptions,
): Balancer | undefined {
  if (mount.kind !== 'balancer') return undefined;
  if (mount.definition === undefined) return mount.balancer;
  const { definition } = mount;
  const known = made.get(definition);
  if (known) return known;
  const complete = logger === undefined ? definition : { logger, ...definition };
  const balancer: Balancer = createBalancer(define ? define(complete, mount) : complete);
  made.set(definition, balancer);
  return balancer;
}

function buildManager(
  conf: Mounted,
  { manager: given = {}, logger }: HttpdHandlerOptions,
  balancers: readonly Balancer[],
): Manager | undefined {
  if (!conf.mounts.some(({ kind }) => kind === 'manager')) return undefined;
  return createManager({
    // Without any, it is there for those of the app.
    ...(balancers.length > 0 ? { balancers } : {}),
    ...(logger === undefined ? {} : { logger }),
    ...given,
    authorize: given.authorize ?? chooseAuthorize(conf),
  });
}
