import { afterEach, describe, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { insideOf } from '../../src/inside.ts';
import { createSharedState } from '../../src/sharing/create-shared-state.ts';
import type { Hub } from '../../src/sharing/hub.ts';
import type { SharedState } from '../../src/sharing/membership.ts';
import { registerMetrics } from '../../src/metrics/index.ts';
import type { BalancerReport, Report } from '../../src/manager/survey/report.ts';
import { ask } from '../support/ask.ts';
import { startBackend } from '../support/backend.ts';
import { startFront, type Front } from '../support/front.ts';
import { startHolding } from '../support/holding.ts';
import { tidyUp, until } from '../support/idle.ts';
import { startManaged, stopManaged, type Managed } from '../support/managed.ts';
import { createMemoryNet, type TestHub } from '../support/memory-net.ts';
import { readExposition, tabulate } from '../support/prometheus.ts';
import { readTags } from '../unit/manager/page/look-at-html.ts';

afterEach(async () => {
  await stopManaged();
  await tidyUp();
});

function share(hub: Hub): SharedState {
  const log = (): void => undefined;
  return createSharedState(hub, { logger: { info: log, warn: log, error: log }, busy: false });
}

/** Two processes with one balancer, and what looks on in the first. */
async function startTwo(
  members: readonly string[],
  change: (hub: TestHub) => Hub = (hub) => hub,
): Promise<Readonly<{ one: Front; other: Front; hubs: readonly TestHub[]; managed: Managed }>> {
  const net = createMemoryNet();
  const hubs = [net.hub(), net.hub()] as const;
  const one = await startFront({ name: 'shop', members, state: share(change(hubs[0])) });
  const other = await startFront({ name: 'shop', members, state: share(hubs[1]) });
  const managed = await startManaged({ balancers: [one.balancer] });
  return { one, other, hubs, managed };
}

async function readReport({ ask }: Managed): Promise<BalancerReport> {
  const { body } = await ask('/api/report');
  return (JSON.parse(body) as Report).balancers[0]!;
}

/** Requests so often, until all of them are counted as ended. */
async function serve({ port, balancer }: Front, count: number): Promise<void> {
  const { codes } = insideOf(balancer).now().parts.tally.balancer;
  const ended = (): number => codes.reduce((sum, each) => sum + each);
  const before = ended();
  await Promise.all(Array.from({ length: count }, () => ask(port)));
  await until(() => ended() === before + count && balancer.view().every(({ busy }) => busy === 0));
}

test('the manager shows what all processes have counted, from the first page on', async () => {
  const backend = await startBackend('a');
  const { one, other, hubs, managed } = await startTwo([backend.url]);
  await serve(one, 2);
  await serve(other, 3);
  const page = await managed.ask('/');
  expect(page.body).toContain('Counts are sums of 2 processes.');
  expect(page.body).toMatch(/data-cell="b\/shop\/requests"[^>]*>5</);

  const report = await readReport(managed);
  expect(report).toMatchObject({ requests: 5, errors: 0, inFlight: 0 });
  expect(report.members[0]).toMatchObject({ elected: 5, own: { elected: 2 } });
  expect(report.members[0]!.received).toBe(report.processes!.reduce((sum, each) => sum + each.received, 0));
  expect(report.processes).toMatchObject([
    { process: hubs[0]!.process, isThis: true, requests: 2, answers: 2 },
    { process: hubs[1]!.process, isThis: false, requests: 3, answers: 3 },
  ]);
  const xml = await managed.ask('/?xml=1');
  expect(xml.body).toContain('<httpd:elected>5</httpd:elected>');
  expect(xml.body).toContain(`<httpd:process>${hubs[0]!.process}</httpd:process>`);
});

test('a request under way in another process is one of a member’s', async () => {
  const holding = await startHolding();
  const { other, managed } = await startTwo([holding.url]);
  const answered = ask(other.port);
  await until(() => holding.held() === 1);
  const report = await readReport(managed);
  expect(report).toMatchObject({ inFlight: 1 });
  expect(report.members[0]).toMatchObject({ busy: 1, own: { busy: 0 } });
  holding.answer();
  await answered;
});

test('a process that ends takes its counts with it', async () => {
  const backend = await startBackend('a');
  const { one, other, hubs, managed } = await startTwo([backend.url]);
  await serve(one, 1);
  await serve(other, 3);
  expect(await readReport(managed)).toMatchObject({ requests: 4, sharing: { counted: 2 } });
  hubs[1]!.kill();
  expect(await readReport(managed)).toMatchObject({ requests: 1, sharing: { counted: 1 } });
});

test('alone, a process shows its own counts, and says why', async () => {
  const backend = await startBackend('a');
  const { one, other, hubs, managed } = await startTwo([backend.url]);
  await serve(one, 1);
  await serve(other, 3);
  await readReport(managed);
  hubs[0]!.cut();
  expect(await readReport(managed)).toMatchObject({
    requests: 1,
    sharing: { state: 'alone', processes: 0, why: 'cut' },
  });
  expect((await managed.ask('/')).body).toMatch(/Alone since [^<]*: cut\. This process is test:1:00000001\./);
});

test('the page waits for nobody who does not answer', async () => {
  const backend = await startBackend('a');
  const silent = (hub: TestHub): Hub => ({ ...hub, readTotals: () => new Promise(() => undefined) });
  const { one, managed } = await startTwo([backend.url], silent);
  await serve(one, 2);
  for (const path of ['/', '/?xml=1', '/api/report', '/api/balancers', '/api/balancers/shop']) {
    expect((await managed.ask(path)).status).toBe(200);
  }
  expect(await readReport(managed)).toMatchObject({ requests: 2, sharing: { state: 'shared', counted: 1 } });
});

describe('hostile names of processes', () => {
  const hostile = '"><img src=x onerror=alert(1)>\u202e\n';

  test('are nothing but text', async () => {
    const backend = await startBackend('a');
    const rename = (hub: TestHub): Hub => ({
      ...hub,
      process: hostile,
      readTotals: async () => (await hub.readTotals()).map((each) => ({ ...each, process: `${hostile}2` })),
    });
    const { one, other, managed } = await startTwo([backend.url], rename);
    await serve(other, 1);
    const { body } = await managed.ask('/');
    expect(body).toContain('this one is &quot;&gt;&lt;img src=x onerror=alert(1)&gt;.');
    expect(readTags(body).filter(({ name }) => name === 'img')).toEqual([]);
    const { body: xml } = await managed.ask('/?xml=1');
    expect(xml).not.toContain('<img');
    const { processes } = await readReport(managed);
    expect(processes!.map(({ process }) => process)).toEqual([
      '"><img src=x onerror=alert(1)>',
      '"><img src=x onerror=alert(1)>2',
    ]);

    const registry = new Registry();
    registerMetrics(registry, [one.balancer], { processes: 'all' });
    const told = readExposition(await registry.metrics());
    expect(tabulate(told, 'balancer_queue_length', ['process'])).toEqual({
      [hostile]: 0,
      [`${hostile}2`]: 0,
    });
  });
});

test('the metrics tell each process by itself, and what is in flight there', async () => {
  const backend = await startBackend('a');
  const { one, other, hubs } = await startTwo([backend.url]);
  const registry = new Registry();
  registerMetrics(registry, [one.balancer], { processes: 'all' });
  const read = async (name: string): Promise<Readonly<Record<string, number>>> =>
    tabulate(readExposition(await registry.metrics()), `balancer_${name}`, ['process']);
  await serve(one, 2);
  await serve(other, 3);
  const [me, you] = hubs.map(({ process }) => process);
  expect(await read('member_elected_total')).toEqual({ [me!]: 2, [you!]: 3 });
  expect(await read('member_up')).toEqual({ [me!]: 1 });
  expect(Object.keys(await read('shared_processes'))).toEqual([me]);
  hubs[1]!.kill();
  expect(await read('member_elected_total')).toEqual({ [me!]: 2 });
});

test('without a state, nothing is said of other processes', async () => {
  const managed = await startManaged();
  const { body } = await managed.ask('/api/report');
  const [balancer] = (JSON.parse(body) as Report).balancers;
  expect(balancer).not.toHaveProperty('sharing');
  expect(balancer).not.toHaveProperty('processes');
  expect(balancer!.members[0]).not.toHaveProperty('own');
  expect((await managed.ask('/?xml=1')).body).not.toContain('sharing');
});
