import { randomBytes } from 'node:crypto';
import { quote } from '../definition/describe.ts';
import type { Logger } from '../definition/definition.ts';
import { DefinitionError } from '../definition/problem.ts';
import { insideOf } from '../inside.ts';
import { cleanName } from '../manager/clean-text.ts';
import type { Listed } from '../manager/listed.ts';
import type { ManagerOptions } from '../manager/manager-options.ts';
import { ManagerError } from '../manager/route.ts';
import { createAlarm, wallClock, type Clock } from './alarm.ts';
import { compileAllowMembers } from '../definition/allow-members.ts';
import { createBook, isLaid, mostInForce } from './book.ts';
import type { ChangeLog } from './change-log.ts';
import type { Change } from './change.ts';
import { doDeed, takeBack, type Tools } from './do-deed.ts';
import { createEndings, isShut } from './endings.ts';
import { createHandOn } from './hand-on.ts';
import { layWaiting, type Places } from './lay-waiting.ts';
import { findDue, isExpired } from './list-values.ts';
import { createStamps } from '../sharing/stamp.ts';
import { readStored } from './read-stored.ts';
import { createWatch } from './watch.ts';

/** What a log of changes is kept of. */
export type ChangeLogOptions = Readonly<{
  balancers: () => readonly Listed[];
  /** Whether balancers may come that are not there yet: stored changes wait for them. */
  mayAppear: boolean;
  /** Whether the changes on a balancer are kept by the state that it shares. Default: none are. */
  isElsewhere?: (id: string) => boolean;
  allowMembers: ManagerOptions['allowMembers'];
  onChange: ManagerOptions['onChange'];
  initialChanges: unknown;
  logger: Logger;
  /** Default: the machine's. */
  clock?: Clock;
}>;

const mostTold = 20;

