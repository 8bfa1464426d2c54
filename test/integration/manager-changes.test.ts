import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { insideOf } from '../../src/inside.ts';
import type { Change } from '../../src/changes/change.ts';
import { ask } from '../support/ask.ts';
import { startBackend } from '../support/backend.ts';
import { startDnsServer, type DnsServer } from '../support/dns-server.ts';
import { senders } from '../support/front.ts';
import { startHolding } from '../support/holding.ts';
import { tidyUp, until } from '../support/idle.ts';
import { startToldFront } from '../support/stories.ts';
import { findFaults, startEcho, startTraffic } from '../support/traffic.ts';
import { deeds, minute, startLog, store } from '../unit/changes/support.ts';

let dns: DnsServer;

beforeEach(async () => {
  dns = await startDnsServer();
});
afterEach(async () => {
  await tidyUp();
  await dns.stop();
});

/** Who answers so many requests, by name. */
async function countAnswers(
  port: number,
  headers: Record<string, string> = {},
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let i = 0; i < 6; i += 1) {
    const { text } = await ask(port, { headers });
    counts[text] = (counts[text] ?? 0) + 1;
  }
  return counts;
}

async function startTwo(sender: object = {}) {
  const backends = [await startBackend('a'), await startBackend('b')];
  const front = await startToldFront({
    ...sender,
    name: 'app',
    stickysession: 'session',
    members: backends.map(({ url }, i) => ({ url, route: 'ab'[i]! })),
  });
  return { backends, front, stage: startLog({ balancers: [front.balancer] }) };
}

describe.each(senders)('changes and requests, over %s', (_name, sender) => {
  test('a drained member keeps its sessions, loses them at its deadline, and has new ones when the drain is over', async () => {
    const { front, stage } = await startTwo(sender);
    const bound = { Cookie: 'session=1.a' };

    stage.make(deeds.drain('a', 10 * minute), { forMs: 20 * minute });
    expect(await countAnswers(front.port)).toEqual({ b: 6 });
    expect(await countAnswers(front.port, bound)).toEqual({ a: 6 });

    stage.clock.advance(10 * minute);
    expect(await countAnswers(front.port, bound)).toEqual({ b: 6 });

    stage.clock.advance(10 * minute);
    expect(await countAnswers(front.port, bound)).toEqual({ a: 6 });
    stage.make(deeds.change('b', { disabled: true }));
    expect(await countAnswers(front.port)).toEqual({ a: 6 });
  });

  test('a member that is added serves, and what it serves goes on when the change is undone', async () => {
    const { front, stage } = await startTwo(sender);
    const slow = await startHolding('c');
    const add = stage.make(deeds.add({ url: slow.url, route: 'c' }));
    const answer = ask(front.port, { headers: { Cookie: 'session=1.c' } });
    await until(() => slow.held() === 1);

    stage.undo(add);
    expect(await countAnswers(front.port, { Cookie: 'session=1.c' })).toEqual({ a: 3, b: 3 });
    slow.answer();
    expect((await answer).text).toBe('c');
  });

  test('members go and come back under load without a failed or doubled request', async () => {
    const backends = [await startEcho('a'), await startEcho('b')];
    const front = await startToldFront({
      ...sender,
      name: 'app',
      members: backends.map(({ url }, i) => ({ url, route: 'ab'[i]! })),
    });
    const { make, undo } = startLog({ balancers: [front.balancer] });
    const traffic = startTraffic(front.port);
    for (const member of ['a', 'b']) {
      const drain = make(deeds.drain(member));
      await traffic.goesOn();
      const remove = make(deeds.remove(member));
      await traffic.goesOn();
      undo(drain);
      undo(remove);
      await traffic.goesOn();
    }
    expect(findFaults(await traffic.stop(), backends)).toEqual([]);
    expect(front.balancer.view().map(({ status }) => status)).toEqual(['', '']);
  });
});

