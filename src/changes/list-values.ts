import type { Options } from '../definition/problem.ts';
import type { Change } from './change.ts';

/** What a change in force says, at this moment, of its member or balancer. */
export function listValues({ at, deed }: Pick<Change, 'at' | 'deed'>, now: number): Options {
  switch (deed.kind) {
    case 'change':
    case 'configure':
      return deed.set;
    case 'drain':
      return deed.deadlineMs !== undefined && at + deed.deadlineMs <= now
        ? { drain: true, disabled: true }
        : { drain: true };
    case 'add':
    case 'remove':
      return {};
  }
}

/** Whether it has ended by itself. */
export function isExpired({ until }: Pick<Change, 'until'>, now: number): boolean {
  return until !== undefined && until <= now;
}

/** When a change in force ends, or says something else; undefined: never. */
export function findDue(
  { at, deed, until }: Pick<Change, 'at' | 'deed' | 'until'>,
  now: number,
): number | undefined {
  const deadline = deed.kind === 'drain' && deed.deadlineMs !== undefined ? at + deed.deadlineMs : undefined;
  const due = [until, deadline].filter((moment) => moment !== undefined && moment > now) as number[];
  return due.length === 0 ? undefined : Math.min(...due);
}
