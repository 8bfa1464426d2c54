import { hostname } from 'node:os';
import type { Balancer } from '../balancer.ts';
import { insideOf } from '../inside.ts';
import { createDivider, restName, type Division } from './divide-members.ts';
import type { Family, MemberFamily } from './families.ts';
import { readFigures, type BalancerFigures } from './figures.ts';
import type { MetricsOptions } from './metrics-options.ts';
import { createLookAtOthers } from './other-processes.ts';
import type { Labels, Sample } from './sample.ts';

/** One balancer at one moment, in one process. `labels`: what says which. */
type Picture = Readonly<{ labels: Labels; figures: BalancerFigures; members: Division }>;

/** What is kept of a balancer from one time to the next. */
type Kept = Readonly<{
  name: string;
  id: string;
  divide: ReturnType<typeof createDivider>;
  lookAtOthers: ReturnType<typeof createLookAtOthers>;
}>;

/** Reads the samples of a metric, as everything is now. */
export type Collect = (family: Family) => readonly Sample[] | Promise<readonly Sample[]>;

/** Of a balancer that shares nothing. */
const unshared = `${hostname()}:${process.pid}`;

/** Creates what reads the balancers. `list`: those that there are; it is asked once each time that metrics are read. */
export function createCollect(
  list: () => Iterable<Balancer>,
  { maxMembers, processes }: Pick<Required<MetricsOptions>, 'maxMembers' | 'processes'>,
): Collect {
  let kept: ReadonlyMap<Balancer, Kept> = new Map();
  let pictures: readonly Picture[] | undefined;
  let coming: Promise<readonly Picture[]> | undefined;

  function look(listed: Iterable<Balancer>): readonly Picture[] {
    const present = [...new Set(listed)].map((balancer) => ({
      balancer,
      figures: readFigures(insideOf(balancer)),
    }));
    const next = new Map<Balancer, Kept>();
    const isSame = (balancer: Balancer, { name }: BalancerFigures): boolean =>
      kept.get(balancer)?.name === name;
    // Whoever has an id stays what it is, so that counters do not change places.
    for (const { balancer, figures } of present) {
      if (isSame(balancer, figures)) next.set(balancer, kept.get(balancer)!);
    }
    const ids = new Set(Array.from(next.values(), ({ id }) => id));
    for (const { balancer, figures } of present) {
      if (next.has(balancer)) continue;
      const id = chooseId(figures.name, ids);
      ids.add(id);
      next.set(balancer, {
        name: figures.name,
        id,
        divide: createDivider(maxMembers),
        lookAtOthers: createLookAtOthers(maxMembers),
      });
    }
    kept = next;
    return present.flatMap(({ balancer, figures }) => picture(balancer, figures, next.get(balancer)!));
  }

  function picture(balancer: Balancer, figures: BalancerFigures, kept: Kept): readonly Picture[] {
    const members = kept.divide(figures.members);
    if (processes === 'own') return [{ labels: { balancer: kept.id }, figures, members }];
    const works = insideOf(balancer);
    const own = works.membership()?.report().process ?? unshared;
    return [{ process: own, figures, members }, ...kept.lookAtOthers(works)].map(({ process, ...each }) => ({
      ...each,
      labels: { balancer: kept.id, process },
    }));
  }

  /** A registry asks for all metrics in one go: they tell of the same moment. */
  function lookOnce(): readonly Picture[] {
    if (!pictures) {
      pictures = look(list());
      queueMicrotask(() => {
        pictures = undefined;
      });
    }
    return pictures;
  }

  /** What the other processes have counted is read first: once for all metrics of one go. */
  async function lookAtAll(): Promise<readonly Picture[]> {
    const listed = [...list()];
    await Promise.all(listed.flatMap((balancer) => insideOf(balancer).membership()?.totals.refresh() ?? []));
    return look(listed);
  }

  if (processes === 'own') return (family) => collect(family, lookOnce());
  return async (family) => {
    coming ??= lookAtAll().finally(() => {
      coming = undefined;
    });
    return collect(family, await coming);
  };
}

function collect(family: Family, pictures: readonly Picture[]): readonly Sample[] {
  return pictures.flatMap(({ labels, figures, members }) =>
    family.of === 'balancer' ? label(family.read(figures), labels) : collectMembers(family, labels, members),
  );
}

function collectMembers(family: MemberFamily, labels: Labels, { named, rest }: Division): readonly Sample[] {
  const samples = named.flatMap((figures) =>
    label(family.read(figures), { ...labels, member: figures.name }),
  );
  if (!rest || !family.isSum) return samples;
  return [...samples, ...label(rest(family), { ...labels, member: restName })];
}

function label(samples: readonly Sample[], labels: Labels): readonly Sample[] {
  return samples.map((sample) => ({ ...sample, labels: { ...labels, ...sample.labels } }));
}

/** Its name, or `name~2` for the second of that name. */
function chooseId(name: string, taken: ReadonlySet<string>): string {
  let id = name;
  for (let i = 2; taken.has(id); i += 1) id = `${name}~${i}`;
  return id;
}
