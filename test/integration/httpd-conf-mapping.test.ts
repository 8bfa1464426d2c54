import { afterEach, describe, expect, test } from '@jest/globals';
import type { HttpdMount } from '../../src/httpd-conf/httpd-conf.ts';
import type { BalancerDefinition } from '../../src/index.ts';
import { startBackend, type Backend } from '../support/backend.ts';
import { exchangeBytes } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { closeMounted, startMounted, type MountedConf } from '../support/mounted-conf.ts';
import { requestTarget } from '../support/request-target.ts';

afterEach(async () => {
  await closeMounted();
  await tidyUp();
});

/** `ProxyPass /app balancer://c/t` as `['/app', '/t']`; `!` is no target. */
type Line = readonly [
  at: string | RegExp,
  to: string,
  others?: Readonly<{ base?: string; appendsPath?: true; query?: 'append' | 'drop' }>,
];

async function startLines(
  lines: readonly Line[],
  options: Partial<BalancerDefinition> = {},
): Promise<Readonly<{ mounted: MountedConf; backend: Backend }>> {
  const backend = await startBackend();
  const mounts = lines.map(([at, to, { base = '', ...others } = {}]): HttpdMount => {
    if (to === '!') return { kind: 'next', at };
    const definition: BalancerDefinition = { members: [backend.url + base], ...options };
    return { kind: 'balancer', at, to, definition, ...others };
  });
  return { mounted: await startMounted({ mounts }), backend };
}

/** What the backend was asked for, `local` where the request was left to the app, or the status it was refused with. */
async function follow(
  lines: readonly Line[],
  target: string,
  options: Partial<BalancerDefinition> = {},
): Promise<string | number | undefined> {
  const { mounted, backend } = await startLines(lines, options);
  // As bytes: a client library may mend what is written here.
  const request = `GET ${target} HTTP/1.1\r\nHost: front.example\r\nConnection: close\r\n\r\n`;
  const answer = await exchangeBytes(mounted.port, Buffer.from(request));
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
  expect(mounted.passed.length + backend.received.length).toBe(1);
  if (status === 404) return 'local';
  return status === 200 ? backend.received[0]!.url : status;
}

const q: readonly Line[] = [['/q', '/q']];
const m1: readonly Line[] = [['/m1/', '/t/']];
const m2: readonly Line[] = [['/m2', '/t']];
const m7: readonly Line[] = [[/^\/m7\/(.*)$/, '/r/$1']];
const s = (base: string): readonly Line[] => [['/static/', '/', { base }]];

