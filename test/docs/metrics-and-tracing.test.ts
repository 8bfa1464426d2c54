import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterAll, afterEach, describe, expect, jest, test } from '@jest/globals';
import express, { type Express, type RequestHandler } from 'express';
import { Registry } from 'prom-client';
import { parse } from 'yaml';
import { debug } from '../../src/debug.ts';
import type { AttemptOutcome } from '../../src/facts.ts';
import { createMember } from '../../src/member/member.ts';
import { labelsOf } from '../../src/metrics/exposed-metric.ts';
import { families } from '../../src/metrics/families.ts';
import { tellStates } from '../../src/metrics/figures.ts';
import * as metrics from '../../src/metrics/index.ts';
import { bucketBounds } from '../../src/metrics/sample.ts';
import { errorWords, queueWords } from '../../src/metrics/words.ts';
import { ask, askStatuses } from '../support/ask.ts';
import { deadUrl, startBackend, stopBackends } from '../support/backend.ts';
import { buildMember } from '../support/build-members.ts';
import { openGuide } from '../support/guide.ts';
import { until } from '../support/idle.ts';
import { readCode } from '../support/pages.ts';
import { readExposition, tabulate, type MetricFamily } from '../support/prometheus.ts';
import { RawClient } from '../support/raw-client.ts';
import { startHolding } from '../support/holding.ts';

const guide = openGuide('docs/metrics-and-tracing.md');
const { readSection, readTable } = guide;

afterEach(async () => {
  await guide.close();
  await stopBackends();
  jest.restoreAllMocks();
});

afterAll(guide.expectAllRun);

/** An app on a port of its own. */
async function listen(app: Express): Promise<number> {
  return guide.keep(app.listen(0, '127.0.0.1'));
}

const outcomes: Readonly<Record<AttemptOutcome, true>> = {
  pending: true,
  answered: true,
  discarded: true,
  'passed-on': true,
  upgraded: true,
  'client-gone': true,
  deadline: true,
  connect: true,
  'connect-timeout': true,
  reset: true,
  timeout: true,
  'bad-answer': true,
  'bad-request': true,
};

