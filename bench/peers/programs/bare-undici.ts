import type { NextFunction, Request, Response } from 'express';
import { Pool } from 'undici';
import { createApplication } from './application.ts';
import { listen } from './listening.ts';
import { createTurn, readTask } from './task.ts';

/* The plainest handler that does its duty: no failover, no stickiness, no accounting, nothing is mapped back. */

const task = readTask();
const pools = task.members.map((origin) => new Pool(origin));
const takeTurn = createTurn(task);

/** RFC 9110 7.6.1. `Expect` was answered by Node's server already. */
const hopByHop = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

await listen(createApplication(relay).server);

function relay(req: Request, res: Response, next: NextFunction): void {
  const pool = pools[takeTurn(req)]!;
  const { method } = req;
  const body = method === 'GET' || method === 'HEAD' ? null : req;
  pool.dispatch(
    { path: req.url, method, headers: listRequestFields(req), body },
    {
      onRequestStart(controller) {
        res.once('close', () => {
          if (!res.writableFinished) controller.abort(new Error('the client has left'));
        });
      },
      onResponseStart(controller, status, _headers, reason) {
        if (status >= 200) res.writeHead(status, reason, listAnswerFields(controller.rawHeaders as Buffer[]));
      },
      onResponseData(controller, chunk) {
        if (res.write(chunk)) return;
        controller.pause();
        res.once('drain', () => {
          controller.resume();
        });
      },
      onResponseEnd() {
        res.end();
      },
      onResponseError(_controller, error) {
        if (!res.destroyed) next(error);
      },
    },
  );
}

function listRequestFields({ rawHeaders, headers, socket }: Request): string[] {
  const named = listNamed(headers.connection);
  const fields: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase();
    // Host is the member's, which undici writes.
    if (name === 'host' || name === 'x-forwarded-for' || hopByHop.has(name) || named?.includes(name))
      continue;
    fields.push(name, rawHeaders[i + 1]!);
  }
  const before = headers['x-forwarded-for'];
  const address = socket.remoteAddress ?? '';
  fields.push('x-forwarded-for', before === undefined ? address : `${String(before)}, ${address}`);
  return fields;
}

function listAnswerFields(raw: readonly Buffer[]): string[] {
  const fields: string[] = [];
  let named: readonly string[] | undefined;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!.toString('latin1');
    const lowerCased = name.toLowerCase();
    if (lowerCased === 'connection') named = listNamed(raw[i + 1]!.toString('latin1'));
    if (!hopByHop.has(lowerCased)) fields.push(name, raw[i + 1]!.toString('latin1'));
  }
  if (named === undefined) return fields;
  const listed = named;
  return fields.filter((_, i) => !listed.includes(fields[i - (i % 2)]!.toLowerCase()));
}

/** What a Connection field names besides itself; undefined for the usual ones, which name nothing. */
function listNamed(connection: string | undefined): readonly string[] | undefined {
  if (connection === undefined || /^(?:keep-alive|close)$/i.test(connection)) return undefined;
  return connection.split(',').map((name) => name.trim().toLowerCase());
}
