import { isDeepStrictEqual } from 'node:util';
import type { Balancer } from '../balancer.ts';
import { rebuildMember } from '../definition/build-member.ts';
import type { BalancerDefinition } from '../definition/definition.ts';
import type { Options } from '../definition/problem.ts';
import { changeable } from '../definition/read-change.ts';
import type { MemberSettings, Settings } from '../definition/settings.ts';
import { insideOf } from '../inside.ts';
import type { MemberView } from '../member/member.ts';
import { Status } from '../member/status.ts';
import { identifyMember } from '../roster/diff-members.ts';
import { assign, lastingMask, type Base, type Standing, type Standings } from './changes-fold.ts';

/** A balancer as it was when it was looked at. */
export type Seen = Readonly<{
  settings: Settings;
  views: readonly MemberView[];
  definition: BalancerDefinition;
  members: Standings;
  /** Another one when another definition was written. */
  listed: unknown;
}>;

/** Looks at a balancer; the same as before where nothing is different. */
export function look(balancer: Balancer, before?: Seen): Seen {
  const { now, roster } = insideOf(balancer);
  const { settings, members } = now().parts;
  const views = members.view();
  if (before && before.settings === settings && before.views === views) return before;
  const flags = new Map(views.map((view) => [view.settings, view.state.status & lastingMask]));
  const all = settings.members.map((each): readonly [string, Standing] => {
    const isServer = each.resolve === undefined;
    return [
      identifyMember(each),
      {
        settings: each,
        status: flags.get(each) ?? each.status & lastingMask,
        isTold: isServer && roster.isTold(each.name),
        isFromDns: isServer && roster.isFromDns(each.name),
        added: undefined,
      },
    ];
  });
  // Nothing that changes speak of stands in its list of members.
  const definition = roster.definition() as BalancerDefinition;
  return { settings, views, definition, members: new Map(all), listed: roster.listed() };
}

/**
 * The base when something was done to the balancer other than by changes: by another definition, by DNS, or by the program
 * for this process alone. `isDraining`: whether a drain will disable the member, which its own timer may do before it.
 */
export function rebase(base: Base, before: Seen, now: Seen, isDraining: (server: string) => boolean): Base {
  const members = new Map(base.members);
  const locals = new Map(base.locals);
  for (const [server, is] of now.members) {
    const was = before.members.get(server);
    const known = members.get(server);
    if (!was || (is.isFromDns && !known)) {
      members.set(server, is);
      continue;
    }
    if (known) members.set(server, mergeStanding(known, was, is, isDraining(server)));
    else {
      const edits = listEdits(was, is, isDraining(server));
      if (Object.keys(edits).length > 0) locals.set(server, { ...locals.get(server), ...edits });
    }
  }
  // Whom a change has removed, another definition may have left out.
  const known = before.listed === now.listed ? before.members : new Map([...before.members, ...members]);
  for (const server of known.keys()) {
    if (now.members.has(server)) continue;
    members.delete(server);
    locals.delete(server);
  }
  return { definition: mergeDefinition(base.definition, before.definition, now.definition), members, locals };
}

function mergeStanding(base: Standing, was: Standing, is: Standing, isDraining: boolean): Standing {
  const status = mergeStatus(base.status, was.status, is.status, isDraining);
  if (was.settings === is.settings) return { ...is, settings: base.settings, status };
  const kept = Object.fromEntries(
    changeable
      .filter((field) => !isOther(was, is, field))
      .map((field) => [field, valueOf(base.settings, field)]),
  );
  const settings = rebuildMember(is.settings, assign(is.settings.definition, kept));
  return { ...is, settings, status };
}

function mergeStatus(base: number, was: number, is: number, isDraining: boolean): number {
  const other = (was ^ is) & (isDraining && (is & Status.disabled) !== 0 ? ~Status.disabled : ~0);
  return (base & ~other) | (is & other);
}

/** What is different on a member that a change has added: parameters, and all its flags as `status`. */
function listEdits(was: Standing, is: Standing, isDraining: boolean): Options {
  const fields = was.settings === is.settings ? [] : changeable.filter((field) => isOther(was, is, field));
  const status = mergeStatus(was.status, was.status, is.status, isDraining);
  return {
    ...Object.fromEntries(fields.map((field) => [field, valueOf(is.settings, field)])),
    ...(status === was.status ? {} : { status }),
  };
}

function mergeDefinition(
  base: BalancerDefinition,
  was: BalancerDefinition,
  is: BalancerDefinition,
): BalancerDefinition {
  const [all, before, now]: readonly Options[] = [base, was, is];
  const names = new Set([...Object.keys(all!), ...Object.keys(now!)]);
  const merged = [...names].map((name) => {
    const isSame = isDeepStrictEqual(before![name], now![name]);
    return [name, isSame ? all![name] : now![name]] as const;
  });
  // Options of either definition, both of which were checked.
  return Object.fromEntries(
    merged.filter(([, value]) => value !== undefined),
  ) as unknown as BalancerDefinition;
}

function isOther(was: Standing, is: Standing, field: string): boolean {
  return !isDeepStrictEqual(valueOf(was.settings, field), valueOf(is.settings, field));
}

/** A parameter as it is written. */
function valueOf({ definition }: MemberSettings, field: string): unknown {
  return (definition as Options)[field];
}
