import { expect } from '@jest/globals';
import { listKeys, type RedisDoor } from './redis-keys.ts';
import type { Site } from './site.ts';
import type { Look } from './worker.ts';

/**
 * Ends the load of a site: no request has failed, all see the same members, nobody is busy any more, here or elsewhere, and
 * every key in Redis has an end. Tells what the workers see.
 */
export async function endWell(site: Site, redis: RedisDoor): Promise<readonly Look[]> {
  await site.endLoad();
  await site.untilAll(
    ({ view, busyElsewhere }) =>
      view.every(({ busy }) => busy === 0) && Object.values(busyElsewhere).every((busy) => busy === 0),
  );
  const looks = await site.untilAgreed();
  const keys = await listKeys(redis);
  expect(keys.length).toBeGreaterThan(0);
  expect(keys.filter(({ ttlMs }) => ttlMs <= 0)).toEqual([]);
  return looks;
}