/** Keeps the log of changes; what was stored holds again when this returns. */
export function createChangeLog(options: ChangeLogOptions): ChangeLog {
  const { balancers, mayAppear, isElsewhere = () => false, logger, clock = wallClock } = options;
  const places: Places = { mayAppear, isElsewhere };
  const { now } = clock;
  const book = createBook();
  const ids = createStamps(randomBytes(4).toString('hex'));
  const listeners = new Set<() => void>();
  const handOn = createHandOn(options.onChange, () => book.inForce().map(({ change }) => change), logger);
  const isAllowed = compileAllowMembers(options.allowMembers, (problem) => {
    logger.error('[manager] allowMembers has refused a server:', problem);
  });
  const tools: Tools = { inForce: book.inForce, isAllowed, now, logger };
  const endings = createEndings(book, tools, (change) => {
    news.push(change);
  });
  const alarm = createAlarm(clock, () => {
    act(() => undefined);
  });
  const watch = createWatch(() => {
    // Members that come and go by what is done here are looked at when it is done.
    if (depth === 0) act(lookRound);
  });
  let depth = 0;
  let news: Change[] = [];
  let isClosed = false;
  /** Everything that was due then is seen to. */
  let lookedAt = 0;

  /** Whatever is done, what is due is done first. Whoever is told of it is told when it is whole. */
  function act<Result>(work: () => Result): Result {
    depth += 1;
    try {
      if (depth === 1 && !isClosed) {
        lookedAt = now();
        endings.expire(lookedAt);
      }
      return work();
    } finally {
      endings.lose();
      depth -= 1;
      if (depth === 0) tell();
    }
  }

  function tell(): void {
    // Not by the time that it is now: something may have come due meanwhile.
    const due = book.inForce().map(({ change }) => findDue(change, lookedAt) ?? Infinity);
    const next = Math.min(Infinity, ...due);
    alarm.set(isClosed || next === Infinity ? undefined : next);
    if (news.length === 0) return;
    for (const listener of [...listeners]) {
      try {
        listener();
      } catch (error) {
        logger.error('[manager] a listener to the changes has failed:', error);
      }
    }
    // What the app changes when it is handed one comes after those that are there.
    for (let change = news.shift(); change; change = news.shift()) handOn(change);
  }

  function lookRound(): void {
    if (isClosed) return;
    const listed = balancers();
    for (const { id, balancer } of watch.follow(listed)) {
      for (const entry of book.inForce()) {
        const { change, subject } = entry;
        // Another one of the same id gets what was set on the one before.
        if (change.deed.balancer === id && subject && subject.balancer !== balancer)
          book.lay(entry, { change, subject: undefined });
      }
    }
    warn(layWaiting(book, listed, places, tools, endings));
  }

  function warn(faults: readonly string[]): void {
    if (faults.length === 0) return;
    const more = faults.length > mostTold ? [`and ${faults.length - mostTold} more`] : [];
    const lines = ['[manager] changes that were stored do not hold:', ...faults.slice(0, mostTold), ...more];
    logger.warn(lines.join('\n  '));
  }

  function begin(): void {
    const { changes, faults } = readStored(options.initialChanges, mostInForce);
    for (const change of changes) {
      ids.follow(change.id, now());
      if (!isExpired(change, now())) book.enter({ change, subject: undefined });
    }
    act(() => {
      const listed = balancers();
      watch.follow(listed);
      warn([...faults, ...layWaiting(book, listed, places, tools, endings)]);
      // The store stays as it is until somebody makes a change: what is wrong may be the program.
      news = [];
    });
  }

  begin();

  return {
    make({ deed, reason, forMs }, by) {
      // Of a request that has come before the end: nothing would take its change back in time.
      if (isClosed) throw new ManagerError('ERR_MANAGER_CLOSED');
      return act(() => {
        lookRound();
        if (book.inForce().length >= mostInForce)
          throw new ManagerError(
            'ERR_MANAGER_CONFLICT',
            `${mostInForce} changes are in force; undo some first`,
          );
        const listed = findOpen(balancers(), deed.balancer);
        const at = now();
        const change: Change = {
          id: ids.next(at),
          at,
          by: cleanName(by),
          deed,
          reason,
          until: forMs === undefined ? undefined : at + forMs,
          state: 'in-force',
          ended: undefined,
        };
        const entry = doDeed(change, listed, tools);
        book.enter(entry);
        news.push(entry.change);
        return entry.change;
      });
    },
    undo(id, by) {
      return act(() => {
        const entry = book.find(id);
        if (!entry) throw new ManagerError('ERR_MANAGER_NOT_FOUND', `there is no change ${quote(id)}`);
        const { state } = entry.change;
        if (state !== 'in-force')
          throw new ManagerError('ERR_MANAGER_CONFLICT', `there is nothing to undo: the change is ${state}`);
        try {
          if (isLaid(entry) && !isShut(entry)) takeBack(entry, tools);
        } catch (error) {
          if (!(error instanceof DefinitionError)) throw error;
          // What one would write instead is no part of an undo.
          const problems = error.problems.map(({ path, problem }) => `${path}: ${problem}`).join('; ');
          throw new ManagerError('ERR_MANAGER_CONFLICT', `the change cannot be taken back: ${problems}`);
        }
        endings.finish(entry, 'undone', cleanName(by), undefined);
        return entry.change;
      });
    },
    list: book.list,
    persists: options.onChange !== undefined,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    sync() {
      act(lookRound);
    },
    close() {
      isClosed = true;
      alarm.set(undefined);
      watch.close();
      listeners.clear();
    },
  };
}

function findOpen(listed: readonly Listed[], id: string): Listed {
  const one = listed.find((each) => each.id === id);
  if (!one) throw new ManagerError('ERR_MANAGER_NOT_FOUND', `there is no balancer ${quote(id)}`);
  if (insideOf(one.balancer).isClosed())
    throw new ManagerError('ERR_MANAGER_CONFLICT', `balancer ${quote(id)} is closed`);
  return one;
}
