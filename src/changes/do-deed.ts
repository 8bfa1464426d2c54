import { quote } from '../definition/describe.ts';
import { BalancerError } from '../errors.ts';
import type { Logger } from '../definition/definition.ts';
import { parseMemberUrl } from '../definition/member-url.ts';
import type { MemberDefinition } from '../definition/member-definition.ts';
import type { MemberChangeOptions } from '../definition/member-change.ts';
import { DefinitionError, isFault, stateProblem } from '../definition/problem.ts';
import { insideOf } from '../inside.ts';
import type { MemberView } from '../member/member.ts';
import type { Listed } from '../manager/listed.ts';
import { ManagerError } from '../manager/route.ts';
import type { AllowMembers } from '../definition/allow-members.ts';
import type { Entry, LaidEntry } from './book.ts';
import type { Change, Deed } from './change.ts';
import { spellOutFlags } from './flags.ts';
import type { Voice } from './layers.ts';
import { listValues } from './list-values.ts';
import { park, takeOut, unpark } from './park.ts';
import { createSubject, isThere, layOn, type Subject } from './subject.ts';

/** What deeds are done with. */
export type Tools = Readonly<{
  inForce: () => readonly Entry[];
  isAllowed: AllowMembers;
  now: () => number;
  logger: Logger;
}>;

/**
 * Does the deed of a change. `isStored`: it comes back from a store, so that others may have been made on top since.
 *
 * @throws {DefinitionError} or {ManagerError} when it cannot be done; then nothing of it is.
 */
export function doDeed(given: Change, { balancer }: Listed, tools: Tools, isStored = false): Entry {
  // Whoever listens to the balancer is told when it is whole: what they set then is somebody else's.
  return insideOf(balancer).events.after(() => doAtOnce(given, balancer, tools, isStored));
}

function doAtOnce(given: Change, balancer: Listed['balancer'], tools: Tools, isStored: boolean): Entry {
  const deed = spellOut(given.deed, given.until);
  const change = Object.freeze({ ...given, deed });
  switch (deed.kind) {
    case 'change':
      if (deed.set.inError !== undefined) {
        const { settings } = findMember(balancer, deed.member);
        insideOf(balancer).roster.change(settings.name, deed.set);
        return {
          change: { ...change, deed: { ...deed, member: settings.name }, state: 'done' },
          subject: undefined,
        };
      }
      return lay(change, memberSubject(balancer, deed.member, tools), tools, isStored);
    case 'drain':
      return lay(change, memberSubject(balancer, deed.member, tools), tools, isStored);
    case 'configure':
      return lay(change, findSubject(tools, balancer) ?? createSubject(balancer), tools, isStored);
    case 'add':
      return addMember(change, deed, balancer, tools);
    case 'remove': {
      const view = findMember(balancer, deed.member);
      const subject = memberSubject(balancer, deed.member, tools);
      // What somebody else has set meanwhile must not come back as what changes have laid on it.
      layOn(subject, listVoices(subject, tools));
      park(subject, view, tools.logger);
      return { change: { ...change, deed: { ...deed, member: view.settings.name } }, subject };
    }
  }
}

/**
 * Takes the deed of a change in force back.
 *
 * @throws {DefinitionError} or {ManagerError} when that does not fit how things are now; then nothing is changed.
 */
export function takeBack({ change, subject }: LaidEntry, tools: Tools): void {
  const { kind } = change.deed;
  insideOf(subject.balancer).events.after(() => {
    if (kind === 'add') {
      if (!subject.parked) takeOut(subject, tools.logger);
    } else if (kind === 'remove') {
      if (subject.parked) checkAllowed(subject.parked.definition, tools.isAllowed);
      unpark(subject, tools.logger);
    } else {
      layOn(subject, listVoices(subject, tools, change.id));
    }
  });
}

/** What the changes in force say of a subject, in the order in which they were made. `but`: without this one. */
export function listVoices(subject: Subject, { inForce, now }: Tools, but?: string): readonly Voice[] {
  return inForce()
    .filter((entry) => entry.subject === subject && entry.change.id !== but)
    .map(({ change }) => toVoice(change, now()));
}

/** The words of a failure, for the log of changes. */
export function tellFailure(error: unknown): string {
  if (error instanceof DefinitionError) {
    return error.problems.map(({ path, problem, advice }) => `${path}: ${problem}; ${advice}`).join('; ');
  }
  return error instanceof ManagerError || error instanceof BalancerError ? error.message : String(error);
}

