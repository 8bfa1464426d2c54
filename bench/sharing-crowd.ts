import { setTimeout as pause } from 'node:timers/promises';
import { createBalancer, type Balancer } from '../src/index.ts';
import { insideOf } from '../src/inside.ts';
import type { Attempt } from '../src/member/attempt.ts';
import { Status } from '../src/member/status.ts';
import { redisState } from '../src/redis/index.ts';

export type CrowdOrders = Readonly<{
  url: string;
  prefix: string;
  /** Of the server that all members are. */
  port: number;
  processes: number;
  members: number;
  /** How often members are checked; undefined: never. */
  intervalMs: number | undefined;
  busy: boolean;
  /** After which time a process that is not heard of is gone; a third of it lies between beats. */
  expiry: '2s' | '6s';
}>;

/** Many processes that share one balancer, in one. */
export type Crowd = Readonly<{
  untilShared(): Promise<void>;
  /** A member fails in one process, and the one before it is back. */
  flap(i: number): void;
  /** Every member fails in every process within a second; resolves when all of them know it of all. */
  failAll(): Promise<void>;
  /** Resolves when all of them know no member that is in error. */
  untilWell(): Promise<void>;
  /** Requests that come and end in each process, so many a second; each lasts a tenth of one. */
  serve(perSecond: number, ms: number): Promise<string>;
  close(): Promise<void>;
}>;

const patienceMs = 120_000;

export async function startCrowd(orders: CrowdOrders): Promise<Crowd> {
  const { url, prefix, port, processes, members, intervalMs, busy, expiry } = orders;
  const seats = Array.from({ length: processes }, () => {
    const state = redisState({ url, prefix, busy, expiry, logger: false });
    const balancer: Balancer = createBalancer({
      name: 'app',
      state,
      logger: false,
      memberDefaults: intervalMs ? { hcmethod: 'TCP', hcinterval: `${intervalMs}ms` } : {},
      members: Array.from({ length: members }, (_, i) => `http://127.0.0.1:${port}/${i}`),
    });
    return { state, balancer, members: insideOf(balancer).now().parts.members };
  });

  async function until(isSo: () => boolean): Promise<void> {
    const patience = performance.now() + patienceMs;
    while (!isSo()) {
      if (performance.now() > patience) throw new Error('the processes wait in vain for each other');
      await pause(20);
    }
  }
  const untilShared = (): Promise<void> =>
    until(() =>
      seats.every(({ state }) => {
        const status = state.status();
        return status.kind === 'shared' && status.processes === processes;
      }),
    );

  await untilShared();
  return {
    untilShared,
    flap(i) {
      const seat = seats[i % processes]!;
      const view = seat.members.view();
      seat.members.apply(view[i % members]!, 'failed');
      if (i === 0) return;
      const before = seats[(i - 1) % processes]!.members;
      // It is tried, and answers: that is told.
      before.apply(before.view()[(i - 1) % members]!, 'forced');
      before.apply(before.view()[(i - 1) % members]!, 'succeeded');
    },
    async failAll() {
      // In pieces: that is how failing requests come.
      for (let piece = 0; piece < 10; piece += 1) {
        for (const seat of seats) {
          const view = seat.members.view();
          for (let i = piece; i < members; i += 10) seat.members.apply(view[i]!, 'failed');
        }
        await pause(100);
      }
      await until(() => seats.every((seat) => seat.members.view().every(isInError)));
    },
    untilWell: () => until(() => !seats.some((seat) => seat.members.view().some(isInError))),
    async serve(perSecond, ms) {
      const underWay: Attempt[][] = [];
      const perTick = Math.max(1, Math.round(perSecond / 50));
      for (let tick = 0; tick < ms / 20; tick += 1) {
        underWay.push(seats.flatMap((seat) => Array.from({ length: perTick }, () => elect(seat.members))));
        if (underWay.length > 5) for (const attempt of underWay.shift()!) attempt.end();
        await pause(20);
      }
      for (const attempt of underWay.flat()) attempt.end();
      return '';
    },
    async close() {
      await Promise.all(seats.map(({ balancer }) => balancer.close()));
      await Promise.all(seats.map(({ state }) => state.close()));
    },
  };
}

type Members = ReturnType<ReturnType<typeof insideOf>['now']>['parts']['members'];

function isInError({ state }: ReturnType<Members['view']>[number]): boolean {
  return (state.status & Status.inError) !== 0;
}

/** As a method would choose, but without a walk over all members. */
function elect(members: Members): Attempt {
  const view = members.view();
  const member = view[Math.floor(Math.random() * view.length)]!;
  return members.elect({
    kind: 'member',
    member,
    reason: 'route',
    candidates: [member],
    probe: false,
    forced: false,
  });
}
