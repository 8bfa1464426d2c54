import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createBalancer, type Balancer, type MemberDefinition } from '../../src/index.ts';
import { insideOf } from '../../src/inside.ts';
import { liveBalancers } from '../../src/live-balancers.ts';
import { ask } from '../support/ask.ts';
import { startBackend } from '../support/backend.ts';
import { silent, startFront } from '../support/front.ts';
import { tidyUp, until } from '../support/idle.ts';

afterEach(tidyUp);

describe('what runs in a balancer', () => {
  test('is shown of those that createBalancer has made only', () => {
    expect(() => insideOf((() => undefined) as unknown as Balancer)).toThrow(
      'this is no balancer: write what createBalancer has returned',
    );
  });

  test('tells the options as they hold now, as they were written', async () => {
    const { balancer } = await startFront({ members: ['http://a/'], hold: '5s', lbmethod: 'random' });
    const { definition } = insideOf(balancer).roster;
    expect(definition()).toEqual({ ...silent, hold: '5s', lbmethod: 'random' });

    balancer.configure({ hold: null, deadline: 20 });
    expect(definition()).toEqual({ ...silent, lbmethod: 'random', deadline: 20 });
  });

  test('tells whether the balancer is closed, from the beginning of its end', async () => {
    const { balancer } = await startFront({ members: ['http://a/'] });
    const { isClosed } = insideOf(balancer);
    expect(isClosed()).toBe(false);
    const closing = balancer.close({ grace: '10s' });
    expect(isClosed()).toBe(true);
    await closing;
  });

  test('tells where requests have come by, the first eight places', async () => {
    const { url } = await startBackend();
    const front = await startFront({ members: [url] }, { mount: ['/shop', '/static/', '/of/:tenant', '/'] });
    const { mountPaths } = insideOf(front.balancer);
    expect(mountPaths()).toEqual([]);

    for (const path of ['/shop/a', '/static/b', '/', '/shop/c']) await ask(front.port, { path });
    expect(mountPaths()).toEqual(['/shop', '/static', '/']);

    for (let i = 0; i < 20; i += 1) await ask(front.port, { path: `/of/${i}/x` });
    expect(mountPaths()).toEqual(['/shop', '/static', '/', ...[0, 1, 2, 3, 4].map((i) => `/of/${i}`)]);
  });

  test('tells what health checks have found, of those members that are checked', async () => {
    const well = await startBackend('well', (_req, res) => res.end());
    const sick = await startBackend('sick', (_req, res) => res.writeHead(503).end());
    const hc = { hcmethod: 'GET', hcinterval: '100ms', hctimeout: '20s', hcfails: 2 } as const;
    const begin = Date.now();
    const { balancer } = await startFront({
      members: [{ url: well.url, ...hc }, { url: sick.url, ...hc, hcfails: 99 }, 'http://localhost:1/'],
    });
    const { checkReport, now } = insideOf(balancer);
    const [first, second, third] = now().parts.members.view();
    expect(checkReport(first!)).toEqual({ passed: 0, failed: 0, last: undefined });
    expect(checkReport(third!)).toBeUndefined();

    await until(() => checkReport(second!)!.failed > 1 && checkReport(first!)!.last !== undefined);
    expect(checkReport(first!)).toMatchObject({ passed: 0, failed: 0, last: { passed: true, why: '200' } });
    expect(checkReport(second!)).toMatchObject({ passed: 0, last: { passed: false, why: '503' } });
    const { at } = checkReport(second!)!.last!;
    expect(at).toBeGreaterThanOrEqual(begin);
    expect(at).toBeLessThanOrEqual(Date.now());
  });
});

describe('a member that was removed', () => {
  test.each<readonly [what: string, member: string | MemberDefinition]>([
    ['a URL', 'http://127.0.0.1:4/'],
    ['a URL with a route', { url: 'http://127.0.0.1:4/base/', route: 'app4', redirect: 'other' }],
    [
      'one whose route another has, in another lbset',
      { url: 'http://127.0.0.1:4', route: 'other', lbset: 1 },
    ],
    ['a handler', { handler: (_req, res) => res.end() }],
    ['a handler with a route', { handler: (_req, res) => res.end(), route: 'here', max: 2 }],
    ['TLS of its own', { url: 'https://127.0.0.1:4/', tls: { rejectUnauthorized: false } }],
    ['a name in DNS', { url: 'http://none.invalid/', resolve: 'A', route: 'dns' }],
  ])('has its name again when it is added as it was: %s', async (_what, member) => {
    const { balancer } = await startFront({
      members: [
        { url: 'http://127.0.0.1:5/', route: 'other' },
        { handler: (_req, res) => res.end() },
        member,
      ],
      memberDefaults: { retry: 7 },
    });
    const { roster, now } = insideOf(balancer);
    const { definitionOf } = roster;
    const { name } = now().parts.settings.members.find(
      ({ definition: { url, handler } }) =>
        url === (typeof member === 'string' ? member : member.url) &&
        handler === (typeof member === 'string' ? undefined : member.handler),
    )!;
    const definition = definitionOf(name);
    expect(definition).toEqual(typeof member === 'string' ? { url: member } : member);

    await balancer.remove(name);
    expect(() => definitionOf(name)).toThrow('there is no member of this name');

    expect(balancer.add(definition)).toBe(name);
    expect(definitionOf(name)).toEqual(definition);
  });

  test('is as it was changed, flags included', async () => {
    const { balancer } = await startFront({ members: ['http://127.0.0.1:4/', 'http://127.0.0.1:5/'] });
    balancer.change('http://127.0.0.1:4/', { loadfactor: 3, disabled: true, inError: true });
    const definition = insideOf(balancer).roster.definitionOf('http://127.0.0.1:4/');
    await balancer.remove('http://127.0.0.1:4/');

    balancer.add(definition);

    expect(balancer.view()[1]).toMatchObject({ name: 'http://127.0.0.1:4/', loadfactor: 3, status: 'D' });
  });
});

describe('the balancers of this process', () => {
  test('are listed in the order of their creation, until they are closed', async () => {
    const before = liveBalancers();
    const [a, b, c] = ['a', 'b', 'c'].map((name) => createBalancer({ name, members: ['http://a/'] }));
    expect(liveBalancers()).toEqual([...before, a, b, c]);
    const closing = b!.close();
    expect(liveBalancers()).toEqual([...before, a, c]);
    await closing;
    await b!.close();
    await Promise.all([a!.close(), c!.close()]);
    expect(liveBalancers()).toEqual(before);
  });

  test('are not listed when their definition is wrong', () => {
    const before = liveBalancers();
    expect(() => createBalancer({ members: [] })).toThrow('a balancer needs a member');
    expect(liveBalancers()).toEqual(before);
  });

  test('are not kept by the list when nobody else has them', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const before = liveBalancers().length;
    (() => createBalancer({ members: ['http://a/'] }))();
    expect(liveBalancers()).toHaveLength(before + 1);
    await turn();
    collect();
    expect(liveBalancers().length).toBeLessThanOrEqual(before);
  });
});
