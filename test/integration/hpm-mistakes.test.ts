import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import type { Response } from 'express';
import { ask } from '../support/ask.ts';
import { startBackend } from '../support/backend.ts';
import { startHandler } from '../support/handler.ts';
import { startHpmFront } from '../support/hpm.ts';
import { tidyUp, until } from '../support/idle.ts';

afterEach(tidyUp);

describe('what listeners may do wrong', () => {
  test.each([
    ['throws', 'start', 400],
    ['throws', 'proxyReq', 400],
    ['throws', 'proxyRes', 502],
    ['rejects', 'start', 400],
    ['rejects', 'proxyReq', 400],
    ['rejects', 'proxyRes', 502],
  ] as const)('a listener that %s at %s fails its request, and nothing else', async (how, event, status) => {
    // One that rejects does so before this has answered.
    const backend = await startHandler((_req, res) => {
      if (event === 'proxyRes') res.write('half');
    });
    const listener =
      how === 'throws'
        ? () => {
            throw new Error('a bug');
          }
        : () => Promise.reject(new Error('a bug'));
    const front = await startHpmFront([backend.url], { on: { [event]: listener } });
    const told = await ask(front.port);
    // The head has gone by the time that a promise tells.
    if (how === 'rejects' && event === 'proxyRes') expect(told).toMatchObject({ whole: false });
    else expect(told).toMatchObject({ status, text: expect.stringContaining('a bug') as unknown });
  });

  test('a listener may answer by itself, and end the request to the member', async () => {
    const backend = await startBackend();
    const front = await startHpmFront([backend.url], {
      on: {
        proxyReq(proxyReq, _req, res) {
          (res as Response).status(401).json({ who: 'are you' });
          proxyReq.destroy();
        },
      },
    });
    expect(await ask(front.port)).toMatchObject({ status: 401, text: '{"who":"are you"}' });
    expect(backend.received).toEqual([]);
    expect(front.member('a').status).toBe('');
  });

  test('a listener that ends the request to the member is nobody else’s failure', async () => {
    const backend = await startBackend();
    const front = await startHpmFront([backend.url], {
      on: { proxyReq: (proxyReq) => void proxyReq.destroy(new Error('not this one')) },
    });
    expect(await ask(front.port)).toMatchObject({
      status: 400,
      text: expect.stringContaining('not this one') as unknown,
    });
    expect(front.member('a').status).toBe('');
  });

  test.each([
    ['request', (req: IncomingMessage) => req.destroy(), 400],
    ['request, for a reason', (req: IncomingMessage) => req.destroy(new Error('mine')), 400],
    ['response', (_req: IncomingMessage, res: ServerResponse) => res.destroy(), 400],
    ['connection', (req: IncomingMessage) => req.socket.destroy(), 502],
  ] as const)('a listener cannot take the client’s %s away from the app', async (_what, end, status) => {
    const backend = await startBackend();
    const front = await startHpmFront([backend.url], {
      on: { proxyReq: (_proxyReq, req, res) => void end(req, res) },
    });
    expect(await ask(front.port)).toMatchObject({ status });
  });

  test('a listener’s mistake in the middle of an answer cuts it off, and nothing else', async () => {
    const backend = await startBackend();
    const front = await startHpmFront([backend.url], {
      on: {
        proxyRes(proxyRes) {
          proxyRes.on('data', () => {
            throw new Error('a bug');
          });
        },
      },
    });
    expect(await ask(front.port)).toMatchObject({ status: 200, whole: false });
  });

  test('a mistake that comes when all is over is a warning', async () => {
    const backend = await startBackend();
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const front = await startHpmFront([backend.url], {
      on: {
        proxyRes(_proxyRes, _req, res) {
          res.on('finish', () => {
            throw new Error('a bug');
          });
        },
      },
    });
    expect(await ask(front.port)).toMatchObject({ status: 200, whole: true });
    await until(() => warn.mock.calls.length > 0);
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('a bug'), expect.anything());
    warn.mockRestore();
  });

  test('their own listeners are not left on the client’s request, response or server', async () => {
    const backend = await startBackend();
    const counts: number[] = [];
    const front = await startHpmFront(
      [backend.url],
      {
        on: {
          proxyReq(_proxyReq, req, res) {
            for (const event of ['close', 'error', 'end']) {
              req.on(event, () => undefined);
              res.on(event, () => undefined);
            }
            req.socket.setTimeout(10_000);
            req.socket.on('close', () => undefined);
          },
        },
      },
      {
        before: (app) =>
          void app.use((req, res, next) => {
            const count = (): number =>
              [req, res, req.socket, front.server]
                .flatMap((emitter) =>
                  ['error', 'end', 'close', 'timeout', 'upgrade'].map((e) => emitter.listenerCount(e)),
                )
                .reduce((sum, each) => sum + each);
            const before = count();
            res.on('finish', () => counts.push(count() - before));
            next();
          }),
      },
    );
    await ask(front.port);
    // The one that the balancer itself has there, to hear that the client has left.
    expect(counts).toEqual([1]);
  });
});
