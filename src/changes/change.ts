import type { BalancerOptions } from '../definition/balancer-change.ts';
import type { MemberChangeOptions } from '../definition/member-change.ts';
import type { MemberDefinition } from '../definition/member-definition.ts';

/** What is to be done. `balancer`: its id in this manager, which is its name where no other has it. */
export type Deed =
  | Readonly<{
      /** Parameters and flags of a member. */
      kind: 'change';
      /** The balancer's id. */
      balancer: string;
      /** The member's name. */
      member: string;
      /** What is to be different. `inError` is done once: it neither expires nor is undone. */
      set: MemberChangeOptions;
    }>
  | Readonly<{
      /** Lets a member run empty. */
      kind: 'drain';
      /** The balancer's id. */
      balancer: string;
      /** The member's name. */
      member: string;
      /** When it is disabled, in milliseconds from then; undefined: never. */
      deadlineMs: number | undefined;
    }>
  | Readonly<{
      /** Adds a member. */
      kind: 'add';
      /** The balancer's id. */
      balancer: string;
      /** What it is. */
      member: MemberDefinition;
      /** What it was called when it was added; undefined before. */
      name: string | undefined;
    }>
  | Readonly<{
      /** Takes a member out. */
      kind: 'remove';
      /** The balancer's id. */
      balancer: string;
      /** The member's name. */
      member: string;
    }>
  | Readonly<{
      /** Options of the balancer. */
      kind: 'configure';
      /** The balancer's id. */
      balancer: string;
      /** What is to be different. */
      set: BalancerOptions;
    }>;

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
  /** What was done. */
  deed: Deed;
  /** What for, in their words; undefined: not said. */
  reason: string | undefined;
  /** When it undoes itself. */
  until: number | undefined;
  /** `in-force`: it holds. `done`: it was done once, and there is nothing to undo. `lost`: it fits no more. */
  state: 'in-force' | 'done' | 'undone' | 'expired' | 'lost';
  /** How it has ended. */
  ended:
    | Readonly<{
        /** When. */
        at: number;
        /** Who has undone it; undefined: nobody, its time was over or it fits no more. */
        by: string | undefined;
        /** Why, in a few words; undefined: not said. */
        why: string | undefined;
      }>
    | undefined;
  /** Why it does not hold in this process yet, where others share it and it is in force; left out: it does. */
  waiting?: string;
}>;
