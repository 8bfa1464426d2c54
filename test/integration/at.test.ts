import { afterEach, describe, expect, test } from '@jest/globals';
import { Router } from 'express';
import { createBalancer, DefinitionError, type Balancer, type BalancerDefinition } from '../../src/index.ts';
import { insideOf } from '../../src/inside.ts';
import { answerQuestion } from '../../src/manager/survey/answer-question.ts';
import { startBackend, type Backend } from '../support/backend.ts';
import { senders, silent, startFront, type Front } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { requestTarget } from '../support/request-target.ts';
import { closeWebSockets, openWebSocket, say, startChat, startUpgradeFront } from '../support/websocket.ts';

afterEach(async () => {
  closeWebSockets();
  await tidyUp();
});

describe.each(senders)('balancer.at over %s', (_name, sender) => {
  /** The balancer at /own, and below /shop what the members have below /store. */
  async function startShop(
    answer: Parameters<typeof startBackend>[1],
    definition: Partial<BalancerDefinition> = {},
  ): Promise<readonly [Front, Backend]> {
    const backend = await startBackend('b', answer);
    const front = await startFront(
      { ...sender, members: [`${backend.url}/base/`], ...definition },
      { mount: '/own' },
    );
    front.app.use('/shop', front.balancer.at('/store'));
    return [front, backend];
  }

  test('asks for what is below the path, below the members’ own', async () => {
    const [front, backend] = await startShop(undefined);
    const targets = ['/shop/cart?a=%2F', '/shop', '/shop/', '/shop//x', '/shop/b%20c', '/own/cart'];
    for (const target of targets) await requestTarget(front.port, target);
    expect(backend.received.map(({ url }) => url)).toEqual([
      '/base/store/cart?a=%2F',
      '/base/store/',
      '/base/store/',
      '/base/store/x',
      '/base/store/b%20c',
      '/base/cart',
    ]);
  });

  test('climbs out of nothing', async () => {
    const [front, backend] = await startShop(undefined);
    for (const target of ['/shop/../own', '/shop/a/../b', '/shop/%2e%2e/x', '/shop/..%2fx', '/shop/..;/x']) {
      expect((await requestTarget(front.port, target)).status).not.toBe(200);
    }
    expect(backend.received).toEqual([]);
  });

  test('maps redirects and cookies back from there', async () => {
    const [front] = await startShop((_req, res) => {
      res.writeHead(302, {
        Location: '/base/store/done',
        'Content-Location': '/base/elsewhere',
        'Set-Cookie': ['a=1; Path=/base/store', 'b=2; Path=/base/store/cart', 'c=3; Path=/base'],
      });
      res.end();
    });
    const { headers } = await requestTarget(front.port, '/shop/pay');
    expect(headers).toMatchObject({
      location: '/shop/done',
      'content-location': '/base/elsewhere',
      'set-cookie': ['a=1; Path=/shop', 'b=2; Path=/shop/cart', 'c=3; Path=/base'],
    });
  });

  test('maps absolute redirects back, below a mount within a mount', async () => {
    const backend = await startBackend('b', (req, res) => {
      res.writeHead(302, { Location: `http://${req.headers.host!}/store/done` }).end();
    });
    const front = await startFront({ ...sender, members: [backend.url] }, { mount: '/own' });
    front.app.use('/outer', Router().use('/inner', front.balancer.at('/store')));

    const { headers } = await requestTarget(front.port, '/outer/inner/pay');

    expect(headers.location).toBe('http://front.example/outer/inner/done');
    expect(backend.received[0]).toMatchObject({
      url: '/store/pay',
      headers: { 'x-forwarded-prefix': '/outer/inner' },
    });
  });

  test('carries bodies, and finds the same session as the balancer', async () => {
    const backends = await Promise.all(['a', 'b', 'c'].map((name) => startBackend(name)));
    const front = await startFront(
      {
        ...sender,
        stickysession: 'SID',
        members: backends.map(({ url }, i) => ({ url, route: 'abc'[i]! })),
      },
      { mount: '/own' },
    );
    front.app.use('/shop', front.balancer.at('/store'));
    const wishes = { method: 'POST', body: 'a'.repeat(100_000), headers: { Cookie: 'SID=x.b' } };

    for (const target of ['/shop/pay', '/own/pay', '/shop/pay']) {
      expect((await requestTarget(front.port, target, wishes)).body).toBe('b');
    }

    expect(backends[1]!.received.map(({ url, body }) => [url, body.length])).toEqual([
      ['/store/pay', 100_000],
      ['/pay', 100_000],
      ['/store/pay', 100_000],
    ]);
  });

  test('is asked about by the manager as it is served: below its mount', async () => {
    const [front] = await startShop(undefined, { exclude: ['/private'] });
    await requestTarget(front.port, '/shop/x');
    const listed = [{ id: 'b', balancer: front.balancer }];
    const ask = (path: string) =>
      answerQuestion({ balancer: 'b', path }, { headers: { host: 'a' } } as never, listed);
    expect(ask('/shop/private/x')).toMatchObject({
      mountPath: '/shop',
      member: undefined,
      text: 'it is left to the app (exclude)',
    });
    expect(ask('/shop/x')).toMatchObject({ mountPath: '/shop', member: front.balancer.view()[0]!.name });
  });

  test('serves upgrades', async () => {
    const chat = await startChat('a');
    const front = await startUpgradeFront({ ...sender, members: [`${chat.url}/base`] }, { mount: '/own' });
    front.app.use('/chat', front.balancer.at('/rooms'));

    const { socket } = await openWebSocket(front.port, '/chat/1?a=b');

    expect(await say(socket, 'hello')).toBe('hello');
    expect(chat.handshakes.map(({ url }) => url)).toEqual(['/base/rooms/1?a=b']);
  });

  test('rewrites the path after it was mapped', async () => {
    const [front, backend] = await startShop(undefined, { pathRewrite: { '^/store/old': '/new' } });
    await requestTarget(front.port, '/shop/old/x');
    await requestTarget(front.port, '/own/store/old/x');
    expect(backend.received.map(({ url }) => url)).toEqual(['/base/new/x', '/base/new/x']);
  });

  test('goes by what the balancer is now', async () => {
    const [front, backend] = await startShop(undefined);
    const other = await startBackend('other');
    front.balancer.update({ ...silent, ...sender, members: [`${other.url}/else`] });
    await requestTarget(front.port, '/shop/x');
    expect([backend.received.length, other.received[0]!.url]).toEqual([0, '/else/store/x']);
  });
});

