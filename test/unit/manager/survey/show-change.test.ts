import { describe, expect, test } from '@jest/globals';
import type { Change, Deed } from '../../../../src/changes/change.ts';
import { showChange } from '../../../../src/manager/survey/show-change.ts';

function buildChange(deed: Deed): Change {
  return {
    id: '1',
    at: 0,
    by: 'ann',
    deed,
    reason: undefined,
    until: undefined,
    state: 'in-force',
    ended: undefined,
  };
}

const hcheaders = { Authorization: 'Bearer t0ken' };

describe('a change that is shown', () => {
  test.each<[what: string, deed: Deed, shown: Deed]>([
    [
      'of a member',
      { kind: 'change', balancer: 'app', member: 'a', set: { hcheaders, retry: 5 } },
      { kind: 'change', balancer: 'app', member: 'a', set: { hcheaders: { Authorization: '…' }, retry: 5 } },
    ],
    [
      'that adds one',
      { kind: 'add', balancer: 'app', member: { url: 'http://a', hcheaders }, name: 'http://a' },
      {
        kind: 'add',
        balancer: 'app',
        member: { url: 'http://a', hcheaders: { Authorization: '…' } },
        name: 'http://a',
      },
    ],
  ])('%s has no value of a field that health checks send', (_what, deed, shown) => {
    const change = buildChange(deed);
    expect(showChange(change)).toEqual({ ...change, deed: shown });
    expect(JSON.stringify(change)).toContain('t0ken');
  });

  test.each<Deed>([
    { kind: 'change', balancer: 'app', member: 'a', set: { hcheaders: null } },
    { kind: 'add', balancer: 'app', member: { url: 'http://a' }, name: undefined },
    { kind: 'drain', balancer: 'app', member: 'a', deadlineMs: 5 },
    { kind: 'remove', balancer: 'app', member: 'a' },
    { kind: 'configure', balancer: 'app', set: { hold: 5 } },
  ])('is as it is where there is none: %j', (deed) => {
    const change = buildChange(deed);
    expect(showChange(change)).toBe(change);
  });
});
