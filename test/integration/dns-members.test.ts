import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DefinitionError, type BalancerDefinition, type BalancerEvents } from '../../src/index.ts';
import { insideOf } from '../../src/inside.ts';
import { ask, hashOf, type Told } from '../support/ask.ts';
import { listen, startBackend, type Backend } from '../support/backend.ts';
import { catchError, catchRejection } from '../support/catch-error.ts';
import { startDnsServer, type DnsServer } from '../support/dns-server.ts';
import { senders } from '../support/front.ts';
import { startHolding } from '../support/holding.ts';
import { tidyUp, until } from '../support/idle.ts';
import { startToldFront, type ToldFront } from '../support/stories.ts';
import { countServers, findFaults, startTraffic } from '../support/traffic.ts';
import { viewStill } from '../support/view-still.ts';

let dns: DnsServer;

beforeEach(async () => {
  dns = await startDnsServer();
});
afterEach(async () => {
  await tidyUp();
  await dns.stop();
});

/** A backend that says who it is and what it was sent, at any address of this machine. */
async function startAt(host: string, port = 0): Promise<Backend> {
  const received: Backend['received'] = [];
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const body = Buffer.concat(chunks);
      const { method = '', url = '', headers, rawHeaders } = req;
      received.push({ method, url, headers, rawHeaders, body, trailers: {}, connection: 0 });
      res.setHeader('X-Backend', host);
      res.setHeader('X-Host', String(headers.host));
      res.end(hashOf(body));
    });
  });
  return listen(server, received, () => 0, { host, port });
}

/** Backends at several addresses, all at one port. */
async function startServers(...hosts: readonly string[]): Promise<readonly Backend[]> {
  const first = await startAt(hosts[0]!);
  const others = await Promise.all(hosts.slice(1).map((host) => startAt(host, first.port)));
  return [first, ...others];
}

function setAddresses(...records: readonly string[]): void {
  dns.set('A', 'app.internal', { ttl: 1, records });
}

/** A front over the servers behind a name. */
function startNamed(port: number, definition: Partial<BalancerDefinition> = {}): Promise<ToldFront> {
  return startToldFront({ members: [template(port)], resolver: dns.address, ...definition });
}

function template(port: number, more: object = {}) {
  return { url: `http://app.internal:${port}`, resolve: 'A', ...more } as const;
}

function hostsOf({ balancer }: ToldFront): readonly string[] {
  return balancer.view().map(({ url }) => new URL(url).hostname);
}

function whoSays({ headers }: Told): string {
  return String(headers['x-backend']);
}

describe.each(senders)('members from DNS, over %s', (_name, sender) => {
  test('come and go under load, and fail no request', async () => {
    const servers = await startServers('127.0.0.1', '127.0.0.2', '127.0.0.3');
    setAddresses('127.0.0.1', '127.0.0.2');
    const front = await startNamed(servers[0]!.port, sender);
    const traffic = startTraffic(front.port);
    await traffic.goesOn();
    expect(hostsOf(front)).toEqual(['127.0.0.1', '127.0.0.2']);
    const { elected } = front.balancer.view()[1]!;

    setAddresses('127.0.0.2', '127.0.0.3');
    await until(() => hostsOf(front).join() === '127.0.0.2,127.0.0.3');
    const asked = front.balancer.view()[0]!.elected;
    await traffic.goesOn();
    const exchanges = await traffic.stop();

    expect(findFaults(exchanges, servers)).toEqual([]);
    expect(Object.keys(countServers(exchanges)).toSorted()).toEqual(['127.0.0.1', '127.0.0.2', '127.0.0.3']);
    expect(asked).toBeGreaterThan(elected);
    expect(exchanges.map(({ told }) => told.headers['x-host'])).toContain(`app.internal:${servers[0]!.port}`);
  });

  test('are waited for: a request that comes before the first answer is served, and mapped back', async () => {
    const backend = await startBackend('a', (req, res) => {
      res.setHeader('Location', `http://${req.headers.host!}/login`);
      res.setHeader('Content-Location', `http://127.0.0.1:${backend.port}/x`);
      res.end('a');
    });
    setAddresses('127.0.0.1');
    const front = await startToldFront(
      { ...sender, resolver: dns.address, members: [template(backend.port)] },
      { mount: '/m' },
    );

    const body = Buffer.from('x');
    const told = await ask(front.port, {
      path: '/m/',
      headers: { Host: 'front.test' },
      method: 'POST',
      body,
    });

    expect(told).toMatchObject({
      status: 200,
      text: 'a',
      headers: { location: 'http://front.test/m/login', 'content-location': 'http://front.test/m/x' },
    });
    expect(backend.received.map((each) => each.body.toString())).toEqual(['x']);
  });
});

