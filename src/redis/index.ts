export { redisState } from './redis-state.ts';
export type { RedisStateOptions } from './redis-state-options.ts';
export type { RedisClient } from './client.ts';
export type { SharedState } from '../sharing/membership.ts';
export type { HubStatus } from '../sharing/hub.ts';
