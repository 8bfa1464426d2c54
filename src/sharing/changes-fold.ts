import { isDeepStrictEqual } from 'node:util';
import type { Change } from '../changes/change.ts';
import { lastingFlags } from '../changes/flags.ts';
import { listValues } from '../changes/list-values.ts';
import { rebuildMember } from '../definition/build-member.ts';
import { configureDefinition } from '../definition/configure.ts';
import type { BalancerDefinition } from '../definition/definition.ts';
import type { MemberDefinition } from '../definition/member-definition.ts';
import { DefinitionError, type Options } from '../definition/problem.ts';
import { readChange } from '../definition/read-change.ts';
import { readMember } from '../definition/read-member.ts';
import type { MemberSettings } from '../definition/settings.ts';
import type { MemberView } from '../member/member.ts';
import { refuseLast, refuseTold, refuseUnknown } from '../roster/refusals.ts';

/** Every flag that a change speaks of and that holds until somebody changes it. */
export const lastingMask = Object.values(lastingFlags).reduce((all: number, flag) => all | flag, 0);

/** A member as it is, or would be. */
export type Standing = Readonly<{
  settings: MemberSettings;
  /** Its flags, but for what it has failed. */
  status: number;
  /** DNS tells it. */
  isTold: boolean;
  /** DNS tells it, and nobody has named it besides. */
  isFromDns: boolean;
  /** How it was added, where a change has added it. */
  added: MemberDefinition | undefined;
}>;

/** By what makes two members one. */
export type Standings = ReadonlyMap<string, Standing>;

/** A balancer as this process has it without any change. */
export type Base = Readonly<{
  definition: BalancerDefinition;
  members: Standings;
  /** What only this process says of members that changes have added. */
  locals: ReadonlyMap<string, Options>;
}>;

/** A change, and whom it is about, whatever that one is called in this process. */
export type Word = Readonly<{
  change: Change;
  /** What makes two members one; undefined: it is about the balancer. */
  server: string | undefined;
  /** The program has made it, not a user who is called so. */
  isProgram: boolean;
}>;

/** A balancer with the changes on it. */
export type Folded = Readonly<{
  definition: BalancerDefinition;
  members: Standings;
  /** Who is away because a change has removed them. */
  removed: ReadonlySet<string>;
  /** Changes that do not fit here, by their ids, and why. */
  waiting: ReadonlyMap<string, DefinitionError>;
  /** The last change. */
  top: string;
}>;

/** What this process says of a field after a change: by server and field, the id up to which changes are silent. */
export type Silences = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** The field that a remove speaks of. */
export const presence = 'member';

/** What fields are by themselves, whatever the other members are. */
const lone: ReadonlySet<string> = new Set(['loadfactor', 'disabled', 'stopped', 'drain', 'ignoreErrors']);

/** What has to fit beside the other members. */
const amongOthers = ['route', 'redirect', 'lbset'];

/** What a change has made of a member the last time: of many changes laid anew, few come to anything else. */
const laid = new WeakMap<Change, Readonly<{ known: Standing; values: Options; standing: Standing }>>();

/**
 * A balancer with changes on it, in the order of their ids: nothing else decides what comes of them. Each is done to what
 * those before have left: one that does not fit waits, and says nothing. Of two that add a server the first one says how,
 * and it stays while either of them holds; of an add and a remove, the later one holds.
 */
export function foldChanges(base: Base, words: readonly Word[], now: number, silences: Silences): Folded {
  const start: Folded = {
    definition: base.definition,
    members: new Map(base.members),
    removed: new Set(),
    waiting: new Map(),
    top: '',
  };
  const draft = { ...start, members: new Map(start.members), removed: new Set<string>() };
  const waiting = new Map<string, DefinitionError>();
  let top = '';
  for (const word of words) {
    const { id } = word.change;
    if (id > top) top = id;
    try {
      layWord(draft, word, now, base.locals, silences);
    } catch (error) {
      // Whatever a value from elsewhere makes of a check, it must not stop those that follow.
      waiting.set(id, error instanceof DefinitionError ? error : tellStrange(error));
    }
  }
  return { ...draft, waiting, top };
}

/**
 * One more change, on top of all.
 *
 * @throws {DefinitionError} when it does not fit.
 */