describe('members from DNS', () => {
  test('fail requests, when DNS fails, as members that are not usable', async () => {
    const front = await startNamed(4001);
    const begun = performance.now();

    expect((await ask(front.port)).code).toBe('ERR_BALANCER_NO_MEMBER');
    // Not before DNS has failed, and not long after it.
    expect(performance.now() - begun).toBeLessThan(10_000);
    expect(dns.asked).toContain('A app.internal');
    expect(front.balancer.view()).toEqual([]);
  });

  test('serve beside members with addresses, which serve until DNS has answered', async () => {
    const named = await startBackend('named');
    const [server] = await startServers('127.0.0.2');
    const front = await startToldFront({
      resolver: dns.address,
      members: [named.url, template(server!.port)],
    });
    expect((await ask(front.port)).text).toBe('named');
    expect((await ask(front.port)).text).toBe('named');

    setAddresses('127.0.0.2');
    await until(() => hostsOf(front).length === 2);

    const told = [await ask(front.port), await ask(front.port)];
    expect(told.map(whoSays).toSorted()).toEqual(['127.0.0.2', 'named']);
  });

  test('are told of by events, and bind sessions by routes that stay', async () => {
    const servers = await startServers('127.0.0.1', '127.0.0.2', '127.0.0.3');
    setAddresses('127.0.0.2', '127.0.0.3');
    const { port } = servers[0]!;
    const front = await startNamed(port, {
      stickysession: 'SID',
      members: [template(port, { route: 'app' })],
    });
    const events: BalancerEvents['members'][] = [];
    front.balancer.on('members', (event) => events.push(event));
    const first = await ask(front.port);
    const [one, other] = front.balancer.view().map(({ route }) => route!);
    expect([one, other]).toEqual([
      expect.stringMatching(/^app-[0-9a-z]{6}$/),
      expect.stringMatching(/^app-/),
    ]);

    setAddresses('127.0.0.1', '127.0.0.3');
    await until(() => hostsOf(front).includes('127.0.0.1'));

    expect(first.status).toBe(200);
    const askAs = async (route: string): Promise<string> =>
      whoSays(await ask(front.port, { headers: { Cookie: `SID=x.${route}` } }));
    for (let i = 0; i < 3; i += 1) expect(await askAs(other!)).toBe('127.0.0.3');
    expect(await askAs(one!)).not.toBe('127.0.0.2');
    expect(events.map(({ added, removed }) => [added.length, removed])).toEqual([
      [2, []],
      [1, [one]],
    ]);
    // The same address has the same route again.
    setAddresses('127.0.0.2', '127.0.0.3');
    await until(() => hostsOf(front).includes('127.0.0.2'));
    expect(await askAs(one!)).toBe('127.0.0.2');
  });

  test('stay while DNS fails', async () => {
    const servers = await startServers('127.0.0.1', '127.0.0.2');
    setAddresses('127.0.0.1', '127.0.0.2');
    const front = await startNamed(servers[0]!.port);
    await ask(front.port);
    const asked = dns.asked.length;

    dns.set('A', 'app.internal', 'SERVFAIL');
    await until(() => dns.asked.length >= asked + 2);

    expect(hostsOf(front)).toEqual(['127.0.0.1', '127.0.0.2']);
    expect((await ask(front.port)).status).toBe(200);
  });

  test('have the ports, weights and priorities of their SRV records', async () => {
    const [a, b, c] = [await startBackend('a'), await startBackend('b'), await startBackend('c')];
    const record = { priority: 10, weight: 10, target: 'host.internal' };
    const srv = [
      { ...record, port: a.port },
      { ...record, weight: 30, port: b.port },
      { ...record, priority: 20, port: c.port },
    ];
    dns.set('SRV', '_http._tcp.app.internal', { ttl: 1, srv });
    dns.set('A', 'host.internal', { ttl: 60, records: ['127.0.0.1'] });
    const front = await startToldFront({
      resolver: dns.address,
      members: [{ url: 'http://_http._tcp.app.internal', resolve: 'SRV' }],
    });

    for (let i = 0; i < 8; i += 1) expect((await ask(front.port)).status).toBe(200);
    expect([a, b, c].map(({ received }) => received.length)).toEqual([2, 6, 0]);
    await Promise.all([a.stop(), b.stop()]);

    expect((await ask(front.port)).text).toBe('c');
  });

  test('leave gracefully when DNS tells them no more', async () => {
    const leaving = await startHolding('leaving');
    const staying = await startAt('127.0.0.2', leaving.port);
    setAddresses('127.0.0.1');
    const front = await startNamed(leaving.port);
    const answer = ask(front.port);
    await until(() => leaving.held() === 1);

    setAddresses('127.0.0.2');
    await until(() => hostsOf(front).join() === '127.0.0.2');
    expect(whoSays(await ask(front.port))).toBe('127.0.0.2');
    leaving.answer();

    expect((await answer).text).toBe('leaving');
    expect(staying.received).toHaveLength(1);
  });

  test('are not asked for any more once the balancer is closed', async () => {
    const [server] = await startServers('127.0.0.1');
    const front = await startNamed(server!.port);
    await until(() => dns.asked.length > 0);

    await front.balancer.close();

    setAddresses('127.0.0.1');
    expect((await ask(front.port)).code).toBe('ERR_BALANCER_CLOSED');
    expect(hostsOf(front)).toEqual([]);
  });
});

