import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createInFlight, type InFlight, type Served } from '../../src/in-flight.ts';

/** What nothing here is about. */
const request = { place: -1, beLast: () => undefined, tunnel: undefined, member: undefined };

/** Work that ends as soon as it is told to. */
function beginWork(inFlight: InFlight): Served & { readonly stop: jest.Mock<() => void> } {
  const work = {
    ...request,
    stop: jest.fn(() => {
      inFlight.remove(work);
    }),
  };
  inFlight.add(work);
  return work;
}

/** Whether a promise is settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void promise.then(() => {
    settled = true;
  });
  for (let i = 0; i < 10; i += 1) await Promise.resolve();
  return settled;
}

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('what is in flight', () => {
  test('is found and taken off in any order', async () => {
    const inFlight = createInFlight();
    const works = Array.from({ length: 50 }, () => beginWork(inFlight));
    for (let i = 0; i < 48; i += 1) inFlight.remove(works[(i * 7) % 50]!);
    const left = works.filter((_, i) => ![...Array(48).keys()].some((k) => (k * 7) % 50 === i));
    const settling = inFlight.settle(5_000);
    jest.advanceTimersByTime(5_000);
    expect(await isSettled(settling)).toBe(true);
    expect(works.filter(({ stop }) => stop.mock.calls.length > 0)).toEqual(left);
    expect(left.map(({ stop }) => stop.mock.calls.length)).toEqual([1, 1]);
  });

  test('is waited for no time when it is nothing', async () => {
    await createInFlight().settle(60_000);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('may end by itself within the grace, and leaves no timer behind', async () => {
    const inFlight = createInFlight();
    const [one, other] = [beginWork(inFlight), beginWork(inFlight)];
    const settling = inFlight.settle(5_000);
    jest.advanceTimersByTime(4_999);
    inFlight.remove(one);
    expect(await isSettled(settling)).toBe(false);
    inFlight.remove(other);
    expect(await isSettled(settling)).toBe(true);
    expect([one.stop, other.stop].map((stop) => stop.mock.calls.length)).toEqual([0, 0]);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('is stopped when the grace is over, each once, though they leave while they are stopped', async () => {
    const inFlight = createInFlight();
    const works = [1, 2, 3].map(() => beginWork(inFlight));
    const settling = inFlight.settle(5_000);
    jest.advanceTimersByTime(5_000);
    expect(await isSettled(settling)).toBe(true);
    expect(works.map(({ stop }) => stop.mock.calls.length)).toEqual([1, 1, 1]);
  });

  test('is stopped at once without a grace', async () => {
    const inFlight = createInFlight();
    const work = beginWork(inFlight);
    const settling = inFlight.settle(0);
    jest.advanceTimersByTime(0);
    expect(await isSettled(settling)).toBe(true);
    expect(work.stop).toHaveBeenCalledTimes(1);
  });

  test('is waited for until it is gone, also when it needs time to stop', async () => {
    const inFlight = createInFlight();
    const slow = { ...request, stop: jest.fn() };
    inFlight.add(slow);
    const settling = inFlight.settle(10);
    jest.advanceTimersByTime(10);
    expect(slow.stop).toHaveBeenCalledTimes(1);
    expect(await isSettled(settling)).toBe(false);
    inFlight.remove(slow);
    expect(await isSettled(settling)).toBe(true);
  });

  test('is waited for by several, none of whom takes another’s place', async () => {
    const inFlight = createInFlight();
    const work = beginWork(inFlight);
    const settlings = [inFlight.settle(60_000), inFlight.settle(5_000), inFlight.settle(60_000)];
    expect(await Promise.all(settlings.map(isSettled))).toEqual([false, false, false]);
    inFlight.remove(work);
    expect(await Promise.all(settlings.map(isSettled))).toEqual([true, true, true]);
    expect(work.stop).not.toHaveBeenCalled();
    expect(jest.getTimerCount()).toBe(0);
  });

  test('is stopped when the shortest grace is over', async () => {
    const inFlight = createInFlight();
    const work = beginWork(inFlight);
    const [long, short] = [inFlight.settle(60_000), inFlight.settle(0)];
    jest.advanceTimersByTime(0);
    expect([await isSettled(long), await isSettled(short)]).toEqual([true, true]);
    expect(work.stop).toHaveBeenCalledTimes(1);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('is not what has been taken off before', async () => {
    const inFlight = createInFlight();
    const work = beginWork(inFlight);
    inFlight.remove(work);
    inFlight.remove(work);
    expect(await isSettled(inFlight.settle(5_000))).toBe(true);
  });

  test('is told by a list', () => {
    const inFlight = createInFlight();
    const [one, other] = [beginWork(inFlight), beginWork(inFlight)];
    expect(inFlight.list()).toEqual([one, other]);
    inFlight.remove(one);
    expect(inFlight.list()).toEqual([other]);
  });

  test('counts once, however often it is added', async () => {
    const inFlight = createInFlight();
    const work = beginWork(inFlight);
    inFlight.add(work);
    inFlight.remove(work);
    expect(await isSettled(inFlight.settle(5_000))).toBe(true);
  });
});
