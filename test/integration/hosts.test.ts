import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { IncomingMessage } from 'node:http';
import {
  createBalancer,
  type Balancer,
  type BalancerDefinition,
  type BalancerFacts,
} from '../../src/index.ts';
import { deadUrl, startBackend } from '../support/backend.ts';
import { startFaulty } from '../support/faults.ts';
import { senders, silent } from '../support/front.ts';
import { hosts, serve, stopHosts, type ErrorHandler, type Handler } from '../support/hosts.ts';
import { tidyUp, until } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';
import { requestTarget, untilIdle } from '../support/request-target.ts';
import { stopTime } from '../support/time.ts';

const balancers: Balancer[] = [];

// Jest fails a test during which an exception goes uncaught or a rejection unhandled; these turns let them come up.
afterEach(async () => {
  await untilIdle(balancers);
  await turn();
  await turn();
  await Promise.all(balancers.splice(0).map((balancer) => balancer.close()));
  await stopHosts();
  await tidyUp();
});

const places = senders.flatMap(([name, sender]) =>
  hosts.map((host) => [host.name, name, host, sender] as const),
);

/** Status and code, as a client gets them. */
const tellError: ErrorHandler = (error, _req, res) => {
  const { status = 500, code = String(error) } = error as { status?: number; code?: string };
  res.writeHead(status, { 'Content-Type': 'text/plain' }).end(code);
};

