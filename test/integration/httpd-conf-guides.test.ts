import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import express, { type ErrorRequestHandler } from 'express';
import type { BalancerDefinition, BalancerError } from '../../src/index.ts';
import type { HttpdConf } from '../../src/httpd-conf/httpd-conf.ts';
import type { HttpdHandler } from '../../src/httpd-conf/mount/handler-options.ts';
import { mountHttpdConf } from '../../src/httpd-conf/mount/mount-httpd-conf.ts';
import { readHttpdConf } from '../../src/httpd-conf/read-httpd-conf.ts';
import { usualPort } from '../../example-app/cluster/ports.ts';
import { startBackend, stopBackends, type Backend } from '../support/backend.ts';
import {
  writeApache22Guide,
  writeApache24Guide,
  writeApeGuide,
  writeRouteIdGuide,
} from '../support/guides.ts';
import { requestTarget, untilIdle, type Answered, type Wishes } from '../support/request-target.ts';

/** An app of Express that does what a configuration says. */
type Site = Readonly<{
  conf: HttpdConf;
  port: number;
  ask(target: string, cookie?: string, wishes?: Wishes): Promise<Answered>;
  /** Who answers as many requests. */
  askFor(count: number, target: string, cookie?: string): Promise<string[]>;
}>;

const running: { server: Server; mounted: HttpdHandler }[] = [];

