import { setTimeout as pause } from 'node:timers/promises';
import { expect } from '@jest/globals';
import type { BalancerDefinition } from '../../../src/index.ts';
import { startLoad, type Load } from './load.ts';
import { checkHeader, startSiteBackend, type SiteBackend } from './site-backend.ts';
import { startWorker, type Worker } from './start-worker.ts';
import type { Look, StateOrders } from './worker.ts';

/** Workers with the same balancer, `app`, and its members `a`, `b` and `c`. */
export type Site = Readonly<{
  workers: readonly Worker[];
  backends: Readonly<{ a: SiteBackend; b: SiteBackend; c: SiteBackend }>;
  /** Who is still there. */
  running(): readonly Worker[];
  /** A worker like the first one. */
  startFurther(): Promise<Worker>;
  /** Waits until every worker that runs sees it so. */
  untilAll(isSo: (look: Look) => boolean): Promise<void>;
  /** Waits until all of them see the same members. */
  untilAgreed(): Promise<readonly Look[]>;
  /** Lets clients ask some workers; all that run, unless told otherwise. */
  load(workers?: readonly Worker[]): void;
  /** Waits until the clients of every worker that runs have got further answers. */
  untilServed(): Promise<void>;
  /** Ends the load; no request may have failed. */
  endLoad(): Promise<void>;
}>;

/** Where a worker is. */
export type WorkerPlace = Readonly<{
  /** Of its socket; undefined: it has a port. */
  path?: string;
  /** A command to run it by. */
  inside?: readonly string[];
  /** Of Redis, as it is reached from there; undefined: as all reach it. */
  url?: string;
}>;

export type SiteOrders = Readonly<{
  /** Options of the balancer beside its name and members. */
  options?: Partial<BalancerDefinition>;
  /** Of every member. */
  member?: NonNullable<BalancerDefinition['memberDefaults']>;
  state: StateOrders | undefined;
  places?: readonly WorkerPlace[];
  /** Where the backends' sockets are; undefined: they are on ports. */
  folder?: string;
}>;

const limitMs = 40_000;
/** So many further answers are no remainder of what was under way. */
const enough = 50;
const fourPlaces: readonly WorkerPlace[] = [{}, {}, {}, {}];

export async function startSite({
  options = {},
  member = {},
  state,
  places = fourPlaces,
  folder,
}: SiteOrders): Promise<Site> {
  const [a, b, c] = await Promise.all(
    ['a', 'b', 'c'].map((name) => startSiteBackend(name, folder ? { path: `${folder}/${name}` } : {})),
  );
  const backends = { a: a!, b: b!, c: c! };
  const members = Object.entries(backends).map(([route, { url }]) => ({ url, route }));
  const start = ({ path, inside, url }: WorkerPlace, i: number): Promise<Worker> => {
    const checkedBy = member.hcmethod && { hcheaders: { [checkHeader]: `${i}` } };
    const definition = { name: 'app', ...options, memberDefaults: { ...member, ...checkedBy }, members };
    return startWorker({ definition, state: state && { ...state, ...(url && { url }) }, path }, inside);
  };
  const workers = await Promise.all(places.map(start));
  const loads: Load[] = [];
  const running = (): readonly Worker[] => workers.filter((worker) => worker.isRunning());
  const lookAll = (): Promise<readonly Look[]> => Promise.all(running().map((worker) => worker.look()));

  const site: Site = {
    workers,
    backends,
    running,
    async untilAll(isSo) {
      await until(lookAll, (looks) => looks.every(isSo), isSo.toString());
    },
    async startFurther() {
      const worker = await start({}, workers.length);
      workers.push(worker);
      return worker;
    },
    untilAgreed: () => until(lookAll, isAgreed, 'all see the same'),
    load(asked = running()) {
      loads.push(...asked.map((worker) => startLoad(worker)));
    },
    async untilServed() {
      const further = loads
        .filter((load) => load.isUseful())
        .map((load) => [load, load.answered() + enough] as const);
      await until(
        () => further.map(([load, count]) => count - load.answered()),
        (missing) => missing.every((count) => count <= 0),
        'every load is served',
      );
    },
    async endLoad() {
      const reports = await Promise.all(loads.splice(0).map((load) => load.stop()));
      expect(reports.flatMap(({ failed }) => failed)).toEqual([]);
      // Who asks nothing hears of no failure.
      expect(reports.every(({ answered }) => answered > 0)).toBe(true);
    },
  };
  if (state)
    await site.untilAll(({ status }) => status?.kind === 'shared' && status.processes === places.length);
  return site;
}

/** Looks again and again until it is so, and tells what was seen; fails with that when it never is. */
export async function until<Seen>(
  look: () => Seen | Promise<Seen>,
  isSo: (seen: Seen) => boolean,
  what = isSo.toString(),
): Promise<Seen> {
  const patience = Date.now() + limitMs;
  for (;;) {
    const seen = await look();
    if (isSo(seen)) return seen;
    if (Date.now() > patience)
      throw new Error(`waited in vain for ${what}: ${JSON.stringify(seen, null, 1)}`);
    await pause(50);
  }
}

/** A member as a worker sees it. */
export function memberOf({ view }: Look, name: string): Look['view'][number] {
  return view.find((member) => member.name === name)!;
}

/** The lines of a log that say something. */
export function linesOf({ log }: Look, what: RegExp): readonly string[] {
  return log.filter((line) => what.test(line));
}

function isAgreed(looks: readonly Look[]): boolean {
  return new Set(looks.map(({ view }) => JSON.stringify(view.map(showShared)))).size === 1;
}

/** What is the same in every process. */
function showShared({
  name,
  url,
  route,
  redirect,
  loadfactor,
  lbset,
  status,
  max,
}: Look['view'][number]): unknown {
  return { name, url, route, redirect, loadfactor, lbset, status, max };
}

/** Waits for so many further checks of the members; tells the numbers of the workers that they came from. */
export async function checksSince(site: Site, count: number): Promise<readonly number[]> {
  const counts = (): readonly number[] =>
    site.workers.map((_worker, i) =>
      Object.values(site.backends).reduce((sum, backend) => sum + (backend.checks()[i] ?? 0), 0),
    );
  const before = counts();
  const added = await until(
    () => counts().map((now, i) => now - before[i]!),
    (now) => now.reduce((sum, one) => sum + one, 0) >= count,
    `${count} further checks`,
  );
  return added.flatMap((one, i) => (one > 0 ? [i] : []));
}
