import { liveBalancers } from '../live-balancers.ts';
import { resumeChance } from './seed-chance.ts';
import { listRunning } from './start-members.ts';
import { resumeClock } from './stop-clock.ts';

/**
 * Ends what a test has begun, however it ended: lets the clock and chance go on, and closes every member that was started and the
 * balancers that these are members of. `afterEach(tidyUp)`; or `afterAll`, where members are started once for all tests.
 */
export async function tidyUp(): Promise<void> {
  resumeChance();
  // First: a balancer that closes goes by the clock, too.
  resumeClock();
  const groups = listRunning();
  const origins = new Set(groups.flatMap((members) => [...members].map(({ url }) => new URL(url).origin)));
  const used = liveBalancers().filter((balancer) =>
    balancer.view().some(({ url }) => URL.canParse(url) && origins.has(new URL(url).origin)),
  );
  await Promise.all(used.map((balancer) => balancer.close({ grace: 0 })));
  await Promise.all(groups.map((members) => members.close()));
}
