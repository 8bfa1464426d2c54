import { quote } from '../definition/describe.ts';
import type { Settings } from '../definition/settings.ts';
import type { CommonFailure } from '../health/doubts.ts';

/** Says that a check is wrong rather than every member. */
export function tellFailingChecks(
  { member, health, status }: CommonFailure,
  { forcerecovery, holdMs }: Pick<Settings, 'forcerecovery' | 'holdMs'>,
): string {
  const { method } = health.request ?? { method: 'GET' };
  // A query may be a secret.
  const target = health.target.replace(/\?.*$/s, '?…');
  const url = `${member.origin}${target === '*' ? ' *' : target}`;
  const effect = forcerecovery && holdMs === 0 ? 'all are tried as if none were checked' : 'nobody serves';
  return (
    `the health checks of all members fail alike, and none has passed yet: ${method} ${quote(url)} has answered ${status}` +
    `${isGood(status) ? ', which hcexpect refuses' : ''}. So the check is wrong, rather than every member, and while it is, ` +
    `${effect}. Write ${advise(status, method)}; or hcmethod: 'TCP' where a connection is enough`
  );
}

function advise(status: number, method: string): string {
  if (isGood(status)) return 'an hcexpect that this answer meets, or an hcuri with another one';
  const elsewhere = `hcuri: '/…' for a path that answers with 2xx or 3xx, or hcexpect: [${status}] where that is a good answer`;
  if (status === 401 || status === 403) return `hcheaders that are let in; ${elsewhere}`;
  if ((status === 405 || status === 501) && method !== 'GET') return `hcmethod: 'GET'; ${elsewhere}`;
  if (status === 426 || status === 505) return `hcmethod: '${method}11' for HTTP/1.1; ${elsewhere}`;
  return elsewhere;
}

function isGood(status: number): boolean {
  return status >= 200 && status < 400;
}
