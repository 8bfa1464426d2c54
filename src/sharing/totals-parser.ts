import type { TotalsOfProcess } from './hub.ts';
import type { OtherBalancer, OtherMember } from './shared-totals.ts';
import { readBalancerTotals, readMemberTotals, type BalancerTotals, type OnUnknown } from './totals-text.ts';
import { fieldOf } from './totals-writer.ts';

/** Is told of what cannot be read. `what`: a few words. */
export type OnFault = (process: string, what: string) => void;

/** Of one process; and of all together, so that processes that somebody makes up take no memory without end. */
const mostMembers = 10_000;
const mostOfAll = 100_000;
const mostProcesses = 256;
const longestProcess = 300;
const longestField = 1_000;
/** How many members are read in one go, which takes a few milliseconds at most: requests wait for no more than that. */
const membersInARow = 500;

/** A text, and what was read from it: most are the same as the last time. */
type Read<Value> = Readonly<{ text: string; value: Value | undefined }>;

/** The same of a member. `identity`: undefined where the name of its field is none. */
type ReadMember = Read<OtherMember> & Readonly<{ identity: string | undefined }>;

/** What was read of one process. */
type Known = Readonly<{
  balancer: Read<BalancerTotals>;
  members: ReadonlyMap<string, ReadMember>;
  told: OtherBalancer;
}>;

/**
 * Reads what the others have told of a balancer, time and again, one reading after the other; stops between rows of members.
 * `own`: the process that nothing is read of.
 */
export function createTotalsParser(
  name: string,
  own: string,
  onFault: OnFault,
): (totals: readonly TotalsOfProcess[]) => Generator<undefined, readonly OtherBalancer[]> {
  const balancerField = fieldOf(name);
  const prefix = `${balancerField}/`;
  let known: ReadonlyMap<string, Known> = new Map();

  function* parseProcess(
    { process, totals }: TotalsOfProcess,
    room: number,
  ): Generator<undefined, Known | undefined> {
    const text = totals.get(balancerField);
    // It has no balancer of this name.
    if (text === undefined) return undefined;
    const fault = (what: string): void => {
      onFault(process, what);
    };
    const unknown: OnUnknown = () => {
      fault('a word that is not known here');
    };
    const before = known.get(process);
    const balancer =
      before?.balancer.text === text ? before.balancer : { text, value: readBalancerTotals(text, unknown) };
    if (!balancer.value) {
      fault('what it says of the balancer');
      return undefined;
    }
    const fields = new Map<string, ReadMember>();
    const members = new Map<string, OtherMember>();
    for (const [field, json] of totals) {
      if (!field.startsWith(prefix)) continue;
      if (fields.size >= Math.min(mostMembers, room)) {
        fault('too many members');
        break;
      }
      const member = readMember(before?.members.get(field), field, json, unknown);
      fields.set(field, member);
      if (fields.size % membersInARow === 0) yield;
      if (member.value && member.identity !== undefined) members.set(member.identity, member.value);
      else fault('what it says of a member');
    }
    return { balancer, members: fields, told: { process, ...balancer.value, members } };
  }

  function readMember(
    before: ReadMember | undefined,
    field: string,
    text: string,
    onUnknown: OnUnknown,
  ): ReadMember {
    if (before?.text === text) return before;
    const identity = before
      ? before.identity
      : field.length > longestField
        ? undefined
        : decode(field.slice(prefix.length));
    return { text, value: readMemberTotals(text, onUnknown), identity };
  }

  return function* (totals) {
    const next = new Map<string, Known>();
    let room = mostOfAll;
    for (const each of totals) {
      const { process } = each;
      if (process === own || process.length > longestProcess || next.size >= mostProcesses) continue;
      const read = yield* parseProcess(each, room);
      if (!read) continue;
      next.set(process, read);
      room -= read.members.size;
    }
    known = next;
    return Array.from(next.values(), ({ told }) => told);
  };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
