import { checkBy, type Check } from './problem.ts';

/** The check of `state`: what `redisState` has returned. */
export const checkState: Check = checkBy((value) => {
  const advice =
    "write redisState({ url: 'redis://…' }) of express-proxy-balancer/redis, or leave it out for memory";
  if (typeof value === 'string') return { problem: 'it must be the state itself, not its name', advice };
  try {
    const { join, status, ready, close } = Object(value) as Readonly<Record<string, unknown>>;
    if ([join, status, ready, close].every((method) => typeof method === 'function')) return undefined;
  } catch {
    // Whatever cannot be read is none.
  }
  return { problem: 'it is no shared state', advice };
});
