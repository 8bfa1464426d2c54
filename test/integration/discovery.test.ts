import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createDiscovery, type Discovery } from '../../src/discovery/discovery.ts';
import { startDnsServer, type DnsReply, type DnsServer } from '../support/dns-server.ts';
import { until } from '../support/idle.ts';
import { makeTemplate } from '../unit/discovery/support.ts';

let dns: DnsServer;
let discovery: Discovery;
/** Each list that was told: `host:port route lbfactor lbset`. */
let lists: (readonly string[])[];
let logged: string[];

beforeEach(async () => {
  dns = await startDnsServer();
  lists = [];
  logged = [];
  const log = (text: string): number => logged.push(text);
  discovery = createDiscovery({
    name: 'app-balancer',
    resolver: () => [dns.address],
    random: () => 0,
    logger: { info: log, warn: log, error: log },
    found: (_template, members) => {
      lists.push(
        members.map(({ hostname, port, lbfactor, lbset }) => `${hostname}:${port} ${lbfactor} ${lbset}`),
      );
    },
  });
});

afterEach(async () => {
  discovery.close();
  await dns.stop();
});

function setAddresses(ttl: number, ...records: readonly string[]): void {
  dns.set('A', 'app.internal', { ttl, records });
}

/** How often DNS was asked for the name. */
function countAsked(): number {
  return dns.asked.filter((each) => each === 'A app.internal').length;
}

const template = makeTemplate();

describe('members that DNS tells by their addresses', () => {
  test('come and go as the name has them, once the TTL is over', async () => {
    const begun = performance.now();
    setAddresses(1, '10.0.0.1', '10.0.0.2');
    discovery.sync([template]);
    await discovery.whenSettled();
    expect(lists).toEqual([['10.0.0.1:3000 100 0', '10.0.0.2:3000 100 0']]);

    setAddresses(1, '10.0.0.2', '10.0.0.3');
    await until(() => lists.length === 2);
    expect(lists[1]).toEqual(['10.0.0.2:3000 100 0', '10.0.0.3:3000 100 0']);
    // No cache in between, and no asking before the time.
    expect(performance.now() - begun).toBeGreaterThan(900);
    expect(countAsked()).toBe(2);
  });

  test('stay while DNS fails, whatever way, and follow it when it is back', async () => {
    setAddresses(1, '10.0.0.1');
    discovery.sync([template]);
    await until(() => lists.length === 1);
    const failures: readonly DnsReply[] = ['NXDOMAIN', 'SERVFAIL'];
    for (const [i, failure] of failures.entries()) {
      dns.set('A', 'app.internal', failure);
      await until(() => countAsked() >= 2 + i);
    }
    expect(lists).toHaveLength(1);
    setAddresses(1, '10.0.0.2');
    await until(() => lists.length === 2);
    expect(lists[1]).toEqual(['10.0.0.2:3000 100 0']);
    expect(logged).toEqual([
      expect.stringContaining('http://app.internal:3000/base/: DNS knows no such name'),
      expect.stringContaining('DNS tells its servers again'),
    ]);
  });

  test('are waited for no longer than until the first failure', async () => {
    discovery.sync([template]);
    expect(discovery.isPending()).toBe(true);
    await discovery.whenSettled();
    expect(discovery.isPending()).toBe(false);
    expect(lists).toEqual([]);
    expect(logged).toEqual([expect.stringContaining('there is no server yet')]);
  });
});

test('members that SRV records tell have their ports, weights and priorities', async () => {
  const record = { priority: 10, weight: 20, port: 4000, target: 'a.internal' };
  dns.set('SRV', 'app.internal', {
    ttl: 1,
    srv: [
      record,
      { ...record, weight: 60, target: 'b.internal' },
      { ...record, priority: 20, port: 5000, target: 'c.internal' },
    ],
  });
  for (const [i, target] of ['a.internal', 'b.internal', 'c.internal'].entries()) {
    dns.set('A', target, { ttl: 60, records: [`10.0.0.${i + 1}`] });
  }
  discovery.sync([makeTemplate({ resolve: 'SRV' })]);
  await discovery.whenSettled();
  expect(lists).toEqual([['10.0.0.1:4000 100 0', '10.0.0.2:4000 300 0', '10.0.0.3:5000 100 1']]);
});

test('closed while it asks, nobody waits any more, and nothing is told or logged', async () => {
  for (const type of ['A', 'AAAA'] as const) dns.set(type, 'app.internal', 'silence');
  discovery.sync([template]);
  await until(() => dns.asked.length >= 1);
  const settled = discovery.whenSettled();
  discovery.close();
  await settled;
  expect([lists, logged]).toEqual([[], []]);
});
