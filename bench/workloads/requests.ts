import { request as askOnce } from 'node:http';
import { saturate } from '../load/closed-loop.ts';
import { measureAtRate, writeRequest } from '../load/fixed-rate.ts';
import type { Members } from '../members/start-members.ts';
import type { Peer } from '../peers/peer.ts';
import type { Running } from '../rig/running.ts';
import { readUsage } from '../rig/usage.ts';
import type { Workload } from './workload.ts';

/** One request of a workload. */
export type Request = Readonly<{ path?: string; headers?: Readonly<Record<string, string>>; body?: Buffer }>;

/** A workload of many requests that are alike. */
export type Requests = Readonly<{
  name: string;
  about: string;
  start(): Promise<Members>;
  sticky?: boolean;
  /** They are asked in turn. */
  requests: readonly [Request, ...Request[]];
  /** Length of each answer's body; undefined: not every proxy answers all of them as it should, which is counted. */
  answerBytes: number | undefined;
  extraPeers?: readonly Peer[];
}>;

const connections = 64;

/** Its figures: those of 64 connections that ask as fast as answers come, and those of a fixed rate. */
export function describeRequests({ name, about, start, sticky = false, ...of }: Requests): Workload {
  const { requests, answerBytes, extraPeers } = of;
  return {
    name,
    about,
    unit: 'request',
    ...(extraPeers && { extraPeers }),
    async prepare() {
      const { origins, by, stop } = await start();
      return { task: { members: origins, sticky, upgrades: false }, by, stop };
    },
    async check({ port }) {
      if (answerBytes !== undefined)
        for (const request of requests) await checkAnswer(port, request, answerBytes);
    },
    async measure(proxy, budgetMs) {
      const before = readUsage(proxy.pid);
      const load = await saturate({
        port: proxy.port,
        requests: requests.map((request) => writeRequest(proxy.port, request)),
        connections,
        durationMs: budgetMs,
      });
      const after = readUsage(proxy.pid);
      if (load.answered === 0) throw new Error(`${proxy.name} answers nothing`);
      return {
        cpuUs: (after.cpuUs - before.cpuUs) / load.answered,
        perSecond: load.perSecond,
        residentBytes: after.residentBytes,
        failed: load.failed,
      };
    },
    // One of the requests: what differs between them is the member.
    measureAt: (proxy: Running, perSecond, durationMs) =>
      measureAtRate(proxy.port, { perSecond, durationMs, connections, ...requests[0] }),
  };
}

const checkPatienceMs = 5_000;

function checkAnswer(port: number, { path = '/', headers, body }: Request, bytes: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = askOnce({
      host: '127.0.0.1',
      port,
      path,
      method: body ? 'POST' : 'GET',
      agent: false,
      headers: { ...headers, ...(body && { 'content-length': body.length }) },
      signal: AbortSignal.timeout(checkPatienceMs),
    });
    request.once('error', reject);
    request.once('response', (answer) => {
      let length = 0;
      answer.on('data', (chunk: Buffer) => (length += chunk.length));
      answer.once('error', reject);
      answer.once('end', () => {
        const isRight = answer.statusCode === 200 && length === bytes;
        if (isRight) resolve();
        else reject(new Error(`${path} is answered ${answer.statusCode ?? 0} with ${length} bytes`));
      });
    });
    request.end(body);
  });
}