function lay(change: Change, subject: Subject, tools: Tools, isStored: boolean): Entry {
  const voice = toVoice(change, tools.now());
  const isKnown = tools.inForce().some(({ change: { id } }) => id === change.id);
  const voices = tools
    .inForce()
    .filter((entry) => entry.subject === subject || entry.change.id === change.id)
    .map((entry) => (entry.change.id === change.id ? voice : toVoice(entry.change, tools.now())));
  if (!isKnown) voices.push(voice);
  layOn(subject, voices, isStored ? undefined : voice.values);
  const { deed } = change;
  const name = subject.member?.name;
  // As it is called, where it was asked for by its URL.
  const named =
    name !== undefined && (deed.kind === 'change' || deed.kind === 'drain')
      ? { ...deed, member: name }
      : deed;
  return { change: Object.freeze({ ...change, deed: Object.freeze(named) }), subject };
}

function addMember(
  change: Change,
  deed: Deed & { kind: 'add' },
  balancer: Listed['balancer'],
  tools: Tools,
): Entry {
  checkAllowed(deed.member, tools.isAllowed);
  const { roster } = insideOf(balancer);
  const name = roster.add(deed.member);
  if (deed.name !== undefined && deed.name !== name) {
    // Stored changes would be about whoever has the old name now.
    void roster.remove(name);
    const detail = `the member was called ${quote(deed.name)}, and would be called ${quote(name)} now; add it again`;
    throw new ManagerError('ERR_MANAGER_CONFLICT', detail);
  }
  // One that stands for the servers behind a name serves nobody itself.
  const view = 'resolve' in deed.member ? undefined : roster.find(name);
  const subject = createSubject(balancer, { name, view });
  return { change: Object.freeze({ ...change, deed: Object.freeze({ ...deed, name }) }), subject };
}

function toVoice(change: Change, now: number): Voice {
  return { id: change.id, values: listValues(change, now) };
}

/**
 * A deed with its flags one by one.
 *
 * @throws {DefinitionError} when its status is wrong, or it has something in it that is done once beside what is not.
 */
export function spellOut(deed: Deed, until: number | undefined): Deed {
  if (deed.kind !== 'change') return deed;
  const set: MemberChangeOptions = Object.freeze(spellOutFlags(deed.set));
  if (set.inError === undefined) return { ...deed, set };
  const problems = [
    ...(until === undefined
      ? []
      : [
          stateProblem('change.for', 'given', {
            problem: 'inError is done once: the member’s own retry ends it',
            advice: 'leave it out',
          }),
        ]),
    ...(Object.keys(set).length === 1
      ? []
      : [
          stateProblem('change.inError', set.inError, {
            problem: 'it is done once, while the rest of the change can be undone',
            advice: 'make two changes of it',
          }),
        ]),
  ];
  if (problems.length > 0) throw new DefinitionError(problems, 'The change');
  return { ...deed, set };
}

function memberSubject(balancer: Listed['balancer'], name: string, tools: Tools): Subject {
  const view = findMember(balancer, name);
  return findSubject(tools, balancer, view) ?? createSubject(balancer, { name: view.settings.name, view });
}

function findSubject(
  { inForce }: Tools,
  balancer: Listed['balancer'],
  view?: MemberView,
): Subject | undefined {
  const entry = inForce().find(
    ({ subject }) =>
      subject?.balancer === balancer &&
      !subject.parked &&
      subject.member?.view === view &&
      (view !== undefined || !subject.member),
  );
  return entry?.subject && isThere(entry.subject) ? entry.subject : undefined;
}

/** @throws {ManagerError} when there is none. */
export function findMember(balancer: Listed['balancer'], name: string): MemberView {
  const { roster, now } = insideOf(balancer);
  try {
    return roster.find(name);
  } catch {
    const detail = `balancer ${quote(now().parts.settings.name)} has no member ${quote(name)}`;
    throw new ManagerError('ERR_MANAGER_NOT_FOUND', detail);
  }
}

/**
 * A handler or a socket came with the program: no host could be named for it.
 *
 * @throws {ManagerError} for a server that may not be added.
 */
export function checkAllowed({ url }: MemberDefinition, isAllowed: AllowMembers): void {
  const address = parseMemberUrl(url);
  if (isFault(address) || address.socketPath !== undefined || isAllowed(new URL(address.url))) return;
  throw new ManagerError(
    'ERR_MANAGER_FORBIDDEN',
    `members at ${address.host} are not allowed; ask for it in allowMembers`,
  );
}