// The ids are those of the reference's section 15.1; the paths of members that httpd is said to ask for.
describe('asks a member for what httpd asks for', () => {
  test.each<[id: string, lines: readonly Line[], target: string, httpd: string, here?: string]>([
    ['U1', m1, '/m1/foo', '/t/foo'],
    ['U2', m1, '/m1', 'local'],
    ['U2', m1, '/m1foo', 'local'],
    ['U3', m2, '/m2', '/t'],
    ['U3', m2, '/m2/', '/t/'],
    ['U3', m2, '/m2/foo', '/t/foo'],
    ['U3 with a query', m2, '/m2?a=b', '/t?a=b'],
    ['U4', m2, '/m2foo', 'local'],
    ['U4', m2, '/M2/foo', 'local'],
    ['U5', m2, '/m2//foo', '/t/foo'],
    ['U5 of the prefix', m2, '//m2/foo', '/t/foo'],
    ['U5 in the configuration', [['//m2', '/t']], '/m2/foo', '/t/foo'],
    ['U6', [['/m3', '/t/']], '/m3', '/t/'],
    ['U6', [['/m3', '/t/']], '/m3/foo', '/t//foo', '/t/foo'],
    ['U7', [['/m4/', '/t']], '/m4/foo', '/tfoo', '/t/foo'],
    ['U7', [['/m4/', '/t']], '/m4/', '/t', '/t/'],
    [
      'U8',
      [
        ['/m5/ex', '!'],
        ['/m5', ''],
      ],
      '/m5/ex/1',
      'local',
    ],
    [
      'U8',
      [
        ['/m5/ex', '!'],
        ['/m5', ''],
      ],
      '/m5/extra',
      '/extra',
    ],
    [
      'U8',
      [
        ['/m5/ex', '!'],
        ['/m5', ''],
      ],
      '/m5',
      '/',
    ],
    ['U10', m7, '/m7/foo%20bar?q=1', '/r/foo%20bar?q=1'],
    ['U11', m7, '/m7/x/../y', '/r/y'],
    ['U12', [[/^\/m8\/.*\.gif$/, '', { appendsPath: true }]], '/m8/a/b.gif?z', '/m8/a/b.gif?z'],
    ['U13', [[/\.png$/, '', { appendsPath: true }]], '/x/y.png?z=1', '/x/y.png?z=1'],
    ['U14', [[/^\/m9\/(a|b)(\/.*)?$/, '/z$2']], '/m9/a/foo', '/z/foo'],
    ['U14', [[/^\/m9\/(a|b)(\/.*)?$/, '/z$2']], '/m9/a', '/z'],
    ['U15', s('/media/'), '/static/foo/1.css?v=2', '/media//foo/1.css?v=2', '/media/foo/1.css?v=2'],
    ['U16', s('/media'), '/static/foo', '/media/foo'],
    ['U17', [['/sc', '/sub', { base: '/media/' }]], '/sc/foo', '/media//sub/foo', '/media/sub/foo'],
    ['U17', [['/sc', '/sub', { base: '/media/' }]], '/sc', '/media//sub', '/media/sub'],
    ['U18', [['/se', '', { base: '/media' }]], '/se/foo', '/media/foo'],
    ['U18', [['/se', '', { base: '/media' }]], '/se', '/media/'],
    ['U19', [['/sg', '']], '/sg/foo', '/foo'],
    ['U19', [['/sg', '']], '/sg', '/'],
    ['U20', [['/sh', '/']], '/sh/foo', '//foo', '/foo'],
    ['U20', [['/sh', '/']], '/sh', '/'],
    ['U21', [['/si/', '']], '/si/', '/'],
    ['U22', [['/', '']], '/', '/'],
    [
      'U23',
      [
        ['/o1', '/first'],
        ['/o1/long', '/second'],
      ],
      '/o1/long/x',
      '/first/long/x',
    ],
    [
      'U24',
      [
        ['/o2/long', '/second'],
        ['/o2', '/first'],
      ],
      '/o2/long/x',
      '/second/x',
    ],
    [
      'U24',
      [
        ['/o2/long', '/second'],
        ['/o2', '/first'],
      ],
      '/o2/longer',
      '/first/longer',
    ],
    ['U27', q, '/q?', '/q?'],
    ['U27', q, '/q/?', '/q/?'],
    ['U27', q, '/q/a?b?c', '/q/a?b?c'],
    ['U28', q, '/q/a%20b', '/q/a%20b'],
    ['U28', q, '/q/a%25b', '/q/a%25b'],
    ['U28', q, '/q/a%3Fb', '/q/a%3Fb'],
    ['U28', q, '/q/a%5Cb', '/q/a%5Cb'],
    ['U28', q, '/q/a%0Ab', '/q/a%0Ab'],
    ['U31', q, '/q//a', '/q/a'],
    ['U31', q, '/q/./a', '/q/a'],
    ['U31', q, '/q/a/../b', '/q/b'],
    ['U31', q, '/q/a/%2e%2e/b', '/q/b'],
    ['U31 with two slashes', q, '/q/a//../b', '/q/b'],
    ['U32', q, '/q/a?x=a%20b&y=%2F&z=a+b', '/q/a?x=a%20b&y=%2F&z=a+b'],
    ['U32', q, '/q/a?x=a|b"<>', '/q/a?x=a|b"<>'],
    ['U35', q, '/q/a%2fb%20c', '/q/a%2fb%20c'],
    [
      'U36',
      [
        ['/loc/deep', '/D'],
        ['/loc', '/L'],
      ],
      '/loc/deep/x',
      '/D/x',
    ],
    [
      'U36',
      [
        ['/loc/deep', '/D'],
        ['/loc', '/L'],
      ],
      '/locx',
      'local',
    ],
    ['U37', [[/^\/rwq\/(.*)$/, '/RW/$1?a=b', { query: 'append' }]], '/rwq/a?c=d', '/RW/a?a=b&c=d'],
    ['U37 without append', [[/^\/rwq\/(.*)$/, '/RW/$1?a=b']], '/rwq/a?c=d', '/RW/a?a=b'],
    [
      'U37 with nothing to append',
      [[/^\/rwq\/(.*)$/, '/RW/$1?a=b', { query: 'append' }]],
      '/rwq/a',
      '/RW/a?a=b',
    ],
    ['a query that is dropped', [['/q', '/q', { query: 'drop' }]], '/q/a?c=d', '/q/a'],
    ['a query that a pattern drops', [[/^\/q(.*)$/, '/q$1', { query: 'drop' }]], '/q/a?c=d', '/q/a'],
    ['an empty query', [[/^\/q(.*)$/, '/q$1?']], '/q/a?c=d', '/q/a'],
    ['a host that is none', [['/', '/']], '//host.example/x', '/host.example/x', '/host.example/x'],
    ['an absolute target', q, 'http://other.example/q/x?y', '/q/x?y'],
    ['the guide', [[/^(\/.*)$/, '$1']], '/any/thing?x', '/any/thing?x'],
  ])('%s: %j, %s: %s', async (_id, lines, target, httpd, here = httpd) => {
    expect(await follow(lines, target)).toBe(here);
    expect(await follow(lines, target, { compat: 'httpd' })).toBe(httpd);
  });

  // What is glued to the name of the balancer makes another name in httpd.
  test.each<[id: string, lines: readonly Line[], target: string, here: string]>([
    ['U21', [['/si/', '']], '/si/foo', '/foo'],
    ['U22', [['/', '']], '/foo', '/foo'],
    ['a pattern', [[/^\/(.*)$/, '$1']], '/foo', '/foo'],
  ])('%s: %j, %s: %s, and 500 as httpd has it', async (_id, lines, target, here) => {
    expect(await follow(lines, target)).toBe(here);
    expect(await follow(lines, target, { compat: 'httpd' })).toBe(500);
  });
});

