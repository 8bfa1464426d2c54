import { createHash } from 'node:crypto';
import type { MemberView } from '../member/member.ts';
import { identifyMember } from '../roster/diff-members.ts';

/** Ten thousand members and more, all of them busy. */
const longestText = 262_144;

const mostRequests = 1_000_000;

const shape = /^([\w-]{8})(\d{1,7})$/;

/** What a member is called among processes: 48 bits of its identity, so that a thousand members need no more than 12 KB. */
export function abbreviate(member: MemberView): string {
  return createHash('sha256').update(identifyMember(member.settings)).digest('base64url').slice(0, 8);
}

/** How many requests each member has: `1f2aB-_z3 0Kq7xYz912`. Who has none is left out. */
export function writeBusy(members: readonly MemberView[], nameOf: (member: MemberView) => string): string {
  let text = '';
  for (const member of members) {
    if (member.busy > 0) text += `${text && ' '}${nameOf(member)}${Math.min(member.busy, mostRequests)}`;
  }
  return text;
}

/** What another process has told; undefined when it is no such text, and then nothing of it counts. */
export function readBusy(text: string): ReadonlyMap<string, number> | undefined {
  if (text.length > longestText) return undefined;
  const counts = new Map<string, number>();
  for (const part of text === '' ? [] : text.split(' ')) {
    const [, name, digits] = shape.exec(part) ?? [];
    const count = Number(digits);
    if (name === undefined || count > mostRequests) return undefined;
    counts.set(name, count);
  }
  return counts;
}
