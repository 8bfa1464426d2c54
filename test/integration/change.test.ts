import { afterEach, describe, expect, test } from '@jest/globals';
import type { BalancerEvents, MemberChange } from '../../src/index.ts';
import { DefinitionError } from '../../src/index.ts';
import { ask } from '../support/ask.ts';
import { startBackend } from '../support/backend.ts';
import { senders } from '../support/front.ts';
import { startHolding } from '../support/holding.ts';
import { tidyUp, until } from '../support/idle.ts';
import { startToldFront } from '../support/stories.ts';
import { countServers, findFaults, startEcho, startTraffic } from '../support/traffic.ts';
import { catchError } from '../support/catch-error.ts';
import { viewStill } from '../support/view-still.ts';

afterEach(tidyUp);

describe.each(senders)('a member that is changed, over %s', (_name, sender) => {
  test('is disabled and enabled under load without a failed or doubled request', async () => {
    const backends = [await startEcho('a'), await startEcho('b')];
    const front = await startToldFront({
      ...sender,
      members: backends.map(({ url }, i) => ({ url, route: 'ab'[i]! })),
    });
    const traffic = startTraffic(front.port);

    for (const change of ['+D', 'enabled', '+S', '-S', 'drain', '-drain', '+H', '-H'] as const) {
      front.balancer.change('a', change);
      await traffic.goesOn();
    }
    const { elected, sent, received } = front.member('a');
    front.balancer.change('a', '+D');
    await until(() => front.member('a').busy === 0);
    const asked = backends[0]!.received.length;
    await traffic.goesOn();
    const exchanges = await traffic.stop();

    expect(findFaults(exchanges, backends)).toEqual([]);
    expect(Object.keys(countServers(exchanges)).toSorted()).toEqual(['a', 'b']);
    expect(backends[0]!.received).toHaveLength(asked);
    expect(front.member('a').elected).toBeGreaterThanOrEqual(elected);
    expect(front.member('a').sent).toBeGreaterThanOrEqual(sent);
    expect(front.member('a').received).toBeGreaterThanOrEqual(received);
  });

  test('keeps what it serves when it is disabled', async () => {
    const a = await startHolding('a');
    const b = await startBackend('b');
    const front = await startToldFront({
      ...sender,
      members: [
        { url: a.url, route: 'a' },
        { url: b.url, route: 'b' },
      ],
    });
    const answer = ask(front.port, { method: 'POST', body: Buffer.from('x') });
    await until(() => a.held() === 1);

    front.balancer.change('a', 'disabled');
    expect((await ask(front.port)).text).toBe('b');
    expect(front.member('a')).toMatchObject({ status: 'D', busy: 1 });
    a.answer();

    expect((await answer).text).toBe('a');
  });

  test('is silent for no longer than its new timeout allows', async () => {
    const silent = await startHolding('silent');
    const front = await startToldFront({
      ...sender,
      members: [{ url: silent.url, route: 'a', connectiontimeout: '20s' }],
    });
    const patient = ask(front.port);
    await until(() => silent.held() === 1);

    front.balancer.change('a', { timeout: '100ms' });

    expect(await ask(front.port, { method: 'POST' })).toMatchObject({
      status: 504,
      code: 'ERR_BALANCER_TIMEOUT',
    });
    // The one that had begun goes on by what held when it began.
    silent.open();
    expect((await patient).text).toBe('silent');
  });
});

