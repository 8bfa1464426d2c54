import { setTimeout as realTimer } from 'node:timers';
import { afterEach, describe, expect, test } from '@jest/globals';
import express, { type Express } from 'express';
import request, { type Response } from 'supertest';
import { attachUpgrades, createBalancer, type Balancer, type BalancerDefinition } from '../../src/index.ts';
import {
  expectFailover,
  expectIdle,
  expectMember,
  expectOnce,
  expectServed,
  expectStatus,
  expectSticky,
  seedChance,
  startMembers,
  stopClock,
  tidyUp as tidyUpKit,
  until,
  watch,
} from '../../src/testing/index.ts';
import { senders, type Front, startFront } from '../support/front.ts';
import { closeWebSockets, openWebSocket, say } from '../support/websocket.ts';
import { tidyUp } from '../support/idle.ts';

const ends: (() => unknown)[] = [];

/** Ends something after the test, last first. */
function atEnd(end: () => unknown): void {
  ends.unshift(end);
}

afterEach(async () => {
  closeWebSockets();
  for (const end of ends.splice(0)) await end();
  await tidyUp();
});

async function startTwo() {
  const members = await startMembers(2);
  atEnd(members.close);
  return members;
}

function stop() {
  const clock = stopClock();
  atEnd(clock.resume);
  return clock;
}

/** An app of a user, without a server: supertest makes one. */
function createApp(definition: BalancerDefinition): Readonly<{ app: Express; balancer: Balancer }> {
  const balancer: Balancer = createBalancer({ logger: false, ...definition });
  atEnd(() => balancer.close());
  const app = express().use(balancer);
  return { app, balancer };
}

/** supertest sends when it is waited for. */
function send(app: Express, path = '/'): Promise<Response> {
  return request(app)
    .get(path)
    .then((response) => response);
}

describe('members', () => {
  test('are called app1, app2 … or as they are told, and answer with their name', async () => {
    const members = await startTwo();
    const { app } = createApp({ members: members.definitions });
    const first = await request(app).get('/');
    expect([first.text, first.headers['x-member']]).toEqual(['app1', 'app1']);
    expectMember(await request(app).get('/'), members.app2);
    expect([...members].map(({ name }) => name)).toEqual(['app1', 'app2']);
    expect([members[0], members.length]).toEqual([members.app1, 2]);
    const named = await startMembers(['blue', 'green']);
    atEnd(named.close);
    expect(named.definitions.map(({ route }) => route)).toEqual(['blue', 'green']);
    expectMember(await fetch(named.green.url), 'green');
  });

  test('answer with what is given, an Express app too, which reads its bodies itself', async () => {
    const orders = express()
      .use(express.json())
      .post('/orders', (req, res) => void res.status(201).json(req.body));
    await using members = await startMembers({ orders });
    const { app } = createApp({ members: members.definitions });
    const response = await request(app).post('/orders').send({ n: 1 });
    expect([response.status, response.body]).toEqual([201, { n: 1 }]);
    expect(members.orders.requests[0]!.json()).toEqual({ n: 1 });
  });

  test('that throw answer 500 with what was thrown', async () => {
    await using members = await startMembers({ app1: () => Promise.reject(new Error('no such table')) });
    const { app } = createApp({ members: members.definitions });
    const response = await request(app).get('/');
    expect([response.status, response.text]).toEqual([
      500,
      expect.stringContaining('no such table') as unknown,
    ]);
  });

  test('write down what they get', async () => {
    const members = await startTwo();
    const { app } = createApp({ members: members.definitions });
    await request(app).post('/orders?x=1').set('X-Test', 'yes').send({ n: 1 });
    const [got] = members.app1.requests;
    expect(got).toMatchObject({
      member: 'app1',
      method: 'POST',
      path: '/orders?x=1',
      connection: 0,
      isComplete: true,
      isUpgrade: false,
    });
    expect([got!.headers['x-test'], got!.text(), got!.json()]).toEqual(['yes', '{"n":1}', { n: 1 }]);
    expect(members.requests).toEqual([got]);
    expect(members.app1.connections).toBe(1);
    members.forget();
    expect([members.requests, members.app1.requests]).toEqual([[], []]);
  });

  test('give each request once, those before too, and say what has come when none comes', async () => {
    const { app1 } = await startTwo();
    await fetch(`${app1.url}a`);
    await fetch(`${app1.url}b`);
    expect((await app1.nextRequest({ only: '/b' })).path).toBe('/b');
    expect((await app1.nextRequest()).path).toBe('/a');
    await expect(app1.nextRequest({ within: '1ms' })).rejects.toThrow(
      'app1 has got no further request within 0.001 s; it has got 2:\n  GET /a to app1\n  GET /b to app1',
    );
    const next = app1.nextRequest();
    await fetch(`${app1.url}c`);
    expect((await next).path).toBe('/c');
  });
});

