import type { AttemptFacts, BalancerFacts } from '../facts.ts';
import { printSafely } from './paint.ts';

/** A request that has ended. */
export type Ended = Readonly<{
  at: Date;
  method: string;
  host: string | undefined;
  /** As it was asked for. */
  target: string;
  /** Undefined: the client has got no answer. */
  status: number | undefined;
  /** Whether its answer was sent to the end. */
  isWhole: boolean;
  durationMs: number;
  /** Undefined: no balancer has seen it. */
  facts: BalancerFacts | undefined;
  /** What it ended in. */
  error: unknown;
}>;

/** One line that tells of a request, and why it went where it went. */
export function printLogLine(ended: Ended): string {
  const { at, method, host = '-', target, status, durationMs, facts } = ended;
  const last = facts?.attempts.at(-1);
  return [
    at.toISOString(),
    show(method),
    show(host),
    show(pathOf(target)),
    status ?? '-',
    `${Math.round(durationMs)}ms`,
    `balancer=${show(facts?.name ?? '-')}`,
    `member=${show(last?.name ?? '-')}`,
    `why=${JSON.stringify(printSafely(explain(ended)))}`,
  ].join(' ');
}

const longest = 200;

/** A field of the line: without blanks, harmless, and bounded. */
function show(text: string): string {
  const shown = printSafely(text.slice(0, longest)).replace(/\s/g, '%20');
  return text.length > longest ? `${shown}…` : shown || '-';
}

/** Sessions may stand in parameters and query. */
function pathOf(target: string): string {
  return target.replace(/[?#].*$/s, '').replace(/;[^/]*/g, '');
}

function explain({ facts, error, status, isWhole }: Ended): string {
  const { message: failure } = (error ?? {}) as Partial<Error>;
  const ending = failure ?? (isWhole ? undefined : 'the connection broke off');
  if (!facts) return ending ?? (status === 404 ? 'nothing is mounted there' : 'no balancer was asked');
  const tried = facts.attempts.slice(0, -1).map(printAttempt);
  const last = facts.attempts.at(-1);
  const parts = [
    last && explainChoice(last, facts),
    tried.length > 0 && `after ${tried.join(', ')}`,
    facts.waitedMs >= 1 && `it waited ${Math.round(facts.waitedMs)} ms`,
    ending,
  ];
  return parts.filter((part) => part !== undefined && part !== false).join('; ');
}

function explainChoice({ reason }: AttemptFacts, { route, sticky }: BalancerFacts): string {
  switch (reason) {
    case 'route':
      return `bound by ${sticky ?? 'its session'} to route ${route ?? ''}`;
    case 'redirect':
      return `route ${route ?? ''} is not usable and redirects to it`;
    case 'method':
      return route === undefined
        ? 'the method has chosen it'
        : `route ${route} is not usable: the method has chosen it`;
    case 'again':
      return 'all were tried: once more';
  }
}

function printAttempt({ name, outcome, status, code }: AttemptFacts): string {
  return `${name} (${[outcome, status ?? code].filter((part) => part !== undefined).join(' ')})`;
}