export function foldOnto(folded: Folded, base: Base, word: Word, now: number): Folded {
  const draft = { ...folded, members: new Map(folded.members), removed: new Set(folded.removed) };
  layWord(draft, word, now, base.locals, new Map());
  return { ...draft, top: word.change.id };
}

/** Whether a change says nothing but what is the member's own affair: what is under it, it hides. */
export function isLone({ change: { deed } }: Word): boolean {
  return deed.kind === 'change' && Object.keys(deed.set).every((name) => lone.has(name));
}

type Draft = { definition: BalancerDefinition; members: Map<string, Standing>; removed: Set<string> };

function layWord(
  draft: Draft,
  { change, server = '' }: Word,
  now: number,
  locals: Base['locals'],
  silences: Silences,
): void {
  const { deed, id } = change;
  const { definition, members, removed } = draft;
  const name = definition.name ?? 'balancer';
  switch (deed.kind) {
    case 'configure': {
      const values = omitSilent(deed.set, id, silences.get(server));
      draft.definition = configureDefinition(values, { definition, members: listSettings(members) });
      return;
    }
    case 'add': {
      if (members.has(server)) return;
      const read = readMember(deed.member, { definition, members: listSettings(members) });
      const { status, ...fields } = { status: undefined, ...locals.get(server) };
      const settings =
        Object.keys(fields).length === 0 ? read : rebuildMember(read, assign(read.definition, fields));
      members.set(server, {
        settings,
        status: (typeof status === 'number' ? status : read.status) & lastingMask,
        isTold: false,
        isFromDns: false,
        added: deed.member,
      });
      removed.delete(server);
      return;
    }
    case 'remove': {
      if (removed.has(server) || (silences.get(server)?.get(presence) ?? '') > id) return;
      const known = members.get(server);
      if (!known) throw refuseUnknown(deed.member, name, viewsOf(members));
      if (known.isTold) throw refuseTold(known.settings.name, name);
      const isLast = [...members.values()].every((each) => each === known || each.isFromDns);
      if (isLast) throw refuseLast(known.settings.name, name);
      members.delete(server);
      removed.add(server);
      return;
    }
    case 'change':
    case 'drain': {
      const values = omitSilent(listValues(change, now), id, silences.get(server));
      // It comes back without what was said of it while it was away.
      const known = members.get(server);
      if (!known) throw refuseUnknown(deed.member, name, viewsOf(members));
      const before = laid.get(change);
      const isSame = before?.known === known && isDeepStrictEqual(before.values, values);
      if (isSame && !amongOthers.some((field) => Object.hasOwn(values, field))) {
        members.set(server, before.standing);
        return;
      }
      const read = readChange(values, known.settings, eachOf(members), known.status, definition.compat);
      const status = (read.status ?? known.status) & lastingMask;
      const standing = { ...known, settings: read.settings, status };
      members.set(server, standing);
      laid.set(change, { known, values, standing });
    }
  }
}

function omitSilent(values: Options, id: string, silent: ReadonlyMap<string, string> | undefined): Options {
  if (!silent) return values;
  return Object.fromEntries(Object.entries(values).filter(([name]) => (silent.get(name) ?? '') < id));
}

/** A member's definition with other parameters. */
export function assign(definition: MemberDefinition, fields: Options): MemberDefinition {
  const all = Object.entries({ ...definition, ...fields }).filter(([, value]) => value !== undefined);
  // A definition that was checked, with options that were.
  return Object.fromEntries(all) as unknown as MemberDefinition;
}

function listSettings(members: Standings): readonly MemberSettings[] {
  return Array.from(members.values(), ({ settings }) => settings);
}

/** The same for whoever may not ask: of many changes, few are about the other members. */
function eachOf(members: Standings): Iterable<MemberSettings> {
  return {
    *[Symbol.iterator]() {
      for (const { settings } of members.values()) yield settings;
    },
  };
}

/** Of members that serve nobody, their names are all that is asked for. */
function viewsOf(members: Standings): readonly MemberView[] {
  return [...members.values()] as unknown as readonly MemberView[];
}

function tellStrange(error: unknown): DefinitionError {
  const problem = { path: 'change', given: 'it', problem: String(error), advice: 'undo it' };
  return new DefinitionError([problem], 'The change');
}
