import { describe, expect, test } from '@jest/globals';
import { chooseMember } from '../../../src/choice/choose-member.ts';
import { explainChoice, type Why } from '../../../src/choice/explain.ts';
import type { Method } from '../../../src/choice/method.ts';
import type { MemberState } from '../../../src/member/member-state.ts';
import { buildContext } from '../../support/method-context.ts';
import { buildViews } from '../../support/build-members.ts';
import { simulateBalancer, type SimulationOptions } from '../../support/simulated-balancer.ts';

const now = 1_000_000;
const failed = { errorAt: now - 1_000 };
const due = { errorAt: now - 60_000 };
const onTrial = { ...due, probing: true };
const ejected = { errorAt: now - 1_000, ejectedMs: 30_000 };

type States = Readonly<Record<string, Partial<MemberState>>>;

/** The whys of all members, in order. */
function explain(
  notation: string,
  route?: string,
  states: States = {},
  options: SimulationOptions = {},
): string {
  const { rules } = simulateBalancer(notation, options);
  const { whys } = explainChoice(buildViews(notation, states), route, rules, buildContext(now));
  return whys.map(({ why }) => why).join(' ');
}

describe('why a member is chosen, or is not', () => {
  test.each<[what: string, members: string, route: string | undefined, states: States, expected: string]>([
    ['the method takes one', 'a, b', undefined, {}, 'method not-preferred'],
    ['a session is bound', 'a, b', 'b', {}, 'bound-elsewhere route'],
    ['its member redirects', 'a>c D, b, c', 'a', {}, 'disabled bound-elsewhere redirect'],
    [
      'some are out of service',
      'a D, b S, c C, d',
      undefined,
      {},
      'disabled stopped health-check-failed method',
    ],
    ['one is in error', 'a, b', undefined, { a: failed }, 'in-error method'],
    ['one is ejected', 'a, b', undefined, { a: ejected }, 'ejected method'],
    ['one is in error, and due', 'a, b', undefined, { a: due }, 'method not-preferred'],
    ['one is in error, and tried', 'a, b', undefined, { a: onTrial }, 'on-trial method'],
    [
      'all are in error: it does not count',
      'a, b',
      undefined,
      { a: failed, b: onTrial },
      'method not-preferred',
    ],
    ['all fail their checks: it does not count', 'a C, b C', undefined, {}, 'method not-preferred'],
    [
      'those in error before those that fail checks',
      'a, b C',
      undefined,
      { a: failed },
      'method health-check-failed',
    ],
    ['one is drained', 'a N, b', undefined, {}, 'draining method'],
    ['a session stays on one that is drained', 'a N, b', 'a', {}, 'route bound-elsewhere'],
    ['there is another set', 'a, b@1', undefined, {}, 'method higher-lbset'],
    ['there are spares', 'a, b D, c R, d R', undefined, {}, 'method disabled not-preferred spare'],
    ['there are standbys', 'a, b H', undefined, {}, 'method standby'],
    ['only standbys are left', 'a D, b H, c H', undefined, {}, 'disabled method not-preferred'],
    ['nobody is left', 'a D, b N, c R', undefined, {}, 'disabled draining method'],
    ['nobody is left, and nobody is missing', 'a R, b H', undefined, {}, 'spare method'],
    ['a reason that outranks others', 'a DSEC, b@1 NH, c', undefined, {}, 'disabled draining method'],
  ])('%s', (_what, members, route, states, expected) => {
    expect(explain(members, route, states)).toBe(expected);
  });

  test('nofailover holds a session', () => {
    expect(explain('a, b, c', 'a', { a: failed }, { nofailover: true })).toBe(
      'in-error bound-elsewhere bound-elsewhere',
    );
  });

  test('the method has failed, and has chosen nobody', () => {
    const method: Method = {
      choose() {
        throw new Error('no');
      },
    };
    const rules = { nofailover: false, forcerecovery: true, method };
    const { choice, whys } = explainChoice(buildViews('a, b'), undefined, rules, buildContext(now));
    expect(choice).toMatchObject({ kind: 'nobody', reason: 'method-failed' });
    expect(whys.map(({ text }) => text)).toEqual(Array(2).fill('the method has not chosen it'));
    expect(chooseMember(buildViews('a'), undefined, rules, buildContext(now), new Set())).toMatchObject({
      error: new Error('no'),
    });
  });
});

