import type { AttemptFacts, BalancerFacts } from 'express-proxy-balancer';
import { backendAt } from '../cluster/ports.ts';

/** What is known of a request when it is over. */
export type Served = Readonly<{
  method: string;
  path: string;
  /** Undefined: the client left before there was an answer. */
  status: number | undefined;
  durationMs: number;
  /** Undefined: the front answered without a balancer. */
  balancer: BalancerFacts | undefined;
}>;

/** `GET  /posts   200  app2   sticky   12.3 ms  (app1 ECONNREFUSED)` */
export function writeLogLine({ method, path, status, durationMs, balancer }: Served): string {
  const server = balancer?.attempts.find(isAnswer);
  const columns = [
    method.padEnd(4),
    path.padEnd(24),
    status ?? '---',
    (server === undefined ? 'front' : nameOf(server)).padEnd(7),
    describeBond(balancer).padEnd(6),
    `${durationMs.toFixed(1)} ms`.padStart(10),
    describeFailures(balancer),
  ];
  return columns.join('  ').trimEnd();
}

/** Whether the session stayed where it belongs, had to move, or is none. */
function describeBond(balancer: BalancerFacts | undefined): string {
  if (balancer?.route === undefined) return '';
  return balancer.routeChanged ? 'moved' : 'sticky';
}

function describeFailures(balancer: BalancerFacts | undefined): string {
  const failures = balancer?.attempts.filter((attempt) => !isAnswer(attempt)) ?? [];
  if (failures.length === 0) return '';
  return `(${failures.map((attempt) => `${nameOf(attempt)} ${attempt.code ?? attempt.status ?? attempt.outcome}`).join(', ')})`;
}

function isAnswer({ outcome }: AttemptFacts): boolean {
  return outcome === 'answered' || outcome === 'upgraded';
}

function nameOf({ member }: AttemptFacts): string {
  return backendAt(member) ?? member;
}
