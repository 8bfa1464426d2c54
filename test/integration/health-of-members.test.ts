import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { BalancerDefinition, MemberParameters } from '../../src/index.ts';
import { ask, askStatuses } from '../support/ask.ts';
import { listen, startBackend, type Backend } from '../support/backend.ts';
import { makeCertificates } from '../support/certificates.ts';
import { startChecked, watchStates, type Checked, type StateLog } from '../support/checked.ts';
import { senders } from '../support/front.ts';
import { tidyUp, until } from '../support/idle.ts';
import { askInTurn } from '../support/load.ts';
import { startToldFront, type ToldFront } from '../support/stories.ts';

const folders: string[] = [];

afterEach(async () => {
  await tidyUp();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** The shortest interval there is, and more time for each than any pause of the machine takes. */
const often = { hcinterval: '100ms', hctimeout: '20s' } as const;
const checks = { hcmethod: 'GET', hcuri: '/health', ...often } as const;

type Checking = Readonly<{ front: ToldFront; a: Checked; b: Checked; states: StateLog }>;

/** Two members whose health is checked. */
async function startPair(
  definition: Partial<BalancerDefinition> = {},
  parametersOfA: MemberParameters = {},
): Promise<Checking> {
  const [a, b] = [await startChecked('a'), await startChecked('b')];
  const front = await startToldFront({
    memberDefaults: checks,
    ...definition,
    members: [
      { url: a.url, route: 'a', ...parametersOfA },
      { url: b.url, route: 'b' },
    ],
  });
  return { front, a, b, states: watchStates(front) };
}

describe.each(senders)('%s: a member that fails its health checks', (_sender, sender) => {
  test('gets no request, and serves again when it passes', async () => {
    const { front, a, states } = await startPair(sender);
    a.health = 500;
    await states.untilTold('a: ok -> C, checks-failed');
    expect(await askInTurn(front.port, 6)).toBe('b b b b b b');
    expect(a.traffic()).toEqual([]);

    a.health = 200;
    await states.untilTold('a: C -> ok, checks-passed');
    expect((await askInTurn(front.port, 4)).split(' ').sort()).toEqual(['a', 'a', 'b', 'b']);
    // What it is asked beside the traffic counts nowhere.
    expect(front.member('a')).toMatchObject({ elected: 2, failures: 0, busy: 0 });
  });

  test('loses its sessions as long, and gets them back', async () => {
    const { front, a, states } = await startPair({ ...sender, stickysession: 'SID' });
    const asA = { headers: { Cookie: 'SID=1.a' } };
    expect(await askInTurn(front.port, 2, asA)).toBe('a a');
    a.health = 503;
    await states.untilTold('a: ok -> C, checks-failed');
    expect(await askInTurn(front.port, 2, asA)).toBe('b b');
    a.health = 204;
    await states.untilTold('a: C -> ok, checks-passed');
    expect(await askInTurn(front.port, 2, asA)).toBe('a a');
  });

  test('is cleared of an error that traffic has found, before its retry is over', async () => {
    const { front, a, states } = await startPair(
      { ...sender, failonstatus: 200 },
      { hcfails: 1000, retry: 3_600 },
    );
    a.health = 'hangs';
    await until(() => a.hanging.length === 1);
    expect((await ask(front.port)).text).toBe('a');
    expect(states.lines()).toEqual(['a: ok -> E, failed']);
    expect(front.member('a').retryInMs).toBeGreaterThan(3_000_000);
    const cleared = states.untilTold('a: E -> ok, checks-passed');
    a.health = 200;
    a.hanging[0]!.end();
    await cleared;
    expect(a.traffic()).toHaveLength(1);
    expect(front.member('a')).toMatchObject({ status: '', retryInMs: undefined });
  });
});

describe('health checks', () => {
  test('take a member out after hcfails in a row, and back after hcpasses', async () => {
    const { a, states } = await startPair({}, { hcfails: 3, hcpasses: 2 });
    const out = states.untilTold('a: ok -> C, checks-failed');
    a.health = 500;
    const before = a.checks();
    await out;
    expect(a.checks() - before).toBe(3);
    const back = states.untilTold('a: C -> ok, checks-passed');
    a.health = 200;
    const failed = a.checks();
    await back;
    expect(a.checks() - failed).toBe(2);
  });

  test('see that a member refuses, and that it listens again', async () => {
    const { front, a, states } = await startPair({
      memberDefaults: { hcmethod: 'TCP', ...often },
    });
    const out = states.untilTold('a: ok -> C, checks-failed');
    await a.stop();
    await out;
    expect(await askInTurn(front.port, 3)).toBe('b b b');
    const back = states.untilTold('a: C -> ok, checks-passed');
    await a.start();
    await back;
    expect(new Set((await askInTurn(front.port, 4)).split(' '))).toEqual(new Set(['a', 'b']));
  });

  test.each<[string, NonNullable<MemberParameters['hcexpect']>, Checked['health'], Checked['health']]>([
    ['a status', [418], 418, 200],
    ['a text', /^"ok"$/, [200, '"ok"'], [200, '"starting"']],
    ['both', { status: [503], body: /fine/ }, [503, 'fine'], [200, 'fine']],
    ['what a function says', ({ status, body }) => status === 200 && body.length > 3, [200, 'long'], 200],
  ])('may expect %s', async (_what, hcexpect, good, bad) => {
    const { front, a, states } = await startPair({}, { hcexpect });
    a.health = bad;
    // It may have been asked before it could know what to answer.
    await until(() => front.member('a').status === 'C');
    const back = states.untilTold('a: C -> ok, checks-passed');
    a.health = good;
    await back;
    await a.untilChecked(2);
    expect(front.member('a').status).toBe('');
  });

  test('go over connections of their own, one for each', async () => {
    const { front, a } = await startPair();
    await askStatuses(front.port, 4);
    await a.untilChecked(2);
    await askStatuses(front.port, 4);
    const connectionsOf = (isCheck: boolean): readonly number[] =>
      a.received.filter(({ url }) => (url === '/health') === isCheck).map(({ connection }) => connection);
    const ofChecks = connectionsOf(true);
    expect(new Set(ofChecks).size).toBe(ofChecks.length);
    expect(connectionsOf(false).filter((connection) => ofChecks.includes(connection))).toEqual([]);
  });

  test('that hang delay nobody, and take no place of max', async () => {
    const { front, a } = await startPair({}, { hctimeout: '1h', max: 1 });
    a.health = 'hangs';
    await until(() => a.hanging.length === 1);
    expect(front.member('a').busy).toBe(0);
    expect((await askInTurn(front.port, 6)).split(' ').sort()).toEqual(['a', 'a', 'a', 'b', 'b', 'b']);
    expect(a.hanging).toHaveLength(1);
    expect(front.member('a').status).toBe('');
  });

  test('that hang fail when their time is up', async () => {
    const { front, a } = await startPair({}, { hctimeout: '50ms' });
    a.health = 'hangs';
    // A pause may have failed one before.
    await until(() => a.hanging.length > 0 && a.hanging.every((res) => res.destroyed));
    await until(() => front.member('a').status === 'C');
  });

  test('leave stopped members alone, and not disabled ones', async () => {
    const { front, a, b, states } = await startPair();
    front.balancer.change('a', '+S');
    front.balancer.change('b', '+D');
    // One may be under way.
    await b.untilChecked(2);
    const before = a.checks();
    await b.untilChecked(3);
    expect(a.checks()).toBe(before);

    a.health = 500;
    const out = states.untilTold('a: ok -> C, checks-failed');
    front.balancer.change('a', '-S');
    await out;
    expect(a.checks()).toBeGreaterThan(before);
  });

  test('end with close(), and what they have begun', async () => {
    const { front, a, b } = await startPair({}, { hctimeout: '1h' });
    a.health = 'hangs';
    await until(() => a.hanging.length === 1);
    await front.balancer.close();
    const before = [a.checks(), b.checks()];
    await until(() => a.hanging[0]!.destroyed);
    // Longer than their interval.
    const other = await startPair();
    await other.a.untilChecked(3);
    expect([a.checks(), b.checks()]).toEqual(before);
  });
});

describe('warm-up', () => {
  /** A backend that keeps its warm-up requests until they are released. */
  async function startCold(
    name = 'a',
  ): Promise<Backend & { release: () => void; waiting: () => readonly string[] }> {
    const held: (readonly [line: string, answer: () => void])[] = [];
    const backend = await startBackend(name, (req, res) => {
      const end = (): unknown => res.end(name);
      if (req.url!.startsWith('/warm')) held.push([req.url!, end]);
      else end();
    });
    return {
      ...backend,
      release() {
        for (const [, answer] of held.splice(0)) answer();
      },
      waiting: () => held.map(([line]) => line),
    };
  }

  const cold = { ...checks, warmUp: ['/warm/1', '/warm/2'] } as const;

  test('comes before any request, at the start', async () => {
    const [a, b] = [await startCold(), await startBackend('b')];
    const front = await startToldFront({
      members: [
        { url: a.url, route: 'a', ...cold },
        { url: b.url, route: 'b' },
      ],
    });
    const states = watchStates(front);
    for (const path of ['/warm/1', '/warm/2']) {
      await until(() => a.waiting().length > 0);
      expect(a.waiting()).toEqual([path]);
      expect(await askInTurn(front.port, 3)).toBe('b b b');
      if (path === '/warm/1') a.release();
    }
    expect(a.begun).toEqual(['GET /health', 'GET /warm/1', 'GET /warm/2']);
    const up = states.untilTold('a: C -> ok, checks-passed');
    a.release();
    await up;
    expect(new Set((await askInTurn(front.port, 4)).split(' '))).toEqual(new Set(['a', 'b']));
  });

  test('keeps no request waiting when all are cold', async () => {
    const a = await startCold();
    const front = await startToldFront({ members: [{ url: a.url, route: 'a', ...cold }] });
    expect((await ask(front.port)).text).toBe('a');
    await until(() => a.waiting().length > 0);
    expect(front.member('a').status).toBe('C');
    expect((await ask(front.port)).text).toBe('a');
  });

  test('comes before any request, when a member is added, and again when it comes back', async () => {
    const b = await startBackend('b');
    const a = await startCold();
    const front = await startToldFront({ members: [{ url: b.url, route: 'b' }] });
    const states = watchStates(front);
    front.balancer.add({ url: a.url, route: 'a', ...cold });
    expect(front.member('a').status).toBe('C');
    for (let round = 1; round <= 2; round += 1) {
      const up = states.untilTold('a: C -> ok, checks-passed');
      const warm: string[] = [];
      while (warm.length < 2) {
        await until(() => a.waiting().length > 0);
        warm.push(...a.waiting());
        expect(await askInTurn(front.port, 2)).toBe('b b');
        a.release();
      }
      expect(warm).toEqual(['/warm/1', '/warm/2']);
      await up;
      expect(new Set((await askInTurn(front.port, 4)).split(' '))).toEqual(new Set(['a', 'b']));
      if (round === 2) break;
      const out = states.untilTold('a: ok -> C, checks-failed');
      await a.stop();
      await out;
      await a.start();
    }
  });

  test('that fails keeps the member out until it does not', async () => {
    const b = await startBackend('b');
    let isBroken = true;
    const a = await startBackend('a', (req, res) => {
      if (isBroken && req.url!.startsWith('/warm')) req.socket.destroy();
      else res.end('a');
    });
    const front = await startToldFront({
      members: [
        { url: a.url, route: 'a', ...cold },
        { url: b.url, route: 'b' },
      ],
    });
    const states = watchStates(front);
    await until(() => a.begun.filter((line) => line === 'GET /warm/1').length > 1);
    expect(a.begun).not.toContain('GET /warm/2');
    expect(await askInTurn(front.port, 3)).toBe('b b b');
    isBroken = false;
    await states.untilTold('a: C -> ok, checks-passed');
    expect(a.begun).toContain('GET /warm/2');
  });
});

describe('a change while running', () => {
  test('to no checks ends them, and a member that failed them serves again', async () => {
    const { front, a, b, states } = await startPair();
    const out = states.untilTold('a: ok -> C, checks-failed');
    a.health = 500;
    await out;
    front.balancer.change('a', { hcmethod: 'NONE' });
    expect(states.lines().at(-1)).toBe('a: C -> ok, changed');
    expect(new Set((await askInTurn(front.port, 4)).split(' '))).toEqual(new Set(['a', 'b']));
    const before = a.checks();
    await b.untilChecked(3);
    expect(a.checks()).toBe(before);
  });

  test('to no checks and a flag leaves no other flag', async () => {
    const { front, a, states } = await startPair();
    const out = states.untilTold('a: ok -> C, checks-failed');
    a.health = 500;
    await out;
    front.balancer.change('a', { hcmethod: 'NONE', disabled: true });
    expect(front.member('a').status).toBe('D');
  });

  test('of the interval holds at once', async () => {
    const { front, a } = await startPair({}, { hcinterval: '1h' });
    const before = a.checks();
    front.balancer.change('a', { hcinterval: '100ms' });
    await a.untilChecked(2);
    expect(a.checks()).toBeGreaterThanOrEqual(before + 2);
  });

  test('of the path holds with the next check', async () => {
    const { front, a, states } = await startPair();
    await a.untilChecked();
    front.balancer.change('a', { hcuri: '/other', hcexpect: [404] });
    await states.untilTold('a: ok -> C, checks-failed');
    expect(a.begun.at(-1)).toBe('GET /other');
  });

  test('may add checks to members that had none, by update too', async () => {
    const [a, b] = [await startChecked('a'), await startChecked('b')];
    const members = [
      { url: a.url, route: 'a' },
      { url: b.url, route: 'b' },
    ];
    const front = await startToldFront({ members });
    const states = watchStates(front);
    a.health = 500;
    b.health = 500;
    front.balancer.change('b', checks);
    await states.untilTold('b: ok -> C, checks-failed');
    expect(a.checks()).toBe(0);
    expect(await askInTurn(front.port, 3)).toBe('a a a');
    b.health = 200;
    await states.untilTold('b: C -> ok, checks-passed');
    front.balancer.update({ memberDefaults: checks, members });
    await states.untilTold('a: ok -> C, checks-failed');
    expect(await askInTurn(front.port, 3)).toBe('b b b');

    front.balancer.update({ members });
    expect(front.balancer.view().map(({ status }) => status)).toEqual(['', '']);
  });

  test('may add and remove members: who has gone is checked no more', async () => {
    const { front, a, b, states } = await startPair();
    const c = await startChecked('c');
    c.health = 500;
    front.balancer.add({ url: c.url, route: 'c' });
    await states.untilTold('c: ok -> C, checks-failed');
    await front.balancer.remove('a');
    const before = a.checks();
    await b.untilChecked(3);
    expect(a.checks()).toBe(before);
  });
});

describe.each(senders)('%s: a member', (_sender, sender) => {
  test('behind TLS is checked behind TLS', async () => {
    const { ca, server: certified } = await makeCertificates();
    let status = 200;
    const server = createServer(certified, (req, res) => {
      if (req.url === '/health') res.writeHead(status);
      res.end('a');
    });
    const { url } = await listen(server, [], () => 0, { scheme: 'https' });
    const other = await startBackend('b');
    const front = await startToldFront({
      ...sender,
      members: [
        { url, route: 'a', tls: { ca }, ...checks },
        { url: other.url, route: 'b' },
        // Nobody trusts its certificate.
        { url: `${url}/untrusted`, route: 'c', ...checks },
      ],
    });
    const states = watchStates(front);
    await until(() => front.member('c').status === 'C');
    expect((await askInTurn(front.port, 4)).split(' ').sort()).toEqual(['a', 'a', 'b', 'b']);
    status = 500;
    await states.untilTold('a: ok -> C, checks-failed');
    expect(await askInTurn(front.port, 3)).toBe('b b b');
    status = 200;
    await states.untilTold('a: C -> ok, checks-passed');
    expect(new Set((await askInTurn(front.port, 4)).split(' '))).toEqual(new Set(['a', 'b']));
  });

  test('on a unix socket is checked there', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'balancer-'));
    folders.push(folder);
    const path = join(folder, 'a.sock');
    let status = 500;
    const server = createHttpServer((req, res) => {
      if (req.url === '/health') res.writeHead(status);
      res.end('a');
    });
    const { url } = await listen(server, [], () => 0, { path });
    const other = await startBackend('b');
    const front = await startToldFront({
      ...sender,
      members: [
        { url, route: 'a', ...checks },
        { url: other.url, route: 'b' },
      ],
    });
    await until(() => front.member('a').status === 'C');
    expect(await askInTurn(front.port, 3)).toBe('b b b');
    status = 200;
    await watchStates(front).untilTold('a: C -> ok, checks-passed');
    expect(new Set((await askInTurn(front.port, 4)).split(' '))).toEqual(new Set(['a', 'b']));
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
    await until(() => front.member('a').status === 'C');
  });
});
