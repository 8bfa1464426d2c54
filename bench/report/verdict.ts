import { ratioOf, type Spread } from './ratios.ts';
import type { PeerResult, WorkloadResult } from './results.ts';
import type { Target } from './targets.ts';

/** One line for each target of these workloads. */
export function judgeTargets(
  targets: readonly Target[],
  workloads: readonly WorkloadResult[],
): readonly string[] {
  return workloads.flatMap((workload) =>
    targets.filter((target) => target.workload === workload.name).map((target) => judge(target, workload)),
  );
}

function judge(target: Target, workload: WorkloadResult): string {
  const { of, to, atMost, isBelow = false } = target;
  const what = target.figure === 'cpu' ? `CPU a ${workload.unit}` : 'p99 at the same rate';
  const line = `${workload.name}: ${what}, ${of} ÷ ${to}`;
  const demanded = `target ${isBelow ? 'below' : 'at most'} ${atMost.toFixed(2)}`;
  const [one, other] = [of, to].map((name) => workload.peers.find((peer) => peer.name === name));
  const ratio = one && other && compare(target, one, other);
  // It was not asked at a rate that is more than it answers.
  if (!ratio && target.figure === 'p99' && one && other && other.atSameRate.length > 0)
    return `| missed | ${line} | it does not answer that many | ${demanded} |`;
  if (!ratio) return `| not measured | ${line} | – | ${demanded} |`;
  const isMet = isBelow ? ratio.middle < atMost : ratio.middle <= atMost;
  return `| ${isMet ? 'met' : 'missed'} | ${line} | ${showSpread(ratio)} | ${demanded} |`;
}

function compare({ figure }: Target, one: PeerResult, other: PeerResult): Spread | undefined {
  return figure === 'cpu'
    ? ratioOf(one.rounds, other.rounds, ({ cpuUs }) => cpuUs)
    : ratioOf(one.atSameRate, other.atSameRate, ({ p99Us }) => p99Us);
}

/** The middle one, and between which ones it is: `1.08 (1.05–1.12)`. */
export function showSpread({ middle, from, to }: Spread): string {
  return `${middle.toFixed(2)} (${from.toFixed(2)}–${to.toFixed(2)})`;
}
