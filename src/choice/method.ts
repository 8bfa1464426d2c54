import type { IncomingMessage } from 'node:http';
import type { MemberView } from '../member/member.ts';

/** Members that may be chosen: at least one. */
export type Candidates = readonly [MemberView, ...MemberView[]];

/** What a method may look at besides the candidates. */
export type MethodContext = Readonly<{
  /** The clock that the members' states were made with, in milliseconds. */
  now: number;
  /** A number from 0 up to 1, another one each time. */
  random: () => number;
  req: IncomingMessage;
}>;

/** A balancing method says who of the candidates is best, and nothing else (httpd `lbmethod`). */
export type Method = Readonly<{
  choose(candidates: Candidates, context: MethodContext): MemberView;
  /**
   * What an election among the candidates adds to the credit of each, in hundredths; the chosen one pays the sum.
   * Writes them into `shares`, which is long enough, and returns the sum. Undefined: the method keeps no credits.
   */
  share?(candidates: Candidates, now: number, shares: Float64Array): number;
  /** What it goes by of a member, in a few words for people. Undefined: nothing that a member has by itself. */
  tell?(member: MemberView, now: number): string;
}>;
