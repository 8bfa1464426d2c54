import { insideOf } from '../inside.ts';
import { isLaid, type Book, type Entry } from './book.ts';
import type { Change } from './change.ts';
import { listVoices, takeBack, tellFailure, type Tools } from './do-deed.ts';
import { isExpired } from './list-values.ts';
import { findLoss, isGone, isOverdue, layOnAnyway, type Subject } from './subject.ts';

/** How changes end. */
export type Endings = Readonly<{
  /** `why`: what is to be said of it. */
  finish(entry: Entry, state: Change['state'], by: string | undefined, why: string | undefined): void;
  /** Ends what is over at a moment, and sees to the deadlines of drains. */
  expire(at: number): void;
  /** Ends changes on members that have left otherwise. */
  lose(): void;
}>;

/** `told` is told of each change that has ended. */
export function createEndings(book: Book, tools: Tools, told: (change: Change) => void): Endings {
  const { now, logger } = tools;

  /** Lays the changes in force on a subject, without this one, as far as that goes. Returns what does not, in words. */
  function relay(subject: Subject, but?: string): readonly string[] {
    const refusals = layOnAnyway(subject, listVoices(subject, tools, but));
    return refusals.map(([field, error]) => `${field} stays as it is: ${tellFailure(error)}`);
  }

  const finish: Endings['finish'] = (entry, state, by, why) => {
    const { change, subject } = entry;
    if (change.state !== 'in-force') return;
    book.end(entry, state, { at: now(), by, why });
    told(entry.change);
    if (!subject || !isGone(change, subject)) return;
    for (const other of book.inForce()) {
      if (other.subject === subject)
        finish(other, 'lost', undefined, 'its member is gone, and does not come back');
    }
  };

  function endByItself(entry: Entry): void {
    // One that has ended before it may have taken it along.
    if (entry.change.state !== 'in-force') return;
    const { id, deed } = entry.change;
    try {
      if (isLaid(entry) && !isShut(entry)) takeBack(entry, tools);
      finish(entry, 'expired', undefined, undefined);
    } catch (error) {
      const { subject } = entry;
      const isPresence = deed.kind === 'add' || deed.kind === 'remove' || subject === undefined;
      const refusals = isPresence ? [tellFailure(error)] : relay(subject, id);
      const why = `it could not be taken back as a whole: ${refusals.join('; ')}`;
      logger.warn(`[manager] change ${id} has expired; ${why}`);
      finish(entry, isPresence ? 'lost' : 'expired', undefined, why);
    }
  }

  return {
    finish,
    expire(at) {
      const expired = book.inForce().filter(({ change }) => isExpired(change, at));
      const inOrder = expired.toSorted((one, other) => one.change.until! - other.change.until!);
      for (const entry of inOrder) endByItself(entry);
      for (const entry of book.inForce()) {
        const { change, subject } = entry;
        if (!subject || isShut(entry) || !isOverdue(change, subject, at)) continue;
        const refusals = relay(subject);
        if (refusals.length > 0)
          logger.warn(`[manager] the deadline of change ${change.id} is over; ${refusals.join('; ')}`);
      }
    },
    lose() {
      for (const entry of book.inForce()) {
        const why = entry.subject && findLoss(entry.change, entry.subject);
        if (why !== undefined) finish(entry, 'lost', undefined, why);
      }
    },
  };
}

/** Whether its balancer is closed: then it ends without a trace. */
export function isShut({ subject }: Entry): boolean {
  return subject !== undefined && insideOf(subject.balancer).isClosed();
}
