import { clock } from '../clock.ts';
import type { Balancer } from '../balancer.ts';
import type { Logger } from '../definition/definition.ts';
import { DefinitionError, stateProblem } from '../definition/problem.ts';
import { insideOf } from '../inside.ts';
import type { Hub } from './hub.ts';
import type { Membership, SharedState } from './membership.ts';
import { createReplica, writeKey } from './replica.ts';
import { createSharedLog } from './share-changes.ts';
import { shareBusy } from './share-busy.ts';
import { shareChecks } from './share-checks.ts';
import { shareErrors } from './share-errors.ts';
import { shareTotals } from './share-totals.ts';
import { createStatusTeller } from './tell-status.ts';

/** How a state is shared, whatever carries it. */
export type SharingOptions = Readonly<{
  logger: Logger;
  /** Whether the counts of requests under way are shared, which `bybusyness` then goes by. */
  busy: boolean;
  /** Milliseconds since 1970. */
  now?: () => number;
}>;

/** What one balancer shares. */
type Seat = Readonly<{
  membership: Membership;
  told(topic: string, text: string, process: string): void;
  left(process: string): void;
  totals(): Iterable<readonly [field: string, value: string]>;
}>;

/** Lets balancers share their state through a hub, from now on. */
export function createSharedState(hub: Hub, options: SharingOptions): SharedState {
  const { logger, busy, now = clock.date } = options;
  const replica = createReplica({ hub, logger, now });
  const log = createSharedLog({ replica, token: hub.token, logger });
  const tellStatus = createStatusTeller(logger);
  /** By the name of the balancer, as keys have it. */
  const seats = new Map<string, Seat>();
  const heard = Promise.withResolvers<undefined>();
  let closing: Promise<void> | undefined;
  let isClosed = false;

  hub.start({
    entries: replica.hear,
    known: replica.known,
    changed(status) {
      if (status.kind !== 'joining') heard.resolve(undefined);
      tellStatus(status);
    },
    told(topic, text, process) {
      const [, name = ''] = topic.split('/');
      seats.get(name)?.told(topic, text, process);
    },
    left(process) {
      for (const seat of seats.values()) seat.left(process);
    },
    totals() {
      const all = [...seats.values()].flatMap((seat) => [...seat.totals()]);
      const isOfBalancer = ([field]: readonly [string, string]): boolean => !field.includes('/');
      // A hub takes so many and no more; without the field of its balancer what is told of a member counts for nothing.
      return [...all.filter(isOfBalancer), ...all.filter((each) => !isOfBalancer(each))];
    },
  });

  function takeSeat(balancer: Balancer, key: string): Seat {
    const checksTopic = `checks/${key}`;
    const busyTopic = `busy/${key}`;
    const errors = shareErrors({ balancer, replica, logger, now });
    const checks = shareChecks({ balancer, replica, hub, now });
    const totals = shareTotals({ balancer, hub, logger });
    const charges = busy ? shareBusy({ balancer, hub }) : undefined;
    log.join(balancer);
    const seat: Seat = {
      told(topic, text, process) {
        if (topic === checksTopic) checks.told(text, process);
        if (topic === busyTopic) charges?.told(text, process);
      },
      left(process) {
        checks.left(process);
        totals.left(process);
        charges?.left(process);
      },
      totals: totals.fields,
      membership: {
        report: () => ({ process: hub.process, status: hub.status() }),
        changes: log.changesOf(balancer),
        log: log.log,
        duty: checks.duty,
        changed: errors.changed,
        charged(member) {
          charges?.charged(member);
        },
        totals: totals.totals,
        leave() {
          // Whoever has left may have another one in its place.
          if (seats.get(key) !== seat) return;
          seats.delete(key);
          log.leave(balancer);
          for (const part of [errors, checks, totals]) part.leave();
          charges?.leave();
        },
      },
    };
    return seat;
  }

  async function leaveAll(): Promise<void> {
    isClosed = true;
    heard.resolve(undefined);
    for (const { membership } of [...seats.values()]) membership.leave();
    log.close();
    await hub.close();
  }

  const state: SharedState = {
    join(balancer) {
      const { name } = insideOf(balancer).now().parts.settings;
      const [, key = ''] = writeKey('', name).split('/');
      if (isClosed) throw refuse('state', state, closed);
      if (seats.has(key)) throw refuse('name', name, taken);
      const seat = takeSeat(balancer, key);
      seats.set(key, seat);
      return seat.membership;
    },
    status: hub.status,
    async ready() {
      // Nothing else may keep the process yet: connections are opened a moment later.
      const keeping = clock.setRepeating(() => undefined, 60_000);
      await heard.promise;
      clock.clear(keeping);
      log.log.sync();
    },
    close: () => (closing ??= leaveAll()),
  };
  return state;
}

const taken = {
  problem: 'another balancer of this process shares its state by this name',
  advice: 'write another name, or close that one first',
};

const closed = {
  problem: 'it is closed',
  advice: 'create the balancer before, or with another state',
};

function refuse(path: string, given: unknown, fault: typeof taken): DefinitionError {
  return new DefinitionError([stateProblem(path, given, fault)]);
}
