import { afterEach, describe, expect, test } from '@jest/globals';
import type { BalancerDefinition } from '../../src/index.ts';
import { insideOf } from '../../src/inside.ts';
import { startBackend, type Backend } from '../support/backend.ts';
import { startFront, type Front } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { requestTarget } from '../support/request-target.ts';

afterEach(tidyUp);

type Compat = BalancerDefinition['compat'];
const both = [{}, { compat: 'httpd' }] as const satisfies readonly Readonly<{ compat?: Compat }>[];

/** `ProxyPass prefix balancer://name` with `to` behind it: httpd's own mapping, which knows no slash but those written. */
async function startMapped(definition: BalancerDefinition, prefix: string, to: string): Promise<Front> {
  const front = await startFront(definition, {
    mount: '/never',
    before(app) {
      app.use(prefix, (req, res, next) => {
        const isWhole = req.originalUrl.split('?', 1)[0] === prefix;
        const toMember = (path: string): string => {
          const rest = prefix.endsWith('/') ? path.slice(1) : isWhole ? '' : path;
          return to + rest || '/';
        };
        insideOf(front.balancer).handle(req, res, next, { memberPath: to.replace(/\/$/, ''), toMember });
      });
    },
  });
  return front;
}

describe('paths', () => {
  // Reference 15.1; the last is ours without compat, where a mapping may still say what it likes. A member `B1` of a direct ProxyPass has no path of its own.
  test.each<
    readonly [id: string, base: string, prefix: string, to: string, target: string, httpd: string, N: string]
  >([
    ['U1', '', '/m1/', '/t/', '/m1/foo', '/t/foo', '/t/foo'],
    ['U3', '', '/m2', '/t', '/m2', '/t', '/t'],
    ['U3', '', '/m2', '/t', '/m2/', '/t/', '/t/'],
    ['U3', '', '/m2', '/t', '/m2/foo', '/t/foo', '/t/foo'],
    ['U5', '', '/m2', '/t', '/m2//foo', '/t/foo', '/t/foo'],
    ['U6', '', '/m3', '/t/', '/m3', '/t/', '/t/'],
    ['U6', '', '/m3', '/t/', '/m3/foo', '/t//foo', '/t//foo'],
    ['U7', '', '/m4/', '/t', '/m4/foo', '/tfoo', '/tfoo'],
    [
      'U15',
      '/media/',
      '/static/',
      '/',
      '/static/foo/1.css?v=2',
      '/media//foo/1.css?v=2',
      '/media/foo/1.css?v=2',
    ],
    ['U16', '/media', '/static/', '/', '/static/foo', '/media/foo', '/media/foo'],
    ['U17', '/media/', '/sc', '/sub', '/sc/foo', '/media//sub/foo', '/media/sub/foo'],
    ['U17', '/media/', '/sc', '/sub', '/sc', '/media//sub', '/media/sub'],
    ['U18', '/media', '/se', '', '/se/foo', '/media/foo', '/media/foo'],
    ['U18', '/media', '/se', '', '/se', '/media/', '/media/'],
    ['U19', '', '/sg', '', '/sg/foo', '/foo', '/foo'],
    ['U19', '', '/sg', '', '/sg', '/', '/'],
    ['U20', '', '/sh', '/', '/sh/foo', '//foo', '/foo'],
    ['U20', '', '/sh', '/', '/sh', '/', '/'],
    ['U21', '', '/si/', '', '/si/foo', '500', '/foo'],
    ['U22', '', '/', '', '/', '/', '/'],
    ['U22', '', '/', '', '/foo', '500', '/foo'],
    ['2.9', '/media/', '/static', '', '/static', '/media//', '/media/'],
    ['2.9', '/media', '/static', '/sub', '/static/a', '/media/sub/a', '/media/sub/a'],
  ])(
    '%s: member %j, %s to %j: %s is %s, and %s without compat',
    async (_id, base, prefix, to, target, ...expected) => {
      // `/never` is Express’s way to the balancer, which is not asked here.
      for (const [i, compat] of [both[1], both[0]].entries()) {
        const backend = await startBackend();
        const front = await startMapped({ ...compat, members: [backend.url + base] }, prefix, to);
        const { status } = await requestTarget(front.port, target);
        expect(status === 200 ? backend.received[0]!.url : String(status)).toBe(expected[i]);
      }
    },
  );

  test.each([
    ['/media/', '/static/a', '/media//a'],
    ['/media', '/static/a', '/media/a'],
    ['/', '/static/a', '//a'],
    ['', '/static/a', '/a'],
    ['', '/static', '/'],
  ])('of a member with %j below a mount path: %s is %s', async (base, target, upstream) => {
    const backend = await startBackend();
    const front = await startFront({ compat: 'httpd', members: [backend.url + base] }, { mount: '/static' });
    expect((await requestTarget(front.port, target)).status).toBe(200);
    expect(backend.received[0]!.url).toBe(upstream);
  });

  test('do not climb out of the member’s own', async () => {
    const backend = await startBackend();
    const front = await startMapped({ compat: 'httpd', members: [`${backend.url}/base`] }, '/p/', '/../');
    expect((await requestTarget(front.port, '/p/secret')).status).toBe(400);
    expect(backend.received).toEqual([]);
  });

  test('that are glued to the balancer’s name are the configuration’s fault, not the client’s', async () => {
    const front = await startMapped({ compat: 'httpd', members: ['http://127.0.0.1:1'] }, '/', '');
    const { body } = await requestTarget(front.port, '/foo');
    expect(JSON.parse(body)).toEqual({
      code: 'ERR_BALANCER_BAD_REQUEST',
      message: 'The request cannot be forwarded: the path is glued to the name of the balancer',
    });
    expect(front.errors[0]).toMatchObject({ status: 500, expose: false });
  });
});

