import type { Balancer } from '../balancer.ts';
import { createAlarm, type Clock } from '../changes/alarm.ts';
import type { Change, Deed } from '../changes/change.ts';
import { findDue, isExpired } from '../changes/list-values.ts';
import { quote } from '../definition/describe.ts';
import type { Logger } from '../definition/definition.ts';
import { insideOf } from '../inside.ts';
import { createSharedBook, type SharedBook, type SharedEntry } from './changes-book.ts';
import { isLone, type Folded, type Word } from './changes-fold.ts';
import { findRepeats } from './changes-presence.ts';
import { createSeat, type Seat } from './changes-seat.ts';
import { keyOf, prefix, readWord, writeWord } from './changes-words.ts';
import type { Entry } from './hub.ts';
import type { Replica } from './replica.ts';
import { createStamps } from './stamp.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const mostWarned = 1000;

/** What changes of all processes are made of. */
export type SharedLogParts = Readonly<{
  replica: Replica;
  /** Eight hex digits, others in each process. */
  token: string;
  logger: Logger;
  clock: Clock;
}>;

/** The changes of all processes, and the balancers of this one that they are laid on. */
export type SharedChangesCore = Readonly<{
  book: SharedBook;
  /** Does something when everything that is due is done; whoever listens is told when it is whole. */
  act<Result>(work: () => Result): Result;
  join(balancer: Balancer): void;
  leave(balancer: Balancer): void;
  seatOf(name: string): Seat | undefined;
  seatOfBalancer(balancer: Balancer): Seat | undefined;
  newWord(
    deed: Deed,
    terms: Omit<Word, 'change'> & Pick<Change, 'by' | 'reason'> & { forMs: number | undefined },
  ): Word;
  nextId(): string;
  /** Enters a change that was made here, and says it. `folded`: what was proposed. Throws RangeError for one that cannot be said. */
  enter(word: Word, folded?: Folded): void;
  /** Ends one, and says so. */
  end(entry: SharedEntry, state: Change['state'], by: string | undefined, why?: string): void;
  /** Ends the changes on a server that nobody adds any more. */
  loseOn(entry: SharedEntry): void;
  onChange(listener: () => void): () => void;
  isClosed(): boolean;
  close(): void;
}>;

