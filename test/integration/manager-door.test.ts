import { once } from 'node:events';
import { request, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  connect as connectHttp2,
  createServer as createHttp2Server,
  type OutgoingHttpHeaders,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import connect from 'connect';
import express from 'express';
import express4 from 'express4';
import { createBalancer, DefinitionError } from '../../src/index.ts';
import { createManager, ManagerError, type Admission } from '../../src/manager/index.ts';
import { catchError } from '../support/catch-error.ts';
import { until } from '../support/idle.ts';
import { startManaged, stopManaged, type ManagedOptions } from '../support/managed.ts';
import { requestTarget } from '../support/request-target.ts';

afterEach(stopManaged);

type Json = Readonly<Record<string, unknown>>;
const parse = (text: string): Json => JSON.parse(text) as Json;
const codeOf = (text: string): unknown => (parse(text)['error'] as Json)['code'];

describe('every answer', () => {
  test.each([
    ['the page', 'GET', '/', 200, {}],
    ['a report', 'GET', '/api/report', 200, {}],
    ['nothing', 'GET', '/nothing', 404, {}],
    ['a refusal', 'GET', '/', 403, { 'X-User': '' }],
    ['a refused change', 'POST', '/forms/drain', 403, {}],
    ['a wrong method', 'PUT', '/', 405, {}],
    ['a wrong host', 'GET', '/', 403, { Host: 'a, b' }],
  ])('keeps others out, be it %s', async (_what, method, path, status, headers) => {
    const { ask } = await startManaged();
    const answer = await ask(path, { method, headers });
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    });
    const policy = answer.headers['content-security-policy'] as string;
    expect(policy.split('; ')).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "frame-ancestors 'none'",
      ]),
    );
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
  });

  test('HEAD is GET without the body', async () => {
    const { ask } = await startManaged();
    const [got, head] = [await ask('/api/changes'), await ask('/api/changes', { method: 'HEAD' })];
    expect(head.status).toBe(200);
    expect(head.headers['content-length']).toBe(String(Buffer.byteLength(got.body)));
    expect(head.body).toBe('');
  });

  test('HEAD of the stream ends at once', async () => {
    const { ask } = await startManaged();
    expect((await ask('/events', { method: 'HEAD' })).status).toBe(200);
  });

  test.each([
    ['/', 'PUT', 'GET, HEAD'],
    ['/', 'OPTIONS', 'GET, HEAD'],
    ['/', 'POST', 'GET, HEAD'],
    ['/forms/drain', 'PUT', 'GET, HEAD, POST'],
    ['/api/balancers/shop', 'DELETE', 'GET, HEAD, PATCH'],
    ['/api/balancers/shop/members/app1', 'POST', 'GET, HEAD, PATCH, DELETE'],
  ])('%s tells %s what it takes instead', async (path, method, allow) => {
    const { ask } = await startManaged();
    const answer = await ask(path, { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.allow?.split(', ').toSorted()).toEqual(allow.split(', ').toSorted());
  });
});

test('httpd’s fields are told the way to the API', async () => {
  const { ask, state } = await startManaged();
  const before = state();
  const { status, body } = await ask('/', {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: 'b=shop&w=http://127.0.0.1:9&nonce=x&w_lf=2',
  });
  expect([status, codeOf(body)]).toEqual([405, 'ERR_MANAGER_METHOD']);
  expect(body).toContain('/balancer-manager/api/balancers');
  expect(state()).toEqual(before);
});

