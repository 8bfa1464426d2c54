import type { Balancer } from '../balancer.ts';
import { describe } from '../definition/describe.ts';
import { insideOf } from '../inside.ts';
import { createCollect } from './collect.ts';
import { ExposedMetric } from './exposed-metric.ts';
import { families } from './families.ts';
import { readMetricsOptions, type MetricsOptions } from './metrics-options.ts';

/** What is needed of a registry of prom-client, whichever copy of it the app has. */
export type MetricsRegistry = Readonly<{
  /** Tells Prometheus' text from OpenMetrics. */
  contentType: string;
  // As methods, so that those fit which take metrics of prom-client's own classes.
  /** Adds a metric. */
  registerMetric(metric: object): void;
  /** The metric of a name; undefined: there is none. */
  getSingleMetric(name: string): unknown;
  /** Takes out the metric of a name. */
  removeSingleMetric(name: string): void;
}>;

/** Balancers, or a function that lists them: it is asked each time that the metrics are read. */
export type ListOfBalancers = Iterable<Balancer> | (() => Iterable<Balancer>);

/**
 * Adds the metrics of balancers to a registry of prom-client. They are read when the registry is; requests do nothing for
 * them. Returns how to take them out again. With `processes: 'all'` they are those of every process that shares a balancer,
 * each with its label `process`: nothing is added up, since what is added up falls when a process leaves.
 *
 * @throws {TypeError} for what is no registry or no list of balancers, and {Error} when the registry has such metrics.
 */
export function registerMetrics(
  registry: MetricsRegistry,
  balancers: ListOfBalancers,
  options: MetricsOptions = {},
): () => void {
  checkRegistry(registry);
  const { prefix, maxMembers, processes } = readMetricsOptions(options);
  const hasProcess = processes === 'all';
  const collect = createCollect(readList(balancers), { maxMembers, processes });
  const isOpenMetrics = (): boolean => registry.contentType.startsWith('application/openmetrics-text');
  const metrics = families.map(
    (family) => new ExposedMetric(family, `${prefix}${family.name}`, collect, { isOpenMetrics, hasProcess }),
  );
  const taken = metrics.find(({ name }) => registry.getSingleMetric(name) !== undefined);
  if (taken) {
    throw new Error(
      `the registry has a metric ${taken.name} already: hand all balancers to one registerMetrics, call what the first one returned, or write another prefix`,
    );
  }
  for (const metric of metrics) registry.registerMetric(metric);
  return () => {
    for (const metric of metrics) {
      // It may have been cleared, and filled by somebody else since.
      if (registry.getSingleMetric(metric.name) === metric) registry.removeSingleMetric(metric.name);
    }
  };
}

/** Balancers are functions, too. */
function isBalancer(value: unknown): boolean {
  try {
    insideOf(value as Balancer);
    return true;
  } catch {
    return false;
  }
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

function readList(balancers: unknown): () => Iterable<Balancer> {
  if (isBalancer(balancers)) throw new TypeError('balancers is one balancer: write [balancer]');
  if (typeof balancers === 'function') {
    return () => checkList((balancers as () => unknown)(), 'what the function for balancers has returned');
  }
  const list = [...checkList(balancers, 'balancers')];
  return () => list;
}

function checkList(list: unknown, what: string): readonly Balancer[] {
  if (!isIterable(list)) throw new TypeError(`${what} is ${describe(list)}: write a list of balancers`);
  const all = [...list];
  const i = all.findIndex((each) => !isBalancer(each));
  if (i === -1) return all as Balancer[];
  throw new TypeError(
    `${what}: number ${i + 1} is ${describe(all[i])}: write what createBalancer has returned`,
  );
}

function checkRegistry(registry: unknown): void {
  const names = ['registerMetric', 'getSingleMetric', 'removeSingleMetric'] as const;
  const isRegistry =
    typeof registry === 'object' &&
    registry !== null &&
    names.every((name) => typeof (registry as Record<string, unknown>)[name] === 'function');
  if (!isRegistry) {
    throw new TypeError(
      `registry is ${describe(registry)}: write a Registry of prom-client, such as its register`,
    );
  }
}
