import { createSharedState } from '../sharing/create-shared-state.ts';
import type { SharedState } from '../sharing/membership.ts';
import { readStateOptions } from './read-state-options.ts';
import { createRedisHub } from './redis-hub.ts';
import type { RedisStateOptions } from './redis-state-options.ts';

/**
 * Shares the state of balancers with those of the same name in other processes and on other machines, through Redis (6.2 or
 * later). No request waits for it; without it every process goes on with what it knows.
 *
 * @throws {DefinitionError} with everything that is wrong with the options.
 */
export function redisState(options: RedisStateOptions): SharedState {
  const { way, prefix, expiryMs, keepMs, busy, logger } = readStateOptions(options);
  return createSharedState(createRedisHub({ way, prefix, expiryMs, keepMs, logger }), { logger, busy });
}