describe('where members serve their max', () => {
  function occupied(notation: string, busy: string): Readonly<Record<string, Why>> {
    const balancer = simulateBalancer(notation, { members: { max: 1 } });
    for (const name of busy.split(' ')) balancer.begin(name);
    return balancer.explain('a');
  }

  test.each<[what: string, members: string, busy: string, expected: Readonly<Record<string, Why>>]>([
    ['they are passed over', 'x, y', 'x', { x: 'full', y: 'method' }],
    ['nobody has a place', 'x, y', 'x y', { x: 'full', y: 'full' }],
    ['a session waits for its own, not the method', 'a, b', 'a', { a: 'full', b: 'bound-elsewhere' }],
    ['also for one that is drained', 'a N, b', 'a', { a: 'full', b: 'bound-elsewhere' }],
    ['others than its own do not matter to a session', 'a, b', 'b', { a: 'route', b: 'full' }],
  ])('%s', (_what, members, busy, expected) => {
    expect(occupied(members, busy)).toEqual(expected);
  });
});

describe('the reason in words', () => {
  const texts: readonly (readonly [
    members: string,
    route: string | undefined,
    states: States,
    text: string,
  ])[] = [
    ['a, b', 'a', {}, 'the session is bound to it by route "a"'],
    ['b>a D, a', 'b', {}, "the session's member is not usable, and redirects to it"],
    ['a, b', undefined, {}, 'the method has chosen it (credit 0)'],
    ['a R, b D', undefined, {}, 'the method has chosen it, a hot spare (credit 0)'],
    ['a H, b D', undefined, {}, 'the method has chosen it, a hot standby (credit 0)'],
    ['a D, b', undefined, {}, 'it is disabled (D)'],
    ['a S, b', undefined, {}, 'it is stopped (S)'],
    ['a C, b', undefined, {}, 'its health checks fail (C)'],
    ['a, b', undefined, { a: { errorAt: now - 1_500 } }, 'it is in error (E), and is tried again in 59 s'],
    [
      'a, b',
      undefined,
      { a: { ...failed, failedTrials: 2 } },
      'it is in error (E), and is tried again in 239 s',
    ],
    ['a, b', undefined, { a: ejected }, 'it is ejected for bad answers, and is tried again in 29 s'],
    ['a, b', undefined, { a: onTrial }, 'it is in error (E), and another request is trying it'],
    ['a N, b', undefined, {}, 'it is drained (N): only sessions bound to it are served'],
    ['a@2, b', undefined, {}, 'its lbset 2 serves only when no lower one can'],
    ['a R, b', undefined, {}, 'it is a hot spare (R), and no ordinary member is missing for it'],
    ['a H, b', undefined, {}, 'it is a hot standby (H), and others serve'],
    ['a, b', 'b', {}, 'the session is bound to another member'],
    ['a, b*2', undefined, {}, 'the method has not chosen it (credit 0)'],
  ];
  test.each([
    ['bytraffic', { sent: 500, received: 1_500, handicap: 0 }, '2000 bytes for its load factor'],
    ['bybusyness', { busy: 3 }, '3 under way'],
    ['bybusyness', { busy: 3, debt: 2, debtAt: now }, '3 under way and 2 for failures or its return'],
    ['bybusyness', { busy: 3, busyElsewhere: 5 }, '3 under way here, 5 elsewhere'],
    [
      'bybusyness',
      { busy: 0, busyElsewhere: 5, debt: 2, debtAt: now },
      '0 under way here, 5 elsewhere and 2 for failures or its return',
    ],
    ['random', { busy: 1 }, '1 under way'],
    ['random', { busy: 1, busyElsewhere: 5 }, '1 under way'],
    ['byresponsetime', {}, 'no answer yet, 0 under way'],
    ['byresponsetime', { busy: 2, responseMs: 306, sampledAt: now }, '306 ms, 2 under way'],
  ] as const)('under %s it tells what counts: %j', (lbmethod, past, figures) => {
    const { rules } = simulateBalancer('a', { lbmethod });
    const [view] = buildViews('a');
    const { whys } = explainChoice([{ ...view!, ...past }], undefined, rules, buildContext(now));
    expect(whys[0]!.text).toBe(`the method has chosen it (${figures})`);
  });

  test.each(texts)('%s for %s, %j: %s', (members, route, states, text) => {
    const { rules } = simulateBalancer(members);
    const { whys } = explainChoice(buildViews(members, states), route, rules, buildContext(now));
    expect(whys.find(({ member }) => member.settings.name === 'a')!.text).toBe(text);
  });

  test('tells how many requests are too many', () => {
    const balancer = simulateBalancer('a, b', { members: { max: 2 } });
    balancer.begin('a');
    balancer.begin('a');
    const { whys } = explainChoice(
      balancer.members.view(),
      undefined,
      balancer.rules,
      buildContext(balancer.now()),
    );
    expect(whys[0]!.text).toBe('it serves 2 requests, as many as max allows');
  });
});
