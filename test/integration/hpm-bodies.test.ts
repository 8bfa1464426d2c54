import type { IncomingMessage } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import express from 'express';
import { fixRequestBody } from 'http-proxy-middleware';
import { ask, makeBody, type Asked } from '../support/ask.ts';
import { deadUrl, startBackend } from '../support/backend.ts';
import { startHpmFront } from '../support/hpm.ts';
import { tidyUp } from '../support/idle.ts';

afterEach(tidyUp);

const json: Asked = {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: Buffer.from('{"a":1}'),
};
const parse = { before: (app: express.Express) => void app.use(express.json()) };

describe('a body', () => {
  test('that a parser has read is sent once, with and without fixRequestBody', async () => {
    const backend = await startBackend();
    for (const on of [{ proxyReq: fixRequestBody }, {}]) {
      const front = await startHpmFront([backend.url], { on }, parse);
      await ask(front.port, json);
    }
    expect(backend.received.map(({ body }) => body.toString())).toEqual(['{"a":1}', '{"a":1}']);
  });

  test('may be changed by a listener and written with fixRequestBody', async () => {
    const backend = await startBackend();
    const front = await startHpmFront(
      [await deadUrl(), backend.url],
      {
        on: {
          proxyReq(proxyReq, req) {
            const { body } = req as IncomingMessage & { body: Record<string, unknown> };
            body['injected'] = 'server-only';
            fixRequestBody(proxyReq, req);
          },
        },
      },
      parse,
    );
    expect(await ask(front.port, json)).toMatchObject({ status: 200 });
    expect(backend.received.map(({ body }) => body.toString())).toEqual(['{"a":1,"injected":"server-only"}']);
  });

  test('that fixRequestBody refuses is the client’s fault', async () => {
    const backend = await startBackend();
    const front = await startHpmFront(
      [backend.url],
      {
        on: {
          proxyReq(proxyReq, req) {
            proxyReq.setHeader('Content-Type', 'multipart/form-data; boundary=x');
            fixRequestBody(proxyReq, req);
          },
        },
      },
      parse,
    );
    const told = await ask(front.port, { ...json, body: Buffer.from('{"a":"--x"}') });
    expect(told).toMatchObject({ status: 400, code: 'ERR_BALANCER_BAD_REQUEST' });
    expect(front.member('a').status).toBe('');
  });

  test('of a listener’s own takes the place of one that nobody has read', async () => {
    const backend = await startBackend();
    const front = await startHpmFront([backend.url], {
      on: {
        proxyReq(proxyReq) {
          proxyReq.setHeader('Content-Length', '3');
          proxyReq.write('own');
        },
      },
    });
    for (const chunked of [false, true]) {
      await ask(front.port, { method: 'POST', body: makeBody(1000), chunked });
    }
    expect(backend.received.map(({ body }) => body.toString())).toEqual(['own', 'own']);
    expect(backend.received[1]!.headers).not.toHaveProperty('transfer-encoding');
  });
});
