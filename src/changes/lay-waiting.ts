import { insideOf } from '../inside.ts';
import type { Listed } from '../manager/listed.ts';
import { ManagerError } from '../manager/route.ts';
import type { Book, Entry } from './book.ts';
import type { Deed } from './change.ts';
import { doDeed, tellFailure, type Tools } from './do-deed.ts';
import type { Endings } from './endings.ts';

/** Where balancers may be that are not there. */
export type Places = Readonly<{
  /** Whether one may come. */
  mayAppear: boolean;
  /** Whether one shares its state, which keeps the changes on it. */
  isElsewhere: (id: string) => boolean;
}>;

/**
 * Lets stored changes hold whose balancer and member are there. Returns, in words, what does not fit: that is lost.
 */
export function layWaiting(
  book: Book,
  listed: readonly Listed[],
  { mayAppear, isElsewhere }: Places,
  tools: Tools,
  { finish }: Endings,
): readonly string[] {
  /** Whoever is called so now is somebody else. */
  const notAdded: Deed[] = [];
  return book.inForce().flatMap((entry) => {
    // One before it may have taken it along.
    if (entry.subject || entry.change.state !== 'in-force') return [];
    const { id, deed, by } = entry.change;
    const one = listed.find((each) => each.id === deed.balancer);
    const isOrphan = notAdded.some((added) => isMadeOn(deed, added));
    const away = isElsewhere(deed.balancer) ? elsewhere : mayAppear ? undefined : nobody;
    const why = isOrphan ? orphan : one ? layOne(book, entry, one, tools) : away;
    if (why === undefined) return [];
    if (deed.kind === 'add') notAdded.push(deed);
    finish(entry, 'lost', undefined, why);
    return [`change ${id} (${deed.kind} by ${by}, balancer '${deed.balancer}'): ${why}`];
  });
}

const orphan = 'the member that it was made on could not be added';

function isMadeOn(deed: Deed, added: Deed): boolean {
  return (
    deed.kind !== 'add' &&
    deed.kind !== 'configure' &&
    added.kind === 'add' &&
    deed.balancer === added.balancer &&
    deed.member === added.name
  );
}

const elsewhere =
  'its balancer shares its state, which keeps the changes on it; take the change out of the store';

const nobody = 'there is no such balancer; call one so, or take the change out of the store';

function layOne(book: Book, entry: Entry, listed: Listed, tools: Tools): string | undefined {
  const works = insideOf(listed.balancer);
  if (works.isClosed()) return undefined;
  try {
    book.lay(entry, doDeed(entry.change, listed, tools, true));
    return undefined;
  } catch (error) {
    const isMissing = error instanceof ManagerError && error.code === 'ERR_MANAGER_NOT_FOUND';
    // It may be one that DNS tells of when it answers.
    if (isMissing && works.roster.isAwaitingDns()) return undefined;
    return tellFailure(error);
  }
}
