import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { format } from 'node:util';
import express from 'express';
import type { CheckReport } from '../../../src/health/check-loop.ts';
import { createBalancer, type Balancer, type BalancerDefinition } from '../../../src/index.ts';
import { insideOf } from '../../../src/inside.ts';
import { createManager } from '../../../src/manager/index.ts';
import type { MemberSnapshot } from '../../../src/member/snapshot.ts';
import { redisState } from '../../../src/redis/index.ts';
import type { HubStatus } from '../../../src/sharing/hub.ts';

/*
 * One process of a site: an Express app with a manager and a balancer, told what to be by its first argument and steered
 * over the channel to the process that has started it. It ends with that channel.
 */

/** What its state is made from. */
export type StateOrders = Readonly<{ url: string; prefix: string; busy?: boolean }>;

/** What a worker is told to be: JSON. */
export type WorkerOrders = Readonly<{
  definition: BalancerDefinition;
  /** Undefined: it shares nothing. */
  state: StateOrders | undefined;
  /** A socket's path; undefined: a free port of 127.0.0.1. */
  path: string | undefined;
}>;

/** What the program of a worker can be made to do, as the balancer's methods of these names do it. */
export type WorkerDeeds = Readonly<Pick<Balancer, 'change' | 'add' | 'remove' | 'configure' | 'drain'>>;

/** What a worker is asked. */
export type Question =
  | Readonly<{ kind: 'look' }>
  | Readonly<{ kind: 'do'; deed: keyof WorkerDeeds; args: readonly unknown[] }>
  | Readonly<{ kind: 'close' }>;

/** How a worker sees the site: what is of no use in a test is left out. */
export type Look = Readonly<{
  view: readonly MemberSnapshot[];
  process: string | undefined;
  status: HubStatus | undefined;
  /** By member. */
  checks: Readonly<Record<string, CheckReport>>;
  /** Requests charged to each member in other processes. */
  busyElsewhere: Readonly<Record<string, number>>;
  /** How often the members were elected in each other process. */
  electedElsewhere: Readonly<Record<string, number>>;
  /** Every line it has logged. */
  log: readonly string[];
}>;

export type ToWorker = Readonly<{ id: number; question: Question }>;
export type FromWorker =
  | Readonly<{ kind: 'ready'; port: number }>
  | Readonly<{ kind: 'answer'; id: number; look: Look | undefined; error: string | undefined }>;

const { definition, state: options, path } = JSON.parse(process.argv[2]!) as WorkerOrders;
const log: string[] = [];
const note = (...words: unknown[]): void => void log.push(format(...words));
const logger = { info: note, warn: note, error: note };

const state = options && redisState({ logger, ...options });
const balancer: Balancer = createBalancer({ logger, ...definition, ...(state && { state }) });
const manager = createManager({ authorize: () => 'ann', balancers: [balancer], logger });
const app = express();
app.use('/-/manager', manager);
app.use(balancer);
const server = createServer(app);
// A connection that ends by itself just when a request comes is no fault of what is tested.
server.keepAliveTimeout = 0;
server.listen(path === undefined ? { port: 0, host: '127.0.0.1' } : { path }, () => {
  say({ kind: 'ready', port: path === undefined ? (server.address() as AddressInfo).port : 0 });
});

process.on('message', ({ id, question }: ToWorker) => {
  answer(question).then(
    (look) => {
      say({ kind: 'answer', id, look, error: undefined });
    },
    (error: unknown) => {
      say({ kind: 'answer', id, look: undefined, error: format(error) });
    },
  );
});
process.on('disconnect', () => {
  process.exit();
});

function say(message: FromWorker): void {
  process.send!(message);
}

async function answer(question: Question): Promise<Look | undefined> {
  switch (question.kind) {
    case 'look':
      return look();
    case 'do': {
      const done: unknown = Reflect.apply(balancer[question.deed], balancer, question.args);
      // It is refused at once; under load a member may be busy for as long as it likes.
      if (done instanceof Promise) await Promise.race([done, turn()]);
      return undefined;
    }
    case 'close':
      manager.close();
      await balancer.close();
      await state?.close();
      server.closeAllConnections();
      server.close();
      process.disconnect();
      return undefined;
  }
}

async function look(): Promise<Look> {
  const works = insideOf(balancer);
  const membership = works.membership();
  await membership?.totals.refresh();
  const members = works.now().parts.members.view();
  const others = membership?.totals.others() ?? [];
  return {
    view: balancer.view(),
    process: membership?.report().process,
    status: membership?.report().status,
    checks: Object.fromEntries(
      members.flatMap((member) => {
        const report = works.checkReport(member);
        return report ? [[member.settings.name, report]] : [];
      }),
    ),
    busyElsewhere: Object.fromEntries(members.map((each) => [each.settings.name, each.busyElsewhere])),
    electedElsewhere: Object.fromEntries(
      others.map((other) => [
        other.process,
        [...other.members.values()].reduce((sum, { elected }) => sum + elected, 0),
      ]),
    ),
    log,
  };
}
