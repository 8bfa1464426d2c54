import { createHash } from 'node:crypto';
import type { Change } from '../changes/change.ts';
import { isRecord } from '../changes/copy-json.ts';
import { readStored } from '../changes/read-stored.ts';
import { isFault } from '../definition/problem.ts';
import { parseMemberUrl } from '../definition/member-url.ts';
import { identifyServer } from '../definition/check-members.ts';
import { cleanName, cleanText } from '../manager/clean-text.ts';
import type { Word } from './changes-fold.ts';
import { writeKey } from './replica.ts';
import { isStamp } from './stamp.ts';

/** What the keys of all changes begin with. */
export const prefix = 'change/';
const longestServer = 4000;
const longestWhy = 2000;

/**
 * The key of a change: `change/<balancer>/<id>`. What the program has set of the same fields of a member, it sets again and
 * again: such changes have one key, `change/<balancer>/p-change-<hash>`, so that the later one takes the place of the other.
 */
export function keyOf({ change: { id, deed }, server, isProgram }: Word): string {
  return writeKey('change', deed.balancer, isProgram ? `p-${nameProgram(deed, server, id)}` : id);
}

function nameProgram(deed: Change['deed'], server: string | undefined, id: string): string {
  if (deed.kind === 'add' || deed.kind === 'remove') return id;
  const about = JSON.stringify([server ?? null, fieldsOf(deed)]);
  return `${deed.kind}-${createHash('sha256').update(about).digest('base64url').slice(0, 32)}`;
}

/** The fields that a change speaks of. A drain speaks of the draining: whoever ends that wants nobody disabled later. */
export function fieldsOf(deed: Change['deed']): readonly string[] {
  if (deed.kind === 'drain') return ['drain'];
  return deed.kind === 'change' || deed.kind === 'configure' ? Object.keys(deed.set).sort() : [];
}

/** A word as others read it. */
export function writeWord({ change, server }: Word): unknown {
  return server === undefined ? change : { ...change, server };
}

/** Reads what others have said under a key: a checked word, or what is wrong with it. */
export function readWord(key: string, value: unknown, now: number): Word | string {
  if (!isRecord(value)) return 'it is no change';
  const { state, ended, server: about } = value;
  const { changes, faults } = readStored([{ ...value, state: 'in-force', waiting: undefined }], 1);
  const [read] = changes;
  if (!read) return faults.join('; ').replaceAll('initialChanges[0]', 'change');
  if (!isStamp(read.id, now)) return 'its id is none, or more than a day ahead';
  if (!isState(state)) return 'there is no such state';
  const { deed } = read;
  if (state !== 'done' && deed.kind === 'change' && ('status' in deed.set || 'inError' in deed.set))
    return 'its flags are not written one by one';
  const server = readServer(deed, about);
  if (server === null) return 'it does not say which server it is about';
  const end = state === 'in-force' || state === 'done' ? undefined : readEnd(ended);
  if (end === null) return 'it does not say how it has ended';
  const change: Change = Object.freeze({ ...read, state, ended: end });
  const isProgram = key.startsWith(writeKey('change', deed.balancer, 'p-'));
  const word: Word = { change, server, isProgram };
  return keyOf(word) === key ? word : 'it stands under the key of another one';
}

/** What makes a server one that a URL writes in many ways. */
export function identifyUrl(url: unknown): string | undefined {
  const address = parseMemberUrl(url);
  return isFault(address) ? undefined : identifyServer(address);
}

function readServer(deed: Change['deed'], about: unknown): string | undefined | null {
  if (deed.kind === 'configure') return undefined;
  // Where it is decides, not where it is said to be.
  if (deed.kind === 'add') return identifyUrl(deed.member.url) ?? null;
  const isText = typeof about === 'string' && about.length <= longestServer && !/\p{Cc}/u.test(about);
  return isText ? about : null;
}

function readEnd(ended: unknown): NonNullable<Change['ended']> | null {
  if (!isRecord(ended) || typeof ended['at'] !== 'number' || !(Math.abs(ended['at']) <= 8.64e15)) return null;
  const { at, by, why } = ended;
  return Object.freeze({
    at,
    by: typeof by === 'string' ? cleanName(by) : undefined,
    why: typeof why === 'string' ? cleanText(why.slice(0, longestWhy)) : undefined,
  });
}

function isState(value: unknown): value is Change['state'] {
  return ['in-force', 'done', 'undone', 'expired', 'lost'].includes(value as string);
}
