import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createInFlight, type Served } from '../../../src/in-flight.ts';
import type { MemberView } from '../../../src/member/member.ts';
import { createPartings } from '../../../src/tunnel/partings.ts';
import { shuffle, spreadOver } from '../../../src/tunnel/spread.ts';
import type { Tunnel } from '../../../src/tunnel/tunnel.ts';
import { createRandom } from '../../support/seeded-random.ts';

/** Chance as the balancer knows it. */
function createChance(seed = 8): () => number {
  const { below } = createRandom(seed);
  return () => below(2 ** 31) / 2 ** 31;
}

describe('a spread', () => {
  test.each([1, 2, 7, 1_000])('of %i puts one into each equal part of the time, in order', (count) => {
    const times = spreadOver(count, 7_500, createChance());
    expect(times.map((at) => Math.floor(at / (7_500 / count)))).toEqual([...Array(count).keys()]);
  });

  test('is another one each time', () => {
    expect(spreadOver(3, 1_000, createChance(1))).not.toEqual(spreadOver(3, 1_000, createChance(2)));
  });

  test('loses nobody when it is shuffled', () => {
    const all = [...Array(100).keys()];
    const shuffled = shuffle(all, createChance());
    expect(shuffled).not.toEqual(all);
    expect(shuffled.toSorted((a, b) => a - b)).toEqual(all);
  });
});

// Nobody looks into them.
const [a, b] = [{}, {}] as unknown as readonly MemberView[];

/** Partings over connections that note when they are told, and when they are cut. */
function open() {
  const inFlight = createInFlight();
  const begunAt = performance.now();
  const told: number[] = [];
  const cut: number[] = [];
  const partings = createPartings({ inFlight, now: () => performance.now(), random: createChance() });
  const at = (): number => performance.now() - begunAt;
  const serve = (member = a, isSwitched = true): Served => {
    const goAway = (): void => {
      told.push(at());
    };
    const tunnel = isSwitched ? ({ goAway } as unknown as Tunnel) : undefined;
    const work: Served = {
      place: -1,
      member,
      tunnel,
      beLast: () => undefined,
      stop() {
        cut.push(at());
        inFlight.remove(work);
      },
    };
    inFlight.add(work);
    return work;
  };
  return { inFlight, partings, told, cut, serve };
}

describe('partings', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test('tell everybody once within three quarters of the time, never several at once, and then cut who is left', () => {
    const { partings, told, cut, serve } = open();
    for (let i = 0; i < 40; i += 1) serve();
    partings.begin(8_000);
    jest.advanceTimersByTime(6_000);
    expect(told).toHaveLength(40);
    // Each tenth of six seconds has its four; timers are by the millisecond.
    for (let tenth = 0; tenth < 10; tenth += 1) {
      const count = told.filter((at) => at > tenth * 600 && at <= (tenth + 1) * 600).length;
      expect(count).toBeGreaterThanOrEqual(3);
      expect(count).toBeLessThanOrEqual(5);
    }
    expect(cut).toEqual([]);
    jest.advanceTimersByTime(2_000);
    expect([told.length, cut]).toEqual([40, Array(40).fill(8_000)]);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('are no business of requests', () => {
    const { inFlight, partings, told, cut, serve } = open();
    const request = serve(a, false);
    partings.begin(1_000);
    jest.advanceTimersByTime(1_000);
    expect([told, cut, inFlight.list()]).toEqual([[], [], [request]]);
  });

  test('of a member leave those of others alone', () => {
    const { inFlight, partings, told, serve } = open();
    serve(a);
    const other = serve(b);
    partings.begin(1_000, a);
    partings.joined(other);
    jest.advanceTimersByTime(1_000);
    expect([told.length, inFlight.list()]).toEqual([1, [other]]);
  });

  test('are for those who come later, too: in what is left of the time, and then at once', () => {
    const { partings, told, serve } = open();
    partings.begin(8_000);
    jest.advanceTimersByTime(3_000);
    for (let i = 0; i < 20; i += 1) partings.joined(serve());
    expect(told).toEqual([]);
    jest.advanceTimersByTime(3_000);
    expect(told).toHaveLength(20);
    expect(Math.min(...told)).toBeLessThan(4_000);
    expect(Math.max(...told)).toBeGreaterThan(5_000);
    expect(told).toEqual(told.toSorted((one, other) => one - other));
    jest.advanceTimersByTime(500);
    partings.joined(serve());
    jest.advanceTimersByTime(1);
    expect(told).toHaveLength(21);
  });

  test('that are called off tell and cut nobody any more, and leave no timer', () => {
    const { partings, told, cut, serve } = open();
    for (let i = 0; i < 10; i += 1) serve();
    const callOff = partings.begin(8_000);
    jest.advanceTimersByTime(3_000);
    const before = told.length;
    callOff();
    partings.joined(serve());
    expect(jest.getTimerCount()).toBe(0);
    jest.advanceTimersByTime(8_000);
    expect([told.length, cut]).toEqual([before, []]);
  });

  test('with an endless time are over in a minute, and cut nobody', () => {
    const { partings, told, cut, serve } = open();
    for (let i = 0; i < 10; i += 1) serve();
    const callOff = partings.begin(Infinity);
    jest.advanceTimersByTime(60_000);
    expect(told).toHaveLength(10);
    expect(Math.max(...told)).toBeGreaterThan(54_000);
    jest.advanceTimersByTime(86_400_000);
    expect(cut).toEqual([]);
    callOff();
  });

  test('without time tell and cut at once', () => {
    const { partings, told, cut, serve } = open();
    serve();
    partings.begin(0);
    jest.advanceTimersByTime(1);
    expect([told.length, cut.length]).toEqual([1, 1]);
  });
});