describe.each(senders)('faults, over %s', (_name, sender) => {
  async function startFrontOf(definition: BalancerDefinition): Promise<Front> {
    return startFront({ ...sender, ...definition });
  }

  test('a member that refuses is failed over from, and comes back on its port', async () => {
    const members = await startTwo();
    const { app, balancer } = await startFrontOf({ members: members.definitions });
    const asked = watch(balancer, 'request');
    await members.app1.refuse();
    expectMember(await request(app).get('/'), 'app2');
    const { attempts } = await asked.next();
    expectFailover({ attempts }, ['app1', 'app2']);
    expect(attempts[0]).toMatchObject({ outcome: 'connect', code: 'ECONNREFUSED' });
    await members.app1.recover();
    expectMember(await fetch(members.app1.url), 'app1');
  });

  test.each([
    [
      'hang',
      (members: Two) => {
        members.app1.hang();
      },
      'timeout',
    ],
    [
      'reset',
      (members: Two) => {
        members.app1.reset();
      },
      'reset',
    ],
    [
      'cut off before anything',
      (members: Two) => {
        members.app1.cutOff();
      },
      'reset',
    ],
    [
      'cut off in the head',
      (members: Two) => {
        members.app1.cutOff({ in: 'head' });
      },
      'reset',
    ],
  ] as const)('members that %s', async (_what, break_, outcome) => {
    const clock = stop();
    const members = await startTwo();
    const { app, balancer } = await startFrontOf({ members: members.definitions });
    const asked = watch(balancer, 'request');
    break_(members);
    const answer = send(app);
    await members.app1.nextRequest();
    await clock.pass('60s');
    expectMember(await answer, 'app2');
    expect((await asked.next()).attempts.map((each) => each.outcome)).toEqual([outcome, 'answered']);
    await expectIdle(balancer);
    await members.recover();
    members.forget();
    await request(app).get('/');
    await request(app).get('/');
    expectServed(members, { app1: 1, app2: 1 });
  });

  test('an answer that is cut off in its body is cut off for the client', async () => {
    await using members = await startMembers(1);
    const { url, balancer } = await startFrontOf({ members: members.definitions });
    members.app1.cutOff({ afterBytes: 10 });
    const response = await fetch(url);
    expect(response.headers.get('content-length')).toBe('11');
    await expect(response.text()).rejects.toThrow();
    await expectIdle(balancer);
  });

  test('a member may fail so often, and for some requests only', async () => {
    const members = await startTwo();
    const { app } = await startFrontOf({ members: members.definitions });
    members.app1.fail(503, { times: 1, only: 'GET /orders', headers: { 'Retry-After': '7' } });
    const statuses: unknown[] = [];
    for (const path of ['/', '/', '/orders?x=1', '/', '/orders'])
      statuses.push((await request(app).get(path)).status);
    expect(statuses).toEqual([200, 200, 503, 200, 200]);
  });

  test('a slow member answers when the stopped clock lets it', async () => {
    const clock = stop();
    await using members = await startMembers(1);
    const { app } = await startFrontOf({ members: members.definitions });
    members.app1.slowDown('50s');
    let isAnswered = false;
    const answer = send(app).then((response) => {
      isAnswered = true;
      return response;
    });
    await members.app1.nextRequest();
    await clock.pass('49s');
    expect(isAnswered).toBe(false);
    await clock.pass('1s');
    expectMember(await answer, 'app1');
    expect(clock.now()).toBe(50_000);
  });

  test('an order is placed once, although its member resets the connection', async () => {
    const members = await startTwo();
    const { app } = await startFrontOf({ members: members.definitions });
    members.app1.reset();
    const response = await request(app).post('/orders').send({ n: 1 });
    expect(response.status).toBe(502);
    expect(expectOnce(members, 'POST /orders').json()).toEqual({ n: 1 });
  });
});

type Two = Awaited<ReturnType<typeof startTwo>>;

