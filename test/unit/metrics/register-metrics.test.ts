import { describe, expect, jest, test } from '@jest/globals';
import { AggregatorRegistry, Counter, Registry, type RegistryContentType } from 'prom-client';
import { families } from '../../../src/metrics/families.ts';
import { registerMetrics } from '../../../src/metrics/index.ts';
import type { Membership } from '../../../src/sharing/membership.ts';
import { catchError } from '../../support/catch-error.ts';
import { createCounted, type Counted } from '../../support/counted.ts';
import { readExposition, tabulate, type Format, type MetricFamily } from '../../support/prometheus.ts';

const openMetrics: RegistryContentType = Registry.OPENMETRICS_CONTENT_TYPE;

/** A balancer with a bit of everything. */
function createBusy(name = 'shop', notation = 'a, b E'): Counted {
  const counted = createCounted(name, notation);
  const [a, b] = ['a', 'b'].map((each) => counted.tally.of(counted.member(each)));
  counted.tally.balancer.noteEnd(200, undefined, 40);
  counted.tally.balancer.noteEnd(503, 'ERR_BALANCER_CONNECT', 1);
  a!.noteAnswer(200);
  a!.noteOutcome('answered', 30);
  a!.noteSession('x', 0);
  b!.noteOutcome('connect', 1);
  b!.noteFailover('connect');
  const report: Membership['report'] = () => ({
    process: 'here:1:0000000a',
    status: { kind: 'shared', since: 0, processes: 2 },
  });
  counted.join({ report } as Membership);
  return counted;
}

function createRegistry(contentType: RegistryContentType = Registry.PROMETHEUS_CONTENT_TYPE): Registry {
  return new (Registry as new (contentType: RegistryContentType) => Registry)(contentType);
}

async function scrape(registry: Registry): Promise<ReadonlyMap<string, MetricFamily>> {
  const format: Format = registry.contentType === openMetrics ? 'openmetrics' : 'prometheus';
  return readExposition(await registry.metrics(), format);
}

const names = families.map(({ name }) => `balancer_${name}`);
const shortNames = names.map((name) => name.replace(/_total$/, ''));

