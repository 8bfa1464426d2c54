import { afterEach, describe, expect, test } from '@jest/globals';
import type { AccessRule, AccessSection, HttpdMount } from '../../src/httpd-conf/httpd-conf.ts';
import { startBackend } from '../support/backend.ts';
import { tidyUp } from '../support/idle.ts';
import {
  closeMounted,
  kinds,
  startMounted,
  type MountedConf,
  type MountedOptions,
} from '../support/mounted-conf.ts';
import { requestTarget, type Answered } from '../support/request-target.ts';

afterEach(async () => {
  await closeMounted();
  await tidyUp();
});

const manager: HttpdMount = { kind: 'manager', at: '/balancer-manager' };

async function start(
  extra: readonly HttpdMount[],
  options: MountedOptions = {},
  access: readonly AccessSection[] = [],
): Promise<MountedConf> {
  const backend = await startBackend();
  const definition = { name: 'shop', members: [backend.url] };
  const proxied: HttpdMount = { kind: 'balancer', at: '/', to: '', definition };
  return startMounted({ mounts: [...extra, proxied, manager], access }, options);
}

function look(
  { port }: MountedConf,
  target = '/balancer-manager/',
  headers: Readonly<Record<string, string>> = {},
): Promise<Answered> {
  return requestTarget(port, target, { headers: { Host: 'localhost', ...headers } });
}

const notProxied: HttpdMount = { kind: 'next', at: '/balancer-manager' };
const section = (rule: AccessRule): AccessSection => ({ at: '/balancer-manager', rule });
const local: AccessRule = { order: 'allow,deny', allow: ['127.0.0.1'], deny: [] };
const near: AccessRule = { order: 'allow,deny', allow: ['127.0.0.0/8', '10.0.0.0/8'], deny: [] };

describe.each(kinds)('the manager in %s', (kind) => {
  test('is there where its path is not proxied', async () => {
    const mounted = await start([notProxied], { kind });
    const page = await look(mounted);
    expect(page.status).toBe(200);
    expect(page.body).toContain('shop');
    // Its links begin with the path that it is mounted at.
    expect(page.body).toContain('"/balancer-manager/');
    const api = await look(mounted, '/balancer-manager/api/balancers');
    expect(JSON.parse(api.body)).toMatchObject({ balancers: [{ name: 'shop' }] });
    expect(await look(mounted, '//balancer-manager/./api/balancers')).toMatchObject({ status: 200 });
  });
});

describe('the manager', () => {
  test('is not reachable behind a mount that takes its path, as in httpd', async () => {
    const mounted = await start([]);
    expect(await look(mounted)).toMatchObject({ status: 200, body: 'backend' });
  });

  test('lets in whoever sits at this machine, if nothing is said', async () => {
    const mounted = await start([notProxied]);
    expect(await look(mounted)).toMatchObject({ status: 200 });
    expect(await look(mounted, undefined, { 'X-Forwarded-For': '10.1.1.1' })).toMatchObject({ status: 403 });
    expect(await look(mounted, undefined, { Host: 'evil.example' })).toMatchObject({ status: 403 });
  });

  test('guards itself as well where its section is for this machine alone', async () => {
    const mounted = await start([notProxied], {}, [section(local)]);
    expect(await look(mounted)).toMatchObject({ status: 200 });
    expect(await look(mounted, undefined, { Host: 'evil.example' })).toMatchObject({ status: 403 });
  });

  const order = (rule: AccessRule, satisfy?: 'any'): AccessSection => ({
    at: '/balancer-manager',
    by: 'order',
    ...(satisfy && { satisfy }),
    rule,
  });
  const orderedLocal: AccessRule = { order: 'deny,allow', allow: ['127.0.0.1'], deny: ['all'] };
  const all: AccessRule = { order: 'allow,deny', allow: ['all'], deny: [] };

  test.each<[what: string, access: readonly AccessSection[], status: number]>([
    ['by Order alone', [order(orderedLocal)], 403],
    ['by Order, whatever Require says', [order(orderedLocal), section(all)], 403],
    ['by one of the two, where one is enough', [order(orderedLocal, 'any'), section(all)], 200],
  ])('guards itself where that machine is told %s: %d', async (_what, access, status) => {
    const mounted = await start([notProxied], {}, access);
    expect(await look(mounted, undefined, { Host: 'other.example' })).toMatchObject({ status });
  });

  test('lets in those of its section', async () => {
    const before: MountedOptions['before'] = (app) => app.set('trust proxy', 'loopback');
    const mounted = await start([notProxied], { before }, [section(near)]);
    expect(await look(mounted)).toMatchObject({ status: 200 });
    expect(await look(mounted, undefined, { 'X-Forwarded-For': '10.1.1.1' })).toMatchObject({ status: 200 });
    const other = await look(mounted, undefined, { 'X-Forwarded-For': '192.0.2.1' });
    expect(other.status).toBe(403);
    expect(mounted.errors).toMatchObject([{ code: 'ERR_HTTPD_CONF_FORBIDDEN' }]);
  });

  test.each([
    '/balancer-manager%2Fapi',
    '//balancer-manager/',
    '/%62alancer-manager/',
    '/x/../balancer-manager',
  ])('denies by its section however it is asked for: %s', async (target) => {
    const mounted = await start([notProxied], {}, [section({ ...near, allow: ['10.0.0.0/8'] })]);
    expect(await look(mounted, target)).toMatchObject({ status: 403 });
    expect(mounted.errors).toMatchObject([{ code: 'ERR_HTTPD_CONF_FORBIDDEN' }]);
  });

  test('a section for all of the site is none of its own', async () => {
    const mounted = await start([notProxied], {}, [{ at: '/', rule: { ...near, allow: ['all'] } }]);
    expect(await look(mounted, undefined, { 'X-Forwarded-For': '10.1.1.1' })).toMatchObject({ status: 403 });
  });

  test('asks the app, where that has a say', async () => {
    const mounted = await start([notProxied], {
      manager: { authorize: (req) => req.headers['x-user'] === 'anna' && 'anna', title: 'The shop' },
    });
    expect(await look(mounted)).toMatchObject({ status: 403 });
    const page = await look(mounted, undefined, { 'X-User': 'anna' });
    expect(page.status).toBe(200);
    expect(page.body).toContain('The shop');
    expect(mounted.handler.manager!.changes()).toEqual([]);
  });

  test('is closed with the rest', async () => {
    const mounted = await start([notProxied]);
    await mounted.handler.close();
    await look(mounted);
    expect(mounted.errors).toMatchObject([{ code: 'ERR_MANAGER_CLOSED' }]);
  });

  test('may be mounted by a pattern', async () => {
    const backend = await startBackend();
    const definition = { members: [backend.url] };
    const mounted = await startMounted({
      mounts: [
        { kind: 'balancer', at: '/app', to: '', definition },
        { kind: 'manager', at: /^\/(?:bm|manager)/ },
      ],
    });
    expect((await look(mounted, '/manager/')).body).toContain('"/manager/');
    expect((await look(mounted, '/bm/')).body).toContain('"/bm/');
  });
});
