import { isDeepStrictEqual } from 'node:util';
import { quote } from '../definition/describe.ts';
import type { Logger } from '../definition/definition.ts';
import type { MemberDefinition } from '../definition/member-definition.ts';
import type { Options } from '../definition/problem.ts';
import { changeable } from '../definition/read-change.ts';
import { insideOf } from '../inside.ts';
import type { MemberView } from '../member/member.ts';
import { printStatus } from '../member/status.ts';
import { identifyMember } from '../roster/diff-members.ts';
import { refuseTold } from '../roster/refusals.ts';
import { ManagerError } from '../manager/route.ts';
import { confirm } from './layers.ts';
import { memberFields, nameOf, readField, readMemberField, type Subject } from './subject.ts';

/** A member that was removed, and may come back. */
export type Parked = Readonly<{
  definition: MemberDefinition;
  /** What makes it the same server. */
  identity: string;
  /** Its fields as they would be: changes on it may end meanwhile. */
  values: Map<string, unknown>;
}>;

/**
 * Removes a member, and keeps what it takes to bring it back.
 *
 * @throws {DefinitionError} when it is the last one, or DNS tells it.
 */
export function park(subject: Subject, view: MemberView, logger: Logger): void {
  const { settings } = view;
  const definition: MemberDefinition = {
    ...insideOf(subject.balancer).roster.definitionOf(settings.name),
    // As it was at first: an update that says the same as ever is to find nothing new.
    status: printStatus(settings.status),
  };
  const values = new Map(memberFields.map((field) => [field, readMemberField(view, field)]));
  takeOut(subject, logger);
  subject.parked = { definition, identity: identifyMember(settings), values };
}

/** Whether somebody has added the server of a parked member. */
export function isBack({ balancer, parked }: Subject): boolean {
  const views = insideOf(balancer).now().parts.members.view();
  return parked !== undefined && views.some(({ settings }) => identifyMember(settings) === parked.identity);
}

/**
 * Brings a member back as it would be now.
 *
 * @throws {DefinitionError} or {ManagerError} when it does not fit any more; then it stays away.
 */
export function unpark(subject: Subject, logger: Logger): void {
  const { balancer, member, parked } = subject;
  if (!parked || !member) return;
  const { roster } = insideOf(balancer);
  const name = roster.add(unlayer(subject, parked));
  const back = {
    ...subject,
    parked: undefined,
    member: { name, view: roster.find(name) },
  };
  try {
    if (name !== nameOf(member)) {
      throw new ManagerError('ERR_MANAGER_CONFLICT', `another member is called ${quote(nameOf(member))} now`);
    }
    const differing = [...parked.values].filter(
      ([field, value]) => !isDeepStrictEqual(value, readField(back, field)),
    );
    // What it was, each value checked when it was set.
    if (differing.length > 0) roster.change(name, Object.fromEntries(differing));
  } catch (error) {
    takeOut(back, logger);
    throw error;
  }
  member.view = back.member.view;
  subject.parked = undefined;
  subject.fields = confirm(subject.fields, (field) => readField(subject, field));
}

/** Its definition without what changes have laid on it. */
function unlayer({ fields }: Subject, { definition, values }: Parked): MemberDefinition {
  const base = changeable
    .filter((field) => values.has(field))
    .map((field) => [field, fields.has(field) ? fields.get(field)!.base : values.get(field)] as const);
  const written: Options = { ...definition, ...Object.fromEntries(base) };
  return Object.fromEntries(
    Object.entries(written).filter(([, value]) => value !== null && value !== ''),
  ) as unknown as MemberDefinition;
}

/**
 * Removes a member at once; what it serves goes on.
 *
 * @throws {DefinitionError} when it is the last one, or DNS tells it.
 */
export function takeOut(subject: Subject, logger: Logger): void {
  const { balancer, member } = subject;
  if (!member) return;
  const name = nameOf(member);
  const { roster, now } = insideOf(balancer);
  if (roster.isTold(name)) throw refuseTold(name, now().parts.settings.name);
  const left = roster.remove(name);
  left.catch((error: unknown) => {
    logger.error(`[manager] member '${name}' was removed, and did not end in order:`, error);
  });
}
