import type { Figures } from '../workloads/workload.ts';

/** How long answers took at a fixed rate. */
export type RateResult = Readonly<{
  /** What was asked for. */
  askedPerSecond: number;
  /** What was answered. */
  perSecond: number;
  p50Us: number;
  p99Us: number;
  p999Us: number;
  failed: number;
}>;

/** What a proxy has shown in a workload. */
export type PeerResult = Readonly<{
  name: string;
  version: string | undefined;
  /** Those of the same place were measured in the same round, at all proxies. */
  rounds: readonly Figures[];
  /** At 60 % of what it answers at most. */
  atOwnRate: readonly RateResult[];
  /** At 60 % of what the floor answers at most; none where that is too much for it. */
  atSameRate: readonly RateResult[];
}>;

/** Who is missing, and why. */
export type Absence = Readonly<{ name: string; why: string }>;

export type WorkloadResult = Readonly<{
  name: string;
  about: string;
  unit: 'request' | 'message' | 'MiB';
  peers: readonly PeerResult[];
  /** Not installed, or not made for this. */
  leftOut: readonly Absence[];
  /** What should have run and did not, or answered wrongly. */
  broken: readonly Absence[];
}>;

export type Results = Readonly<{
  /** ISO 8601. */
  date: string;
  /** Machine and versions, a sentence each. */
  setting: readonly string[];
  workloads: readonly WorkloadResult[];
}>;
