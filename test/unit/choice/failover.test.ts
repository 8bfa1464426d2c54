import { describe, expect, test } from '@jest/globals';
import { simulateBalancer, type SimulationOptions } from '../../support/simulated-balancer.ts';

// Section 15.5 of the reference, as far as choice and state decide: `a>b` is a request that a refused and b served.
describe('requests go on past members that refuse', () => {
  const rows: readonly (readonly [
    id: string,
    members: string,
    options: SimulationOptions,
    served: string,
  ])[] = [
    ['E1', 'a, b', { refusing: 'a' }, 'a>b b b'],
    ['E3: retry=0', 'a, b', { refusing: 'a', members: { retryMs: 0 } }, 'a>b b a>b b'],
    ['E4', 'a, b', { refusing: 'a b' }, 'a>b>503 b>a>503 a>b>503'],
    ['E5: forcerecovery off', 'a, b', { refusing: 'a b', forcerecovery: false }, 'a>b>503 503 503'],
    ['E6', 'a', { refusing: 'a' }, 'a>503 a>503 a>503 a>503'],
    // Our deviation: in httpd the disabled member blocks forced recovery, and only the first of these tries a.
    ['E7', 'a, b D', { refusing: 'a' }, 'a>503 a>503 a>503 a>503'],
    ['E7: stopped', 'a, b S', { refusing: 'a' }, 'a>503 a>503'],
    // Nor does one that fails its health checks; the request that has tried everybody else gets to it.
    ['E7: failed health check', 'a, b C', { refusing: 'a' }, 'a>b a>b'],
    [
      'E7: failed health check, forcerecovery off',
      'a, b C',
      { refusing: 'a', forcerecovery: false },
      'a>503 503',
    ],
    ['E7: drained', 'a, b N', { refusing: 'a' }, 'a>503 a>503 a>503 a>503'],
    ['E8', 'a, b, c', { refusing: 'a b' }, 'a>b>c c'],
    ['E9: maxattempts=1', 'a, b, c', { refusing: 'a b', maxattempts: 1 }, 'a>b>503 c c'],
    ['E10: maxattempts=0', 'a, b', { refusing: 'a', maxattempts: 0 }, 'a>503 b'],
    // Our deviation: in httpd `I` ends the failover, so that every second request gets 503.
    ['E11', 'a I, b', { refusing: 'a' }, 'a>b b a>b b'],
  ];
  test.each(rows)('%s', (_id, members, options, served) => {
    const balancer = simulateBalancer(members, options);
    expect(balancer.serve(served.split(' ').length)).toBe(served);
    expect(balancer.members.view().map(({ busy }) => busy)).toEqual(members.split(',').map(() => 0));
  });

  test('E1: the dead member is in error, elected once', () => {
    const balancer = simulateBalancer('a, b', { refusing: 'a' });
    balancer.serve(3);
    expect(balancer.member('a')).toMatchObject({
      elected: 1,
      state: { errorAt: balancer.now(), retries: 0 },
    });
    expect(balancer.member('b')).toMatchObject({ elected: 3, state: { errorAt: undefined } });
  });

  test('E2: a dead member is tried once more after its retry, and no more until twice that is over', () => {
    const balancer = simulateBalancer('a, b', { refusing: 'a', members: { retryMs: 1_000 } });
    expect(balancer.serve(2)).toBe('a>b b');
    balancer.pass(1_200);
    expect(balancer.serve(3)).toBe('b a>b b');
    expect(balancer.member('a')).toMatchObject({
      elected: 2,
      state: { retries: 1, errorAt: balancer.now() },
    });
    balancer.pass(1_999);
    expect(balancer.serve(3)).toBe('b b b');
    balancer.pass(1);
    expect(balancer.serve(3)).toContain('a>b');
  });

  test('E11: a member whose errors are ignored is never in error', () => {
    const balancer = simulateBalancer('a I, b', { refusing: 'a' });
    balancer.serve(4);
    expect(balancer.member('a').state).toMatchObject({ errorAt: undefined, retries: 0, probing: false });
  });
});

