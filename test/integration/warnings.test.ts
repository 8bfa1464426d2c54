import { afterEach, describe, expect, test } from '@jest/globals';
import express, { type Express } from 'express';
import express4 from 'express4';
import type { BalancerDefinition, Logger, WarningCode } from '../../src/index.ts';
import { linkTo } from '../../src/warnings/help-link.ts';
import { ask, type Asked, type Told } from '../support/ask.ts';
import { startBackend, type Answering } from '../support/backend.ts';
import { senders, startFront } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';

afterEach(tidyUp);

/** An app and what is asked of it. `members`: of the URLs of two backends. */
type Scene = Readonly<{
  members?: (a: string, b: string) => BalancerDefinition['members'];
  definition?: Partial<BalancerDefinition>;
  mount?: string;
  before?: (app: Express) => void;
  answer?: Answering;
  asked?: Asked;
}>;

/** A mistake, and the right set-up right beside it. */
type Story = Readonly<{ code: WarningCode; says: readonly (string | RegExp)[]; wrong: Scene; right: Scene }>;

const routed: Scene['members'] = (a, b) => [
  { url: a, route: 'app1' },
  { url: b, route: 'app2' },
];
const shop = { Host: 'shop.test' };
const post = (type: string, text: string): Asked => ({
  method: 'POST',
  headers: { ...shop, 'Content-Type': type },
  body: Buffer.from(text),
});
const setting =
  (cookie: string): Answering =>
  (_req, res) => {
    res.setHeader('Set-Cookie', cookie);
    res.end();
  };
const keepsBytes = express.json({
  verify: (req, _res, bytes) => void Object.assign(req, { rawBody: bytes }),
});
const sticky = { members: routed, definition: { stickysession: 'SID' }, asked: { headers: shop } } as const;
/** Backends that have nothing beside what is below `/api`. */
const api: Answering = (req, res) => {
  res.statusCode = req.url?.startsWith('/api/api') ? 404 : 200;
  res.end();
};

