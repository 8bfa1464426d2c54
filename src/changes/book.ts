import type { Change } from './change.ts';
import type { Subject } from './subject.ts';

/** How many changes may be in force at the same time. */
export const mostInForce = 1000;
const mostEnded = 200;

/** A change, and what it is laid on. */
export type Entry = {
  change: Change;
  /** Undefined: it waits for its balancer or member, or is over. */
  subject: Subject | undefined;
};

/** An entry in force that is laid on something. */
export type LaidEntry = Entry & { subject: Subject };

/** Every change that is remembered. */
export type Book = Readonly<{
  /** In the order of their ids, in which they were made. */
  inForce(): readonly Entry[];
  find(id: string): Entry | undefined;
  enter(entry: Entry): void;
  /** One that waited holds now. */
  lay(entry: Entry, laid: Entry): void;
  end(entry: Entry, state: Change['state'], ended: Change['ended']): void;
  /** As if it had never been made. */
  forget(entry: Entry): void;
  /** Newest first: all in force, and the last others. */
  list(): readonly Change[];
}>;

export function createBook(): Book {
  const entries = new Map<string, Entry>();
  /** Ids, in the order in which they ended. */
  const ended: string[] = [];
  let active: readonly Entry[] | undefined;
  let listed: readonly Change[] | undefined;

  function note(entry: Entry): void {
    active = undefined;
    listed = undefined;
    if (entry.change.state === 'in-force') return;
    entry.subject = undefined;
    ended.push(entry.change.id);
    if (ended.length > mostEnded) entries.delete(ended.shift()!);
  }

  return {
    inForce: () =>
      (active ??= [...entries.values()].filter(({ change }) => change.state === 'in-force').sort(compareIds)),
    find: (id) => entries.get(id),
    enter(entry) {
      entries.set(entry.change.id, entry);
      note(entry);
    },
    lay(entry, { change, subject }) {
      entry.change = change;
      entry.subject = subject;
      note(entry);
    },
    end(entry, state, how) {
      entry.change = Object.freeze({ ...entry.change, state, ended: how && Object.freeze(how) });
      note(entry);
    },
    forget(entry) {
      const { id } = entry.change;
      if (entries.get(id) !== entry) return;
      entries.delete(id);
      const place = ended.indexOf(id);
      if (place >= 0) ended.splice(place, 1);
      active = undefined;
      listed = undefined;
    },
    list: () =>
      (listed ??= Object.freeze(
        [...entries.values()]
          .sort(compareIds)
          .reverse()
          .map(({ change }) => change),
      )),
  };
}

function compareIds(one: Entry, other: Entry): number {
  return one.change.id < other.change.id ? -1 : 1;
}

/** Whether it is laid on something. */
export function isLaid(entry: Entry): entry is LaidEntry {
  return entry.subject !== undefined;
}
