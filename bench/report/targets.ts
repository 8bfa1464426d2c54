import { httpd } from '../peers/httpd.ts';
import { nginx } from '../peers/nginx.ts';
import {
  bareUndici,
  fastProxy,
  httpProxyMiddleware,
  ours,
  oursByHttpProxyMiddleware,
  socketPipe,
} from '../peers/node-peers.ts';
import type { Peer } from '../peers/peer.ts';

/** What ours is to reach, as a ratio within one run. */
export type Target = Readonly<{
  workload: string;
  /** `cpu`: CPU time a request (message, MiB); `p99`: at the same rate for both. */
  figure: 'cpu' | 'p99';
  of: string;
  to: string;
  atMost: number;
  /** The number itself is too much. */
  isBelow?: boolean;
}>;

const demand = (
  [workload, figure]: readonly [string, Target['figure']],
  [of, to]: readonly [Peer, Peer],
  atMost: number,
): Target => ({ workload, figure, of: of.name, to: to.name, atMost });

export const targets: readonly Target[] = [
  demand(['small', 'cpu'], [ours, bareUndici], 1.1),
  demand(['small', 'cpu'], [ours, httpProxyMiddleware], 0.55),
  demand(['small', 'cpu'], [ours, httpd], 0.65),
  { ...demand(['small', 'cpu'], [ours, fastProxy], 1), isBelow: true },
  demand(['small', 'cpu'], [ours, nginx], 2.2),
  demand(['small', 'cpu'], [oursByHttpProxyMiddleware, httpProxyMiddleware], 1.05),
  demand(['small', 'p99'], [ours, bareUndici], 1.2),
  demand(['download', 'cpu'], [ours, nginx], 1.15),
  demand(['upload', 'cpu'], [ours, nginx], 1.15),
  demand(['echo', 'cpu'], [ours, socketPipe], 1.1),
];
