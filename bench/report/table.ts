import { ratioOf, spreadOf } from './ratios.ts';
import type { PeerResult, RateResult, WorkloadResult } from './results.ts';
import { showSpread } from './verdict.ts';

/** Who others are compared with; the first of `floors` that was measured is the floor. */
export type Compared = Readonly<{ ours: string; floors: readonly string[] }>;

type Column = Readonly<{ head: string; show(peer: PeerResult): string | undefined }>;

const mib = 1_048_576;
/** Less of the rate than that is answered: the figures are those of a queue. */
const enoughOfRate = 0.95;

/** Markdown: a workload, its proxies, and who is missing. */
export function writeTable(workload: WorkloadResult, compared: Compared): string {
  const columns = listColumns(workload, compared).filter(({ show }) =>
    workload.peers.some((peer) => show(peer) !== undefined),
  );
  const isBehind = workload.peers.some(({ atOwnRate, atSameRate }) =>
    [...atOwnRate, ...atSameRate].some(isQueue),
  );
  return [
    `### ${workload.name}`,
    '',
    `${workload.about}.`,
    '',
    writeLine(['', ...columns.map(({ head }) => head)]),
    writeLine(['---', ...columns.map(() => '---:')]),
    ...workload.peers.map((peer) =>
      writeLine([
        [peer.name, peer.version].filter((part) => part !== undefined).join(' '),
        ...columns.map(({ show }) => show(peer) ?? '–'),
      ]),
    ),
    '',
    ...(isBehind
      ? ['`*`: it was not answered as fast as it was asked, so these are waits in a queue.', '']
      : []),
    ...workload.leftOut.map(({ name, why }) => `- left out: ${name}: ${why}`),
    ...workload.broken.map(({ name, why }) => `- **failed**: ${name}: ${why}`),
  ].join('\n');
}

function writeLine(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function listColumns(workload: WorkloadResult, { ours, floors }: Compared): readonly Column[] {
  const find = (name: string): PeerResult | undefined => workload.peers.find((peer) => peer.name === name);
  const floor = floors.map(find).find((peer) => peer !== undefined);
  const { unit } = workload;
  const many = unit === 'MiB' ? unit : `${unit}s`;
  const asked = floor && spreadOf(floor.atSameRate.map(({ askedPerSecond }) => askedPerSecond));
  return [
    {
      head: `CPU µs a ${unit}`,
      show: ({ rounds }) =>
        showNumber(
          rounds.map(({ cpuUs }) => cpuUs),
          showUs,
        ),
    },
    compareWith(floor),
    compareWith(floor?.name === ours ? undefined : find(ours)),
    {
      head: `${many} a second`,
      show: ({ rounds }) =>
        showNumber(
          rounds.map(({ perSecond }) => perSecond),
          showCount,
        ),
    },
    showRate('p50 ms', 'p50Us'),
    showRate('p99 ms', 'p99Us'),
    showRate('p99.9 ms', 'p999Us'),
    {
      head: `p99 ms at ${asked ? showCount(asked.middle) : '?'} a second`,
      show: ({ atSameRate }) => showLatency(atSameRate, 'p99Us'),
    },
    {
      head: 'MiB resident',
      show: ({ rounds }) =>
        showNumber(
          rounds.map(({ residentBytes }) => residentBytes),
          (bytes) => (bytes / mib).toFixed(0),
        ),
    },
    { head: 'failed', show: countFailed },
  ];
}

function compareWith(other: PeerResult | undefined): Column {
  return {
    head: `÷ ${other?.name ?? ''}`,
    show(peer) {
      const ratio = other && ratioOf(peer.rounds, other.rounds, ({ cpuUs }) => cpuUs);
      return ratio && (peer === other ? '1' : showSpread(ratio));
    },
  };
}

type Quantile = 'p50Us' | 'p99Us' | 'p999Us';

/** Of the fixed rate, or of what the workload itself tells. */
function showRate(head: string, quantile: Quantile): Column {
  return {
    head,
    show: ({ atOwnRate, rounds }) =>
      showLatency(atOwnRate, quantile) ??
      showNumber(
        rounds.map((round) => round[quantile]),
        showMs,
      ),
  };
}

function showLatency(rates: readonly RateResult[], quantile: Quantile): string | undefined {
  const text = showNumber(
    rates.map((rate) => rate[quantile]),
    showMs,
  );
  return text !== undefined && rates.some(isQueue) ? `${text}*` : text;
}

function isQueue({ askedPerSecond, perSecond }: RateResult): boolean {
  return perSecond < enoughOfRate * askedPerSecond;
}

/** In all, at saturation and at the fixed rates. */
function countFailed({ rounds, atOwnRate, atSameRate }: PeerResult): string | undefined {
  const counts = [...rounds, ...atOwnRate, ...atSameRate].map(({ failed }) => failed);
  if (counts.every((count) => count === undefined)) return undefined;
  return showCount(counts.reduce<number>((sum, count) => sum + (count ?? 0), 0));
}

function showNumber(
  values: readonly (number | undefined)[],
  show: (value: number) => string,
): string | undefined {
  const spread = spreadOf(values);
  return spread && show(spread.middle);
}

function showUs(us: number): string {
  return us.toFixed(us < 1_000 ? 1 : 0);
}

function showMs(us: number): string {
  return (us / 1_000).toFixed(us < 10_000 ? 2 : 0);
}

function showCount(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}