export function createChangesCore({ replica, token, logger, clock }: SharedLogParts): SharedChangesCore {
  const { now } = clock;
  const stamps = createStamps(token);
  const book = createSharedBook();
  const seats = new Map<string, Seat>();
  const listeners = new Set<() => void>();
  const warned = new Set<string>();
  const waiting = new Map<Seat, Folded['waiting']>();
  let depth = 0;
  let hasNews = false;
  let isPending = false;
  let isClosed = false;
  /** Everything that was due then is seen to. */
  let lookedAt = now();
  const alarm = createAlarm(clock, () => {
    act(() => undefined);
  });

  function act<Result>(work: () => Result): Result {
    depth += 1;
    try {
      if (depth === 1 && !isClosed) expire();
      return work();
    } finally {
      if (depth === 1 && !isClosed) settle();
      depth -= 1;
      if (depth === 0 && !isClosed) tell();
    }
  }

  function settle(): void {
    for (const seat of [...seats.values()]) {
      seat.settle();
      const is = seat.folded().waiting;
      if (waiting.get(seat) !== is) hasNews = true;
      waiting.set(seat, is);
    }
  }

  function tell(): void {
    const due = book.inForce().map(({ change }) => findDue(change, lookedAt) ?? Infinity);
    const next = due.reduce((first, each) => Math.min(first, each), Infinity);
    alarm.set(next === Infinity ? undefined : next);
    if (!hasNews) return;
    hasNews = false;
    for (const listener of [...listeners]) {
      try {
        listener();
      } catch (error) {
        logger.error('shared state: a listener to the changes has failed:', error);
      }
    }
  }

  /** Each process sees to it by its own clock, and says nothing of it. */
  function expire(): void {
    const at = now();
    const over: SharedEntry[] = [];
    for (const entry of book.inForce()) {
      const { change } = entry;
      if (isExpired(change, at)) over.push(entry);
      else if ((findDue(change, lookedAt) ?? Infinity) <= at) mark(change);
    }
    lookedAt = at;
    for (const entry of over) {
      book.end(entry, 'expired', { at: entry.change.until!, by: undefined, why: undefined });
      mark(entry.change);
    }
    // Each process says so: who has added it may be gone, and the word is the same from all.
    for (const entry of over) loseOn(entry);
  }

  function mark({ deed }: Change): void {
    hasNews = true;
    seats.get(deed.balancer)?.mark();
  }

  function loseOn({ server, change: { deed, id: addId } }: SharedEntry): void {
    const seat = seats.get(deed.balancer);
    if (deed.kind !== 'add' || !seat) return;
    seat.settle();
    const { members, removed } = seat.folded();
    if (server === undefined || members.has(server) || removed.has(server)) return;
    for (const entry of book.inForce()) {
      const { change } = entry;
      if (entry.server === server && change.deed.balancer === deed.balancer && change.id > addId)
        end(entry, 'lost', undefined, 'its member is gone, and does not come back');
    }
  }

  function say(word: Word): void {
    const { state, until } = word.change;
    const kept = word.isProgram ? hourMs : dayMs;
    const inForceTo = until === undefined ? Infinity : until + dayMs;
    const { stamp } = replica.say(
      keyOf(word),
      writeWord(word),
      state === 'in-force' ? inForceTo : now() + kept,
    );
    stamps.follow(stamp, now());
  }

  function end(entry: SharedEntry, state: Change['state'], by: string | undefined, why?: string): void {
    if (entry.change.state !== 'in-force') return;
    book.end(entry, state, { at: now(), by, why });
    mark(entry.change);
    say(entry);
  }

  /** As if it had never been made: whoever has it still hears that it is over. */
  function withdraw(entry: SharedEntry): void {
    const key = keyOf(entry);
    book.forget(key);
    replica.say(key, null, now() + dayMs);
  }

  /** What was said last of one that the program has set anew meanwhile is nothing against what it has set here. */
  function isOutlasting({ change: { id, state } }: Word, heard: Word): boolean {
    return state === 'in-force' && id > heard.change.id && id.endsWith(token);
  }

  function hear({ key, stamp }: Entry, value: unknown): void {
    if (isClosed) return;
    stamps.follow(stamp, now());
    if (value === null) {
      const entry = book.forget(key);
      if (entry) mark(entry.change);
    } else {
      const word = readWord(key, value, now());
      if (typeof word === 'string') {
        warn(key, word);
        return;
      }
      stamps.follow(word.change.id, now());
      const known = book.under(key);
      if (known && isOutlasting(known, word)) {
        say(known);
        return;
      }
      const seat = seats.get(word.change.deed.balancer);
      const before = book.forget(key);
      // What it hides stays, as it would be in force again without it: only who has made it knows that both were.
      book.enter(word);
      hasNews = true;
      const isMore = word.change.state === 'in-force' && (!before || isLone(before));
      if (isMore) seat?.advance(word);
      else seat?.mark();
    }
    later();
  }

  /** Words come many at a time, and what they come to is found out once. */
  function later(): void {
    if (isPending) return;
    isPending = true;
    queueMicrotask(() => {
      isPending = false;
      if (isClosed) return;
      act(() => {
        for (const each of findRepeats(book.inForce(), token)) {
          withdraw(each);
          mark(each.change);
        }
      });
    });
  }

  function warn(key: string, why: string): void {
    if (warned.has(key)) return;
    if (warned.size >= mostWarned) return;
    warned.add(key);
    logger.warn(`shared state: the change under ${quote(key)} is ignored: ${why}`);
  }

  const stopHearing = replica.onNews(prefix, hear);
  const news = (): void => {
    // Members that come and go by what is done here are looked at when it is done.
    if (depth === 0 && !isClosed) act(() => undefined);
  };
  for (const entry of replica.list(prefix)) hear(entry, JSON.parse(entry.value));

  return {
    book,
    act,
    join(balancer) {
      const { name } = insideOf(balancer).now().parts.settings;
      const seat = createSeat({ balancer, words: () => book.wordsOf(name), now, logger });
      seats.set(name, seat);
      balancer.on('members', news);
      act(() => undefined);
    },
    leave(balancer) {
      for (const [name, seat] of seats) {
        if (seat.balancer !== balancer) continue;
        seats.delete(name);
        waiting.delete(seat);
        balancer.off('members', news);
      }
    },
    seatOf: (name) => seats.get(name),
    seatOfBalancer: (balancer) => [...seats.values()].find((seat) => seat.balancer === balancer),
    newWord(deed, { by, reason, forMs, server, isProgram }) {
      const at = now();
      const change: Change = Object.freeze({
        id: stamps.next(at),
        at,
        by,
        deed: Object.freeze(deed),
        reason,
        until: forMs === undefined ? undefined : at + forMs,
        state: 'in-force',
        ended: undefined,
      });
      return { change, server, isProgram };
    },
    nextId: () => stamps.next(now()),
    enter(word, folded) {
      say(word);
      const seat = seats.get(word.change.deed.balancer);
      const before = book.forget(keyOf(word));
      const hidden = book.listHidden(book.enter(word));
      for (const each of hidden) withdraw(each);
      hasNews = true;
      const isMore = [...hidden, ...(before ? [before] : [])].every(isLone);
      if (folded && isMore) seat?.accept(folded, word);
      else seat?.mark();
      seat?.settle();
    },
    end,
    loseOn,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    isClosed: () => isClosed,
    close() {
      isClosed = true;
      alarm.set(undefined);
      stopHearing();
      for (const seat of seats.values()) seat.balancer.off('members', news);
      seats.clear();
      listeners.clear();
    },
  };
}
