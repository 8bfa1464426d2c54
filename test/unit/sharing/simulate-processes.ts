import { busyTopic } from '../../../src/sharing/share-busy.ts';
import type { Hub } from '../../../src/sharing/hub.ts';
import { createRandom } from '../../support/seeded-random.ts';
import { createAgenda, createBusyProcess, type BusyProcess } from './busy-process.ts';

/** What processes do, and how they know of each other: bybusyness, with what comes by chance and an answer of any length. */
export type Scene = Readonly<{
  processes: number;
  members: number;
  /** The mean time of an answer; each is drawn. */
  serviceMs: number;
  /** How many requests a member has, on the whole. */
  load: number;
  sharing: 'none' | 'told' | 'estimated';
  seed: number;
}>;

/** How many requests more than the mean of all members the busiest one has, in all processes. */
export type Imbalance = Readonly<{ mean: number; largest: number }>;

const gapMs = 50;
const lagMs = 4;
const warmUpMs = 1_000;
const untilMs = 4_000;

/**
 * Processes that choose by what they know: their own requests only; what the others have told, which they do every 50 ms;
 * or that and what they may have done since, as it is.
 */
export async function simulateProcesses(scene: Scene): Promise<Imbalance> {
  const { processes: count, serviceMs, load, sharing, seed } = scene;
  const members = Array.from({ length: scene.members }, (_, i) => `m${i}`);
  const agenda = createAgenda();
  const random = createRandom(seed);
  const draw = (): number => random.below(2 ** 30) / 2 ** 30;
  const drawMs = (mean: number): number => -Math.log(1 - draw()) * mean;
  const busy = new Map(members.map((name) => [name, 0]));
  let lastAt = 0;
  let area = 0;
  let largest = 0;

  function measure(): void {
    const at = agenda.now();
    const counts = [...busy.values()];
    const excess = Math.max(...counts) - counts.reduce((sum, each) => sum + each, 0) / counts.length;
    if (at > warmUpMs) {
      area += excess * (at - Math.max(lastAt, warmUpMs));
      largest = Math.max(largest, excess);
    }
    lastAt = at;
  }

  const all: BusyProcess[] = Array.from({ length: count }, (_, i) => {
    const name = `test:${i}:0000000${i.toString(16)}`;
    const tell = (topic: string, text: string): void => {
      if (topic !== busyTopic('app')) throw new Error(`nobody asked for ${topic}`);
      agenda.setTimer(() => {
        for (const other of all) if (other !== all[i]) other.sharing?.told(text, name);
      }, lagMs);
    };
    // What shareBusy needs of a hub.
    const hub = { process: name, tell, status: () => ({ kind: 'shared' }) } as unknown as Hub;
    return createBusyProcess({
      members,
      clock: agenda,
      random: draw,
      ...(sharing === 'estimated' && { hub }),
    });
  });

  /** Counts as they are, and nothing else: what a process would do that believes them until it hears others. */
  function tellAsIs(one: BusyProcess): void {
    const counts = one.counts();
    agenda.setTimer(() => {
      for (const other of all) if (other !== one) other.believe(one, counts);
    }, lagMs);
    if (agenda.now() < untilMs) {
      agenda.setTimer(() => {
        tellAsIs(one);
      }, gapMs);
    }
  }

  function request(process: BusyProcess): void {
    const attempt = process.begin();
    const name = attempt.member.settings.route!;
    measure();
    busy.set(name, busy.get(name)! + 1);
    agenda.setTimer(() => {
      measure();
      busy.set(name, busy.get(name)! - 1);
      process.end(attempt);
    }, drawMs(serviceMs));
  }

  function arrive(process: BusyProcess): void {
    request(process);
    if (agenda.now() < untilMs)
      agenda.setTimer(
        () => {
          arrive(process);
        },
        drawMs((serviceMs * count) / (load * members.length)),
      );
  }

  for (const process of all) {
    agenda.setTimer(() => {
      arrive(process);
    }, drawMs(serviceMs));
    if (sharing === 'told')
      agenda.setTimer(() => {
        tellAsIs(process);
      }, draw() * gapMs);
  }
  agenda.runTo(untilMs);
  measure();
  const mean = area / (untilMs - warmUpMs);
  await Promise.all(all.map(({ balancer }) => balancer.close()));
  return { mean, largest };
}
