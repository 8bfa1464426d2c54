import { bounds, sizeOf } from '../../src/redis/bounds.ts';
import type { Entry, Hub, HubListener, HubStatus } from '../../src/sharing/hub.ts';

/** Processes that share by what a test hands from one to the other, in one process. */
export type MemoryNet = Readonly<{
  /** The hub of a further process. */
  hub(): TestHub;
  /** Hands on what was said, and what is said because of it, until nobody says anything more. */
  settle(): void;
  /** What is kept, by key. */
  kept(): ReadonlyMap<string, Entry>;
  /** Everything that is kept is lost. */
  flush(): void;
}>;

/** One process of the net. */
export type TestHub = Hub &
  Readonly<{
    /** Nothing goes in or out from now on. */
    cut(): void;
    /** What was lost meanwhile is made up for, as a hub does it. */
    mend(): void;
    /** The process ends without a word. */
    kill(): void;
  }>;

type Seat = {
  listener: HubListener | undefined;
  isCut: boolean;
  pending: Map<string, Entry>;
  tidings: Map<string, string>;
  wanted: Set<string>;
};

export function createMemoryNet(): MemoryNet {
  const seats = new Map<string, Seat>();
  const kept = new Map<string, Entry>();
  const holders = new Map<string, string>();
  let made = 0;

  function others(process: string): Seat[] {
    return [...seats].filter(([name, seat]) => name !== process && !seat.isCut).map(([, seat]) => seat);
  }

  function flushSeat(process: string, seat: Seat): boolean {
    if (seat.isCut || (seat.pending.size === 0 && seat.tidings.size === 0)) return false;
    const entries = [...seat.pending.values()];
    const tidings = [...seat.tidings];
    seat.pending.clear();
    seat.tidings.clear();
    for (const entry of entries) {
      const before = kept.get(entry.key);
      if (!before || before.stamp < entry.stamp) kept.set(entry.key, entry);
    }
    for (const other of others(process)) {
      if (entries.length > 0) other.listener?.entries(entries);
      for (const [topic, text] of tidings) other.listener?.told(topic, text, process);
    }
    return true;
  }

  function assignLeases(): void {
    for (const [lease, holder] of holders) {
      const seat = seats.get(holder);
      if (!seat || seat.isCut || !seat.wanted.has(lease)) holders.delete(lease);
    }
    for (const [process, seat] of seats) {
      if (seat.isCut) continue;
      for (const lease of seat.wanted) if (!holders.has(lease)) holders.set(lease, process);
    }
  }

  function hub(): TestHub {
    made += 1;
    const token = made.toString(16).padStart(8, '0');
    const process = `test:${made}:${token}`;
    const seat: Seat = {
      listener: undefined,
      isCut: false,
      pending: new Map(),
      tidings: new Map(),
      wanted: new Set(),
    };
    let status: HubStatus = { kind: 'joining', since: 0 };

    function become(next: HubStatus): void {
      status = next;
      seat.listener?.changed(next);
    }

    function leave(): void {
      seats.delete(process);
      assignLeases();
      for (const other of others(process)) other.listener?.left(process);
    }

    function catchUp(): void {
      const known = new Map(Array.from(seat.listener?.known() ?? [], (entry) => [entry.key, entry]));
      seat.listener?.entries([...kept.values()]);
      for (const entry of known.values()) {
        const before = kept.get(entry.key);
        if (!before || before.stamp < entry.stamp) seat.pending.set(entry.key, entry);
      }
    }

    return {
      process,
      token,
      status: () => (status.kind === 'shared' ? { ...status, processes: seats.size } : status),
      start(listener) {
        seat.listener = listener;
        seats.set(process, seat);
        become({ kind: 'shared', since: 0, processes: seats.size });
        assignLeases();
        catchUp();
      },
      put(entries) {
        for (const entry of entries) {
          const before = seat.pending.get(entry.key);
          if (!before || before.stamp < entry.stamp) seat.pending.set(entry.key, entry);
        }
      },
      tell(topic, text) {
        if (!seat.isCut && sizeOf(text) <= bounds.tiding) seat.tidings.set(topic, text);
      },
      want(lease) {
        seat.wanted.add(lease);
        assignLeases();
      },
      release(lease) {
        seat.wanted.delete(lease);
        assignLeases();
      },
      has: (lease) => !seat.isCut && holders.get(lease) === process,
      readTotals: () =>
        Promise.resolve(
          [...seats]
            .filter(([name, other]) => name !== process && !other.isCut && !seat.isCut)
            .map(([name, { listener }]) => ({ process: name, totals: new Map(listener?.totals()) })),
        ),
      close() {
        leave();
        become({ kind: 'closed', since: 0 });
        return Promise.resolve();
      },
      cut() {
        seat.isCut = true;
        assignLeases();
        for (const other of others(process)) other.listener?.left(process);
        become({ kind: 'alone', since: 0, why: 'cut' });
      },
      mend() {
        seat.isCut = false;
        become({ kind: 'shared', since: 0, processes: seats.size });
        assignLeases();
        catchUp();
      },
      kill: leave,
    };
  }

  return {
    hub,
    settle() {
      for (let round = 0; round < 1000; round += 1) {
        const hasMoved = [...seats].map(([process, seat]) => flushSeat(process, seat)).includes(true);
        if (!hasMoved) return;
      }
      throw new Error('they never stop talking');
    },
    kept: () => kept,
    flush() {
      kept.clear();
    },
  };
}
