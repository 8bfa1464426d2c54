import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import type { BalancerEvents, LocalHandler } from '../../src/index.ts';
import { ask, hashOf, makeBody } from '../support/ask.ts';
import { deadUrl, startBackend } from '../support/backend.ts';
import { senders } from '../support/front.ts';
import { tidyUp, until } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';
import { startToldFront } from '../support/stories.ts';
import {
  closeWebSockets,
  openWebSocket,
  readRefusal,
  startChat,
  startUpgradeFront,
} from '../support/websocket.ts';

afterEach(async () => {
  closeWebSockets();
  await tidyUp();
});

const sayHere: LocalHandler = (_req, res) => {
  res.end('here');
};

/** Reads the body whole, however it comes, and answers with what it was. */
const hashBody: LocalHandler = async (req, res) => {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  res.end(hashOf(Buffer.concat(chunks)));
};

/** The same with listeners alone, which do not make a stream flow that was paused. */
const hashByListeners: LocalHandler = (req, res) => {
  const chunks: Buffer[] = [];
  req.on('data', (chunk: Buffer) => chunks.push(chunk));
  req.on('end', () => res.end(hashOf(Buffer.concat(chunks))));
};

describe('a handler as a member', () => {
  test('answers as any middleware does, as often as its share says', async () => {
    const backend = await startBackend('there');
    const front = await startToldFront(
      {
        members: [
          {
            handler: (req: express.Request, res: express.Response) => {
              res.status(201).set('X-Path', req.path).json({ base: req.baseUrl, url: req.originalUrl });
            },
            route: 'here',
          },
          { url: backend.url, route: 'there' },
        ],
      },
      { mount: '/m' },
    );

    const answers = [];
    for (let i = 0; i < 4; i += 1) answers.push(await ask(front.port, { path: '/m/x?y' }));

    expect(answers.map(({ status }) => status)).toEqual([201, 200, 201, 200]);
    expect(answers[0]!.headers['x-path']).toBe('/x');
    expect(JSON.parse(answers[0]!.text)).toEqual({ base: '/m', url: '/m/x?y' });
    expect(front.member('here')).toMatchObject({ elected: 2, busy: 0, inError: false });
  });

  test.each([
    ['iterates', hashBody],
    ['listens', hashByListeners],
  ])('gets the body of a request whole when it %s', async (_how, handler) => {
    const front = await startToldFront({ members: [{ handler }] });
    const body = makeBody(300_000);

    for (const chunked of [false, true]) {
      const told = await ask(front.port, { method: 'POST', body, chunked });
      expect(told.text).toBe(hashOf(body));
    }
  });

  test('stands by until all others are down, and is not asked any more when one is back', async () => {
    const backend = await startBackend('there');
    const front = await startToldFront({
      members: [
        { url: backend.url, retry: 0 },
        {
          handler: (_req, res) => {
            res.statusCode = 503;
            res.end('Back in a minute.');
          },
          status: '+H',
        },
      ],
    });
    for (let i = 0; i < 3; i += 1) expect((await ask(front.port)).text).toBe('there');

    await backend.stop();
    for (let i = 0; i < 3; i += 1) {
      expect(await ask(front.port)).toMatchObject({ status: 503, text: 'Back in a minute.' });
    }
    await backend.start();

    expect((await ask(front.port)).text).toBe('there');
    expect(front.errors).toEqual([]);
  });

  test('keeps the sessions that are bound to it', async () => {
    const backend = await startBackend('there');
    const front = await startToldFront({
      stickysession: 'SID',
      members: [
        { url: backend.url, route: 'there' },
        { handler: sayHere, route: 'here', status: 'N' },
      ],
    });

    for (let i = 0; i < 3; i += 1) {
      expect((await ask(front.port, { headers: { Cookie: 'SID=x.here' } })).text).toBe('here');
      expect((await ask(front.port)).text).toBe('there');
    }
  });

  test('is told of by req.balancer, by events, and by explain', async () => {
    const dead = await deadUrl();
    const seen: unknown[] = [];
    const attempts: BalancerEvents['attempt'][] = [];
    const failovers: BalancerEvents['failover'][] = [];
    const front = await startToldFront(
      {
        members: [
          { url: dead, route: 'dead' },
          {
            handler: (_req, res) => {
              res.statusCode = 202;
              res.end('here');
            },
            route: 'here',
            status: 'hot-standby',
          },
        ],
      },
      {
        before(app) {
          app.use((req, res, next) => {
            res.on('finish', () => seen.push(req.balancer?.attempts.map((each) => ({ ...each }))));
            next();
          });
          app.get('/why', (req, res) => {
            res.json(front.balancer.explain(req));
          });
        },
      },
    );
    front.balancer.on('attempt', (event) => attempts.push(event));
    front.balancer.on('failover', (event) => failovers.push(event));

    await ask(front.port);

    const lines = [
      { name: 'dead', member: dead, outcome: 'connect', status: undefined, code: 'ECONNREFUSED' },
      { name: 'here', member: 'local:here', outcome: 'answered', status: 202, code: undefined },
    ];
    expect(seen).toMatchObject([lines]);
    await until(() => attempts.length === 2);
    expect(attempts.map(({ attempt }) => attempt)).toMatchObject(lines);
    expect(failovers).toMatchObject([{ from: 'dead', to: 'here', outcome: 'connect' }]);
    expect(front.stories()).toEqual(['dead connect ECONNREFUSED, here answered 202']);
    const why = JSON.parse((await ask(front.port, { path: '/why' })).text) as unknown;
    expect(why).toMatchObject({
      member: 'here',
      members: [
        { name: 'dead', why: 'in-error' },
        { name: 'here', why: 'method', url: 'local:here' },
      ],
    });
  });

  test('serves no more than its max', async () => {
    const held: ServerResponse[] = [];
    const front = await startToldFront({
      members: [{ handler: (_req, res) => void held.push(res), route: 'here', max: 1 }],
    });
    const answers = [ask(front.port), ask(front.port)];
    await until(() => held.length === 1 && front.stories().length === 2);
    expect(front.member('here').busy).toBe(1);

    held[0]!.end('first');
    await until(() => held.length === 2);
    expect(front.member('here').busy).toBe(1);
    held[1]!.end('second');

    expect((await Promise.all(answers)).map(({ text }) => text).toSorted()).toEqual(['first', 'second']);
    await until(() => front.member('here').busy === 0);
  });

  test('is drained and removed like any other, and added', async () => {
    const held: ServerResponse[] = [];
    const front = await startToldFront({
      members: [{ handler: (_req, res) => void held.push(res), route: 'here' }],
    });
    const answer = ask(front.port);
    await until(() => held.length === 1);

    expect(front.balancer.add({ handler: sayHere })).toBe('handler');
    expect(front.balancer.add({ handler: sayHere })).toBe('handler-2');
    const drained = front.balancer.drain('here');
    const removed = front.balancer.remove('here');
    for (let i = 0; i < 4; i += 1) expect((await ask(front.port)).text).toBe('here');
    held[0]!.end('done');

    expect((await answer).text).toBe('done');
    await Promise.all([drained, removed]);
    expect(front.balancer.view().map(({ name, elected }) => [name, elected])).toEqual([
      ['handler', 2],
      ['handler-2', 2],
    ]);
  });

  test('is another function after an update', async () => {
    const front = await startToldFront({ members: [{ handler: sayHere, route: 'here' }] });
    await ask(front.port);

    front.balancer.update({
      members: [{ handler: (_req, res) => void res.end('anew'), route: 'here' }],
    });

    expect((await ask(front.port)).text).toBe('anew');
    expect(front.member('here').elected).toBe(2);
  });

  test('is free when its client has left', async () => {
    const held: ServerResponse[] = [];
    const front = await startToldFront({
      members: [{ handler: (_req, res) => void held.push(res), route: 'here' }],
    });
    const client = await RawClient.connect(front.port);
    client.send(['GET / HTTP/1.1', 'Host: a']);
    await until(() => held.length === 1);

    client.socket.destroy();

    await until(() => front.member('here').busy === 0);
    expect(front.stories()).toEqual(['here client-gone']);
    // What it does afterwards is its own affair.
    held[0]!.end('too late');
    expect(front.errors).toEqual([]);
  });

  test('is free when it breaks off its answer', async () => {
    const front = await startToldFront({
      members: [
        {
          handler: (_req, res) => {
            res.write('half', () => res.destroy());
          },
          route: 'here',
        },
      ],
    });

    expect((await ask(front.port)).whole).toBe(false);

    await until(() => front.member('here').busy === 0);
  });

  test('is cut at the deadline of the balancer', async () => {
    const front = await startToldFront({
      deadline: '50ms',
      members: [{ handler: () => undefined, route: 'here' }],
    });

    await expect(ask(front.port)).rejects.toThrow('socket hang up');

    expect(front.stories()).toEqual(['here deadline']);
    expect(front.member('here').busy).toBe(0);
  });

  test('ends with the balancer', async () => {
    let asked = 0;
    const front = await startToldFront({ members: [{ handler: () => void (asked += 1), route: 'here' }] });
    const answer = ask(front.port).catch(() => 'cut');
    await until(() => asked === 1);

    await front.balancer.close();

    expect(await answer).toBe('cut');
    expect(front.member('here').busy).toBe(0);
  });

  test('is back from an error once it has answered', async () => {
    const front = await startToldFront({
      forcerecovery: false,
      members: [{ handler: sayHere, route: 'here', status: 'E' }],
    });

    expect((await ask(front.port)).text).toBe('here');

    await until(() => front.member('here').status === '');
  });
});

