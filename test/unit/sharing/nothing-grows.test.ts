import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { createBalancer, type Balancer } from '../../../src/index.ts';
import { insideOf } from '../../../src/inside.ts';
import type { HubListener } from '../../../src/sharing/hub.ts';
import { createSharedBook } from '../../../src/sharing/changes-book.ts';
import { createSeat } from '../../../src/sharing/changes-seat.ts';
import { createSharedState } from '../../../src/sharing/create-shared-state.ts';
import { createMemoryNet } from '../../support/memory-net.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const running: Balancer[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((balancer) => balancer.close()));
});

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const begin = 1_790_000_000_000;
const dayMs = 86_400_000;

/** A process whose listener is at hand, and whose clock goes as the test says. */
function startProcess(net: ReturnType<typeof createMemoryNet>, now: () => number) {
  const hub = net.hub();
  const heard = Promise.withResolvers<HubListener>();
  const watched = {
    ...hub,
    start(listener: HubListener) {
      heard.resolve(listener);
      hub.start(listener);
    },
  };
  const balancer: Balancer = createBalancer({
    name: 'app',
    state: createSharedState(watched, { logger: silent, busy: true, now }),
    logger: false,
    members: ['a', 'b', 'c'].map((route) => ({ url: `http://${route}.test/`, route })),
  });
  running.push(balancer);
  return { balancer, listener: heard.promise };
}

test('members that came, served, failed and went leave nothing behind', async () => {
  const net = createMemoryNet();
  let now = begin;
  const [one, other] = [startProcess(net, () => now), startProcess(net, () => now)];
  const gone: WeakRef<object>[] = [];
  for (let i = 0; i < 300; i += 1) {
    const url = `http://m${i}.test/`;
    for (const { balancer } of [one, other]) insideOf(balancer).roster.add({ url });
    const { roster, now: serving } = insideOf(one.balancer);
    const { members } = serving().parts;
    const member = roster.find(url);
    const candidates = members.view();
    const choice = { kind: 'member', member, reason: 'method', candidates } as const;
    const attempt = members.elect({ ...choice, probe: false, forced: false });
    net.settle();
    attempt.report('failed');
    attempt.end();
    net.settle();
    for (const { balancer } of [one, other]) {
      gone.push(new WeakRef(insideOf(balancer).roster.find(url)));
      await insideOf(balancer).roster.remove(url);
    }
    net.settle();
  }
  now += dayMs + 1;
  expect([...(await one.listener).known()]).toEqual([]);
  await turn();
  collect();
  // What waits its turn for a second may still know the last ones; the list before this one, and a stack, any of them.
  expect(gone.filter((member) => member.deref() !== undefined).length).toBeLessThan(30);
});

test('members that the program adds, changes and removes everywhere leave nothing behind', async () => {
  const net = createMemoryNet();
  const [one, other] = [startProcess(net, () => begin), startProcess(net, () => begin)];
  const gone: WeakRef<object>[] = [];
  for (let i = 0; i < 100; i += 1) {
    const name = one.balancer.add(`http://m${i}.test/`);
    one.balancer.change(name, { loadfactor: 2 });
    net.settle();
    await turn();
    for (const { balancer } of [one, other]) gone.push(new WeakRef(insideOf(balancer).roster.find(name)));
    await other.balancer.remove(name);
    net.settle();
    await turn();
  }
  expect(one.balancer.view()).toHaveLength(3);
  await turn();
  collect();
  expect(gone.filter((member) => member.deref() !== undefined).length).toBeLessThan(30);
});

/** How much more memory is kept after the work than after some of it. */
async function weigh(work: (i: number) => void): Promise<number> {
  for (let i = 0; i < 5000; i += 1) work(i);
  await turn();
  collect();
  const { heapUsed } = process.memoryUsage();
  for (let i = 5000; i < 25_000; i += 1) work(i);
  await turn();
  collect();
  return process.memoryUsage().heapUsed - heapUsed;
}

test('changes of the program that have ended are forgotten, whatever they were about', async () => {
  const book = createSharedBook();
  const about = { at: begin, by: 'program', reason: undefined, until: undefined, ended: undefined };
  const grown = await weigh((i) => {
    const deed = { kind: 'change', balancer: 'app', member: `m${i}`, set: { loadfactor: 2 } } as const;
    const change = { ...about, id: String(i).padStart(9, '0'), deed, state: 'in-force' } as const;
    book.end(book.enter({ change, server: `|http://m${i}.test/`, isProgram: true }), 'undone', {
      at: begin,
      by: 'program',
      why: undefined,
    });
  });
  // The name of each would be more than that.
  expect(grown).toBeLessThan(600_000);
});

test('what this process alone has said of members that are gone is forgotten', async () => {
  const balancer = createBalancer({ members: ['http://a.test'], logger: false });
  running.push(balancer);
  const seat = createSeat({ balancer, words: () => [], now: () => begin, logger: silent });
  const grown = await weigh((i) => {
    seat.silence(`|http://m${i}.test/`, ['loadfactor'], String(i).padStart(9, '0'));
    seat.settle();
  });
  expect(grown).toBeLessThan(600_000);
});

test('processes that came and went leave nothing behind, whatever they told', async () => {
  const net = createMemoryNet();
  const { listener } = startProcess(net, () => begin);
  const { told, left, entries, known } = await listener;
  const [before] = running[0]!.view();
  const tell = (from: number, to: number): void => {
    for (let i = from; i < to; i += 1) {
      const process = `host:${i}:${i.toString(16).padStart(8, '0')}`;
      for (const topic of ['busy/app', 'checks/app', 'busy/none', process])
        told(topic, `nonsense ${i}`, process);
      told('busy/app', 'AAAAAAAA1', process);
      entries([{ key: `error/app/${process}`, stamp: process, until: 1, value: '1' }]);
      left(process);
    }
  };
  tell(0, 2000);
  collect();
  const { heapUsed } = globalThis.process.memoryUsage();
  tell(2000, 12_000);
  collect();
  // One text of each would be more than that.
  expect(globalThis.process.memoryUsage().heapUsed - heapUsed).toBeLessThan(400_000);
  expect([...known()]).toEqual([]);
  expect(running[0]!.view()[0]).toEqual(before);
});
