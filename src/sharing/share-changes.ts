import type { Balancer } from '../balancer.ts';
import { wallClock, type Clock } from '../changes/alarm.ts';
import { mostInForce } from '../changes/book.ts';
import type { ChangeLog } from '../changes/change-log.ts';
import type { Change, Deed } from '../changes/change.ts';
import { findMember, spellOut, tellFailure } from '../changes/do-deed.ts';
import { quote } from '../definition/describe.ts';
import { readMember } from '../definition/read-member.ts';
import { insideOf } from '../inside.ts';
import { cleanName } from '../manager/clean-text.ts';
import { ManagerError } from '../manager/route.ts';
import { cut } from '../manager/survey/cut.ts';
import { identifyMember } from '../roster/diff-members.ts';
import { createProgramChanges } from './changes-by-program.ts';
import { createChangesCore, type SharedLogParts } from './changes-core.ts';
import type { Folded } from './changes-fold.ts';
import { findLoss, type Seat } from './changes-seat.ts';
import { identifyUrl } from './changes-words.ts';
import type { SharedChanges } from './membership.ts';

const longestWaiting = 500;

/** The changes that hold in all processes. */
export type SharedLog = Readonly<{
  /** Balancers by their names. */
  log: ChangeLog;
  /** The changes are laid on a balancer from now on; those that are known already hold when this returns. */
  join(balancer: Balancer): void;
  leave(balancer: Balancer): void;
  /** What the program does to a balancer that has joined. */
  changesOf(balancer: Balancer): SharedChanges;
  close(): void;
}>;

/**
 * Keeps the log of the changes that are in force in all processes.
 *
 * In each process, a balancer is its own definition with the changes in force laid on it in the order of their ids, which
 * is that in which they were made. Nothing else decides, neither who has made them nor when they have arrived, so that all
 * processes of one definition come to the same:
 * - Of each parameter, flag and option holds what the last change says that speaks of it.
 * - A server that several changes add is one member: the first of them says how, and it stays while any of them holds.
 * - Of an add and a remove of a server, the later one holds; so of two that remove it, each holds by itself.
 * - A change that does not fit what those before it have left, such as one on a server that is not there, waits; it is tried
 *   again whenever anything changes, and ends for nobody because one process cannot do it.
 * - What the program sets takes the place of what it has set of the same fields before.
 * - A change ends once: by the last word on it, or when its time is over, by the clock of each process.
 */
