import type { Settings } from '../definition/settings.ts';
import { byBusyness } from './by-busyness.ts';
import { buildByHash } from './by-hash.ts';
import { byRequests } from './by-requests.ts';
import { byResponseTime } from './by-response-time.ts';
import { byTraffic } from './by-traffic.ts';
import type { Method } from './method.ts';
import { buildOwnMethod } from './own-method.ts';
import { random } from './random.ts';

/** The method that a definition asks for, by name or as a function. */
export function buildMethod(settings: Pick<Settings, 'lbmethod' | 'hashKey' | 'hashBalance'>): Method {
  const { lbmethod, hashKey, hashBalance } = settings;
  switch (lbmethod) {
    case 'byrequests':
      return byRequests;
    case 'bytraffic':
      return byTraffic;
    case 'bybusyness':
      return byBusyness;
    case 'byresponsetime':
      return byResponseTime;
    case 'random':
      return random;
    case 'byhash':
      return buildByHash(hashKey, hashBalance);
  }
  return buildOwnMethod(lbmethod);
}
