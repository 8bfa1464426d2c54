import { afterEach, describe, expect, test } from '@jest/globals';
import type { AccessRule, AccessSection, HttpdMount } from '../../src/httpd-conf/httpd-conf.ts';
import { startBackend, type Backend } from '../support/backend.ts';
import { exchangeBytes } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import {
  closeMounted,
  host,
  startMounted,
  type MountedConf,
  type MountedOptions,
} from '../support/mounted-conf.ts';
import { requestTarget } from '../support/request-target.ts';

afterEach(async () => {
  await closeMounted();
  await tidyUp();
});

const denied: AccessRule = { order: 'allow,deny', allow: [], deny: [] };
const granted: AccessRule = { order: 'allow,deny', allow: ['all'], deny: [] };
const local: AccessRule = { order: 'allow,deny', allow: ['local'], deny: [] };
const place = { file: 'httpd.conf', line: 7 };

async function start(
  access: readonly AccessSection[],
  mounts: (backend: Backend) => readonly HttpdMount[] = (backend) => [
    { kind: 'balancer', at: '/', to: '', definition: { members: [backend.url] } },
  ],
  options: MountedOptions = {},
): Promise<Readonly<{ mounted: MountedConf; backend: Backend }>> {
  const backend = await startBackend();
  return { mounted: await startMounted({ mounts: mounts(backend), access }, options), backend };
}

/** The status that bytes as they are get. */
async function send(port: number, target: string, fields: readonly string[] = []): Promise<number> {
  const lines = [`GET ${target} HTTP/1.1`, 'Host: front.example', 'Connection: close', ...fields];
  const answer = await exchangeBytes(port, `${lines.join('\r\n')}\r\n\r\n`);
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
}

describe('who may not have it gets 403, and no member hears of it', () => {
  test.each<[target: string]>([
    ['/admin'],
    ['/admin/'],
    ['/admin/users?x=y'],
    ['/%61dmin'],
    ['/%61%64%6d%69%6e/users'],
    ['//admin'],
    ['///admin//users'],
    ['/./admin'],
    ['/x/../admin'],
    ['/x/%2e%2e/admin'],
    ['/x//../admin'],
    // What a member may take for the same place.
    ['/%2Fadmin'],
    ['/%2fadmin/users'],
    ['/admin%2Fusers'],
    ['/admin%5Cusers'],
    ['/admin\\users'],
    ['/\\admin'],
    ['http://front.example/admin'],
    ['http://other.example//admin/x'],
    ['HTTP://other.example/%61dmin'],
  ])('%s', async (target) => {
    const { mounted, backend } = await start([{ at: '/admin', rule: denied, place }]);
    expect(await send(mounted.port, target)).toBe(403);
    expect(backend.received).toEqual([]);
    expect(mounted.errors).toEqual([
      expect.objectContaining({
        name: 'HttpdRefusal',
        code: 'ERR_HTTPD_CONF_FORBIDDEN',
        status: 403,
        statusCode: 403,
        expose: true,
        place,
      }),
    ]);
  });

  test.each([
    '/x/..%2fadmin',
    '/..%2fadmin',
    '/%2e%2e/admin',
    '/x/..;/admin',
    '/x\\..\\admin',
    '/%2e%2e/',
    '/admin%00',
  ])('nor of %s, which is refused with 400', async (target) => {
    const { mounted, backend } = await start([{ at: '/admin', rule: denied }]);
    expect(await send(mounted.port, target)).toBe(400);
    expect(mounted.errors).toEqual([
      expect.objectContaining({ code: 'ERR_BALANCER_BAD_REQUEST', status: 400 }),
    ]);
    expect(backend.received).toEqual([]);
  });

  // Paths are case-sensitive, for httpd as for what is sent on.
  test.each(['/administration', '/ADMIN', '/x/admin', '/admin;x', '/admin%3Bx', '/admin%252Fx', '/?/admin'])(
    'but %s is another path',
    async (target) => {
      const { mounted, backend } = await start([{ at: '/admin', rule: denied }]);
      expect(await send(mounted.port, target)).toBe(200);
      expect(backend.received.map(({ url }) => url)).toEqual([target]);
    },
  );

  test.each(['/a/b', '/a//b', '/%61/b', '/a%2Fb', '/a/%62'])('by a pattern: %s', async (target) => {
    const { mounted, backend } = await start([{ at: /^\/a\/b/, rule: denied }]);
    expect(await send(mounted.port, target)).toBe(403);
    expect(backend.received).toEqual([]);
  });
});