test('a request goes by the options that are configured, until that is over', async () => {
  const { front, stage } = await startTwo();
  const headers = { Cookie: 'other=1.a' };
  stage.make(deeds.configure({ stickysession: 'other' }), { forMs: minute });
  expect(await countAnswers(front.port, headers)).toEqual({ a: 6 });
  stage.clock.advance(minute);
  expect(Object.keys(await countAnswers(front.port, headers))).toContain('b');
});

describe('members whom DNS tells', () => {
  const hosts = (list: readonly string[]): void => {
    dns.set('A', 'app.internal', { ttl: 1, records: list });
  };
  const front = async (port: number) =>
    startToldFront({
      name: 'app',
      resolver: dns.address,
      members: [{ url: `http://app.internal:${port}`, resolve: 'A' }, 'http://127.0.0.1:1'],
    });

  const name = 'http://127.0.0.9:2';
  const change: Change = {
    id: '1',
    at: Date.UTC(2026, 0, 1),
    by: 'ann',
    deed: deeds.drain(name),
    reason: undefined,
    until: undefined,
    state: 'in-force',
    ended: undefined,
  };
  const initialChanges = store([change]);

  test('have what was stored for them once they are told', async () => {
    hosts(['127.0.0.9']);
    const { balancer } = await front(2);
    const { log, notes, undo } = startLog({ balancers: [balancer], initialChanges });
    expect(log.list()).toMatchObject([{ state: 'in-force' }]);
    await until(() => balancer.view().some((member) => member.name === name && member.status === 'N'));
    expect(notes).toEqual([]);
    undo(log.list()[0]!);
    expect(balancer.view().map(({ status }) => status)).toEqual(['', '']);
  });

  test('have it though DNS fails at first', async () => {
    dns.set('A', 'app.internal', 'SERVFAIL');
    const { balancer } = await front(2);
    const { log, notes } = startLog({ balancers: [balancer], initialChanges });
    await until(() => !insideOf(balancer).now().parts.isDiscovering());
    log.sync();
    expect(log.list()).toMatchObject([{ state: 'in-force' }]);
    hosts(['127.0.0.9']);
    await until(() => balancer.view().some((member) => member.name === name && member.status === 'N'));
    expect(notes).toEqual([]);
  });

  test('lose what was stored for them when they are not told', async () => {
    hosts(['127.0.0.8']);
    const { balancer } = await front(2);
    const { log, notes } = startLog({ balancers: [balancer], initialChanges });
    await until(() => log.list()[0]!.state === 'lost');
    expect(notes).toHaveLength(1);
  });

  test('cannot be removed though they are named besides, and stay named', async () => {
    hosts(['127.0.0.9', '127.0.0.8']);
    const { balancer } = await front(2);
    balancer.add({ url: 'http://127.0.0.9:2', route: 'named' });
    await until(() => balancer.view().length === 3);
    const before = balancer.view().map(({ name }) => name);
    expect(before).toContain('named');
    const { make, log } = startLog({ balancers: [balancer] });
    expect(() => make(deeds.remove('named'))).toThrow(/DNS tells it/);
    expect(log.list()).toEqual([]);
    expect(balancer.view().map(({ name }) => name)).toEqual(before);
    expect(insideOf(balancer).roster.isFromDns('named')).toBe(false);
  });

  test('cannot be removed, and take the changes on them along when they are told no more', async () => {
    hosts(['127.0.0.9', '127.0.0.8']);
    const { balancer } = await front(2);
    await until(() => balancer.view().length === 3);
    const { make, log, told } = startLog({ balancers: [balancer] });
    expect(() => make(deeds.remove('http://127.0.0.9:2'))).toThrow(/DNS tells it/);
    expect(log.list()).toEqual([]);

    make(deeds.drain('http://127.0.0.9:2'));
    make(deeds.drain('http://127.0.0.8:2'));
    hosts(['127.0.0.8']);
    await until(() => told.length === 3);
    expect(log.list().map(({ state }) => state)).toEqual(['in-force', 'lost']);
  });
});
