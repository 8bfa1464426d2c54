import { bounds, sizeOf } from './bounds.ts';

/** What this process has counted, as far as Redis knows it: only what has changed is sent. */
export type TotalsOut = Readonly<{
  /** Whether Redis is to forget what it has of them. */
  isAnew(): boolean;
  /**
   * The next fields to send, an empty value for one that is no more; as many as a beat may carry, and those that did not find
   * room come first the next time.
   */
  take(totals: Iterable<readonly [field: string, value: string]>): readonly (readonly [string, string])[];
  /** They have arrived. `kept`: how many fields Redis has now; if that is not what it should have, everything is sent again. */
  confirm(fields: readonly (readonly [string, string])[], kept: number): void;
  forget(): void;
}>;

export function createTotalsOut(): TotalsOut {
  const sent = new Map<string, string>();
  let next = 0;

  return {
    isAnew: () => sent.size === 0,
    take(totals) {
      const now = new Map<string, string>();
      for (const [field, value] of totals) {
        if (now.size >= bounds.totalsFields) break;
        if (field.length <= bounds.keyLength && value !== '' && sizeOf(value) <= bounds.value)
          now.set(field, value);
      }
      const gone = [...sent.keys()]
        .filter((field) => !now.has(field))
        .map((field): [string, string] => [field, '']);
      const all = [...now];
      const start = next < all.length ? next : 0;
      const fields: (readonly [string, string])[] = gone;
      let room: number = bounds.totalsOfBeat;
      for (let i = 0; i < all.length; i += 1) {
        const at = (start + i) % all.length;
        const [field, value] = all[at]!;
        if (sent.get(field) === value) continue;
        room -= sizeOf(field) + sizeOf(value);
        if (room < 0 && fields.length > 0) {
          next = at;
          return fields;
        }
        fields.push([field, value]);
      }
      next = 0;
      return fields;
    },
    confirm(fields, kept) {
      for (const [field, value] of fields) {
        if (value === '') sent.delete(field);
        else sent.set(field, value);
      }
      if (kept !== sent.size) sent.clear();
    },
    forget() {
      sent.clear();
    },
  };
}

/** What Redis has of another process: field, value, field, value. */
export function readTotalsReply(reply: readonly string[]): ReadonlyMap<string, string> {
  const totals = new Map<string, string>();
  for (let i = 0; i + 1 < reply.length && totals.size < bounds.totalsFields; i += 2) {
    const [field, value] = [reply[i]!, reply[i + 1]!];
    if (field.length <= bounds.keyLength && sizeOf(value) <= bounds.value) totals.set(field, value);
  }
  return totals;
}