describe('who comes in', () => {
  const enter = async (
    admission: unknown,
  ): Promise<Readonly<{ status: number; challenge: unknown; body: string }>> => {
    // What a program without types may return.
    const { ask } = await startManaged({ authorize: () => admission as Admission });
    const { status, headers, body } = await ask('/api/changes');
    return { status, challenge: headers['www-authenticate'], body };
  };

  test.each([true, 'ann', { user: 'ann' }, { user: 'ann', readOnly: true }, Promise.resolve('ann')])(
    '%p does',
    async (admission) => {
      expect(await enter(admission)).toMatchObject({ status: 200 });
    },
  );

  test.each([false, undefined, null, '', 0, 1, {}, ['ann'], { user: '' }, Promise.resolve(false)])(
    '%p does not, and learns nothing',
    async (admission) => {
      expect(await enter(admission)).toEqual({
        status: 403,
        challenge: undefined,
        body: 'You may not do this\n',
      });
    },
  );

  test('whoever is to say who it is is asked', async () => {
    expect(await enter({ challenge: 'Basic realm="balancers"' })).toMatchObject({
      status: 401,
      challenge: 'Basic realm="balancers"',
    });
  });

  test('what authorize throws is told to the log alone', async () => {
    const boom = new Error('password of the database: 1234');
    const { ask, logged, errors } = await startManaged({ authorize: () => Promise.reject(boom) });
    const { status, body } = await ask('/');
    expect({ status, body }).toEqual({ status: 403, body: 'You may not do this\n' });
    expect(logged).toEqual([[expect.stringContaining('authorize'), boom]]);
    expect(errors).toEqual([]);
  });

  test('authorize may answer by itself: a way to the login', async () => {
    const { ask, errors } = await startManaged({
      authorize: (_req, res) => {
        res.writeHead(302, { Location: '/login' }).end();
        return undefined;
      },
    });
    const { status, headers } = await ask('/');
    expect({ status, location: headers.location, errors }).toEqual({
      status: 302,
      location: '/login',
      errors: [],
    });
  });

  test('once authorize has answered, nothing is done, whatever it returns', async () => {
    let isAnswering = false;
    const { send, token, state } = await startManaged({
      authorize: (_req, res) => {
        if (isAnswering) res.writeHead(302, { Location: '/login' }).end();
        return 'ann';
      },
    });
    const before = state();
    const headers = { 'X-Manager-Token': await token() };
    isAnswering = true;
    const answer = await send('DELETE', '/api/balancers/shop/members/app1', undefined, headers);
    expect(answer.status).toBe(302);
    expect(state()).toEqual(before);
  });

  test('authorize is asked each time', async () => {
    let isIn = true;
    const { ask } = await startManaged({ authorize: () => isIn });
    expect((await ask('/')).status).toBe(200);
    isIn = false;
    expect((await ask('/')).status).toBe(403);
  });

  test('whoever may only look sees everything, asks, and changes nothing', async () => {
    const { ask, send, state } = await startManaged({ authorize: () => ({ user: 'ben', readOnly: true }) });
    const before = state();
    expect((await ask('/api/report')).status).toBe(200);
    expect((await send('POST', '/api/explain', { balancer: 'shop', path: '/' })).status).toBe(200);
    const refused = await send('PATCH', '/api/balancers/shop/members/app1', { drain: true });
    expect(refused.status).toBe(403);
    expect(codeOf(refused.body)).toBe('ERR_MANAGER_FORBIDDEN');
    expect(state()).toEqual(before);
  });
});

describe('changes', () => {
  test('are made by JSON, with a token and the right origin', async () => {
    const { send, balancer, manager } = await startManaged();
    const answer = await send('PATCH', '/api/balancers/shop/members/app1', {
      loadfactor: 5,
      reason: 'new machine',
    });
    expect(answer.status).toBe(200);
    expect(balancer.view()[0]).toMatchObject({ loadfactor: 5 });
    expect(manager.changes()).toMatchObject([{ by: 'ann', reason: 'new machine', state: 'in-force' }]);
  });

  test('are made by forms, which lead back to the page', async () => {
    const { sendForm, balancer } = await startManaged();
    const answer = await sendForm('drain', { balancer: 'shop', member: 'app1' });
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toMatch(/^\/balancer-manager\/\?/);
    expect(balancer.view()[0]).toMatchObject({ status: 'N' });
  });

  test('wrong ones are told as JSON, problem by problem', async () => {
    const { send } = await startManaged();
    const { status, body } = await send('PATCH', '/api/balancers/shop/members/app1', { loadfactor: 500 });
    expect(status).toBe(422);
    expect(parse(body)).toMatchObject({
      error: { code: 'ERR_BALANCER_DEFINITION', problems: [{ given: '500', advice: expect.any(String) }] },
    });
  });

  test('wrong ones by form are told on the page, with the same status', async () => {
    const { sendForm } = await startManaged();
    const { status, headers, body } = await sendForm('change', {
      balancer: 'shop',
      member: 'app1',
      loadfactor: '500',
    });
    expect(status).toBe(422);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(body).toContain('role="alert"');
  });

  test('a token that is missing is told on the page for forms, and as JSON else', async () => {
    const { sendForm, send, state } = await startManaged();
    const before = state();
    const form = await sendForm('drain', { balancer: 'shop', member: 'app1', token: '' });
    expect(form.status).toBe(403);
    expect(form.headers['content-type']).toBe('text/html; charset=utf-8');
    const json = await send('DELETE', '/api/balancers/shop/members/app1', undefined, {
      'X-Manager-Token': '',
    });
    expect(json.status).toBe(403);
    expect(codeOf(json.body)).toBe('ERR_MANAGER_TOKEN');
    expect(state()).toEqual(before);
  });

  test('a token is good in every process of the same secret', async () => {
    const secret = 'of both processes';
    const [one, other] = [await startManaged({ secret }), await startManaged({ secret })];
    const token = await other.token();
    expect((await one.sendForm('drain', { balancer: 'shop', member: 'app1', token })).status).toBe(303);
  });
});

