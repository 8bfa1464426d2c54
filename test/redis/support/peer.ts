import { createRedisHub } from '../../../src/redis/redis-hub.ts';
import type { Way } from '../../../src/redis/link.ts';
import type { Entry, Hub, HubStatus } from '../../../src/sharing/hub.ts';
import { createStamps, type Stamps } from '../../../src/sharing/stamp.ts';

/** A process that shares, as far as its hub can tell: it keeps the last words, and everything that it is told. */
export type Peer = Readonly<{
  hub: Hub;
  stamps: Stamps;
  words: Map<string, Entry>;
  /** What came from others, in the order in which it came. */
  heard: Entry[];
  told: (readonly [topic: string, text: string, process: string])[];
  left: string[];
  statuses: HubStatus[];
  warnings: string[];
  totals: Map<string, string>;
  say(key: string, value: unknown, until?: number): Entry;
  /** Resolves as soon as it is so; looks whenever the peer hears something. */
  until(what: string, isSo: () => boolean): Promise<void>;
  untilShared(processes?: number): Promise<void>;
  untilKind(kind: HubStatus['kind']): Promise<void>;
  valueOf(key: string): string | undefined;
}>;

const peers = new Set<Peer>();

export async function closePeers(): Promise<void> {
  await Promise.all([...peers].map(({ hub }) => hub.close()));
  peers.clear();
}

export type PeerSettings = Readonly<{ prefix?: string; expiryMs?: number; keepMs?: number }>;

export function createPeer(way: Way, settings: PeerSettings = {}): Peer {
  const { prefix = 'test', expiryMs = 2_000, keepMs = 60_000 } = settings;
  const warnings: string[] = [];
  const warn = (text: string): void => {
    warnings.push(text);
    look();
  };
  const hub = createRedisHub({
    way,
    prefix,
    expiryMs,
    keepMs,
    logger: { info: warn, warn, error: warn },
  });
  const waiting = new Set<() => void>();
  function look(): void {
    for (const each of waiting) each();
  }
  function keep(entry: Entry): void {
    const before = peer.words.get(entry.key);
    if (!before || before.stamp < entry.stamp) peer.words.set(entry.key, entry);
  }
  const peer: Peer = {
    hub,
    stamps: createStamps(hub.token),
    words: new Map(),
    heard: [],
    told: [],
    left: [],
    statuses: [],
    warnings,
    totals: new Map(),
    say(key, value, until = Infinity) {
      const entry = { key, stamp: peer.stamps.next(Date.now()), until, value: JSON.stringify(value) };
      keep(entry);
      hub.put([entry]);
      return entry;
    },
    async until(what, isSo) {
      if (isSo()) return;
      await new Promise<void>((resolve, reject) => {
        const limit = setTimeout(() => {
          waiting.delete(check);
          clearInterval(interval);
          reject(new Error(`never: ${what} (${JSON.stringify(peer.statuses)} ${warnings.join()})`));
        }, 30_000);
        // What only time changes, such as a lease that runs out, tells nobody.
        const interval = setInterval(look, 50);
        const check = (): void => {
          if (!isSo()) return;
          clearTimeout(limit);
          clearInterval(interval);
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
      });
    },
    untilShared: (processes) =>
      peer.until(`shared by ${processes ?? 'any'}`, () => {
        const status = hub.status();
        return status.kind === 'shared' && (processes === undefined || status.processes === processes);
      }),
    untilKind: (kind) => peer.until(kind, () => hub.status().kind === kind),
    valueOf: (key) => peer.words.get(key)?.value,
  };
  hub.start({
    entries(entries) {
      peer.heard.push(...entries);
      entries.forEach(keep);
      look();
    },
    told(...tiding) {
      peer.told.push(tiding);
      look();
    },
    left(process) {
      peer.left.push(process);
      look();
    },
    known: () => peer.words.values(),
    totals: () => peer.totals,
    changed(status) {
      peer.statuses.push(status);
      look();
    },
  });
  peers.add(peer);
  return peer;
}
