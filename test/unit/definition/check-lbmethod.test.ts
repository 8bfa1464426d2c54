import { describe, expect, test } from '@jest/globals';
import { linesFor } from './support.ts';

describe('a balancing method', () => {
  test.each<[Readonly<Record<string, unknown>>]>([
    [{ lbmethod: 'byrequests' }],
    [{ lbmethod: 'bytraffic' }],
    [{ lbmethod: 'bybusyness' }],
    [{ lbmethod: 'byresponsetime' }],
    [{ lbmethod: 'random' }],
    [{ lbmethod: 'byhash' }],
    [{ lbmethod: () => undefined }],
  ])('%j passes', (given) => {
    expect(linesFor(given)).toEqual([]);
  });

  test.each<[Readonly<Record<string, unknown>>, string]>([
    [{ lbmethod: 'ByTraffic' }, "lbmethod is 'ByTraffic': there is no such method; write 'bytraffic'"],
    [
      { lbmethod: 'lbmethod_bybusyness' },
      "lbmethod is 'lbmethod_bybusyness': there is no such method; write 'bybusyness'",
    ],
    [
      { lbmethod: 'heartbeat' },
      "lbmethod is 'heartbeat': multicast heartbeats are superseded by health checks; write hcmethod for the members, and another method",
    ],
    [{ lbmethod: 'roundrobin' }, "lbmethod is 'roundrobin': there is no such method; write 'byrequests'"],
    [{ lbmethod: 'round_robin' }, "lbmethod is 'round_robin': there is no such method; write 'byrequests'"],
    [{ lbmethod: 'least_conn' }, "lbmethod is 'least_conn': there is no such method; write 'bybusyness'"],
    [{ lbmethod: 'leastconn' }, "lbmethod is 'leastconn': there is no such method; write 'bybusyness'"],
    [
      { lbmethod: 'least_request' },
      "lbmethod is 'least_request': there is no such method; write 'bybusyness'",
    ],
    [{ lbmethod: 'ip_hash' }, "lbmethod is 'ip_hash': there is no such method; write 'byhash'"],
    [{ lbmethod: 'source' }, "lbmethod is 'source': there is no such method; write 'byhash'"],
    [
      { lbmethod: 'consistent-hash' },
      "lbmethod is 'consistent-hash': there is no such method; write 'byhash'",
    ],
    [{ lbmethod: 'p2c' }, "lbmethod is 'p2c': there is no such method; write 'random'"],
    [{ lbmethod: 'least_time' }, "lbmethod is 'least_time': there is no such method; write 'byresponsetime'"],
    [{ lbmethod: 'ewma' }, "lbmethod is 'ewma': there is no such method; write 'byresponsetime'"],
    [
      { lbmethod: 'cookie' },
      "lbmethod is 'cookie': sessions are bound whatever the method is; write stickysession or routeCookie",
    ],
    [
      { lbmethod: 'first' },
      "lbmethod is 'first': which members come first is said by them; write lbset, or status: 'H', on the members",
    ],
    [{ lbmethod: 'bytrafic' }, "lbmethod is 'bytrafic': there is no such method; write 'bytraffic'"],
    [
      { lbmethod: 'zzz' },
      "lbmethod is 'zzz': there is no such method; write 'byrequests', 'bytraffic', 'bybusyness', 'byresponsetime', 'random', 'byhash' or a function",
    ],
    [
      { lbmethod: 5 },
      "lbmethod is 5: there is no such method; write 'byrequests', 'bytraffic', 'bybusyness', 'byresponsetime', 'random', 'byhash' or a function",
    ],
  ])('%j is answered in one line', (given, line) => {
    expect(linesFor(given)).toEqual([line]);
  });
});