describe('/metrics', () => {
  async function start(): Promise<Readonly<{ port: number; register: Registry }>> {
    const backends = await Promise.all(['1', '2'].map((name) => startBackend(name)));
    const register = new Registry();
    const { app } = guide.run('Metrics', 0, {
      modules: { 'express-proxy-balancer/metrics': metrics, 'prom-client': { register } },
      replace: { 'http://localhost:4001': backends[0]!.url, 'http://localhost:4002': backends[1]!.url },
      wanted: ['app'],
    });
    return { port: await listen(app as Express), register };
  }

  async function scrape(port: number): Promise<ReadonlyMap<string, MetricFamily>> {
    const { status, headers, text } = await ask(port, { path: '/metrics' });
    expect([status, headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    return readExposition(text);
  }

  test('answers what Prometheus reads, in both of its formats', async () => {
    const { port, register } = await start();
    expect(await askStatuses(port, 4)).toEqual([200, 200, 200, 200]);
    const elected = tabulate(await scrape(port), 'balancer_member_elected_total', ['member']);
    expect(Object.values(elected)).toEqual([2, 2]);
    register.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never);
    const { headers, text } = await ask(port, { path: '/metrics' });
    expect(headers['content-type']).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    const openMetrics = readExposition(text, 'openmetrics');
    expect(Object.values(tabulate(openMetrics, 'balancer_member_elected', ['member']))).toEqual([2, 2]);
  });

  test('shows member_up to grep, as the page says', async () => {
    const { port } = await start();
    const { text } = await ask(port, { path: '/metrics' });
    expect(text.match(/^balancer_member_up\{.*\} 1$/gm)).toHaveLength(2);
  });

  test('has about as many series as the page says, once it has traffic', async () => {
    const [, members, ofHistogram, own] =
      /A member has about (\d+), of which (\d+) are its histogram; a balancer about (\d+)/.exec(guide.text) ??
      [];
    const { port } = await start();
    await askStatuses(port, 4);
    const all = [...(await scrape(port)).values()].flatMap(({ series }) => series);
    const ofMembers = all.filter(({ labels }) => 'member' in labels);
    expect(Math.abs(ofMembers.length / 2 - Number(members))).toBeLessThan(5);
    expect(Math.abs(all.length - ofMembers.length - Number(own))).toBeLessThan(8);
    const histogram = ofMembers.filter(({ name }) => name.startsWith('balancer_response_time_seconds_'));
    expect(histogram).toHaveLength(2 * Number(ofHistogram));
  });
});

describe('the tables of metrics', () => {
  test('every metric has a row with its type, its labels and its help, and every row is one', () => {
    const rows = readTable('Every metric').slice(1);
    const told = rows.map(([name, type, labels, help]) => [readCode(name!), type, readCode(labels!), help]);
    const real = families.map((family) => [
      [`balancer_${family.name}`],
      family.type,
      labelsOf(family),
      family.help,
    ]);
    expect(told).toEqual(real);
  });

  test('states and bounds of buckets are those that are told', () => {
    const line = readSection('Every metric')
      .split('\n')
      .find((each) => each.startsWith('`code` is'))!;
    const states = readCode(line.slice(line.indexOf('`state`'))).slice(1);
    expect(states).toEqual(Object.keys(tellStates(createMember(buildMember()))));
    const numbers = line.slice(line.indexOf('buckets')).match(/\d+(?:\.\d+)?/g) ?? [];
    expect(numbers.map(Number)).toEqual(bucketBounds);
  });
});

describe('what is asked of Prometheus', () => {
  type Rules = Readonly<{
    groups: readonly Readonly<{ name: string; rules: readonly Readonly<Record<string, string>>[] }>[];
  }>;
  const [block] = guide.findSnippets('yaml');
  const { groups } = parse(block!.code) as Rules;
  const rules = groups.flatMap((group) => group.rules);
  const queries = [
    ...rules.map(({ alert, expr }): [string, string] => [alert!, expr!]),
    ...readTable('Panels')
      .slice(1)
      .map(([panel, query]): [string, string] => [panel!, readCode(query!)[0]!]),
  ];

  /** What a label may say. */
  const words: Readonly<Record<string, readonly string[]>> = {
    code: ['none', '1xx', '2xx', '3xx', '4xx', '5xx'],
    state: Object.keys(tellStates(createMember(buildMember()))),
    reason: Object.values(errorWords),
    event: Object.values(queueWords),
    outcome: Object.keys(outcomes).map((outcome) => outcome.replaceAll('-', '_')),
  };

  /** The labels of each series of a metric, under the names that Prometheus knows them by. */
  const series = new Map(
    families.flatMap((family): [string, readonly string[]][] => {
      const [name, labels] = [`balancer_${family.name}`, labelsOf(family)];
      return family.type === 'histogram'
        ? [
            [`${name}_bucket`, [...labels, 'le']],
            [`${name}_sum`, labels],
            [`${name}_count`, labels],
          ]
        : [[name, labels]];
    }),
  );

  test('each alert has a name, a question and a time that it has to last', () => {
    expect(groups.map(({ name }) => name)).toEqual(['balancer']);
    for (const rule of rules) {
      expect(Object.keys(rule)).toEqual(['alert', 'expr', 'for']);
      expect(rule['for']).toMatch(/^\d+[sm]$/);
    }
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    // Errors, members that are down, the queue, retries, and p99 by member.
    for (const asked of ['errors_total', 'member_up', 'queue_events_total', 'failovers_total', '_bucket'])
      expect(rules.some(({ expr }) => expr!.includes(asked))).toBe(true);
  });

  test.each(queries)('%s: asks for series, labels and words that there are', (_name, query) => {
    const asked = [...query.matchAll(/\b(balancer_\w+)(?:\{([^}]*)\})?/g)];
    expect(asked.length).toBeGreaterThan(0);
    for (const [, name, matchers = ''] of asked) {
      expect([name, series.has(name!)]).toEqual([name, true]);
      for (const [, label, text] of matchers.matchAll(/(\w+)(?:=~|!~|!=|=)"([^"]*)"/g)) {
        expect(series.get(name!)).toContain(label);
        for (const word of text!.split('|')) expect(words[label!]).toContain(word);
      }
    }
    const known = new Set(['job', ...asked.flatMap(([, name]) => series.get(name!)!)]);
    for (const [, labels] of query.matchAll(/\bby \(([^)]*)\)/g))
      for (const label of labels!.split(', ')) expect([...known]).toContain(label);
    expect(query.split('(')).toHaveLength(query.split(')').length);
    // A counter is asked for its rate, and a rate of a gauge means nothing.
    for (const [, name] of asked) {
      const isCounted = /_(?:total|bucket|sum|count)$/.test(name!);
      expect([name, query.includes(`rate(${name!}`)]).toEqual([name, isCounted]);
    }
  });
});

