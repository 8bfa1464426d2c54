import { afterEach, describe, expect, test } from '@jest/globals';
import type { BalancerDefinition } from '../../src/index.ts';
import { startBackend, type Backend } from '../support/backend.ts';
import { exchangeBytes, senders, startFront, type Front } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { RawClient, type WireAnswer } from '../support/raw-client.ts';
import { valuesOf } from '../../src/rewrite/headers.ts';

afterEach(tidyUp);

/** Where an app may mount a balancer so that the client says at what path. */
const mounts = [
  ['a parameter', '/:tenant'],
  ['a pattern', /^\/+[^/]+/],
] as const satisfies readonly (readonly [string, string | RegExp])[];

describe.each(senders)('over %s, where the mount path is', (_name, sender) => {
  /** A member that sends its client elsewhere, in every way it can. */
  async function start(
    mount: string | RegExp,
    definition: Partial<BalancerDefinition> = {},
    status = 302,
  ): Promise<Readonly<{ front: Front; backend: Backend; get: (target: string) => Promise<WireAnswer> }>> {
    const backend = await startBackend('a', (req, res) => {
      const { host } = req.headers;
      res.setHeader('Location', '/home').setHeader('Content-Location', `http://${host}/here`);
      res.setHeader('Set-Cookie', 'a=b; Path=/');
      res.writeHead(status).end('a');
    });
    const front = await startFront(
      { ...sender, ...definition, members: [{ url: backend.url, route: 'a' }] },
      { mount },
    );
    const client = await RawClient.connect(front.port);
    return { front, backend, get: (target) => client.ask([`GET ${target} HTTP/1.1`, 'Host: front.example']) };
  }

  describe.each(mounts)('%s of the client’s', (_what, mount) => {
    test.each([
      '/blue/login',
      '/a.b/login',
      '/%C3%A9/login',
      '/a%20b/login',
      "/a'(b)!*/login",
      '/a:b@c/login',
    ])('%s is told to member and client as it was asked for', async (target) => {
      const { backend, get } = await start(mount);
      const prefix = target.slice(0, -'/login'.length);

      const { status, headers } = await get(target);

      expect(status).toBe(302);
      expect(backend.received).toMatchObject([{ url: '/login' }]);
      expect(backend.received[0]!.headers['x-forwarded-prefix']).toBe(prefix);
      expect(valuesOf(headers, 'location')).toEqual([`${prefix}/home`]);
      expect(valuesOf(headers, 'content-location')).toEqual([`http://front.example${prefix}/here`]);
      expect(valuesOf(headers, 'set-cookie')).toEqual([`a=b; Path=${prefix}`]);
    });

    // A browser takes a backslash for a slash, and two slashes for the beginning of a host.
    test.each([
      '/\\evil.example/login',
      '/\\\\evil.example/login',
      '/.\\evil.example/login',
      '/a\\b/login',
      '/%5cevil.example/login',
      '/../login',
      '/%2e%2e/login',
      '/..;/login',
      '/./login',
      '/%zz/login',
      '/a%zz/login',
      '/a%/login',
      '/a%00b/login',
    ])('%s is answered with 400, and no member is asked', async (target) => {
      const { front, backend, get } = await start(mount, { routeCookie: true });

      const { status, headers } = await get(target);

      expect(status).toBe(400);
      expect(valuesOf(headers, 'location')).toEqual([]);
      expect(front.errors).toHaveLength(1);
      expect(backend.begun).toEqual([]);
    });

    test.each([
      ['/a<b/login', 302, {}],
      ['/a<b/login', 500, {}],
      ['/a<b/login', 500, { proxyerroroverride: true }],
      ['/a"b/login', 302, {}],
      ['/a;b=c/login', 302, {}],
      ['/a;Domain=evil/login', 500, { proxyerroroverride: true }],
    ])(
      '%s, which no cookie can hold, has a route cookie for the whole host: %i, %j',
      async (target, status, definition) => {
        const { front, backend, get } = await start(mount, { ...definition, routeCookie: true }, status);

        const answer = await get(target);

        expect(answer.status).toBe(status);
        const [cookie] = valuesOf(answer.headers, 'set-cookie').filter((each) => each.startsWith('ROUTEID='));
        expect(cookie).toMatch(/^ROUTEID=a; Path=\/(?:a"b)?; HttpOnly; SameSite=Lax$/);
        expect(backend.begun).toEqual(['GET /login']);
        expect(front.errors.map(({ code }) => code)).toEqual(
          definition.proxyerroroverride ? ['ERR_BALANCER_MEMBER_STATUS'] : [],
        );
      },
    );
  });

  test('a pattern that takes several slashes, no client is led to another host', async () => {
    const { backend, get } = await start(/^\/+[^/]+/);

    for (const target of ['//evil.example/login', '///evil.example/login']) {
      const { status } = await get(target);
      expect([target, status]).toEqual([target, 400]);
    }
    expect(backend.begun).toEqual([]);
  });

  test('a pattern that takes dot segments, none of them counts', async () => {
    const { front, backend } = await start(/^\/t\/.*\/x/);

    const text = await exchangeBytes(
      front.port,
      'GET /t/../../x/login HTTP/1.1\r\nHost: front.example\r\nConnection: close\r\n\r\n',
    );

    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(backend.begun).toEqual([]);
  });
});
