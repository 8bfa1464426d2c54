import { describe, expect, test } from '@jest/globals';
import { byRequests } from '../../../src/choice/by-requests.ts';
import { chooseMember, earliestRetry, type Choice } from '../../../src/choice/choose-member.ts';
import type { MemberState } from '../../../src/member/member-state.ts';
import { buildViews, namesOf } from '../../support/build-members.ts';
import { buildContext } from '../../support/method-context.ts';
import { simulateBalancer, type SimulationOptions } from '../../support/simulated-balancer.ts';

const now = 100_000;
const context = buildContext(now);
const failed = { errorAt: now - 1_000 };
const due = { errorAt: now - 60_000 };
const probing = { ...due, probing: true };
const nofailover = { nofailover: true };
const forever = { forcerecovery: false };

type Rules = Readonly<{ nofailover?: boolean; forcerecovery?: boolean }>;

function choose(
  notation: string,
  route: string | undefined,
  states: Readonly<Record<string, Partial<MemberState>>> = {},
  rules: Rules = {},
): Choice {
  const all = { nofailover: false, forcerecovery: true, method: byRequests, ...rules };
  return chooseMember(buildViews(notation, states), route, all, context, new Set());
}

/** `'b by redirect'`, `'nobody: nofailover'`. */
function tell(choice: Choice): string {
  return choice.kind === 'member'
    ? `${choice.member.settings.name} by ${choice.reason}`
    : `nobody: ${choice.reason}`;
}

// Section 15.3 of the reference, measured on httpd 2.4.71: two requests with the cookie, then those without.
// The cookie and BALANCER_ROUTE_CHANGED of R13 and R14 are not the choice's; what it decides of them is here.
describe('routes lead to the member that httpd chooses', () => {
  const rows: readonly (readonly [
    id: string,
    members: string,
    options: SimulationOptions,
    routes: string,
    served: string,
  ])[] = [
    ['R1', 'a>b D, b, c', nofailover, 'a a - - -', 'b b c c b'],
    ['R2', 'a N, b', {}, 'a a - - -', 'a a b b b'],
    ['R3', 'a H, b', {}, 'a a - - -', 'a a b b b'],
    ['R4', 'a@1, b', {}, 'a a - - -', 'a a b b b'],
    ['R5', 'a R, b', {}, 'a a - - -', 'a a b b b'],
    ['R6', 'm1:a D, m2:a H, m3:c', nofailover, 'a a - - -', 'm2 m2 m3 m3 m3'],
    ['R7', 'a D, b', {}, 'a a - - -', 'b b b b b'],
    ['R8', 'a D, b', nofailover, 'a a - - -', '503 503 b b b'],
    ['R9', 'x, b', { ...nofailover, refusing: 'x' }, 'x x x - -', 'x>503 503 503 b b'],
    ['R10', 'x, b', { ...nofailover, refusing: 'x' }, 'x zz zz', 'x>503 b b'],
    ['R11', 'x, b', { refusing: 'x' }, 'x x', 'x>b b'],
    ['R12', 'm1:>c, b, c', {}, 'a a - - -', 'm1 b c m1 b'],
    ['R13', 'm1:, m2:', {}, '- - -', 'm1 m2 m1'],
    ['R14', 'm1:1, m2:2', {}, '- 2 9', 'm1 m2 m1'],
    ['R14 with route 1 down', 'm1:1, m2:2', { refusing: 'm1' }, '1 1', 'm1>m2 m2'],
    ['R15', 'm1:http1, m2:http2', {}, 'http2 http2', 'm2 m2'],
  ];
  test.each(rows)('%s: %s', (_id, members, options, routes, served) => {
    const balancer = simulateBalancer(members, options);
    const names = routes.split(' ').map((route) => balancer.request(route === '-' ? undefined : route));
    expect(names.join(' ')).toBe(served);
  });

  test('R9: the member is in error after the first', () => {
    const balancer = simulateBalancer('x, b', { nofailover: true, refusing: 'x' });
    balancer.request('x');
    expect(balancer.member('x').state.errorAt).toBe(balancer.now());
    balancer.request('x');
    expect(balancer.member('x').elected).toBe(1);
  });
});