const stories: readonly (readonly [what: string, story: Story])[] = [
  [
    'a body that multer has read',
    {
      code: 'WARN_BALANCER_BODY_CONSUMED',
      says: ['the body of a request is lost: multer', 'mount the balancer before that middleware'],
      wrong: {
        before: (app) => app.use(express.raw({ type: 'multipart/*' }), forgetBody),
        asked: post('multipart/form-data; boundary=x', '--x--\r\n'),
      },
      right: { asked: post('multipart/form-data; boundary=x', '--x--\r\n') },
    },
  ],
  [
    'JSON that a parser has read',
    {
      code: 'WARN_BALANCER_BODY_REMADE',
      says: ['byte for byte', 'req.rawBody = bytes'],
      wrong: { before: (app) => app.use(express.json()), asked: post('application/json', '{ "a": 1 }') },
      right: { before: (app) => app.use(keepsBytes), asked: post('application/json', '{ "a": 1 }') },
    },
  ],
  [
    'a form that a parser has read, beside bytes that one has kept as they are',
    {
      code: 'WARN_BALANCER_BODY_REMADE',
      says: ['byte for byte'],
      wrong: {
        before: (app) => app.use(express.urlencoded()),
        asked: post('application/x-www-form-urlencoded', 'a=1'),
      },
      right: {
        before: (app) => app.use(express.raw({ type: '*/*' })),
        asked: post('application/x-www-form-urlencoded', 'a=1'),
      },
    },
  ],
  [
    'X-Forwarded-For, and nobody said whom to trust',
    {
      code: 'WARN_BALANCER_TRUST_PROXY',
      says: [
        'X-Forwarded-For',
        'members are told that 127.0.0.1 is the client',
        "app.set('trust proxy', 1)",
        'trustProxy: false',
      ],
      wrong: { asked: { headers: { ...shop, 'X-Forwarded-For': '10.1.2.3' } } },
      right: {
        before: (app) => app.set('trust proxy', 'loopback'),
        asked: { headers: { ...shop, 'X-Forwarded-For': '10.1.2.3' } },
      },
    },
  ],
  [
    'Forwarded, beside an app that has said that it trusts nobody',
    {
      code: 'WARN_BALANCER_TRUST_PROXY',
      says: ['the field Forwarded'],
      wrong: { asked: { headers: { ...shop, Forwarded: 'for=10.1.2.3' } } },
      right: {
        before: (app) => app.set('trust proxy', false),
        asked: { headers: { ...shop, Forwarded: 'for=10.1.2.3' } },
      },
    },
  ],
  [
    'the same, beside a definition that says it',
    {
      code: 'WARN_BALANCER_TRUST_PROXY',
      says: ['X-Forwarded-Proto'],
      wrong: { asked: { headers: { ...shop, 'X-Forwarded-Proto': 'https' } } },
      right: {
        definition: { trustProxy: false },
        asked: { headers: { ...shop, 'X-Forwarded-Proto': 'https' } },
      },
    },
  ],
  [
    "a mount that leaves the member's own path in front of itself",
    {
      code: 'WARN_BALANCER_DOUBLED_PATH',
      says: ["'/api/api/users'", '404', "app.use('/api', balancer)"],
      wrong: { members: (a, b) => [`${a}/api/`, `${b}/api/`], answer: api, asked: { path: '/api/users' } },
      right: {
        mount: '/api',
        members: (a, b) => [`${a}/api/`, `${b}/api/`],
        answer: api,
        asked: { path: '/api/users' },
      },
    },
  ],
  [
    'the same, beside members that do have such a page',
    {
      code: 'WARN_BALANCER_DOUBLED_PATH',
      says: ["'/api/api'"],
      wrong: { members: (a, b) => [`${a}/api`, `${b}/api`], answer: api, asked: { path: '/api' } },
      right: { members: (a, b) => [`${a}/api`, `${b}/api`], asked: { path: '/api' } },
    },
  ],
  [
    'a session of a route that no member has',
    {
      code: 'WARN_BALANCER_UNKNOWN_ROUTE',
      says: ["'SID' names the route 'app9'", "'app1', 'app2'"],
      wrong: { ...sticky, asked: { headers: { ...shop, Cookie: 'SID=4711.app9' } } },
      right: { ...sticky, asked: { headers: { ...shop, Cookie: 'SID=4711.app2' } } },
    },
  ],
  [
    'a member without a route, where sessions are to stick',
    {
      code: 'WARN_BALANCER_NO_ROUTE',
      says: ['routeCookie is set, and the member', 'has no route', "route: 'app2' }"],
      wrong: { members: (a, b) => [{ url: a, route: 'app1' }, b], definition: { routeCookie: true } },
      right: {
        members: (a, b) => [
          { url: a, route: 'app1' },
          { url: b, status: 'hot-standby' },
        ],
        definition: { routeCookie: true },
      },
    },
  ],
  [
    'a session cookie without a route in it',
    {
      code: 'WARN_BALANCER_COOKIE_WITHOUT_ROUTE',
      says: ["the session cookie 'SID'", 'there is no route in it', "'app1', 'app2'", 'routeCookie: true'],
      wrong: { ...sticky, answer: setting('SID=4711; Path=/') },
      right: { ...sticky, answer: setting('SID=4711.app1; Path=/') },
    },
  ],
  [
    'the same, beside a cookie of the balancer that binds',
    {
      code: 'WARN_BALANCER_COOKIE_WITHOUT_ROUTE',
      says: ["what stands for the route is 'node7'"],
      wrong: { ...sticky, answer: setting('SID=4711.node7; Path=/') },
      right: {
        ...sticky,
        definition: { stickysession: 'SID', routeCookie: true },
        answer: setting('SID=4711.node7; Path=/'),
      },
    },
  ],
  [
    'a session cookie for another domain',
    {
      code: 'WARN_BALANCER_COOKIE_DOMAIN',
      says: ['Domain=intern.test', 'shop.test: browsers drop it', "{ 'intern.test': 'shop.test' }"],
      wrong: { ...sticky, answer: setting('SID=1.app1; Path=/; Domain=intern.test') },
      right: {
        ...sticky,
        asked: { headers: { Host: 'www.shop.test:8080' } },
        answer: setting('SID=1.app1; Path=/; Domain=.Shop.test'),
      },
    },
  ],
  [
    'the same of the balancer’s own cookie',
    {
      code: 'WARN_BALANCER_COOKIE_DOMAIN',
      says: ["'ROUTEID'", 'Leave domain out of routeCookie'],
      wrong: { ...sticky, definition: { routeCookie: { domain: 'intern.test' } } },
      right: { ...sticky, definition: { routeCookie: true } },
    },
  ],
  [
    'a session cookie for other paths than the mount path',
    {
      code: 'WARN_BALANCER_COOKIE_PATH',
      says: ["Path='/old'", "mounted at '/shop'", "proxypassreversecookiepath: { '/old': '/shop' }"],
      wrong: {
        members: (a, b) => [
          { url: `${a}/app`, route: 'app1' },
          { url: `${b}/app`, route: 'app2' },
        ],
        mount: '/shop',
        definition: { stickysession: 'SID' },
        answer: setting('SID=1.app1; Path=/old'),
        asked: { path: '/shop/x', headers: shop },
      },
      right: {
        members: routed,
        mount: '/shop',
        definition: { stickysession: 'SID' },
        answer: setting('SID=1.app1; Path=/old'),
        asked: { path: '/shop/x', headers: shop },
      },
    },
  ],
  [
    'a session cookie for https only',
    {
      code: 'WARN_BALANCER_COOKIE_SECURE',
      says: ['is Secure, and the client has come by http', 'X-Forwarded-Proto'],
      wrong: { ...sticky, answer: setting('SID=1.app1; Path=/; Secure') },
      right: {
        ...sticky,
        before: (app) => app.set('trust proxy', 'loopback'),
        asked: { headers: { ...shop, 'X-Forwarded-Proto': 'https' } },
        answer: setting('SID=1.app1; Path=/; Secure'),
      },
    },
  ],
  [
    'a session cookie for other sites that is not for https only',
    {
      code: 'WARN_BALANCER_COOKIE_SECURE',
      says: ['SameSite=None without Secure'],
      wrong: { ...sticky, answer: setting('SID=1.app1; Path=/; SameSite=None') },
      right: { ...sticky, answer: setting('SID=1.app1; Path=/; SameSite=Lax') },
    },
  ],
  [
    'a redirect to another port of a member',
    {
      code: 'WARN_BALANCER_INTERNAL_REDIRECT',
      says: ["redirects to 'https://127.0.0.1:9443'", "proxypassreverse: ['https://127.0.0.1:9443/']"],
      wrong: { asked: { headers: shop }, answer: redirecting },
      right: {
        definition: { proxypassreverse: ['https://127.0.0.1:9443/'] },
        asked: { headers: shop },
        answer: redirecting,
      },
    },
  ],
  [
    'a handshake that comes as a plain request',
    {
      code: 'WARN_BALANCER_UPGRADE_NOT_ATTACHED',
      says: ['attachUpgrades(server, app)', 'upgrade: false'],
      wrong: { asked: { headers: { ...shop, Connection: 'Upgrade', Upgrade: 'websocket' } } },
      right: {
        definition: { upgrade: false },
        asked: { headers: { ...shop, Connection: 'Upgrade', Upgrade: 'websocket' } },
      },
    },
  ],
  [
    'a pattern that hangs',
    {
      code: 'WARN_BALANCER_SLOW_PATTERN',
      says: ['exclude: /^(\\w+\\s?)+$/ takes for ever'],
      wrong: { definition: { exclude: /^(\w+\s?)+$/ } },
      right: { definition: { exclude: /^\w+$/ } },
    },
  ],
];

