import type { BalancerFacts } from './facts.ts';
import type { Reply } from './rewrite/rewrite-answer.ts';

/**
 * Adds a Server-Timing field: who answers, by its route alone since a URL is nobody's business, and how long that took;
 * what was waited, and how many members were tried. A member's own field stays beside it.
 */
export function addServerTiming(reply: Reply, facts: BalancerFacts, elapsedMs: number): Reply {
  const { memberRoute, waitedMs, attempts } = facts;
  const desc = memberRoute === undefined ? '' : `;desc="${quote(memberRoute)}"`;
  const metrics = [`member${desc};dur=${elapsedMs.toFixed(1)}`];
  if (waitedMs > 0) metrics.push(`wait;dur=${waitedMs.toFixed(1)}`);
  if (attempts.length > 1) metrics.push(`attempts;desc="${attempts.length}"`);
  return { ...reply, headers: [...reply.headers, 'Server-Timing', metrics.join(', ')] };
}

/** RFC 9110 5.6.4; a route may have letters that a field may not. */
function quote(text: string): string {
  return text.replace(/[^\t\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&');
}