describe('the stopped clock', () => {
  test('lets health checks be sent and answered, whatever time passes at once', async () => {
    const clock = stop();
    const members = await startTwo();
    const { balancer } = createApp({
      members: members.definitions.map((member) => ({
        ...member,
        hcmethod: 'GET',
        hcuri: '/health',
        hcinterval: 10,
      })),
    });
    members.app1.fail(500, { only: '/health' });
    await clock.pass('60s');
    expect(balancer.view().map(({ status }) => status)).toEqual(['C', '']);
    // Give or take a tenth, after a first one within the first interval.
    expect(members.app2.requests.length).toBeGreaterThanOrEqual(5);
    expect(members.app2.requests.length).toBeLessThanOrEqual(7);
    await members.app1.recover();
    await clock.pass('11s');
    expect(balancer.view().map(({ status }) => status)).toEqual(['', '']);
  });

  test('has a check time out only where the member is silent', async () => {
    const clock = stop();
    const members = await startTwo();
    const { balancer } = createApp({
      members: members.definitions.map((member) => ({
        ...member,
        hcmethod: 'GET',
        hcinterval: 10,
        hctimeout: 2,
      })),
    });
    members.app1.hang();
    await clock.pass('30s');
    expect(balancer.view().map(({ status }) => status)).toEqual(['C', '']);
  });

  test('brings a member back when its retry time is over, and not a millisecond before', async () => {
    const clock = stop();
    const members = await startTwo();
    const { app, balancer } = createApp({ members: members.definitions, memberDefaults: { retry: 60 } });
    await members.app1.refuse();
    expectMember(await request(app).get('/'), 'app2');
    await expectStatus(balancer, { app1: 'E', app2: '' });
    await members.app1.recover();
    await clock.pass('59999ms');
    for (let i = 0; i < 3; i += 1) expectMember(await request(app).get('/'), 'app2');
    await clock.pass('1ms');
    const answers = [await request(app).get('/'), await request(app).get('/')];
    expect(answers.map(({ text }) => text)).toContain('app1');
    await expectStatus(balancer, { app1: '' });
  });

  test('takes along timers that run already', async () => {
    const members = await startTwo();
    const { balancer } = createApp({
      members: members.definitions.map((member) => ({ ...member, hcmethod: 'GET', hcinterval: '1h' })),
    });
    const clock = stop();
    await members.app2.refuse();
    await clock.pass('2h');
    await expectStatus(balancer, { app1: '', app2: 'C' });
    expect(members.app1.requests.length).toBeGreaterThan(0);
  });

  test('leaves the timers of everybody else alone', async () => {
    stop();
    const early = Date.now();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(Date.now()).toBeGreaterThan(early);
  });

  test('hands what is left back to the real one when it goes on', async () => {
    const clock = stop();
    await using members = await startMembers(1);
    const { app } = createApp({ members: members.definitions, proxytimeout: '2h' });
    members.app1.slowDown('1h');
    const answer = send(app);
    await members.app1.nextRequest();
    await clock.pass('59s');
    await clock.pass('59m');
    await clock.pass('999ms');
    clock.resume();
    expectMember(await answer, 'app1');
  });

  test('that goes on does not go back', async () => {
    const clock = stop();
    const members = await startTwo();
    const { app, balancer } = createApp({ members: members.definitions, memberDefaults: { retry: '1h' } });
    await members.app1.refuse();
    await request(app).get('/');
    await clock.pass('59m');
    clock.resume();
    const left = balancer.view()[0]!.retryInMs!;
    expect(left).toBeLessThanOrEqual(60_000);
    const again = stop();
    await again.pass('1m');
    expect(balancer.view()[0]!.retryInMs).toBe(0);
  });

  test('is stopped once, and passes one time after the other', async () => {
    const clock = stop();
    expect(() => stopClock()).toThrow('the clock is stopped already');
    const passing = clock.pass(1);
    await expect(clock.pass(1)).rejects.toThrow('time is passing already');
    await passing;
    await expect(clock.pass(60_000)).rejects.toThrow(
      "60000 seconds would be 16 h 40 min; write 60 for seconds or '60000ms'",
    );
    clock.resume();
    clock.resume();
    await expect(clock.pass(1)).rejects.toThrow('the clock goes on already');
    stopClock().resume();
  });
});

