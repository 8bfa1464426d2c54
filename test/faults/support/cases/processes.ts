import { once } from 'node:events';
import { request as askSlowly, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { until } from '../../../support/idle.ts';
import type { MemberProcess } from '../member-process.ts';
import type { Execution } from './executor.ts';
import type { RequestCase } from './requests.ts';

/** What a member in a process of its own has told of the requests it has begun. */
export function executionsOfProcess({ begun }: MemberProcess): readonly Execution[] {
  return begun.map((line) => ({ id: line.slice(line.indexOf(' ') + 1), hash: undefined }));
}

/** An answer whose head has come, and that nobody reads on. */
export async function askForHead(
  port: number,
  path: string,
  { asked: { method = 'GET', body } }: RequestCase,
): Promise<IncomingMessage> {
  const req = askSlowly({ port, path, method, headers: { 'X-Id': 'slow' }, agent: false });
  req.on('error', () => undefined);
  req.end(body);
  const [res] = (await once(req, 'response')) as [IncomingMessage];
  return res.pause();
}

/** Reads an answer on, to whatever end; tells whether that is its own. */
export async function readOn(res: IncomingMessage): Promise<'whole' | 'cut'> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  res.on('error', () => undefined);
  res.on('close', () => {
    resolve(undefined);
  });
  res.resume();
  await promise;
  return res.complete ? 'whole' : 'cut';
}

/** Takes every descriptor that a member has left; returns what gives them back. */
export async function exhaust(
  { port }: MemberProcess,
  mostDescriptors: number,
): Promise<() => Promise<unknown>> {
  const sockets = new Set<Socket>();
  let dropped = 0;
  for (let i = 0; i < 2 * mostDescriptors; i += 1) {
    const socket = connect(port, '127.0.0.1');
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => (dropped += 1));
  }
  await until(() => dropped >= mostDescriptors);
  return () =>
    Promise.all(
      [...sockets].map(async (socket) => {
        if (!socket.closed) await once(socket.destroy(), 'close');
      }),
    );
}
