import { describe, expect, test } from '@jest/globals';
import type { Deed } from '../../../../src/changes/change.ts';
import { tellOutcome, tellReason } from '../../../../src/manager/page/decision-words.ts';
import { findMember, tellDeadline, tellDeed, tellInForce } from '../../../../src/manager/page/deed-words.ts';
import { makeChange, reportedAt } from './make-report.ts';

const app2 = { balancer: 'app', member: 'app2' } as const;
const added = { url: 'http://app9:3000' } as const;

test.each<[Deed, string, string, string | undefined]>([
  [{ ...app2, kind: 'drain', deadlineMs: undefined }, 'Drain', 'Drained by ann', 'app2'],
  [
    { ...app2, kind: 'drain', deadlineMs: 600_000 },
    'Drain, and disable after 10\u00a0min',
    'Drained by ann',
    'app2',
  ],
  [{ ...app2, kind: 'remove' }, 'Remove', 'app2 removed by ann', 'app2'],
  [{ kind: 'add', balancer: 'app', member: added, name: 'app9' }, 'Add', 'Added by ann', 'app9'],
  [
    { kind: 'add', balancer: 'app', member: added, name: undefined },
    'Add',
    'Added by ann',
    'http://app9:3000',
  ],
  [
    { ...app2, kind: 'change', set: { loadfactor: 2, hotSpare: false, drain: true, max: null, hcuri: '/h' } },
    'Set loadfactor 2, hotSpare off, drain on, max to its default, hcuri /h',
    'loadfactor 2, hotSpare off, drain on, max to its default, hcuri /h set by ann',
    'app2',
  ],
  [
    { kind: 'configure', balancer: 'app', set: { failonstatus: [500, 503] } },
    'Set failonstatus [500, 503]',
    'failonstatus [500, 503] set by ann',
    undefined,
  ],
])('%j reads %j in the log, and %j while it holds', (deed, inLog, inForce, member) => {
  expect(tellDeed(deed)).toBe(inLog);
  expect(tellInForce(makeChange({ deed }))).toBe(inForce);
  expect(findMember(deed)).toBe(member);
});

test('what health checks send does not get into the log: it may be a credential', () => {
  const set = { hcheaders: { Authorization: 'Bearer 4711' } };
  expect(tellDeed({ ...app2, kind: 'change', set })).not.toContain('4711');
});

test('a long value is shortened', () => {
  expect(tellDeed({ ...app2, kind: 'change', set: { hcuri: `/${'x'.repeat(500)}` } }).length).toBeLessThan(
    90,
  );
});

test('only a drain with a deadline ends in a disabled member', () => {
  const deed = { ...app2, kind: 'drain', deadlineMs: 600_000 } as const;
  expect(tellDeadline(makeChange({ deed, at: reportedAt }), reportedAt)).toMatch(/^disabled at \d\d:13:45$/);
  expect(tellDeadline(makeChange(), reportedAt)).toBeUndefined();
});

describe('an attempt', () => {
  const attempt = {
    member: 'app1',
    reason: 'route',
    outcome: 'answered',
    status: 200,
    code: undefined,
    durationMs: 1,
  };

  test.each([
    [{}, 'answered 200'],
    [{ outcome: 'connect', status: undefined, code: 'ECONNREFUSED' }, 'no connection (ECONNREFUSED)'],
    [{ outcome: 'timeout', status: undefined }, 'timeout'],
    [{ outcome: 'constructor', status: undefined }, 'constructor'],
  ])('that is %j reads %j', (other, text) => {
    expect(tellOutcome({ ...attempt, ...other })).toBe(text);
  });

  test.each([
    ['route', 'its session is bound there'],
    ['method', 'the method has chosen it'],
    ['toString', 'toString'],
  ])('for the reason %s: %s', (reason, text) => {
    expect(tellReason({ ...attempt, reason })).toBe(text);
  });
});