describe('bodies', () => {
  const path = '/api/balancers/shop/members/app1';

  test.each([
    ['another type', { 'Content-Type': 'text/plain' }, '{"drain":true}', 415],
    ['another JSON', { 'Content-Type': 'application/merge-patch+json' }, '{"drain":true}', 415],
    ['no type', { 'Content-Type': '' }, '{"drain":true}', 415],
    ['a form', { 'Content-Type': 'application/x-www-form-urlencoded' }, 'drain=true', 415],
    ['another charset', { 'Content-Type': 'application/json; charset=utf-16' }, '{"drain":true}', 415],
    ['compressed', { 'Content-Encoding': 'gzip' }, '{"drain":true}', 415],
    ['no JSON', {}, '{drain:true}', 400],
    ['half of it', {}, '{"drain":', 400],
    ['too deep', {}, `${'['.repeat(9)}${']'.repeat(9)}`, 400],
    ['bombs of depth', {}, '['.repeat(30_000) + ']'.repeat(30_000), 400],
    ['too many values', {}, JSON.stringify(Array.from({ length: 3000 }, () => 0)), 400],
    ['too large', {}, JSON.stringify({ reason: 'x'.repeat(65_536) }), 413],
  ])('%s: refused', async (_what, headers, body, status) => {
    const { ask, token, state } = await startManaged();
    const before = state();
    const proof = { Origin: 'http://ops.example', 'X-Manager-Token': await token() };
    const type = { 'Content-Type': 'application/json' };
    const answer = await ask(path, { method: 'PATCH', headers: { ...type, ...proof, ...headers }, body });
    expect(answer.status).toBe(status);
    expect(state()).toEqual(before);
  });

  test('a body that says nothing of its length is cut off where it is too long', async () => {
    const { port, token, state } = await startManaged();
    const before = state();
    const sent = request({
      port,
      host: '127.0.0.1',
      method: 'PATCH',
      path: `/balancer-manager${path}`,
      headers: {
        Host: 'ops.example',
        'X-User': 'ann',
        Origin: 'http://ops.example',
        'X-Manager-Token': await token(),
        'Content-Type': 'application/json',
      },
    });
    sent.on('error', () => undefined);
    const answered = once(sent, 'response');
    sent.write(' '.repeat(70_000));
    const [answer] = (await answered) as [IncomingMessage];
    expect(answer.statusCode).toBe(413);
    sent.destroy();
    expect(state()).toEqual(before);
  });

  test.each(['drain=1&drain=0', 'token=a&token=b', 'x=%ff', 'x=%', '__proto__=x', 'a&'.repeat(300)])(
    'a form %j: refused',
    async (body) => {
      const { ask, state } = await startManaged();
      const before = state();
      const headers = { Origin: 'http://ops.example', 'Content-Type': 'application/x-www-form-urlencoded' };
      expect((await ask('/forms/drain', { method: 'POST', headers, body })).status).toBe(400);
      expect(state()).toEqual(before);
    },
  );

  test.each<[string, NonNullable<ManagedOptions['before']>]>([
    [
      'express.json and express.urlencoded',
      (app) => app.use(express.json(), express.urlencoded({ extended: true })),
    ],
    ['the simple parser', (app) => app.use(express.json(), express.urlencoded({ extended: false }))],
    ['express.text', (app) => app.use(express.text({ type: () => true }))],
    ['express.raw', (app) => app.use(express.raw({ type: () => true }))],
  ])('what %s has read already is taken', async (_parser, before) => {
    const { send, sendForm, balancer } = await startManaged({ before });
    expect((await send('PATCH', path, { loadfactor: 7 })).status).toBe(200);
    expect((await sendForm('drain', { balancer: 'shop', member: 'app2' })).status).toBe(303);
    expect(balancer.view()).toMatchObject([{ loadfactor: 7 }, { status: 'N' }]);
  });

  test('what a parser of the app has made of doubled fields is refused too', async () => {
    const { ask, token, state } = await startManaged({
      before: (app) => app.use(express.urlencoded({ extended: true })),
    });
    const before = state();
    const headers = { Origin: 'http://ops.example', 'Content-Type': 'application/x-www-form-urlencoded' };
    for (const fields of ['member=app1&member=app2', 'member[x]=app1']) {
      const body = `token=${await token()}&balancer=shop&${fields}`;
      expect((await ask('/forms/drain', { method: 'POST', headers, body })).status).toBe(400);
    }
    expect(state()).toEqual(before);
  });

  test('a middleware that has read it and left it nowhere is named', async () => {
    const { send } = await startManaged({
      before: (app) =>
        app.use((req, _res, next) => {
          req.on('end', next).resume();
        }),
    });
    const { status, body } = await send('PATCH', path, { drain: true });
    expect(status).toBe(400);
    expect(body).toContain('another middleware has read it');
  });

  test('a client that leaves in the middle of it changes nothing, and is no error', async () => {
    const { port, token, server, state, errors, logged } = await startManaged();
    const before = state();
    const headers = {
      Host: 'ops.example',
      'X-User': 'ann',
      Origin: 'http://ops.example',
      'X-Manager-Token': await token(),
      'Content-Type': 'application/json',
      'Content-Length': '100',
    };
    const closed = new Promise<void>((resolve) => {
      server.once('request', (_req: IncomingMessage, res: ServerResponse) => {
        res.once('close', resolve);
        sent.destroy();
      });
    });
    const sent = request({
      port,
      host: '127.0.0.1',
      method: 'PATCH',
      path: `/balancer-manager${path}`,
      headers,
    });
    sent.on('error', () => undefined);
    sent.write('{"drain":');
    await closed;
    for (let i = 0; i < 10; i += 1) await turn();
    expect({ errors, logged }).toEqual({ errors: [], logged: [] });
    expect(state()).toEqual(before);
  });
});

