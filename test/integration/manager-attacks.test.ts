import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createBalancer } from '../../src/index.ts';
import { createTokens } from '../../src/manager/door/token.ts';
import { ask as askPort } from '../support/ask.ts';
import { startBackend, stopBackends } from '../support/backend.ts';
import { exchangeBytes } from '../support/front.ts';
import {
  byHeader,
  startManaged,
  stopManaged,
  type Managed,
  type ManagedOptions,
} from '../support/managed.ts';
import { requestTarget, type Answered } from '../support/request-target.ts';

afterEach(async () => {
  await stopManaged();
  await stopBackends();
});

const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
const json = { 'Content-Type': 'application/json' };
const own = { Origin: 'http://ops.example' };
const member = '/api/balancers/shop/members/app1';

/** What an attacker does, after which everything must be as it was. */
async function attack(
  options: ManagedOptions,
  act: (managed: Managed) => Promise<Answered>,
): Promise<Answered> {
  const managed = await startManaged(options);
  const before = managed.state();
  const answer = await act(managed);
  expect(managed.state()).toEqual(before);
  expect(managed.errors).toEqual([]);
  return answer;
}

const drain = (token: string): string =>
  new URLSearchParams({ token, balancer: 'shop', member: 'app1' }).toString();

test('the forms and requests below do change something where they are sent as the page sends them', async () => {
  const { ask, token, balancer } = await startManaged();
  const body = drain(await token());
  expect((await ask('/forms/drain', { method: 'POST', headers: { ...form, ...own }, body })).status).toBe(
    303,
  );
  expect(balancer.view()[0]).toMatchObject({ status: 'N' });
});

