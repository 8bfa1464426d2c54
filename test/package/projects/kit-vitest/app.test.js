import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'vitest';
import request from 'supertest';
import {
  expectFailover,
  expectIdle,
  expectMember,
  expectOnce,
  expectServed,
  expectSticky,
  seedChance,
  startMembers,
  stopClock,
  watch,
} from 'express-proxy-balancer/testing';
import { createApp } from './app.js';

let members;
let app;
let balancer;

function useApp(options) {
  ({ app, balancer } = createApp({ members: members.definitions, ...options }));
}

beforeEach(async () => {
  members = await startMembers(2);
  useApp();
});

afterEach(async () => {
  expectIdle(balancer);
  await balancer.close();
  await members.close();
});

test('requests go to both members', async () => {
  for (let i = 0; i < 4; i++) await request(app).get('/');
  expectServed(members, { app1: 2, app2: 2 });
});

test('a session stays with its member', async () => {
  const ask = () => request(app).get('/').set('Cookie', 'session=abc.app2');
  assert.equal(expectSticky([await ask(), await ask(), await ask()]), 'app2');
});

test('a request moves on when its member cuts it off', async () => {
  const requests = watch(balancer, 'request');
  members.app1.cutOff({ times: 1 });
  expectMember(await request(app).get('/'), 'app2');
  expectFailover(await requests.next(), ['app1', 'app2']);
});

test('an order is executed once, though a member refuses', async () => {
  await members.app1.refuse();
  await request(app).post('/orders').send({ pears: 2 });
  assert.deepEqual(expectOnce(members, 'POST /orders').json(), { pears: 2 });
});

test('a member that has refused is left alone for a minute', async () => {
  const ask = () => request(app).get('/').set('Cookie', 'session=abc.app1');
  const clock = stopClock();
  try {
    await members.app1.refuse();
    expectMember(await ask(), 'app2');
    await members.app1.recover();
    await clock.pass('59s');
    expectMember(await ask(), 'app2');
    await clock.pass('1s');
    expectMember(await ask(), 'app1');
  } finally {
    clock.resume();
  }
});

test('chance can be the same each time', async () => {
  const served = [];
  for (let run = 0; run < 2; run++) {
    await balancer.close();
    useApp({ lbmethod: 'random' });
    const chance = seedChance(42);
    const names = [];
    for (let i = 0; i < 6; i++) names.push((await request(app).get('/')).headers['x-member']);
    chance.resume();
    served.push(names);
  }
  assert.deepEqual(served[1], served[0]);
});

test('an expectation that is not met says what was', async () => {
  const answer = await request(app).get('/');
  assert.throws(() => expectMember(answer, 'app2'), { name: 'AssertionError', message: /app1/ });
});
