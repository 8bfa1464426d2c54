import { describe, expect, test } from '@jest/globals';
import type { AttemptFacts, BalancerFacts } from '../../src/facts.ts';
import { addServerTiming } from '../../src/server-timing.ts';

const attempt: AttemptFacts = {
  member: 'http://secret.internal:8080',
  name: 'http://secret.internal:8080',
  reason: 'method',
  outcome: 'pending',
  status: 200,
  code: undefined,
  startedMs: 0,
  durationMs: 0,
};

const calm: BalancerFacts = {
  name: 'app',
  sticky: undefined,
  route: undefined,
  member: 'http://secret.internal:8080',
  memberRoute: undefined,
  routeChanged: false,
  arrivedAt: 0,
  waitedMs: 0,
  attempts: [attempt],
};

/** The fields of an answer that had those of `headers`. */
function fieldsFor(facts: Partial<BalancerFacts>, headers: readonly string[] = []): readonly string[] {
  const reply = { status: 200, reason: 'OK', headers };
  const added = addServerTiming(reply, { ...calm, ...facts }, 12.345);
  expect(reply.headers).toBe(headers);
  return added.headers;
}

describe('Server-Timing', () => {
  test.each<[what: string, facts: Partial<BalancerFacts>, field: string]>([
    ['tells no URL of a member without a route', {}, 'member;dur=12.3'],
    ['tells the route', { memberRoute: 'app1' }, 'member;desc="app1";dur=12.3'],
    ['tells what was waited', { waitedMs: 0.05 }, 'member;dur=12.3, wait;dur=0.1'],
    [
      'tells how many were tried, if more than one',
      { attempts: [attempt, attempt] },
      'member;dur=12.3, attempts;desc="2"',
    ],
    [
      'tells all of it',
      { memberRoute: 'a', waitedMs: 1_500, attempts: [attempt, attempt, attempt] },
      'member;desc="a";dur=12.3, wait;dur=1500.0, attempts;desc="3"',
    ],
    // RFC 9110 5.6.4
    ['escapes what ends a quoted string', { memberRoute: 'a"b\\c' }, 'member;desc="a\\"b\\\\c";dur=12.3'],
    [
      'sends no letter that a field may not have',
      { memberRoute: 'a\r\nX: é\u{1f600}\x7f' },
      'member;desc="a??X: ????";dur=12.3',
    ],
    [
      'keeps separators within the quotes',
      { memberRoute: 'a;dur=1, b' },
      'member;desc="a;dur=1, b";dur=12.3',
    ],
  ])('%s', (_what, facts, field) => {
    expect(fieldsFor(facts)).toEqual(['Server-Timing', field]);
    expect(field).not.toContain('secret');
  });

  test('leaves the member’s own beside it', () => {
    expect(fieldsFor({}, ['server-timing', 'db;dur=5', 'X', '1'])).toEqual([
      'server-timing',
      'db;dur=5',
      'X',
      '1',
      'Server-Timing',
      'member;dur=12.3',
    ]);
  });
});