describe('seeded chance', () => {
  async function draw(seed: number): Promise<string> {
    using chance = seedChance(seed);
    const members = await startMembers(3);
    const { app } = createApp({ members: members.definitions, lbmethod: 'random' });
    let names = '';
    for (let i = 0; i < 12; i += 1) names += (await request(app).get('/')).text.slice(3);
    await members.close();
    expect(chance.draws()).toBeGreaterThanOrEqual(24);
    return names;
  }

  test('chooses the same members in each run', async () => {
    const first = await draw(42);
    expect(await draw(42)).toBe(first);
    expect(await draw(43)).not.toBe(first);
  });
});

describe('WebSockets', () => {
  async function startChatFront(definition: BalancerDefinition): Promise<Front> {
    const front = await startFront(definition);
    attachUpgrades(front.server, front.app);
    return front;
  }

  test('are accepted, sent back to, and written down', async () => {
    const members = await startTwo();
    const { port, balancer } = await startChatFront({ members: members.definitions });
    const { socket, head } = await openWebSocket(port, '/chat', { protocols: ['v1'] });
    expectMember(head, 'app1');
    expect(socket.protocol).toBe('v1');
    expect(await say(socket, 'hello')).toBe('hello');
    const long = 'x'.repeat(70_000);
    expect(await say(socket, long)).toBe(long);
    expect(await say(socket, 'y'.repeat(200))).toBe('y'.repeat(200));
    const [opened] = members.app1.requests;
    expect([opened!.isUpgrade, opened!.path, opened!.messages.slice(0, 2)]).toEqual([
      true,
      '/chat',
      ['hello', long],
    ]);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.close(1000);
    expect(await closed).toBe(1000);
    await expectIdle(balancer);
  });

  test('move on from a member that refuses', async () => {
    const members = await startTwo();
    const { port } = await startChatFront({ members: members.definitions });
    await members.app1.refuse();
    const { socket, head } = await openWebSocket(port);
    expectMember(head, 'app2');
    expect(await say(socket, 'hello')).toBe('hello');
    members.app2.fail(503);
    await expect(openWebSocket(port)).rejects.toThrow('503');
  });
});

describe('tidyUp', () => {
  test('closes members and their balancers, whatever is under way, and lets clock and chance go on', async () => {
    const members = await startMembers(2);
    const strangers = await startFront({ members: ['http://127.0.0.1:1/'] });
    const balancer = createBalancer({ logger: false, members: members.definitions });
    const app = express().use(balancer);
    const clock = stopClock();
    const chance = seedChance(1);
    members.app1.hang();
    const answer = send(app);
    await members.app1.nextRequest();
    await tidyUpKit();
    expect((await answer).status).toBeGreaterThanOrEqual(500);
    expect((await send(app)).status).toBe(503);
    await expect(fetch(members.app2.url)).rejects.toThrow();
    await expect(clock.pass(1)).rejects.toThrow('the clock goes on already');
    expect(chance.draws()).toBe(0);
    // Another's balancer is none of its business.
    expect((await request(strangers.app).get('/')).body).toMatchObject({ code: 'ERR_BALANCER_CONNECT' });
    await tidyUpKit();
  });
});

describe('what is waited for takes real time', () => {
  test('a condition that does not come true is shown', async () => {
    const members = await startTwo();
    await expect(until(() => members.length > 2, { within: '1ms' })).rejects.toThrow(
      /within 0\.001 s this has not become so: .*length > 2/,
    );
    let isSo = false;
    realTimer(() => (isSo = true), 5);
    await until(() => isSo);
  });

  test('a balancer that is not idle is told with its members', async () => {
    const members = await startTwo();
    const { app, balancer } = createApp({ members: members.definitions });
    members.app1.hang();
    const answer = send(app).catch(() => undefined);
    await members.app1.nextRequest();
    await expect(expectIdle(balancer, { within: '1ms' })).rejects.toThrow(/still under way.*\n {2}app1: 1$/);
    await expect(expectStatus(balancer, { app1: 'E' }, { within: '1ms' })).rejects.toThrow(
      "have not come to be so:\n  app1: '', expected 'E'",
    );
    await members.app1.refuse();
    await answer;
  });

  test('sticky answers are of one member', async () => {
    const members = await startTwo();
    const { app } = createApp({ members: members.definitions, routeCookie: true });
    const agent = request.agent(app);
    expect(expectSticky([await agent.get('/'), await agent.get('/'), await agent.get('/')])).toBe('app1');
  });
});