describe('a change of a member from DNS', () => {
  test('stays when others come and go', async () => {
    const servers = await startServers('127.0.0.1', '127.0.0.2');
    setAddresses('127.0.0.1');
    const { port } = servers[0]!;
    const front = await startNamed(port, { members: [template(port, { route: 'app' })] });
    await ask(front.port);
    const { name, route } = front.balancer.view()[0]!;

    front.balancer.change(name, { loadfactor: 3, disabled: true });
    expect(front.member(name)).toMatchObject({ loadfactor: 3, status: 'D', route });
    setAddresses('127.0.0.1', '127.0.0.2');
    await until(() => hostsOf(front).length === 2);

    expect(front.member(name)).toMatchObject({ loadfactor: 3, status: 'D', route });
    expect(whoSays(await ask(front.port))).toBe('127.0.0.2');
  });

  test('may drain it, and not remove it: DNS would tell it again', async () => {
    const servers = await startServers('127.0.0.1', '127.0.0.2');
    setAddresses('127.0.0.1', '127.0.0.2');
    const front = await startNamed(servers[0]!.port);
    await ask(front.port);
    const { name } = front.balancer.view()[0]!;
    const before = viewStill(front);

    const error = await catchRejection(front.balancer.remove(name));
    expect(error).toBeInstanceOf(DefinitionError);
    expect(String(error)).toMatch(/DNS tells it[^]*disable it/);
    expect(viewStill(front)).toEqual(before);
    expect(insideOf(front.balancer).roster.isFromDns(name)).toBe(true);

    expect(await front.balancer.drain(name)).toEqual({ empty: true, busy: 0 });
    for (let i = 0; i < 3; i += 1) expect(whoSays(await ask(front.port))).toBe('127.0.0.2');
  });
});