describe('of the sections that fit, the last decides', () => {
  const everything: AccessSection = { at: '/', rule: denied };
  const open: AccessSection = { at: '/open', rule: granted };

  test.each<[target: string, access: readonly AccessSection[], status: number]>([
    ['/open/x', [everything, open], 200],
    ['/other', [everything, open], 403],
    ['/open/x', [open, everything], 403],
    // An encoded slash opens nothing.
    ['/open%2Fx', [everything, open], 403],
    ['/open/x%2F..', [everything, open], 400],
  ])('%s: %j', async (target, access, status) => {
    const { mounted } = await start(access);
    expect(await send(mounted.port, target)).toBe(status);
  });

  test('those of another host are not asked', async () => {
    const one = host('one.example');
    const two = host('two.example');
    const backend = await startBackend();
    const mounted = await startMounted({
      hosts: [one, two],
      mounts: [{ kind: 'balancer', at: '/', to: '', definition: { members: [backend.url] } }],
      access: [{ host: two, at: '/', rule: denied }],
    });
    const ask = (name: string): Promise<unknown> =>
      requestTarget(mounted.port, '/', { headers: { Host: name } });
    expect(await ask('one.example')).toMatchObject({ status: 200 });
    expect(await ask('two.example')).toMatchObject({ status: 403 });
    // The host of the target is the one that is sent on: Host is not asked.
    expect(await send(mounted.port, 'http://two.example/', ['X: Y'])).toBe(403);
  });

  test('a section without a path is for what is proxied', async () => {
    const { mounted } = await start([{ rule: denied }], (backend) => [
      { kind: 'next', at: '/local' },
      { kind: 'balancer', at: '/', to: '', definition: { members: [backend.url] } },
    ]);
    expect(await send(mounted.port, '/x')).toBe(403);
    expect(await send(mounted.port, '/local')).toBe(404);
  });

  test('one for a URL is for what is sent there, by whatever mount', async () => {
    const definition = { name: 'app', members: ['http://127.0.0.1:9'] };
    const { mounted } = await start(
      [
        { url: 'balancer://app/admin', rule: denied },
        { url: /^http:\/\/other\/x$/, rule: denied },
      ],
      (backend) => [
        { kind: 'balancer', at: '/o', to: '', url: 'http://other', definition },
        { kind: 'balancer', at: /^\/p\/(.*)$/, to: '/$1', definition },
        { kind: 'balancer', at: '/q', to: '/admin', definition },
        { kind: 'balancer', at: '/', to: '', definition: { members: [backend.url] } },
      ],
    );
    for (const target of ['/p/admin', '/p/%61dmin/x', '/q/x', '/p/%2Fadmin', '/o/x'])
      expect([target, await send(mounted.port, target)]).toEqual([target, 403]);
    expect(await send(mounted.port, '/admin')).toBe(200);
    expect(await send(mounted.port, '/p/x')).toBe(503);
  });

  test.each<[order: AccessRule, required: AccessRule, satisfy: 'any' | undefined, status: number]>([
    [granted, granted, undefined, 200],
    [granted, denied, undefined, 403],
    [denied, granted, undefined, 403],
    [granted, denied, 'any', 200],
    [denied, granted, 'any', 200],
    [denied, denied, 'any', 403],
  ])('Order %j and Require %j, satisfy %s: %d', async (order, required, satisfy, status) => {
    const { mounted } = await start([
      { at: '/', by: 'order', ...(satisfy && { satisfy }), rule: order },
      { at: '/', rule: required },
    ]);
    expect(await send(mounted.port, '/x')).toBe(status);
  });

  test('of Order and of Require each by itself', async () => {
    const { mounted } = await start([
      { at: '/', by: 'order', rule: denied },
      { at: '/open', rule: granted },
      { at: '/open/all', by: 'order', rule: granted },
    ]);
    expect(await send(mounted.port, '/open')).toBe(403);
    expect(await send(mounted.port, '/open/all')).toBe(200);
  });

  test('one with a path is also for what is left to the app', async () => {
    const { mounted } = await start([{ at: '/local/admin', rule: denied }], () => [
      { kind: 'next', at: '/local' },
    ]);
    expect(await send(mounted.port, '/local/admin')).toBe(403);
    expect(await send(mounted.port, '/elsewhere')).toBe(404);
  });
});

