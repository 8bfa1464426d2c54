import type { Stamp } from './stamp.ts';

/** The last word on one thing. Of two words on the same thing the one with the greater stamp holds, everywhere. */
export type Entry = Readonly<{
  /** What it is about, such as `app-balancer/error/http://app1:3000/`; at most 1,000 characters. */
  key: string;
  stamp: Stamp;
  /** When nobody needs it any more; milliseconds since 1970. */
  until: number;
  /** JSON, at most 16 KiB. */
  value: string;
}>;

/** How a process stands to the others. Times in milliseconds since 1970. */
export type HubStatus = Readonly<
  | {
      /** It asks who is there. */
      kind: 'joining';
      /** When that began. */
      since: number;
    }
  | {
      /** State is shared. */
      kind: 'shared';
      /** Since when. */
      since: number;
      /** How many share, this one among them. */
      processes: number;
    }
  | {
      /** Redis is not reached: every process goes on with what it knows. */
      kind: 'alone';
      /** Since when. */
      since: number;
      /** In a few words for people. */
      why: string;
    }
  | {
      /** Others keep their state in another format: nothing is shared. */
      kind: 'refused';
      /** Since when. */
      since: number;
      /** In a few words for people. */
      why: string;
    }
  | {
      /** It shares nothing any more. */
      kind: 'closed';
      /** Since when. */
      since: number;
    }
>;

/** What one process has counted, by field: `balancer`, or `balancer/member identity`. JSON. */
export type TotalsOfProcess = Readonly<{ process: string; totals: ReadonlyMap<string, string> }>;

/** Who hears what comes from other processes. Must not throw. Nothing that comes has been looked into, but for its shape and size. */
export type HubListener = Readonly<{
  /** Words of others, newer or older than what is known here. */
  entries(entries: readonly Entry[]): void;
  /** Something that is kept nowhere. */
  told(topic: string, text: string, process: string): void;
  /** A process has left, or was not heard of for its expiry: what it has told holds no more. */
  left(process: string): void;
  /** Everything that this process knows, expired words left out: what the store has lost is put back from it. */
  known(): Iterable<Entry>;
  /** What this process has counted by now. */
  totals(): Iterable<readonly [field: string, value: string]>;
  changed(status: HubStatus): void;
}>;

/**
 * What carries news between processes and keeps the last words. Nothing here waits or throws: what cannot be sent now is
 * sent when it can be, as far as it still holds.
 */
export type Hub = Readonly<{
  /** This process, as it is called in leases, logs and labels: `hostname:pid:1f2a3b4c`. */
  process: string;
  /** Eight hex digits, the last part of its name. */
  token: string;
  status(): HubStatus;
  /** Begins; called once. */
  start(listener: HubListener): void;
  /** Says a word: it is kept, and told to the others. Of several on one thing that wait to be sent, the last is sent. */
  put(entries: readonly Entry[]): void;
  /**
   * Tells the others something that is kept nowhere. Of several on one topic that wait to be sent, the last is sent; dropped
   * while nothing can be sent, and where it is longer than 256 KiB.
   */
  tell(topic: string, text: string): void;
  /** Wants a lease from now on: one process has it at a time, and loses it when it is not heard of for its expiry. */
  want(lease: string): void;
  /** Gives it back, and wants it no more. */
  release(lease: string): void;
  /** Whether this process has the lease now. Never true while nothing is shared. */
  has(lease: string): boolean;
  /** What the other processes have counted. Resolves with nothing when it cannot be read in time; never rejects. */
  readTotals(): Promise<readonly TotalsOfProcess[]>;
  /** Leaves: leases and totals of this process are taken away, as far as that can be done within a second. */
  close(): Promise<void>;
}>;
