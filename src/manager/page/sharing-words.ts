import type { SharingSeen } from '../survey/report.ts';
import type { Cell } from './cells.ts';
import { formatCount } from './format.ts';
import { formatMoment } from './moment.ts';

/** How a balancer stands to other processes, in a sentence. `now`: milliseconds since 1970. */
export function tellSharing({ state, process, processes, since, why }: SharingSeen, now: number): Cell {
  const at = formatMoment(since, now);
  const because = why === undefined || why === '' ? '' : `: ${why}`;
  switch (state) {
    case 'joining':
      return { text: `On its way to the other processes; this one is ${process}.`, kind: 'info' };
    case 'shared':
      return processes > 1
        ? { text: `Shared by ${formatCount(processes)} processes; this one is ${process}.`, kind: 'ok' }
        : { text: `Shared, with no other process now; this one is ${process}.`, kind: 'ok' };
    case 'alone':
      return { text: `Alone since ${at}${because}. This process is ${process}.`, kind: 'warn' };
    case 'refused':
      return {
        text: `Refused by the others since ${at}${because}. This process is ${process}.`,
        kind: 'bad',
      };
    case 'closed':
      return { text: `Shares nothing any more since ${at}; this process is ${process}.`, kind: 'off' };
  }
}

/** Of how many processes the counts are. */
export function tellCounted({ counted }: SharingSeen): string {
  return counted > 1
    ? `Counts are sums of ${formatCount(counted)} processes.`
    : 'Counts are of this process.';
}
