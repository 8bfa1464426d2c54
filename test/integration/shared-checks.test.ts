import { afterEach, describe, expect, test } from '@jest/globals';
import type { MemberParameters } from '../../src/index.ts';
import { insideOf } from '../../src/inside.ts';
import { createSharedState } from '../../src/sharing/create-shared-state.ts';
import { startChecked, watchStates, type Checked } from '../support/checked.ts';
import { startFront, type Front } from '../support/front.ts';
import { tidyUp, until } from '../support/idle.ts';
import { askInTurn } from '../support/load.ts';
import { createMemoryNet, type MemoryNet, type TestHub } from '../support/memory-net.ts';

afterEach(tidyUp);

/** The shortest interval there is, and more time for each than any pause of the machine takes. */
const checks = { hcmethod: 'GET', hcuri: '/health', hcinterval: '100ms', hctimeout: '20s' } as const;

const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };

type Process = Readonly<{ hub: TestHub; front: Front; states: ReturnType<typeof watchStates> }>;

/** A front whose checks say whose they are. */
async function startProcess(
  net: MemoryNet,
  sign: string,
  backends: readonly Checked[],
  parameters: MemberParameters = {},
): Promise<Process> {
  const hub = net.hub();
  const front = await startFront({
    name: 'app',
    state: createSharedState(hub, { logger, busy: false }),
    memberDefaults: { ...checks, ...parameters, hcheaders: { 'X-Sign': sign } },
    members: backends.map(({ url }, i) => ({ url, route: 'ab'.charAt(i) })),
  });
  return { hub, front, states: watchStates(front) };
}

/** Resolves once something is so, while news goes to and fro. */
async function untilHeard(net: MemoryNet, isSo: () => boolean): Promise<void> {
  await until(() => {
    net.settle();
    return isSo();
  });
}

/** What a backend was asked by the checks of one front. */
function checksBy({ received }: Checked, sign: string): readonly string[] {
  return received.filter(({ headers }) => headers['x-sign'] === sign).map(({ url }) => url);
}

function lastOf({ front }: Process, i = 0): string | undefined {
  const works = insideOf(front.balancer);
  return works.checkReport(works.now().parts.members.view()[i]!)?.last?.why;
}

describe('health checks of two processes', () => {
  test('are made by one of them, and both know what they find', async () => {
    const net = createMemoryNet();
    const [a, b] = [await startChecked('a'), await startChecked('b')];
    const first = await startProcess(net, 'first', [a, b]);
    const second = await startProcess(net, 'second', [a, b]);
    await untilHeard(net, () => [a, b].every((each) => checksBy(each, 'first').length >= 15));
    expect([a, b].flatMap((each) => checksBy(each, 'second'))).toEqual([]);
    expect([lastOf(second, 0), lastOf(second, 1)]).toEqual(['200', '200']);

    a.health = 503;
    await untilHeard(net, () => second.states.lines().includes('a: ok -> C, checks-failed'));
    expect(await askInTurn(second.front.port, 4)).toBe('b b b b');
    expect(await askInTurn(first.front.port, 4)).toBe('b b b b');
    a.health = 200;
    await untilHeard(net, () => second.states.lines().includes('a: C -> ok, checks-passed'));
    expect((await askInTurn(second.front.port, 4)).split(' ').toSorted()).toEqual(['a', 'a', 'b', 'b']);
    expect([a, b].flatMap((each) => checksBy(each, 'second'))).toEqual([]);
  });

  test('go on in the other when the one that makes them is gone without a word', async () => {
    const net = createMemoryNet();
    const a = await startChecked('a');
    const first = await startProcess(net, 'first', [a]);
    const second = await startProcess(net, 'second', [a]);
    await untilHeard(net, () => lastOf(second) === '200');
    expect(checksBy(a, 'second')).toEqual([]);
    first.hub.kill();
    await first.front.close();
    a.health = 500;
    await untilHeard(net, () => second.states.lines().includes('a: ok -> C, checks-failed'));
    expect(checksBy(a, 'second').length).toBeGreaterThan(0);
  });

  test('are made by each while they are cut off from each other, and by one afterwards', async () => {
    const net = createMemoryNet();
    const a = await startChecked('a');
    const [first, second] = [await startProcess(net, 'first', [a]), await startProcess(net, 'second', [a])];
    await untilHeard(net, () => lastOf(second) === '200');
    first.hub.cut();
    second.hub.cut();
    const alone = checksBy(a, 'first').length;
    await untilHeard(net, () => checksBy(a, 'first').length > alone + 2 && checksBy(a, 'second').length > 2);
    second.hub.mend();
    first.hub.mend();
    const from = checksBy(a, 'first').length;
    const together = checksBy(a, 'second').length;
    await untilHeard(net, () => checksBy(a, 'second').length >= together + 15);
    // One may have been on its way; then the one that came back first has the turn.
    expect(checksBy(a, 'first').length).toBeLessThanOrEqual(from + 1);
  });

  test('warm a member up once, and let it serve in a process that comes later', async () => {
    const net = createMemoryNet();
    const a = await startChecked('a');
    const warm = { warmUp: '/warm' } as const;
    const first = await startProcess(net, 'first', [a], warm);
    await untilHeard(net, () => first.states.lines().includes('a: C -> ok, checks-passed'));
    const second = await startProcess(net, 'second', [a], warm);
    await untilHeard(net, () => second.front.balancer.view()[0]!.status === '');
    expect(await askInTurn(second.front.port, 2)).toBe('a a');
    expect(checksBy(a, 'first').filter((url) => url === '/warm')).toHaveLength(1);
    expect(checksBy(a, 'second')).toEqual([]);
  });
});
