import { clock as ownClock, type Timer } from '../clock.ts';
import type { Hub } from '../sharing/hub.ts';
import { createHearing } from './hear-news.ts';
import { createParts, type RedisHubSettings } from './parts.ts';
import { createPresence } from './presence.ts';
import { createWork } from './work.ts';

/** How long a call for totals may take, and a goodbye. */
const totalsMs = 2_000;
const farewellMs = 1_000;

/**
 * Shares over Redis. A herd is kept from forming by chance: processes come back within a second of each other, one by one, look
 * at what is there first, and put back only what nobody else has; beats and full reads fall where they will.
 */
export function createRedisHub(settings: RedisHubSettings): Hub {
  const parts = createParts(settings, {
    changed: () => {
      presence.look();
    },
    heard: (text) => {
      hear(text);
    },
  });
  const { state, process, token, link, commands, standing, timers, outbox, leases, others, clock, lane } =
    parts;
  const presence = createPresence(parts, () => {
    work.beatNow();
  });
  const work = createWork(parts, presence);
  const hear = createHearing(parts, work);

  /** What is still to be said, and the goodbye. */
  async function leave(): Promise<void> {
    // A beat that Redis asks to be told again, with its script, would come after the goodbye.
    await lane.settled();
    while (!outbox.isEmpty()) await commands.merge(outbox.take(), ownClock.date());
    await commands.leave([...leases.wanted(), ...leases.givenBack()]);
  }

  return {
    process,
    token,
    status: standing.status,
    start(listener) {
      state.listener = listener;
      presence.start();
    },
    put(entries) {
      // Whoever joins later is asked what is known.
      if (state.phase !== 'in') return;
      for (const entry of entries) outbox.put(entry);
      work.flushSoon();
    },
    tell(topic, text) {
      if (state.phase !== 'in') return;
      outbox.tell(topic, text);
      work.flushSoon();
    },
    want(lease) {
      leases.want(lease);
      work.beatEarly(0);
    },
    release(lease) {
      leases.release(lease);
      work.beatEarly(0);
    },
    has: (lease) => state.phase === 'in' && leases.has(lease, clock()),
    readTotals() {
      if (state.phase !== 'in') return Promise.resolve([]);
      const answer = parts.totalsReader.ask(others.names(), totalsMs);
      work.go();
      return answer;
    },
    async close() {
      const isThere = state.phase === 'in' || state.phase === 'joining';
      state.phase = 'closed';
      timers.clearAll();
      parts.totalsReader.giveUp();
      if (isThere && link.isReady()) await endWithin(farewellMs, leave());
      standing.close();
      await endWithin(farewellMs, link.close());
    },
  };
}

/** Waits for something, but not for long. */
async function endWithin(ms: number, doing: Promise<void>): Promise<void> {
  let timer: Timer | undefined;
  const late = new Promise<void>((resolve) => {
    timer = ownClock.setLimit(resolve, ms);
  });
  await Promise.race([doing.catch(() => undefined), late]);
  ownClock.clear(timer);
}
