import { identifyMember } from '../roster/diff-members.ts';
import type { OtherBalancer } from '../sharing/shared-totals.ts';
import type { Works } from '../works.ts';
import { createDivider, restName, type Division } from './divide-members.ts';
import type { BalancerFigures, MemberFigures } from './figures.ts';

/** A balancer as another process tells of it. */
export type OtherPicture = Readonly<{ process: string; figures: BalancerFigures; members: Division }>;

/** Besides this process. */
const mostOthers = 63;
/** Who was not heard of for some time comes back with the same counts: which of its members had names is kept that long. */
const mostKept = 128;

/** A member of another process: what stands for it, and how often it had been chosen. */
type Known = Readonly<{ key: object; elected: number }>;

/** What is kept of a process from one time to the next. */
type Kept = Readonly<{ divide: ReturnType<typeof createDivider>; known: Map<string, Known> }>;

/** Creates what looks at the other processes that share one balancer, time and again; whoever is told stays in preference. */
export function createLookAtOthers(maxMembers: number): (works: Works) => readonly OtherPicture[] {
  const kept = new Map<string, Kept>();

  function keep(process: string): Kept {
    const each = kept.get(process) ?? { divide: createDivider(maxMembers), known: new Map<string, Known>() };
    // Those that were there last stand last.
    kept.delete(process);
    kept.set(process, each);
    for (const first of kept.keys()) if (kept.size > mostKept) kept.delete(first);
    return each;
  }

  return (works) => {
    const others = works.membership()?.totals.others() ?? [];
    const { settings, members } = works.now().parts;
    const names = new Map(
      members.view().map((member) => [identifyMember(member.settings), member.settings.name]),
    );
    const [before, come] = [true, false].map((is) =>
      others.filter(({ process }) => kept.has(process) === is),
    );
    return [...before!, ...come!].slice(0, mostOthers).map((other) => {
      const { divide, known } = keep(other.process);
      const figures = readOther(settings.name, other, names, known);
      return { process: other.process, figures, members: divide(figures.members) };
    });
  };
}

function readOther(
  name: string,
  { tally, waiting, members }: OtherBalancer,
  names: ReadonlyMap<string, string>,
  known: Map<string, Known>,
): BalancerFigures {
  const taken = new Set(names.values());
  const figures = Array.from(members, ([identity, member]): MemberFigures => {
    const before = known.get(identity);
    // It was taken out and added again there: what had been counted before counts on among those that have gone.
    const key = before && before.elected <= member.elected ? before.key : {};
    known.set(identity, { key, elected: member.elected });
    return { ...member, key, name: names.get(identity) ?? nameUnknown(identity, taken), own: undefined };
  });
  for (const identity of known.keys()) if (!members.has(identity)) known.delete(identity);
  return { name, tally, waiting, members: figures, sharing: undefined };
}

/** Only the other process has it: it is called by its server. No two series may be the same. */
function nameUnknown(identity: string, taken: Set<string>): string {
  const server = identity.replace(/^\|/, '');
  if (taken.has(server)) return restName;
  taken.add(server);
  return server;
}
