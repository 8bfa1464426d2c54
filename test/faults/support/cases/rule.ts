import type { RequestCase } from './requests.ts';

/** How far a request gets with a member that fails it. */
export type Progress =
  /** Nothing of it has left: there was no connection. */
  | 'unsent'
  /** The connection has ended about when it left; the member has not looked at it. */
  | 'unsure'
  /** The member has its head, and perhaps its body. */
  | 'sent'
  /** The member has all of it. */
  | 'read'
  /** The client has the head of an answer, and not all of its body. */
  | 'begun'
  /** The client has a whole answer. */
  | 'answered';

/** What becomes of a request: `a` is the member that fails, `b` is well. */
export type Ending = 'answered by a' | 'answered by b' | 'refused' | 'cut';

export const promises: Readonly<Record<Progress, string>> = {
  unsent: 'every request is answered by the other, whatever it is',
  unsure: 'what may be repeated is answered by the other, nothing is executed twice',
  sent: 'what may be repeated is answered by the other while it is kept, the rest is refused',
  read: 'what may be repeated and is kept is answered by the other, the rest is refused',
  begun: 'the client sees that it is cut, and nobody else is asked',
  answered: 'the client has the whole answer, and nobody else is asked',
};

/** How a request may end; several where it is a matter of chance how much has left by when. */
export function endingsOf(progress: Progress, { isIdempotent, isLong }: RequestCase): readonly Ending[] {
  switch (progress) {
    case 'unsent':
      return ['answered by b'];
    case 'unsure':
      return isIdempotent && !isLong ? ['answered by b'] : ['answered by b', 'refused'];
    case 'sent':
      if (!isIdempotent) return ['refused'];
      return isLong ? ['answered by b', 'refused'] : ['answered by b'];
    case 'read':
      return isIdempotent && !isLong ? ['answered by b'] : ['refused'];
    case 'begun':
      return ['cut'];
    case 'answered':
      return ['answered by a'];
  }
}

/** How often the member that fails may have begun a request: at the least, and at the most. */
export function executionsOf(progress: Progress, ending: Ending): readonly [least: number, most: number] {
  switch (progress) {
    case 'unsent':
    case 'unsure':
      return [0, 0];
    case 'sent':
      // Who hangs, or is cut off, may not have seen it.
      return [0, 1];
    case 'read':
    case 'begun':
    case 'answered':
      return ending === 'answered by b' ? [0, 1] : [1, 1];
  }
}