describe('sessions', () => {
  async function startThree(definition: Partial<BalancerDefinition>, routes = 'abc'): Promise<Front> {
    const backends = await Promise.all(['a', 'b', 'c'].map((name) => startBackend(name)));
    const members = backends.map(({ url }: Backend, i) => ({ url, route: routes[i]! }));
    return startFront({ stickysession: 'SID', ...definition, members });
  }

  async function askWith({ port }: Front, target: string, cookie?: string): Promise<string> {
    const headers = cookie === undefined ? {} : { Cookie: cookie };
    return (await requestTarget(port, target, { headers })).body;
  }

  test('S13, S23: the first value decides, and is found anywhere', async () => {
    const [ours, httpds] = [await startThree({}), await startThree({ compat: 'httpd' })];
    // The first request of nobody goes to a.
    expect(await askWith(ours, '/', 'SID=abc; SID=abc.b')).toBe('b');
    expect(await askWith(httpds, '/', 'SID=abc; SID=abc.b')).toBe('a');
    expect(await askWith(ours, '/?xSID=q.c')).toBe('a');
    expect(await askWith(httpds, '/?xSID=q.c')).toBe('c');
    expect(
      httpds.balancer.explain({
        method: 'GET',
        url: '/SID=q.b',
        headers: {},
        rawHeaders: [],
        socket: {},
        httpVersion: '1.1',
      } as never),
    ).toMatchObject({ member: 'b', sticky: 'SID', route: 'b' });
  });

  test('S38: of members with one route the first that is usable serves', async () => {
    const front = await startThree({ compat: 'httpd' }, 'nnn');
    const [first, second] = front.balancer.view().map(({ name }) => name);
    const served = [];
    for (let i = 0; i < 3; i += 1) served.push(await askWith(front, '/', 'SID=1.n'));
    front.balancer.change(first!, '+D');
    served.push(await askWith(front, '/', 'SID=1.n'));
    front.balancer.change(second!, { lbset: 0, route: 'n', loadfactor: 2 });
    served.push(await askWith(front, '/', 'SID=1.n'));
    expect(served).toEqual(['a', 'a', 'a', 'b', 'b']);
  });

  test('a change to a route that is there outlasts an update', async () => {
    const front = await startThree({ compat: 'httpd' });
    const members = front.balancer.view().map(({ url, route }) => ({ url, route: route!, loadfactor: 2 }));
    front.balancer.change('b', { route: 'a' });
    front.balancer.update({ logger: false, stickysession: 'SID', compat: 'httpd', members });
    expect(front.balancer.view().map(({ route, loadfactor }) => [route, loadfactor])).toEqual([
      ['a', 2],
      ['a', 2],
      ['c', 2],
    ]);
  });

  test('a member with a route that is there may be added', async () => {
    const front = await startThree({ compat: 'httpd' });
    const late = await startBackend('late');
    front.balancer.add({ url: late.url, route: 'a' });
    expect(await askWith(front, '/', 'SID=1.a')).toBe('a');
    front.balancer.change('a', '+D');
    expect(await askWith(front, '/', 'SID=1.a')).toBe('late');
  });

  test('compat is no option that changes while requests come', async () => {
    const front = await startThree({});
    expect(() => {
      front.balancer.configure({ compat: 'httpd' } as object);
    }).toThrow(/compat is 'httpd': .*; write balancer\.update\(definition\)/);
  });
});

