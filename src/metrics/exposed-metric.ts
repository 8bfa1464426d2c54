import type { Collect } from './collect.ts';
import type { Family } from './families.ts';

/** A series as prom-client has it. */
type Value = Readonly<{
  // Written to by prom-client, which adds default labels.
  labels: Record<string, string>;
  value: number;
  metricName?: string;
}>;

/** A metric as prom-client hands it on. */
export type Exposed = Readonly<
  Pick<Family, 'type' | 'help' | 'aggregator'> & { name: string; values: readonly Value[] }
>;

/** A metric as a registry of prom-client takes it: it has no numbers of its own, and looks them up when it is asked. */
export class ExposedMetric {
  /** A registry that writes OpenMetrics takes `_total` off it before it asks for a counter. */
  name: string;
  readonly type: Family['type'];
  readonly help: string;
  readonly aggregator: Family['aggregator'];
  readonly labelNames: readonly string[];
  readonly #fullName: string;
  readonly #family: Family;
  readonly #collect: Collect;
  readonly #isOpenMetrics: () => boolean;

  /** `isOpenMetrics`: what the registry writes that it belongs to. `hasProcess`: each series says of which process it is. */
  constructor(
    family: Family,
    name: string,
    collect: Collect,
    { isOpenMetrics, hasProcess }: Readonly<{ isOpenMetrics: () => boolean; hasProcess: boolean }>,
  ) {
    this.name = name;
    this.type = family.type;
    this.help = family.help;
    this.aggregator = family.aggregator;
    this.labelNames = labelsOf(family, hasProcess);
    this.#fullName = name;
    this.#family = family;
    this.#collect = collect;
    this.#isOpenMetrics = isOpenMetrics;
  }

  /** For JSON, and for the other processes of a cluster. */
  // Async, so that what the app's function throws ends that one answer, whoever asks.
  async get(): Promise<Exposed> {
    return this.#expose(this.#fullName);
  }

  /** For text. OpenMetrics names the family without `_total`, which prom-client puts behind each series of it. */
  async getForPromString(): Promise<Exposed> {
    const isShort = this.name !== this.#fullName || this.#isOpenMetrics();
    // Else it would be short for those who write the other format, too.
    this.name = this.#fullName;
    const isCounter = this.type === 'counter';
    return this.#expose(isShort && isCounter ? this.#fullName.replace(/_total$/, '') : this.#fullName);
  }

  /** Nothing: the balancers count for others, too. */
  reset(): void {
    return;
  }

  async #expose(name: string): Promise<Exposed> {
    const { type, help, aggregator } = this;
    const samples = await this.#collect(this.#family);
    const values = samples.map(({ labels, value, suffix }) =>
      suffix === undefined ? { labels, value } : { labels, value, metricName: `${name}${suffix}` },
    );
    return { name, type, help, aggregator, values };
  }
}

/** The names of all its labels. */
export function labelsOf({ of, labels }: Family, hasProcess = false): readonly string[] {
  return ['balancer', ...(hasProcess ? ['process'] : []), ...(of === 'member' ? ['member'] : []), ...labels];
}