export function createSharedLog(
  parts: Omit<SharedLogParts, 'clock'> & Readonly<{ clock?: Clock }>,
): SharedLog {
  const core = createChangesCore({ clock: wallClock, ...parts });
  const { book, act } = core;
  let listed:
    Readonly<{ source: readonly Change[]; waits: readonly unknown[]; list: readonly Change[] }> | undefined;

  function findSeat(name: string): Seat {
    const seat = core.seatOf(name);
    if (!seat) throw new ManagerError('ERR_MANAGER_NOT_FOUND', `there is no balancer ${quote(name)}`);
    if (insideOf(seat.balancer).isClosed())
      throw new ManagerError('ERR_MANAGER_CONFLICT', `balancer ${quote(name)} is closed`);
    return seat;
  }

  function refuseTooMany(): void {
    const count = book.inForce().filter(({ isProgram }) => !isProgram).length;
    if (count >= mostInForce)
      throw new ManagerError('ERR_MANAGER_CONFLICT', `${mostInForce} changes are in force; undo some first`);
  }

  /** The deed with names as they are here, and whom it is about. */
  function addressDeed(given: Deed, seat: Seat): Readonly<{ deed: Deed; server: string | undefined }> {
    switch (given.kind) {
      case 'configure':
        return { deed: given, server: undefined };
      case 'add': {
        const { definition, members } = seat.folded();
        const company = { definition, members: Array.from(members.values(), ({ settings }) => settings) };
        // The log lets others add what is there already; whoever asks for it here is told.
        const { name } = readMember(given.member, company);
        return { deed: { ...given, name }, server: identifyUrl(given.member.url) };
      }
      case 'change':
      case 'drain':
      case 'remove': {
        const { settings } = findMember(seat.balancer, given.member);
        return { deed: { ...given, member: settings.name }, server: identifyMember(settings) };
      }
    }
  }

  function list(): readonly Change[] {
    const source = book.list();
    const names = new Set(source.map(({ deed }) => deed.balancer));
    const folded = new Map([...names].map((name) => [name, core.seatOf(name)?.folded()]));
    const waits = [...folded.values()].map((each) => each?.waiting);
    const isSame = listed?.source === source && listed.waits.length === waits.length;
    if (isSame && listed!.waits.every((each, i) => each === waits[i])) return listed!.list;
    listed = { source, waits, list: Object.freeze(source.map((each) => showWaiting(each, folded))) };
    return listed.list;
  }

  return {
    log: {
      make({ deed: asked, reason, forMs }, by) {
        if (core.isClosed()) throw new ManagerError('ERR_MANAGER_CLOSED');
        return act(() => {
          const seat = findSeat(asked.balancer);
          seat.settle();
          refuseTooMany();
          const spelled = spellOut(asked, forMs);
          const { deed, server } = addressDeed(spelled, seat);
          const terms = { by: cleanName(by), reason, forMs, server, isProgram: false };
          const word = core.newWord(deed, terms);
          if (deed.kind === 'change' && deed.set.inError !== undefined) {
            // The marks of errors take it to the other processes.
            insideOf(seat.balancer).roster.change(deed.member, deed.set);
            const done = { ...word, change: Object.freeze({ ...word.change, state: 'done' as const }) };
            core.enter(done);
            return done.change;
          }
          enter(word, seat.propose(word));
          return word.change;
        });
      },
      undo(id, by, judge = () => undefined) {
        return act(() => {
          const entry = book.find(id);
          if (!entry) throw new ManagerError('ERR_MANAGER_NOT_FOUND', `there is no change ${quote(id)}`);
          const { state, deed } = entry.change;
          if (state !== 'in-force')
            throw new ManagerError(
              'ERR_MANAGER_CONFLICT',
              `there is nothing to undo: the change is ${state}`,
            );
          const seat = core.seatOf(deed.balancer);
          const loss = seat && findLoss([entry], seat, book);
          if (loss)
            throw new ManagerError(
              'ERR_MANAGER_CONFLICT',
              `the change cannot be taken back: another one in force would not fit: ${tellFailure(loss)}`,
            );
          const back = seat?.foldWithout(new Set([id])).members.get(entry.server ?? '');
          if (back && deed.kind === 'remove') judge(back.settings.definition);
          core.end(entry, 'undone', cleanName(by));
          core.loseOn(entry);
          return entry.change;
        });
      },
      list,
      // By what the processes have in common, as long as one of them runs.
      persists: true,
      onChange: core.onChange,
      sync() {
        act(() => undefined);
      },
      close: core.close,
    },
    join: core.join,
    leave: core.leave,
    changesOf: (balancer) => createProgramChanges(balancer, core),
    close: core.close,
  };

  function enter(word: Parameters<typeof core.enter>[0], folded: Folded): void {
    try {
      core.enter(word, folded);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new ManagerError('ERR_MANAGER_CONFLICT', 'the change is too large to be shared');
    }
  }
}

function showWaiting(change: Change, folded: ReadonlyMap<string, Folded | undefined>): Change {
  if (change.state !== 'in-force') return change;
  const seat = folded.get(change.deed.balancer);
  if (!seat) return Object.freeze({ ...change, waiting: 'no balancer of this process is called so' });
  const error = seat.waiting.get(change.id);
  return error ? Object.freeze({ ...change, waiting: cut(tellFailure(error), longestWaiting) }) : change;
}
