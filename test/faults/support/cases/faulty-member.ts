import { createServer, type Socket } from 'node:net';
import { deadUrl, listen } from '../../../support/backend.ts';
import { startExecutor, type Execution, type Executor } from './executor.ts';
import type { Progress } from './rule.ts';

/** A member that fails requests: a row of the matrix. */
export type FaultCase = Readonly<{
  /** `a member that …` */
  does: string;
  progress: Progress;
  /** What a client is told when nobody else may be asked. */
  code: 'ERR_BALANCER_CONNECT' | 'ERR_BALANCER_RESET' | 'ERR_BALANCER_TIMEOUT' | 'ERR_BALANCER_BAD_ANSWER';
  /** It shows by nothing but its time. */
  isSilent?: boolean;
  start(): Promise<FaultyMember>;
}>;

export type FaultyMember = Readonly<{ url: string; executions: readonly Execution[] }>;

type Failing = (socket: Socket) => unknown;

/** What a member answers, counted and chunked; a client that has the whole of it has ten digits. */
export const answers = {
  counted: 'HTTP/1.1 200 OK\r\nX-Member: a\r\nContent-Length: 10\r\n\r\n0123456789',
  chunked:
    'HTTP/1.1 200 OK\r\nX-Member: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n0123\r\n6\r\n456789\r\n0\r\n\r\n',
} as const;

/** How far a client gets with the first bytes of an answer. */
export function progressOf(answer: string, bytes: number): Progress {
  if (bytes < answer.indexOf('\r\n\r\n') + 4) return 'read';
  return bytes < answer.length ? 'begun' : 'answered';
}

export async function startRefusing(): Promise<FaultyMember> {
  return { url: await deadUrl(), executions: [] };
}

/** Does something about each connection, and reads none. */
export async function startDeaf(fail: Failing): Promise<FaultyMember> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    fail(socket.pause());
  });
  const { url } = await listen(server, [], () => 0);
  return { url, executions: [] };
}

/** Does something as soon as a request's head has come, and reads on only if that resumes. */
export function startHasty(fail: Failing, readsOn = false): Promise<Executor> {
  return startExecutor('a', (req) => {
    if (!readsOn) req.pause();
    fail(req.socket);
  });
}

/** Reads a request whole, and does something then. */
export function startLate(fail: Failing): Promise<Executor> {
  return startExecutor('a', (req, _res, whole) => {
    void whole.then(() => fail(req.socket));
  });
}

/** Writes a text byte by byte, each on its own. */
export function drip(socket: Socket, text: string): void {
  let next = 0;
  socket.setNoDelay(true);
  const write = (): void => {
    if (next === text.length || socket.destroyed) return;
    socket.write(text[next]!, 'latin1', () => setImmediate(write));
    next += 1;
  };
  write();
}
