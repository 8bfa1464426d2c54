import { afterEach, describe, expect, test } from '@jest/globals';
import connect from 'connect';
import { createBalancer } from '../../src/index.ts';
import { startBackend, type Backend } from '../support/backend.ts';
import { senders, silent, startFront, type Front } from '../support/front.ts';
import { startHandler } from '../support/handler.ts';
import { tidyUp } from '../support/idle.ts';
import { linesOf, RawClient, type WireAnswer } from '../support/raw-client.ts';

afterEach(tidyUp);

/** Sends a target as it is. */
async function get(port: number, target: string): Promise<WireAnswer> {
  const client = await RawClient.connect(port);
  return client.ask([`GET ${target} HTTP/1.1`, 'Host: front.example', 'Connection: close']);
}

/** A member that redirects to itself, and sets a cookie, as one that does not know where it is mounted. */
function startRedirecting(): Promise<Backend> {
  return startBackend('a', (req, res) => {
    res.setHeader('Set-Cookie', 'SID=x; Path=/base/');
    res.writeHead(302, { Location: `http://${req.headers.host!}/base/next` }).end();
  });
}

/** Mounts whose path the client makes, and how one segment of it is asked for. */
const mounts = [
  ['a parameter', '/:tenant', (segment: string) => `/${segment}/x`],
  ['a pattern', /^\/[^/]+/, (segment: string) => `/${segment}/x`],
  ['a parameter below a path', '/t/:tenant', (segment: string) => `/t/${segment}/x`],
  ['a pattern over several segments', /^\/t\/.+(?=\/x)/, (segment: string) => `/t/${segment}/u/x`],
] as const satisfies readonly (readonly [string, string | RegExp, (segment: string) => string])[];

describe.each(senders)('%s: a mount path that the client makes', (_sender, sender) => {
  describe.each(mounts)('by %s', (_what, mount, targetOf) => {
    async function start(): Promise<readonly [Front, Backend]> {
      const backend = await startRedirecting();
      const member = { url: `${backend.url}/base/`, route: '1' };
      return [await startFront({ ...sender, routeCookie: true, members: [member] }, { mount }), backend];
    }

    test.each([
      ['a backslash', 'a\\b'],
      ['a leading backslash', '\\evil.example'],
      ['an encoded backslash', 'a%5cb'],
      ['an encoded backslash in capitals', 'a%5Cb'],
      ['a leading encoded backslash', '%5Cevil.example'],
      ['a parent', '..'],
      ['a parent, encoded', '%2e%2e'],
      ['a parent, half encoded', '.%2E'],
      ['itself', '.'],
      ['itself, encoded', '%2e'],
      ['a parent with a parameter', '..;a'],
      ['a parent behind an encoded slash', 'a%2f..'],
      ['a parent before an encoded slash', '..%2fb'],
      ['an encoded NUL', 'a%00'],
    ])('with %s is refused: %s', async (_name, segment) => {
      const [front, backend] = await start();
      const { status, body, headers } = await get(front.port, targetOf(segment));
      expect([status, body]).toEqual([400, expect.stringContaining('ERR_BALANCER_BAD_REQUEST')]);
      expect(linesOf(headers).filter((line) => /^(?:set-cookie|location):/i.test(line))).toEqual([]);
      expect(backend.begun).toEqual([]);
    });

    // Express decodes parameters before the balancer is asked, and has an error of its own for this.
    test('with % and no hexadecimal digits is refused, by Express or here', async () => {
      const [front, backend] = await start();
      expect((await get(front.port, targetOf('a%zz'))).status).toBe(400);
      expect(backend.begun).toEqual([]);
    });

    test.each([
      ['plain', 'blue', '/blue'],
      ['a letter, encoded', 'bl%C3%BCe', '/bl%C3%BCe'],
      ['a space', 'light%20blue', '/light%20blue'],
      ['an encoded slash', 'a%2Fb', '/a%2Fb'],
      ['dots that are no segment', '...', '/...'],
    ])('is told back as it is written: %s', async (_name, segment, made) => {
      const [front, backend] = await start();
      const { status, headers } = await get(front.port, targetOf(segment));
      const path = targetOf(segment).replace(/\/x$/, '');
      expect(path).toContain(made);
      expect(status).toBe(302);
      expect(linesOf(headers)).toEqual(
        expect.arrayContaining([
          `Location: http://front.example${path}/next`,
          `Set-Cookie: SID=x; Path=${path}`,
          `Set-Cookie: ROUTEID=1; Path=${path}; HttpOnly; SameSite=Lax`,
        ]),
      );
      expect(backend.received).toMatchObject([{ url: '/base/x', headers: { 'x-forwarded-prefix': path } }]);
    });

    test.each([
      ['a tag', 'a<b'],
      ['quotes', 'a"b'],
      ['what ends an attribute', 'a;Domain=evil.example'],
      ['a comma', 'a,b'],
    ])('never breaks a cookie or a redirect: %s', async (_name, segment) => {
      const [front] = await start();
      const { status, headers } = await get(front.port, targetOf(segment));
      expect(status).toBe(302);
      const lines = linesOf(headers);
      const own = lines.filter((line) => line.toLowerCase().startsWith('set-cookie: routeid='));
      const path = targetOf(segment).replace(/\/x$/, '');
      expect(own).toHaveLength(1);
      // Either its path can stand in a cookie as it is, or the cookie is for the whole host.
      expect([path, '/'].map((each) => `ROUTEID=1; Path=${each}; HttpOnly; SameSite=Lax`)).toContain(
        own[0]!.slice('set-cookie: '.length),
      );
      for (const line of lines.filter((each) => /^set-cookie:/i.test(each))) {
        expect(line).not.toMatch(/;\s*Domain=/i);
      }
      const [location = ''] = lines.filter((line) => line.toLowerCase().startsWith('location:'));
      expect(new URL(location.slice('location: '.length)).host).toBe('front.example');
    });
  });

  test('with two slashes is never told back as somebody else’s host', async () => {
    const backend = await startRedirecting();
    const member = `${backend.url}/base/`;
    for (const mount of [/^\/\/[^/]+/, /^\/*[^/]+/]) {
      const front = await startFront({ ...sender, members: [member] }, { mount });
      const { status, body } = await get(front.port, '//evil.example/x');
      expect([status, body]).toEqual([400, expect.stringContaining('ERR_BALANCER_BAD_REQUEST')]);
    }
    expect(backend.begun).toEqual([]);
  });

  test('that is empty is the root', async () => {
    const backend = await startRedirecting();
    const front = await startFront({ ...sender, members: [`${backend.url}/base/`] }, { mount: /^(?=\/)/ });
    const { headers } = await get(front.port, '/x');
    expect(linesOf(headers)).toContain('Location: http://front.example/next');
    expect(backend.received).toMatchObject([{ url: '/base/x' }]);
  });

  test('by a Connect app is the app’s own, and the root is none', async () => {
    const backend = await startRedirecting();
    const balancer = createBalancer({ ...silent, ...sender, members: [`${backend.url}/base/`] });
    const app = connect();
    app.use('/shop', balancer);
    const { port } = await startHandler(app);
    expect(linesOf((await get(port, '/shop/x')).headers)).toContain(
      'Location: http://front.example/shop/next',
    );
    expect((await get(port, '/shop/../x')).status).toBe(400);
    await balancer.close();
  });
});
