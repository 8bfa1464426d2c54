import { afterEach, describe, expect, test } from '@jest/globals';
import { BalancerError, DefinitionError, type BalancerOptions } from '../../src/index.ts';
import { insideOf } from '../../src/inside.ts';
import { ask } from '../support/ask.ts';
import { startBackend } from '../support/backend.ts';
import { catchError } from '../support/catch-error.ts';
import { senders, silent } from '../support/front.ts';
import { startHolding } from '../support/holding.ts';
import { tidyUp, until } from '../support/idle.ts';
import { startToldFront } from '../support/stories.ts';
import { countServers, findFaults, startEcho, startTraffic } from '../support/traffic.ts';
import { viewStill } from '../support/view-still.ts';

afterEach(tidyUp);

describe.each(senders)('options that are configured, over %s', (_name, sender) => {
  test('hold for the next request, and take their default back with null', async () => {
    const a = await startBackend('a', (_req, res) => res.writeHead(418).end('short and stout'));
    const front = await startToldFront({ ...sender, members: [a.url] });

    front.balancer.configure({ proxyerroroverride: [418], serverTiming: true });
    const page = await ask(front.port);
    front.balancer.configure({ proxyerroroverride: null });
    const relayed = await ask(front.port);

    expect(page.text).toContain('ERR_BALANCER_MEMBER_STATUS');
    expect(relayed.text).toBe('short and stout');
    expect(relayed.headers['server-timing']).toBeDefined();
  });

  test('under load fail no request and double none', async () => {
    const backends = [await startEcho('a'), await startEcho('b')];
    const front = await startToldFront({ ...sender, members: backends.map(({ url }) => url) });
    const changes: readonly BalancerOptions[] = [
      { lbmethod: 'random', maxattempts: 1 },
      { lbmethod: 'byhash', hashKey: { header: 'host' }, hashBalance: 1, replayBytes: 0 },
      { lbmethod: 'byresponsetime', hashKey: null, hashBalance: null, ejection: true, deadline: '10s' },
      { lbmethod: null, ejection: null, replayBytes: null, hold: '1s' },
    ];
    const traffic = startTraffic(front.port);

    for (const change of [...changes, ...changes]) {
      await traffic.goesOn();
      front.balancer.configure(change);
    }
    await traffic.goesOn();
    const exchanges = await traffic.stop();

    expect(findFaults(exchanges, backends)).toEqual([]);
    expect(Object.keys(countServers(exchanges)).toSorted()).toEqual(['a', 'b']);
    expect(front.errors).toEqual([]);
  });

  test('leave members, settings, state, connections and requests as they are, whoever came and went', async () => {
    const [a, b, c] = [await startHolding('a'), await startBackend('b'), await startBackend('c')];
    const front = await startToldFront({
      ...sender,
      members: [
        { url: a.url, route: 'a', ttl: '60s' },
        { url: b.url, route: 'b', ttl: '60s' },
      ],
    });
    const slow = ask(front.port);
    await until(() => a.held() === 1);
    await ask(front.port);
    front.balancer.change('b', { loadfactor: 7, drain: true });
    front.balancer.add({ url: c.url, route: 'c', ttl: '60s' });
    const before = viewStill(front);

    front.balancer.configure({ lbmethod: 'byhash', hashKey: 'ip', stickysession: 'SID' });

    expect(viewStill(front)).toEqual(before.map((member) => ({ ...member, lbstatus: 0 })));
    expect((await ask(front.port, { path: '/?SID=x.b' })).text).toBe('b');
    expect(b.connections()).toBe(1);
    a.answer();
    expect((await slow).text).toBe('a');
    void front.balancer.remove('a');
    front.balancer.configure({ nofailover: true });
    expect(front.balancer.view().map(({ name, loadfactor }) => [name, loadfactor])).toEqual([
      ['b', 7],
      ['c', 1],
    ]);
  });

  test('are not for requests that came before', async () => {
    const a = await startHolding('a');
    const front = await startToldFront({ ...sender, members: [a.url] });
    const before = ask(front.port);
    await until(() => a.held() === 1);

    front.balancer.configure({ serverTiming: true });
    const after = ask(front.port);
    await until(() => a.held() === 2);
    a.answer();

    expect((await before).headers['server-timing']).toBeUndefined();
    expect((await after).headers['server-timing']).toBeDefined();
  });

  test('go with the next update', async () => {
    const a = await startBackend('a');
    const front = await startToldFront({ ...sender, members: [a.url] });
    front.balancer.configure({ serverTiming: true, hold: '5s' });

    front.balancer.update({ ...silent, ...sender, members: [a.url], deadline: '9s' });

    expect((await ask(front.port)).headers['server-timing']).toBeUndefined();
    expect(insideOf(front.balancer).roster.definition()).toEqual({ ...silent, ...sender, deadline: '9s' });
  });
});

describe('options that are configured', () => {
  test('count for those who are added later', async () => {
    const front = await startToldFront({ members: [{ url: (await startBackend()).url, route: 'a' }] });
    front.balancer.configure({ routeCookie: true });

    const error = catchError(() => front.balancer.add({ url: 'http://127.0.0.1:1/', route: 'a b' }));

    expect(String(error)).toMatch(/member\.route .*routeCookie cannot carry it/);
  });

  test('say at once how many may wait', async () => {
    const a = await startHolding('a');
    const front = await startToldFront({ members: [{ url: a.url, max: 1 }], queueLength: 0 });
    const first = ask(front.port);
    await until(() => a.held() === 1);
    expect((await ask(front.port)).status).toBe(503);

    front.balancer.configure({ queueLength: 5 });
    const second = ask(front.port);
    await until(() => insideOf(front.balancer).now().parts.room.size() === 1);
    a.open();

    expect([(await first).text, (await second).text]).toEqual(['a', 'a']);
  });

  test('that are wrong tell all their faults, and nothing of them holds', async () => {
    const front = await startToldFront({ members: [(await startBackend('a')).url] });
    const { definition } = insideOf(front.balancer).roster;
    const before = definition();

    const error = catchError(() => {
      front.balancer.configure({ serverTiming: true, maxattempts: -1, members: [] } as BalancerOptions);
    });

    expect(error).toBeInstanceOf(DefinitionError);
    expect((error as DefinitionError).problems.map(({ path }) => path)).toEqual(['maxattempts', 'members']);
    expect(definition()).toEqual(before);
    expect((await ask(front.port)).headers['server-timing']).toBeUndefined();
  });

  test('are refused once it is closed', async () => {
    const front = await startToldFront({ members: [(await startBackend('a')).url] });
    await front.balancer.close();
    const error = catchError(() => {
      front.balancer.configure({ hold: 1 });
    });
    expect(error).toBeInstanceOf(BalancerError);
    expect(error).toMatchObject({ code: 'ERR_BALANCER_CLOSED' });
  });

  test('keep the counts of an ejection that goes on', async () => {
    const bad = await startBackend('bad', (_req, res) => res.writeHead(500).end());
    const good = await startBackend('good');
    const front = await startToldFront({
      members: [bad.url, good.url],
      lbmethod: (members) => members.find(({ name }) => name === bad.url),
      ejection: { consecutive: 2, maxEjected: 1 },
    });
    await ask(front.port);

    front.balancer.configure({ maxattempts: 0 });
    await ask(front.port);

    expect(front.member(bad.url).ejected).toBe(true);
  });
});