describe('a session whose member refuses', () => {
  test('moves, and comes back when the member does', () => {
    const balancer = simulateBalancer('a, b', { refusing: 'a' });
    expect(balancer.request('a')).toBe('a>b');
    balancer.refusing.clear();
    balancer.pass(59_999);
    expect(balancer.request('a')).toBe('b');
    balancer.pass(1);
    expect(balancer.request('a')).toBe('a');
    expect(balancer.member('a').state).toMatchObject({ errorAt: undefined, retries: 0 });
  });

  test('moves to where its member redirects, though another is due to serve', () => {
    const balancer = simulateBalancer('a>c, b*50, c', { refusing: 'a' });
    expect(balancer.request('a')).toBe('a>c');
  });

  test('is refused until the retry, with nofailover', () => {
    const balancer = simulateBalancer('a, b', { refusing: 'a', nofailover: true });
    expect([balancer.request('a'), balancer.request('a')]).toEqual(['a>503', '503']);
    balancer.refusing.clear();
    balancer.pass(60_000);
    expect(balancer.request('a')).toBe('a');
  });

  test('is served by the standby of its route, with nofailover', () => {
    const balancer = simulateBalancer('m1:a, m2:a H, b', { refusing: 'm1', nofailover: true });
    expect([balancer.request('a'), balancer.request('a')]).toEqual(['m1>m2', 'm2']);
  });
});

describe('when every member is in error', () => {
  const dead = { refusing: 'a b c' };

  test('all are tried again at once, each of them once by each request', () => {
    const balancer = simulateBalancer('a, b, c', dead);
    expect(balancer.request()).toBe('a>b>c>503');
    balancer.pass(1);
    expect(balancer.request().split('>').sort()).toEqual(['503', 'a', 'b', 'c']);
    expect(balancer.members.view().map(({ state }) => state.retries)).toEqual([1, 1, 1]);
  });

  test('the first that serves again serves on, and the others are left to their retry', () => {
    const balancer = simulateBalancer('a, b', { refusing: 'a b' });
    balancer.request();
    balancer.refusing.delete('b');
    expect(balancer.request()).toBe('b');
    expect(balancer.member('b').state).toMatchObject({ errorAt: undefined, retries: 0 });
    // Forgetting errors forgets those of all, so that a is tried in its turn rather than after its retry.
    expect(balancer.request()).toBe('a>b');
    expect(balancer.serve(3)).toBe('b b b');
  });

  test('those out of service stay out', () => {
    const balancer = simulateBalancer('a, b D, c S', { refusing: 'a' });
    balancer.request();
    expect(balancer.choose('b')).toMatchObject({ forced: true, member: { settings: { name: 'a' } } });
  });

  test('a drained member takes nobody new, and serves its own sessions on', () => {
    const balancer = simulateBalancer('a, b N', { refusing: 'a' });
    expect(balancer.serve(2)).toBe('a>503 a>503');
    expect([balancer.request('b'), balancer.request('a'), balancer.request()]).toEqual([
      'b',
      'a>503',
      'a>503',
    ]);
    balancer.refusing.clear();
    expect(balancer.serve(2)).toBe('a a');
  });

  test('standbys and further sets have had their turn before', () => {
    const balancer = simulateBalancer('a, b H, c@1', dead);
    expect(balancer.serve(2)).toBe('a>b>c>503 a>b>c>503');
  });

  test('nobody is, without forced recovery, before the earliest retry; then one request tries', () => {
    const balancer = simulateBalancer('a, b', { refusing: 'a b', forcerecovery: false });
    balancer.request('b');
    const at = balancer.now() + 60_000;
    expect(balancer.choose()).toEqual({ kind: 'nobody', reason: 'unusable', retryAt: at, full: [] });
    balancer.pass(60_000);
    const choice = balancer.choose();
    expect(choice).toMatchObject({ kind: 'member', probe: true, forced: false });
  });
});