describe('it goes by the address', () => {
  const forwarded = ['X-Forwarded-For: 10.1.2.3'];
  const ten: AccessSection = { at: '/', rule: { order: 'allow,deny', allow: ['10.0.0.0/8'], deny: [] } };

  test('of the socket, whatever a header says', async () => {
    const { mounted } = await start([{ at: '/', rule: local }]);
    expect(await send(mounted.port, '/', forwarded)).toBe(200);
    const others = await start([ten]);
    expect(await send(others.mounted.port, '/', forwarded)).toBe(403);
  });

  test('that a proxy names which Express trusts', async () => {
    const { mounted } = await start([ten], undefined, {
      before: (app) => app.set('trust proxy', 'loopback'),
    });
    expect(await send(mounted.port, '/', forwarded)).toBe(200);
    expect(await send(mounted.port, '/', ['X-Forwarded-For: 192.0.2.1'])).toBe(403);
    expect(await send(mounted.port, '/', ['X-Forwarded-For: nonsense'])).toBe(403);
  });

  test('which conditions see, too', async () => {
    const conditions = [{ test: '%{REMOTE_ADDR}', matches: /^10\./ }];
    const { mounted } = await start([], () => [{ kind: 'status', at: '/', status: 410, conditions }], {
      before: (app) => app.set('trust proxy', 'loopback'),
    });
    expect(await send(mounted.port, '/', forwarded)).toBe(410);
    expect(await send(mounted.port, '/', ['X-Forwarded-For: 192.0.2.1'])).toBe(404);
  });

  test('of the socket in plain http', async () => {
    const { mounted } = await start([ten], undefined, { kind: 'plain http' });
    expect(await send(mounted.port, '/', forwarded)).toBe(403);
  });
});

describe('what is not proxied stays so however it is encoded', () => {
  test.each<[target: string, status: number]>([
    ['/app/private/x', 404],
    ['/app//private/x', 404],
    ['/app/%70rivate/x', 404],
    ['/app/private%2Fx', 404],
    ['/app/private\\x', 404],
    ['/app%2Fprivate/x', 404],
    ['/app/x/../private', 404],
    ['/app/x/..%2Fprivate', 400],
    ['/app/privateer', 200],
    ['/app/x', 200],
  ])('%s: %d', async (target, status) => {
    const { mounted, backend } = await start([], (server) => [
      { kind: 'next', at: '/app/private' },
      { kind: 'balancer', at: '/app', to: '', definition: { members: [server.url] } },
    ]);
    expect(await send(mounted.port, target)).toBe(status);
    expect(backend.received).toHaveLength(status === 200 ? 1 : 0);
  });

  test.each<[target: string, status: number]>([
    ['/old', 410],
    ['/secret/x', 403],
    ['/secret%2Fx', 403],
    ['/public/x', 200],
    // A member may see it in another place than /public.
    ['/public%2Fx', 403],
  ])('%s is answered with %d', async (target, status) => {
    const { mounted } = await start([], (server) => [
      { kind: 'status', status: 410, at: /^\/old$/ },
      { kind: 'status', status: 403, at: '/secret' },
      { kind: 'status', status: 403, at: /^\/public\//, negated: true },
      { kind: 'balancer', at: '/', to: '', definition: { members: [server.url] } },
    ]);
    expect(await send(mounted.port, target)).toBe(status);
    const code = status === 410 ? 'ERR_HTTPD_CONF_GONE' : 'ERR_HTTPD_CONF_FORBIDDEN';
    expect(mounted.errors).toEqual(status === 200 ? [] : [expect.objectContaining({ code, expose: true })]);
  });
});

test('a path that a pattern takes years over gets 400, and the next one its answer', async () => {
  const { mounted, backend } = await start([], ({ url }) => [
    { kind: 'balancer', at: /^\/x\/(a+)+$/, to: '/$1', definition: { members: [url] } },
  ]);
  expect(await send(mounted.port, `/x/${'a'.repeat(36)}!`)).toBe(400);
  expect(backend.received).toEqual([]);
  expect(await send(mounted.port, '/x/aaa')).toBe(200);
});
