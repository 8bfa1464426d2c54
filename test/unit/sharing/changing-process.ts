import { afterEach } from '@jest/globals';
import { createBalancer, type Balancer, type BalancerDefinition } from '../../../src/index.ts';
import type { Change, ChangeRequest, Deed } from '../../../src/changes/change.ts';
import { insideOf } from '../../../src/inside.ts';
import type { SharedChanges } from '../../../src/sharing/membership.ts';
import { createReplica, type OwnReplica } from '../../../src/sharing/replica.ts';
import { createSharedLog, type SharedLog } from '../../../src/sharing/share-changes.ts';
import type { MemoryNet, TestHub } from '../../support/memory-net.ts';
import { createFakeClock, createNotes, type FakeClock } from '../changes/support.ts';

const running: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((stop) => stop()));
});

/** A process that shares the changes on its balancer. */
export type ChangingProcess = Readonly<{
  hub: TestHub;
  replica: OwnReplica;
  shared: SharedLog;
  balancer: Balancer;
  program: SharedChanges;
  notes: readonly string[];
  make(deed: Deed, terms?: Partial<Omit<ChangeRequest, 'deed'>>): Change;
  undo(change: Pick<Change, 'id'>): Change;
  /** Members, flags and options, as they are when all that was heard is laid. */
  look(): unknown;
  members(): readonly string[];
}>;

export function startProcess(
  net: MemoryNet,
  options: Readonly<{ clock?: FakeClock; definition?: Partial<BalancerDefinition>; start?: boolean }> = {},
): ChangingProcess {
  const { clock = createFakeClock() } = options;
  const { notes, logger } = createNotes();
  const hub = net.hub();
  const replica = createReplica({ hub, logger, now: clock.now });
  const shared = createSharedLog({ replica, token: hub.token, logger, clock });
  hub.start({
    entries: replica.hear,
    known: replica.known,
    told: () => undefined,
    left: () => undefined,
    totals: () => [],
    changed: () => undefined,
  });
  const balancer: Balancer = createBalancer({
    name: 'app',
    members: ['a', 'b', 'c'].map((route) => ({ url: `http://${route}.invalid`, route })),
    logger,
    ...options.definition,
  });
  shared.join(balancer);
  running.push(async () => {
    shared.close();
    await balancer.close();
  });
  const settle = (): void => {
    shared.log.sync();
  };
  return {
    hub,
    replica,
    shared,
    balancer,
    program: shared.changesOf(balancer),
    notes,
    make: (deed, terms = {}) =>
      shared.log.make({ deed, reason: undefined, forMs: undefined, ...terms }, 'ann'),
    undo: ({ id }) => shared.log.undo(id, 'bob'),
    look() {
      settle();
      const views = insideOf(balancer).now().parts.members.view();
      const members = views.map(({ settings: { url, definition }, state }) => ({
        url,
        ...definition,
        status: state.status,
      }));
      // Each has a logger of its own.
      const definition = { ...insideOf(balancer).roster.definition(), logger: undefined };
      return { members: members.sort((one, other) => (one.url < other.url ? -1 : 1)), definition };
    },
    members() {
      settle();
      return balancer
        .view()
        .map(({ url, status, loadfactor }) => `${url.slice(7)}${status && ` ${status}`} ${loadfactor}`)
        .sort();
    },
  };
}
