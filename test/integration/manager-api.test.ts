import { afterEach, describe, expect, test } from '@jest/globals';
import type { Express } from 'express';
import cookieParser from 'cookie-parser';
import type { Balancer, BalancerDefinition } from '../../src/index.ts';
import { createManager, type Manager } from '../../src/manager/manager.ts';
import type { ManagerOptions } from '../../src/manager/manager-options.ts';
import { ask } from '../support/ask.ts';
import { startBackend } from '../support/backend.ts';
import { startFront, type FrontOptions } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';

type Json = Readonly<Record<string, never>>;
type Answered = Readonly<{
  status: number;
  headers: Readonly<Record<string, unknown>>;
  text: string;
  json: Json;
}>;

const managers: Manager[] = [];

afterEach(async () => {
  for (const manager of managers.splice(0)) manager.close();
  await tidyUp();
});

/** An app with a balancer at its root, or elsewhere, and a manager at `/admin/manager`. */
async function startManaged(
  definition: BalancerDefinition,
  { authorize = () => 'ann', ...options }: Partial<ManagerOptions> = {},
  front: FrontOptions = {},
) {
  const running: { manager?: Manager } = {};
  const { port, balancer } = await startFront(definition, {
    ...front,
    before(app: Express) {
      front.before?.(app);
      // The balancer is not there yet.
      app.use('/admin/manager', (req, res, next) => {
        running.manager!(req, res, next);
      });
    },
  });
  const manager = (running.manager = createManager({
    logger: false,
    ...options,
    balancers: [balancer],
    authorize,
  }));
  managers.push(manager);
  const origin = `http://127.0.0.1:${port}`;
  const send = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answered> => {
    const told = await ask(port, {
      method,
      path: `/admin/manager${path}`,
      headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
      body: body === undefined ? undefined : Buffer.from(JSON.stringify(body)),
    });
    const text = told.body.toString();
    const isJson = String(told.headers['content-type']).startsWith('application/json');
    return {
      status: told.status,
      headers: told.headers,
      text,
      json: (isJson ? JSON.parse(text) : {}) as Json,
    };
  };
  const { token, header } = (await send('GET', '/api/token')).json as unknown as Readonly<
    Record<string, string>
  >;
  return {
    port,
    balancer,
    manager,
    get: (path: string) => send('GET', path),
    /** With what proves that it is meant. */
    change: (method: string, path: string, body?: unknown) =>
      send(method, path, body, { Origin: origin, [header!]: token! }),
    send,
  };
}

const two: BalancerDefinition = {
  name: 'app',
  members: [
    { url: 'http://127.0.0.1:1', route: 'a' },
    { url: 'http://127.0.0.1:2', route: 'b' },
  ],
};

const memberOf = (balancer: Balancer, name: string) => balancer.view().find((member) => member.name === name);

