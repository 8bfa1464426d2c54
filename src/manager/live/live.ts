import type { ServerResponse } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { clock } from '../../clock.ts';
import { ownZone } from '../page/moment.ts';
import { answerWithJson, sendAnswer } from '../answers.ts';
import { ManagerError, type Answer, type Asked, type ManagerParts } from '../route.ts';
import { makeReport } from '../survey/make-report.ts';
import type { Report } from '../survey/report.ts';
import { listPage, type LiveViewer } from './list-page.ts';
import { findNews, type Listing } from './news.ts';
import { takeNewestPoint } from './point.ts';
import type { Sight } from './sight.ts';
import { openStream, type Stream } from './stream.ts';

/** Tells everybody who looks at the page what is new, by server-sent events. */
export type Live = Readonly<{
  /** The stream of events for one who asks: at most 20 for a user, and 100 for all; 503 for a further one. */
  open(asked: Asked): Answer;
  /** Ends every stream; later ones end at once. They end by themselves when all that they could show is closed. */
  close(): void;
}>;

/** What is told, and by which clock. */
export type LiveOptions = Readonly<
  Pick<ManagerParts, 'survey' | 'changes'> & {
    /** Streams end when there is nothing left to look at. */
    sight: Pick<Sight, 'isOver' | 'onOver'>;
    /** Is handed what goes wrong while nobody waits for an answer. */
    onFailure: (error: unknown) => void;
    /** Default: what the page consists of. */
    list?: (report: Report, viewer: LiveViewer, before: Listing | undefined) => Generator<undefined, Listing>;
    now?: () => number;
    /** Runs something again and again; returns how to stop it. Default: an interval that keeps no process alive. */
    repeat?: (run: () => void, everyMs: number) => () => void;
  }
>;

/** Somebody who looks. */
type Watcher = {
  readonly asked: Asked;
  readonly group: Group;
  readonly stream: Stream;
  readonly since: number;
  /** What its page shows; undefined: only what it came with. */
  shown: Listing | undefined;
  /** When `authorize` was last asked; while it thinks: when that began. */
  askedAt: number;
  isBeingAsked: boolean;
  /** Since when it has not read what it was sent. */
  stuckSince: number | undefined;
};

/** All who see the same. */
type Group = { readonly viewer: LiveViewer; readonly watchers: Set<Watcher>; listing: Listing | undefined };

const stepMs = 1000;
const beatMs = 15_000;
const admissionMs = 30_000;
const stuckMs = 60_000;
/** A browser that comes back is asked for its session as it is then, and gets a new token before its old one is of no use. */
const lifetimeMs = 600_000;
const mostStreams = 100;
const mostOfUser = 20;
const retryMs = 2000;

