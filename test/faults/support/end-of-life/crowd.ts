import { once } from 'node:events';
import { Agent, request, type ClientRequest, type IncomingMessage } from 'node:http';
import { ask, hashOf, makeBody } from '../../../support/ask.ts';
import { openWebSocket } from '../../../support/websocket.ts';

/** What became of one request. `unanswered`: its connection was refused, or broke off without an answer. */
export type Fate = Readonly<{ id: string; what: 'answered' | 'refused' | 'unanswered' | 'half' }>;

/** Asks on, on a kept connection, until nobody listens there any more; tells the fate of each request. */
export async function askUntilRefused(port: number, name: string): Promise<readonly Fate[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const fates: Fate[] = [];
  for (let i = 0; ; i += 1) {
    const id = `${name}-${i}`;
    try {
      const { status, text, whole } = await ask(port, {
        agent,
        method: i % 3 === 0 ? 'POST' : 'GET',
        path: '/quick?ms=3',
        headers: { 'X-Id': id, 'Content-Length': '0' },
      });
      const isAnswer =
        status === 200 &&
        whole &&
        text === id.repeat(Math.ceil(text.length / id.length)).slice(0, text.length);
      fates.push({ id, what: isAnswer ? 'answered' : status === 503 && whole ? 'refused' : 'half' });
    } catch (error) {
      fates.push({ id, what: 'unanswered' });
      if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') break;
    }
  }
  agent.destroy();
  return fates;
}

/** An upload whose second half is sent when it is told to. */
export type Upload = Readonly<{ finish(): Promise<string> }>;

/** Begins one; `finish` tells what the member says of the body, or how it has failed. */
export async function beginUpload(port: number, id: string): Promise<Upload> {
  const body = makeBody(400_000);
  const half = body.length / 2;
  const req: ClientRequest = request({
    port,
    host: '127.0.0.1',
    method: 'POST',
    path: '/upload',
    headers: { 'X-Id': id, 'Content-Length': String(body.length) },
    agent: false,
  });
  const answered = once(req, 'response') as Promise<[IncomingMessage]>;
  answered.catch(() => undefined);
  await new Promise((resolve) => req.write(body.subarray(0, half), resolve));
  return {
    async finish() {
      req.end(body.subarray(half));
      const [res] = await answered;
      res.resume();
      await once(res, 'end');
      if (res.statusCode !== 200) return String(res.statusCode);
      return res.headers['x-hash'] === hashOf(body) ? 'whole' : 'another body';
    },
  };
}

/** A download that is read on when it is told to. */
export type Download = Readonly<{ finish(): Promise<number> }>;

/** Begins one, and reads nothing of it; `finish` tells how many bytes have come. */
export async function beginDownload(port: number, id: string, bytes: number): Promise<Download> {
  const req = request({
    port,
    host: '127.0.0.1',
    path: `/download?bytes=${bytes}`,
    headers: { 'X-Id': id },
    agent: false,
  }).end();
  const [res] = (await once(req, 'response')) as [IncomingMessage];
  return {
    async finish() {
      let count = 0;
      for await (const piece of res) count += (piece as Buffer).length;
      return count;
    },
  };
}

/** When a WebSocket was told to go, by the clock of `performance`, and with what code. */
export type Farewell = Readonly<{ at: number; code: number }>;

/** Opens so many, and tells of each when it has ended. */
export async function openMany(
  port: number,
  path: string,
  count: number,
): Promise<readonly Promise<Farewell>[]> {
  const opened = await Promise.all(Array.from({ length: count }, () => openWebSocket(port, path)));
  return opened.map(async ({ socket }) => {
    const [code] = (await once(socket, 'close')) as [number];
    return { at: performance.now(), code };
  });
}
