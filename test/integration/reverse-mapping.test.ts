import { afterEach, describe, expect, test } from '@jest/globals';
import type { OutgoingHttpHeaders } from 'node:http';
import type { BalancerDefinition } from '../../src/index.ts';
import { startBackend } from '../support/backend.ts';
import { senders, startFront, type FrontOptions } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { requestTarget, type Answered, type Wishes } from '../support/request-target.ts';

afterEach(tidyUp);

describe.each(senders)('reverse mapping over %s', (_name, sender) => {
  /** `{B1}` and `{B2}` are the origins of the members, `{B1:host}` an authority; F stands for the front's origin. */
  type Setting = Readonly<{
    definition?: Partial<BalancerDefinition>;
    mount?: string;
    /** The members' own paths. */
    bases?: readonly string[];
    status?: number;
    wishes?: Wishes;
    options?: FrontOptions;
  }>;

  /** Asks for `/page` below the mount path; the first member answers with these headers. */
  async function receive(
    { definition = {}, mount = '/', bases = [''], status = 302, wishes = {}, options = {} }: Setting,
    headers: OutgoingHttpHeaders,
  ): Promise<Readonly<{ answer: Answered; readBack: (text: string) => string }>> {
    const backends = await Promise.all(
      bases.map((_base, i) =>
        startBackend(`B${i + 1}`, (_req, res) => {
          for (const [name, value] of Object.entries(headers))
            res.setHeader(name, insert(value as string | string[]));
          res.writeHead(status).end();
        }),
      ),
    );
    const marks = backends.flatMap(({ url, port }, i) => [
      [`{B${i + 1}}`, url] as const,
      [`{B${i + 1}:host}`, `127.0.0.1:${port}`] as const,
    ]);
    const insertInto = (text: string): string =>
      marks.reduce((all, [mark, value]) => all.replaceAll(mark, value), text);
    const insert = (value: string | string[]): string | string[] =>
      typeof value === 'string' ? insertInto(value) : value.map(insertInto);
    const front = await startFront(
      { ...sender, ...definition, members: backends.map(({ url }, i) => url + bases[i]!) },
      { ...options, mount },
    );
    const answer = await requestTarget(front.port, `${mount === '/' ? '' : mount}/page`, wishes);
    expect(answer.status).toBe(status);
    return {
      answer,
      readBack: (text) => marks.reduce((all, [mark, value]) => all.replaceAll(value, mark), text),
    };
  }

  async function mapLocation(setting: Setting, value: string): Promise<string> {
    const { answer, readBack } = await receive(setting, { Location: value });
    return readBack(answer.headers.location!).replace(/^http:\/\/front\.example(?=\/|$)/, 'F');
  }

  // The ids are those of the reference's section 15.7; N marks what httpd has otherwise.
  test.each<[id: string, setting: Setting, value: string, expected: string]>([
    ['L1', { mount: '/mirror/foo' }, '{B1}/quux', 'F/mirror/foo/quux'],
    ['L2', { mount: '/mirror/foo' }, 'HTTP://{B1:host}/Quux?x=1#f', 'F/mirror/foo/Quux?x=1#f'],
    ['L3 N: no path is the root', { mount: '/mirror/foo' }, '{B1}', 'F/mirror/foo'],
    ['L3: another scheme', { mount: '/mirror/foo' }, 'https://{B1:host}/q', 'https://{B1:host}/q'],
    ['L3: relative', { mount: '/mirror/foo' }, 'quux', 'quux'],
    ['L3 N: a path of the member', { mount: '/mirror/foo' }, '/quux', '/mirror/foo/quux'],
    [
      'L3 N: the member without a scheme',
      { mount: '/mirror/foo' },
      '//{B1:host}/q',
      '//front.example/mirror/foo/q',
    ],
    ['L4', { mount: '/m2', bases: ['/app'] }, '/app/x', '/m2/x'],
    ['L4 N: whole segments', { mount: '/m2', bases: ['/app'] }, '/application', '/application'],
    [
      'L4 N: another host',
      { mount: '/m2', bases: ['/app'] },
      'http://unrelated/app/zz',
      'http://unrelated/app/zz',
    ],
    ['L8', { mount: '/bash', bases: ['/foo/bar', '/foo/bar/'] }, '{B1}/foo/bar/that', 'F/bash/that'],
    ['L8: the other member', { mount: '/bash', bases: ['/foo/bar', '/foo/bar/'] }, '{B2}/foo/bar', 'F/bash'],
    ['L8: no base of a member', { mount: '/bash', bases: ['/foo/bar'] }, '{B1}/foo/that', '{B1}/foo/that'],
    ['L8 N: whole segments', { mount: '/bash', bases: ['/foo/bar'] }, '{B1}/foo/barn', '{B1}/foo/barn'],
    ['L10', { bases: ['', ''] }, '{B1}/x', 'F/x'],
    ['L10: no path', { bases: ['', ''] }, '{B1}', 'F/'],
    ['L10: the other member', { bases: ['', ''] }, '{B2}/x?y#z', 'F/x?y#z'],
    ['L11', { mount: '/p', bases: ['', ''] }, '{B1}/x', 'F/p/x'],
    ['L11 N: another port', { mount: '/p' }, '{B1}0/x', '{B1}0/x'],
    ['L12 N, L13 N: one slash', { mount: '/p', bases: ['/'] }, '{B1}/x', 'F/p/x'],
    ['L16: not below the base', { mount: '/p', bases: ['/q'] }, '{B1}/other', '{B1}/other'],
    ['L18 N: the longest base', { mount: '/p', bases: ['/q'] }, '{B1}/q/z', 'F/p/z'],
    ['a path that bears the mount path already', { mount: '/p' }, '/p/x', '/p/x'],
    ['a URL of the front', { mount: '/p' }, 'http://front.example/p/x', 'F/p/x'],
    ['what browsers read as another host', { mount: '/p' }, '/\\evil.example/', '/\\evil.example/'],
  ])('%s: %j: %s', async (_id, setting, value, expected) => {
    expect(await mapLocation(setting, value)).toBe(expected);
  });

  test.each<[host: string, expected: string]>([
    ['www.pub.example:8080', 'http://www.pub.example:8080/mirror/foo/quux'],
    ['www.pub.example:80', 'http://www.pub.example/mirror/foo/quux'],
    ['[::1]:8080', 'http://[::1]:8080/mirror/foo/quux'],
  ])('L19: names the host that the client asked for: %s', async (host, expected) => {
    expect(
      await mapLocation({ mount: '/mirror/foo', wishes: { headers: { Host: host } } }, '{B1}/quux'),
    ).toBe(expected);
  });

  test.each([
    [true, 'https://front.example/quux'],
    [false, 'F/quux'],
  ])('names the scheme that a trusted peer was asked by (trust proxy: %s)', async (isTrusted, expected) => {
    const wishes = { headers: { 'X-Forwarded-Proto': 'https' } };
    const options: FrontOptions = { before: (app) => app.set('trust proxy', isTrusted) };
    expect(await mapLocation({ wishes, options }, '{B1}/quux')).toBe(expected);
  });

  test('L20, L21 N: maps every field that holds a URL, and no other', async () => {
    const { answer, readBack } = await receive(
      { mount: '/m', bases: ['/q'] },
      {
        'Content-Location': '{B1}/q/a',
        URI: '{B1}/q/b',
        Destination: '{B1}/q/c',
        Refresh: '5; url={B1}/q/d',
        Link: ['<{B1}/q/e>; rel="next", </q/f>; rel="{B1}/q/"', '<https://else.example/>; rel=x'],
        'X-Custom': '{B1}/q/g',
      },
    );
    const { headers } = answer;
    expect(headers['content-location']).toBe('http://front.example/m/a');
    expect(headers['uri']).toBe('http://front.example/m/b');
    expect(headers['destination']).toBe('http://front.example/m/c');
    expect(headers.refresh).toBe('5; url=http://front.example/m/d');
    expect(readBack(headers.link as string)).toBe(
      '<http://front.example/m/e>; rel="next", </m/f>; rel="{B1}/q/", <https://else.example/>; rel=x',
    );
    expect(readBack(headers['x-custom'] as string)).toBe('{B1}/q/g');
  });

  test.each([200, 201, 301, 404, 500])('L22: maps with status %i', async (status) => {
    expect(await mapLocation({ mount: '/m', status }, '{B1}/quux')).toBe('F/m/quux');
  });

  describe('proxypassreverse', () => {
    test.each<[proxypassreverse: boolean | readonly string[], value: string, expected: string]>([
      [true, 'https://backend.example:8443/x/y', 'https://backend.example:8443/x/y'],
      [['https://backend.example:8443/x'], 'https://backend.example:8443/x/y', 'F/m/y'],
      [['https://backend.example/x'], 'https://backend.example:443/x/y', 'F/m/y'],
      [['https://backend.example/x'], 'https://backend.example/xy', 'https://backend.example/xy'],
      [['https://backend.example/x'], 'http://backend.example/x/y', 'http://backend.example/x/y'],
      [['http://one.example/', 'http://two.example/'], 'http://two.example/y', 'F/m/y'],
      [['http://one.example/'], '{B1}/base/y', 'F/m/y'],
      [false, '{B1}/base/y', '{B1}/base/y'],
      [false, '/base/y', '/base/y'],
    ])('%j: %s is %s', async (proxypassreverse, value, expected) => {
      const setting = { mount: '/m', bases: ['/base/'], definition: { proxypassreverse } };
      expect(await mapLocation(setting, value)).toBe(expected);
    });

    test('false leaves Refresh and Link as well, and cookies to their own options', async () => {
      const { answer, readBack } = await receive(
        { mount: '/m', definition: { proxypassreverse: false } },
        { Refresh: '0; url={B1}/a', Link: '<{B1}/b>; rel=next', 'Set-Cookie': 'a=1; Path=/' },
      );
      const { refresh, link, 'set-cookie': cookies } = answer.headers;
      expect([refresh as string, link as string].map(readBack)).toEqual([
        '0; url={B1}/a',
        '<{B1}/b>; rel=next',
      ]);
      expect(cookies).toEqual(['a=1; Path=/m']);
    });
  });

  test('a member that is told the Host of the client may redirect there', async () => {
    const setting = { mount: '/m', bases: ['/base/'], definition: { proxypreservehost: true } };
    expect(await mapLocation(setting, 'http://front.example/base/x')).toBe('F/m/x');
    expect(await mapLocation(setting, 'http://front.example/m/x')).toBe('F/m/x');
  });

  describe('cookies', () => {
    async function mapCookies(setting: Setting, ...cookies: string[]): Promise<string[]> {
      const { answer } = await receive({ status: 200, ...setting }, { 'Set-Cookie': cookies });
      return answer.headers['set-cookie']!;
    }

    // Section 15.8, with what is derived from members and mount path instead of its rules.
    test.each<[id: string, setting: Setting, cookie: string, expected: string]>([
      ['C1', { mount: '/mirror/foo' }, 'a=1; Path=/', 'a=1; Path=/mirror/foo'],
      ['C2 N: only the prefix', { mount: '/mirror/foo' }, 'a=1; path=/app/x', 'a=1; path=/mirror/foo/app/x'],
      [
        'C2 N: the base of the member',
        { mount: '/m2', bases: ['/app'] },
        'a=1; path=/app/x',
        'a=1; path=/m2/x',
      ],
      [
        'C3 N: the domain goes',
        { mount: '/m' },
        'a=1; Domain=127.0.0.1; Path=/x; HttpOnly',
        'a=1; Path=/m/x; HttpOnly',
      ],
      ['C4 N: a leading dot', { mount: '/m' }, 'a=1; domain=.127.0.0.1', 'a=1'],
      ['C5 N: whole names', { mount: '/m' }, 'a=1; domain=127.0.0.1.org', 'a=1; domain=127.0.0.1.org'],
      ['C7: no attribute', { mount: '/m' }, 'a=1', 'a=1'],
      ['C7: no path', { mount: '/m' }, 'a=1; path=foo', 'a=1; path=foo'],
      ['C8: the last one', { mount: '/m' }, 'a=1; Path=/; Path=/b', 'a=1; Path=/; Path=/m/b'],
      ['C9', { mount: '/m' }, 'a=1; PATH=/ ;x', 'a=1; PATH=/m ;x'],
      ['the root', {}, 'a=1; Path=/; Domain=127.0.0.1', 'a=1; Path=/'],
      ['a path outside of the base', { mount: '/m', bases: ['/app'] }, 'a=1; Path=/', 'a=1; Path=/'],
    ])('%s: %j: %s', async (_id, setting, cookie, expected) => {
      expect(await mapCookies(setting, cookie)).toEqual([expected]);
    });

    test('C10: each line by itself', async () => {
      expect(await mapCookies({ mount: '/m' }, 'a=1; Path=/', 'b=2; Path=/b', 'c=3')).toEqual([
        'a=1; Path=/m',
        'b=2; Path=/m/b',
        'c=3',
      ]);
    });

    const domains = { 'backend.example': 'public.example', 'internal.local': '.pub.example' };

    test.each<
      [id: string, table: boolean | Readonly<Record<string, string>>, cookie: string, expected: string]
    >([
      ['C3', domains, 'a=1; Domain=backend.example; HttpOnly', 'a=1; Domain=public.example; HttpOnly'],
      ['C4 N', domains, 'a=1; domain=.backend.example', 'a=1; domain=public.example'],
      ['C5', domains, 'a=1; domain=BACKEND.EXAMPLE', 'a=1; domain=public.example'],
      ['C5 N', domains, 'a=1; domain=backend.example.org', 'a=1; domain=backend.example.org'],
      ['C6', domains, 'a=1; domain=internal.local', 'a=1; domain=.pub.example'],
      [
        'the table stands instead of what is derived',
        domains,
        'a=1; Domain=127.0.0.1',
        'a=1; Domain=127.0.0.1',
      ],
      ['an empty name removes it', { 'backend.example': '' }, 'a=1; Domain=backend.example', 'a=1'],
      ['false', false, 'a=1; Domain=127.0.0.1', 'a=1; Domain=127.0.0.1'],
    ])('proxypassreversecookiedomain, %s: %j: %s', async (_id, table, cookie, expected) => {
      expect(await mapCookies({ definition: { proxypassreversecookiedomain: table } }, cookie)).toEqual([
        expected,
      ]);
    });

    const paths = { '/': '/mirror/foo/', '/app': '/m2' };

    test.each<
      [id: string, table: boolean | Readonly<Record<string, string>>, cookie: string, expected: string]
    >([
      ['C1', paths, 'a=1; Path=/', 'a=1; Path=/mirror/foo/'],
      ['C2 N', paths, 'a=1; path=/app/x', 'a=1; path=/mirror/foo/app/x'],
      [
        'the table stands instead of what is derived',
        { '/app': '/m2' },
        'a=1; Path=/base/x',
        'a=1; Path=/base/x',
      ],
      ['false', false, 'a=1; Path=/base/x', 'a=1; Path=/base/x'],
    ])('proxypassreversecookiepath, %s: %j: %s', async (_id, table, cookie, expected) => {
      const definition = { proxypassreversecookiepath: table };
      expect(await mapCookies({ definition, mount: '/m', bases: ['/base'] }, cookie)).toEqual([expected]);
    });

    test('a domain that the client can see stays', async () => {
      const wishes = { headers: { Host: '127.0.0.1' } };
      expect(await mapCookies({ wishes }, 'a=1; Domain=127.0.0.1')).toEqual(['a=1; Domain=127.0.0.1']);
    });
  });
});