/** Makes the streams of one manager. */
export function createLive({
  survey,
  changes,
  sight,
  onFailure,
  list = listPage,
  now = clock.date,
  repeat = repeatByTimer,
}: LiveOptions): Live {
  const groups = new Map<string, Group>();
  let isClosed = false;
  let isStepping = false;
  /** Somebody has come too late for the step that is under way. */
  let isAwaited = false;
  let stop: (() => void) | undefined;

  function watch(asked: Asked, res: ServerResponse): void {
    if (isClosed || asked.req.method === 'HEAD') {
      res.end();
      return;
    }
    // Only here: others may have come since it was asked for.
    if (isFullFor(asked.user.name)) {
      sendAnswer(res, answerWithJson(new ManagerError('ERR_MANAGER_BUSY')), false);
      return;
    }
    // A stream has a connection to itself; one that is kept would hold up the end of a server that is closed. HTTP/2 has no such field.
    if (asked.req.httpVersionMajor < 2) res.setHeader('Connection', 'close');
    if (sight.isOver()) {
      // Still a stream: a browser comes back to see whether there is something again.
      openStream(res, retryMs, now, () => undefined).end();
      return;
    }
    const group = joinGroup(asked);
    const at = now();
    const stream = openStream(res, retryMs, now, () => {
      leave(watcher);
    });
    const watcher: Watcher = {
      asked,
      group,
      stream,
      since: at,
      shown: undefined,
      askedAt: at,
      isBeingAsked: false,
      stuckSince: undefined,
    };
    group.watchers.add(watcher);
    stop ??= start();
    stream.send('hello', JSON.stringify({ token: asked.token, zone: ownZone }));
    if (group.listing) tell(watcher, group.listing, new Map());
    else if (isStepping) isAwaited = true;
    else step();
  }

  function isFullFor(user: string): boolean {
    const all = [...groups.values()].flatMap(({ watchers }) => [...watchers]);
    const own = all.filter(({ asked }) => asked.user.name === user);
    return all.length >= mostStreams || own.length >= mostOfUser;
  }

  function joinGroup({ base, user }: Asked): Group {
    const viewer: LiveViewer = { base, isReadOnly: user.readOnly };
    const key = JSON.stringify([viewer.base, viewer.isReadOnly]);
    const group = groups.get(key) ?? { viewer, watchers: new Set(), listing: undefined };
    groups.set(key, group);
    return group;
  }

  function leave(watcher: Watcher): void {
    const { group } = watcher;
    if (!group.watchers.delete(watcher)) return;
    if (group.watchers.size === 0) for (const [key, each] of groups) if (each === group) groups.delete(key);
    if (groups.size > 0) return;
    stop?.();
    stop = undefined;
  }

  function start(): () => void {
    const stopTimer = repeat(step, stepMs);
    const stopPoints = survey.onPoint(tellPoint);
    const stopSight = sight.onOver(endAll);
    return () => {
      stopTimer();
      stopPoints();
      stopSight();
    };
  }

  function step(): void {
    // A page that takes longer than a second is told of less often.
    if (isStepping) return;
    isStepping = true;
    void tellAll()
      // What is thrown in a timer would end the process.
      .catch(onFailure)
      .finally(() => {
        isStepping = false;
        if (!isAwaited) return;
        isAwaited = false;
        step();
      });
  }

  async function tellAll(): Promise<void> {
    // The figures of other processes may be those of the step before: nobody's page waits for them.
    void survey.refresh();
    const report = makeReport({ survey, changes });
    for (const group of [...groups.values()]) {
      const work = list(report, group.viewer, group.listing);
      let row = work.next();
      while (row.done !== true) {
        // Requests go first.
        await turn();
        row = work.next();
      }
      const listing = row.value;
      group.listing = listing;
      const told = new Map<Listing | undefined, string>();
      for (const watcher of [...group.watchers]) if (mayStay(watcher)) tell(watcher, listing, told);
    }
  }

  /** `told`: what was made for others who had seen the same. */
  function tell(watcher: Watcher, listing: Listing, told: Map<Listing | undefined, string>): void {
    const { stream, shown } = watcher;
    const at = now();
    watcher.stuckSince = stream.isStuck() ? (watcher.stuckSince ?? at) : undefined;
    if (watcher.stuckSince !== undefined) return;
    let data = told.get(shown);
    if (data === undefined) {
      const news = findNews(shown, listing);
      data = news ? JSON.stringify({ at, ...news }) : '';
      told.set(shown, data);
    }
    watcher.shown = listing;
    if (data !== '') stream.send('state', data);
    else if (at - stream.sentAt() >= beatMs) stream.send('beat', String(at));
  }

  function tellPoint(): void {
    const data = JSON.stringify(takeNewestPoint(survey.history()));
    for (const { watchers } of groups.values())
      for (const { stream } of watchers) if (!stream.isStuck()) stream.send('point', data);
  }

  function mayStay(watcher: Watcher): boolean {
    const { stream, since, stuckSince, askedAt, isBeingAsked } = watcher;
    const at = now();
    if (stuckSince !== undefined && at - stuckSince >= stuckMs) {
      stream.destroy();
      return false;
    }
    if (at - since >= lifetimeMs) {
      stream.send('again', '');
      stream.end();
      return false;
    }
    if (at - askedAt < admissionMs) return true;
    // An `authorize` that thinks for so long has not said yes.
    if (isBeingAsked) stream.end();
    else void askAgain(watcher, at);
    return !isBeingAsked;
  }

  async function askAgain(watcher: Watcher, at: number): Promise<void> {
    watcher.askedAt = at;
    watcher.isBeingAsked = true;
    let isAdmitted = false;
    try {
      isAdmitted = await watcher.asked.isStillAdmitted();
    } catch (error) {
      onFailure(error);
    }
    watcher.isBeingAsked = false;
    if (!isAdmitted) watcher.stream.end();
  }

  function endAll(): void {
    for (const { watchers } of [...groups.values()])
      for (const watcher of [...watchers]) {
        // What somebody does not read would hold up the end of the process.
        if (watcher.stream.isStuck()) watcher.stream.destroy();
        else watcher.stream.end();
        leave(watcher);
      }
  }

  return {
    open: (asked) => ({
      stream: (res) => {
        watch(asked, res);
      },
    }),
    close() {
      isClosed = true;
      endAll();
    },
  };
}

function repeatByTimer(run: () => void, everyMs: number): () => void {
  const timer = clock.setRepeating(run, everyMs);
  timer.unref();
  return () => {
    clock.clear(timer);
  };
}
