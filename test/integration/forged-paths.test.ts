import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startRawBackend, type Backend } from '../support/backend.ts';
import { senders, startFront, type Front } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { isOutside, pathReaders } from '../support/member-paths.ts';
import { RawClient } from '../support/raw-client.ts';

/** Ways up, by everybody's reading or by somebody's. */
const climbing = [
  '/..',
  '/../',
  '/../own2/x',
  '/a/../../x',
  '/%2e%2e/x',
  '/%2E%2e/x',
  '/.%2e/x',
  '/%252e%252e/x',
  '/%c0%ae%c0%ae/x',
  '/%c0%ae./x',
  '/%e0%80%ae%e0%80%ae/x',
  '/%ef%bc%8e%ef%bc%8e/x',
  '/%e2%80%a5/x',
  '/..%2fx',
  '/..%2Fx',
  '/a%2f..%2f..%2fx',
  '/..%252fx',
  '/..%c0%afx',
  '/..%ef%bc%8fx',
  '/..\\x',
  '/a\\..\\..\\x',
  '/..%5cx',
  '/..%5Cx',
  '/..%255cx',
  '/..%c1%9cx',
  '/..;/x',
  '/..;a=b/x',
  '/.;/../x',
  '/..%3b/x',
  '/..%253b/x',
  '/..%00/x',
  '/..%2500/x',
  '/%00',
  '/..%20/x',
  '/..%09/x',
  '/.%0a./x',
  '/..%3f/x',
  '/..%23/x',
  '/..%u002f',
  '/%u002e%u002e/x',
  '/..%',
  '/%2e%2e%2',
  '/..?/../x',
] as const;

/** What is asked for below the mount path, and below the member's own. */
const staying = [
  ['/a/../x', '/x'],
  ['/./x', '/x'],
  ['/a/%2e%2e/x', '/x'],
  ['/a/./%2e/x', '/a/x'],
  ['/...', '/...'],
  ['/.../x', '/.../x'],
  ['/..x/x..', '/..x/x..'],
  ['/a%2fb/../x', '/x'],
  ['/a;b=../x', '/a;b=../x'],
  ['/x?/../../y', '/x?/../../y'],
  ['/x?%2e%2e%2f%00', '/x?%2e%2e%2f%00'],
  ['/x;?..', '/x;?..'],
  ['/file%ef%bc%8etxt', '/file%ef%bc%8etxt'],
  ['/100%25', '/100%25'],
  ['/a\\b', '/a\\b'],
  ['/%5Ca%2Fb', '/%5Ca%2Fb'],
  ['/~', '/~'],
] as const;

const base = '/base/own';

/** Where the balancer is mounted, and what of a member's path stands for it. */
const places = [
  ['the root', '', base],
  ['a path', '/shop', base],
  ['another path of the members', '/deep', `${base}/below`],
] as const;

describe.each(senders)('over %s', (_name, sender) => {
  let member: Backend;
  let front: Front;

  beforeAll(async () => {
    member = await startRawBackend((socket) =>
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'),
    );
    const definition = { ...sender, members: [`${member.url}${base}/`] };
    front = await startFront(definition, { mount: '/shop' });
    front.app.use('/deep', front.balancer.at('/below'));
    front.app.use('/', front.balancer);
  });

  afterAll(tidyUp);

  async function get(target: string): Promise<Readonly<{ status: number; asked: readonly string[] }>> {
    const before = member.received.length;
    const client = await RawClient.connect(front.port);
    const { status } = await client.ask([`GET ${target} HTTP/1.1`, 'Host: a']);
    client.socket.destroy();
    return { status, asked: member.received.slice(before).map(({ url }) => url) };
  }

  describe.each(places)('mounted at %s', (_place, mount, own) => {
    test.each(climbing)('%s reaches no member', async (path) => {
      for (const start of ['', 'http://front.example']) {
        expect(await get(start + mount + path)).toEqual({ status: 400, asked: [] });
      }
      // Without us it would be somewhere else.
      const isMeant = pathReaders.some((reader) => isOutside(own + path, own, reader));
      expect([path, isMeant || /%00|%u|%$|%\d$/.test(path)]).toEqual([path, true]);
    });

    test.each(staying)('%s is asked of a member as %s', async (path, below) => {
      for (const start of ['', 'http://front.example']) {
        expect(await get(start + mount + path)).toEqual({ status: 200, asked: [own + below] });
      }
      const [asked = ''] = (own + below).split('?', 1);
      expect(pathReaders.filter((reader) => isOutside(asked, own, reader))).toEqual([]);
    });
  });
});

describe('pathFilter of http-proxy-middleware', () => {
  afterEach(tidyUp);

  // As a URL, the first segment of `//secret/public` is a host.
  test.each([
    ['a path', '/public'],
    ['a glob', '/public/**'],
    ['a function', (path: string) => path.startsWith('/public')],
  ])('that is %s is asked about the path that members get', async (_what, pathFilter) => {
    const member = await startRawBackend((socket) =>
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'),
    );
    const front = await startFront({ httpProxyMiddleware: { pathFilter }, members: [member.url] });
    const ask = async (target: string): Promise<number> => {
      const client = await RawClient.connect(front.port);
      return (await client.ask([`GET ${target} HTTP/1.1`, 'Host: a', 'Connection: close'])).status;
    };

    const passed = ['/public/a', '//public/a', 'http://a/public/a', '/b/../public/a?x'];
    for (const target of passed) expect([target, await ask(target)]).toEqual([target, 200]);
    const left = [
      '//secret/public/a',
      '/\\secret/public/a',
      '//x@y/public/a',
      '//[/public/a',
      '/public/../secret',
    ];
    for (const target of left) expect([target, await ask(target)]).toEqual([target, 404]);
    expect(member.begun).toEqual(
      ['/public/a', '/public/a', '/public/a', '/public/a?x'].map((url) => `GET ${url}`),
    );
  });
});
