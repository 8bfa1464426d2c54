import type { Balancer } from '../balancer.ts';
import type { Change } from '../changes/change.ts';
import type { Logger } from '../definition/definition.ts';
import { tellFailure } from '../changes/do-deed.ts';
import { listValues } from '../changes/list-values.ts';
import type { DefinitionError } from '../definition/problem.ts';
import { insideOf } from '../inside.ts';
import { cut } from '../manager/survey/cut.ts';
import { applyFolded } from './changes-apply.ts';
import { look, rebase, type Seen } from './changes-base.ts';
import type { SharedBook, SharedEntry } from './changes-book.ts';
import { foldChanges, foldOnto, lastingMask, type Base, type Folded, type Word } from './changes-fold.ts';

/** A balancer of this process that the changes of all processes are laid on. */
export type Seat = Readonly<{
  balancer: Balancer;
  /** Others are in force than when they were laid, or say something else. */
  mark(): void;
  /** What was done to it meanwhile is seen to, and all changes are laid. */
  settle(): void;
  /** As `settle` has left it. */
  folded(): Folded;
  /**
   * What one more change would make of it.
   *
   * @throws {DefinitionError} when it does not fit.
   */
  propose(word: Word): Folded;
  /** What it would be without some. */
  foldWithout(ids: ReadonlySet<string>): Folded;
  /** One that was proposed is in force, and nothing else is otherwise. */
  accept(folded: Folded, word: Word): void;
  /** One more is in force. */
  advance(word: Word): void;
  /** What this process has said of fields of a server (`''`: of the balancer) goes over the changes up to now. */
  silence(server: string, fields: readonly string[], id: string): void;
  /** Resolves when a member that is removed serves nothing any more. */
  whenEnded(server: string): Promise<void>;
}>;

/** What a seat is made of. */
export type SeatParts = Readonly<{
  balancer: Balancer;
  /** The changes in force on it, in the order of their ids. */
  words: () => readonly Word[];
  now: () => number;
  logger: Logger;
}>;

const mostTold = 20;
const longestTold = 500;
/** More are laid as a whole. */
const mostOneByOne = 5;
/** Of changes that nobody has warned of twice. */
const mostWarned = 10_000;