describe('the choice tells why', () => {
  test.each([
    ['the session’s own member', 'a, b', 'b', 'b by route'],
    ['the method, for a request that is bound to nobody', 'a, b', undefined, 'a by method'],
    ['the method, for a route that nobody has', 'a, b', 'zz', 'a by method'],
    ['the method, for an empty route', 'a:, b:', '', 'a by method'],
    ['routes compared byte for byte', 'b:A, c:a', 'a', 'c by route'],
    ['the own member, although it redirects', 'a>b, b', 'a', 'a by route'],
    ['the redirect, when the own member cannot serve', 'a>b D, b', 'a', 'b by redirect'],
    ['a chain of redirects', 'a>b D, b>c S, c>d C, d', 'a', 'd by redirect'],
    ['no more of a chain than is needed', 'a>b D, b>c, c', 'a', 'b by redirect'],
    ['the method, where redirects go round', 'a>b D, b>a D, c', 'a', 'c by method'],
    ['the method, where a member redirects to itself', 'a>a D, b', 'a', 'b by method'],
    ['the method, where a redirect leads to nobody', 'a>zz D, b', 'a', 'b by method'],
    ['a redirect to a standby', 'a>c D, b, c H', 'a', 'c by redirect'],
    ['a redirect to a drained member of another set', 'a>c D, b, c@3 N', 'a', 'c by redirect'],
    ['nobody’s redirect for a request that is bound to nobody', 'a>c D, b, c', undefined, 'b by method'],
    ['the first of several with the route', 'm1:a, m2:a', 'a', 'm1 by route'],
    ['the next of several with the route', 'm1:a D, m2:a, m3', 'a', 'm2 by route'],
    ['ordinary members before standbys, whatever the order', 'm1:a H, m2:a', 'a', 'm2 by route'],
    ['the redirect of the first of several before the second', 'm1:a>b D, m2:a, b', 'a', 'b by redirect'],
    ['the second of several, when the first redirects to nobody', 'm1:a>b D, m2:a, b D', 'a', 'm2 by route'],
    ['a redirect that leads to a standby of the route itself', 'm1:a>a D, m2:a H, b', 'a', 'm2 by route'],
  ])('%s', (_what, members, route, expected) => {
    expect(tell(choose(members, route))).toBe(expected);
  });

  test.each([
    ['refuses the session of a member that cannot serve', 'a D, b', 'a', 'nobody: nofailover'],
    ['refuses it when redirects go round', 'a>b D, b>a D, c', 'a', 'nobody: nofailover'],
    ['refuses it when all with the route are unusable', 'm1:a D, m2:a S, m3', 'a', 'nobody: nofailover'],
    ['follows a redirect', 'a>b D, b, c', 'a', 'b by redirect'],
    ['takes another member with the route', 'm1:a D, b, m2:a', 'a', 'm2 by route'],
    ['keeps the session of a drained member', 'a N, b', 'a', 'a by route'],
    ['does not apply to a route that nobody has', 'a, b', 'zz', 'a by method'],
    ['does not apply to a request that is bound to nobody', 'a D, b', undefined, 'b by method'],
  ])('nofailover %s', (_what, members, route, expected) => {
    expect(tell(choose(members, route, {}, { nofailover: true }))).toBe(expected);
  });
});

describe('a member in error', () => {
  test('is left alone, also by its own sessions', () => {
    expect(tell(choose('a, b', 'a', { a: failed }))).toBe('b by method');
    expect(tell(choose('a>c, b, c', 'a', { a: failed }))).toBe('c by redirect');
    expect(tell(choose('a, b', 'a', { a: failed }, nofailover))).toBe('nobody: nofailover');
  });

  test.each([
    ['its own session', 'a, b', 'a', 'a by route'],
    ['a session that is redirected to it', 'b>a D, a, c', 'b', 'a by redirect'],
    ['a request that is bound to nobody', 'a, b', undefined, 'a by method'],
  ])('is tried by %s when it is due', (_who, members, route, expected) => {
    const choice = choose(members, route, { a: due });
    expect(tell(choice)).toBe(expected);
    expect(choice).toMatchObject({ probe: true, forced: false });
  });

  test('is not tried by a second request meanwhile', () => {
    expect(tell(choose('a, b', 'a', { a: probing }))).toBe('b by method');
    expect(tell(choose('a, b', undefined, { a: probing }))).toBe('b by method');
    expect(tell(choose('a, b', 'a', { a: probing }, nofailover))).toBe('nobody: nofailover');
  });

  test('is the only one that makes a choice a probe', () => {
    expect(choose('a, b', undefined, { b: due })).toMatchObject({ probe: false, forced: false });
    expect(choose('a, b', 'b', { a: due })).toMatchObject({ probe: false, forced: false });
  });

  test('is no probe when all errors are forgotten', () => {
    const choice = choose('a, b', 'b', { a: failed, b: failed }, nofailover);
    expect(tell(choice)).toBe('b by route');
    expect(choice).toMatchObject({ probe: false, forced: true });
  });
});

