import { clock as ownClock } from '../../clock.ts';
import type { Balancer } from '../../balancer.ts';
import type { Listed } from '../listed.ts';
import { keepEnded, tellDecision, type Ended } from './decision.ts';
import { FollowedBalancer } from './followed-balancer.ts';
import type { Decision, History, Report } from './report.ts';
import { createRing } from './ring.ts';
import { points, readLine } from './track.ts';
import { stepMs } from './windows.ts';

/** Looks at the balancers, and remembers the last minutes. */
export type Survey = Readonly<{
  /** As everything is now, `changes` left to the caller. */
  report(): Omit<Report, 'changes' | 'persists'>;
  /** Reads what other processes have counted, for the reports to come; takes 250 ms at the most, and no time where nothing is shared. */
  refresh(): Promise<void>;
  /** The last requests and the last that have failed over, newest first, at most 200 each. */
  decisions(): Pick<Report, 'decisions' | 'failovers'>;
  /** The last five minutes, a point every two seconds. */
  history(): History;
  /** Is called after each further point of the history. Returns how to call it off. */
  onPoint(listener: () => void): () => void;
  close(): void;
}>;

/** Whom a survey looks at, and by which clocks. */
export type SurveyOptions = Readonly<{
  /** Is asked at each step. */
  balancers: () => readonly Listed[];
  /** Milliseconds since 1970. */
  now?: () => number;
  /** Monotonic, in milliseconds. */
  clock?: () => number;
  /** Calls again and again. Returns how to end that. */
  every?: (ms: number, call: () => void) => () => void;
}>;

const mostKept = 200;
const mostReported = 50;
/** Balancers that have gone and whose points are still shown. */
const mostLeft = 50;

/** Begins to look at the balancers. */
export function createSurvey({
  balancers,
  now = ownClock.date,
  clock = ownClock.now,
  every = repeat,
}: SurveyOptions): Survey {
  // Weakly, so that a balancer that nobody else has can go.
  const known = new WeakMap<Balancer, FollowedBalancer>();
  let followed: readonly FollowedBalancer[] = [];
  const left = new Set<FollowedBalancer>();
  const decisions = createRing<Ended>(mostKept);
  const failovers = createRing<Ended>(mostKept);
  const listeners = new Set<() => void>();
  const times = new Float64Array(points);
  let next = 0;
  let count = 0;
  let isClosed = false;

  function follow({ id, balancer }: Listed): FollowedBalancer {
    const before = known.get(balancer);
    if (before && !before.hasLeft) {
      before.id = id;
      return before;
    }
    const met = new FollowedBalancer({ id, balancer }, clock(), (event) => {
      const ended = keepEnded(now(), met.id, event);
      decisions.push(ended);
      if (event.attempts.length > 1) failovers.push(ended);
    });
    known.set(balancer, met);
    return met;
  }

  /** Follows who is listed now. */
  function look(): void {
    if (isClosed) return;
    const listed = balancers();
    const before = followed;
    followed = listed.map(follow);
    const there = new Set(followed);
    for (const each of before) {
      if (there.has(each)) continue;
      each.leave();
      left.add(each);
    }
    for (const each of left) if (left.size > mostLeft) left.delete(each);
  }

  function step(): void {
    const before = new Set(followed);
    look();
    // Those that have only just come are written from the next point on.
    for (const each of followed) if (before.has(each)) each.step(next, clock());
    for (const each of left) if (!each.stepAbsent(next, clock())) left.delete(each);
    times[next] = now();
    next = (next + 1) % points;
    count = Math.min(count + 1, points);
    for (const listener of [...listeners]) listener();
  }

  function tell(most: number): Pick<Report, 'decisions' | 'failovers'> {
    const byId = new Map(followed.map((each) => [each.id, each]));
    const hasRoute = (balancer: string, route: string): boolean =>
      byId.get(balancer)?.hasRoute(route) ?? false;
    const tellAll = (ended: readonly Ended[]): readonly Decision[] =>
      ended.map((one) => tellDecision(one, hasRoute));
    return { decisions: tellAll(decisions.newest(most)), failovers: tellAll(failovers.newest(most)) };
  }

  look();
  const end = every(stepMs, step);

  return {
    report() {
      look();
      const at = now();
      return { at, balancers: followed.map((each) => each.report(clock(), at)), ...tell(mostReported) };
    },
    async refresh() {
      look();
      await Promise.all(followed.map((each) => each.refresh()));
    },
    decisions: () => tell(mostKept),
    history() {
      // A balancer that is there goes before one of the same name that was.
      const all = [...left, ...followed];
      return {
        stepMs,
        at: Array.from({ length: count }, (_, i) => times[(next - count + i + points) % points]!),
        balancers: Object.fromEntries(all.map(({ id, tracks }) => [id, readLines(tracks, next, count)])),
      };
    },
    onPoint(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      isClosed = true;
      end();
      for (const each of followed) each.leave();
      followed = [];
      left.clear();
      listeners.clear();
    },
  };
}

function readLines(
  tracks: FollowedBalancer['tracks'],
  next: number,
  count: number,
): History['balancers'][string] {
  return Object.fromEntries([...tracks].map(([name, { line }]) => [name, readLine(line, next, count)]));
}

function repeat(ms: number, call: () => void): () => void {
  const timer = ownClock.setRepeating(call, ms).unref();
  return () => {
    ownClock.clear(timer);
  };
}
