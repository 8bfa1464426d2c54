import type { Balancer } from '../balancer.ts';
import type { Options } from '../definition/problem.ts';
import { changeable } from '../definition/read-change.ts';
import { insideOf } from '../inside.ts';
import type { MemberView } from '../member/member.ts';
import { isLastingFlag, lastingFlags } from './flags.ts';
import { confirm, settle, type Fields, type Voice } from './layers.ts';
import { listValues } from './list-values.ts';
import { isBack, type Parked } from './park.ts';
import type { Change } from './change.ts';

/** What changes are laid on: a balancer's options, or one member. */
export type Subject = {
  readonly balancer: Balancer;
  /** Undefined: the balancer itself. */
  readonly member: SubjectMember | undefined;
  fields: Fields;
  /** It was removed, and may come back. */
  parked: Parked | undefined;
};

/** A member that changes are laid on. */
export type SubjectMember = {
  /** What it was called when it was first changed. */
  readonly name: string;
  /** Another one of the same name is another one. Undefined: it stands for those whom DNS tells. */
  view: MemberView | undefined;
};

/** What a member is called: another definition may have given it another route. */
export function nameOf({ name, view }: SubjectMember): string {
  return view?.settings.name ?? name;
}

/** Every field that a member has. */
export const memberFields: readonly string[] = [...Object.keys(lastingFlags), ...changeable];

/** Something that no change has been laid on. */
export function createSubject(balancer: Balancer, member?: SubjectMember): Subject {
  return { balancer, member, fields: new Map(), parked: undefined };
}

/** Whether a member is there, and the one that it was. */
export function isThere({ balancer, member }: Subject): boolean {
  if (!member) return true;
  const { parts } = insideOf(balancer).now();
  if (member.view) return parts.members.view().includes(member.view);
  return parts.settings.members.some(({ name, resolve }) => resolve !== undefined && name === member.name);
}

/** Why a change in force fits no more; undefined: it does. */
export function findLoss({ deed }: Change, subject: Subject): string | undefined {
  if (subject.parked) {
    if (!isBack(subject)) return undefined;
    return deed.kind === 'remove'
      ? 'somebody has added the server again'
      : 'its member was removed, and somebody has added the server again';
  }
  return isThere(subject)
    ? undefined
    : 'its member has left: another definition holds, or DNS tells it no more';
}

/** Whether nobody will ever see the member again when this change on it has ended. */
export function isGone({ deed }: Change, subject: Subject): boolean {
  if (subject.parked) return deed.kind === 'add' || deed.kind === 'remove';
  return !isThere(subject);
}

/** Whether a drain's deadline is over, and it was not yet seen to. */
export function isOverdue(change: Change, { fields }: Subject, now: number): boolean {
  if (change.deed.kind !== 'drain' || listValues(change, now)['disabled'] === undefined) return false;
  const { heard = [], overruled = [] } = fields.get('disabled') ?? {};
  return !heard.includes(change.id) && !overruled.includes(change.id);
}

/** The value of a field that holds now, as it is written; null: nothing is said of it. */
export function readField(subject: Subject, field: string): unknown {
  const { balancer, member, parked } = subject;
  if (parked) return parked.values.get(field) ?? null;
  if (!member) return (insideOf(balancer).roster.definition() as Options)[field] ?? null;
  return member.view ? readMemberField(member.view, field) : null;
}

/** The same of a member that serves. */
export function readMemberField({ settings, state }: MemberView, field: string): unknown {
  if (isLastingFlag(field)) return (state.status & lastingFlags[field]) !== 0;
  return (settings.definition as Options)[field] ?? null;
}

/**
 * Lays the changes in force on it. `write`: what is written instead of what they come to, for one that is to be checked
 * as it was asked for.
 *
 * @throws {DefinitionError} when that is refused; then everything is as it was.
 */
export function layOn(subject: Subject, voices: readonly Voice[], write?: Options): void {
  const read = (field: string): unknown => readField(subject, field);
  const { fields, writes } = settle(subject.fields, voices, read);
  writeFields(subject, write ?? writes);
  subject.fields = confirm(fields, read);
}

/** The same where nobody can be asked: what is refused stays as it is. Returns which fields, and why. */
export function layOnAnyway(
  subject: Subject,
  voices: readonly Voice[],
): readonly (readonly [field: string, error: unknown])[] {
  const read = (field: string): unknown => readField(subject, field);
  const { fields, writes } = settle(subject.fields, voices, read);
  return insideOf(subject.balancer).events.after(() => {
    const refusals = Object.entries(writes).flatMap(([field, value]): [string, unknown][] => {
      try {
        writeFields(subject, { [field]: value });
        return [];
      } catch (error) {
        return [[field, error]];
      }
    });
    subject.fields = confirm(fields, read);
    return refusals;
  });
}

function writeFields({ balancer, member, parked }: Subject, values: Options): void {
  if (Object.keys(values).length === 0) return;
  // Each was checked as a field of its kind, or is refused here.
  if (parked) for (const [field, value] of Object.entries(values)) parked.values.set(field, value);
  else if (member) insideOf(balancer).roster.change(nameOf(member), values);
  else insideOf(balancer).roster.configure(values);
}
