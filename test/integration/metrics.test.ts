import { once } from 'node:events';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { registerMetrics } from '../../src/metrics/index.ts';
import { ask, askStatuses } from '../support/ask.ts';
import { deadUrl, startBackend } from '../support/backend.ts';
import { startFaulty } from '../support/faults.ts';
import { senders, startFront, type Front } from '../support/front.ts';
import { startHolding } from '../support/holding.ts';
import { tidyUp, until } from '../support/idle.ts';
import { readExposition, tabulate } from '../support/prometheus.ts';
import { RawClient } from '../support/raw-client.ts';
import { closeWebSockets, openWebSocket, say, startChat, startUpgradeFront } from '../support/websocket.ts';

afterEach(async () => {
  closeWebSockets();
  await tidyUp();
});

type Read = (name: string, labels: readonly string[]) => Promise<Readonly<Record<string, number>>>;

/** The metrics of a front, each read as Prometheus would. */
function watch({ balancer }: Front): Read {
  const registry = new Registry();
  registerMetrics(registry, [balancer]);
  return async (name, labels) =>
    tabulate(readExposition(await registry.metrics()), `balancer_${name}`, labels);
}

/** Those that are not 0. */
function nonZero(table: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(table).filter(([, value]) => value !== 0));
}

/** Resolves when so many requests have ended: a client may have its answer before that. */
async function untilEnded(read: Read, count: number): Promise<void> {
  let ended = 0;
  await until(() => {
    void read('requests_total', ['code']).then((codes) => {
      ended = Object.values(codes).reduce((sum, each) => sum + each, 0);
    });
    return ended >= count;
  });
}

describe.each(senders)('%s', (_sender, sender) => {
  test('a failover, an answer and an error are counted where they belong', async () => {
    const backend = await startBackend('b', (req, res) => {
      res.writeHead(req.url === '/missing' ? 404 : 200).end('12345');
    });
    const front = await startFront({
      ...sender,
      name: 'shop',
      members: [
        { url: await deadUrl(), route: 'a', retry: 600 },
        { url: backend.url, route: 'b' },
      ],
    });
    const read = watch(front);
    expect(await askStatuses(front.port, 3)).toEqual([200, 200, 200]);
    await ask(front.port, { path: '/missing' });
    await untilEnded(read, 4);
    expect(nonZero(await read('requests_total', ['balancer', 'code']))).toEqual({
      'shop 2xx': 3,
      'shop 4xx': 1,
    });
    expect(nonZero(await read('errors_total', ['reason']))).toEqual({});
    expect(await read('attempts_total', ['member', 'outcome'])).toEqual({ 'a connect': 1, 'b answered': 4 });
    expect(await read('failovers_total', ['member', 'outcome'])).toEqual({ 'a connect': 1 });
    expect(nonZero(await read('answers_total', ['member', 'code']))).toEqual({ 'b 2xx': 3, 'b 4xx': 1 });
    expect(await read('member_elected_total', ['member'])).toEqual({ a: 1, b: 4 });
    expect(await read('member_up', ['member'])).toEqual({ a: 0, b: 1 });
    expect(nonZero(await read('member_state', ['member', 'state']))).toEqual({ 'a in_error': 1, 'b ok': 1 });
    const view = front.balancer.view();
    expect(await read('sent_bytes_total', ['member'])).toEqual({ a: 0, b: view[1]!.sent });
    expect(await read('received_bytes_total', ['member'])).toEqual({ a: 0, b: view[1]!.received });
    expect(view[1]!.received).toBeGreaterThan(20);
    expect(await read('request_duration_seconds', ['le'])).toMatchObject({ '+Inf': 4 });
    expect(await read('response_time_seconds', ['member', 'le'])).toMatchObject({ 'a +Inf': 0, 'b +Inf': 4 });
  });

  test('an error of the balancer is told by its reason, an answer that breaks off by its member', async () => {
    const broken = await startFaulty('closes in a counted body');
    const front = await startFront({ ...sender, members: [{ url: broken.url, route: 'a' }] });
    const read = watch(front);
    await ask(front.port);
    front.balancer.change('a', '+D');
    expect(await askStatuses(front.port, 2)).toEqual([503, 503]);
    await untilEnded(read, 3);
    expect(nonZero(await read('broken_answers_total', ['member']))).toEqual({ a: 1 });
    expect(nonZero(await read('errors_total', ['reason']))).toEqual({ no_member: 2 });
    expect(await read('requests_total', ['code'])).toMatchObject({ '5xx': 2 });
  });

  test('what is under way is told as it is, and a client that leaves gets no code', async () => {
    const backend = await startHolding('a');
    const front = await startFront({
      ...sender,
      name: 'shop',
      members: [{ url: backend.url, route: 'a', max: 1, acquire: '60s' }],
    });
    const read = watch(front);
    const client = await RawClient.connect(front.port);
    client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => backend.held() === 1);
    const waiting = once(front.server, 'request');
    const second = ask(front.port);
    await waiting;
    expect(await read('requests_in_flight', ['member'])).toEqual({ a: 1 });
    expect(await read('queue_length', ['balancer'])).toEqual({ shop: 1 });
    client.socket.destroy();
    await until(() => backend.held() === 1 && backend.received.length === 2);
    backend.answer();
    expect((await second).status).toBe(200);
    await untilEnded(read, 2);
    expect(await read('requests_in_flight', ['member'])).toEqual({ a: 0 });
    expect(await read('queue_length', ['balancer'])).toEqual({ shop: 0 });
    expect(nonZero(await read('queue_events_total', ['event']))).toEqual({ waiting: 1, served: 1 });
    expect(await read('queue_wait_seconds', ['le'])).toMatchObject({ '+Inf': 1 });
    expect(nonZero(await read('requests_total', ['code']))).toEqual({ none: 1, '2xx': 1 });
    expect(await read('attempts_total', ['outcome'])).toEqual({ client_gone: 1, answered: 1 });
  });
});

