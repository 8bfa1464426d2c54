import { isString } from './judges.ts';
import { checkBy, type Check, type Fault } from './problem.ts';
import { findNearest, foldName } from './spelling.ts';

const methods = ['byrequests', 'bytraffic', 'bybusyness', 'byresponsetime', 'random', 'byhash'];

/** What others call these methods, folded. */
const otherNames: readonly (readonly [method: string, names: string])[] = [
  [
    'byrequests',
    'default request requests roundrobin rr smoothroundrobin weighted weightedroundrobin wrr staticrr',
  ],
  ['bytraffic', 'bandwidth bytes leastbandwidth leastbytes leasttraffic traffic'],
  [
    'bybusyness',
    'busyness leastbusy leastconn leastconnection leastconnections leastrequest leastrequests minconn wlc',
  ],
  ['byresponsetime', 'ewma fastest latency leastlatency leasttime peakewma responsetime'],
  ['random', 'p2c poweroftwo poweroftwochoices randomchoose randomtwo randomtwoleastconn'],
  [
    'byhash',
    'clientip clientiphash consistenthash cookiehash hash iphash ketama maglev ringhash source uri urihash',
  ],
];

/** The check of `lbmethod`. */
export const checkLbmethod: Check = checkBy((value) => {
  if (typeof value === 'function' || (isString(value) && methods.includes(value))) return undefined;
  const advice = `write ${methods.map((method) => `'${method}'`).join(', ')} or a function`;
  const problem = 'there is no such method';
  if (!isString(value)) return { problem, advice };
  return judgeName(value.trim()) ?? { problem, advice };
});

function judgeName(given: string): Fault | undefined {
  const problem = 'there is no such method';
  const name = foldName(given).replace(/^lbmethod/, '');
  if (name === 'heartbeat') {
    const advice = 'write hcmethod for the members, and another method';
    return { problem: 'multicast heartbeats are superseded by health checks', advice };
  }
  if (/^(cookie|sticky|stickysession|affinity)$/.test(name))
    return {
      problem: 'sessions are bound whatever the method is',
      advice: 'write stickysession or routeCookie',
    };
  if (/^(first|failover|priority|activepassive)$/.test(name))
    return {
      problem: 'which members come first is said by them',
      advice: "write lbset, or status: 'H', on the members",
    };
  const right =
    methods.find((method) => method === name) ??
    otherNames.find(([, names]) => names.split(' ').includes(name))?.[0] ??
    findNearest(name, methods);
  return right === undefined ? undefined : { problem, advice: `write '${right}'` };
}
