import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { attachUpgrades } from '../../../src/index.ts';
import { ask } from '../../support/ask.ts';
import { senders, startFront } from '../../support/front.ts';
import { until } from '../../support/idle.ts';
import { askToSwitch, becomesLonely, startSwitching } from '../../support/websocket.ts';
import { askMeanwhile, countDescriptors } from '../support/floods.ts';
import { noteWhatIsThere, nothingIsLeft } from '../support/leftovers.ts';

let collect: () => void;
beforeAll(() => {
  setFlagsFromString('--expose-gc');
  collect = runInNewContext('gc') as () => void;
});

const children: ChildProcess[] = [];
beforeEach(noteWhatIsThere);
afterEach(async () => {
  await Promise.all(children.splice(0).map(end));
  await nothingIsLeft();
});

const script = fileURLToPath(new URL('../support/idle-main.ts', import.meta.url));

async function openIdle(port: number, count: number, text = ''): Promise<ChildProcess> {
  const child = spawn(process.execPath, [script, String(port), String(count), text], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  await once(child.stdout, 'data');
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
}

/** Bytes that are in use, where nothing is that nobody has any more. */
async function readUsed(): Promise<number> {
  for (let i = 0; i < 3; i += 1) {
    collect();
    await turn();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const request = 'GET / HTTP/1.1\r\nHost: a.test\r\n\r\n';
const handshake = `${askToSwitch().join('\r\n')}\r\n\r\n`;

const [itself, other] = senders;

/** `mostKib`: of memory for each, about twice what was measured; an upgraded one has both ends of the member's in it. */
const kinds = [
  { what: 'that have said nothing', by: itself, count: 10_000, text: '', mostKib: 6 },
  { what: 'that have had an answer', by: itself, count: 4_000, text: request, mostKib: 8 },
  { what: 'that have had an answer', by: other, count: 1_500, text: request, mostKib: 8 },
  { what: 'that are upgraded, and silent', by: itself, count: 1_500, text: handshake, mostKib: 40 },
  { what: 'that are upgraded, and silent', by: other, count: 1_500, text: handshake, mostKib: 40 },
] as const;

test.each(kinds.map((kind) => ({ ...kind, name: kind.by[0] })))(
  '$count connections $what take up to $mostKib KiB each, and nobody else is slow, by $name',
  async ({ count, text, mostKib, by, what, name }) => {
    const backend = await startSwitching();
    const front = await startFront({ ...by[1], members: [backend.url] });
    attachUpgrades(front.server, front.app);
    front.server.keepAliveTimeout = 120_000;
    await ask(front.port);
    const [descriptors, used] = [countDescriptors(), await readUsed()];
    let accepted = 0;
    front.server.on('connection', () => (accepted += 1));
    const child = await openIdle(front.port, count, text);
    await until(() => accepted === count);
    // What the member notes is no part of what is looked at.
    backend.handshakes.length = 0;
    const each = ((await readUsed()) - used) / count;
    process.stdout.write(`${count} connections ${what}, by ${name}: ${(each / 1_024).toFixed(1)} KiB each\n`);
    expect(each).toBeLessThan(mostKib * 1_024);
    expect(await askMeanwhile(front.port, 20)).toBeLessThan(3_000);
    await end(child);
    await becomesLonely(front.server);
    await until(() => countDescriptors() <= descriptors + 20);
  },
);
