import { expect, test } from '@jest/globals';
import { createAgents } from '../../../../src/forward/hpm/agents.ts';
import { memberAt } from '../../../support/recorder.ts';

test.each(['http://member.test', 'https://member.test'])(
  'connections to %s are kept apart as by Node’s own agent',
  (url) => {
    const { pooled } = createAgents(memberAt(url));
    const own = Object.getPrototypeOf(pooled) as typeof pooled;
    const places = [
      { host: 'a.test', port: 80 },
      { host: 'a.test', port: 80 },
      { host: 'b.test', port: 80 },
      { host: 'a.test', port: 81 },
      { host: 'a.test', port: 81, localAddress: '127.0.0.2' },
      { host: 'a.test', port: 81, family: 6 },
      { host: 'a.test', port: 81, socketPath: '/run/a' },
      undefined,
    ];
    const names = places.map((place) => pooled.getName(place));
    expect(names).toEqual(places.map((place) => own.getName(place)));
    expect(new Set(names).size).toBe(7);
  },
);
