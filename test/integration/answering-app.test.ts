import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { ErrorRequestHandler, Express, RequestHandler } from 'express';
import type { BalancerError } from '../../src/index.ts';
import { startBackend, startRawBackend, type Backend } from '../support/backend.ts';
import { senders, type FrontOptions } from '../support/front.ts';
import { isIdle, tidyUp, until } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';
import { startToldFront, type ToldFront } from '../support/stories.ts';
import { onHeaders } from '../support/wrappers.ts';

afterEach(tidyUp);

describe.each(senders)('over %s', (_name, sender) => {
  /** A front over `a`, which every request tries first, and `b`; both have a say on the next request of a client. */
  async function startPairOf(
    first: Backend,
    options: FrontOptions,
    definition: object = {},
  ): Promise<Readonly<{ front: ToldFront; client: RawClient; other: Backend }>> {
    const other = await startBackend('b');
    const front = await startToldFront(
      {
        ...sender,
        ...definition,
        members: [
          { url: first.url, route: 'a' },
          { url: other.url, route: 'b', lbset: 1 },
        ],
      },
      options,
    );
    return { front, client: await RawClient.connect(front.port), other };
  }

  describe('an app that has begun its answer before the balancer gets the request', () => {
    const ways: readonly (readonly [string, (res: ServerResponse) => unknown, string])[] = [
      [
        'with a head',
        (res) => {
          res.writeHead(200, { 'Content-Length': '4' }).flushHeaders();
        },
        'done',
      ],
      ['with some of its body', (res) => res.write('well '), 'well done'],
      ['with all of it', (res) => res.end('well done'), 'well done'],
    ];
    const requests = [
      ['GET', ['Host: a'], ''],
      ['POST', ['Host: a', 'Content-Length: 5'], 'hello'],
      ['POST', ['Host: a', 'Transfer-Encoding: chunked'], '5\r\nhello\r\n0\r\n\r\n'],
    ] as const;

    describe.each(ways)('%s', (_way, begin, body) => {
      test.each(requests)(
        'keeps its %s from every member, and hears of it: %j',
        async (method, fields, sent) => {
          const member = await startBackend('a');
          const errors: BalancerError[] = [];
          const endIt: ErrorRequestHandler = (error: BalancerError, req, res, _next) => {
            errors.push(error);
            req.resume();
            if (!res.writableEnded) res.end('done');
          };
          const { front, client, other } = await startPairOf(member, {
            before: (app) =>
              app.use((req, res, next) => {
                if (req.path === '/begun') begin(res);
                next();
              }),
            after: (app) => app.use(endIt),
          });

          const begun = await client.ask([`${method} /begun HTTP/1.1`, ...fields], sent);
          const next = await client.ask(['GET /next HTTP/1.1', 'Host: a']);

          expect([begun.status, begun.body]).toEqual([200, body]);
          expect(errors).toMatchObject([
            {
              name: 'BalancerError',
              code: 'ERR_BALANCER_ANSWERED',
              status: 500,
              expose: false,
              attempts: [],
            },
          ]);
          expect([next.status, next.body]).toEqual([200, 'a']);
          expect([member.begun, other.begun]).toEqual([['GET /next'], []]);
          expect(front.member('a')).toMatchObject({ elected: 1, busy: 0 });
        },
      );
    });
  });

  describe('an app that answers while the member thinks', () => {
    /** Tells the responses of the app's requests to whoever waits for them. */
    function lend(): Readonly<{ lending: RequestHandler; lent: Promise<ServerResponse> }> {
      const { promise: lent, resolve } = Promise.withResolvers<ServerResponse>();
      const lending: RequestHandler = (req, res, next) => {
        if (req.path === '/slow') resolve(res);
        next();
      };
      return { lending, lent };
    }

    /** A member that has been asked for `/slow` is told how to go on. */
    async function startThinking(): Promise<Readonly<{ member: Backend; asked: Promise<ServerResponse> }>> {
      const { promise: asked, resolve } = Promise.withResolvers<ServerResponse>();
      const member = await startBackend('a', (req, res) => {
        if (req.url === '/slow') resolve(res);
        else res.end('a');
      });
      return { member, asked };
    }

    const requests = [
      ['GET', ['Host: a'], ''],
      ['PUT', ['Host: a', 'Content-Length: 5'], 'hello'],
    ] as const;

    test.each(requests)('has the last word: %s', async (method, fields, sent) => {
      const { member, asked } = await startThinking();
      const { lending, lent } = lend();
      const { front, client, other } = await startPairOf(member, { before: (app) => app.use(lending) });

      client.send([`${method} /slow HTTP/1.1`, ...fields], sent);
      const late = await asked;
      const isOver = once(late, 'close');
      (await lent).writeHead(503, { 'Content-Length': '8' }).end('too slow');

      expect(await client.readAnswer()).toMatchObject({ status: 503, body: 'too slow' });
      // Nobody wants the member's any more.
      await isOver;
      await until(() => isIdle(front));
      expect((await client.ask(['GET /next HTTP/1.1', 'Host: a'])).body).toBe('a');
      expect(front.stories()).toEqual(['a client-gone', 'a answered 200']);
      expect([front.errors, other.begun]).toEqual([[], []]);
      expect(front.member('a').inError).toBe(false);
    });

    /** What becomes of a member whose client the app has begun to answer. */
    const ends: readonly (readonly [string, (late: ServerResponse) => unknown])[] = [
      ['answers', (late) => late.end('late')],
      ['answers with an error', (late) => late.writeHead(500).end('late')],
      ['answers with what failoverOn lists', (late) => late.writeHead(502).end('late')],
      [
        'hints',
        (late) => {
          late.writeEarlyHints({ link: '</a>; rel=preload' });
        },
      ],
      ['switches', (late) => late.socket!.write('HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n')],
      ['resets', (late) => late.socket!.resetAndDestroy()],
      ['breaks off', (late) => late.socket!.end('HTTP/1.1 200 OK\r\nX-Half')],
      ['sends a head that cannot be written', (late) => late.socket!.write('HTTP/1.1 200 O\x01K\r\n\r\n')],
    ];

    test.each(ends)('and is not done yet when the member %s, is not disturbed', async (_what, end) => {
      const { member, asked } = await startThinking();
      const { lending, lent } = lend();
      const { front, client, other } = await startPairOf(
        member,
        { before: (app) => app.use(lending) },
        { failoverOn: [502], proxyerroroverride: [500] },
      );

      client.send(['GET /slow HTTP/1.1', 'Host: a']);
      const late = await asked;
      const res = await lent;
      res.writeHead(503, { 'Content-Length': '8' }).write('too ');
      end(late);
      await until(() => isIdle(front));
      res.end('slow');

      expect(await client.readAnswer()).toMatchObject({ status: 503, body: 'too slow', interims: [] });
      expect((await client.ask(['GET /next HTTP/1.1', 'Host: a'])).body).toMatch(/^[ab]$/);
      expect(front.stories()[0]).toBe('a client-gone');
      expect(front.errors).toEqual([]);
      expect(other.begun).not.toContain('GET /slow');
    });

    test('leaves a member that is in the middle of its answer alone when it is too late', async () => {
      const member = await startRawBackend((socket) => {
        socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n');
      });
      const { lending, lent } = lend();
      const { front, client, other } = await startPairOf(member, { before: (app) => app.use(lending) });

      client.send(['GET /slow HTTP/1.1', 'Host: a']);
      const res = await lent;
      await until(() => res.headersSent);
      res.end('bye');

      expect(await client.readAnswer()).toMatchObject({ status: 200, body: 'halfbye' });
      await until(() => isIdle(front));
      expect([front.errors, other.begun]).toEqual([[], []]);
    });
  });

  describe('an app that throws when it hears of the head', () => {
    const code = (error: Error, name: string): Error => Object.assign(error, { code: name });
    const mistakes: readonly (readonly [string, unknown])[] = [
      ['an error of its own', new Error('the session store is down')],
      ['a mistake', new TypeError("Cannot read properties of undefined (reading 'id')")],
      ['an error with a code', code(new Error('connect'), 'ECONNREFUSED')],
      ['an error of Node’s', code(new Error('Cannot set headers'), 'ERR_HTTP_HEADERS_SENT')],
    ];

    test.each(mistakes)('%s: hears of it once, and no other member is asked', async (_what, error) => {
      const member = await startBackend('a');
      const listen = (app: Express): unknown =>
        app.use(
          onHeaders(() => {
            throw error;
          }),
        );
      const { front, client, other } = await startPairOf(member, { before: listen });

      const answer = await client.ask(['GET / HTTP/1.1', 'Host: a']);

      expect(answer.status).toBe(502);
      expect(front.errors).toMatchObject([{ code: 'ERR_BALANCER_BAD_ANSWER', status: 502 }]);
      expect(front.errors[0]!.cause).toBe(error);
      expect([member.begun, other.begun]).toEqual([['GET /'], []]);
      expect(front.stories()).toEqual([expect.stringMatching(/^a bad-answer\b/)]);
      expect(front.member('a')).toMatchObject({ inError: false, busy: 0 });
    });

    test('something that is no error: hears of that', async () => {
      const member = await startBackend('a');
      const listen = (app: Express): unknown =>
        app.use(
          onHeaders(() => {
            // eslint-disable-next-line @typescript-eslint/only-throw-error -- as careless apps do
            throw 'no error';
          }),
        );
      const { front, client, other } = await startPairOf(member, { before: listen });

      expect((await client.ask(['GET / HTTP/1.1', 'Host: a'])).status).toBe(502);
      expect(front.errors).toMatchObject([{ cause: { message: 'no error' } }]);
      expect(other.begun).toEqual([]);
    });

    test('every time: cannot have an error page, and its client is not left waiting', async () => {
      const member = await startBackend('a');
      const listen = (app: Express): unknown =>
        app.use((_req, res, next) => {
          res.writeHead = () => {
            throw new Error('always');
          };
          next();
        });
      const { front, client, other } = await startPairOf(member, {
        before: listen,
        after: (app) =>
          app.use(((_error, _req, res, _next) => {
            res.destroy();
          }) satisfies ErrorRequestHandler),
      });

      client.send(['GET / HTTP/1.1', 'Host: a']);

      expect(await client.readRest()).toBe('');
      await until(() => isIdle(front));
      expect(other.begun).toEqual([]);
    });
  });
});
