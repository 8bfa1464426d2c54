import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import express, { type Express } from 'express';
import { optionNames } from '../../src/definition/option-names.ts';
import * as library from '../../src/index.ts';
import { insideOf } from '../../src/inside.ts';
import * as manager from '../../src/manager/index.ts';
import * as redis from '../../src/redis/index.ts';
import { deadUrl, startBackend, stopBackends, type Backend } from '../support/backend.ts';
import { openGuide } from '../support/guide.ts';
import { until } from '../support/idle.ts';
import { readCode } from '../support/pages.ts';
import { requestTarget, untilIdle, type Answered, type Wishes } from '../support/request-target.ts';
import { compileSnippets } from '../support/snippets.ts';

const guide = openGuide('README.md');
const states: redis.SharedState[] = [];

afterEach(async () => {
  await guide.close();
  await Promise.all(states.splice(0).map((state) => state.close()));
  await stopBackends();
});

afterAll(guide.expectAllRun);

const cookie = (value: string): Wishes => ({ headers: { Cookie: value } });

async function startPair(
  answer?: (name: string) => (req: IncomingMessage, res: ServerResponse) => void,
): Promise<Backend[]> {
  return Promise.all(['1', '2'].map((name) => startBackend(name, answer?.(name))));
}

/** `http://localhost:4001`, 4002 and so on, in their order. */
function placesOf(backends: readonly Backend[]): Readonly<Record<string, string>> {
  return Object.fromEntries(backends.map(({ url }, i) => [`http://localhost:${4001 + i}`, url]));
}

/** A block that creates one balancer over localhost:4001 and 4002, in an app of its own. */
async function serve(
  heading: string,
  nth: number,
  backends: readonly Backend[],
  replace: Readonly<Record<string, string>> = {},
): Promise<(target: string, wishes?: Wishes) => Promise<Answered>> {
  guide.run(heading, nth, { replace: { ...placesOf(backends), ...replace } });
  const app = express();
  app.use(guide.balancers.at(-1)!);
  app.use((_req, res) => {
    res.send('app');
  });
  return guide.serve(app);
}

test('a mistake in a block does not compile', () => {
  const code = guide.findSnippet('The definition');
  const wrong = code.replace("stickysession: 'sessionid'", "stickysesion: 'sessionid'");
  expect(wrong).not.toBe(code);
  expect(compileSnippets([wrong])).toEqual([expect.stringContaining('stickysesion')]);
}, 60_000);

describe('the definition', () => {
  test('serves static files in turn, and sessions where they belong', async () => {
    const names = ['static1', 'static2', 'app1', 'app2'];
    const backends = await Promise.all(names.map((name) => startBackend(name)));
    const urls = Object.fromEntries(names.map((name, i) => [`http://${name}.site.com`, backends[i]!.url]));
    const { server } = guide.run('The definition', 0, {
      replace: { ...urls, 'app.listen(8080)': "app.listen(0, '127.0.0.1')" },
      wanted: ['server'],
    }) as { server: Server };
    const port = await guide.keep(server);

    const files = [await requestTarget(port, '/static/a.css'), await requestTarget(port, '/static/b.css')];
    expect(files.map(({ body }) => body)).toEqual(['static1', 'static2']);
    expect(backends[0]!.received).toMatchObject([{ url: '/media/a.css' }]);
    const strangers: string[] = [];
    for (let i = 0; i < 9; i += 1) strangers.push((await requestTarget(port, '/')).body);
    // loadfactor: 2
    expect(strangers.filter((name) => name === 'app2')).toHaveLength(6);
    for (let i = 0; i < 5; i += 1) {
      expect((await requestTarget(port, '/', cookie('sessionid=data!app1'))).body).toBe('app1');
      expect((await requestTarget(port, '/', cookie('sessionid=data!app2'))).body).toBe('app2');
    }
    await backends[2]!.stop();
    expect((await requestTarget(port, '/', cookie('sessionid=data!app1'))).body).toBe('app2');
  });
});

describe('sticky routes', () => {
  test('BALANCEID stays with its member, and gets 503 when that is down', async () => {
    const backends = await startPair();
    const get = await serve('Sticky routes', 0, backends);
    for (let i = 0; i < 4; i += 1) {
      expect((await get('/', cookie('BALANCEID=balancer.http2'))).body).toBe('2');
    }
    expect((await get('/balancer-manager')).body).toBe('app');
    await backends[1]!.stop();
    expect((await get('/', cookie('BALANCEID=balancer.http2'))).status).toBe(503);
    expect((await get('/', cookie('BALANCEID=balancer.http1'))).body).toBe('1');
  });

  test('ROUTEID is set, signed, and cannot be chosen', async () => {
    const get = await serve('Sticky routes', 1, await startPair());
    const [set = ''] = (await get('/')).headers['set-cookie'] ?? [];
    expect(set).toMatch(/^ROUTEID=s%3A1\.[^;]+; Path=\/; HttpOnly; SameSite=Lax$/);
    const mine = cookie(set.split(';', 1)[0]!);
    expect([(await get('/', mine)).body, (await get('/', mine)).body]).toEqual(['1', '1']);
    const chosen = [await get('/', cookie('ROUTEID=1')), await get('/', cookie('ROUTEID=1'))];
    expect(chosen.map(({ body }) => body)).toContain('2');
  });
});

