/** What the process that is looked at is to be: JSON, its only argument. */
export type Orders = Readonly<
  /** A balancer of these. */
  | { kind: 'members'; members: readonly string[] }
  /** So many balancers of these, each mounted at a path of its own: `/0`, `/1`, … */
  | { kind: 'balancers'; members: readonly string[]; count: number }
  /** So many plain handlers at the same paths, for what Express's own routing costs. */
  | { kind: 'handlers'; count: number }
>;

/** Below this path it is asked about itself. */
export const questions = '/.growth/';

/** What it is asked, and answers with a number. */
export type Question =
  /** What is in use after garbage collection: on the heap and outside of it, in bytes. */
  | 'used'
  /** What each of so many members adds to that, whom nobody has asked for anything. */
  | `idle/${number}`;
