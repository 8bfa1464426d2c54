import { compileAllowMembers } from '../definition/allow-members.ts';
import type { MemberDefinition } from '../definition/member-definition.ts';
import { insideOf } from '../inside.ts';
import type { Listed } from '../manager/listed.ts';
import { ManagerError } from '../manager/route.ts';
import type { ChangeLog } from './change-log.ts';
import type { Change, Deed } from './change.ts';
import { createChangeLog, type ChangeLogOptions } from './create-change-log.ts';
import { checkAllowed } from './do-deed.ts';

/** A balancer whose state keeps the changes on it. */
type Sharing = Readonly<{ id: string; name: string; log: ChangeLog }>;

/**
 * One log of what a manager shows: its own, of balancers that share nothing, and those that balancers share with other
 * processes. Balancers are called by their ids in the manager.
 */
export function composeLogs(options: ChangeLogOptions): ChangeLog {
  const { balancers, logger } = options;
  const isAllowed = compileAllowMembers(options.allowMembers, (problem) => {
    logger.error('[manager] allowMembers has refused a server:', problem);
  });
  const own = createChangeLog({
    ...options,
    balancers: () => balancers().filter((listed) => readSharing(listed) === undefined),
    isElsewhere: (id) => listSharing().some((each) => each.id === id),
  });
  const listeners = new Set<() => void>();
  const heard = new Map<ChangeLog, () => void>();
  const stopOwn = own.onChange(tell);
  let listed: Readonly<{ sources: readonly unknown[]; list: readonly Change[] }> | undefined;
  let isClosed = false;

  function listSharing(): readonly Sharing[] {
    return balancers().flatMap((each) => readSharing(each) ?? []);
  }

  function tell(): void {
    for (const listener of [...listeners]) listener();
  }

  /** Balancers come and go. */
  function follow(): readonly Sharing[] {
    const sharing = listSharing();
    if (isClosed) return sharing;
    const there = new Set(sharing.map(({ log }) => log));
    for (const [log, stop] of heard) {
      if (there.has(log)) continue;
      stop();
      heard.delete(log);
    }
    for (const log of there) if (!heard.has(log)) heard.set(log, log.onChange(tell));
    return sharing;
  }

  function list(): readonly Change[] {
    const sharing = follow();
    const logs = [...new Set(sharing.map(({ log }) => log))];
    if (logs.length === 0) return own.list();
    const sources = [own.list(), ...logs.map((log) => log.list()), ...sharing.map(({ id }) => id)];
    const isSame =
      listed?.sources.length === sources.length && listed.sources.every((each, i) => each === sources[i]);
    if (isSame) return listed!.list;
    const shared = logs.flatMap((log) =>
      log.list().flatMap((change) => {
        const one = sharing.find((each) => each.log === log && each.name === change.deed.balancer);
        return one ? [rename(change, one.id)] : [];
      }),
    );
    const all = [...own.list(), ...shared].sort((one, other) => (one.id > other.id ? -1 : 1));
    listed = { sources, list: Object.freeze(all) };
    return listed.list;
  }

  follow();

  return {
    make(request, by) {
      const one = follow().find(({ id }) => id === request.deed.balancer);
      if (!one) return own.make(request, by);
      if (isClosed) throw new ManagerError('ERR_MANAGER_CLOSED');
      const { deed } = request;
      if (deed.kind === 'add') checkAllowed(deed.member, isAllowed);
      const named: Deed = { ...deed, balancer: one.name };
      return rename(one.log.make({ ...request, deed: named }, by), one.id);
    },
    undo(id, by) {
      const known = list().find((change) => change.id === id);
      const one = known && listSharing().find((each) => each.id === known.deed.balancer);
      if (!one) return own.undo(id, by);
      const judge = (member: MemberDefinition): void => {
        checkAllowed(member, isAllowed);
      };
      return rename(one.log.undo(id, by, judge), one.id);
    },
    list,
    persists: own.persists,
    onChange(listener) {
      follow();
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    sync() {
      own.sync();
      for (const { log } of follow()) log.sync();
    },
    close() {
      isClosed = true;
      stopOwn();
      for (const stop of heard.values()) stop();
      heard.clear();
      listeners.clear();
      own.close();
    },
  };
}

function readSharing({ id, balancer }: Listed): Sharing | undefined {
  const works = insideOf(balancer);
  const log = works.membership()?.log;
  return log && { id, name: works.now().parts.settings.name, log };
}

function rename(change: Change, id: string): Change {
  return change.deed.balancer === id ? change : { ...change, deed: { ...change.deed, balancer: id } };
}
