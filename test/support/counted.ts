import type { Balancer } from '../../src/balancer.ts';
import { showInside } from '../../src/inside.ts';
import { createMember, type Member } from '../../src/member/member.ts';
import type { Membership } from '../../src/sharing/membership.ts';
import { createTally } from '../../src/tally/create-tally.ts';
import type { Tally } from '../../src/tally/tally.ts';
import type { Works } from '../../src/works.ts';
import { buildMembers } from './build-members.ts';

/** A balancer that serves nobody: what it has counted is what a test counts. */
export type Counted = Readonly<{
  balancer: Balancer;
  tally: Tally;
  /** By name; the settings of each are those of `buildMembers`. */
  member(name: string): Member;
  add(notation: string): void;
  remove(name: string): void;
  rename(name: string): void;
  setWaiting(waiting: number): void;
  /** Shares its state from now on. */
  join(membership: Membership): void;
}>;

/** Creates one. `notation`: its members, as `buildMembers` takes them. */
export function createCounted(name: string, notation: string): Counted {
  const tally = createTally(1);
  let members: readonly Member[] = [];
  let settings = { name };
  let waiting = 0;
  let membership: Membership | undefined;
  const balancer = (() => undefined) as unknown as Balancer;
  const add = (more: string): void => {
    members = [...members, ...buildMembers(more).map(createMember)];
  };
  add(notation);
  const parts = () => ({
    settings,
    tally,
    members: { view: () => members },
    room: { size: () => waiting },
    now: () => 0,
  });
  // What else there is nobody asks for.
  const works = { now: () => ({ parts: parts() }), membership: () => membership };
  showInside(balancer, works as unknown as Works);
  return {
    balancer,
    tally,
    member: (wanted) => members.find((each) => each.settings.name === wanted)!,
    add,
    remove(gone) {
      members = members.filter((each) => each.settings.name !== gone);
    },
    rename(next) {
      settings = { name: next };
    },
    join(joined) {
      membership = joined;
    },
    setWaiting(count) {
      waiting = count;
    },
  };
}