describe.each(places)('in %s, over %s', (_host, _sender, host, sender) => {
  function create(definition: BalancerDefinition): Balancer {
    const balancer: Balancer = createBalancer({ ...silent, ...sender, ...definition });
    balancers.push(balancer);
    return balancer;
  }

  /** A balancer at `/app`, and every call of `next` that it makes. */
  async function startHost(
    definition: BalancerDefinition,
    { onError = tellError, before }: Readonly<{ onError?: ErrorHandler; before?: Handler }> = {},
  ): Promise<Readonly<{ port: number; balancer: Balancer; calls: unknown[] }>> {
    const balancer = create(definition);
    const calls: unknown[] = [];
    const counted: Handler = (req, res, next) => {
      balancer(req, res, (error) => {
        calls.push(error);
        next(error);
      });
    };
    const listener = host.build({
      handlers: [...(before ? [['/app', before] as const] : []), ['/app', counted]],
      onError,
    });
    return { port: await serve(listener), balancer, calls };
  }

  async function startHostOver(...members: readonly string[]): ReturnType<typeof startHost> {
    return startHost({ members });
  }

  test('serves, with body, query and mount path', async () => {
    const backend = await startBackend('b', (req, res) => {
      res.setHeader('Location', `http://${req.headers.host!}/next`);
      res.writeHead(201).end('made');
    });
    const { port, calls } = await startHostOver(backend.url);
    const answer = await requestTarget(port, '/app/a%2Fb?c', { method: 'POST', body: 'body' });
    expect([answer.status, answer.body]).toEqual([201, 'made']);
    expect(answer.headers.location).toBe(`http://front.example${host.mounts ? '/app' : ''}/next`);
    expect(backend.received).toMatchObject([{ url: `${host.mounts ? '' : '/app'}/a%2Fb?c` }]);
    expect(backend.received[0]!.body.toString()).toBe('body');
    expect(calls).toEqual([]);
  });

  describe('ends in one next(err), for', () => {
    const down = async (): Promise<BalancerDefinition> => ({ members: [await deadUrl(), await deadUrl()] });
    const faulty = async (
      fault: Parameters<typeof startFaulty>[0],
      definition: Partial<BalancerDefinition> = {},
    ): Promise<BalancerDefinition> => ({ ...definition, members: [(await startFaulty(fault)).url] });

    test.each<
      [what: string, define: () => Promise<BalancerDefinition>, target: string, status: number, code: string]
    >([
      ['a bad path', down, '/app/..%2f', 400, 'ERR_BALANCER_BAD_REQUEST'],
      [
        'nobody in service',
        async () => ({ members: [{ url: await deadUrl(), status: 'D' }] }),
        '/app/',
        503,
        'ERR_BALANCER_NO_MEMBER',
      ],
      ['members that refuse', down, '/app/', 503, 'ERR_BALANCER_CONNECT'],
      ['a reset', () => faulty('resets the connection'), '/app/', 502, 'ERR_BALANCER_RESET'],
      ['no HTTP', () => faulty('answers garbage'), '/app/', 502, 'ERR_BALANCER_BAD_ANSWER'],
      [
        'silence',
        () => faulty('stays silent', { memberDefaults: { timeout: '50ms', connectiontimeout: '20s' } }),
        '/app/',
        504,
        'ERR_BALANCER_TIMEOUT',
      ],
      [
        'a deadline',
        () => faulty('stays silent', { deadline: '50ms' }),
        '/app/',
        504,
        'ERR_BALANCER_DEADLINE',
      ],
      [
        'an answer that is for error pages',
        async () => {
          const backend = await startBackend('b', (_req, res) => res.writeHead(418).end());
          return { members: [backend.url], proxyerroroverride: true };
        },
        '/app/',
        418,
        'ERR_BALANCER_MEMBER_STATUS',
      ],
    ])('%s', async (_what, define, target, status, code) => {
      const { port, balancer, calls } = await startHost(await define());
      const answer = await requestTarget(port, target);
      expect([answer.status, answer.body]).toEqual([status, code]);
      await untilIdle([balancer]);
      await turn();
      expect(calls).toMatchObject([{ code }]);
    });

    test('a balancer that is closed', async () => {
      const { port, balancer, calls } = await startHostOver(await deadUrl());
      await balancer.close();
      expect((await requestTarget(port, '/app/')).body).toBe('ERR_BALANCER_CLOSED');
      expect(calls).toMatchObject([{ code: 'ERR_BALANCER_CLOSED' }]);
    });

    test.each<[what: string, definition: Partial<BalancerDefinition>]>([
      ['exclude', { exclude: fail }],
      ['pathRewrite', { pathRewrite: fail }],
      ['trustProxy', { trustProxy: fail }],
    ])('a function of the definition that throws: %s', async (_what, definition) => {
      const { port, calls } = await startHost({ members: [await deadUrl()], ...definition });
      const answer = await requestTarget(port, '/app/');
      expect([answer.status, answer.body]).toEqual([500, 'Error: mine']);
      expect(calls.map(String)).toEqual(['Error: mine']);
    });

    function fail(): never {
      throw new Error('mine');
    }
  });

  test('an absolute target has a mount path too', async () => {
    const backend = await startBackend('b', (_req, res) => {
      res.writeHead(302, { Location: '/next' }).end();
    });
    const { port } = await startHostOver(backend.url);
    const { headers } = await requestTarget(port, 'http://front.example/app/x?y');
    expect(headers.location).toBe(`${host.mounts ? '/app' : ''}/next`);
    expect(backend.received).toMatchObject([{ url: `${host.mounts ? '' : '/app'}/x?y` }]);
  });

  test('an error handler may take its time', async () => {
    const { port } = await startHost(
      { members: [await deadUrl()] },
      {
        async onError(error, req, res, next) {
          await turn();
          tellError(error, req, res, next);
        },
      },
    );
    expect((await requestTarget(port, '/app/')).body).toBe('ERR_BALANCER_CONNECT');
  });

  test('the host’s own error page has the status and the fields of the error', async () => {
    stopTime();
    const listener = host.build({ handlers: [['/app', create({ members: [await deadUrl()] })]] });
    const { status, headers } = await requestTarget(await serve(listener), '/app/');
    expect([status, headers['retry-after']]).toEqual([503, '60']);
  });

  test('a member that breaks off in mid-answer reaches no error handler, though it would not look at headersSent', async () => {
    const backend = await startBackend('half', (_req, res) => {
      res.writeHead(200, { 'Content-Length': '100' });
      res.write('half', () => res.destroy());
    });
    const { port, balancer, calls } = await startHostOver(backend.url);
    await expect(requestTarget(port, '/app/')).rejects.toThrow('aborted');
    await untilIdle([balancer]);
    await turn();
    expect(calls).toEqual([]);
  });

  test('a request that the app has begun to answer goes to nobody, and the app ends it', async () => {
    const backend = await startBackend();
    const before: Handler = (_req, res, next) => {
      res.writeHead(200, { 'Content-Length': '4' }).write('ab');
      next();
    };
    const onError: ErrorHandler = (_error, _req, res) => {
      res.end('cd');
    };
    const { port, calls } = await startHost({ members: [backend.url] }, { before, onError });
    expect(await requestTarget(port, '/app/')).toMatchObject({ status: 200, body: 'abcd' });
    expect(calls).toMatchObject([{ code: 'ERR_BALANCER_ANSWERED' }]);
    expect(backend.received).toEqual([]);
  });

  test('an app that answers in the meantime is not disturbed', async () => {
    const silentBackend = await startFaulty('stays silent');
    const before: Handler = (_req, res, next) => {
      void until(() => silentBackend.received.length > 0).then(() => res.end('from the app'));
      next();
    };
    const { port, balancer, calls } = await startHost(
      { members: [silentBackend.url], memberDefaults: { timeout: '3s' } },
      { before },
    );
    expect(await requestTarget(port, '/app/')).toMatchObject({ status: 200, body: 'from the app' });
    await untilIdle([balancer]);
    expect(calls).toEqual([]);
  });

  test.each([
    [true, 'https'],
    [(address: string) => address.endsWith('127.0.0.1'), 'https'],
    [(address: string) => address === '10.0.0.1', 'http'],
    [false, 'http'],
  ])(
    'trustProxy %s decides whether X-Forwarded-Proto is believed, where there is no Express',
    async (trustProxy, scheme) => {
      if (host.name.startsWith('Express')) return;
      const backend = await startBackend('b', (req, res) => {
        res.writeHead(302, { Location: `http://${req.headers.host!}/next` }).end();
      });
      const { port } = await startHost({
        members: [{ url: backend.url, route: 'b' }],
        trustProxy,
        routeCookie: true,
      });
      const { headers } = await requestTarget(port, '/app/', {
        headers: { 'X-Forwarded-Proto': 'https, http' },
      });
      expect(headers.location).toMatch(new RegExp(`^${scheme}://front.example/`));
      expect(headers['set-cookie']![0]!.includes('; Secure')).toBe(scheme === 'https');
    },
  );

  test('what is not for the balancer is handed on once, without an error', async () => {
    const { port, calls } = await startHost({ members: [await deadUrl()], exclude: () => true });
    expect((await requestTarget(port, '/app/')).status).toBe(404);
    expect(calls).toEqual([undefined]);
  });

  test('one balancer may be mounted twice', async () => {
    const backend = await startBackend('b', (req, res) => {
      res.writeHead(302, { Location: `http://${req.headers.host!}/next` }).end();
    });
    const balancer = create({ members: [backend.url] });
    const listener = host.build({
      handlers: [
        ['/one', balancer],
        ['/two', balancer],
      ],
    });
    const port = await serve(listener);
    for (const path of ['/one', '/two']) {
      const { headers } = await requestTarget(port, `${path}/x`);
      expect(headers.location).toBe(`http://front.example${host.mounts ? path : ''}/next`);
    }
    expect(balancer.view()).toMatchObject([{ elected: 2 }]);
  });

  test('a balancer may come behind itself', async () => {
    const backend = await startBackend();
    let asked = 0;
    const balancer = create({ members: [backend.url], exclude: () => (asked += 1) === 1 });
    const listener = host.build({
      handlers: [
        ['/', balancer],
        ['/', balancer],
      ],
    });
    expect(await requestTarget(await serve(listener), '/x')).toMatchObject({ status: 200, body: 'backend' });
    expect([asked, backend.received.length]).toEqual([2, 1]);
  });

  test('req.balancer is there for error handlers and for later middleware, and for nobody before', async () => {
    const seen: (BalancerFacts | undefined)[] = [];
    const look = (req: IncomingMessage): void => {
      seen.push(req.balancer && { ...req.balancer });
    };
    const { port } = await startHost(
      { name: 'app', members: [{ url: await deadUrl(), route: 'a' }], stickysession: 'SID' },
      {
        before(req, res, next) {
          look(req);
          res.once('finish', () => {
            look(req);
          });
          next();
        },
        onError(error, req, res, next) {
          look(req);
          tellError(error, req, res, next);
        },
      },
    );
    await requestTarget(port, '/app/?SID=x.a');
    await turn();
    const facts = {
      name: 'app',
      sticky: 'SID',
      route: 'a',
      memberRoute: 'a',
      routeChanged: false,
      attempts: [{ name: 'a', outcome: 'connect', code: 'ECONNREFUSED' }],
    };
    expect(seen).toMatchObject([undefined, facts, facts]);
  });

  test('a client that leaves is nobody’s error', async () => {
    const backend = await startFaulty('stays silent');
    const { port, balancer, calls } = await startHostOver(backend.url);
    const client = (await RawClient.connect(port)).send(['GET /app/ HTTP/1.1', 'Host: front.example']);
    await until(() => backend.received.length > 0);
    client.socket.destroy();
    await untilIdle([balancer]);
    expect(calls).toEqual([]);
  });
});
