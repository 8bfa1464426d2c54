import { redisState } from 'express-proxy-balancer/redis';

const url = process.env['STATE_URL'];

/** What the workers of a cluster share; undefined for one front alone. */
export const state = url === undefined ? undefined : redisState({ url, prefix: 'forum' });

/** Resolves when it is known what holds in the other workers, or that there is nobody to be asked. */
export async function whenHeard(): Promise<void> {
  await state?.ready();
}
