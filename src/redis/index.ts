/**
 * State that balancers of several processes and machines share through Redis.
 *
 * @module express-proxy-balancer/redis
 */
export { redisState } from './redis-state.ts';
export type { CommonStateOptions, RedisStateOptions } from './redis-state-options.ts';
export type { RedisClient } from './client.ts';
export type { SharedState } from '../sharing/membership.ts';
export type { HubStatus } from '../sharing/hub.ts';
