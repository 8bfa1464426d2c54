import type { StatusText } from '../member/status.ts';
import type { MemberParameters } from './member-definition.ts';

/** Parameters that a member takes over while it runs; the others need connections of their own. */
export type ChangeableParameters = Pick<
  MemberParameters,
  | 'loadfactor'
  | 'lbset'
  | 'max'
  | 'retry'
  | 'retryMax'
  | 'slowStart'
  | 'timeout'
  | 'hcmethod'
  | 'hcuri'
  | 'hcinterval'
  | 'hcpasses'
  | 'hcfails'
  | 'hctimeout'
  | 'hcheaders'
  | 'hcexpect'
>;

/** What may be taken away too. */
type Takeable<Parameters> = {
  readonly [Name in keyof Parameters]: Parameters[Name] | null;
};

/**
 * What is to be different about a member. What is left out stays as it is; `null` takes a parameter away, so that it is
 * again what `memberDefaults` say, or else its default.
 */
export type MemberChangeOptions = Takeable<ChangeableParameters> & {
  /** Sessions with the route that it had are no longer bound to it; its name stays. */
  readonly route?: string | null;
  /** Route of the member that takes over this member's sessions while it is unusable. */
  readonly redirect?: string | null;
  /** How long a request waits for a place at it while it serves its `max`, instead of `queueTimeout`. A number is in milliseconds. */
  readonly acquire?: MemberParameters['acquire'] | null;
  /** Flags to set and to clear, in letters or words: `'+D'`, `'-drain'`. */
  readonly status?: StatusText;

  // Flags one by one, after `status` where that is there too.

  /** Serves nobody (`D`). */
  readonly disabled?: boolean;
  /** Serves nobody, and no health check or retry brings it back (`S`). */
  readonly stopped?: boolean;
  /** Serves the sessions that are bound to it, and nobody else (`N`). */
  readonly drain?: boolean;
  /** Is left alone until `retry` is over (`E`). */
  readonly inError?: boolean;
  /** Failures do not put it in error (`I`). */
  readonly ignoreErrors?: boolean;
  /** Serves when no other member of its lbset can (`H`). */
  readonly hotStandby?: boolean;
  /** Takes the place of one unusable member of its lbset (`R`). */
  readonly hotSpare?: boolean;
};

/** A change of a member: status letters or words (`'+D'`, `'-drain'`), or what is to be different. */
export type MemberChange = StatusText | MemberChangeOptions;
