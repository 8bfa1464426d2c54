import { setImmediate as turn } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { stopBackends } from './backend.ts';
import { closeFronts, runningFronts, type Front } from './front.ts';
import { stopHandlers } from './handler.ts';
import { stopMembers } from './members.ts';
import { closeRawClients } from './raw-client.ts';
import { resumeTime } from './time.ts';

/** The clock that no test stops, and nobody sets. */
const now = performance.now.bind(performance);

/** Ends what a test has started, once every member is idle; fails when one never is. */
export async function tidyUp(): Promise<void> {
  jest.useRealTimers();
  resumeTime();
  closeRawClients();
  try {
    await until(() => runningFronts().every(isIdle));
  } finally {
    await closeFronts();
    await Promise.all([stopBackends(), stopHandlers(), stopMembers()]);
  }
}

/** Resolves once a condition holds: for what has no event of its own. Fails within a test's own time limit. */
export async function until(isSo: () => boolean): Promise<void> {
  const patience = now() + 20_000;
  while (!isSo()) {
    if (now() > patience) throw new Error(`waited in vain for ${isSo.toString()}`);
    await turn();
  }
}

/** Resolves when a number has stopped changing. */
export async function settles(read: () => number): Promise<void> {
  let last = read();
  let turns = 0;
  await until(() => {
    turns = read() === last ? turns + 1 : 0;
    last = read();
    return turns > 2_000;
  });
}

/** Whether no request is charged to any member. */
export function isIdle({ balancer }: Front): boolean {
  return balancer.view().every((member) => member.busy === 0);
}
