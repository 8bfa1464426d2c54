import { describe, expect, test } from '@jest/globals';
import { printLogLine, type Ended } from '../../../src/cli/log-line.ts';
import type { AttemptFacts, BalancerFacts } from '../../../src/facts.ts';

const attempt = (name: string, parts: Partial<AttemptFacts> = {}): AttemptFacts => ({
  member: `http://${name}`,
  name,
  reason: 'method',
  outcome: 'answered',
  status: 200,
  code: undefined,
  startedMs: 0,
  durationMs: 1,
  ...parts,
});

const facts = (parts: Partial<BalancerFacts> = {}): BalancerFacts => ({
  name: 'mycluster',
  sticky: undefined,
  route: undefined,
  member: 'http://app1',
  memberRoute: 'app1',
  routeChanged: false,
  arrivedAt: 0,
  waitedMs: 0,
  attempts: [attempt('app1')],
  ...parts,
});

const ended = (parts: Partial<Ended> = {}): Ended => ({
  at: new Date(0),
  method: 'GET',
  host: 'example.com',
  target: '/app;jsessionid=secret/x?token=secret',
  status: 200,
  isWhole: true,
  durationMs: 12.4,
  facts: facts(),
  error: undefined,
  ...parts,
});

test('a line tells what was asked, who answered and why; sessions do not stand in it', () => {
  expect(printLogLine(ended())).toBe(
    '1970-01-01T00:00:00.000Z GET example.com /app/x 200 12ms balancer=mycluster member=app1 why="the method has chosen it"',
  );
});

describe('why', () => {
  test.each<readonly [Partial<Ended>, string]>([
    [
      { facts: facts({ sticky: 'ID', route: 'app1', attempts: [attempt('app1', { reason: 'route' })] }) },
      'bound by ID to route app1',
    ],
    [
      { facts: facts({ route: 'app9', attempts: [attempt('app1', { reason: 'redirect' })] }) },
      'route app9 is not usable and redirects to it',
    ],
    [{ facts: facts({ route: 'app9' }) }, 'route app9 is not usable: the method has chosen it'],
    [
      {
        facts: facts({
          attempts: [
            attempt('app2', { outcome: 'connect', status: undefined, code: 'ECONNREFUSED' }),
            attempt('app3', { outcome: 'discarded', status: 503 }),
            attempt('app1'),
          ],
        }),
      },
      'the method has chosen it; after app2 (connect ECONNREFUSED), app3 (discarded 503)',
    ],
    [{ facts: facts({ waitedMs: 30 }) }, 'the method has chosen it; it waited 30 ms'],
    [{ status: undefined, isWhole: false }, 'the method has chosen it; the connection broke off'],
    [{ facts: facts({ attempts: [] }), error: new Error('No member is usable') }, 'No member is usable'],
    [{ facts: undefined, status: 404 }, 'nothing is mounted there'],
    [{ facts: undefined, status: 200 }, 'no balancer was asked'],
    [{ facts: undefined, status: 403, error: new Error('The configuration does') }, 'The configuration does'],
  ])('%#: %s', (parts, why) => {
    expect(printLogLine(ended(parts))).toContain(`why="${why}"`);
  });
});

test('a client cannot write lines, fields or colours of its own', () => {
  const line = printLogLine(
    ended({
      method: 'GET\n',
      host: 'a\u001b[31m b" why="x',
      target: '/a b\u2028\r\nGET /',
      status: undefined,
    }),
  );
  expect(line).toMatch(/^\S+ GET\S+ a\S+ \/a\S+ - 12ms balancer=\S+ member=\S+ why="[^"]*"$/);
  // eslint-disable-next-line no-control-regex -- that is what must not be there
  expect(line).not.toMatch(/[\x00-\x1f\u2028]/);
});

test('a very long path is cut', () => {
  expect(printLogLine(ended({ target: `/${'x'.repeat(60_000)}` })).length).toBeLessThan(1_000);
});
