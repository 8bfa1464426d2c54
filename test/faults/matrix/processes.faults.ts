import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { MemberParameters } from '../../../src/index.ts';
import { ask } from '../../support/ask.ts';
import { senders, startFront } from '../../support/front.ts';
import { until } from '../../support/idle.ts';
import { startExecutor } from '../support/cases/executor.ts';
import { askForHead, executionsOfProcess, exhaust, readOn } from '../support/cases/processes.ts';
import { requestCases } from '../support/cases/requests.ts';
import { promises, type Progress } from '../support/cases/rule.ts';
import { askCell, findWrong, timeoutMs, type Cell, type Executions } from '../support/cases/run.ts';
import { noteWhatIsThere, nothingIsLeft } from '../support/leftovers.ts';
import { startMember, stopMembers, type MemberProcess } from '../support/member-process.ts';

beforeEach(noteWhatIsThere);
afterEach(async () => {
  await stopMembers();
  await nothingIsLeft();
});

const mostDescriptors = 60;
const retryMs = 1_000;
/** Until a member that is back has its first request: its `retry`, and what a busy machine adds to that. */
const mostMs = retryMs + 5_000;

type Pair = Readonly<{
  a: MemberProcess;
  executions: Executions;
  port: number;
  /** Each kind of request, all at the same time. */
  askAll(path?: string): readonly Promise<Cell>[];
  /** Asks until the first member answers again; tells how long that took. */
  comesBack(): Promise<number>;
}>;

/** A front over a process, which every request tries first, and a member that is well. */
async function startPair(
  sender: object,
  parameters: MemberParameters = {},
  limits: Readonly<{ mostDescriptors?: number }> = {},
): Promise<Pair> {
  const a = await startMember('a', limits);
  const b = await startExecutor('b');
  const { port } = await startFront({
    ...sender,
    members: [
      { url: a.url, timeout: '1m', retry: `${retryMs}ms`, ...parameters },
      { url: b.url, lbset: 1, timeout: '1m' },
    ],
  });
  const executions: Executions = { a: () => executionsOfProcess(a), b: () => b.executions };
  return {
    a,
    executions,
    port,
    askAll: (path) => requestCases.map((request) => askCell(port, request, executions, path)),
    async comesBack() {
      const since = performance.now();
      while ((await ask(port)).headers['x-member'] !== 'a');
      return performance.now() - since;
    },
  };
}

async function findAllWrong(
  progress: Progress,
  cells: readonly Promise<Cell>[],
  code: 'ERR_BALANCER_RESET' | 'ERR_BALANCER_TIMEOUT' = 'ERR_BALANCER_RESET',
): Promise<readonly string[]> {
  return findWrong({ progress, code, isSilent: code === 'ERR_BALANCER_TIMEOUT' }, await Promise.all(cells));
}

describe.each(senders)('over %s: a process that', (_name, sender) => {
  test(`is killed before it answers: ${promises.sent}`, async () => {
    const { a, askAll } = await startPair(sender);
    const cells = askAll('/?ms=60000');
    await until(() => a.begun.length === requestCases.length);
    await a.kill();

    expect(await findAllWrong('sent', cells)).toEqual([]);
    expect(a.done).toEqual([]);
  });

  test(`is killed in the middle of its answers: ${promises.begun}`, async () => {
    const { a, executions, port } = await startPair(sender);
    const asked = requestCases.filter(({ isLong }) => !isLong);
    const heads = await Promise.all(asked.map((request) => askForHead(port, '/?bytes=16000000', request)));
    await a.kill();

    const endings = await Promise.all(heads.map(readOn));
    expect(new Set(endings)).toEqual(new Set(['cut']));
    expect(executions.a()).toHaveLength(asked.length);
    expect(executions.b()).toEqual([]);
  });

  test(`is killed while it is idle: ${promises.unsure}; and it is back within its retry`, async () => {
    const { a, askAll, comesBack } = await startPair(sender);
    expect(await findAllWrong('answered', askAll())).toEqual([]);
    await a.kill();
    expect(await findAllWrong('unsure', askAll())).toEqual([]);

    await a.start();
    expect(await comesBack()).toBeLessThan(mostMs);
    expect(await findAllWrong('answered', askAll())).toEqual([]);
  });

  test(`is stopped and goes on: ${promises.sent}`, async () => {
    const { a, askAll, comesBack, executions } = await startPair(sender, { timeout: `${timeoutMs}ms` });
    await comesBack();
    a.signal('SIGSTOP');
    expect(await findAllWrong('sent', askAll(), 'ERR_BALANCER_TIMEOUT')).toEqual([]);

    a.signal('SIGCONT');
    expect(await comesBack()).toBeLessThan(mostMs);
    // What it finds when it goes on it may execute still: no more than once.
    const posts = executionsOfPosts(a);
    expect(new Set(posts).size).toBe(posts.length);
    expect(executions.b().filter(({ id }) => posts.includes(id))).toEqual([]);
  });

  test(`runs out of descriptors: ${promises.unsure}; and it is back when it has some`, async () => {
    const { a, askAll, comesBack } = await startPair(sender, {}, { mostDescriptors });
    const giveBack = await exhaust(a, mostDescriptors);
    const cells = await Promise.all(askAll());
    // What a process opens for itself and closes again is a descriptor for somebody.
    const served = cells.filter(({ ending, byA, byB }) => {
      return ending === 'answered by a' && byA.length === 1 && byB.length === 0;
    });
    const rest = cells.filter((cell) => !served.includes(cell));
    expect(findWrong({ progress: 'unsure', code: 'ERR_BALANCER_RESET' }, rest)).toEqual([]);
    expect(served.length).toBeLessThan(cells.length / 2);

    await giveBack();
    expect(await comesBack()).toBeLessThan(mostMs);
  });
});

function executionsOfPosts({ begun }: MemberProcess): readonly string[] {
  return begun.filter((line) => line.startsWith('POST ')).map((line) => line.slice('POST '.length));
}
