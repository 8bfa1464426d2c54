import type { MethodName } from './definition.ts';
import { isString } from './judges.ts';
import { checkBy, type Check, type Fault } from './problem.ts';
import { findNearest, foldName } from './spelling.ts';

/** By method, what others call it, folded. */
const otherNames: Readonly<Record<MethodName, string>> = {
  byrequests:
    'default request requests roundrobin rr smoothroundrobin weighted weightedroundrobin wrr staticrr',
  bytraffic: 'bandwidth bytes leastbandwidth leastbytes leasttraffic traffic',
  bybusyness:
    'busyness leastbusy leastconn leastconnection leastconnections leastrequest leastrequests minconn wlc',
  byresponsetime: 'ewma fastest latency leastlatency leasttime peakewma responsetime',
  random: 'p2c poweroftwo poweroftwochoices randomchoose randomtwo randomtwoleastconn',
  byhash:
    'clientip clientiphash consistenthash cookiehash hash iphash ketama maglev ringhash source uri urihash',
};

/** Every method that has a name. */
export const methodNames = Object.keys(otherNames) as readonly MethodName[]; // Its keys are those of its type.

const isMethodName = (text: string): boolean => Object.hasOwn(otherNames, text);

/** The check of `lbmethod`. */
export const checkLbmethod: Check = checkBy((value) => {
  if (typeof value === 'function' || (isString(value) && isMethodName(value))) return undefined;
  const advice = `write ${methodNames.map((method) => `'${method}'`).join(', ')} or a function`;
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
    methodNames.find((method) => method === name) ??
    Object.entries(otherNames).find(([, names]) => names.split(' ').includes(name))?.[0] ??
    findNearest(name, methodNames);
  return right === undefined ? undefined : { problem, advice: `write '${right}'` };
}
