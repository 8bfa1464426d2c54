import { lasting, type MemberFamily } from './families.ts';
import type { MemberFigures } from './figures.ts';
import { sumSamples, type Sample } from './sample.ts';

/** What members are called that are told together. */
export const restName = 'other';

/** The members at one moment: who has series of its own, and the others. */
export type Division = Readonly<{
  named: readonly MemberFigures[];
  /** Of all others together; undefined: there were never any. */
  rest: ((family: MemberFamily) => readonly Sample[]) | undefined;
}>;

/**
 * Divides the members of one balancer, time and again: the first `most` have series of their own. Who has begun among the
 * others stays there, and what they have counted is kept when they go: a counter that falls is taken for one that has
 * begun anew, and all of it for growth.
 */
export function createDivider(most: number): (members: readonly MemberFigures[]) => Division {
  let named = new Set<unknown>();
  let others = new Map<unknown, MemberFigures>();
  const gone = new Map<MemberFamily, readonly Sample[]>();

  function keep(figures: MemberFigures): void {
    for (const family of lasting) {
      gone.set(family, sumSamples([...(gone.get(family) ?? []), ...family.read(figures)]));
    }
  }

  return (members) => {
    const present = new Set(members.map(({ key }) => key));
    for (const [key, figures] of others) if (!present.has(key)) keep(figures);
    const before = others;
    named = new Set([...named].filter((key) => present.has(key)));
    others = new Map();
    for (const figures of members) {
      const { key, name } = figures;
      // Whoever is called like the rest is part of it: no two series may be the same.
      const isOther = before.has(key) || name === restName;
      if (!isOther && (named.has(key) || named.size < most)) named.add(key);
      else others.set(key, figures);
    }
    const hasRest = others.size > 0 || gone.size > 0;
    const all = [...others.values()];
    return {
      named: members.filter(({ key }) => named.has(key)),
      rest: hasRest
        ? (family) => sumSamples([...(gone.get(family) ?? []), ...all.flatMap((each) => family.read(each))])
        : undefined,
    };
  };
}