describe('nobody is chosen', () => {
  const none = { kind: 'nobody', reason: 'unusable' };

  test.each([
    ['when all are out of service', 'a D, b S', {}, {}, undefined],
    ['without forced recovery, when health checks fail', 'a D, b S, c C', {}, forever, undefined],
    ['when all are drained', 'a N, b N', {}, {}, undefined],
    [
      'without forced recovery, until the first retry',
      'a, b',
      { a: failed, b: { errorAt: now - 9_000 } },
      forever,
      now + 51_000,
    ],
    ['while the only one is being tried, without forced recovery', 'a', { a: probing }, forever, undefined],
    [
      'while the one that is due is being tried, until the next retry',
      'a, b',
      { a: probing, b: failed },
      forever,
      now + 59_000,
    ],
    [
      'and retries of members out of service do not count',
      'a D, b',
      { a: { errorAt: 1 }, b: failed },
      forever,
      now + 59_000,
    ],
  ] as const)('%s', (_when, members, states, rules, retry) => {
    expect(choose(members, undefined, states, rules)).toEqual({ ...none, retryAt: retry, full: [] });
  });

  test('tells when the session’s member may be back', () => {
    expect(choose('a, b', 'a', { a: failed }, nofailover)).toEqual({
      kind: 'nobody',
      reason: 'nofailover',
      retryAt: now + 59_000,
      full: [],
    });
  });

  test('when there are no members (E25)', () => {
    const rules = { nofailover: false, forcerecovery: true, method: byRequests };
    expect(chooseMember([], 'a', rules, context, new Set())).toEqual({
      ...none,
      retryAt: undefined,
      full: [],
    });
  });

  test('the earliest retry is that of the member that will be due first', () => {
    const members = buildViews('a, b, c, d S', { a: failed, b: { errorAt: now - 2_000 }, d: { errorAt: 1 } });
    expect(earliestRetry(members, now)).toBe(now + 58_000);
    expect(earliestRetry(members, now + 58_000)).toBe(now + 59_000);
    expect(earliestRetry(members, now + 59_000)).toBeUndefined();
    expect(earliestRetry(buildViews('a, b'), now)).toBeUndefined();
  });
});

describe('a request does not come back to a member', () => {
  const rules = { nofailover: false, forcerecovery: true, method: byRequests };

  test('while another is untried', () => {
    const members = buildViews('a, b H, c@1');
    const tried = new Set<(typeof members)[number]>();
    const order: string[] = [];
    for (;;) {
      const choice = chooseMember(members, 'a', rules, context, tried);
      if (choice.kind === 'nobody') break;
      order.push(choice.member.settings.name);
      tried.add(choice.member);
    }
    expect(order).toEqual(['a', 'b', 'c']);
  });

  test('even when all errors are forgotten', () => {
    const members = buildViews('a, b', { a: failed, b: failed });
    expect(tell(chooseMember(members, 'a', rules, context, new Set([members[0]!])))).toBe('b by method');
    expect(tell(chooseMember(members, 'a', rules, context, new Set(members)))).toBe('nobody: unusable');
  });

  test('nor, with nofailover, to a member that its session is not bound to', () => {
    const members = buildViews('m1:a, m2:a H, b');
    const strict = { ...rules, nofailover: true };
    expect(tell(chooseMember(members, 'a', strict, context, new Set([members[0]!])))).toBe('m2 by route');
    expect(tell(chooseMember(members, 'a', strict, context, new Set(members.slice(0, 2))))).toBe(
      'nobody: nofailover',
    );
  });
});

describe('a session’s request is charged', () => {
  // Section 4.7 of the reference; httpd also lets standbys, spares and other sets gather credit (surprise 36).
  test('among those that could have served it, were it bound to nobody', () => {
    const choice = choose('a, b, c N, d H, e@1, f D', 'b');
    expect(choice.kind === 'member' && namesOf(choice.candidates)).toBe('a b');
  });

  test.each(['a N, b, c', 'a H, b, c', 'a R, b, c', 'a@1, b, c'])(
    'to nobody when its member is none of them: %s',
    (members) => {
      const balancer = simulateBalancer(members);
      expect([balancer.request('a'), balancer.request('a')]).toEqual(['a', 'a']);
      expect(balancer.members.view().map(({ lbstatus, elected }) => [lbstatus, elected])).toEqual([
        [0, 2],
        [0, 0],
        [0, 0],
      ]);
    },
  );
});
