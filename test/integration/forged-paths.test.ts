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

/** Not as they are sent what they are once resolved, and so refused by default; below a member's own path all the same. */
const resolved = [
  ['/a/../x', '/x'],
  ['/./x', '/x'],
  ['/a/%2e%2e/x', '/x'],
  ['/a/./%2e/x', '/a/x'],
  ['/a%2fb/../x', '/x'],
  ['/x/..', '/'],
  ['/x/.', '/x/'],
  ['/x/%2E', '/x/'],
] as const;

/** What is asked for below the mount path, and below the member's own. */
const staying = [
  ['/...', '/...'],
  ['/.../x', '/.../x'],
  ['/..x/x..', '/..x/x..'],
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

type Answered = Readonly<{ status: number; asked: readonly string[] }>;

async function askFor(target: string, { port }: Front, member: Backend): Promise<Answered> {
  const before = member.received.length;
  const client = await RawClient.connect(port);
  const { status } = await client.ask([`GET ${target} HTTP/1.1`, 'Host: a']);
  client.socket.destroy();
  return { status, asked: member.received.slice(before).map(({ url }) => url) };
}

function startMember(): Promise<Backend> {
  return startRawBackend((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
}

describe.each(senders)('over %s', (_name, sender) => {
  let member: Backend;
  let front: Front;

  beforeAll(async () => {
    member = await startMember();
    const definition = { ...sender, members: [`${member.url}${base}/`] };
    front = await startFront(definition, { mount: '/shop' });
    front.app.use('/deep', front.balancer.at('/below'));
    front.app.use('/', front.balancer);
  });

  afterAll(tidyUp);

  const get = (target: string): Promise<Answered> => askFor(target, front, member);

  describe.each(places)('mounted at %s', (_place, mount, own) => {
    test.each(climbing)('%s reaches no member', async (path) => {
      for (const start of ['', 'http://front.example']) {
        expect(await get(start + mount + path)).toEqual({ status: 400, asked: [] });
      }
      // Without us it would be somewhere else.
      const isMeant = pathReaders.some((reader) => isOutside(own + path, own, reader));
      expect([path, isMeant || /%00|%u|%$|%\d$/.test(path)]).toEqual([path, true]);
    });

    test.each(resolved.map(([path]) => path))('%s reaches no member either', async (path) => {
      for (const start of ['', 'http://front.example']) {
        expect(await get(start + mount + path)).toEqual({ status: 400, asked: [] });
      }
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

describe.each(senders)('a rule of the app, before a balancer over %s', (_name, sender) => {
  afterEach(tidyUp);

  // Express takes dot segments for names: to it none of these is below /admin.
  test('is not passed by a path that is below it once resolved', async () => {
    const member = await startMember();
    const front = await startFront(
      { ...sender, members: [member.url] },
      {
        before(app) {
          app.use('/admin', (_req, res) => {
            res.sendStatus(403);
          });
        },
      },
    );
    const ask = async (target: string, lines: readonly string[] = []): Promise<number> => {
      const client = await RawClient.connect(front.port);
      const { status } = await client.ask([`GET ${target} HTTP/1.1`, 'Host: a', ...lines]);
      client.socket.destroy();
      return status;
    };
    const upgrade = ['Connection: Upgrade', 'Upgrade: websocket'];

    for (const target of ['/admin', '/admin/x', 'http://a/admin']) {
      expect([target, await ask(target)]).toEqual([target, 403]);
    }
    for (const target of [
      '/x/../admin',
      '/x/../admin/x?y',
      '/./admin',
      '/%2e/admin',
      '/x/%2E%2e/admin',
      '/x/.%2e/admin',
      '/x/y/../../admin',
      '//x/../admin',
      'http://a/x/../admin',
    ]) {
      expect([target, await ask(target)]).toEqual([target, 400]);
      expect([target, await ask(target, upgrade)]).toEqual([target, 400]);
    }
    expect(front.errors.map(({ code, message }) => ({ code, message }))).toEqual(
      front.errors.map(() => ({
        code: 'ERR_BALANCER_BAD_REQUEST',
        message: expect.stringContaining('the path holds a dot segment: send the path that it resolves to'),
      })),
    );
    expect(member.begun).toEqual([]);
    expect(await ask('/x/...admin')).toBe(200);
  });
});

describe("with compat: 'httpd'", () => {
  let member: Backend;
  let front: Front;

  beforeAll(async () => {
    member = await startMember();
    front = await startFront({ compat: 'httpd', members: [member.url + base] }, { mount: '/shop' });
  });

  afterAll(tidyUp);

  const get = (target: string): Promise<Answered> => askFor(target, front, member);

  test.each(resolved)('%s is resolved: a member is asked for %s', async (path, below) => {
    expect(await get(`/shop${path}`)).toEqual({ status: 200, asked: [base + below] });
  });

  test.each(climbing)('%s reaches no member', async (path) => {
    expect(await get(`/shop${path}`)).toEqual({ status: 400, asked: [] });
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
    const member = await startMember();
    const front = await startFront({ httpProxyMiddleware: { pathFilter }, members: [member.url] });
    const ask = async (target: string): Promise<number> => {
      const client = await RawClient.connect(front.port);
      return (await client.ask([`GET ${target} HTTP/1.1`, 'Host: a', 'Connection: close'])).status;
    };

    const passed = ['/public/a', '//public/a', 'http://a/public/a', '/public/a?x'];
    for (const target of passed) expect([target, await ask(target)]).toEqual([target, 200]);
    const left = ['//secret/public/a', '/\\secret/public/a', '//x@y/public/a', '//[/public/a'];
    for (const target of left) expect([target, await ask(target)]).toEqual([target, 404]);
    for (const target of ['/b/../public/a', '/public/../secret'])
      expect([target, await ask(target)]).toEqual([target, 400]);
    expect(member.begun).toEqual(
      ['/public/a', '/public/a', '/public/a', '/public/a?x'].map((url) => `GET ${url}`),
    );
  });
});