describe('wherever it is mounted', () => {
  const look = async (options: ManagedOptions): Promise<string> => {
    const { ask } = await startManaged(options);
    const { status, body } = await ask('/');
    expect(status).toBe(200);
    return body;
  };

  test('Express 5', async () => {
    expect(await look({})).toContain('href="/balancer-manager/assets/manager.css"');
  });

  test('at the top', async () => {
    expect(await look({ mount: '/' })).toContain('href="/assets/manager.css"');
  });

  test('Express 4', async () => {
    const { port } = await startManaged({
      serve: (manager) => {
        const router = express4.Router().use('/balancers', manager);
        return express4().use('/ops', router) as never;
      },
    });
    const answer = await fetch(`http://127.0.0.1:${port}/ops/balancers`, { headers: { 'X-User': 'ann' } });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('href="/ops/balancers/assets/manager.css"');
  });

  test('Connect', async () => {
    const { port } = await startManaged({ serve: (manager) => connect().use('/ops', manager) });
    for (const path of ['/ops', '/ops/', '/ops/?x=1']) {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { 'X-User': 'ann' } });
      expect(await answer.text()).toContain('href="/ops/assets/manager.css"');
    }
  });

  test('plain http', async () => {
    const body = await look({
      serve: (manager) => (req, res) => {
        manager(req, res, (error) => {
          res.writeHead(500).end(String(error));
        });
      },
    });
    expect(body).toContain('href="/assets/manager.css"');
  });

  test('HTTP/2, whose bodies need no header', async () => {
    const { manager, balancer } = await startManaged();
    const server = createHttp2Server((req, res) => {
      // Its compatibility with HTTP/1 is all that is needed of them.
      manager(req as unknown as IncomingMessage, res as unknown as ServerResponse, (error) => {
        res.writeHead(500).end(String(error));
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    async function send(path: string, headers: OutgoingHttpHeaders = {}, body?: string): Promise<Json> {
      const sent = client.request({
        ':authority': 'ops.example',
        ':path': path,
        'x-user': 'ann',
        ...headers,
      });
      sent.end(body);
      return parse(await text(sent));
    }
    try {
      const { token } = await send('/api/token');
      const proof = {
        ':method': 'POST',
        origin: 'http://ops.example',
        'x-manager-token': token as string,
      };
      const type = { 'content-type': 'application/json' };
      const drain = '/api/balancers/shop/members/app1/drain';
      expect(await send(drain, { ...proof, ...type }, '{ "reason": "deploy" }')).toMatchObject({
        change: { reason: 'deploy' },
      });
      const removed = await send(drain.replace('/drain', ''), { ...proof, ':method': 'DELETE' });
      expect(removed).toMatchObject({ change: { deed: { kind: 'remove' } } });
      expect(balancer.view()).toMatchObject([{ name: 'app2' }]);
    } finally {
      client.close();
      server.close();
    }
  });

  test('an absolute target is the same place', async () => {
    const { port, ask } = await startManaged();
    const answer = await ask('/api/changes');
    expect(answer.status).toBe(200);
    const headers = { Host: 'ops.example', 'X-User': 'ann' };
    const absolute = await requestTarget(port, 'http://ops.example/balancer-manager/api/changes', {
      headers,
    });
    expect(absolute.body).toBe(answer.body);
  });
});

describe('whom it shows', () => {
  test('those that are named, each under an id of its own', async () => {
    const twins = [1, 2].map((port) =>
      createBalancer({ name: 'twin', logger: false, members: [`http://127.0.0.1:${port}/`] }),
    );
    const { ask } = await startManaged({ balancers: twins });
    expect(parse((await ask('/api/balancers')).body)).toMatchObject({
      balancers: [{ id: 'twin' }, { id: 'twin~2' }],
    });
    await Promise.all(twins.map((twin) => twin.close()));
  });

  test('all of the process by themselves, those that come later too', async () => {
    const { ask, balancer } = await startManaged({ balancers: undefined as never });
    const idsOf = async (): Promise<unknown[]> =>
      (parse((await ask('/api/balancers')).body)['balancers'] as Json[]).map(({ id }) => id);
    expect(await idsOf()).toEqual(['shop']);
    const later = createBalancer({ name: 'later', logger: false, members: ['http://127.0.0.1:9/'] });
    expect(await idsOf()).toEqual(['shop', 'later']);
    await balancer.close();
    expect(await idsOf()).toEqual(['later']);
    await later.close();
  });
});

describe('what goes wrong', () => {
  test('is handed to the app once, and told to nobody else', async () => {
    const boom = new Error('inside');
    const { ask, errors, logged } = await startManaged({
      authorize: (_req, res) => {
        // Somebody else's middleware, at the worst place.
        res.setHeader = () => {
          Reflect.deleteProperty(res, 'setHeader');
          throw boom;
        };
        return 'ann';
      },
    });
    const { body } = await ask('/');
    expect(errors).toEqual([boom]);
    expect(logged).toEqual([[expect.stringContaining('[manager]'), boom]]);
    expect(body).toBe('the app’s own error page');
  });

  test('wrong options throw, every fault at once', () => {
    const error = catchError(() => createManager({ hosts: ['a/b'], titel: 'x' } as never)) as DefinitionError;
    expect(error).toBeInstanceOf(DefinitionError);
    expect(error.problems.map(({ path }) => path)).toEqual(['authorize', 'hosts[0]', 'titel']);
  });
});

describe('close', () => {
  test('later requests end in the app’s error handler, and what was changed stays', async () => {
    const { ask, send, manager, balancer, errors } = await startManaged();
    await send('PATCH', '/api/balancers/shop/members/app1', { drain: true });
    manager.close();
    await ask('/');
    expect(errors).toEqual([expect.any(ManagerError)]);
    expect(errors[0]).toMatchObject({ code: 'ERR_MANAGER_CLOSED', status: 503 });
    expect(balancer.view()[0]).toMatchObject({ status: 'N' });
    expect(manager.changes()).toHaveLength(1);
  });

  test('open pages are let go', async () => {
    const { port, manager } = await startManaged();
    const sent = request({
      port,
      host: '127.0.0.1',
      path: '/balancer-manager/events',
      headers: { Host: 'ops.example', 'X-User': 'ann' },
    }).end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    expect(answer.headers['content-type']).toMatch(/^text\/event-stream/);
    answer.resume();
    manager.close();
    await until(() => answer.complete);
  });
});
