import { afterEach, expect, test } from '@jest/globals';
import type { IncomingMessage } from 'node:http';
import type { HttpdMount } from '../../src/httpd-conf/httpd-conf.ts';
import type { HttpdExplanation } from '../../src/httpd-conf/mount/handler-options.ts';
import { startBackend } from '../support/backend.ts';
import { tidyUp } from '../support/idle.ts';
import { closeMounted, host, startMounted, type MountedConf } from '../support/mounted-conf.ts';
import { requestTarget } from '../support/request-target.ts';

afterEach(async () => {
  await closeMounted();
  await tidyUp();
});

const shop = host('shop.example');
const place = (line: number): Readonly<{ file: string; line: number }> => ({ file: 'httpd.conf', line });

/** A configuration with something of everything; what is asked of it is explained, and then answered. */
async function explain(
  target: string,
  cookie = 'SID=1.a',
): Promise<
  Readonly<{ told: HttpdExplanation; mounted: MountedConf; status: number; url: string | undefined }>
> {
  const backend = await startBackend();
  const definition = { name: 'app', stickysession: 'SID', members: [{ url: backend.url, route: 'a' }] };
  const mounts: readonly HttpdMount[] = [
    { kind: 'cookie', at: /^\/app\/(\w+)/, cookie: 'seen=$1', place: place(9) },
    { kind: 'status', at: '/gone', status: 410, place: place(10) },
    { kind: 'next', at: '/app/private', place: place(11) },
    { kind: 'balancer', at: '/app', to: '/t', definition, place: place(12) },
    { kind: 'balancer', at: /^\/x(.*)$/, to: '/y/$1', definition, place: place(13) },
    { kind: 'manager', at: '/manager', place: place(14) },
  ];
  const told: HttpdExplanation[] = [];
  const seen: unknown[] = [];
  const mounted: MountedConf = await startMounted(
    {
      hosts: [shop],
      mounts,
      access: [{ at: '/app/admin', rule: { order: 'allow,deny', allow: [], deny: [] }, place: place(20) }],
    },
    {
      before: (app) =>
        app.use((req, _res, next) => {
          const state = (): unknown => [req.url, req.originalUrl, req.baseUrl];
          const before = state();
          told.push(mounted.handler.explain(req as IncomingMessage));
          seen.push(state());
          expect(seen).toEqual([before]);
          next();
        }),
    },
  );
  const { status } = await requestTarget(mounted.port, target, {
    headers: { Host: 'shop.example', Cookie: cookie },
  });
  return { told: told[0]!, mounted, status, url: backend.received[0]?.url };
}

test('which mount, which path, which member, and why', async () => {
  const { told, mounted, url } = await explain('/app/x?y=z');
  expect(told).toMatchObject({
    host: shop,
    mount: { at: '/app', place: place(12) },
    access: { isAllowed: true },
    balancer: mounted.handler.balancers[0],
    target: '/t/x?y=z',
    explanation: { member: 'a', sticky: 'SID', route: 'a' },
  });
  expect(url).toBe(told.target);
  expect(told.text.split('\n')).toEqual([
    'Host: shop.example (httpd.conf:1).',
    'The answer gets Set-Cookie: seen=x.',
    "Mount: '/app' to '/t' (httpd.conf:12), which '/app/x' fits.",
    "Asks a member of app for '/t/x?y=z', below its own path.",
    `Member: ${told.explanation!.text}.`,
  ]);
});

test.each([
  ['SID=1.app9', ["Session: route 'app9' by SID, which no member has."]],
  ['SID=1.a', []],
  ['SID=1', []],
  ['other=1.app9', []],
])('a session whose route no member has is told as such: %s', async (cookie, expected) => {
  const { told } = await explain('/app/x', cookie);
  expect(told.text.split('\n').filter((step) => step.startsWith('Session:'))).toEqual(expected);
});

test.each<[target: string, status: number, last: string]>([
  ['/app/private/x', 404, 'It is left to the app.'],
  ['/else', 404, 'It is left to the app.'],
  ['/gone', 410, 'It is refused with 410.'],
  ['/app/admin', 403, 'It is refused with 403.'],
  ['/app/%00', 400, 'It is refused with 400: the path holds an encoded NUL.'],
  ['/x../z', 400, 'It is refused with 400: what the pattern makes of the path holds dot segments.'],
  ['/manager/', 403, 'The manager answers it.'],
])('%s gets %d: %s', async (target, status, last) => {
  const { told, ...answered } = await explain(target);
  expect(answered.status).toBe(status);
  expect(told.text.split('\n').at(-1)).toBe(last);
  expect(told.explanation).toBeUndefined();
  expect(answered.url).toBeUndefined();
});

test('by which section', async () => {
  const { told } = await explain('/app/admin%2Fx');
  expect(told.access).toMatchObject({ isAllowed: false, section: { at: '/app/admin' } });
  expect(told.text).toContain("Access: denied by the section for '/app/admin' (httpd.conf:20).");
});

test('where a pattern leads', async () => {
  const { told, url } = await explain('/x/a%2Fb');
  expect(told.target).toBe('/y//a%2Fb');
  expect(url).toBe(told.target);
});
