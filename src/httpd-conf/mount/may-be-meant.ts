import { mergeSlashes, readAskedPath } from './asked-path.ts';
import type { Site } from './site.ts';

/** A segment that is dots for some reader, so that whatever is asked for may be somewhere else. */
const dots = /(?:^|[/\\]|%2f|%5c)(?:\.|%2e){1,2}(?:$|[/\\;]|%2f|%5c|%3b)/i;

/** Whether a request whose path a balancer would refuse may be meant for something that is mounted; the app has the others. */
export function mayBeMeant({ rules, managers, guards }: Site, path: string | undefined): boolean {
  const all = [...rules, ...managers];
  if (all.length === 0 && guards.length === 0) return false;
  if (path === undefined || dots.test(path)) return true;
  // Nothing but an escape is wrong with it: it is where it stands.
  const asked = readAskedPath(mergeSlashes(path));
  return [...all, ...guards].some(({ match }) => match?.(asked) !== undefined);
}
