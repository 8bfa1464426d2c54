import type { Balancer } from '../balancer.ts';
import { insideOf } from '../inside.ts';
import { createDivider, restName, type Division } from './divide-members.ts';
import type { Family, MemberFamily } from './families.ts';
import { readFigures, type BalancerFigures } from './figures.ts';
import type { Sample } from './sample.ts';

/** One balancer at one moment. */
type Picture = Readonly<{ id: string; figures: BalancerFigures; members: Division }>;

/** What is kept of a balancer from one time to the next. */
type Kept = Readonly<{ name: string; id: string; divide: ReturnType<typeof createDivider> }>;

/** Reads the samples of a metric, as everything is now. */
export type Collect = (family: Family) => readonly Sample[];

/** Creates what reads the balancers. `list`: those that there are; it is asked once each time that metrics are read. */
export function createCollect(list: () => Iterable<Balancer>, maxMembers: number): Collect {
  let kept: ReadonlyMap<Balancer, Kept> = new Map();
  let pictures: readonly Picture[] | undefined;

  function look(): readonly Picture[] {
    const present = [...new Set(list())].map((balancer) => ({
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
      next.set(balancer, { name: figures.name, id, divide: createDivider(maxMembers) });
    }
    kept = next;
    return present.map(({ balancer, figures }) => {
      const { id, divide } = next.get(balancer)!;
      return { id, figures, members: divide(figures.members) };
    });
  }

  /** A registry asks for all metrics in one go: they tell of the same moment. */
  function lookOnce(): readonly Picture[] {
    if (!pictures) {
      pictures = look();
      queueMicrotask(() => {
        pictures = undefined;
      });
    }
    return pictures;
  }

  return (family) =>
    lookOnce().flatMap(({ id, figures, members }) =>
      family.of === 'balancer'
        ? label(family.read(figures), { balancer: id })
        : collectMembers(family, id, members),
    );
}

function collectMembers(
  family: MemberFamily,
  balancer: string,
  { named, rest }: Division,
): readonly Sample[] {
  const samples = named.flatMap((figures) =>
    label(family.read(figures), { balancer, member: figures.member.settings.name }),
  );
  if (!rest || !family.isSum) return samples;
  return [...samples, ...label(rest(family), { balancer, member: restName })];
}

function label(samples: readonly Sample[], labels: Sample['labels']): readonly Sample[] {
  return samples.map((sample) => ({ ...sample, labels: { ...labels, ...sample.labels } }));
}

/** Its name, or `name~2` for the second of that name. */
function chooseId(name: string, taken: ReadonlySet<string>): string {
  let id = name;
  for (let i = 2; taken.has(id); i += 1) id = `${name}~${i}`;
  return id;
}
