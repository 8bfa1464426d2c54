import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, describe, expect, test } from '@jest/globals';
import { chance, clock } from '../../../src/clock.ts';
import { seedChance, stopClock, until, type StoppedClock } from '../../../src/testing/index.ts';

let stopped: StoppedClock | undefined;

afterEach(() => {
  stopped?.resume();
});

function stop(): StoppedClock {
  stopped = stopClock();
  return stopped;
}

describe('timers of a stopped clock', () => {
  test('run out in the order of their times, those of one time in the order in which they were set', async () => {
    const time = stop();
    const told: string[] = [];
    const tell = (word: string) => () => void told.push(`${word} ${time.now()}`);
    clock.setTimer(tell('c'), 20);
    clock.setTimer(tell('a'), 10);
    clock.setTimer(tell('b'), 10);
    clock.setTimer(() => clock.setTimer(tell('e'), 5), 20);
    clock.setTimer(tell('at once'), 0);
    await time.pass('24ms');
    expect(told).toEqual(['at once 1', 'a 10', 'b 10', 'c 20']);
    await time.pass('1ms');
    expect(told.at(-1)).toBe('e 25');
  });

  test('repeat, are counted anew, and run no more once cleared', async () => {
    const time = stop();
    const told: number[] = [];
    const repeating = clock.setRepeating(() => {
      told.push(time.now());
      if (told.length === 3) clock.clear(repeating);
    }, 10);
    const refreshed = clock.setTimer(() => told.push(-time.now()), 100);
    await time.pass('60ms');
    refreshed.refresh();
    await time.pass('99ms');
    expect(told).toEqual([10, 20, 30]);
    await time.pass('1ms');
    expect(told).toEqual([10, 20, 30, -160]);
    refreshed.refresh();
    await time.pass('100ms');
    expect(told.at(-1)).toBe(-260);
    clock.clear(refreshed);
    refreshed.refresh();
    await time.pass('1h');
    expect(told).toHaveLength(5);
  });

  test('run among what was around when they were set', async () => {
    const time = stop();
    const storage = new AsyncLocalStorage<string>();
    let found: unknown;
    storage.run('its own', () => clock.setTimer(() => (found = storage.getStore()), 10));
    await storage.run('of another', () => time.pass('10ms'));
    expect(found).toBe('its own');
  });

  test('that throw fail the time that passes', async () => {
    const time = stop();
    clock.setTimer(() => {
      throw new Error('a mistake');
    }, 10);
    await expect(time.pass(1)).rejects.toThrow('a mistake');
    await time.pass(1);
  });
});

describe('what was set before and after', () => {
  test('goes over to the stopped clock, and back with what is left of it', async () => {
    const told: string[] = [];
    const long = clock.setTimer(() => told.push('long'), 3_600_000);
    const short = clock.setTimer(() => told.push('short'), 3_600_000);
    const gone = clock.setRepeating(() => told.push('gone'), 3_600_000);
    clock.clear(gone);
    const time = stop();
    clock.setTimer(() => told.push('first'), 1);
    long.refresh();
    await time.pass('3599999ms');
    expect(told).toEqual(['first']);
    long.refresh();
    time.resume();
    await until(() => told.length > 1);
    expect(told).toEqual(['first', 'short']);
    clock.clear(long);
    clock.clear(short);
  });

  test('is nothing where nobody stops it: timers are those of Node', () => {
    const count = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const others = count();
    const timer = clock.setTimer(() => undefined, 60_000);
    expect(count()).toBe(others + 1);
    timer.unref();
    expect(count()).toBe(others);
    clock.clear(timer);
    const before = clock.now();
    expect(clock.now() - before).toBeLessThan(20_000);
  });

  test('is one time: date and clock pass together', async () => {
    const time = stop();
    const [date, now] = [clock.date(), clock.now()];
    await time.pass('90m');
    expect([clock.date() - date, clock.now() - now, time.now()]).toEqual([5_400_000, 5_400_000, 5_400_000]);
    time.resume();
    expect(clock.date() - date).toBeGreaterThanOrEqual(5_400_000);
    expect(clock.now() - now).toBeGreaterThanOrEqual(5_400_000);
  });
});

describe('seeded chance', () => {
  test('is the same again, from 0 up to 1, until it is given back', () => {
    const draw = (): number[] => Array.from({ length: 5 }, () => chance.draw());
    const first = seedChance(7);
    const numbers = draw();
    const second = seedChance(7);
    expect(draw()).toEqual(numbers);
    expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
    // It is the second's by now.
    first.resume();
    draw();
    expect(second.draws()).toBe(10);
    second.resume();
    draw();
    expect(second.draws()).toBe(10);
  });
});