describe('answers', () => {
  test('are mapped back by the tables alone, letter for letter', async () => {
    const backend: Backend = await startBackend('b', (req, res) => {
      const own = `http://${req.headers.host!}`;
      res.writeHead(302, {
        Location: `${own}/base/bar/that`,
        'Content-Location': '/base/x',
        URI: 'http://unrelated/application',
        Refresh: `0; url=${own}/base/bar/that`,
        'Set-Cookie': ['a=1; Path=/base/x; Domain=backend.example.org', 'b=2; Path=/other'],
      });
      res.end();
    });
    const front = await startFront(
      {
        compat: 'httpd',
        name: 'mycluster',
        members: [`${backend.url}/base/`],
        proxypassreverse: { 'balancer://mycluster/bar': '/bash', '/app': '/m2' },
        proxypassreversecookiepath: { '/base': '/mirror/' },
        proxypassreversecookiedomain: { 'backend.example': 'public.example' },
      },
      { mount: '/m' },
    );
    const { headers } = await requestTarget(front.port, '/m/x');
    expect(headers).toMatchObject({
      location: 'http://front.example/bash/that',
      'content-location': '/base/x',
      uri: 'http://front.example/m2lication',
      refresh: `0; url=${backend.url}/base/bar/that`,
      'set-cookie': ['a=1; Path=/mirror/; Domain=public.example', 'b=2; Path=/other'],
    });
  });

  test('are mapped back by a table too where it is not httpd’s letter that counts', async () => {
    const backend: Backend = await startBackend('b', (req, res) => {
      const own = `http://${req.headers.host!}`;
      res.writeHead(302, {
        Location: 'http://old.internal/x',
        'Content-Location': `${own}/base/x`,
        URI: `${own}/base/bar/x`,
        Destination: '/internal/path/x',
      });
      res.end();
    });
    const front = await startFront(
      {
        members: [`${backend.url}/base/`],
        proxypassreverse: {
          'http://old.internal/': '/app/',
          'balancer://balancer/bar': '/bash',
          '/internal/path': 'https://public.example/p/',
        },
      },
      { mount: '/m' },
    );
    const { headers } = await requestTarget(front.port, '/m/x');
    expect(headers).toMatchObject({
      location: 'http://front.example/app/x',
      'content-location': 'http://front.example/m/x',
      uri: 'http://front.example/bash/x',
      destination: 'https://public.example/p/x',
    });
    front.balancer.configure({ proxypassreverse: { 'http://old.internal/': '/moved' } });
    expect((await requestTarget(front.port, '/m/x')).headers.location).toBe('http://front.example/moved/x');
  });
});