describe('looking', () => {
  test('gives the report, the list, one balancer and one member', async () => {
    const { get } = await startManaged(two);
    const report = (await get('/api/report')).json;
    expect(Object.keys(report)).toEqual(['at', 'balancers', 'decisions', 'failovers', 'changes', 'persists']);
    const [app] = (await get('/api/balancers')).json['balancers'] as unknown as readonly Json[];
    expect(app).toMatchObject({ id: 'app', members: [{ name: 'a' }, { name: 'b' }] });
    expect((await get('/api/balancers/app')).json).toMatchObject({
      id: 'app',
      lbmethod: 'byrequests',
      options: {},
    });
    const member = await get('/api/balancers/app/members/b');
    expect(member.json).toMatchObject({
      name: 'b',
      url: 'http://127.0.0.1:2',
      states: ['ok'],
      parameters: {},
    });
    expect(member.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(member.headers['cache-control']).toContain('no-store');
  });

  test.each([
    [undefined, false],
    [() => undefined, true],
  ])('tells whether changes persist: with onChange %p, %s', async (onChange, persists) => {
    const { get } = await startManaged(two, onChange && { onChange });
    expect((await get('/api/report')).json['persists']).toBe(persists);
  });

  test('finds a member that is called by its URL', async () => {
    const { get } = await startManaged({
      name: 'an app',
      members: ['http://127.0.0.1:1/x', 'http://127.0.0.1:2'],
    });
    const path = `/api/balancers/${encodeURIComponent('an app')}/members/${encodeURIComponent('http://127.0.0.1:1/x')}`;
    expect((await get(path)).json).toMatchObject({ name: 'http://127.0.0.1:1/x' });
  });

  test.each([
    ['/api/balancers/ap', "no balancer is called 'ap'; write one of 'app'"],
    ['/api/balancers/__proto__', "no balancer is called '__proto__'"],
    ['/api/balancers/app/members/c', "no member is called 'c'; write one of 'a', 'b'"],
    ['/api/nothing', 'There is nothing here'],
  ])('answers 404 to %s', async (path, message) => {
    const { get } = await startManaged(two);
    const { status, json } = await get(path);
    expect([status, json['error']]).toEqual([
      404,
      { code: 'ERR_MANAGER_NOT_FOUND', message: expect.stringContaining(message) },
    ]);
  });

  test('leaks no key, secret or credential in anything', async () => {
    const { get, change } = await startManaged({
      ...two,
      stickysession: 'S',
      routeCookie: { secret: 'route-s3cret' },
      memberDefaults: {
        hcmethod: 'GET',
        hcinterval: '10m',
        hcheaders: { Authorization: 'Bearer check-t0ken' },
      },
    });
    await change('PATCH', '/api/balancers/app/members/a', { hcheaders: { 'X-Key': 'other-t0ken' } });
    await change('POST', '/api/balancers/app/members', {
      url: 'http://127.0.0.1:3',
      hcheaders: { 'X-Key': 'third-t0ken' },
    });
    const texts = await Promise.all(
      [
        '/api/report',
        '/api/balancers',
        '/api/balancers/app/members/a',
        '/api/changes',
        '/api/history',
        '/api/decisions',
        '/?xml=1',
      ].map(async (path) => (await get(path)).text),
    );
    const all = texts.join('\n');
    expect(all).toContain('"hcheaders":{"X-Key":"…"}');
    expect(all).toContain('"hcheaders":{"Authorization":"…"}');
    expect(all).not.toMatch(/s3cret|t0ken/);
  });

  test('gives httpd’s XML', async () => {
    const { get } = await startManaged(two);
    const { headers, text } = await get('/?xml=1');
    expect(headers['content-type']).toMatch(/^text\/xml/);
    expect(text).toContain('<httpd:name>balancer://app</httpd:name>');
    expect(text.match(/<httpd:worker>/g)).toHaveLength(2);
  });
});

describe('changing', () => {
  test('changes a member, and tells the change and the member as it is then', async () => {
    const { balancer, change, get } = await startManaged(two);
    const { status, json } = await change('PATCH', '/api/balancers/app/members/a', {
      loadfactor: 2,
      retry: '10s',
      reason: 'new machine',
      for: '20m',
    });
    expect([status, json]).toEqual([
      200,
      {
        change: expect.objectContaining({
          by: 'ann',
          reason: 'new machine',
          state: 'in-force',
          deed: { kind: 'change', balancer: 'app', member: 'a', set: { loadfactor: 2, retry: '10s' } },
        }),
        member: expect.objectContaining({ loadfactor: 2, parameters: { retry: '10s' } }),
      },
    ]);
    expect(memberOf(balancer, 'a')!.loadfactor).toBe(2);
    const [listed] = (await get('/api/changes')).json['changes'] as unknown as readonly Json[];
    expect(Number(listed!['until']) - Number(listed!['at'])).toBe(20 * 60_000);
  });

  test('undoes a change', async () => {
    const { balancer, change, get } = await startManaged(two);
    const { json } = await change('PATCH', '/api/balancers/app/members/a', { disabled: true });
    expect(memberOf(balancer, 'a')!.status).toBe('D');
    const { id } = json['change'] as unknown as Readonly<{ id: string }>;
    const undone = await change('DELETE', `/api/changes/${encodeURIComponent(id)}`);
    expect([undone.status, undone.json['change']]).toEqual([
      200,
      expect.objectContaining({ id, state: 'undone' }),
    ]);
    expect(memberOf(balancer, 'a')!.status).toBe('');
    expect((await change('DELETE', '/api/changes/none')).status).toBe(404);
    expect((await get('/api/changes')).json['changes']).toHaveLength(1);
  });

  test('changes options of the balancer', async () => {
    const { change } = await startManaged(two);
    const { status, json } = await change('PATCH', '/api/balancers/app', {
      lbmethod: 'bybusyness',
      queueLength: 5,
    });
    expect([status, json]).toEqual([
      200,
      {
        change: expect.objectContaining({ deed: expect.objectContaining({ kind: 'configure' }) }),
        balancer: expect.objectContaining({
          lbmethod: 'bybusyness',
          queueLength: 5,
          options: { lbmethod: 'bybusyness', queueLength: 5 },
        }),
      },
    ]);
  });

  test('adds a member, says where it is, and removes it', async () => {
    const { balancer, change, get } = await startManaged(two);
    const added = await change('POST', '/api/balancers/app/members', {
      url: 'http://127.0.0.1:3/x y'.replace(' ', '%20'),
      loadfactor: 3,
    });
    expect(added.status).toBe(201);
    expect(added.json['member']).toMatchObject({ name: 'http://127.0.0.1:3/x%20y', loadfactor: 3 });
    const location = String(added.headers['location']);
    expect(location).toBe('/admin/manager/api/balancers/app/members/http%3A%2F%2F127.0.0.1%3A3%2Fx%2520y');
    const below = location.slice('/admin/manager'.length);
    expect((await get(below)).json).toEqual(added.json['member']);
    const removed = await change('DELETE', `${below}?reason=gone&for=60`);
    expect([removed.status, removed.json['change']]).toEqual([
      200,
      expect.objectContaining({ reason: 'gone', deed: expect.objectContaining({ kind: 'remove' }) }),
    ]);
    expect(balancer.view()).toHaveLength(2);
    const { at, until } = removed.json['change'] as unknown as Readonly<Record<string, number>>;
    expect(until! - at!).toBe(60_000);
  });

  test('removes by a body too, and tells what is misspelt in a query', async () => {
    const { change } = await startManaged(two);
    const wrong = await change('DELETE', '/api/balancers/app/members/a?raeson=gone');
    expect([wrong.status, wrong.json['error']]).toEqual([
      422,
      expect.objectContaining({
        problems: [expect.objectContaining({ path: 'change.raeson', advice: 'write reason' })],
      }),
    ]);
    const removed = await change('DELETE', '/api/balancers/app/members/a', { reason: 'gone' });
    expect([removed.status, removed.json['change']]).toEqual([
      200,
      expect.objectContaining({ reason: 'gone' }),
    ]);
  });

  test.each<[method: string, path: string, body: unknown]>([
    ['PATCH', '/api/balancers/app?for=20m', { hold: 5 }],
    ['PATCH', '/api/balancers/app/members/a?for=20m', { loadfactor: 2 }],
    ['POST', '/api/balancers/app/members?for=20m', { url: 'http://127.0.0.1:3' }],
    ['POST', '/api/balancers/app/members/a/drain?for=20m', undefined],
    ['DELETE', '/api/balancers/app/members/a?for=20m', { reason: 'gone' }],
    ['DELETE', '/api/balancers/app/members/a?for=20m&for=2h', undefined],
    ['DELETE', '/api/changes/1?reason=mistake', undefined],
  ])('a term that %s %s would not heed is refused, and nothing is changed', async (method, path, body) => {
    const { change, manager } = await startManaged(two);
    const { status, json } = await change(method, path, body);
    expect([status, json['error']]).toEqual([422, expect.objectContaining({ code: 'ERR_MANAGER_CHANGE' })]);
    expect(manager.changes()).toEqual([]);
  });

  test('one that stands for the servers behind a name is nowhere by itself', async () => {
    const { change } = await startManaged(two);
    const url = 'http://localhost:3';
    const added = await change('POST', '/api/balancers/app/members', { url, resolve: 'A' });
    expect([added.status, added.json['member'], added.headers['location']]).toEqual([
      201,
      undefined,
      undefined,
    ]);
  });

  test('drains a member, with and without terms', async () => {
    const { balancer, change } = await startManaged(two);
    const plain = await change('POST', '/api/balancers/app/members/a/drain');
    expect([plain.status, plain.json['member']]).toEqual([
      200,
      expect.objectContaining({ states: ['draining'] }),
    ]);
    const { json } = await change('POST', '/api/balancers/app/members/b/drain', {
      deadline: '10m',
      reason: 'update',
    });
    expect(json['change']).toMatchObject({
      reason: 'update',
      deed: { kind: 'drain', member: 'b', deadlineMs: 600_000 },
    });
    expect(balancer.view().map(({ status }) => status)).toEqual(['N', 'N']);
  });

  test.each<[method: string, path: string, body: unknown, paths: readonly string[]]>([
    [
      'PATCH',
      '/api/balancers/app/members/a',
      { loadfactor: 0, lbset: 100 },
      ['change.loadfactor', 'change.lbset'],
    ],
    [
      'PATCH',
      '/api/balancers/app/members/a',
      { loadfactr: 2, for: 'soon' },
      ['change.for', 'change.loadfactr'],
    ],
    ['PATCH', '/api/balancers/app/members/a', [1], ['change']],
    ['PATCH', '/api/balancers/app/members/a', {}, ['change']],
    ['PATCH', '/api/balancers/app', { timeout: 30_000 }, ['timeout']],
    ['POST', '/api/balancers/app/members', { url: 'file:///etc/passwd' }, ['member.url']],
    ['POST', '/api/balancers/app/members/a/drain', { deadlin: 5 }, ['change.deadlin']],
  ])('answers 422 to %s %s %j, with every problem', async (method, path, body, paths) => {
    const { change, manager } = await startManaged(two);
    const { status, json } = await change(method, path, body);
    const error = json['error'] as unknown as Readonly<{
      code: string;
      problems: readonly Readonly<{ path: string }>[];
    }>;
    expect([status, error.code]).toEqual([422, 'ERR_BALANCER_DEFINITION']);
    expect(error.problems.map((problem) => problem.path)).toEqual(paths);
    expect(manager.changes()).toEqual([]);
  });

  test.each([
    [
      'PATCH',
      '/api/balancers/app/members/a',
      { loadfactor: 2, deadline: '5m' },
      'send it to POST …/members/:member/drain',
    ],
    ['POST', '/api/balancers/app/members', { url: 'http://127.0.0.1:1' }, 'send PATCH …/members/a'],
    ['PATCH', '/api/balancers/app', { logger: 1 }, 'write balancer.update(definition) in the program'],
    ['PATCH', '/api/balancers/app', { stickysession: '-' }, 'write null'],
  ])('%s %s %j is told what to send instead', async (method, path, body, advice) => {
    const { change } = await startManaged(two);
    const { status, json } = await change(method, path, body);
    expect(status).toBe(422);
    expect(json['error']).toMatchObject({
      message: expect.stringContaining(advice) as unknown,
      problems: [{ advice }],
    });
  });

  test.each([
    ['PATCH', '/api/balancers/none'],
    ['PATCH', '/api/balancers/app/members/none'],
    ['POST', '/api/balancers/app/members/none/drain'],
    ['DELETE', '/api/balancers/app/members/none'],
  ])('answers 404 to %s %s', async (method, path) => {
    const { change } = await startManaged(two);
    const body =
      method === 'PATCH'
        ? { reason: 'x', ...(path.includes('members') ? { loadfactor: 2 } : { hold: 5 }) }
        : undefined;
    expect((await change(method, path, body)).status).toBe(404);
  });

  test('changes nothing without a token, or for one who may only look', async () => {
    const { port, balancer, send } = await startManaged(two);
    const withoutToken = await send(
      'PATCH',
      '/api/balancers/app/members/a',
      { loadfactor: 2 },
      { Origin: `http://127.0.0.1:${port}` },
    );
    expect([withoutToken.status, withoutToken.json['error']]).toEqual([
      403,
      expect.objectContaining({ code: 'ERR_MANAGER_TOKEN' }),
    ]);
    expect(memberOf(balancer, 'a')!.loadfactor).toBe(1);
    const looking = await startManaged(two, { authorize: () => ({ user: 'bob', readOnly: true }) });
    expect((await looking.change('PATCH', '/api/balancers/app/members/a', { loadfactor: 2 })).status).toBe(
      403,
    );
    expect((await looking.change('POST', '/api/explain', { balancer: 'app', path: '/' })).status).toBe(200);
  });
});

describe('POST /api/explain', () => {
  const explain = (managed: Awaited<ReturnType<typeof startManaged>>, question: object): Promise<Answered> =>
    managed.change('POST', '/api/explain', { balancer: 'app', path: '/', ...question });

  test('tells who would get a request, and sends nothing', async () => {
    const [a, b] = await Promise.all([startBackend('a'), startBackend('b')]);
    const members = [
      { url: a.url, route: 'a' },
      { url: b.url, route: 'b' },
    ];
    const managed = await startManaged({ name: 'app', members, stickysession: 'S|s' });
    const before = managed.balancer.view();
    expect((await explain(managed, {})).json).toMatchObject({ member: 'a', mountPath: '' });
    expect((await explain(managed, { cookie: 'x=1; S=1.b' })).json).toMatchObject({
      member: 'b',
      sticky: 'S',
      route: 'b',
    });
    expect((await explain(managed, { path: '/x;s=1.b?y' })).json).toMatchObject({ member: 'b', sticky: 's' });
    expect((await explain(managed, { headers: { Cookie: 'S=1.b' } })).json).toMatchObject({ member: 'b' });
    expect(managed.balancer.view()).toEqual(before);
    expect([a.connections(), b.connections()]).toEqual([0, 0]);
    expect((await managed.get('/api/decisions')).json).toEqual({ decisions: [], failovers: [] });
  });

  test('reads the path below the mount path once requests have shown it', async () => {
    const backend = await startBackend();
    const members = [{ url: backend.url, route: 'a' }, 'http://127.0.0.1:2'];
    const definition = { name: 'app', members, exclude: '/left' };
    const managed = await startManaged(definition, {}, { mount: '/shop' });
    expect((await explain(managed, { path: '/shop/left' })).json).toMatchObject({
      member: 'a',
      mountPath: '',
    });
    await ask(managed.port, { path: '/shop/x' });
    expect((await managed.get('/api/balancers/app')).json).toMatchObject({ paths: ['/shop'] });
    expect((await explain(managed, { path: '/shop/left' })).json).toMatchObject({
      mountPath: '/shop',
      text: 'it is left to the app (exclude)',
      members: [],
    });
  });

  test('asks functions of the definition as Express’s own requests would', async () => {
    const seen: unknown[] = [];
    const managed = await startManaged(
      {
        ...two,
        lbmethod: (members, req) => {
          const { ip, cookies, hostname } = req as typeof req & Readonly<Record<string, unknown>>;
          seen.push(ip, cookies, hostname);
          return members[1];
        },
      },
      {},
      {
        before(app) {
          app.use(cookieParser());
        },
      },
    );
    const question = { cookie: 'c=1', address: '192.0.2.1', headers: { Host: 'shop.site:8080' } };
    expect((await explain(managed, question)).json).toMatchObject({ member: 'b' });
    expect(seen.slice(0, 3)).toEqual(['192.0.2.1', { c: '1' }, 'shop.site']);
  });

  test.each<[what: string, thrown: unknown, text: string]>([
    [
      'an error',
      new TypeError("Cannot read properties of undefined (reading 'id')"),
      "TypeError: Cannot read properties of undefined (reading 'id')",
    ],
    ['a text', 'no user', 'no user'],
    [
      'something hostile',
      {
        toString: () => {
          throw new Error('x');
        },
      },
      'something that cannot be read',
    ],
  ])('tells that a function of the definition has thrown %s', async (_what, thrown, text) => {
    const managed = await startManaged({
      ...two,
      exclude: () => {
        throw thrown;
      },
    });
    const { status, json } = await explain(managed, {});
    expect([status, json]).toEqual([
      200,
      {
        text: `it cannot be told: a function of the definition has thrown ${text}`,
        members: [],
        mountPath: '',
      },
    ]);
  });

  test.each([
    [{ path: '/a b' }, 'it is refused: the request target holds a space or control character'],
    [{ path: '/..' }, 'it is refused: the path climbs above its start'],
    [{ headers: { Host: 'a,b' } }, 'it is refused: Host is no host and port'],
  ])('tells how a request like %j is refused', async (question, text) => {
    expect((await explain(await startManaged(two), question)).json).toMatchObject({ text, members: [] });
  });

  test('tells what is wrong with a question, and that there is no such balancer', async () => {
    const managed = await startManaged(two);
    const { status, json } = await explain(managed, { path: 'x', method: 'BREW' });
    expect([status, json['error']]).toEqual([
      422,
      expect.objectContaining({
        problems: [expect.objectContaining({ path: 'path' }), expect.objectContaining({ path: 'method' })],
      }),
    ]);
    expect((await explain(managed, { balancer: 'other' })).status).toBe(404);
  });
});