test('failoverOn moves what the definition calls repeatable, and nothing else', async () => {
  const backends = await startPair((name) => (_req, res) => {
    res.writeHead(name === '1' ? 503 : 200).end(name);
  });
  const get = await serve('Failover and recovery', 0, backends);
  const asked: readonly Wishes[] = [
    {},
    { method: 'REPORT' },
    { method: 'POST', headers: { 'Idempotency-Key': 'x' } },
    { method: 'POST' },
    { method: 'PATCH' },
  ];
  const bodies: Set<string>[] = [];
  for (const wishes of asked) {
    bodies.push(new Set([(await get('/', wishes)).body, (await get('/', wishes)).body]));
  }
  const [moved, stays] = [new Set(['2']), new Set(['1', '2'])];
  expect(bodies).toEqual([moved, moved, moved, stays, stays]);
});

test('hashKey keeps a tenant on one member', async () => {
  const get = await serve('Balancing methods', 0, await startPair());
  const homes = new Map<string, Set<string>>();
  for (let i = 0; i < 60; i += 1) {
    const tenant = `t${i % 20}`;
    const { body } = await get('/', { headers: { 'X-Tenant': tenant } });
    homes.set(tenant, (homes.get(tenant) ?? new Set()).add(body));
  }
  expect([...homes.values()].map(({ size }) => size)).toEqual(Array(20).fill(1));
  expect(new Set([...homes.values()].flatMap((home) => [...home]))).toEqual(new Set(['1', '2']));
  const strangers = [await get('/'), await get('/'), await get('/')].map(({ body }) => body);
  expect(new Set(strangers).size).toBe(1);
});

describe('the life of a member', () => {
  test('the standby serves while the other fails its checks, or is ejected', async () => {
    let health = '{"status":"ok"}';
    let status = 200;
    const backends = await startPair((name) => (req, res) => {
      res.writeHead(name === '1' && req.url === '/' ? status : 200);
      res.end(req.url === '/health' && name === '1' ? health : `${name} "ok"`);
    });
    const get = await serve('The life of a member', 0, backends, {
      "hcinterval: '10s'": "hcinterval: '100ms'",
      'retry: 5': 'retry: 50',
    });
    const [first] = guide.balancers;
    const statusOfFirst = (): string => first!.view()[0]!.status;
    expect((await get('/')).body).toBe('1 "ok"');
    health = 'not well';
    await until(() => statusOfFirst() === 'C');
    expect((await get('/')).body).toBe('2 "ok"');
    health = '{"status":"ok"}';
    await until(() => statusOfFirst() === '');
    status = 500;
    const statuses: number[] = [];
    for (let i = 0; i < 6; i += 1) statuses.push((await get('/')).status);
    expect(statuses).toEqual([500, 500, 500, 500, 500, 200]);
    expect(first!.view()[0]).toMatchObject({ ejected: true, max: 100 });
  });

  test('the function answers once nobody else does', async () => {
    const [backend] = await startPair();
    const get = await serve('The life of a member', 1, [backend!]);
    expect((await get('/')).body).toBe('1');
    await backend!.stop();
    expect(await get('/')).toMatchObject({ status: 503, body: 'Back in a minute.' });
  });
});

describe('change while running', () => {
  test('configure has all options but those that are named', () => {
    const [, list = ''] = /It has all options but (.*)/.exec(guide.text) ?? [];
    const balancer = library.createBalancer({ members: ['http://a/'] });
    const refused = optionNames.balancer.filter((option) => {
      try {
        balancer.configure({ [option]: null });
        return false;
      } catch {
        return true;
      }
    });
    const named = readCode(list).filter((word) => !['add', 'remove', 'update'].includes(word));
    expect(named.toSorted()).toEqual(refused.toSorted());
    return balancer.close();
  });

  test('what is changed while it runs holds, and outlasts the update', async () => {
    const backends = await Promise.all(['1', '2', '3'].map((name) => startBackend(name)));
    const urls = backends.map(({ url }) => url);
    const all = guide.runWaiting('Change while running', 0, { replace: placesOf(backends) });
    const [balancer] = guide.balancers;
    expect(balancer!.view()).toMatchObject([
      { name: 'app1', status: '', loadfactor: 3, max: 50 },
      { name: 'app2', status: 'N' },
      { name: 'app3', status: '', loadfactor: 1 },
    ]);
    const { definition } = insideOf(balancer!).roster;
    expect(definition()).toEqual({ logger: false, lbmethod: 'bybusyness', maxattempts: 1 });
    const lists: unknown[] = [];
    balancer!.on('members', ({ removed }) => lists.push(removed));
    await all;
    expect(lists).toEqual([['app2']]);
    expect(definition()).toEqual({});
    expect(balancer!.view().map(({ url, loadfactor, max }) => [url, loadfactor, max])).toEqual([
      [urls[0], 3, 50],
      [urls[2], 1, undefined],
    ]);
    const app = express();
    app.use(balancer!);
    const get = await guide.serve(app);
    const bodies: string[] = [];
    for (let i = 0; i < 60; i += 1) bodies.push((await get('/')).body);
    expect(new Set(bodies)).toEqual(new Set(['1', '3']));
    // Three times the weight, and the other one in its slow start.
    expect(bodies.filter((body) => body === '3').length).toBeLessThan(6);
  });
});