test('a WebSocket is a request in flight while it lasts, and no long request after', async () => {
  const chat = await startChat('a');
  const front = await startUpgradeFront({ members: [{ url: chat.url, route: 'a' }] });
  const read = watch(front);
  const { socket } = await openWebSocket(front.port);
  await say(socket, 'hi');
  expect(await read('requests_in_flight', ['member'])).toEqual({ a: 1 });
  expect(nonZero(await read('requests_total', ['code']))).toEqual({ '1xx': 1 });
  expect(await read('attempts_total', ['outcome'])).toEqual({ upgraded: 1 });
  socket.terminate();
  await until(() => front.balancer.view()[0]!.busy === 0);
  expect(await read('requests_in_flight', ['member'])).toEqual({ a: 0 });
  expect(await read('request_duration_seconds', ['le'])).toMatchObject({ '+Inf': 0 });
  expect(await read('response_time_seconds', ['le'])).toMatchObject({ '+Inf': 1 });
});

test('members that are added, changed and removed are told as they are', async () => {
  const [one, two] = [await startBackend('1'), await startBackend('2')];
  const front = await startFront({ members: [{ url: one.url, route: 'a' }] });
  const read = watch(front);
  front.balancer.add({ url: two.url, route: 'b', loadfactor: 2.5 });
  front.balancer.change('a', '+N');
  expect(await read('member_loadfactor', ['member'])).toEqual({ a: 1, b: 2.5 });
  expect(nonZero(await read('member_state', ['member', 'state']))).toEqual({ 'a draining': 1, 'b ok': 1 });
  expect(await read('member_info', ['member', 'url', 'route'])).toEqual({
    [`a ${one.url} a`]: 1,
    [`b ${two.url} b`]: 1,
  });
  await front.balancer.remove('a');
  expect(await read('member_up', ['member'])).toEqual({ b: 1 });
});

test('sessions with ids are counted at the member that they are bound to', async () => {
  const backend = await startBackend('1');
  const front = await startFront({
    stickysession: 'SID',
    members: [
      { url: backend.url, route: 'a' },
      { url: backend.url.replace('127.0.0.1', 'localhost'), route: 'b' },
    ],
  });
  const read = watch(front);
  for (const id of ['x', 'y', 'x']) await ask(front.port, { headers: { Cookie: `SID=${id}.a` } });
  expect(await read('member_sessions', ['member'])).toEqual({ a: 2 });
});

test('a balancer that is closed still tells what it has counted', async () => {
  const backend = await startBackend('1');
  const front = await startFront({ members: [{ url: backend.url, route: 'a' }] });
  const read = watch(front);
  await ask(front.port);
  await untilEnded(read, 1);
  await front.balancer.close();
  expect(await askStatuses(front.port, 1)).toEqual([503]);
  expect(await read('member_elected_total', ['member'])).toEqual({ a: 1 });
});
