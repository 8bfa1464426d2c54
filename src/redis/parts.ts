import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { pid } from 'node:process';
import { clock } from '../clock.ts';
import type { Logger } from '../definition/definition.ts';
import type { HubListener } from '../sharing/hub.ts';
import { createCommands } from './commands.ts';
import { nameKeys } from './keys.ts';
import { createLane } from './lane.ts';
import { createLeases } from './leases.ts';
import { createLink, type LinkListener, type Way } from './link.ts';
import { createOthers } from './others.ts';
import { createOutbox } from './outbox.ts';
import type { Reading } from './reading.ts';
import { createStanding } from './standing.ts';
import { createTimers } from './timers.ts';
import { createTotalsReader } from './totals-reader.ts';
import { createTotalsOut } from './totals.ts';
import { createVersions } from './versions.ts';

/** What a hub over Redis is made from; durations in ms. */
export type RedisHubSettings = Readonly<{
  way: Way;
  prefix: string;
  expiryMs: number;
  keepMs: number;
  logger: Logger;
}>;

/** How long a command may take, before Redis counts as gone. */
export const patienceMs = 2_000;

const mostBeatMs = 2_000;

/** What changes while a hub runs, and is not a part of its own. */
export type HubState = {
  /** `away`: nothing goes out. `joining`: everything is being read. `in`: all is shared. */
  phase: 'away' | 'joining' | 'in' | 'refused' | 'closed';
  listener: HubListener | undefined;
  reading: Reading | undefined;
  isBeatDue: boolean;
  /** When the last beat of this process was heard on the channel, and the first that was answered and not heard since. */
  heardSelfAt: number;
  unheardSince: number | undefined;
};

export type HubParts = ReturnType<typeof createParts>;

/** The parts of a hub; each is used by several of those who work on it. */
export function createParts(settings: RedisHubSettings, onLink: LinkListener) {
  const { way, prefix, expiryMs, keepMs, logger } = settings;
  const token = randomBytes(4).toString('hex');
  const process = `${hostname().replace(/[^\w.-]/g, '-') || 'host'}:${pid}:${token}`;
  const link = createLink(way, nameKeys(prefix).news, onLink);
  const warned = new Set<string>();
  const state: HubState = {
    phase: 'away',
    listener: undefined,
    reading: undefined,
    isBeatDue: false,
    heardSelfAt: -Infinity,
    unheardSince: undefined,
  };

  return {
    state,
    process,
    token,
    prefix,
    expiryMs,
    // Beats tell of words that were missed as well: however long a process may be silent, they come soon.
    beatMs: Math.min(expiryMs / 3, mostBeatMs),
    link,
    commands: createCommands(link, { prefix, process, expiryMs, keepMs }),
    lane: createLane(patienceMs, onLink.changed),
    standing: createStanding(clock.date, (status) => state.listener?.changed(status)),
    timers: createTimers(),
    outbox: createOutbox(),
    versions: createVersions(),
    leases: createLeases(),
    others: createOthers(process),
    totalsOut: createTotalsOut(),
    totalsReader: createTotalsReader(),
    clock: clock.now,
    /** Once for each kind of fault, whoever goes on making it. */
    warn: (what: string): void => {
      if (warned.has(what)) return;
      warned.add(what);
      logger.warn(
        `express-proxy-balancer: state under prefix ${prefix}: ${what}; ignored, and not said again`,
      );
    },
  } as const;
}
