import type { Scope, Server, Source, Work } from './draft.ts';
import type { Plan } from './plan.ts';

/** Tells what was understood and holds for nothing: directives of sections, balancers that nobody is sent to. */
export function tellUnused(servers: readonly Server[], plans: readonly Plan[], work: Work): void {
  const used = new Set(plans.flatMap((plan) => plan.used));
  for (const { locations, proxies, balancers } of servers) {
    for (const scope of [...locations, ...proxies]) {
      if (used.has(scope)) continue;
      for (const { item } of listSources(scope))
        work.ledger.drop(item, 'nothing is proxied there that it could hold for');
    }
    for (const draft of balancers.values()) {
      if (plans.some(({ destination }) => destination?.draft?.name === draft.name)) continue;
      if (draft.isDefined)
        work.ledger.differ(
          draft.source.item,
          `no ProxyPass leads to balancer ${draft.name}, so it is not made`,
        );
    }
  }
}

function listSources({ settings, reverses, cookieDomains, cookiePaths }: Scope): readonly Source[] {
  return [
    ...settings.from.values(),
    ...[...reverses, ...cookieDomains, ...cookiePaths].map(({ source }) => source),
  ];
}