describe('a name', () => {
  test('is added and removed with the servers behind it', async () => {
    const servers = await startServers('127.0.0.1', '127.0.0.2', '127.0.0.3');
    const { port } = servers[0]!;
    setAddresses('127.0.0.2', '127.0.0.3');
    dns.set('A', 'first.internal', { ttl: 60, records: ['127.0.0.1'] });
    const first = `http://first.internal:${port}`;
    const front = await startNamed(port, { members: [{ url: first, resolve: 'A' }] });
    const traffic = startTraffic(front.port);

    const name = front.balancer.add(template(port));
    expect(name).toBe(`http://app.internal:${port}`);
    await until(() => hostsOf(front).length === 3);
    await traffic.goesOn();
    await front.balancer.remove(name);
    expect(hostsOf(front)).toEqual(['127.0.0.1']);
    await traffic.goesOn();
    const exchanges = await traffic.stop();

    expect(findFaults(exchanges, servers)).toEqual([]);
    expect(Object.keys(countServers(exchanges))).toHaveLength(3);
    expect(String(await catchRejection(front.balancer.remove(first)))).toMatch(/a balancer needs a member/);
    expect(hostsOf(front)).toEqual(['127.0.0.1']);
  });

  test('takes over from the last member with an address', async () => {
    const named = await startBackend('named');
    const servers = await startServers('127.0.0.2');
    setAddresses('127.0.0.2');
    const front = await startToldFront({
      resolver: dns.address,
      members: [{ url: named.url, route: 'named' }, template(servers[0]!.port)],
    });
    await until(() => hostsOf(front).length === 2);

    await front.balancer.remove('named');

    expect(whoSays(await ask(front.port))).toBe('127.0.0.2');
    const error = await catchRejection(front.balancer.remove(`http://app.internal:${servers[0]!.port}`));
    expect(String(error)).toMatch(/a balancer needs a member/);
  });

  test('keeps its servers and their counters through an update, with its parameters anew', async () => {
    const servers = await startServers('127.0.0.1', '127.0.0.2');
    setAddresses('127.0.0.1', '127.0.0.2');
    const { port } = servers[0]!;
    const front = await startNamed(port);
    for (let i = 0; i < 4; i += 1) await ask(front.port);

    const base = { logger: false, resolver: dns.address } as const;
    front.balancer.update({ ...base, members: [template(port, { max: 7, loadfactor: 2 })] });

    expect(front.balancer.view()).toMatchObject([
      { elected: 2, max: 7, loadfactor: 2 },
      { elected: 2, max: 7, loadfactor: 2 },
    ]);
    front.balancer.update({ logger: false, members: [`http://127.0.0.2:${port}`] });
    expect(hostsOf(front)).toEqual(['127.0.0.2']);
    expect(front.balancer.view()).toMatchObject([{ elected: 2, max: undefined, loadfactor: 1 }]);
    const asked = dns.asked.length;
    front.balancer.update({ ...base, members: [template(port)] });

    await until(() => hostsOf(front).length === 2);
    expect(dns.asked.length).toBeGreaterThan(asked);
    expect((await ask(front.port)).status).toBe(200);
  });

  test('is asked of the resolver that an update names', async () => {
    const servers = await startServers('127.0.0.1', '127.0.0.2');
    setAddresses('127.0.0.1');
    const { port } = servers[0]!;
    const front = await startNamed(port);
    expect(whoSays(await ask(front.port))).toBe('127.0.0.1');
    const other = await startDnsServer();
    other.set('A', 'app.internal', { ttl: 1, records: ['127.0.0.2'] });

    front.balancer.update({ logger: false, resolver: other.address, members: [template(port)] });

    await until(() => hostsOf(front).join() === '127.0.0.2');
    expect(whoSays(await ask(front.port))).toBe('127.0.0.2');
    await front.balancer.close();
    await other.stop();
  });

  test.each([
    ['before DNS tells it', true],
    ['after DNS has told it', false],
  ])('and a member with the address of one of its servers are that member: %s', async (_when, isFirst) => {
    const servers = await startServers('127.0.0.1', '127.0.0.2');
    setAddresses('127.0.0.1', '127.0.0.2');
    const { port } = servers[0]!;
    const named = { url: `http://127.0.0.1:${port}`, route: 'named', loadfactor: 3 };
    const base = { logger: false, resolver: dns.address } as const;
    const members = [named, template(port)];
    const front = await startToldFront({ ...base, members: isFirst ? members : [template(port)] });
    await until(() => hostsOf(front).length === 2);

    front.balancer.update({ ...base, members });

    const find = () => front.balancer.view().filter(({ url }) => url === named.url);
    expect(find()).toMatchObject([{ name: 'named', loadfactor: 3 }]);
    expect(hostsOf(front)).toHaveLength(2);
    // It stays as long as it is named, or told.
    setAddresses('127.0.0.2');
    const asked = dns.asked.length;
    await until(() => dns.asked.length >= asked + 2);
    expect(find()).toMatchObject([{ name: 'named', loadfactor: 3 }]);
    setAddresses('127.0.0.1', '127.0.0.2');
    const again = dns.asked.length;
    await until(() => dns.asked.length >= again + 3);
    await front.balancer.remove('named');
    expect(find()).toMatchObject([{ name: named.url, loadfactor: 1 }]);
  });

  test('that cannot be is refused, and changes nothing', async () => {
    const [server] = await startServers('127.0.0.1');
    setAddresses('127.0.0.1');
    const front = await startNamed(server!.port);
    await ask(front.port);
    const before = viewStill(front);

    const twin = catchError(() => front.balancer.add(`http://127.0.0.1:${server!.port}`));
    const address = catchError(() => front.balancer.add({ url: 'http://10.0.0.1', resolve: 'A' }));

    expect([twin, address].map((error) => error instanceof DefinitionError)).toEqual([true, true]);
    expect(viewStill(front)).toEqual(before);
  });
});
