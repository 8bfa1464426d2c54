import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import express, { type Express } from 'express';
import { debug } from '../../src/debug.ts';
import { buildSettings } from '../../src/definition/build-settings.ts';
import type { BalancerDefinition } from '../../src/definition/definition.ts';
import { optionNames } from '../../src/definition/option-names.ts';
import { statusOf, type BalancerErrorCode } from '../../src/errors.ts';
import { eventNames, type BalancerEventName } from '../../src/events.ts';
import * as library from '../../src/index.ts';
import { insideOf } from '../../src/inside.ts';
import { findStatusFault } from '../../src/definition/check-status.ts';
import { createMember } from '../../src/member/member.ts';
import { parseStatus, printStatus, Status } from '../../src/member/status.ts';
import { labelsOf } from '../../src/metrics/exposed-metric.ts';
import { families } from '../../src/metrics/families.ts';
import { tellStates } from '../../src/metrics/figures.ts';
import { bucketBounds } from '../../src/metrics/sample.ts';
import { addServerTiming } from '../../src/server-timing.ts';
import { startBackend, stopBackends, type Backend } from '../support/backend.ts';
import { buildMember } from '../support/build-members.ts';
import { until } from '../support/idle.ts';
import {
  compileSnippets,
  findSnippet,
  findSnippets,
  readCode,
  readme,
  readSection,
  readTable,
  runSnippet,
  runWaitingSnippet,
} from '../support/readme.ts';
import { requestTarget, untilIdle, type Answered, type Wishes } from '../support/request-target.ts';

const root = join(import.meta.dirname, '../..');

type Manifest = Readonly<{
  engines: Readonly<Record<string, string>>;
  scripts: Readonly<Record<string, string>>;
  dependencies: Readonly<Record<string, string>>;
  peerDependencies: Readonly<Record<string, string>>;
  peerDependenciesMeta: Readonly<Record<string, unknown>>;
}>;

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;

type NamedMethod = Exclude<NonNullable<BalancerDefinition['lbmethod']>, (...args: never) => unknown>;

/** Every method that has a name. */
const methods: Readonly<Record<NamedMethod, true>> = {
  byrequests: true,
  bytraffic: true,
  bybusyness: true,
  byresponsetime: true,
  random: true,
  byhash: true,
};

/** What every event tells besides the name of its balancer. */
const eventFields: {
  readonly [Name in BalancerEventName]: Readonly<
    Record<Exclude<keyof library.BalancerEvents[Name], 'balancer'>, true>
  >;
} = {
  state: { member: true, url: true, from: true, to: true, cause: true },
  attempt: { method: true, path: true, attempt: true },
  request: {
    method: true,
    path: true,
    status: true,
    error: true,
    member: true,
    route: true,
    sticky: true,
    routeChanged: true,
    waitedMs: true,
    durationMs: true,
    attempts: true,
  },
  failover: { method: true, path: true, from: true, to: true, outcome: true },
  ejection: { member: true, url: true, timeMs: true },
  queue: { what: true, reason: true, waiting: true, waitedMs: true },
  members: { added: true, removed: true },
};

const factNames: Readonly<Record<keyof library.BalancerFacts, true>> = {
  name: true,
  sticky: true,
  route: true,
  member: true,
  memberRoute: true,
  routeChanged: true,
  arrivedAt: true,
  waitedMs: true,
  attempts: true,
};

describe('every snippet', () => {
  test('compiles under the settings of this repository', () => {
    const snippets = findSnippets();
    expect(snippets.length).toBeGreaterThan(4);
    expect(compileSnippets(snippets.map(({ code }) => code))).toEqual([]);
  }, 60_000);

  test('would not compile with a mistake in it', () => {
    const [start = ''] = findSnippets().map(({ code }) => code);
    const wrong = start.replace("stickysession: 'sessionid'", "stickysesion: 'sessionid'");
    expect(wrong).not.toBe(start);
    expect(compileSnippets([wrong])).toEqual([expect.stringContaining('stickysesion')]);
  }, 60_000);
});