afterEach(async () => {
  for (const { server, mounted } of running.splice(0)) {
    await untilIdle(mounted.balancers);
    await mounted.close();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
  await stopBackends();
});

async function startSite(text: string): Promise<Site> {
  const conf = readHttpdConf(text);
  const app = express();
  const mounted = mountHttpdConf(app, conf, { logger: false });
  app.use((_req, res) => void res.status(404).end('the app'));
  const page: ErrorRequestHandler = (error: BalancerError, _req, res, _next) => {
    res.status(error.status).end(error.code);
  };
  app.use(page);
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  running.push({ server, mounted });
  const { port } = server.address() as AddressInfo;
  const ask: Site['ask'] = (target, cookie, { headers, ...wishes } = {}) =>
    requestTarget(port, target, {
      ...wishes,
      headers: { Host: 'www.site.example', ...(cookie && { Cookie: cookie }), ...headers },
    });
  return {
    conf,
    port,
    ask,
    async askFor(count, target, cookie) {
      const bodies: string[] = [];
      for (let i = 0; i < count; i += 1) bodies.push((await ask(target, cookie)).body);
      return bodies;
    },
  };
}

/** A server of a guide: it answers with its name, redirects at `…/move` and sets a cookie at `…/login`. */
async function startServer(name: string, { base = '', cookie = '' } = {}): Promise<Backend> {
  const backend: Backend = await startBackend(name, (_req, res, { url }) => {
    if (url.endsWith('/move')) {
      res.statusCode = 302;
      res.setHeader('Location', `${backend.url}${base}/there?a=b`);
    }
    if (url.endsWith('/login')) res.setHeader('Set-Cookie', cookie);
    res.end(name);
  });
  return backend;
}

function noticesOf({ notices }: HttpdConf, kind: string): string[] {
  return notices.filter((notice) => notice.kind === kind).map(({ directive }) => directive);
}

function urlsOf({ received }: Backend): string[] {
  return received.map(({ url }) => url);
}

describe('Helicon Ape', () => {
  async function startAll() {
    const [static1, static2, app1, app2] = await Promise.all([
      startServer('static1', { base: '/media', cookie: 'seen=1; Domain=static1.site.example; Path=/media/' }),
      startServer('static2', { base: '/media', cookie: 'seen=1; Domain=static2.site.example; Path=/media/' }),
      startServer('app1', { cookie: 'sessionid=data!app1; Domain=app1.site.example; Path=/' }),
      startServer('app2'),
    ]);
    const ports = { static1: static1.port, static2: static2.port, app1: app1.port, app2: app2.port };
    return { static1, static2, app1, app2, site: await startSite(writeApeGuide(ports)) };
  }

  test('nothing of it is dropped', async () => {
    const { site } = await startAll();
    expect(noticesOf(site.conf, 'dropped')).toEqual([]);
    expect(site.conf.hosts.map(({ serverName }) => serverName)).toEqual(['www.site.example']);
  });

  test('static files come from both servers, from below /media/', async () => {
    const { site, static1, static2 } = await startAll();
    const answers = await site.askFor(4, '/static/css/a.css?v=1');
    expect(new Set(answers)).toEqual(new Set(['static1', 'static2']));
    expect(new Set([...urlsOf(static1), ...urlsOf(static2)])).toEqual(new Set(['/media/css/a.css?v=1']));
  });

  test('everything else is the application’s', async () => {
    const { site, app1, app2 } = await startAll();
    await site.askFor(2, '/forum/?page=2');
    await site.askFor(2, '/staticky');
    expect([...urlsOf(app1), ...urlsOf(app2)].toSorted()).toEqual([
      '/forum/?page=2',
      '/forum/?page=2',
      '/staticky',
      '/staticky',
    ]);
  });

  test('a session stays where the end of its cookie says', async () => {
    const { site } = await startAll();
    expect(await site.askFor(4, '/forum', 'sessionid=5d41!app2')).toEqual(Array(4).fill('app2'));
    expect(await site.askFor(4, '/forum', 'sessionid=5d41!app1')).toEqual(Array(4).fill('app1'));
    // Who is quicker at that moment gets it.
    expect(['app1', 'app2']).toEqual(
      expect.arrayContaining(await site.askFor(4, '/forum', 'sessionid=5d41!gone')),
    );
  });

  test('a server that is down is left out, its sessions move', async () => {
    const { site, app2, static1 } = await startAll();
    await Promise.all([app2.stop(), static1.stop()]);
    expect(await site.askFor(3, '/forum', 'sessionid=5d41!app2')).toEqual(Array(3).fill('app1'));
    expect(await site.askFor(3, '/static/a')).toEqual(Array(3).fill('static2'));
  });

  test('redirects and cookies are the site’s own', async () => {
    const { site } = await startAll();
    const moves = [await site.ask('/static/move'), await site.ask('/static/move'), await site.ask('/move')];
    expect(moves.map(({ headers }) => headers.location?.replace('http://www.site.example', ''))).toEqual([
      '/static/there?a=b',
      '/static/there?a=b',
      '/there?a=b',
    ]);
    const login = await site.ask('/login', 'sessionid=x!app1');
    expect(login.headers['set-cookie']).toEqual(['sessionid=data!app1; Domain=www.site.example; Path=/']);
    const seen = await site.ask('/static/login');
    expect(seen.headers['set-cookie']).toEqual(['seen=1; Domain=www.site.example; Path=/static']);
  });
});

describe('Apache 2.4', () => {
  async function startBoth() {
    const [http1, http2] = await Promise.all([
      startServer('http1', { cookie: 'BALANCEID=balancer.http1; path=/; domain=inside.example' }),
      startServer('http2'),
    ]);
    const site = await startSite(writeApache24Guide({ http1: http1.port, http2: http2.port }));
    return { http1, http2, site };
  }

  test('nothing of it is dropped', async () => {
    const { site } = await startBoth();
    expect(noticesOf(site.conf, 'dropped')).toEqual([]);
  });

  test('both take turns, and get the path that was asked for', async () => {
    const { site, http1, http2 } = await startBoth();
    expect(await site.askFor(4, '/a%20b/c?d')).toEqual(['http1', 'http2', 'http1', 'http2']);
    expect(urlsOf(http1)).toEqual(['/a%20b/c?d', '/a%20b/c?d']);
    expect(urlsOf(http2)).toEqual(urlsOf(http1));
    expect((await site.ask('/')).status).toBe(200);
  });

  test('a session stays with the server that BALANCEID names, and moves when that is down', async () => {
    const { site, http2 } = await startBoth();
    const cookie = (await site.ask('/login')).headers['set-cookie'];
    expect(cookie).toEqual(['BALANCEID=balancer.http1; path=/; domain=www.site.example']);
    expect(await site.askFor(3, '/x', 'BALANCEID=balancer.http1')).toEqual(Array(3).fill('http1'));
    expect(await site.askFor(3, '/x', 'BALANCEID=balancer.http2')).toEqual(Array(3).fill('http2'));
    await http2.stop();
    expect(await site.askFor(3, '/x', 'BALANCEID=balancer.http2')).toEqual(Array(3).fill('http1'));
  });

  test('redirects are the site’s own', async () => {
    const { site } = await startBoth();
    for (const cookie of ['BALANCEID=balancer.http1', 'BALANCEID=balancer.http2']) {
      const { headers } = await site.ask('/move', cookie);
      expect(headers.location?.replace('http://www.site.example', '')).toBe('/there?a=b');
    }
  });
});

describe('Apache 2.2', () => {
  async function startBoth(operator?: string) {
    const [http1, http2] = await Promise.all([startServer('http1'), startServer('http2')]);
    const ports = { http1: http1.port, http2: http2.port };
    return {
      http1,
      http2,
      site: await startSite(writeApache22Guide({ ...ports, ...(operator && { operator }) })),
    };
  }
  const here = { headers: { Host: 'localhost' } };

  test('nothing of it is dropped', async () => {
    const { site } = await startBoth();
    expect(noticesOf(site.conf, 'dropped')).toEqual([]);
  });

  test('both take turns, and a session stays', async () => {
    const { site } = await startBoth();
    expect(await site.askFor(4, '/x')).toEqual(['http1', 'http2', 'http1', 'http2']);
    expect(await site.askFor(3, '/x', 'BALANCEID=balancer.http2')).toEqual(Array(3).fill('http2'));
  });

  test('a session whose server is down gets 503, everybody else the other server', async () => {
    const { site, http2 } = await startBoth();
    await http2.stop();
    expect((await site.ask('/x', 'BALANCEID=balancer.http2')).status).toBe(503);
    expect((await site.ask('/x', 'BALANCEID=balancer.http2')).status).toBe(503);
    expect(await site.askFor(3, '/x')).toEqual(Array(3).fill('http1'));
  });

  test('the manager is at its place, and knows the balancer', async () => {
    const { site, http1, http2 } = await startBoth();
    const page = await site.ask('/balancer-manager/', undefined, here);
    expect(page.status).toBe(200);
    expect(page.body).toContain('mycluster');
    expect(page.body).toContain(`127.0.0.1:${http1.port}`);
    expect([...http1.begun, ...http2.begun]).toEqual([]);
  });

  test('the manager is for its operator alone', async () => {
    const { site, http1, http2 } = await startBoth('192.0.2.1');
    const page = await site.ask('/balancer-manager/', undefined, here);
    expect(page.status).toBe(403);
    expect(page.body).not.toContain('mycluster');
    expect([...http1.begun, ...http2.begun]).toEqual([]);
  });

  test('what only begins like the manager’s path is proxied', async () => {
    const { site, http1 } = await startBoth();
    expect((await site.ask('/balancer-managers')).body).toBe('http1');
    expect(urlsOf(http1)).toEqual(['/balancer-managers']);
  });

  test('redirects are the site’s own', async () => {
    const { site } = await startBoth();
    const { headers } = await site.ask('/move');
    expect(headers.location?.replace('http://www.site.example', '')).toBe('/there?a=b');
  });
});

describe('the manual’s ROUTEID', () => {
  async function startBoth() {
    const [one, two] = await Promise.all([startServer('one'), startServer('two')]);
    return { one, two, site: await startSite(writeRouteIdGuide({ one: one.port, two: two.port })) };
  }
  const cookiesOf = ({ headers }: Answered): readonly string[] => headers['set-cookie'] ?? [];

  test('nothing of it is dropped', async () => {
    const { site } = await startBoth();
    expect(noticesOf(site.conf, 'dropped')).toEqual([]);
  });

  test('a client gets a cookie, and stays where it says', async () => {
    const { site } = await startBoth();
    const first = await site.ask('/test/x');
    expect(first.body).toBe('one');
    const [cookie = ''] = cookiesOf(first);
    expect(cookie).toMatch(/^ROUTEID=\.1; path=\//i);
    const stays = await site.ask('/test/x', cookie.split(';')[0]);
    expect([stays.body, cookiesOf(stays)]).toEqual(['one', []]);
    expect(await site.askFor(3, '/test/x', 'ROUTEID=.2')).toEqual(Array(3).fill('two'));
  });

  test('a client whose server is down gets another, and its cookie', async () => {
    const { site, one } = await startBoth();
    await one.stop();
    const moved = await site.ask('/test/x', 'ROUTEID=.1');
    expect(moved.body).toBe('two');
    expect(cookiesOf(moved)).toEqual([expect.stringMatching(/^ROUTEID=\.2; path=\//i)]);
  });

  test('an unknown route gets a new cookie', async () => {
    const { site } = await startBoth();
    expect(cookiesOf(await site.ask('/test/x', 'ROUTEID=.9'))).toHaveLength(1);
  });

  test('only what is below /test is proxied', async () => {
    const { site, one, two } = await startBoth();
    expect((await site.ask('/test/a?b')).status).toBe(200);
    expect((await site.ask('/test')).status).toBe(200);
    expect((await site.ask('/testing')).body).toBe('the app');
    expect([...urlsOf(one), ...urlsOf(two)]).toEqual(['/a?b', '/']);
  });

  test('redirects are the site’s own', async () => {
    const { site } = await startBoth();
    const { headers } = await site.ask('/test/move');
    expect(headers.location?.replace('http://www.site.example', '')).toBe('/test/there?a=b');
  });
});

describe('the example', () => {
  test('is the front of the example app, in httpd’s words', async () => {
    const conf = readHttpdConf({ file: new URL('../../example-app/httpd.conf', import.meta.url) });
    expect(noticesOf(conf, 'dropped')).toEqual([]);
    expect(conf.listen).toMatchObject([{ address: '127.0.0.1', port: usualPort('front') }]);
    const { staticBalancer, appBalancer, classicBalancer } = await readFront();
    expect(mountsOf(conf)).toEqual([
      ['/static', tellBalancer(staticBalancer)],
      ['/classic/balancer-manager', 'next'],
      ['/classic', tellBalancer(classicBalancer)],
      ['/balancer-manager', 'next'],
      ['/', tellBalancer(appBalancer)],
      ['/balancer-manager', 'manager'],
    ]);
  });
});

type FrontDefinitions = Readonly<
  Record<'staticBalancer' | 'appBalancer' | 'classicBalancer', BalancerDefinition>
>;

/** What the front gives to createBalancer. */
async function readFront(): Promise<FrontDefinitions> {
  jest.unstable_mockModule('express-proxy-balancer', () => ({
    createBalancer: (definition: BalancerDefinition) => definition,
  }));
  // Of the mock, not of the library.
  return (await import('../../example-app/front/balancers.ts')) as unknown as FrontDefinitions;
}

function mountsOf({ mounts }: HttpdConf): unknown[] {
  return mounts.map((mount) => [
    String(mount.at),
    mount.kind === 'balancer' && mount.definition ? tellBalancer(mount.definition) : mount.kind,
  ]);
}

/** What httpd has words for. */
function tellBalancer(definition: BalancerDefinition): unknown {
  const { name, stickysession, routeregex, nofailover = false, lbmethod = 'byrequests' } = definition;
  const { members, memberDefaults } = definition;
  const told = members.map((member) => {
    const one = typeof member === 'string' ? { url: member } : member;
    const { url, route, retry } = { ...memberDefaults, ...one };
    return { url, route, retry: parseFloat(String(retry)) };
  });
  return {
    name,
    stickysession,
    routeregex: routeregex instanceof RegExp ? routeregex.source : routeregex,
    nofailover,
    lbmethod,
    members: told,
  };
}
