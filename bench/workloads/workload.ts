import type { RateFigures } from '../load/rate-run.ts';
import type { Peer, Task } from '../peers/peer.ts';
import type { Running } from '../rig/running.ts';

/** What a round has shown of a proxy. Figures that a workload has no word on are left out. */
export type Figures = Readonly<{
  /** CPU time of the proxy's process tree, in microseconds a request (a message, for WebSockets; a MiB, for transfers). */
  cpuUs?: number;
  /** Requests (messages, MiB) a second, at saturation. */
  perSecond?: number;
  /** Of answers at a fixed rate, from when each was due, in microseconds. */
  p50Us?: number;
  p99Us?: number;
  p999Us?: number;
  residentBytes?: number;
  /** Requests that were not answered as they should have been. */
  failed?: number;
}>;

/** Something that proxies are measured at. */
export type Workload = Readonly<{
  name: string;
  /** One sentence for the table. */
  about: string;
  /** What `cpuUs` and `perSecond` count: `'request'`, `'message'`, `'MiB'`. */
  unit: 'request' | 'message' | 'MiB';
  /** Starts what stands behind the proxies; `task` is for them, `by` tells what the members are. */
  prepare(): Promise<Readonly<{ task: Task; by?: string; stop(): Promise<void> }>>;
  /** Further proxies that only this workload is compared with, such as a plain socket pipe. */
  extraPeers?: readonly Peer[];
  /** One visit shows all and takes as long as it takes: proxies are not warmed, and there is one round. */
  once?: boolean;
  /** Fails with what is wrong with the answers of a proxy. */
  check?(proxy: Running): Promise<void>;
  /** One round at a proxy that runs and is warm; `budgetMs`: about how long it may take. */
  measure(proxy: Running, budgetMs: number): Promise<Figures>;
  /** How long answers take at a fixed rate. */
  measureAt?(proxy: Running, perSecond: number, durationMs: number): Promise<RateFigures>;
}>;
