import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { askDns, type AskContext } from '../../../src/discovery/ask-dns.ts';
import type { DnsAnswer, Question } from '../../../src/discovery/dns-answer.ts';
import { startDnsServer, type DnsReply, type DnsServer } from '../../support/dns-server.ts';
import { until } from '../../support/idle.ts';
import { makeServer } from './support.ts';

let dns: DnsServer;

beforeEach(async () => {
  dns = await startDnsServer();
});

afterEach(() => dns.stop());

const name = 'app.internal';

/** For what is never answered. */
const soon = { timeoutMs: 250 } as const;

function ask(resolve: Question['resolve'], more: Partial<AskContext> = {}): Promise<DnsAnswer> {
  const { signal } = new AbortController();
  return askDns(
    { name, resolve },
    // Longer than any pause of the machine.
    { resolver: [dns.address], signal, known: [], timeoutMs: 5_000, tries: 1, ...more },
  );
}

/** What was found, shortly: `host`, or `host:port priority weight target`; or the code of the failure. */
async function askShortly(...args: Parameters<typeof ask>): Promise<readonly string[] | string> {
  const answer = await ask(...args);
  if (answer.kind === 'failed') return answer.cause.code;
  return answer.servers.map(({ host, port, priority, weight, target }) =>
    port === undefined ? host : `${host}:${port} ${priority} ${weight} ${target}`,
  );
}