export function createSeat({ balancer, words, now, logger }: SeatParts): Seat {
  const { roster, events, isClosed } = insideOf(balancer);
  const name = insideOf(balancer).now().parts.settings.name;
  const silences = new Map<string, Map<string, string>>();
  const leaving = new Map<string, Promise<void>>();
  const warned = new Set<string>();
  let seen: Seen = look(balancer);
  let base: Base = { definition: seen.definition, members: seen.members, locals: new Map() };
  let folded: Folded = foldChanges(base, [], now(), silences);
  let applied = folded;
  let isStale = true;
  /** What `folded` has on top of `applied`, where that is a few changes; undefined: anything else. */
  let pending: Word[] | undefined;

  function stepTo(next: Folded, word: Word): void {
    folded = next;
    pending?.push(word);
    if (pending && pending.length > mostOneByOne) pending = undefined;
  }

  function follow(): void {
    const is = look(balancer, seen);
    if (is === seen) return;
    if (hasMoved(seen, is)) {
      base = rebase(base, seen, is, isDraining);
      isStale = true;
    }
    seen = is;
  }

  function isDraining(server: string): boolean {
    return words().some(
      ({ change: { deed }, server: whom }) =>
        whom === server && deed.kind === 'drain' && deed.deadlineMs !== undefined,
    );
  }

  function refold(): void {
    follow();
    if (!isStale) return;
    const laid = words();
    forgetGone(laid);
    folded = foldChanges(base, laid, now(), silences);
    isStale = false;
    pending = undefined;
  }

  /** What this process has said of members that are gone, and that no change speaks of any more. */
  function forgetGone(laid: readonly Word[]): void {
    if (silences.size === 0 && base.locals.size === 0) return;
    const spoken = new Set(['', ...base.members.keys(), ...laid.map(({ server = '' }) => server)]);
    for (const server of silences.keys()) if (!spoken.has(server)) silences.delete(server);
    const locals = [...base.locals].filter(([server]) => spoken.has(server));
    if (locals.length < base.locals.size) base = { ...base, locals: new Map(locals) };
  }

  /** Whether this process has said something of its subject after it. */
  function isPartlySilent({ server = '', change }: Word): boolean {
    return [...(silences.get(server)?.values() ?? [])].some((id) => id > change.id);
  }

  /** Of many members one or two are changed: nobody else is looked at. False: it takes more. */
  function applyFew(words: readonly Word[]): boolean {
    return events.after(() => {
      const members = new Map(seen.members);
      for (const { server = '', change } of words) {
        const standing = members.get(server);
        if (!standing) continue;
        try {
          roster.change(standing.settings.name, listValues(change, now()));
        } catch {
          return false;
        }
        const { settings, state } = roster.find(standing.settings.name);
        members.set(server, { ...standing, settings, status: state.status & lastingMask });
      }
      const { settings, members: all } = insideOf(balancer).now().parts;
      seen = { ...seen, settings, views: all.view(), members };
      applied = folded;
      return true;
    });
  }

  function apply(): void {
    const target = folded;
    applied = target;
    // Whoever listens is told when this knows what it has done itself.
    events.after(() => {
      const { removed, ended } = applyFolded(balancer, target, seen);
      const left = ended.then(
        () => undefined,
        (error: unknown) => {
          logger.error(`shared state: members of balancer '${name}' did not end in order:`, error);
        },
      );
      for (const server of removed) {
        leaving.set(server, left);
        void left.then(() => {
          if (leaving.get(server) === left) leaving.delete(server);
        });
      }
      seen = look(balancer);
      // Those who were told for a member that is removed have gone with it.
      const gone = [...base.members].filter(
        ([server, { isFromDns }]) => isFromDns && !seen.members.has(server),
      );
      if (gone.length > 0) {
        const members = new Map(base.members);
        for (const [server] of gone) members.delete(server);
        base = { ...base, members };
        isStale = true;
      }
    });
  }

  function warnOfWaiting(): void {
    // DNS may still tell of whom they are about.
    if (folded.waiting.size === 0 || roster.isAwaitingDns()) return;
    const known = new Map(words().map(({ change }) => [change.id, change]));
    const fresh = [...folded.waiting].filter(([id]) => !warned.has(id));
    warnOnce(fresh.map(([id, error]) => [id, `${tellChange(known.get(id))}: ${tellFailure(error)}`]));
  }

  function warnOnce(lines: readonly (readonly [key: string, line: string])[]): void {
    const fresh = lines.filter(([key]) => !warned.has(key));
    if (fresh.length === 0) return;
    if (warned.size > mostWarned) warned.clear();
    for (const [key] of fresh) warned.add(key);
    const told = fresh.slice(0, mostTold).map(([, line]) => cut(line, longestTold));
    const more = fresh.length > mostTold ? [`and ${fresh.length - mostTold} more`] : [];
    const head = `shared state: changes of balancer '${name}' do not hold in this process, and wait:`;
    logger.warn([head, ...told, ...more].join('\n  '));
  }

  return {
    balancer,
    mark() {
      isStale = true;
    },
    settle() {
      // A balancer that is closed ends without a trace.
      if (isClosed()) return;
      refold();
      if (folded === applied) return;
      const few = pending;
      pending = [];
      if (!few?.every(isOfMember) || !applyFew(few)) apply();
      warnOfWaiting();
    },
    folded: () => folded,
    propose(word) {
      refold();
      return foldOnto(folded, base, word, now());
    },
    foldWithout(ids) {
      refold();
      const others = words().filter(({ change }) => !ids.has(change.id));
      return foldChanges(base, others, now(), silences);
    },
    accept: stepTo,
    advance(word) {
      // Many are laid as a whole.
      if (isStale || !pending || word.change.id <= folded.top || isPartlySilent(word)) isStale = true;
      else
        try {
          stepTo(foldOnto(folded, base, word, now()), word);
        } catch {
          // It waits, which the whole fold finds out.
          isStale = true;
        }
    },
    silence(server, fields, id) {
      const silent = silences.get(server) ?? new Map<string, string>();
      for (const field of fields) silent.set(field, id);
      silences.set(server, silent);
      isStale = true;
    },
    whenEnded: (server) => leaving.get(server) ?? Promise.resolve(),
  };
}

/** Why changes cannot end: another one would not fit any more. What is made on a member that goes with them goes too. */
export function findLoss(
  entries: readonly SharedEntry[],
  seat: Seat,
  book: Pick<SharedBook, 'find'>,
): DefinitionError | undefined {
  const before = seat.folded().waiting;
  const after = seat.foldWithout(new Set(entries.map(({ change }) => change.id)));
  const gone = new Set(
    entries.map(({ server }) => server).filter((server) => !after.members.has(server ?? '')),
  );
  const lost = [...after.waiting].find(([id]) => {
    const server = book.find(id)?.server;
    return !before.has(id) && (server === undefined || !gone.has(server));
  });
  return lost?.[1];
}

function isOfMember({ change: { deed } }: Word): boolean {
  return deed.kind === 'change' || deed.kind === 'drain';
}

function hasMoved(before: Seen, now: Seen): boolean {
  if (before.settings !== now.settings) return true;
  return [...now.members].some(([server, { status }]) => before.members.get(server)?.status !== status);
}

function tellChange(change: Change | undefined): string {
  if (!change) return 'a change';
  const { id, deed, by } = change;
  return `change ${id} (${deed.kind} by ${by})`;
}
