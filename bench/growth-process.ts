import { join } from 'node:path';
import { questions, type Orders, type Question } from './growth-orders.ts';
import { saturate } from './load/closed-loop.ts';
import { writeRequest } from './load/fixed-rate.ts';
import type { Running } from './rig/running.ts';
import { startProcess } from './rig/start-process.ts';
import { readUsage } from './rig/usage.ts';
import type { Request } from './workloads/requests.ts';

const connections = 64;

/** A process, and what it is asked for. */
export type Subject = Readonly<{ process: Running; asked: readonly Request[] }>;

/** Starts a process whose growth is looked at, on the core of the proxies. */
export function startGrowing(orders: Orders): Promise<Running> {
  return startProcess({
    name: `growth (${orders.kind})`,
    command: process.execPath,
    args: ['--expose-gc', join(import.meta.dirname, 'growth-program.ts'), JSON.stringify(orders)],
  });
}

/** Asks it about itself. */
export async function ask({ name, port }: Running, question: Question): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}${questions}${question}`);
  if (!answer.ok) throw new Error(`${name} answers ${answer.status} when it is asked about itself`);
  return Number(await answer.text());
}

/** Asks on 64 connections for so long, for all of it in turn; tells how many were answered. */
export async function load(
  { name, port }: Running,
  durationMs: number,
  asked: readonly Request[] = [{}],
): Promise<number> {
  const requests = asked.map((each) => writeRequest(port, each));
  const { answered, failed } = await saturate({ port, requests, connections, durationMs });
  if (failed > 0 || answered === 0) throw new Error(`${name} has failed ${failed} of ${answered} requests`);
  return answered;
}

/** Its CPU time for one request, in microseconds. */
async function measureCost({ process, asked }: Subject, durationMs: number): Promise<number> {
  const before = readUsage(process.pid).cpuUs;
  const answered = await load(process, durationMs, asked);
  return (readUsage(process.pid).cpuUs - before) / answered;
}

/** CPU time for one request of each, in rounds that visit all of them: the figures of a round belong together. */
export async function measureCosts(
  subjects: readonly Subject[],
  { rounds, roundMs }: Readonly<{ rounds: number; roundMs: number }>,
): Promise<readonly (readonly number[])[]> {
  for (const { process, asked } of subjects) await load(process, 2 * roundMs, asked);
  const all: number[][] = [];
  for (let round = 0; round < rounds; round += 1) {
    const costs: number[] = [];
    for (const subject of subjects) costs.push(await measureCost(subject, roundMs));
    all.push(costs);
  }
  return all;
}
