import { createBalancer, type Balancer, type BalancerDefinition } from '../../../src/index.ts';
import { insideOf } from '../../../src/inside.ts';
import type { MemberEvent } from '../../../src/member/member-state.ts';
import type { MemberSnapshot } from '../../../src/member/snapshot.ts';
import { identifyMember } from '../../../src/roster/diff-members.ts';
import type { Entry } from '../../../src/sharing/hub.ts';
import type { Membership } from '../../../src/sharing/membership.ts';
import { createReplica, writeKey, type Replica } from '../../../src/sharing/replica.ts';
import { shareErrors } from '../../../src/sharing/share-errors.ts';
import type { MemoryNet, TestHub } from '../../support/memory-net.ts';

/** A process that shares nothing but the errors of one balancer's members. */
export type ErrorProcess = Readonly<{
  balancer: Balancer;
  hub: TestHub;
  replica: Replica;
  /** The key of what is said of a member. */
  key(member: string): string;
  /** How many words it has said. */
  said: () => number;
  warnings: readonly string[];
  /** Something happens to a member. */
  apply(member: string, ...events: readonly MemberEvent[]): void;
  member(name: string): MemberSnapshot;
  /** The members' letters, one after the other. */
  letters(): readonly string[];
  leave(): void;
}>;

/** What a test may want otherwise. */
export type ErrorProcessOptions = Partial<BalancerDefinition> &
  Readonly<{
    /** How far the wall clock of this process is ahead. */
    aheadMs?: number;
    chance?: number;
  }>;

export const begin = 1_790_000_000_000;

const running: Balancer[] = [];

/** Closes every balancer that a test has started. */
export async function closeProcesses(): Promise<void> {
  await Promise.all(running.splice(0).map((balancer) => balancer.close()));
}

/** Starts a process with the members `a`, `b` and `c`, which are tried again after ten seconds. */
export function startErrorProcess(net: MemoryNet, options: ErrorProcessOptions = {}): ErrorProcess {
  const { aheadMs = 0, chance = 0, ...definition } = options;
  const now = (): number => begin + aheadMs + Math.round(performance.now());
  const hub = net.hub();
  let said = 0;
  const counted = {
    ...hub,
    put(entries: readonly Entry[]) {
      said += entries.length;
      hub.put(entries);
    },
  };
  const warnings: string[] = [];
  const logger = { info: noop, warn: (text: string) => warnings.push(text), error: noop };
  const replica = createReplica({ hub: counted, logger, now });
  const balancer: Balancer = createBalancer({
    name: 'app',
    logger: false,
    members: ['a', 'b', 'c'].map((route) => ({ url: `http://${route}.test/`, route, retry: 10 })),
    ...definition,
  });
  running.push(balancer);
  hub.start({
    entries: replica.hear,
    known: replica.known,
    told: noop,
    left: noop,
    totals: () => [],
    changed: noop,
  });
  const errors = shareErrors({ balancer, replica, logger, now, random: () => chance });
  const works = insideOf(balancer);
  // Of what a balancer shares it is asked for no more here.
  works.join({ changed: errors.changed, charged: noop, leave: errors.leave } as unknown as Membership);

  return {
    balancer,
    hub,
    replica,
    key: (member) => writeKey('error', 'app', identifyMember(works.roster.find(member).settings)),
    said: () => said,
    warnings,
    apply(name, ...events) {
      for (const event of events) works.now().parts.members.apply(works.roster.find(name), event);
    },
    member: (name) => balancer.view().find((each) => each.name === name)!,
    letters: () => balancer.view().map(({ status }) => status),
    leave: errors.leave,
  };
}

function noop(): void {
  // Nobody asks.
}
