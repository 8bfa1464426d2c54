import { performance } from 'node:perf_hooks';
import { setImmediate as waitTurn, setTimeout as waitMs } from 'node:timers/promises';

/** Time that no test stops, neither by this kit nor by fake timers of a test library: taken before anybody could. */
export const realNow: () => number = performance.now.bind(performance);

/** One turn of the event loop: everything is read that has come. */
export const turn = waitTurn;

/** Lets real time go by, for what happens outside of this thread. */
export const rest = waitMs;

/** Below the limits of a test in jest and vitest, so that it is this error that is seen. */
export const patienceMs = 4_000;

const { nodeTiming } = performance;

/** How many events of sockets this process has seen. */
function countEvents(): number {
  return nodeTiming.uvMetricsInfo.events;
}

/** Turns without an event, after which nothing is under way within this process: each piece of the way is a turn. */
const quietTurns = 6;

/** What is done in other threads, and tells of itself later. */
const elsewhere = /^(?:GetAddrInfo|GetNameInfo|FSReq|FileHandle|Zlib|ZLIB|.*Job)/;

async function settleTurns(until: number): Promise<void> {
  let quiet = 0;
  while (quiet < quietTurns && realNow() < until) {
    const before = countEvents();
    await turn();
    quiet = countEvents() === before ? quiet + 1 : 0;
  }
}

/**
 * Resolves once nothing is under way between the sockets of this process. `thoroughly`: looks again after some real time,
 * for a machine under load, and waits for what other threads do. At most a second: somebody may talk without end.
 */
export async function settle(thoroughly = false): Promise<void> {
  const until = realNow() + 1_000;
  await settleTurns(until);
  if (!thoroughly) return;
  for (let looks = 0; looks < 3 && realNow() < until;) {
    const before = countEvents();
    await rest(4);
    await settleTurns(until);
    const isQuiet =
      countEvents() === before && !process.getActiveResourcesInfo().some((name) => elsewhere.test(name));
    looks = isQuiet ? looks + 1 : 0;
  }
}