describe('keeps what the client has encoded', () => {
  // U29, U30, U34 and U35, where httpd decodes or encodes.
  test.each([
    '/q/a%3Bb',
    '/q/a%2Bb',
    '/q/a%26b%3Dc',
    '/q/a%41',
    '/q/a~b%7Eb',
    '/q/a|b',
    '/q/a{b}',
    '/q/%C3%A9%c3%a9',
    '/q/%FF',
    '/q/a%2Fb',
    '/q/a%252Fb',
  ])('below a prefix: %s', async (target) => {
    expect(await follow(q, target)).toBe(target);
  });

  test.each<[target: string, sent: string]>([
    ['/m7/a%2Fb', '/r/a%2Fb'],
    ['/m7/a%2fb%20c', '/r/a%2fb%20c'],
    ['/m7/a%252Fb', '/r/a%252Fb'],
    ['/m7/a%3Fb%23c?d', '/r/a%3Fb%23c?d'],
    ['/m7/%C3%A9%e2%82%ac%f0%9f%98%80x', '/r/%C3%A9%e2%82%ac%f0%9f%98%80x'],
    ['/m7/%FF%c3x', '/r/%FF%c3x'],
    ['/m7/a;b=c', '/r/a;b=c'],
    ['/m7/a|b', '/r/a%7Cb'],
  ])('in a group of a pattern: %s is %s', async (target, sent) => {
    expect(await follow(m7, target)).toBe(sent);
  });

  test.each<[at: string, target: string, sent: string]>([
    ['/a b', '/a%20b/c%20d', '/t/c%20d'],
    ['/é', '/%c3%a9/x', '/t/x'],
    ['/app', '/%61pp/x', '/t/x'],
    ['/app', '/%61%70p', '/t'],
    ['/app/', '/%61pp/x', '/t/x'],
    ['/a+b', '/a%2Bb/x', '/t/x'],
    ['/a?b', '/a%3Fb/x', '/t/x'],
  ])('and finds the prefix %s in %s', async (at, target, sent) => {
    expect(await follow([[at, '/t']], target)).toBe(sent);
  });
});

