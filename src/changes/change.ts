import type { BalancerOptions } from '../definition/balancer-change.ts';
import type { MemberChangeOptions } from '../definition/member-change.ts';
import type { MemberDefinition } from '../definition/member-definition.ts';

/** What is to be done. `balancer`: its id in this manager, which is its name where no other has it. */
export type Deed =
  /** Parameters and flags of a member. `inError` is done once: it neither expires nor is undone. */
  | Readonly<{ kind: 'change'; balancer: string; member: string; set: MemberChangeOptions }>
  /** Lets a member run empty; at the deadline, if there is one, it is disabled. */
  | Readonly<{ kind: 'drain'; balancer: string; member: string; deadlineMs: number | undefined }>
  /** `name`: what the member was called when it was added; undefined before. */
  | Readonly<{ kind: 'add'; balancer: string; member: MemberDefinition; name: string | undefined }>
  | Readonly<{ kind: 'remove'; balancer: string; member: string }>
  /** Options of the balancer. */
  | Readonly<{ kind: 'configure'; balancer: string; set: BalancerOptions }>;

/** A deed that somebody asks for, checked. */
export type ChangeRequest = Readonly<{
  deed: Deed;
  reason: string | undefined;
  /** It undoes itself after so long; undefined: never. */
  forMs: number | undefined;
}>;

/** One change that was made through the manager, as the log shows it, the API gives it and `onChange` hands it on: JSON. */
export type Change = Readonly<{
  /** Unique, and later ones are greater as text. */
  id: string;
  /** When it was made; milliseconds since 1970, here and below. */
  at: number;
  /** Who has made it. */
  by: string;
  deed: Deed;
  reason: string | undefined;
  /** When it undoes itself. */
  until: number | undefined;
  /** `in-force`: it holds. `done`: it was done once, and there is nothing to undo. `lost`: it fits no more. */
  state: 'in-force' | 'done' | 'undone' | 'expired' | 'lost';
  /** How it has ended. */
  ended: Readonly<{ at: number; by: string | undefined; why: string | undefined }> | undefined;
  /** Why it does not hold in this process yet, where others share it and it is in force; left out: it does. */
  waiting?: string;
}>;