describe('what happened to a request', () => {
  const heading = 'What happened to a request';

  test('the log line tells who has served a request', async () => {
    const app = express();
    const [backend] = await startPair();
    const lines: string[] = [];
    const log = (...words: readonly unknown[]): void => {
      lines.push(words.join(' '));
    };
    guide.run(heading, 0, { names: { app, console: { log } } });
    const members = [{ url: backend!.url, route: 'a' }];
    const balancer = library.createBalancer({ stickysession: 'SID', members, logger: false });
    app.use('/shop', balancer);
    const get = await guide.serve(app);
    await get('/shop/x?y', cookie('SID=1.a'));
    await untilIdle([balancer]);
    await balancer.close();
    expect(lines).toEqual([
      expect.stringMatching(
        /^GET \/shop\/x\?y 200 http:\/\/127\.0\.0\.1:\d+\S* sticky a answered \d+\.\d ms$/,
      ),
    ]);
  });

  test('/why explains, and the console tells of a member that is down', async () => {
    const [one, two] = await startPair();
    const app = express();
    const lines: string[] = [];
    const log = (line: string): number => lines.push(line);
    guide.run(heading, 1, {
      replace: placesOf([one!, two!]),
      names: { app, console: { log } },
    });
    const [balancer] = guide.balancers;
    app.use(balancer!);
    const get = await guide.serve(app);
    const why = JSON.parse((await get('/why')).body) as library.Explanation;
    expect(why.members.map((member) => member.why)).toEqual(['method', 'not-preferred']);
    expect((await get('/')).body).toBe('1');
    await two!.stop();
    expect((await get('/')).body).toBe('1');
    expect(lines).toEqual([`${balancer!.view()[1]!.name}: ok -> E, failed`]);
  });
});

test('at the end, what is in flight gets its answer, and nobody else comes in', async () => {
  const asked = Promise.withResolvers<ServerResponse>();
  const [one, two] = await startPair(() => (_req, res) => {
    asked.resolve(res);
  });
  const app = express();
  const told = Promise.withResolvers<() => Promise<void>>();
  const process = {
    once: (signal: string, listener: () => Promise<void>) => {
      if (signal === 'SIGTERM') told.resolve(listener);
    },
  };
  const { server } = guide.run('Ending', 0, {
    replace: { ...placesOf([one!, two!]), 'app.listen(8080)': "app.listen(0, '127.0.0.1')" },
    names: { app, process },
    wanted: ['server'],
  }) as { server: Server };
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const answer = requestTarget(port, '/');
  const res = await asked.promise;

  const closed = once(server, 'close');
  const ended = (await told.promise)();
  res.end('whole');
  expect(await answer).toMatchObject({ status: 200, body: 'whole', headers: { connection: 'close' } });
  await ended;
  await closed;
  await expect(requestTarget(port, '/')).rejects.toThrow('ECONNREFUSED');
});

test('the manager shows every balancer, to this machine', async () => {
  const app: Express = express();
  const members = ['http://localhost:4002/'];
  const balancer = library.createBalancer({ name: 'elsewhere', members, logger: false });
  const managers: manager.Manager[] = [];
  const createManager = (options: manager.ManagerOptions): manager.Manager => {
    managers.push(manager.createManager({ ...options, logger: false }));
    return managers[0]!;
  };
  guide.run('Manager', 0, {
    modules: { 'express-proxy-balancer/manager': { createManager } },
    names: { app },
  });
  const get = await guide.serve(app);
  const { status, body } = await get('/balancer-manager/', { headers: { Host: 'localhost' } });
  expect([status, body.includes('elsewhere')]).toEqual([200, true]);
  expect((await get('/balancer-manager/')).status).toBe(403);
  managers[0]!.close();
  await balancer.close();
});

test('with a state, requests are served whether Redis is there or not', async () => {
  const backends = await startPair();
  const redisState = (options: redis.RedisStateOptions): redis.SharedState => {
    states.push(redis.redisState({ ...options, logger: false }));
    return states[0]!;
  };
  const app: Express = express();
  guide.run('Many processes', 0, {
    replace: { ...placesOf(backends), 'redis://localhost:6379': (await deadUrl()).replace('http', 'redis') },
    modules: { 'express-proxy-balancer/redis': { redisState } },
    names: { app },
  });
  const get = await guide.serve(app);
  expect([(await get('/')).body, (await get('/')).body]).toEqual(['1', '2']);
  await states[0]!.ready();
  expect(states[0]!.status().kind).toBe('alone');
});
