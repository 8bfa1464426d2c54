import { createBook, type Book, type Entry } from '../changes/book.ts';
import type { Change } from '../changes/change.ts';
import { fieldsOf, keyOf } from './changes-words.ts';
import type { Word } from './changes-fold.ts';

/** A change that is shared. */
export type SharedEntry = Entry & { readonly server: string | undefined; readonly isProgram: boolean };

/** The changes of all processes. */
export type SharedBook = Readonly<{
  list: Book['list'];
  find(id: string): SharedEntry | undefined;
  under(key: string): SharedEntry | undefined;
  inForce(): readonly SharedEntry[];
  /** Those on a balancer, in the order of their ids. */
  wordsOf(balancer: string): readonly Word[];
  /** Enters the last word on a key. */
  enter(word: Word): SharedEntry;
  /** The program's changes that nobody hears any more: a later one of its own speaks of all that they speak of. */
  listHidden(entry: SharedEntry): readonly SharedEntry[];
  end(entry: SharedEntry, state: Change['state'], ended: NonNullable<Change['ended']>): void;
  forget(key: string): SharedEntry | undefined;
}>;

const mostIdleKeys = 1000;

export function createSharedBook(): SharedBook {
  const book = createBook();
  const byKey = new Map<string, SharedEntry>();
  /** What the program has set in force, by what it is about. */
  const ofProgram = new Map<string, Set<SharedEntry>>();

  function forget(key: string): SharedEntry | undefined {
    const entry = byKey.get(key);
    if (!entry) return undefined;
    byKey.delete(key);
    unnote(entry);
    book.forget(entry);
    return entry;
  }

  function unnote(entry: SharedEntry): void {
    const subject = tellSubject(entry);
    const rivals = ofProgram.get(subject);
    rivals?.delete(entry);
    if (rivals?.size === 0) ofProgram.delete(subject);
  }

  function note(key: string, entry: SharedEntry): void {
    byKey.set(key, entry);
    if (!isSetting(entry)) return;
    const subject = tellSubject(entry);
    const rivals = ofProgram.get(subject) ?? new Set();
    ofProgram.set(subject, rivals.add(entry));
  }

  /** Those that another one of the program hides wholly. */
  function listHidden(entry: SharedEntry): readonly SharedEntry[] {
    if (!isSetting(entry)) return [];
    const rivals = [...(ofProgram.get(tellSubject(entry)) ?? [])];
    return rivals.filter((one) => rivals.some((other) => hides(other, one)));
  }

  /** Keys of those that have ended so long ago that nobody is shown them. */
  function sweep(): void {
    if (byKey.size <= book.inForce().length + mostIdleKeys) return;
    for (const [key, entry] of byKey) {
      if (book.find(entry.change.id) === entry) continue;
      byKey.delete(key);
      unnote(entry);
    }
  }

  return {
    list: book.list,
    find: (id) => book.find(id) as SharedEntry | undefined,
    under: (key) => byKey.get(key),
    inForce: () => book.inForce() as readonly SharedEntry[],
    wordsOf: (balancer) =>
      (book.inForce() as readonly SharedEntry[]).filter(({ change }) => change.deed.balancer === balancer),
    enter(word) {
      const key = keyOf(word);
      forget(key);
      const entry: SharedEntry = { ...word, subject: undefined };
      book.enter(entry);
      note(key, entry);
      sweep();
      return entry;
    },
    end(entry, state, ended) {
      unnote(entry);
      book.end(entry, state, ended);
      sweep();
    },
    forget,
    listHidden,
  };
}

function isSetting({ isProgram, change: { deed, state } }: SharedEntry): boolean {
  return isProgram && state === 'in-force' && fieldsOf(deed).length > 0;
}

function tellSubject({ server, change: { deed } }: Word): string {
  return JSON.stringify([deed.balancer, server ?? null]);
}

function hides(later: Word, one: Word): boolean {
  if (later.change.id <= one.change.id) return false;
  const said = new Set(fieldsOf(later.change.deed));
  return fieldsOf(one.change.deed).every((field) => said.has(field));
}