describe.each(senders)('a handler behind a member that fails, over %s', (_name, sender) => {
  test.each([
    ['iterates', hashBody],
    ['listens', hashByListeners],
    ['parses', parse],
  ])('gets the body whole after a refused connection, when it %s', async (_how, handler) => {
    const front = await startToldFront({
      ...sender,
      members: [await deadUrl(), { handler, route: 'here', status: 'H' }],
    });
    const body = makeBody(200_000);

    for (const chunked of [false, true]) {
      expect((await ask(front.port, { method: 'POST', body, chunked })).text).toBe(hashOf(body));
    }

    expect(front.errors).toEqual([]);
  });

  test('answers a GET that another has failed', async () => {
    const faulty = await startBackend('faulty', (req) => req.socket.destroy());
    const front = await startToldFront({
      ...sender,
      members: [faulty.url, { handler: sayHere, status: 'H' }],
    });

    expect((await ask(front.port)).text).toBe('here');
  });

  test('does not get a POST that another may have executed', async () => {
    let asked = 0;
    const faulty = await startBackend('faulty', (req) => req.socket.destroy());
    const front = await startToldFront({
      ...sender,
      members: [faulty.url, { handler: () => void (asked += 1), status: 'H' }],
    });

    expect((await ask(front.port, { method: 'POST', body: Buffer.from('x') })).status).toBe(502);
    expect(asked).toBe(0);
  });

  test('is not asked when the other has read some of the body: it would find it gone', async () => {
    const faulty = await startBackend('faulty', (req) => req.socket.destroy());
    const front = await startToldFront({
      ...sender,
      members: [faulty.url, { handler: sayHere, status: 'H' }],
    });

    const answer = await ask(front.port, { method: 'PUT', body: makeBody(1_000) });
    expect(answer).toMatchObject({ status: 502, code: 'ERR_BALANCER_RESET' });
  });
});