describe('a change', () => {
  test('of the weight holds for the next request', async () => {
    const backends = [await startBackend('a'), await startBackend('b')];
    const front = await startToldFront({
      members: backends.map(({ url }, i) => ({ url, route: 'ab'[i]! })),
    });
    for (let i = 0; i < 4; i += 1) await ask(front.port);
    expect(backends.map(({ received }) => received.length)).toEqual([2, 2]);

    front.balancer.change('a', { loadfactor: 3 });
    for (let i = 0; i < 8; i += 1) await ask(front.port);

    expect(backends.map(({ received }) => received.length)).toEqual([8, 4]);
    expect(front.member('a')).toMatchObject({ loadfactor: 3, elected: 8 });
  });

  test('of the lbset sends requests elsewhere, and sessions not', async () => {
    const backends = [await startBackend('a'), await startBackend('b')];
    const front = await startToldFront({
      stickysession: 'SID',
      members: backends.map(({ url }, i) => ({ url, route: 'ab'[i]! })),
    });

    front.balancer.change('a', { lbset: 1 });

    expect((await ask(front.port)).text).toBe('b');
    expect((await ask(front.port)).text).toBe('b');
    expect((await ask(front.port, { headers: { Cookie: 'SID=x.a' } })).text).toBe('a');
  });

  test('of the route moves sessions, and leaves the name', async () => {
    const backends = [await startBackend('a'), await startBackend('b')];
    const front = await startToldFront({
      stickysession: 'SID',
      members: backends.map(({ url }, i) => ({ url, route: 'ab'[i]! })),
    });

    front.balancer.change('a', { route: 'c' });

    expect((await ask(front.port, { headers: { Cookie: 'SID=x.c' } })).text).toBe('a');
    expect((await ask(front.port, { headers: { Cookie: 'SID=x.c' } })).text).toBe('a');
    expect(front.member('a').route).toBe('c');
    front.balancer.change('a', { route: null });
    expect(front.member('a').route).toBeUndefined();
  });

  test('of max lets those go who wait for a place', async () => {
    const a = await startHolding('a');
    const front = await startToldFront({ members: [{ url: a.url, route: 'a', max: 1 }] });
    const answers = [ask(front.port), ask(front.port), ask(front.port)];
    await until(() => a.held() === 1 && front.stories().length === 3);

    front.balancer.change('a', { max: 2 });
    await until(() => a.held() === 2);
    front.balancer.change('a', { max: null });
    await until(() => a.held() === 3);
    a.open();

    expect((await Promise.all(answers)).map(({ text }) => text)).toEqual(['a', 'a', 'a']);
    expect(front.member('a').max).toBeUndefined();
  });

  test('lets those go who wait for a member', async () => {
    const a = await startBackend('a');
    const front = await startToldFront({
      timeout: '20s',
      members: [{ url: a.url, route: 'a', status: 'disabled' }],
    });
    const answer = ask(front.port);
    await until(() => front.stories().length === 1);

    front.balancer.change('a', 'enabled');

    expect((await answer).text).toBe('a');
  });

  test('of an error is known to the next request, and told', async () => {
    const backends = [await startBackend('a'), await startBackend('b')];
    const front = await startToldFront({
      members: backends.map(({ url }, i) => ({ url, route: 'ab'[i]! })),
    });
    const states: BalancerEvents['state'][] = [];
    front.balancer.on('state', (event) => states.push(event));

    front.balancer.change('a', { inError: true });
    expect(front.member('a')).toMatchObject({ inError: true, status: 'E' });
    for (let i = 0; i < 3; i += 1) expect((await ask(front.port)).text).toBe('b');
    front.balancer.change('a', { inError: false });
    const texts = [await ask(front.port), await ask(front.port)].map(({ text }) => text);

    expect(texts.toSorted()).toEqual(['a', 'b']);
    expect(states.map(({ member, from, to, cause }) => [member, from, to, cause])).toEqual([
      ['a', '', 'E', 'changed'],
      ['a', 'E', '', 'changed'],
    ]);
  });

  test('of nothing changes nothing', async () => {
    const { url } = await startBackend();
    const front = await startToldFront({ members: [{ url, route: 'a', loadfactor: 2 }] });
    const before = viewStill(front);

    for (const change of ['', {}, { loadfactor: 2 }, { loadfactor: undefined }] as MemberChange[]) {
      front.balancer.change('a', change);
    }

    expect(viewStill(front)).toEqual(before);
  });

  test.each<readonly [what: string, change: unknown, paths: readonly string[]]>([
    ['an unknown letter', '+Q', ['change']],
    ['no change', 7, ['change']],
    ['a negative weight', { loadfactor: -1 }, ['change.loadfactor']],
    ['a route that another has', { route: 'b' }, ['change.route']],
    ['a redirect to nobody', { redirect: 'z' }, ['change.redirect']],
    ['what needs other connections', { ttl: 5, tls: {} }, ['change.ttl', 'change.tls']],
    [
      'several faults at once',
      { loadfactor: 0, lbset: 100, lodfactor: 3, max: -1, disabled: 'yes', status: '+Q' },
      [
        'change.loadfactor',
        'change.lbset',
        'change.lodfactor',
        'change.max',
        'change.disabled',
        'change.status',
      ],
    ],
    ['a fault beside what is right', { disabled: true, loadfactor: 2, retry: 'soon' }, ['change.retry']],
  ])('that is wrong tells all its faults, and changes nothing: %s', async (_what, change, paths) => {
    const front = await startToldFront({
      members: [
        { url: (await startBackend()).url, route: 'a' },
        { url: (await startBackend()).url, route: 'b' },
      ],
    });
    await ask(front.port);
    const before = viewStill(front);

    const error = catchError(() => {
      front.balancer.change('a', change as MemberChange);
    });

    expect(error).toBeInstanceOf(DefinitionError);
    expect((error as DefinitionError).problems.map(({ path }) => path)).toEqual(paths);
    expect(viewStill(front)).toEqual(before);
  });

  test('of a member that there is not tells who there is', async () => {
    const { url } = await startBackend();
    const front = await startToldFront({ members: [{ url, route: 'app1' }] });

    const error = catchError(() => {
      front.balancer.change('app7', '+D');
    });

    expect(error).toBeInstanceOf(DefinitionError);
    expect(String(error)).toMatch(/app7[^]*'app1'/);
  });

  test('may be made by who listens to changes', async () => {
    const backends = [await startBackend('a'), await startBackend('b')];
    const front = await startToldFront({
      members: backends.map(({ url }, i) => ({ url, route: 'ab'[i]! })),
    });
    front.balancer.on('state', ({ member, to }) => {
      if (member === 'a' && to === 'D') front.balancer.change('b', { loadfactor: 9 });
    });

    front.balancer.change('a', '+D');

    expect(front.balancer.view()).toMatchObject([{ status: 'D' }, { loadfactor: 9 }]);
    expect((await ask(front.port)).text).toBe('b');
  });
});