describe('refuses or leaves alone what is no path', () => {
  test.each<[target: string, result: string | number]>([
    ['/q/a%00b', 400],
    ['/q/a%zz', 400],
    ['/q/../../x', 400],
    ['/q/..%2fadmin', 400],
    ['/q/%2e%2e%5cadmin', 400],
    ['/q/..\\admin', 400],
    ['/other/%zz', 'local'],
    ['/other/..%2fq', 400],
  ])('%s: %s', async (target, result) => {
    expect(await follow(q, target)).toBe(result);
  });

  test('a pattern does not make dot segments of what had none', async () => {
    const lines: readonly Line[] = [[/^\/x(.*)$/, '/y/$1']];
    expect(await follow(lines, '/x../secret')).toBe(400);
    expect(await follow(lines, '/x.../secret')).toBe('/y/.../secret');
  });

  test('a target that is only an asterisk is nobody’s', async () => {
    const { mounted, backend } = await startLines([['/', '']]);
    const answer = await requestTarget(mounted.port, '*', { method: 'OPTIONS' });
    expect(answer.status).toBe(404);
    expect(backend.received).toEqual([]);
  });

  test.each(['/q/a#f', '/q/a\tb'])('%s ends before any app', async (target) => {
    const { mounted, backend } = await startLines(q);
    const request = `GET ${target} HTTP/1.1\r\nHost: front.example\r\nConnection: close\r\n\r\n`;
    expect(await exchangeBytes(mounted.port, Buffer.from(request))).toMatch(/^HTTP\/1\.1 400 /);
    expect(backend.received).toEqual([]);
  });
});

describe('maps what a member answers back to where it was asked', () => {
  test.each<
    [
      id: string,
      line: readonly [string | RegExp, string, { appendsPath?: true }?],
      target: string,
      location: string,
      mapped: string,
    ]
  >([
    ['a prefix', ['/app', '/t'], '/app/x', '/t/login', '/app/login'],
    ['a prefix that ends in a slash', ['/app/', '/t/'], '/app/x', '/t/login', '/app/login'],
    ['a prefix, exactly', ['/app', '/t'], '/app', '/t/', '/app/'],
    ['a prefix, with nothing for it', ['/app', ''], '/app/x', '/login', '/app/login'],
    ['the root', ['/', '/t'], '/x', '/t/login', '/login'],
    ['a pattern', [/^\/m7\/(.*)$/, '/r/$1'], '/m7/x/y', '/r/login', '/m7/login'],
    ['a pattern with a choice', [/^\/m9\/(a|b)(\/.*)?$/, '/z$2'], '/m9/b/x', '/z/login', '/m9/b/login'],
    ['a pattern that is all of the path', [/^(\/.*)$/, '$1'], '/x', '/login', '/login'],
    ['a pattern that appends the path', [/\.png$/, '', { appendsPath: true }], '/x.png', '/login', '/login'],
    ['a pattern whose end is its own', [/^\/a\/(\d+)$/, '/b?n=$1'], '/a/1', '/login', '/login'],
  ])('%s', async (_id, [at, to, others = {}], target, location, mapped) => {
    const backend = await startBackend('backend', (_req, res) => {
      res.writeHead(302, { Location: backend.url + location }).end();
    });
    const mounted = await startMounted({
      mounts: [{ kind: 'balancer', at, to, definition: { members: [backend.url] }, ...others }],
    });
    const { headers } = await requestTarget(mounted.port, target);
    expect(headers.location).toBe(`http://front.example${mapped}`);
  });
});