describe('balancer.at', () => {
  function create(): Balancer {
    return createBalancer({ ...silent, members: ['http://127.0.0.1:1'] });
  }

  test('is the balancer itself at the root', async () => {
    const balancer = create();
    expect(balancer.at('/')).toBe(balancer);
    await balancer.close();
  });

  test('refuses what is no path', async () => {
    const balancer = create();
    for (const path of ['', 'store', '/a/../b', '//host', '/a?b']) {
      expect(() => balancer.at(path)).toThrow(DefinitionError);
    }
    await balancer.close();
  });

  test('has a name in stack traces', async () => {
    const balancer = create();
    expect(balancer.at('/x').name).toBe('proxyBalancerAt');
    await balancer.close();
  });

  test('refuses requests once the balancer is closed', async () => {
    const front = await startFront(
      { members: ['http://127.0.0.1:1'] },
      {
        mount: '/own',
        before(app) {
          app.use('/shop', (req, res, next) => {
            front.balancer.at('/store')(req, res, next);
          });
        },
      },
    );
    await front.balancer.close();
    expect((await requestTarget(front.port, '/shop')).status).toBe(503);
    expect(front.errors.map(({ code }) => code)).toEqual(['ERR_BALANCER_CLOSED']);
  });
});

describe('a request that is mapped', () => {
  test('goes with the query that the mapping says, and is explained so', async () => {
    const backend = await startBackend();
    const seen: unknown[] = [];
    const front = await startFront(
      {
        stickysession: 'SID',
        members: [
          { url: backend.url, route: 'a' },
          { url: 'http://127.0.0.1:1', route: 'b' },
        ],
      },
      {
        before(app) {
          app.use((req, res, next) => {
            const mapping = { memberPath: '', toMember: (path: string) => `/x${path}`, query: '?SID=1.a' };
            const works = insideOf(front.balancer);
            seen.push(works.explain(req, mapping).member, works.explain(req).member);
            works.handle(req, res, next, mapping);
          });
        },
      },
    );
    expect((await requestTarget(front.port, '/y?SID=1.b')).status).toBe(200);
    expect(backend.received.map(({ url }) => url)).toEqual(['/x/y?SID=1.a']);
    expect(seen).toEqual(['a', 'b']);
    await front.balancer.close();
    expect(insideOf(front.balancer).explain({} as never).text).toBe('it is refused: the balancer is closed');
  });

  test.each([
    ['/../x', undefined],
    ['/a b', undefined],
    ['/a?b', undefined],
    ['/x', '?a b'],
    ['/x', 'a=b'],
  ])('is refused where it is mapped to %j with the query %j', async (path, query) => {
    const backend = await startBackend();
    const front = await startFront(
      { members: [backend.url] },
      {
        before(app) {
          app.use((req, res, next) => {
            const mapping = {
              memberPath: '',
              toMember: () => path,
              ...(query === undefined ? {} : { query }),
            };
            insideOf(front.balancer).handle(req, res, next, mapping);
          });
        },
      },
    );
    expect((await requestTarget(front.port, '/y')).status).toBe(400);
    expect(backend.received).toEqual([]);
  });
});