describe('text', () => {
  test('every line is as the format has it, for every metric', async () => {
    const registry = createRegistry();
    registerMetrics(registry, [createBusy().balancer]);
    const read = await scrape(registry);
    expect([...read.keys()]).toEqual(names);
    for (const { name, type, help } of families) {
      const family = read.get(`balancer_${name}`)!;
      expect(family).toMatchObject({ type, help });
      expect([name, family.series.length > 0]).toEqual([name, true]);
    }
  });

  test('so it is in OpenMetrics, with counters that end in _total', async () => {
    const registry = createRegistry(openMetrics);
    registerMetrics(registry, [createBusy().balancer]);
    const text = await registry.metrics();
    expect(text).toMatch(/\n# EOF\n$/);
    const read = readExposition(text, 'openmetrics');
    expect([...read.keys()]).toEqual(shortNames);
    expect(read.get('balancer_requests')!.series[0]!.name).toBe('balancer_requests_total');
  });

  test('one format after the other says the same', async () => {
    const registry = createRegistry();
    registerMetrics(registry, [createBusy().balancer]);
    const first = await registry.metrics();
    registry.setContentType(openMetrics as never);
    expect([...(await scrape(registry)).keys()]).toEqual(shortNames);
    expect((await registry.getMetricsAsJSON()).map(({ name }) => name)).toEqual(names);
    registry.setContentType(Registry.PROMETHEUS_CONTENT_TYPE);
    expect(await registry.metrics()).toBe(first);
  });

  test.each([
    ['Prometheus', Registry.PROMETHEUS_CONTENT_TYPE, 'balancer_errors_total'],
    ['OpenMetrics', openMetrics, 'balancer_errors'],
  ])('one metric alone reads like among the others: %s', async (_, contentType, name) => {
    const registry = createRegistry(contentType);
    registerMetrics(registry, [createBusy().balancer]);
    const text = await registry.getSingleMetricAsString('balancer_errors_total');
    expect(text).toContain(`# TYPE ${name} counter\n`);
    expect(text).toContain('\nbalancer_errors_total{balancer="shop",reason="connect"} 1');
    expect(await registry.metrics()).toContain(text);
  });

  test.each(['say "hi"', 'two\nlines', 'back\\slash', 'back\\nslash', 'a,b="c"}', 'é漢🙂', '{}', '# HELP x'])(
    'a name like %j arrives as it is',
    async (name) => {
      const counted = createCounted(name, 'a');
      const member = counted.member('a');
      member.settings = { ...member.settings, name, route: name };
      for (const contentType of [Registry.PROMETHEUS_CONTENT_TYPE, openMetrics]) {
        const registry = createRegistry(contentType);
        registerMetrics(registry, [counted.balancer]);
        const [up] = (await scrape(registry)).get('balancer_member_up')!.series;
        expect(up!.labels).toEqual({ balancer: name, member: name });
      }
    },
  );

  test('labels of the registry stand beside its own, and do not replace them', async () => {
    const registry = createRegistry();
    registry.setDefaultLabels({ host: 'web1', balancer: 'mine' });
    registerMetrics(registry, [createBusy().balancer]);
    for (const { series } of (await scrape(registry)).values()) {
      for (const { labels } of series) expect(labels).toMatchObject({ host: 'web1', balancer: 'shop' });
    }
    const json = await registry.getMetricsAsJSON();
    for (const { values } of json) {
      for (const { labels } of values) expect(labels).toMatchObject({ host: 'web1', balancer: 'shop' });
    }
  });
});

describe('which balancers', () => {
  test('a function is asked once for each reading, and balancers come and go', async () => {
    const registry = createRegistry();
    const list = new Set([createBusy('one').balancer]);
    const ask = jest.fn(() => list);
    registerMetrics(registry, ask);
    expect(ask).not.toHaveBeenCalled();
    const up = async () =>
      Object.keys(tabulate(await scrape(registry), 'balancer_queue_length', ['balancer']));
    expect(await up()).toEqual(['one']);
    expect(ask).toHaveBeenCalledTimes(1);
    list.add(createBusy('two').balancer);
    expect(await up()).toEqual(['one', 'two']);
    list.clear();
    expect(await up()).toEqual([]);
    expect(ask).toHaveBeenCalledTimes(3);
  });

  test('a list is as it was when it was handed in', async () => {
    const registry = createRegistry();
    const list = [createBusy('one').balancer];
    registerMetrics(registry, list);
    list.push(createBusy('two').balancer);
    expect((await scrape(registry)).get('balancer_queue_length')!.series).toHaveLength(1);
  });

  test('the second of one name is told apart, and stays what it is called when the first has gone', async () => {
    const [first, second, third] = ['shop', 'shop', 'shop'].map((name) => createCounted(name, 'a'));
    for (const [i, each] of [first, second, third].entries()) each!.setWaiting(i + 1);
    let list = [first!.balancer, second!.balancer, second!.balancer];
    const registry = createRegistry();
    registerMetrics(registry, () => list);
    const read = async () => tabulate(await scrape(registry), 'balancer_queue_length', ['balancer']);
    expect(await read()).toEqual({ shop: 1, 'shop~2': 2 });
    list = [second!.balancer, third!.balancer];
    expect(await read()).toEqual({ 'shop~2': 2, shop: 3 });
    second!.rename('cart');
    expect(await read()).toEqual({ cart: 2, shop: 3 });
  });

  test('what the function throws fails the reading, and the next one is asked again', async () => {
    const registry = createRegistry();
    let isReady = false;
    registerMetrics(registry, () => {
      if (!isReady) throw new Error('not yet');
      return [createBusy().balancer];
    });
    await expect(registry.metrics()).rejects.toThrow('not yet');
    isReady = true;
    expect((await scrape(registry)).size).toBe(names.length);
  });

  test.each([
    ['balancers is one balancer: write [balancer]', () => createCounted('x', 'a').balancer],
    [
      "balancers: number 2 is 'shop': write what createBalancer has returned",
      () => [createCounted('x', 'a').balancer, 'shop'],
    ],
    ['balancers is missing: write a list of balancers', () => undefined],
    ['balancers is an object: write a list of balancers', () => ({})],
  ])('%s', (message, make) => {
    expect(() => registerMetrics(createRegistry(), make() as never)).toThrow(message);
  });

  test.each([
    [undefined, 'what the function for balancers has returned is missing: write a list of balancers'],
    [
      [1],
      'what the function for balancers has returned: number 1 is 1: write what createBalancer has returned',
    ],
  ])('a function that returns %j fails the reading', async (list, message) => {
    const registry = createRegistry();
    registerMetrics(registry, (() => list) as never);
    await expect(registry.metrics()).rejects.toThrow(message);
  });
});

describe('the registry', () => {
  test('two calls on one are refused, and nothing of the second is there', async () => {
    const registry = createRegistry();
    registerMetrics(registry, [createBusy('one').balancer]);
    expect(() => registerMetrics(registry, [createBusy('two').balancer])).toThrow(
      'the registry has a metric balancer_requests_total already: hand all balancers to one registerMetrics',
    );
    expect((await scrape(registry)).get('balancer_queue_length')!.series).toHaveLength(1);
  });

  test('a metric of the app that is called alike is named, and nothing is registered', () => {
    const registry = createRegistry();
    new Counter({ name: 'balancer_failovers_total', help: 'x', registers: [registry] });
    expect(() => registerMetrics(registry, [])).toThrow('has a metric balancer_failovers_total already');
    expect(registry.getMetricsAsArray()).toHaveLength(1);
  });

  test('another prefix is another set of metrics', async () => {
    const registry = createRegistry();
    registerMetrics(registry, [createBusy('one').balancer]);
    registerMetrics(registry, [createBusy('two').balancer], { prefix: 'edge_' });
    registerMetrics(registry, [createBusy('three').balancer], { prefix: '' });
    const read = await scrape(registry);
    expect(read.size).toBe(3 * names.length);
    expect(read.get('edge_requests_total')!.series[0]!.labels['balancer']).toBe('two');
    expect(read.get('requests_total')!.series[0]!.labels['balancer']).toBe('three');
  });

  test('what it returns takes the metrics out again, also after OpenMetrics was written', async () => {
    const registry = createRegistry(openMetrics);
    const own = new Counter({ name: 'own', help: 'x', registers: [registry] });
    const unregister = registerMetrics(registry, [createBusy().balancer]);
    await registry.metrics();
    unregister();
    expect(registry.getMetricsAsArray()).toEqual([own]);
    unregister();
    registerMetrics(registry, [createBusy().balancer]);
    expect(registry.getMetricsAsArray()).toHaveLength(1 + names.length);
    unregister();
    expect(registry.getMetricsAsArray()).toHaveLength(1 + names.length);
  });

  test('one that was cleared takes them again', async () => {
    const registry = createRegistry();
    registerMetrics(registry, [createBusy().balancer]);
    registry.clear();
    expect(await registry.metrics()).toBe('\n');
    registerMetrics(registry, [createBusy().balancer]);
    expect((await scrape(registry)).size).toBe(names.length);
  });

  test('resetMetrics passes: the balancers count on', async () => {
    const registry = createRegistry();
    registerMetrics(registry, [createBusy().balancer]);
    const before = await registry.metrics();
    registry.resetMetrics();
    expect(await registry.metrics()).toBe(before);
  });

  test('two merged ones tell what each tells', async () => {
    const [one, two] = [createRegistry(), createRegistry()];
    registerMetrics(one, [createBusy('one').balancer]);
    registerMetrics(two, [createBusy('two').balancer], { prefix: 'edge_' });
    const merged = Registry.merge([one, two]);
    expect(await merged.metrics()).toBe(`${(await one.metrics()).trimEnd()}\n\n${await two.metrics()}`);
    const copy = Registry.merge([one]);
    copy.setContentType(openMetrics as never);
    expect([...(await scrape(copy)).keys()]).toEqual(shortNames);
    expect([...(await scrape(one)).keys()]).toEqual(names);
  });

  test('each metric is found by its name', async () => {
    const registry = createRegistry();
    registerMetrics(registry, [createBusy().balancer]);
    const { values } = await registry.getSingleMetric('balancer_member_up')!.get();
    expect(values).toEqual([
      { labels: { balancer: 'shop', member: 'a' }, value: 1 },
      { labels: { balancer: 'shop', member: 'b' }, value: 0 },
    ]);
  });
});

describe('a cluster', () => {
  async function aggregate(...balancers: readonly Counted[]): Promise<ReadonlyMap<string, MetricFamily>> {
    const parts = await Promise.all(
      balancers.map(async ({ balancer }) => {
        const registry = createRegistry();
        registerMetrics(registry, [balancer]);
        // As it travels between processes.
        return JSON.parse(JSON.stringify(await registry.getMetricsAsJSON())) as object;
      }),
    );
    return scrape(AggregatorRegistry.aggregate<typeof Registry.PROMETHEUS_CONTENT_TYPE>(parts));
  }

  test('one process alone is told as it is', async () => {
    const registry = createRegistry();
    const counted = createBusy();
    registerMetrics(registry, [counted.balancer]);
    expect(await aggregate(counted)).toEqual(await scrape(registry));
  });

  test('counts are added up, and a state is told when any process sees it', async () => {
    const [one, two] = [createBusy('shop', 'a, b E'), createBusy('shop', 'a D, b')];
    one.member('a').busy = 1;
    two.member('a').busy = 2;
    one.tally.of(one.member('a')).noteSession('y', 0);
    const read = await aggregate(one, two);
    const of = (name: string, labels: readonly string[]) => tabulate(read, `balancer_${name}`, labels);
    expect(of('requests_total', ['code'])).toMatchObject({ '2xx': 2, '5xx': 2 });
    expect(of('attempts_total', ['member', 'outcome'])).toEqual({ 'a answered': 2, 'b connect': 2 });
    expect(of('response_time_seconds', ['member', 'le'])).toMatchObject({ 'a 0.025': 0, 'a 0.05': 2 });
    expect(of('requests_in_flight', ['member'])).toEqual({ a: 3, b: 0 });
    expect(of('member_up', ['member'])).toEqual({ a: 0, b: 0 });
    expect(of('member_state', ['member', 'state'])).toMatchObject({
      'a ok': 1,
      'a disabled': 1,
      'b in_error': 1,
      'b draining': 0,
    });
    expect(of('member_loadfactor', ['member'])).toEqual({ a: 1, b: 1 });
    expect(of('member_sessions', ['member'])).toEqual({ a: 2 });
    expect(of('member_info', ['member', 'url'])).toEqual({ 'a http://a/': 1, 'b http://b/': 1 });
  });
});

describe('what it is asked for', () => {
  test.each([
    [{ prefix: 'my-' }, "prefix is 'my-': it must be the beginning of a name"],
    [{ prefix: '1_' }, "prefix is '1_'"],
    [
      { prefix: 7 },
      "prefix is 7: it must be the beginning of a name: letters, digits, _ and :, and no digit first; write 'balancer_'",
    ],
    [
      { maxMembers: 0 },
      'maxMembers is 0: it must be how many members have series of their own; write a whole number from 1 up',
    ],
    [
      { maxMembers: '10' },
      "maxMembers is '10': it must be how many members have series of their own; write 10",
    ],
    [{ maxMembers: Infinity }, 'maxMembers is Infinity'],
    [{ maxmembers: 10 }, 'maxmembers is 10: there is no such option; write maxMembers'],
    [{ buckets: [1] }, 'buckets is [1]: there is no such option; leave it out'],
    [null, 'options is null: it must be a record of options'],
    ['edge_', "options is 'edge_': it must be a record of options; write { prefix: 'balancer_' }"],
  ])('%j is refused', (options, message) => {
    const registry = createRegistry();
    expect(() => registerMetrics(registry, [], options as never)).toThrow(message);
    expect(registry.getMetricsAsArray()).toEqual([]);
  });

  test('everything that is wrong is told at once, under the code of definitions', () => {
    const error = catchError(() => registerMetrics(createRegistry(), [], { prefix: '-', maxMembers: 0 }));
    expect(error).toMatchObject({
      code: 'ERR_BALANCER_DEFINITION',
      problems: [{ path: 'prefix' }, { path: 'maxMembers' }],
    });
  });

  test.each([undefined, null, {}, 'register', { registerMetric: 1 }])('%j is no registry', (registry) => {
    expect(() => registerMetrics(registry as never, [])).toThrow('write a Registry of prom-client');
  });
});
