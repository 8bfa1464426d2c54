import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createConnectionWatch, type ConnectionWatch } from '../../../src/health/connection-watch.ts';
import type { Probe, ProbeResult } from '../../../src/health/probe.ts';
import type { Member } from '../../../src/member/member.ts';
import { Status } from '../../../src/member/status.ts';
import { createRandom } from '../../support/seeded-random.ts';
import { buildHealth, happen, makeLogger, makeMember } from './support.ts';

const refused: ProbeResult = { kind: 'failed', cause: new Error('no connection: ECONNREFUSED') };
const connected: ProbeResult = { kind: 'connected' };

let asked: Readonly<{ name: string; target: string; atMs: number }>[];
let answer: (name: string, target: string) => ProbeResult | Promise<ProbeResult>;
let told: string[];
let members: Member[];
let watch: ConnectionWatch;
let begin: number;
const random = createRandom(3);

const probe: Probe = (settings, { request, target, timeoutMs }) => {
  asked.push({ name: settings.name, target, atMs: performance.now() - begin });
  if (!request) expect(timeoutMs).toBe(1000);
  return Promise.resolve(answer(settings.name, target));
};

beforeEach(() => {
  jest.useFakeTimers();
  begin = performance.now();
  [asked, told, members] = [[], [], []];
  answer = () => refused;
  watch = createConnectionWatch({
    view: () => members,
    report: (member, event, why) => {
      told.push(`${member.settings.name} ${event}: ${why}`);
      happen(member, event);
    },
    random: () => random.below(2 ** 20) / 2 ** 20,
    logger: makeLogger().logger,
    probe,
  });
});

afterEach(() => {
  watch.stop();
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

function add(
  name: string,
  status: number = Status.inError,
  settings: Partial<Member['settings']> = {},
): Member {
  const member = makeMember({ name, ...settings }, status);
  members.push(member);
  return member;
}

const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

describe('a watch', () => {
  test('asks a member in error about four times a second, until it listens', async () => {
    add('a');
    watch.start();
    await pass(10_000);
    expect(asked.length).toBeGreaterThanOrEqual(39);
    expect(asked.length).toBeLessThanOrEqual(41);
    expect(told).toEqual([]);
    answer = () => connected;
    await pass(500);
    expect(told).toEqual(['a checks-passed: connected']);
    const count = asked.length;
    await pass(10_000);
    expect(asked).toHaveLength(count);
  });

  test('asks a member that is put in error while it runs', async () => {
    const member = add('a', 0);
    watch.start();
    await pass(1000);
    expect(asked).toEqual([]);
    happen(member, 'failed');
    await pass(500);
    expect(asked.length).toBeGreaterThan(0);
  });

  test('does not ask members in step', async () => {
    for (let i = 0; i < 50; i += 1) add(`m${i}`);
    watch.start();
    await pass(250);
    const fifths = Array.from(
      { length: 5 },
      (_, fifth) => asked.filter(({ atMs }) => Math.floor(atMs / 50) === fifth).length,
    );
    expect(asked).toHaveLength(50);
    expect(Math.max(...fifths)).toBeLessThan(20);
  });

  test('asks a member one thing at a time', async () => {
    const { promise, resolve } = Promise.withResolvers<ProbeResult>();
    answer = () => promise;
    add('a');
    watch.start();
    await pass(900);
    expect(asked).toHaveLength(1);
    resolve(refused);
    await pass(500);
    expect(asked.length).toBeGreaterThan(1);
  });

  test.each<[string, number, Partial<Member['settings']>]>([
    ['well', 0, {}],
    ['disabled', Status.inError | Status.disabled, {}],
    ['stopped', Status.inError | Status.stopped, {}],
    ['failing its health checks, which ask for more', Status.inError | Status.healthCheckFailed, {}],
    ['a handler', Status.inError, { handler: () => undefined }],
    ['a name for servers', Status.inError, { resolve: 'SRV' }],
  ])('leaves a member alone that is %s', async (_name, status, settings) => {
    add('a', status, settings);
    watch.start();
    await pass(5000);
    expect(asked).toEqual([]);
  });

  test('leaves a member alone that is ejected', async () => {
    happen(add('a', 0), { kind: 'ejected', timeMs: 1000 });
    watch.start();
    await pass(5000);
    expect(asked).toEqual([]);
  });

  test('says nothing of an error that is younger than the connection', async () => {
    const { promise, resolve } = Promise.withResolvers<ProbeResult>();
    answer = () => promise;
    const member = add('a');
    watch.start();
    await pass(250);
    happen(member, 'failed');
    resolve(connected);
    await pass(0);
    expect(asked).toHaveLength(1);
    expect(told).toEqual([]);
  });

  test('warms a member up before it is back, where it is to be', async () => {
    answer = (_name, target) => (target === '/warm' ? refused : connected);
    add('a', Status.inError, { health: buildHealth({ warmUp: ['/warm'] }) });
    watch.start();
    await pass(250);
    expect(asked.map(({ target }) => target)).toEqual(['', '/warm']);
    expect(told).toEqual([]);
    answer = () => connected;
    await pass(500);
    expect(told).toEqual(['a checks-passed: connected']);
  });
});

test('a watch goes on after the one who is told has thrown', async () => {
  const log = makeLogger();
  answer = () => connected;
  add('a');
  watch = createConnectionWatch({
    view: () => members,
    report: () => {
      throw new Error('not now');
    },
    random: () => 0,
    logger: log.logger,
    probe,
  });
  watch.start();
  await pass(300);
  expect(log.lines).toEqual(Array(2).fill('connection to http://a/: Error: not now'));
});

describe('start and stop', () => {
  test('may come any number of times', async () => {
    add('a');
    watch.stop();
    for (let i = 0; i < 5; i += 1) watch.start();
    await pass(1000);
    expect(asked.length).toBeLessThanOrEqual(5);
    watch.stop();
    watch.stop();
    const count = asked.length;
    await pass(5000);
    expect(asked).toHaveLength(count);
    watch.start();
    await pass(500);
    expect(asked.length).toBeGreaterThan(count);
  });

  test('nothing is reported after stop, not even a connection that was being made', async () => {
    const { promise, resolve } = Promise.withResolvers<ProbeResult>();
    answer = () => promise;
    add('a');
    watch.start();
    await pass(250);
    watch.stop();
    resolve(connected);
    await pass(5000);
    expect(asked).toHaveLength(1);
    expect(told).toEqual([]);
  });
});
