import type { BalancerEvents } from '../../events.ts';
import { cut } from './cut.ts';
import type { Decision } from './report.ts';
import { roundMs } from './round.ts';

/** The end of a request, as it is kept. */
export type Ended = Readonly<{ at: number; balancer: string; event: BalancerEvents['request'] }>;

const longestPath = 200;
const mostAttempts = 32;
/** Longer than any route that a member can have. */
const longestWord = 64;
/** How much is told of a route that no member has: with `stickysessionsep: 'Off'` it may be somebody's session. */
const toldOfUnknown = 8;

/** What is kept of the end of a request: of what a client or a program makes up, no more than a little. */
export function keepEnded(at: number, balancer: string, event: BalancerEvents['request']): Ended {
  const { path, route, attempts } = event;
  const isShort =
    path.length <= longestPath &&
    (route === undefined || route.length <= longestWord) &&
    attempts.length <= mostAttempts;
  if (isShort) return { at, balancer, event };
  const kept = {
    ...event,
    path: cut(path, longestPath),
    route: route === undefined ? undefined : cut(route, longestWord),
    attempts: attempts.slice(-mostAttempts),
  };
  return { at, balancer, event: kept };
}

/** The end of a request, as it is shown. `hasRoute`: whether a member of its balancer has a route. */
export function tellDecision(
  { at, balancer, event }: Ended,
  hasRoute: (balancer: string, route: string) => boolean,
): Decision {
  const { method, path, status, error, durationMs, waitedMs, route, attempts } = event;
  return {
    at,
    balancer,
    method,
    path,
    status,
    error,
    durationMs: roundMs(durationMs),
    waitedMs: roundMs(waitedMs),
    route: route === undefined || hasRoute(balancer, route) ? route : mask(route),
    attempts: attempts.map((attempt) => ({
      member: attempt.name,
      reason: attempt.reason,
      outcome: attempt.outcome,
      status: attempt.status,
      code: attempt.code === undefined ? undefined : cut(attempt.code, longestWord),
      durationMs: roundMs(attempt.durationMs),
    })),
  };
}

function mask(route: string): string {
  return route.length <= toldOfUnknown ? route : `${route.slice(0, toldOfUnknown).toWellFormed()}…`;
}