describe('the snippets run', () => {
  const servers: Server[] = [];
  const balancers: library.Balancer[] = [];

  afterEach(async () => {
    await untilIdle(balancers);
    await Promise.all(balancers.splice(0).map((balancer) => balancer.close()));
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    }
    await stopBackends();
    jest.restoreAllMocks();
  });

  /** The library as snippets see it; what they create is closed in the end. */
  const noted: typeof library = {
    ...library,
    createBalancer: ((definition: BalancerDefinition) => {
      const balancer: library.Balancer = library.createBalancer({ logger: false, ...definition });
      balancers.push(balancer);
      return balancer;
    }) as typeof library.createBalancer,
  };
  const modules = { express, 'express-proxy-balancer': noted };

  function replaceUrls(code: string, urls: Readonly<Record<string, string>>): string {
    return Object.entries(urls).reduce((text, [from, to]) => {
      expect(text).toContain(from);
      return text.replaceAll(from, to);
    }, code);
  }

  async function listen(app: Express): Promise<number> {
    const server = app.listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  /** A block that creates one balancer over localhost:4001 and 4002, in an app of its own. */
  async function serve(
    code: string,
    backends: readonly Backend[],
  ): Promise<(target: string, wishes?: Wishes) => Promise<Answered>> {
    const [one, two] = backends;
    runSnippet(
      replaceUrls(code, {
        'http://localhost:4001': one!.url,
        ...(two ? { 'http://localhost:4002': two.url } : {}),
      }),
      modules,
      noted,
    );
    const app = express();
    app.use(balancers.at(-1)!);
    app.use((_req, res) => {
      res.send('app');
    });
    const port = await listen(app);
    return (target, wishes) => requestTarget(port, target, wishes);
  }

  async function startPair(
    answer?: (name: string) => (req: IncomingMessage, res: ServerResponse) => void,
  ): Promise<Backend[]> {
    return Promise.all(['1', '2'].map((name) => startBackend(name, answer?.(name))));
  }

  const cookie = (value: string): Wishes => ({ headers: { Cookie: value } });

  test('Start serves static files in turn, and sessions where they belong', async () => {
    const names = ['static1', 'static2', 'app1', 'app2'];
    const backends = await Promise.all(names.map((name) => startBackend(name)));
    const urls = Object.fromEntries(names.map((name, i) => [`http://${name}.site.com`, backends[i]!.url]));
    const code = replaceUrls(findSnippet('Start'), {
      ...urls,
      'app.listen(8080)': "app.listen(0, '127.0.0.1')",
    });
    const { server } = runSnippet(code, modules, {}, ['server']) as { server: Server };
    servers.push(server);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;

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

  test('BALANCEID stays with its member, and gets 503 when that is down', async () => {
    const backends = await startPair();
    const get = await serve(findSnippet('Sticky routes'), backends);
    for (let i = 0; i < 4; i += 1) {
      expect((await get('/', cookie('BALANCEID=balancer.http2'))).body).toBe('2');
    }
    expect((await get('/balancer-manager')).body).toBe('app');
    await backends[1]!.stop();
    expect((await get('/', cookie('BALANCEID=balancer.http2'))).status).toBe(503);
    expect((await get('/', cookie('BALANCEID=balancer.http1'))).body).toBe('1');
  });

  test('ROUTEID is set, signed, and cannot be chosen', async () => {
    const get = await serve(findSnippet('Sticky routes', 1), await startPair());
    const [set = ''] = (await get('/')).headers['set-cookie'] ?? [];
    expect(set).toMatch(/^ROUTEID=s%3A1\.[^;]+; Path=\/; HttpOnly; SameSite=Lax$/);
    const mine = cookie(set.split(';', 1)[0]!);
    expect([(await get('/', mine)).body, (await get('/', mine)).body]).toEqual(['1', '1']);
    const chosen = [await get('/', cookie('ROUTEID=1')), await get('/', cookie('ROUTEID=1'))];
    expect(chosen.map(({ body }) => body)).toContain('2');
  });

  test('failoverOn moves what the definition calls repeatable, and nothing else', async () => {
    const backends = await startPair((name) => (_req, res) => {
      res.writeHead(name === '1' ? 503 : 200).end(name);
    });
    const get = await serve(findSnippet('Failover and recovery'), backends);
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

  test('the log line tells who has served a request', async () => {
    const app = express();
    const [backend] = await startPair();
    const lines: string[] = [];
    const print = (...words: readonly unknown[]): void => {
      lines.push(words.join(' '));
    };
    runSnippet(findSnippet('What happened to a request'), {}, { app, console: { log: print } });
    app.use(
      '/shop',
      noted.createBalancer({ stickysession: 'SID', members: [{ url: backend!.url, route: 'a' }] }),
    );
    const port = await listen(app);
    await requestTarget(port, '/shop/x?y', cookie('SID=1.a'));
    await untilIdle(balancers);
    expect(lines).toEqual([
      expect.stringMatching(
        /^GET \/shop\/x\?y 200 http:\/\/127\.0\.0\.1:\d+\S* sticky a answered \d+\.\d ms$/,
      ),
    ]);
  });

  test('hashKey keeps a tenant on one member', async () => {
    const get = await serve(findSnippet('Balancing methods'), await startPair());
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

  test('the standby serves while the other fails its checks, or is ejected', async () => {
    let health = '{"status":"ok"}';
    let status = 200;
    const backends = await startPair((name) => (req, res) => {
      res.writeHead(name === '1' && req.url === '/' ? status : 200);
      res.end(req.url === '/health' && name === '1' ? health : `${name} "ok"`);
    });
    const code = findSnippet('The life of a member');
    const get = await serve(
      replaceUrls(code, { "hcinterval: '10s'": "hcinterval: '100ms'", 'retry: 5': 'retry: 50' }),
      backends,
    );
    const [first] = balancers;
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
    const get = await serve(findSnippet('The life of a member', 1), [backend!]);
    expect((await get('/')).body).toBe('1');
    await backend!.stop();
    expect(await get('/')).toMatchObject({ status: 503, body: 'Back in a minute.' });
  });

  test('configure has all options but those that the README names', () => {
    const [, list = ''] = /It has all options but (.*)/.exec(readme) ?? [];
    const balancer = noted.createBalancer({ members: ['http://a/'] });
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
  });

  test('what is changed while it runs holds, and outlasts the update', async () => {
    const backends = await Promise.all(['1', '2', '3'].map((name) => startBackend(name)));
    const urls = backends.map(({ url }) => url);
    const code = replaceUrls(findSnippet('Change while running'), {
      'http://localhost:4001': urls[0]!,
      'http://localhost:4002': urls[1]!,
      'http://localhost:4003': urls[2]!,
    });
    const all = runWaitingSnippet(code, modules, noted);
    const [balancer] = balancers;
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
    const port = await listen(app);
    const bodies: string[] = [];
    for (let i = 0; i < 60; i += 1) bodies.push((await requestTarget(port, '/')).body);
    expect(new Set(bodies)).toEqual(new Set(['1', '3']));
    // Three times the weight, and the other one in its slow start.
    expect(bodies.filter((body) => body === '3').length).toBeLessThan(6);
  });

  test('/why explains, and the console tells of a member that is down', async () => {
    const [one, two] = await startPair();
    const app = express();
    const lines: string[] = [];
    const print = (line: string): number => lines.push(line);
    const code = replaceUrls(findSnippet('What happened to a request', 1), {
      'http://localhost:4001': one!.url,
      'http://localhost:4002': two!.url,
    });
    runSnippet(code, modules, { ...noted, app, console: { log: print } });
    app.use(balancers[0]!);
    const port = await listen(app);
    const why = JSON.parse((await requestTarget(port, '/why')).body) as library.Explanation;
    expect(why.members.map((member) => member.why)).toEqual(['method', 'not-preferred']);
    expect((await requestTarget(port, '/')).body).toBe('1');
    await two!.stop();
    expect((await requestTarget(port, '/')).body).toBe('1');
    expect(lines).toEqual([`${balancers[0]!.view()[1]!.name}: ok -> E, failed`]);
  });
});

describe('the tables', () => {
  const nameOf = ([cell = '']: readonly string[]): string => readCode(cell)[0] ?? cell;

  test.each([
    'Beside mod_proxy_balancer',
    'Balancer',
    'Member',
    'Failover and recovery',
    'Balancing methods',
    'The life of a member',
    'What happened to a request',
    'Metrics',
    'Many processes',
    'Errors by code',
    'Two senders',
  ])('%s: each row has as many cells as its head', (heading) => {
    const [head, ...rows] = readTable(heading);
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.filter((row) => row.length !== head!.length)).toEqual([]);
  });

  test.each([
    ['Balancer', optionNames.balancer],
    ['Member', optionNames.member],
  ])('%s: every option has a row, and every row is an option', (heading, names) => {
    expect(readTable(heading).slice(1).map(nameOf).toSorted()).toEqual(names.toSorted());
  });

  test.each(['Balancer', 'Member'])(
    "%s: httpd's default stands beside that of its own options",
    (heading) => {
      // Named alike, but httpd has none of them.
      const relatives = [
        'resolver',
        'members',
        'hctimeout',
        'hcheaders',
        'hold',
        'deadline',
        'ejection',
        'resolve',
      ];
      const [head, ...rows] = readTable(heading);
      expect(head![2]).toBe('httpd');
      const own = rows.filter((row) => /^[a-z]+$/.test(nameOf(row)) && !relatives.includes(nameOf(row)));
      const bare = own.filter((row) => row[2] === '—' || row[2] === '').map(nameOf);
      expect(bare).toEqual(heading === 'Balancer' ? ['compat', 'logger'] : ['handler']);
    },
  );

  test.each([
    ['Balancer', 'failoverOn', optionNames.failoverOn],
    ['Balancer', 'routeCookie', optionNames.routeCookie],
    ['Balancer', 'ejection', optionNames.ejection],
    ['Member', 'tls', optionNames.tls],
  ])('%s: %s: what it lists exists', (heading, name, options) => {
    const row = readTable(heading).find((each) => nameOf(each) === name)!;
    const listed = readCode(row.at(-1)!).find((code) => code.startsWith('{'))!;
    const keys = listed
      .slice(1, -1)
      .split(',')
      .map((entry) => entry.split(':', 1)[0]!.trim());
    const isOpen = keys.at(-1) === '…';
    expect(options).toEqual(expect.arrayContaining(keys.filter((key) => key !== '…')));
    if (!isOpen) expect(keys.toSorted()).toEqual(options.toSorted());
  });

  describe('each default is what leaving the option out means', () => {
    const member = { url: 'http://app1.site.com/', route: 'a' };
    const bare: BalancerDefinition = { stickysession: 'SID', members: [member] };
    const statuses = Array.from({ length: 500 }, (_, i) => i + 100);

    /** Settings that can be compared. */
    function build(definition: BalancerDefinition): unknown {
      const settings = buildSettings(definition, { hostname: 'front', instance: '1' });
      return {
        ...settings,
        errorOverride: statuses.filter(settings.errorOverride),
        // What was written is not what it means.
        members: settings.members.map((member) => ({ ...member, definition: undefined })),
      };
    }

    /** Defaults that are no values, and those that another row gives. */
    const words = ['none', '—', 'members − 1', 'Express’s', "Express's", '4 s, or as announced'];
    const others: Readonly<Record<string, unknown>> = { proxytimeout: 60, timeout: 60, console };
    const rows = ['Balancer', 'Member'].flatMap((heading) =>
      readTable(heading)
        .slice(1)
        .map((row) => [heading, nameOf(row), row[1]!] as const),
    );

    test('defaults are values, or words that say why they are none', () => {
      const odd = rows.filter(([, , text]) => readCode(text).length === 0 && !words.includes(text));
      expect(odd).toEqual([]);
    });

    test.each(rows.filter(([, , text]) => readCode(text).length === 1))(
      '%s: %s: %s',
      (heading, name, text) => {
        const [code = ''] = readCode(text);
        const value: unknown = code in others ? others[code] : JSON.parse(code.replaceAll("'", '"'));
        const definition =
          heading === 'Balancer'
            ? { ...bare, [name]: value }
            : { ...bare, members: [{ ...member, [name]: value }] };
        expect(build(definition)).toEqual(build(bare));
      },
    );
  });

  test('methods: every method has a row, and every row is a method', () => {
    const names = readTable('Balancing methods').slice(1).map(nameOf);
    expect(names.filter((name) => name.startsWith("'"))).toEqual(names.slice(0, -1));
    expect(names.at(-1)).toBe('a function');
    expect(names.slice(0, -1)).toEqual(Object.keys(methods).map((name) => `'${name}'`));
    const option = readTable('Balancer').find((row) => nameOf(row) === 'lbmethod')!;
    const listed = [...readCode(option[1]!), ...readCode(option.at(-1)!)].filter((code) =>
      code.startsWith("'"),
    );
    expect(listed).toEqual(names.slice(0, -1));
    const members = ['http://localhost:4001/'] as const;
    for (const name of names.slice(0, -1)) {
      const lbmethod = name.slice(1, -1) as keyof typeof methods;
      const definition = { lbmethod, members } as BalancerDefinition;
      expect(buildSettings(definition, { hostname: 'front', instance: '1' }).lbmethod).toBe(lbmethod);
    }
  });

  test('status: every flag has a row with its letter and word, which mean the same', () => {
    const rows = readTable('The life of a member')
      .slice(1)
      .map(([letter = '', word = '']) => [readCode(letter)[0], readCode(word)[0]!] as const);
    const flags = rows.filter(([letter]) => letter !== undefined);
    for (const [letter, word] of flags) expect(printStatus(parseStatus(word))).toBe(letter);
    const all = flags.reduce((set, [letter]) => set | parseStatus(letter!), 0);
    expect(all).toBe(Object.values(Status).reduce((set, flag) => set | flag, 0));
    expect(rows.filter(([letter]) => letter === undefined)).toEqual([[undefined, 'enabled']]);
    expect(printStatus(parseStatus('enabled', all))).toBe(printStatus(parseStatus('-D-S-N', all)));
    expect(readSection('The life of a member')).toContain('Clears `D`, `S` and `N`.');

    const [, , , meaning = ''] = readTable('Member').find((row) => nameOf(row) === 'status')!;
    const listed = readCode(meaning).filter((code) => /^[A-Z]$/.test(code));
    expect(listed.toSorted()).toEqual(flags.map(([letter]) => letter).toSorted());
    for (const code of readCode(meaning)) expect(findStatusFault(code.replaceAll("'", ''))).toBeUndefined();
  });

  test('events: every event has a row with what it tells', () => {
    const rows = readTable('What happened to a request').slice(1);
    expect(rows.map(nameOf)).toEqual(eventNames);
    for (const row of rows) {
      const fields = Object.keys(eventFields[nameOf(row) as BalancerEventName]);
      expect([nameOf(row), readCode(row[2]!)]).toEqual([nameOf(row), fields]);
    }
    expect(Object.keys(eventFields)).toEqual(eventNames);
  });

  test('metrics: every metric has a row with its type, its labels and its help, and every row is one', () => {
    const rows = readTable('Metrics').slice(1);
    const told = rows.map(([name, type, labels, help]) => [readCode(name!), type, readCode(labels!), help]);
    const real = families.map((family) => [
      [`balancer_${family.name}`],
      family.type,
      labelsOf(family),
      family.help,
    ]);
    expect(told).toEqual(real);
  });

  test('metrics: states and bounds of buckets are those that are told', () => {
    const line = readSection('Metrics')
      .split('\n')
      .find((each) => each.startsWith('`code` is'))!;
    const states = readCode(line.slice(line.indexOf('`state`'))).slice(1);
    expect(states).toEqual(Object.keys(tellStates(createMember(buildMember()))));
    const numbers = line.slice(line.indexOf('buckets')).match(/\d+(?:\.\d+)?/g) ?? [];
    expect(numbers.map(Number)).toEqual(bucketBounds);
  });

  test('errors: every code has a row with its status, and every row is a code', () => {
    const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => readFileSync(join(root, 'src', path), 'utf8'));
    const codes = new Set(sources.flatMap((source) => source.match(/\bERR_BALANCER_[A-Z_]+\b/g) ?? []));
    const rows = readTable('Errors by code').slice(1);
    expect(rows.map(nameOf).toSorted()).toEqual([...codes].toSorted());

    const odd = { ERR_BALANCER_MEMBER_STATUS: 'the member’s', ERR_BALANCER_DEFINITION: '–' } as const;
    const told = rows.map((row) => [nameOf(row), row[1]!.replaceAll("'", '’')]);
    const real = rows
      .map(nameOf)
      .map((code) => [
        code,
        code in odd ? odd[code as keyof typeof odd] : String(statusOf(code as BalancerErrorCode)),
      ]);
    expect(told).toEqual(real);
  });
});

describe('the words', () => {
  test('the dependencies are those of package.json', () => {
    const line = readme.split('\n').find((each) => each.startsWith('Dependencies:'))!;
    const [own = '', peers = ''] = line.split('Optional peers:');
    expect(readCode(own).toSorted()).toEqual(Object.keys(manifest.dependencies).toSorted());
    expect(readCode(peers).toSorted()).toEqual(Object.keys(manifest.peerDependencies).toSorted());
    expect(Object.keys(manifest.peerDependenciesMeta)).toEqual(Object.keys(manifest.peerDependencies));
  });

  test('Node and Express are those of package.json', () => {
    const line = readme.split('\n').find((each) => each.startsWith('Needs Node'))!;
    expect(readCode(line)[0]).toBe(manifest.engines['node']!.replaceAll(/(?<=\d)(?:\.0)+(?= |$)/g, ''));
    expect(manifest.peerDependencies['express']).toBe('^4.17.0 || ^5.0.0');
    expect(line).toContain('Express 5, Express 4.17+,');
  });

  test('the first screen’s commands exist', () => {
    expect(readme).toContain('npm install && npm start');
    expect(readme).toContain('npm install && npm test');
    expect(Object.keys(manifest.scripts)).toEqual(expect.arrayContaining(['start', 'test']));
  });

  test('debug has the namespaces that are listed', () => {
    const line = readme.split('\n').find((each) => each.startsWith('`DEBUG='))!;
    const [setting, ...names] = readCode(line);
    expect(names).toEqual(Object.keys(debug));
    const namespaces = Object.values(debug).map(({ namespace }) => namespace);
    expect(namespaces).toEqual(names.map((name) => setting!.slice('DEBUG='.length).replace('*', name)));
  });

  test('the facts of a request are those that are listed', () => {
    const line = readme.split('\n').find((each) => each.startsWith('`name`, `sticky`'))!;
    expect(readCode(line)).toEqual(Object.keys(factNames));
  });

  test('Server-Timing looks as it is shown', () => {
    const line = readme.split('\n').find((each) => each.startsWith('`serverTiming: true`'))!;
    const shown = readCode(line).find((code) => code.startsWith('Server-Timing: '))!;
    const facts = {
      memberRoute: 'app1',
      waitedMs: 0,
      attempts: [{}, {}],
    } as unknown as library.BalancerFacts;
    const { headers } = addServerTiming({ status: 200, reason: 'OK', headers: [] }, facts, 20.7);
    expect(headers.join(': ')).toBe(shown);
  });

  test('links within the page lead somewhere', () => {
    const headings = [...readme.matchAll(/^#+ (.*)$/gm)].map(([, text]) =>
      text!
        .toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );
    const links = [...readme.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor!);
    expect(links.length).toBeGreaterThan(0);
    expect(links.filter((anchor) => !headings.includes(anchor))).toEqual([]);
  });

  test('the rooms and files that are named exist', () => {
    const names = readCode(readSection('How it is built'));
    const paths = names.filter((name) => /^[\w-]+(?:\/|\.ts)$/.test(name));
    expect(paths.length).toBeGreaterThan(5);
    const sources = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true }).map((entry) =>
      entry.isDirectory() ? `${entry.name}/` : entry.name,
    );
    expect(paths.filter((path) => !sources.includes(path))).toEqual([]);
  });
});