/** A parser of Express's before the answer. */
function parse(req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void): void {
  const parser = express.raw({ type: () => true, limit: '1mb' }) as unknown as LocalHandler;
  parser(req, res, (error?: unknown) => {
    if (error !== undefined) next(error);
    else res.end(hashOf((req as IncomingMessage & { body: Buffer }).body));
  });
}

describe('what a handler does not answer', () => {
  const later: RequestHandler = (req, res) => {
    res.setHeader('X-Outcome', String(req.balancer?.attempts.at(-1)?.outcome)).end('later');
  };

  test.each<readonly [what: string, handler: LocalHandler]>([
    [
      'at once',
      (_req, _res, next) => {
        next();
      },
    ],
    [
      'later',
      (_req, _res, next) => {
        setImmediate(next);
      },
    ],
    [
      'twice',
      (_req, _res, next) => {
        next();
        next();
      },
    ],
    [
      'and then throws',
      (_req, _res, next) => {
        next();
        throw new Error('after next');
      },
    ],
    [
      'in a promise',
      async (_req, _res, next) => {
        await Promise.resolve();
        next();
      },
    ],
  ])('leads to later middleware, once: next() %s', async (_when, handler) => {
    const front = await startToldFront(
      { members: [{ handler, route: 'here' }] },
      { after: (app) => app.use(later) },
    );

    const told = await ask(front.port, { method: 'POST', body: Buffer.from('x') });

    expect([told.status, told.text, told.headers['x-outcome']]).toEqual([200, 'later', 'passed-on']);
    expect(front.errors).toEqual([]);
    expect(front.member('here').busy).toBe(0);
  });

  test('leaves the body to later middleware', async () => {
    const front = await startToldFront(
      {
        members: [
          {
            handler: (_req, _res, next) => {
              next();
            },
          },
        ],
      },
      { after: (app) => app.use(parse as RequestHandler) },
    );
    const body = makeBody(100_000);

    expect((await ask(front.port, { method: 'POST', body })).text).toBe(hashOf(body));
  });

  test.each<readonly [what: string, handler: LocalHandler]>([
    [
      'next(error)',
      (_req, _res, next) => {
        next(new Error('mine'));
      },
    ],
    [
      'next(error) twice',
      (_req, _res, next) => {
        next(new Error('mine'));
        next(new Error('other'));
      },
    ],
    [
      'a throw',
      () => {
        throw new Error('mine');
      },
    ],
    [
      'a rejected promise',
      async () => {
        await Promise.resolve();
        throw new Error('mine');
      },
    ],
    [
      'next(error), then a rejection',
      async (_req, _res, next) => {
        next(new Error('mine'));
        await Promise.resolve();
        throw new Error('other');
      },
    ],
  ])('leads to the error handler, once: %s', async (_what, handler) => {
    const errors: unknown[] = [];
    const page: ErrorRequestHandler = (error: Error, _req, res, _next) => {
      errors.push(error.message);
      res.status(500).end(error.message);
    };
    const front = await startToldFront(
      { members: [{ handler, route: 'here' }] },
      { after: (app) => app.use(page) },
    );

    expect(await ask(front.port)).toMatchObject({ status: 500, text: 'mine' });
    expect(await ask(front.port)).toMatchObject({ status: 500, text: 'mine' });

    expect(errors).toEqual(['mine', 'mine']);
    expect(front.member('here')).toMatchObject({ busy: 0, inError: false });
    expect(front.stories()).toEqual(Array(2).fill('here passed-on'));
  });

  test('is nobody else’s: no other member is asked', async () => {
    const backend = await startBackend('there');
    const front = await startToldFront(
      {
        members: [
          {
            handler: (_req, _res, next) => {
              next();
            },
          },
          { url: backend.url, lbset: 1 },
        ],
      },
      { after: (app) => app.use(later) },
    );

    expect((await ask(front.port)).text).toBe('later');
    expect(backend.received).toEqual([]);
  });
});

describe('an upgrade', () => {
  test('is answered by a handler like any request', async () => {
    const front = await startUpgradeFront({
      members: [
        {
          handler: (_req, res) => {
            res.statusCode = 426;
            res.end('no sockets here');
          },
          route: 'here',
        },
      ],
    });

    expect(await readRefusal(front.port)).toMatchObject({ status: 426, body: 'no sockets here' });
    await until(() => front.member('here').busy === 0);
  });

  test('goes to the member of its session, and to a handler that stands by', async () => {
    const chat = await startChat('chat');
    const front = await startUpgradeFront({
      stickysession: 'SID',
      members: [
        { url: chat.url, route: 'chat' },
        { handler: (_req, res) => void res.writeHead(503).end('sorry'), route: 'here', status: 'H' },
      ],
    });

    const { socket } = await openWebSocket(front.port, '/?SID=x.chat');
    socket.close();
    await once(socket, 'close');
    await chat.stop();

    expect(await readRefusal(front.port, '/?SID=x.chat')).toMatchObject({ status: 503, body: 'sorry' });
  });
});
