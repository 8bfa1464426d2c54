import { isDeepStrictEqual } from 'node:util';
import type { SharedEntry } from './changes-book.ts';
import type { Word } from './changes-fold.ts';
import { identifyUrl } from './changes-words.ts';

/**
 * What a process has said of whether a server is there, though the program had said the same directly before: each of its
 * processes says at its start what it adds and removes, before it has heard of the others. Only the word directly before
 * counts: remove, add and remove stay three. `words`: in the order of their ids.
 */
export function findRepeats(words: readonly SharedEntry[], token: string): readonly SharedEntry[] {
  const last = new Map<string, Word>();
  return words.filter((word) => {
    const { server, change } = word;
    if (change.deed.kind !== 'add' && change.deed.kind !== 'remove') return false;
    const subject = JSON.stringify([change.deed.balancer, server]);
    const before = last.get(subject);
    if (before && change.id.endsWith(token) && saysTheSame(before, word)) return true;
    last.set(subject, word);
    return false;
  });
}

function saysTheSame(before: Word, word: Word): boolean {
  const [first, second] = [before.change.deed, word.change.deed];
  if (!before.isProgram || !word.isProgram) return false;
  if (first.kind === 'add' && second.kind === 'add') return isDeepStrictEqual(first.member, second.member);
  return first.kind === 'remove' && second.kind === 'remove';
}

/** The server of this name or URL that the program has removed, here or elsewhere, and that is away. */
export function findRemoved(
  words: readonly Word[],
  removed: ReadonlySet<string>,
  member: string,
): string | undefined {
  const url = identifyUrl(member);
  const word = words.find(({ change: { deed }, server = '', isProgram }) => {
    if (!isProgram || deed.kind !== 'remove' || !removed.has(server)) return false;
    return deed.member === member || server === url;
  });
  return word?.server;
}
