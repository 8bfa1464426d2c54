import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import express5, { type RequestHandler } from 'express';
import type { Body } from '../../../src/request/body.ts';
import { readBody, type ConsumedBody } from '../../../src/request/read-body.ts';

// The same package under another name: it has no types of its own.
export const express4 = createRequire(import.meta.url)('express4') as typeof express5;

export const application = { json: 'application/json', form: 'application/x-www-form-urlencoded' } as const;

export type Parsed = IncomingMessage & { rawBody?: unknown; body?: unknown };
type Sent = Readonly<{ headers?: Readonly<Record<string, string>>; body: string | Uint8Array }>;

/** What `readBody` says of a request after these middlewares. */
export async function readAfter(
  middlewares: readonly RequestHandler[],
  { headers = {}, body }: Sent,
  express: typeof express5 = express5,
): Promise<Body | ConsumedBody> {
  let read: Body | ConsumedBody | undefined;
  const app = express();
  app.use(...middlewares, (req, res) => {
    read = readBody(req, 1024);
    if (read.kind === 'stream') read.discard();
    res.end();
  });
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body });
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
  return read!;
}

export async function bytesAfter(
  middlewares: readonly RequestHandler[],
  sent: Sent,
  express = express5,
): Promise<string> {
  const body = await readAfter(middlewares, sent, express);
  return body.kind === 'bytes' ? body.bytes.toString('latin1') : body.kind;
}
