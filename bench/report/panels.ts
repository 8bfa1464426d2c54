import type { Panel } from './plot.ts';
import { spreadOf } from './ratios.ts';
import type { PeerResult, WorkloadResult } from './results.ts';

/** CPU time and p99 of a workload, the least first; a figure that fewer than two have compares nothing. */
export function pickPanels(
  { peers, unit }: WorkloadResult,
  isOurs: (name: string) => boolean,
): readonly Panel[] {
  const bars = (
    values: (peer: PeerResult) => readonly (number | undefined)[],
    show: (us: number) => string,
  ): Panel['bars'] =>
    peers
      .flatMap((peer) => {
        const spread = spreadOf(values(peer));
        return spread ? [{ name: peer.name, value: spread.middle, isOurs: isOurs(peer.name) }] : [];
      })
      .toSorted((one, other) => one.value - other.value)
      .map((bar) => ({ ...bar, label: show(bar.value) }));
  return [
    {
      title: `CPU time a ${unit}`,
      bars: bars(
        ({ rounds }) => rounds.map(({ cpuUs }) => cpuUs),
        (us) => (us < 1_000 ? `${us.toFixed(1)} µs` : `${(us / 1_000).toFixed(2)} ms`),
      ),
    },
    {
      title: 'p99 at 60 % of what each answers at most',
      bars: bars(
        ({ atOwnRate }) => atOwnRate.map(({ p99Us }) => p99Us),
        (us) => `${(us / 1_000).toFixed(2)} ms`,
      ),
    },
  ].filter((panel) => panel.bars.length > 1);
}