describe('addresses', () => {
  test('are all that there are, sorted, with the lowest TTL', async () => {
    dns.set('A', name, { ttl: 7, records: ['10.0.0.3', '10.0.0.1', '10.0.0.2', '10.0.0.1'] });
    expect(await ask('A')).toEqual({
      kind: 'found',
      servers: [makeServer('10.0.0.1'), makeServer('10.0.0.2'), makeServer('10.0.0.3')],
      ttlMs: 7_000,
      partly: undefined,
      leftOut: 0,
    });
    expect(dns.asked.toSorted()).toEqual(['A app.internal', 'AAAA app.internal']);
  });

  test('of IPv6 are used where there are no others', async () => {
    dns.set('AAAA', name, { ttl: 9, records: ['fd00::2', 'fd00::1'] });
    expect(await ask('A')).toMatchObject({
      servers: [{ host: 'fd00::1' }, { host: 'fd00::2' }],
      ttlMs: 9_000,
    });
  });

  test('of both families are those of IPv4: a server with two addresses is one member', async () => {
    dns.set('A', name, { ttl: 9, records: ['10.0.0.1'] });
    dns.set('AAAA', name, { ttl: 9, records: ['fd00::1'] });
    expect(await askShortly('A')).toEqual(['10.0.0.1']);
  });

  test.each<DnsReply>(['SERVFAIL', 'silence', 'garbage', 'NXDOMAIN'])(
    'of IPv4 do not wait for those of IPv6: %s',
    async (reply) => {
      dns.set('A', name, { ttl: 9, records: ['10.0.0.1'] });
      dns.set('AAAA', name, reply);
      // A wait for the other family would last longer than a test may.
      expect(await askShortly('A', { timeoutMs: 60_000 })).toEqual(['10.0.0.1']);
    },
  );

  test.each<readonly [DnsReply, string]>([
    ['SERVFAIL', 'ESERVFAIL'],
    ['silence', 'ETIMEOUT'],
  ])('of IPv6 do not take the place of those of IPv4 that cannot be asked for: %s', async (reply, code) => {
    dns.set('A', name, reply);
    dns.set('AAAA', name, { ttl: 9, records: ['fd00::1'] });
    expect(await askShortly('A', reply === 'silence' ? soon : {})).toBe(code);
  });

  test('that mean this machine are none', async () => {
    dns.set('A', name, { ttl: 9, records: ['0.0.0.0'] });
    dns.set('AAAA', name, { ttl: 9, records: ['::'] });
    expect(await askShortly('A')).toBe('ENODATA');
    dns.set('A', name, { ttl: 9, records: ['0.0.0.0', '10.0.0.1'] });
    expect(await askShortly('A')).toEqual(['10.0.0.1']);
  });

  test('that do not fit into a datagram come over TCP; the first 1,000 are used', async () => {
    const records = Array.from({ length: 1_200 }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
    dns.set('A', name, { ttl: 5, records });
    const answer = await ask('A');
    expect(answer).toMatchObject({ kind: 'found', leftOut: 200, ttlMs: 5_000 });
    const hosts = answer.kind === 'found' ? answer.servers.map(({ host }) => host) : [];
    expect(hosts).toEqual(records.toSorted().slice(0, 1_000));
  });
});

describe('no addresses', () => {
  test.each<readonly [DnsReply, string]>([
    ['NXDOMAIN', 'ENOTFOUND'],
    ['SERVFAIL', 'ESERVFAIL'],
    ['silence', 'ETIMEOUT'],
    [{ ttl: 5, records: [] }, 'ENODATA'],
    // A loop, or a name whose address the server does not tell.
    [{ cname: 'app.internal' }, 'ENODATA'],
    [{ cname: 'elsewhere.internal' }, 'ENODATA'],
  ])('%j is a failure: %s', async (reply, code) => {
    dns.set('A', name, reply);
    dns.set('AAAA', name, reply);
    expect(await askShortly('A', reply === 'silence' ? soon : {})).toBe(code);
  });

  test('garbage is a failure', async () => {
    dns.set('A', name, 'garbage');
    dns.set('AAAA', name, 'garbage');
    expect((await ask('A', soon)).kind).toBe('failed');
  });

  test('a server that is not there is a failure', async () => {
    const gone = await startDnsServer();
    await gone.stop();
    expect(await askShortly('A', { ...soon, resolver: [gone.address] })).toMatch(
      /^(?:ECONNREFUSED|ETIMEOUT)$/,
    );
  });

  test('a server address that is none is a failure, not an exception', async () => {
    expect(await askShortly('A', { resolver: ['localhost'] })).toBe('ERR_INVALID_IP_ADDRESS');
  });

  test('a second server is asked when the first is silent', async () => {
    const other = await startDnsServer();
    try {
      for (const type of ['A', 'AAAA'] as const) dns.set(type, name, 'silence');
      other.set('A', name, { ttl: 5, records: ['10.0.0.9'] });
      const resolver = [dns.address, other.address];
      expect(await askShortly('A', { resolver, timeoutMs: 2_500, tries: 2 })).toEqual(['10.0.0.9']);
    } finally {
      await other.stop();
    }
  });
});

describe('SRV records', () => {
  const srv = (
    target: string,
    more: Partial<Readonly<{ priority: number; weight: number; port: number }>> = {},
  ) => ({
    priority: 0,
    weight: 1,
    port: 3000,
    target,
    ...more,
  });

  test('tell port, priority and weight; their targets’ addresses the lowest TTL', async () => {
    dns.set('SRV', name, {
      ttl: 1,
      srv: [srv('b.internal', { priority: 2, weight: 20, port: 4000 }), srv('a.internal', { weight: 10 })],
    });
    dns.set('A', 'a.internal', { ttl: 30, records: ['10.0.0.1'] });
    dns.set('AAAA', 'b.internal', { ttl: 20, records: ['fd00::1'] });
    expect(await ask('SRV')).toEqual({
      kind: 'found',
      servers: [
        { host: '10.0.0.1', port: 3000, priority: 0, weight: 10, target: 'a.internal' },
        { host: 'fd00::1', port: 4000, priority: 2, weight: 20, target: 'b.internal' },
      ],
      ttlMs: 20_000,
      partly: undefined,
      leftOut: 0,
    });
  });

  test('RFC 2782: weigh a target, however many addresses it has', async () => {
    dns.set('SRV', name, { ttl: 1, srv: [srv('a.internal', { weight: 10 })] });
    dns.set('A', 'a.internal', { ttl: 30, records: ['10.0.0.1', '10.0.0.2'] });
    expect(await askShortly('SRV')).toEqual(['10.0.0.1:3000 0 5 a.internal', '10.0.0.2:3000 0 5 a.internal']);
  });

  test('a target with several ports is asked for once', async () => {
    dns.set('SRV', name, { ttl: 1, srv: [srv('a.internal'), srv('a.internal', { port: 4000 })] });
    dns.set('A', 'a.internal', { ttl: 30, records: ['10.0.0.1'] });
    expect(await askShortly('SRV')).toEqual(['10.0.0.1:3000 0 1 a.internal', '10.0.0.1:4000 0 1 a.internal']);
    expect(dns.asked.filter((each) => each === 'A a.internal')).toHaveLength(1);
  });

  test('RFC 2782: a target of "." says that there is no such service', async () => {
    dns.set('SRV', name, { ttl: 1, srv: [srv('.')] });
    expect(await askShortly('SRV')).toBe('ENODATA');
    expect(dns.asked).toEqual(['SRV app.internal']);
  });

  test('a target with port 0 is none', async () => {
    dns.set('SRV', name, { ttl: 1, srv: [srv('a.internal', { port: 0 })] });
    dns.set('A', 'a.internal', { ttl: 30, records: ['10.0.0.1'] });
    expect(await askShortly('SRV')).toBe('ENODATA');
  });

  test.each<readonly [DnsReply, string]>([
    ['NXDOMAIN', 'ENOTFOUND'],
    ['SERVFAIL', 'ESERVFAIL'],
    ['silence', 'ETIMEOUT'],
    [{ ttl: 5, srv: [] }, 'ENODATA'],
    [{ cname: 'app.internal' }, 'ENODATA'],
  ])('that are not there are a failure: %j, %s', async (reply, code) => {
    dns.set('SRV', name, reply);
    expect(await askShortly('SRV', reply === 'silence' ? soon : {})).toBe(code);
  });

  test('a target that is gone is left out', async () => {
    dns.set('SRV', name, { ttl: 1, srv: [srv('a.internal'), srv('gone.internal')] });
    dns.set('A', 'a.internal', { ttl: 30, records: ['10.0.0.1'] });
    const known = [makeServer('10.0.0.2', { port: 3000, target: 'gone.internal' })];
    expect(await ask('SRV', { known })).toMatchObject({ servers: [{ host: '10.0.0.1' }], partly: undefined });
  });

  test('a target that cannot be asked about keeps its addresses, and only it', async () => {
    dns.set('SRV', name, { ttl: 1, srv: [srv('a.internal'), srv('b.internal')] });
    dns.set('A', 'a.internal', { ttl: 30, records: ['10.0.0.1'] });
    dns.set('A', 'b.internal', 'SERVFAIL');
    const known = [
      makeServer('10.0.0.2', { port: 3000, target: 'b.internal' }),
      makeServer('10.0.0.3', { port: 4000, target: 'b.internal' }),
      makeServer('10.0.0.4', { port: 3000, target: 'c.internal' }),
    ];
    expect(await ask('SRV', { known })).toMatchObject({
      servers: [{ host: '10.0.0.1' }, { host: '10.0.0.2', port: 3000, weight: 1, priority: 0 }],
      partly: { code: 'ESERVFAIL' },
    });
  });

  test('no target of which can be asked about are a failure', async () => {
    dns.set('SRV', name, { ttl: 1, srv: [srv('a.internal'), srv('b.internal')] });
    dns.set('A', 'b.internal', 'SERVFAIL');
    expect(await askShortly('SRV')).toBe('ESERVFAIL');
  });

  test('more than 1,000 of them are the first 1,000 by priority, and no other targets are asked for', async () => {
    const records = Array.from({ length: 1_100 }, (_, i) =>
      srv(`${i % 30}.internal`, { port: 1 + i, priority: i % 2 }),
    );
    dns.set('SRV', name, { ttl: 1, srv: records });
    for (let i = 0; i < 30; i++) dns.set('A', `${i}.internal`, { ttl: 5, records: [`10.0.0.${i}`] });
    const answer = await ask('SRV');
    expect(answer).toMatchObject({ kind: 'found', leftOut: 100, partly: undefined });
    const priorities = answer.kind === 'found' ? answer.servers.map(({ priority }) => priority) : [];
    expect(priorities.filter((each) => each === 0)).toHaveLength(550);
    expect(priorities.filter((each) => each === 1)).toHaveLength(450);
    // The last two have none of the records that are used.
    expect(dns.asked.filter((each) => each.startsWith('A '))).toHaveLength(28);
  });
});

describe('called off', () => {
  test.each(['A', 'SRV'] as const)('while it asks for %s, it ends at once', async (resolve) => {
    for (const type of ['A', 'AAAA', 'SRV'] as const) dns.set(type, name, 'silence');
    const abort = new AbortController();
    const answer = ask(resolve, { signal: abort.signal, timeoutMs: 60_000 });
    await until(() => dns.asked.length > 0);
    abort.abort();
    expect(await answer).toMatchObject({ kind: 'failed', cause: { code: 'ECANCELLED' } });
  });

  test('before it asks, it asks nothing', async () => {
    expect(await ask('A', { signal: AbortSignal.abort() })).toMatchObject({ cause: { code: 'ECANCELLED' } });
    expect(dns.asked).toEqual([]);
  });

  test('among targets, it asks about no more of them', async () => {
    const targets = Array.from({ length: 40 }, (_, i) => `${i}.internal`);
    dns.set('SRV', name, {
      ttl: 1,
      srv: targets.map((target) => ({ priority: 0, weight: 0, port: 80, target })),
    });
    for (const target of targets) for (const type of ['A', 'AAAA'] as const) dns.set(type, target, 'silence');
    const abort = new AbortController();
    const answer = ask('SRV', { signal: abort.signal, timeoutMs: 60_000 });
    const countTargets = (): number => dns.asked.filter((each) => each.startsWith('A ')).length;
    await until(() => countTargets() === 16);
    abort.abort();
    expect(await answer).toMatchObject({ kind: 'failed' });
    expect(countTargets()).toBe(16);
  });
});