describe('a page of somebody else’s posts a form', () => {
  // With a token that is right, so that nothing else refuses it.
  test.each<[string, Record<string, string>]>([
    ['without Origin, as very old browsers do', {}],
    ['with its own Origin', { Origin: 'http://evil.example' }],
    ['from a sandbox or a file', { Origin: 'null' }],
    ['from another port', { Origin: 'http://ops.example:8080' }],
    ['from a subdomain', { Origin: 'http://x.ops.example' }],
    ['of another site, by fetch metadata', { ...own, 'Sec-Fetch-Site': 'cross-site' }],
    ['of another host of the site', { ...own, 'Sec-Fetch-Site': 'same-site' }],
    ['that somebody typed', { 'Sec-Fetch-Site': 'none' }],
    ['with a Referer that looks right', { Referer: 'http://ops.example/balancer-manager/' }],
    [
      'with Origin in Host’s other name',
      { 'X-Forwarded-Host': 'evil.example', Origin: 'http://evil.example' },
    ],
  ])('%s', async (_how, headers) => {
    const answer = await attack({}, async ({ ask, token }) =>
      ask('/forms/drain', {
        method: 'POST',
        headers: { ...form, ...headers },
        body: `${drain(await token())}&form=explain&reason=words-of-evil&path=words-of-evil`,
      }),
    );
    expect(answer.status).toBe(403);
    // What it has filled in is not put before anybody’s eyes.
    expect(answer.body).not.toContain('words-of-evil');
  });

  test.each(['/api/explain', '/forms/explain', `${member}/drain`, '/api/balancers/shop/members'])(
    'to %s',
    async (path) => {
      const headers = { ...(path.startsWith('/forms') ? form : json), Origin: 'http://evil.example' };
      const answer = await attack({}, async ({ ask, token }) =>
        ask(path, {
          method: 'POST',
          headers: { ...headers, 'X-Manager-Token': await token() },
          body: path.startsWith('/forms') ? 'balancer=shop' : '{}',
        }),
      );
      expect(answer.status).toBe(403);
    },
  );

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'JSON in a form of type %s, which needs no leave of CORS',
    async (type) => {
      const answer = await attack({}, async ({ ask, token }) => {
        const headers = { 'Content-Type': type, ...own, 'X-Manager-Token': await token() };
        return ask(member, { method: 'PATCH', headers, body: '{"drain":true,"x":"="}' });
      });
      expect(answer.status).toBe(415);
    },
  );

  test('and CORS is never given leave', async () => {
    const answer = await attack({}, ({ ask }) =>
      ask(member, {
        method: 'OPTIONS',
        headers: { Origin: 'http://evil.example', 'Access-Control-Request-Method': 'PATCH' },
      }),
    );
    expect(answer.status).toBe(405);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

describe('a page of somebody else’s looks in', () => {
  test.each([
    ['by a frame', 'navigate', 'iframe'],
    ['by an image', 'no-cors', 'image'],
    ['by a script', 'no-cors', 'script'],
    ['by a stream', 'cors', 'empty'],
  ])('%s', async (_how, mode, destination) => {
    for (const path of ['/', '/events', '/api/token', '/assets/uplot.js']) {
      const headers = {
        'Sec-Fetch-Site': 'cross-site',
        'Sec-Fetch-Mode': mode,
        'Sec-Fetch-Dest': destination,
      };
      const answer = await attack({}, ({ ask }) => ask(path, { headers }));
      expect(answer.status).toBe(403);
      expect(answer.body).toContain('not shown within other pages');
      expect(answer.body).not.toContain('change');
    }
  });
});

describe('tokens', () => {
  const secret = 'the secret of all processes';
  const hour = 3_600_000;
  const issue = (user: string, agoMs: number, by = secret): string =>
    createTokens(by).issue(user, Date.now() - agoMs);

  test.each<[string, string]>([
    ['none', ''],
    ['one that was made up', `${Date.now().toString(36)}.${'A'.repeat(43)}`],
    ['another user’s', issue('ben', 0)],
    ['one of thirteen hours ago', issue('ann', 13 * hour)],
    ['one of tomorrow', issue('ann', -24 * hour)],
    ['one of another secret', issue('ann', 0, 'the secret of others')],
    ['one with its time moved', issue('ann', 13 * hour).replace(/^[^.]+/, issue('ann', 0).split('.')[0]!)],
  ])('%s', async (_which, token) => {
    const byForm = await attack({ secret }, ({ ask }) =>
      ask('/forms/drain', { method: 'POST', headers: { ...form, ...own }, body: drain(token) }),
    );
    const byApi = await attack({ secret }, ({ ask }) =>
      ask(member, {
        method: 'PATCH',
        headers: { ...json, ...own, 'X-Manager-Token': token },
        body: '{"drain":true}',
      }),
    );
    expect([byForm.status, byApi.status]).toEqual([403, 403]);
  });

  test('in the address or in the JSON are none', async () => {
    const answer = await attack({ secret }, async ({ ask, token }) => {
      const good = await token();
      const body = JSON.stringify({ drain: true, token: good });
      return ask(`${member}?token=${good}`, { method: 'PATCH', headers: { ...json, ...own }, body });
    });
    expect(answer.status).toBe(403);
  });

  test('are never handed to those who may not come in', async () => {
    const answer = await attack({ secret }, ({ ask }) => ask('/api/token', { headers: { 'X-User': '' } }));
    expect(answer.status).toBe(403);
    expect(answer.body).not.toContain('.');
  });
});

describe('nothing is changed but by the method that says so', () => {
  test.each<[string, string, string, Record<string, string>]>([
    ['GET of a form', 'GET', '/forms/drain?balancer=shop&member=app1&token=TOKEN', {}],
    ['HEAD of a form', 'HEAD', '/forms/drain?balancer=shop&member=app1&token=TOKEN', {}],
    ['httpd’s parameters', 'GET', '/?b=shop&w=http://127.0.0.1:9&w_status_D=1&nonce=TOKEN', {}],
    ['GET of a member', 'GET', `${member}?drain=true&token=TOKEN`, {}],
    ['a method in the query', 'GET', `${member}?_method=DELETE&token=TOKEN`, {}],
    ['X-HTTP-Method-Override', 'GET', member, { 'X-HTTP-Method-Override': 'DELETE' }],
    ['X-HTTP-Method', 'GET', member, { 'X-HTTP-Method': 'DELETE' }],
    ['X-Method-Override', 'GET', `${member}/drain`, { 'X-Method-Override': 'POST' }],
  ])('%s', async (_what, method, path, headers) => {
    const answer = await attack({}, async ({ ask, token }) => {
      const good = await token();
      return ask(path.replace('TOKEN', good), {
        method,
        headers: { ...own, 'X-Manager-Token': good, ...headers },
      });
    });
    expect([200, 303, 405]).toContain(answer.status);
  });

  test('an override in a POST does not change what is asked for either', async () => {
    const answer = await attack({}, async ({ ask, token }) => {
      const headers = {
        ...own,
        ...json,
        'X-Manager-Token': await token(),
        'X-HTTP-Method-Override': 'DELETE',
      };
      return ask(member, { method: 'POST', headers, body: '{}' });
    });
    expect(answer.status).toBe(405);
  });
});

describe('DNS rebinding: a page’s own name is made to point here', () => {
  test.each([
    'evil.example',
    'evil.example:PORT',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '0.0.0.0',
    'ops.example',
  ])('loopback-only is not reached as %s', async (name) => {
    const host = (port: number): string => name.replace('PORT', String(port));
    const looked = await attack({ authorize: 'loopback-only' }, ({ ask, port }) =>
      ask('/api/token', { headers: { Host: host(port) } }),
    );
    const changed = await attack({ authorize: 'loopback-only' }, ({ ask, port }) =>
      ask('/forms/drain', {
        method: 'POST',
        headers: {
          ...form,
          Host: host(port),
          Origin: `http://${host(port)}`,
          'Sec-Fetch-Site': 'same-origin',
        },
        body: drain('x'),
      }),
    );
    expect([looked.status, changed.status]).toEqual([403, 403]);
    expect(looked.body).not.toContain('token":');
  });

  test('with hosts, neither is anything else', async () => {
    const options: ManagedOptions = { authorize: () => true, hosts: ['ops.example', 'localhost:3000'] };
    for (const name of ['evil.example', 'x.ops.example', 'localhost', 'localhost:3001', '127.0.0.1'])
      expect((await attack(options, ({ ask }) => ask('/', { headers: { Host: name } }))).status).toBe(403);
    const { ask } = await startManaged(options);
    for (const name of ['ops.example', 'OPS.EXAMPLE.:8080', 'localhost:3000'])
      expect((await ask('/', { headers: { Host: name } })).status).toBe(200);
  });

  test.each([
    ['no Host', ''],
    ['two of them', 'Host: localhost\r\nHost: evil.example\r\n'],
    ['a list', 'Host: localhost, evil.example\r\n'],
    ['a user in front', 'Host: localhost@evil.example\r\n'],
    ['none worth the name', 'Host: \r\n'],
  ])('%s', async (_what, lines) => {
    const { port } = await startManaged({ authorize: 'loopback-only' });
    // Node itself refuses 1.1 without Host.
    const version = lines === '' ? '1.0' : '1.1';
    const text = await exchangeBytes(
      port,
      `GET /balancer-manager/api/token HTTP/${version}\r\n${lines}Connection: close\r\n\r\n`,
    );
    expect(text).toMatch(/^HTTP\/1\.1 403 /);
    expect(text).not.toContain('token":');
  });

  test('an absolute target does not outvote Host', async () => {
    const { port } = await startManaged({ authorize: 'loopback-only' });
    for (const [target, Host] of [
      ['http://localhost/balancer-manager/', 'evil.example'],
      ['http://evil.example/balancer-manager/', 'localhost'],
    ] as const)
      expect((await requestTarget(port, target, { headers: { Host } })).status).toBe(403);
  });
});

describe('loopback-only goes by the socket', () => {
  test('this machine comes in by each of its names', async () => {
    const { ask, port } = await startManaged({ authorize: 'loopback-only' });
    for (const name of ['localhost', `localhost:${port}`, 'app.localhost', '127.0.0.1', '[::1]'])
      expect((await ask('/', { headers: { Host: name } })).status).toBe(200);
  });

  test.each(['X-Forwarded-For', 'Forwarded', 'X-Real-IP', 'Via', 'X-Forwarded-Host', 'X-Forwarded-Proto'])(
    '%s says that a proxy stands before, whatever it says',
    async (name) => {
      const headers = { Host: 'localhost', [name]: '127.0.0.1' };
      const answer = await attack({ authorize: 'loopback-only' }, ({ ask }) => ask('/', { headers }));
      expect(answer.status).toBe(403);
      expect(answer.body).toContain(name);
    },
  );

  test('nor does trust proxy make it believe a header', async () => {
    const answer = await attack(
      { authorize: 'loopback-only', before: (app) => app.set('trust proxy', true) },
      ({ ask }) => ask('/', { headers: { Host: 'localhost', 'X-Forwarded-For': '127.0.0.1' } }),
    );
    expect(answer.status).toBe(403);
  });

  test('a proxy that adds nothing, and asks as nginx does by itself, is known by HTTP/1.0', async () => {
    const { port } = await startManaged({ authorize: 'loopback-only' });
    const head = `GET /balancer-manager/ HTTP/1.0\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`;
    expect(await exchangeBytes(port, head)).toMatch(/^HTTP\/1\.1 403 /);
  });

  test('a page that comes through such a proxy cannot change anything', async () => {
    const answer = await attack({ authorize: 'loopback-only' }, async ({ ask, token, port }) => {
      const Host = `127.0.0.1:${port}`;
      const headers = { ...form, Host, Origin: 'https://public.example', 'Sec-Fetch-Site': 'same-origin' };
      return ask('/forms/drain', { method: 'POST', headers, body: drain(await token({ Host })) });
    });
    expect(answer.status).toBe(403);
  });

  test('another balancer of ours stands before it: refused', async () => {
    const { port } = await startManaged({ authorize: 'loopback-only' });
    const front = await startManaged({
      serve: () => {
        const balancer = createBalancer({ logger: false, members: [`http://localhost:${port}/`] });
        return (req, res) => {
          res.once('close', () => void balancer.close());
          balancer(req, res, (error) => res.writeHead(500).end(String(error)));
        };
      },
    });
    const answer = await front.ask('/balancer-manager/', { headers: { Host: 'localhost' } });
    expect(answer).toMatchObject({ status: 403, body: expect.stringContaining('proxy') });
  });
});

describe('script in names', () => {
  const evil = `"'><script>alert(1)</script><img src=x onerror=alert(1)>`;
  const name = `${evil}\u2028`;

  async function startHostile() {
    const backend = await startBackend('hostile');
    const hostile = createBalancer({
      name: evil,
      logger: false,
      stickysession: 'sid',
      members: [
        { url: `${backend.url}/`, route: evil },
        { url: 'http://127.0.0.1:9/%3Cscript%3E', route: `${evil}2`, redirect: evil },
      ],
    });
    const managed = await startManaged({
      balancers: [hostile],
      title: evil,
      authorize: () => name,
      before: (app) => app.use('/shop', hostile, () => undefined),
    });
    // A request with a hostile path, so that there is a decision to be shown.
    await askPort(managed.port, { path: `/shop/${encodeURIComponent(evil)}?${encodeURIComponent(evil)}` });
    const changed = await managed.send(
      'PATCH',
      `/api/balancers/${encodeURIComponent(evil)}/members/${encodeURIComponent(evil)}`,
      { loadfactor: 3, reason: evil },
    );
    expect(changed.status).toBe(200);
    return { ...managed, hostile };
  }

  /** Nothing that a browser would take for markup of ours. */
  function expectHarmless(markup: string): void {
    expect(markup).not.toMatch(/<script(?![^>]* src="\/)/i);
    expect(markup).not.toMatch(/<img/i);
    // No attribute but those of ours.
    expect(markup.replace(/"[^"]*"/g, '""')).not.toMatch(/<[^>]*onerror/i);
  }

  test('is text on the page', async () => {
    const { ask, hostile } = await startHostile();
    const { body, headers } = await ask(`/?done=${encodeURIComponent(evil)}&x=${encodeURIComponent(evil)}`);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(body).toContain('&lt;script&gt;alert(1)');
    expectHarmless(body);
    await hostile.close();
  });

  test('is text on the page that tells what was wrong', async () => {
    const { sendForm, hostile } = await startHostile();
    const fields = { balancer: evil, member: evil, loadfactor: evil, reason: evil, for: evil, form: evil };
    const { status, body } = await sendForm('change', { ...fields, [evil]: evil });
    expect(status).toBe(422);
    expect(body).toContain('&lt;script&gt;');
    expectHarmless(body);
    const missing = await sendForm('change', {
      balancer: `no ${evil}`,
      member: evil,
      loadfactor: '2',
      'was.loadfactor': '1',
    });
    expect(missing.status).toBe(404);
    expectHarmless(missing.body);
    await hostile.close();
  });

  test('is a string in JSON, which is no page', async () => {
    const { ask, hostile } = await startHostile();
    const { body, headers } = await ask('/api/report');
    expect(headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'x-content-type-options': 'nosniff',
    });
    expect(JSON.parse(body)).toMatchObject({ balancers: [{ name: evil, members: [{ route: evil }, {}] }] });
    await hostile.close();
  });

  test('is text in XML', async () => {
    const { ask, hostile } = await startHostile();
    const { body, headers } = await ask('/?xml=1');
    expect(headers['content-type']).toMatch(/xml/);
    expect(body).toContain('&lt;script&gt;');
    expect(body).not.toMatch(/<script|<img/);
    await hostile.close();
  });

  test('is text in the stream, on one line', async () => {
    const { port, hostile } = await startHostile();
    const sent = request({ host: '127.0.0.1', port, path: '/balancer-manager/events' }).end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    let text = '';
    for await (const chunk of answer) {
      text += String(chunk);
      if (/event: state\ndata: .*\n\n/.test(text)) break;
    }
    const data = /event: state\ndata: (.*)\n\n/.exec(text)![1]!;
    const { parts } = JSON.parse(data) as { parts: Record<string, string> };
    expect(Object.keys(parts).length).toBeGreaterThan(0);
    for (const part of Object.values(parts)) expectHarmless(part);
    await hostile.close();
  });

  test('is no file, no route and no header', async () => {
    const { ask, hostile } = await startHostile();
    for (const path of [
      `/assets/${encodeURIComponent(evil)}`,
      `/api/balancers/${encodeURIComponent(`${evil}3`)}`,
    ]) {
      const { status, headers, body } = await ask(path);
      expect(status).toBe(404);
      expect(headers['content-type']).toBe('application/json; charset=utf-8');
      expect(() => JSON.parse(body) as unknown).not.toThrow();
    }
    await hostile.close();
  });
});

describe('headers cannot be written by anybody', () => {
  test.each(['%0d%0aSet-Cookie:%20x=1', '%0aX-Evil:1', '%00', 'a%2f..%2f..'])(
    'a member called %s',
    async (text) => {
      const answer = await attack({}, ({ send }) => send('DELETE', `/api/balancers/shop/members/${text}`));
      expect(answer.status).toBe(404);
      expect(answer.headers).not.toHaveProperty('set-cookie');
      expect(answer.headers).not.toHaveProperty('x-evil');
    },
  );

  test('a name with line ends is on one line, wherever it is told', async () => {
    const { send, manager } = await startManaged({ authorize: () => 'ann\r\nSet-Cookie: x=1\u0000\u202e' });
    const { status, headers } = await send('PATCH', member, { loadfactor: 2 });
    expect(status).toBe(200);
    expect(headers).not.toHaveProperty('set-cookie');
    expect(manager.changes()).toMatchObject([{ by: 'annSet-Cookie: x=1' }]);
  });

  test.each([
    '//evil.example',
    '/\\evil.example',
    '/%5cevil.example',
    '/x/..//evil.example',
    '///evil.example',
  ])('a mount path that a client can write as %s', async (path) => {
    const { port } = await startManaged({
      authorize: () => true,
      // Connect-like: a router that takes whatever stands before the last folder off.
      serve: (manager) => (req, res) => {
        const target = req.url!;
        Object.assign(req, { originalUrl: target, url: target.replace(/^.*\/manager/, '') });
        manager(req, res, () => res.writeHead(500).end());
      },
    });
    const text = await exchangeBytes(
      port,
      `GET ${path}/manager/ HTTP/1.1\r\nHost: ops.example\r\nConnection: close\r\n\r\n`,
    );
    expect(text).toMatch(/^HTTP\/1\.1 404 /);
    expect(text).not.toContain('evil');
    const good = await exchangeBytes(
      port,
      'GET /x/manager/ HTTP/1.1\r\nHost: ops.example\r\nConnection: close\r\n\r\n',
    );
    expect(good).toContain('href="/x/manager/assets/manager.css"');
  });

  test('the same by a pattern of Express', async () => {
    const { port } = await startManaged({ authorize: () => true, mount: '/*any/manager' });
    const headers = { Host: 'ops.example' };
    const answer = await requestTarget(port, '//evil.example/manager/', { headers });
    expect(answer).toMatchObject({ status: 404, body: 'There is nothing here\n' });
    const good = await requestTarget(port, '/x/manager/', { headers });
    expect(good.body).toContain('href="/x/manager/assets/manager.css"');
  });
});

describe('prototypes', () => {
  const clean = (): void => {
    expect(({} as Record<string, unknown>)['drain']).toBeUndefined();
    expect(({} as Record<string, unknown>)['readOnly']).toBeUndefined();
    expect(Object.keys(Object.prototype)).toEqual([]);
  };

  test.each([
    '{"__proto__":{"drain":true}}',
    '{"reason":"x","__proto__":{"drain":true}}',
    '{"constructor":{"prototype":{"drain":true}}}',
    '{"prototype":{"drain":true}}',
    '{"hcheaders":{"__proto__":{"drain":true}}}',
    '{"toString":"x"}',
    '[{"__proto__":{"drain":true}}]',
  ])('%s', async (body) => {
    const answer = await attack({}, async ({ ask, token }) =>
      ask(member, { method: 'PATCH', headers: { ...json, ...own, 'X-Manager-Token': await token() }, body }),
    );
    expect([400, 422]).toContain(answer.status);
    clean();
  });

  test.each([
    '__proto__=x',
    '__proto__[drain]=true',
    'constructor[prototype][drain]=true',
    'was.__proto__=on',
    'hasOwnProperty=x',
  ])('a form %s', async (fields) => {
    const answer = await attack({}, async ({ ask, token }) =>
      ask('/forms/change', {
        method: 'POST',
        headers: { ...form, ...own },
        body: `${drain(await token())}&${fields}`,
      }),
    );
    expect([400, 422]).toContain(answer.status);
    clean();
  });

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'names such as %s are none',
    async (name) => {
      for (const [method, path] of [
        ['GET', `/api/balancers/${name}`],
        ['GET', `/api/balancers/shop/members/${name}`],
        ['DELETE', `/api/changes/${name}`],
        ['POST', `/forms/${name}`],
        ['GET', `/assets/${name}`],
      ] as const) {
        const answer = await attack({}, ({ ask, send, sendForm }) =>
          path.startsWith('/forms') ? sendForm(name, {}) : method === 'GET' ? ask(path) : send(method, path),
        );
        expect(answer.status).toBe(404);
      }
    },
  );
});

describe('files', () => {
  test.each([
    '/assets/../package.json',
    '/assets/..%2f..%2fpackage.json',
    '/assets/..%2fmanager.js',
    '/assets/%2e%2e%2findex.ts',
    '/assets/..%5cindex.ts',
    '/assets/..',
    '/assets/.',
    '/assets/',
    '/assets',
    '/assets//etc/passwd',
    '/assets/%2fetc%2fpasswd',
    '/assets/file:%2f%2f%2fetc%2fpasswd',
    '/assets/manager.css%00.js',
    '/assets/manager.css/',
    '/assets/tsconfig.json',
    '/assets/main.ts',
    '/assets/%',
    '/assets/%ff',
  ])('%s is none of ours', async (path) => {
    const answer = await attack({}, ({ ask }) => ask(path));
    expect(answer.status).toBe(404);
  });
});

describe('members', () => {
  test.each([
    'ftp://127.0.0.1/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'unix:/var/run/docker.sock|http://localhost/',
    'http://user:password@127.0.0.1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://[::ffff:169.254.169.254]/',
    'http://app.internal.evil.example/',
    'http://APP3.INTERNAL@evil.example/',
  ])('%s cannot be added', async (url) => {
    const allowMembers = ['*.internal'];
    const byApi = await attack({ allowMembers }, ({ send }) =>
      send('POST', '/api/balancers/shop/members', { url }),
    );
    const byForm = await attack({ allowMembers }, ({ sendForm }) =>
      sendForm('add', { balancer: 'shop', url }),
    );
    expect([403, 422]).toContain(byApi.status);
    expect([403, 422]).toContain(byForm.status);
  });

  test('one that is allowed can', async () => {
    const { send, balancer } = await startManaged({ allowMembers: ['*.internal'] });
    expect((await send('POST', '/api/balancers/shop/members', { url: 'http://app3.internal/' })).status).toBe(
      201,
    );
    expect(balancer.view()).toHaveLength(3);
  });
});

test('whoever may not come in cannot tell what is there', async () => {
  const { ask } = await startManaged({ authorize: byHeader });
  const answers = await Promise.all(
    ['/', '/api/report', '/nothing', '/assets/uplot.js', '/events', '/forms/drain'].map(async (path) => {
      const { status, body } = await ask(path, { headers: { 'X-User': '' } });
      return { status, body };
    }),
  );
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
});

test('what health checks send stands nowhere that people look', async () => {
  const { ask, send, port, manager } = await startManaged();
  const change = { hcmethod: 'GET', hcinterval: '1h', hcheaders: { Authorization: 'Bearer xyzzy' } };
  expect((await send('PATCH', member, change)).status).toBe(200);
  const pages = ['/', '/?xml=1', '/api/report', '/api/changes', '/api/balancers', member];
  const bodies = await Promise.all(pages.map(async (path) => (await ask(path)).body));
  const headers = { Host: 'ops.example', 'X-User': 'ann' };
  const sent = request({ port, path: '/balancer-manager/events', headers }).end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  let events = '';
  for await (const chunk of answer) {
    events += String(chunk);
    if (/event: state\ndata: .*\n\n/.test(events)) break;
  }
  expect(events).toContain('app1');
  expect([...bodies, events].filter((body) => body.includes('xyzzy'))).toHaveLength(0);
  // Whoever stores changes gets them whole.
  expect(JSON.stringify(manager.changes())).toContain('xyzzy');
});