describe('a log line for each request', () => {
  async function start(urls: readonly string[]): Promise<Readonly<{ port: number; lines: unknown[] }>> {
    const lines: unknown[] = [];
    const log = (line: string): unknown => lines.push(JSON.parse(line));
    const { logRequests } = guide.run('A log line for each request', 0, {
      names: { console: { log } },
      wanted: ['logRequests'],
    });
    const app = express();
    app.use(logRequests as RequestHandler);
    guide.run('In the browser', 0, {
      replace: { 'http://localhost:4001': urls[0]!, 'http://localhost:4002': urls[1]! },
    });
    app.use('/shop', guide.balancers.at(-1)!);
    return { port: await listen(app), lines };
  }

  test('tells what was tried, and no session', async () => {
    const backend = await startBackend('b');
    const { port, lines } = await start([await deadUrl(), backend.url]);
    await ask(port, { path: '/shop/cart;jsessionid=secret/x?token=secret' });
    await until(() => lines.length === 1);
    expect(lines).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as unknown,
        method: 'GET',
        path: '/shop/cart/x',
        status: 200,
        ms: expect.any(Number) as unknown,
        balancer: 'balancer',
        member: backend.url,
        routeChanged: false,
        waitedMs: expect.any(Number) as unknown,
        attempts: [
          { name: 'app1', outcome: 'connect', code: 'ECONNREFUSED' },
          { name: 'app2', outcome: 'answered', status: 200 },
        ],
      },
    ]);
    expect(JSON.stringify(lines)).not.toContain('secret');
  });

  test('is an error where the answer is one, and has no status where the client has left', async () => {
    const failing = await startBackend('a', (_req, res) => res.writeHead(500).end());
    const holding = await startHolding();
    const { port, lines } = await start([failing.url, holding.url]);
    await ask(port, { path: '/shop/' });
    const client = await RawClient.connect(port);
    client.write('GET /shop/ HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => holding.held() === 1);
    client.socket.destroy();
    await until(() => lines.length === 2);
    expect(lines).toMatchObject([{ level: 'error', status: 500 }, { attempts: [{ name: 'app2' }] }]);
    expect(lines[1]).not.toHaveProperty('status');
  });

  test('Server-Timing tells the browser the same, by routes', async () => {
    const backend = await startBackend('b');
    const { port } = await start([await deadUrl(), backend.url]);
    const { headers } = await ask(port, { path: '/shop/' });
    expect(headers['server-timing']).toMatch(/^member;desc="app2";dur=\d+\.\d, attempts;desc="2"$/);
    expect(guide.text).toMatch(/`Server-Timing: member;desc="app1";dur=\d+\.\d, attempts;desc="2"`/);
  });
});

test('events are on diagnostics_channel, of balancers that know nothing of it', async () => {
  const lines: string[] = [];
  const taken: [string, (message: unknown) => void][] = [];
  const channels = {
    subscribe(name: string, listener: (message: unknown) => void) {
      taken.push([name, listener]);
      subscribe(name, listener);
    },
  };
  guide.run('Events', 0, {
    modules: { 'node:diagnostics_channel': channels },
    names: { console: { log: (line: string) => lines.push(line) } },
  });
  try {
    const backend = await startBackend('b');
    const dead = await deadUrl();
    const app = express();
    const { createBalancer } = await import('../../src/index.ts');
    const balancer = createBalancer({
      name: 'shop',
      logger: false,
      members: [
        { url: dead, route: 'app1' },
        { url: backend.url, route: 'app2' },
      ],
    });
    app.use(balancer);
    const port = await listen(app);
    expect((await ask(port, { path: '/cart' })).status).toBe(200);
    await balancer.close();
    expect(lines).toEqual(['[shop] app1 is E: failed', '[shop] GET /cart: app1 connect, app2 is next']);
  } finally {
    for (const [name, listener] of taken) unsubscribe(name, listener);
  }
});

test('the parts that DEBUG prints are those that are named', () => {
  const [setting, ...names] = readCode(readSection('In a terminal'));
  expect(setting).toBe('DEBUG=express-proxy-balancer:* node app.js');
  expect(names.slice(0, -1)).toEqual(Object.keys(debug));
});

test('the spans are run elsewhere', () => {
  // test/integration/tracing.test.ts runs both over OpenTelemetry's own SDK.
  expect(guide.take('Traces')).toContain('traceAttempts');
  expect(guide.take('Traces', 1)).toContain('dropClientContext');
});