function redirecting(...[, res]: Parameters<Answering>): void {
  res.writeHead(302, { Location: 'https://127.0.0.1:9443/login' }).end();
}

function forgetBody(req: express.Request, _res: unknown, next: () => void): void {
  req.body = undefined;
  next();
}

/** Asks twice; what was warned of, and what the client was told. */
async function play(
  { members, definition, mount, before, answer, asked }: Scene,
  other: Partial<BalancerDefinition>,
  warn: (line: string) => void = () => undefined,
): Promise<Readonly<{ lines: string[]; told: readonly Told[] }>> {
  const [a, b] = [await startBackend('a', answer), await startBackend('b', answer)];
  const lines: string[] = [];
  const note = (line: string): void => {
    lines.push(line);
    warn(line);
  };
  const logger = { info: note, warn: note, error: note };
  const front = await startFront(
    { name: 'shop', members: members?.(a.url, b.url) ?? [a.url, b.url], ...definition, logger, ...other },
    { ...(mount === undefined ? {} : { mount }), ...(before ? { before } : {}) },
  );
  const told = [await ask(front.port, asked), await ask(front.port, asked)];
  return { lines, told };
}

describe.each(senders)('warnings, over %s', (_name, sender) => {
  describe.each(stories)('%s', (_what, { code, says, wrong, right }) => {
    test('is warned of once, with its code and where to read on', async () => {
      const { lines } = await play(wrong, sender);
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(/^\[shop\] /);
      for (const words of says) expect(lines[0]).toContain(words);
      expect(lines[0]!.endsWith(` (${code}), see ${linkTo(code)}`)).toBe(true);
      expect(linkTo(code)).toMatch(/^file:\/\/.*\/docs\/troubleshooting\.md#warn_balancer_[a-z_]+$/);
    });

    test('is not, where it is right', async () => {
      expect((await play(right, sender)).lines).toEqual([]);
    });

    test('is not, where the code is switched off, nor where all are', async () => {
      expect((await play(wrong, { ...sender, warnings: { [code]: false } })).lines).toEqual([]);
      expect((await play(wrong, { ...sender, warnings: false })).lines).toEqual([]);
    });

    test('changes nothing for the client, though the logger throws', async () => {
      const { told } = await play(wrong, { ...sender, warnings: false });
      const warned = await play(wrong, sender, () => {
        throw new Error('the disk is full');
      });
      expect(warned.lines).toHaveLength(1);
      expect(warned.told.map(({ status, text }) => [status, text])).toEqual(
        told.map(({ status, text }) => [status, text]),
      );
    });
  });
});

describe('a warning', () => {
  const forwarded = { headers: { ...shop, 'X-Forwarded-For': '10.1.2.3' } };

  function startLogged(definition: Partial<BalancerDefinition> = {}) {
    const lines: string[] = [];
    const logger: Logger = { ...console, warn: (line: string) => void lines.push(line) };
    return { lines, logger, definition: { ...definition, logger } };
  }

  test('is switched on and off while the balancer runs', async () => {
    const backend = await startBackend();
    const { lines, definition } = startLogged({ warnings: false });
    const { balancer, port } = await startFront({ members: [backend.url], ...definition });
    await ask(port, forwarded);
    expect(lines).toEqual([]);
    balancer.configure({ warnings: { WARN_BALANCER_BODY_REMADE: false } });
    await ask(port, forwarded);
    expect(lines).toEqual([expect.stringContaining('WARN_BALANCER_TRUST_PROXY')]);
    balancer.configure({ warnings: null });
    await ask(port, forwarded);
    expect(lines).toHaveLength(1);
  });

  test('goes to a logger that comes with update, where there was none', async () => {
    const backend = await startBackend();
    const { lines, definition } = startLogged();
    const { balancer, port } = await startFront({ members: [backend.url] });
    await ask(port, forwarded);
    balancer.update({ members: [backend.url], ...definition });
    await ask(port, forwarded);
    expect(lines).toHaveLength(1);
  });

  test('harms nobody where the logger rejects later', async () => {
    const backend = await startBackend();
    const logger = { ...console, warn: () => Promise.reject(new Error('the disk is full')) };
    const { port } = await startFront({ members: [backend.url], logger: logger });
    expect((await ask(port, forwarded)).status).toBe(200);
    // Node would end the test for a rejection that nobody hears.
    expect((await ask(port, forwarded)).status).toBe(200);
  });

  test('is each balancer’s own', async () => {
    const backend = await startBackend();
    const first = startLogged({ name: 'one' });
    const second = startLogged({ name: 'two' });
    for (const { definition } of [first, second]) {
      const { port } = await startFront({ members: [backend.url], ...definition });
      await ask(port, forwarded);
    }
    expect(first.lines).toEqual([expect.stringMatching(/^\[one\] /)]);
    expect(second.lines).toEqual([expect.stringMatching(/^\[two\] /)]);
  });

  test('of trust knows an app of Express 4, and one that is mounted in another', async () => {
    const backend = await startBackend();
    const mounted = startLogged();
    const inner = express4() as unknown as Express;
    const { port } = await startFront(
      { members: [backend.url], ...mounted.definition },
      {
        before: (app) => {
          app.set('trust proxy', false);
          inner.use((req, _res, next) => {
            expect(req.app).toBe(inner);
            next();
          });
          app.use(inner);
        },
      },
    );
    await ask(port, forwarded);
    expect(mounted.lines).toEqual([]);
  });

  test('of unknown routes is not about a member that was there', async () => {
    const [a, b] = [await startBackend(), await startBackend()];
    const { lines, definition } = startLogged({ stickysession: 'SID' });
    const members = routed(a.url, b.url);
    const { balancer, port } = await startFront({ members, ...definition });
    const bound = { headers: { ...shop, Cookie: 'SID=4711.app2' } };
    balancer.change('app2', '+D');
    await ask(port, bound);
    await balancer.remove('app2');
    await ask(port, bound);
    expect(lines).toEqual([]);
    await ask(port, { headers: { ...shop, Cookie: 'SID=4711.app2%0A' } });
    expect(lines).toEqual([expect.stringContaining("the route 'app2\\n', and no member has that one")]);
  });

  test('of a route tells no whole session', async () => {
    const [a, b] = [await startBackend(), await startBackend()];
    const { lines, definition } = startLogged({ stickysession: 'SID', stickysessionsep: 'Off' });
    const { port } = await startFront({ members: routed(a.url, b.url), ...definition });
    const secret = 'aVeryLongSessionIdThatIsAKeyToSomebodysAccount';
    await ask(port, { headers: { ...shop, Cookie: `SID=${secret}` } });
    expect(lines).toEqual([expect.stringContaining("the route 'aVer…'")]);
  });

  test('of doubled paths is not said behind a page that was there', async () => {
    const backend = await startBackend('a', api);
    const { lines, definition } = startLogged();
    const { port } = await startFront({ members: [`${backend.url}/api/`], ...definition });
    expect((await ask(port, { path: '/users' })).status).toBe(200);
    expect((await ask(port, { path: '/api/users' })).status).toBe(404);
    expect(lines).toEqual([]);
  });
});
