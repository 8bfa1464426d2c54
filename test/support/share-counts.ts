import type { Logger } from '../../src/index.ts';
import type { Hub } from '../../src/sharing/hub.ts';
import type { Membership, SharedState } from '../../src/sharing/membership.ts';
import { shareTotals, type TotalsShare } from '../../src/sharing/share-totals.ts';

/** A state that shares what was counted, and nothing else. */
export function shareCounts(hub: Hub, logger: Pick<Logger, 'warn'> = { warn: () => undefined }): SharedState {
  const shares = new Set<TotalsShare>();
  hub.start({
    entries: () => undefined,
    told: () => undefined,
    known: () => [],
    changed: () => undefined,
    totals: () => [...shares].flatMap((share) => [...share.fields()]),
    left(process) {
      for (const share of shares) share.left(process);
    },
  });
  return {
    join(balancer) {
      const share = shareTotals({ balancer, hub, logger });
      shares.add(share);
      const membership: Partial<Membership> = {
        report: () => ({ process: hub.process, status: hub.status() }),
        totals: share.totals,
        charged: () => undefined,
        changed: () => undefined,
        leave() {
          share.leave();
          shares.delete(share);
        },
      };
      // Nothing else is shared here: no test of counts asks for it.
      return membership as Membership;
    },
    status: hub.status,
    ready: () => Promise.resolve(),
    close: hub.close,
  };
}
