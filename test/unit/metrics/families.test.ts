import { describe, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { families } from '../../../src/metrics/families.ts';
import { registerMetrics } from '../../../src/metrics/index.ts';
import { bucketBounds, sampleHistogram } from '../../../src/metrics/sample.ts';
import { parseStatus } from '../../../src/member/status.ts';
import { nextState } from '../../../src/member/member-state.ts';
import { bounds, createHistogram } from '../../../src/tally/histogram.ts';
import { createCounted, type Counted } from '../../support/counted.ts';
import { readExposition, tabulate } from '../../support/prometheus.ts';

async function read(counted: Counted, name: string, labels: readonly string[]): Promise<unknown> {
  const registry = new Registry();
  registerMetrics(registry, [counted.balancer]);
  return tabulate(readExposition(await registry.metrics()), `balancer_${name}`, labels);
}

describe('names', () => {
  test('counters end in _total, times are in seconds, and no other metric looks like part of one', () => {
    for (const { name, type } of families) {
      expect([name, /_total$/.test(name)]).toEqual([name, type === 'counter']);
      expect(name).toMatch(/^[a-z]+(?:_[a-z]+)*$/);
      expect(name).not.toMatch(/_(?:count|sum|bucket|created|ms|milliseconds|kb)$/);
      if (type === 'histogram') expect(name).toMatch(/_seconds$/);
    }
    const names = families.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  test('each is told in a sentence that needs no escaping', () => {
    for (const { help } of families) expect(help).toMatch(/^[A-Z\d][^"\\|\n`]+\.$/);
  });
});

describe('of a balancer', () => {
  test('requests are told by the class of their status, those that have not been yet as 0', async () => {
    const counted = createCounted('shop', 'a');
    counted.tally.balancer.noteEnd(200, undefined, 5);
    counted.tally.balancer.noteEnd(204, undefined, 5);
    counted.tally.balancer.noteEnd(503, 'ERR_BALANCER_NO_MEMBER', 5);
    counted.tally.balancer.noteEnd(undefined, undefined, 5);
    expect(await read(counted, 'requests_total', ['balancer', 'code'])).toEqual({
      'shop none': 1,
      'shop 1xx': 0,
      'shop 2xx': 2,
      'shop 3xx': 0,
      'shop 4xx': 0,
      'shop 5xx': 1,
    });
  });

  test('errors are told by their code in lower case, without what all codes begin with', async () => {
    const counted = createCounted('shop', 'a');
    counted.tally.balancer.noteEnd(503, 'ERR_BALANCER_NO_MEMBER', 5);
    counted.tally.balancer.noteEnd(504, 'ERR_BALANCER_CONNECT_TIMEOUT', 5);
    const errors = (await read(counted, 'errors_total', ['reason'])) as Record<string, number>;
    expect(errors).toMatchObject({ no_member: 1, connect_timeout: 1, reset: 0 });
    expect(Object.values(errors).reduce((sum, count) => sum + count)).toBe(2);
  });

  test('the queue is told by its length, by what has happened in it, and by how long that took', async () => {
    const counted = createCounted('shop', 'a');
    counted.setWaiting(3);
    counted.tally.balancer.noteQueue('waiting', undefined);
    counted.tally.balancer.noteQueue('served', 1_500);
    expect(await read(counted, 'queue_length', ['balancer'])).toEqual({ shop: 3 });
    expect(await read(counted, 'queue_events_total', ['event'])).toEqual({
      waiting: 1,
      served: 1,
      expired: 0,
      refused: 0,
      left: 0,
    });
    expect(await read(counted, 'queue_wait_seconds', ['le'])).toMatchObject({ 1: 0, 2.5: 1, '+Inf': 1 });
  });
});

describe('of a member', () => {
  test('attempts and failovers are told by their outcome, answers by their class', async () => {
    const counted = createCounted('shop', 'a, b');
    const tally = counted.tally.of(counted.member('a'));
    tally.noteOutcome('connect-timeout', 60_000);
    tally.noteFailover('connect-timeout');
    tally.noteAnswer(200);
    tally.noteOutcome('answered', 20);
    tally.noteBreak('reset');
    expect(await read(counted, 'attempts_total', ['member', 'outcome'])).toEqual({
      'a connect_timeout': 1,
      'a answered': 1,
    });
    expect(await read(counted, 'failovers_total', ['member', 'outcome'])).toEqual({ 'a connect_timeout': 1 });
    expect(await read(counted, 'answers_total', ['member', 'code'])).toMatchObject({
      'a 2xx': 1,
      'a 5xx': 0,
      'b 2xx': 0,
    });
    expect(await read(counted, 'broken_answers_total', ['member'])).toEqual({ a: 1, b: 0 });
    expect(await read(counted, 'response_time_seconds', ['member', 'le'])).toMatchObject({
      'a 0.01': 0,
      'a 0.025': 1,
      'a +Inf': 1,
      'b +Inf': 0,
    });
  });

  test('what it is doing is told as it is now', async () => {
    const counted = createCounted('shop', 'a:blue*2.5@1, b');
    Object.assign(counted.member('a'), { busy: 2, elected: 7, sent: 100, received: 2_000 });
    expect(await read(counted, 'requests_in_flight', ['member'])).toEqual({ a: 2, b: 0 });
    expect(await read(counted, 'member_elected_total', ['member'])).toEqual({ a: 7, b: 0 });
    expect(await read(counted, 'sent_bytes_total', ['member'])).toEqual({ a: 100, b: 0 });
    expect(await read(counted, 'received_bytes_total', ['member'])).toEqual({ a: 2_000, b: 0 });
    expect(await read(counted, 'member_loadfactor', ['member'])).toEqual({ a: 2.5, b: 1 });
    expect(await read(counted, 'member_info', ['member', 'url', 'route', 'lbset'])).toEqual({
      'a http://a/ blue 1': 1,
      'b http://b/ b 0': 1,
    });
  });

  test('sessions are told where they have ids', async () => {
    const counted = createCounted('shop', 'a, b');
    for (const id of ['x', 'y', 'x']) counted.tally.of(counted.member('a')).noteSession(id, 0);
    expect(await read(counted, 'member_sessions', ['member'])).toEqual({ a: 2 });
  });

  test('bytes of a head that did not leave after all do not make its counter fall', async () => {
    const counted = createCounted('shop', 'a');
    const member = counted.member('a');
    member.sent = 300;
    expect(await read(counted, 'sent_bytes_total', ['member'])).toEqual({ a: 300 });
    member.sent = 200;
    expect(await read(counted, 'sent_bytes_total', ['member'])).toEqual({ a: 300 });
    member.sent = 301;
    expect(await read(counted, 'sent_bytes_total', ['member'])).toEqual({ a: 301 });
  });

  test.each([
    ['', 'ok', 1],
    ['D', 'disabled', 0],
    ['S', 'stopped', 0],
    ['N', 'draining', 0],
    ['E', 'in_error', 0],
    ['C', 'health_check_failed', 0],
    ['DNE', 'disabled draining in_error', 0],
    ['H', 'ok', 1],
    ['RI', 'ok', 1],
  ])('with the letters %j it is %s, and member_up is %i', async (letters, words, up) => {
    const counted = createCounted('shop', `a ${letters}`.trim());
    expect(counted.member('a').state.status).toBe(parseStatus(letters));
    const states = (await read(counted, 'member_state', ['state'])) as Record<string, number>;
    expect(Object.keys(states)).toEqual([
      'ok',
      'disabled',
      'stopped',
      'draining',
      'in_error',
      'ejected',
      'health_check_failed',
    ]);
    const told = Object.keys(states).filter((state) => states[state] === 1);
    expect(told.join(' ')).toBe(words);
    expect(await read(counted, 'member_up', ['member'])).toEqual({ a: up });
  });

  test('one that is ejected is in error, too', async () => {
    const counted = createCounted('shop', 'a');
    const member = counted.member('a');
    member.state = nextState(member.state, { kind: 'ejected', timeMs: 5_000 }, 0);
    expect(await read(counted, 'member_state', ['state'])).toMatchObject({ in_error: 1, ejected: 1, ok: 0 });
  });
});

describe('histograms', () => {
  test('each bound is one of the finer ones, so that nothing is guessed', () => {
    expect(bucketBounds.filter((bound) => !bounds.includes(bound * 1_000))).toEqual([]);
  });

  test.each([
    [0, '0.005'],
    [5, '0.005'],
    [5.001, '0.01'],
    [25, '0.025'],
    [99, '0.1'],
    [1_000, '1'],
    [2_501, '5'],
    [10_000, '10'],
    [10_001, '+Inf'],
    [500_000, '+Inf'],
  ])('%d ms lies in the bucket up to %s s, and in all above it', (ms, le) => {
    const histogram = createHistogram();
    histogram.record(ms);
    const buckets = sampleHistogram(histogram).filter(({ suffix }) => suffix === '_bucket');
    expect(buckets.map(({ labels }) => labels['le'])).toEqual([...bucketBounds.map(String), '+Inf']);
    const first = buckets.findIndex(({ labels }) => labels['le'] === le);
    expect(buckets.map(({ value }) => value)).toEqual(buckets.map((_, i) => (i < first ? 0 : 1)));
  });

  test('the sum is in seconds, and the count is of all', () => {
    const histogram = createHistogram();
    for (const ms of [250, 500, 20_000]) histogram.record(ms);
    const rest = sampleHistogram(histogram).filter(({ suffix }) => suffix !== '_bucket');
    expect(rest).toEqual([
      { suffix: '_sum', labels: {}, value: 20.75 },
      { suffix: '_count', labels: {}, value: 3 },
    ]);
  });
});
