import { describe } from '../../definition/describe.ts';
import type { Change, Deed } from '../../changes/change.ts';
import { formatSpan } from './format.ts';
import { formatMoment } from './moment.ts';

/** What was done, as the log tells it: `Set loadfactor 2`, `Drain, and disable after 20 min`. */
export function tellDeed(deed: Deed): string {
  switch (deed.kind) {
    case 'change':
      return `Set ${tellOptions(deed.set)}`;
    case 'drain':
      return deed.deadlineMs === undefined
        ? 'Drain'
        : `Drain, and disable after ${formatSpan(deed.deadlineMs)}`;
    case 'add':
      return 'Add';
    case 'remove':
      return 'Remove';
    case 'configure':
      return `Set ${tellOptions(deed.set)}`;
  }
}

/** The member that a deed is about; undefined: it is about the balancer. */
export function findMember(deed: Deed): string | undefined {
  switch (deed.kind) {
    case 'change':
    case 'drain':
    case 'remove':
      return deed.member;
    case 'add':
      return deed.name ?? (typeof deed.member.url === 'string' ? deed.member.url : undefined);
    case 'configure':
      return undefined;
  }
}

/** What is so because of a change in force, beside whom it concerns: `Drained by ann`. */
export function tellInForce({ deed, by }: Change): string {
  switch (deed.kind) {
    case 'drain':
      return `Drained by ${by}`;
    case 'add':
      return `Added by ${by}`;
    case 'remove':
      return `${deed.member} removed by ${by}`;
    case 'change':
    case 'configure':
      return `${tellOptions(deed.set)} set by ${by}`;
  }
}

/** What else will come of it: `disabled at 12:40:00`. */
export function tellDeadline({ deed, at }: Change, now: number): string | undefined {
  if (deed.kind !== 'drain' || deed.deadlineMs === undefined) return undefined;
  return `disabled at ${formatMoment(at + deed.deadlineMs, now)}`;
}

/** How a change is now, in a word. */
export const changeStates: Readonly<Record<Change['state'], string>> = {
  'in-force': 'In force',
  done: 'Done',
  undone: 'Undone',
  expired: 'Expired',
  lost: 'Lost',
};

function tellOptions(options: Readonly<Record<string, unknown>>): string {
  const told = Object.entries(options).filter(([, value]) => value !== undefined);
  return told.map(([name, value]) => tellOption(name, value)).join(', ');
}

function tellOption(name: string, value: unknown): string {
  if (value === null) return `${name} to its default`;
  if (typeof value === 'boolean') return `${name} ${value ? 'on' : 'off'}`;
  return `${name} ${typeof value === 'string' ? describe(value).slice(1, -1) : describe(value)}`;
}
