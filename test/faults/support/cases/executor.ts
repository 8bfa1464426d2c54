import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { listen, type Backend, type Place } from '../../../support/backend.ts';

/** A request whose head has come, told by its `X-Id`. */
export type Execution = { readonly id: string; hash: string | undefined };

/** A member that tells what it executes. */
export type Executor = Readonly<{
  backend: Backend;
  url: string;
  /** Each request once, in the order in which their heads came. */
  executions: readonly Execution[];
}>;

/** What a member does when a request's head has come; `whole` resolves when its body has. */
type Answering = (req: IncomingMessage, res: ServerResponse, whole: Promise<string>) => void;

/** Starts one; without an `answer` it is well, and says its name and the hash of what it was sent. */
export async function startExecutor(
  name: string,
  answer: Answering = answerWell,
  place: Place = {},
): Promise<Executor> {
  const executions: Execution[] = [];
  const server: Server = createServer((req, res) => {
    const execution: Execution = { id: String(req.headers['x-id']), hash: undefined };
    executions.push(execution);
    const { promise, resolve } = Promise.withResolvers<string>();
    const hash = createHash('sha256');
    res.setHeader('X-Member', name);
    answer(req, res, promise);
    // Whoever has ended the connection, or will not read, has no body to come.
    if (req.socket.destroyed || req.isPaused()) return;
    req.on('data', (chunk: Buffer) => hash.update(chunk));
    req.on('end', () => {
      execution.hash = hash.digest('hex');
      resolve(execution.hash);
    });
  });
  // None of them idles longer than a test.
  server.keepAliveTimeout = 60_000;
  const backend = await listen(server, [], () => 0, place);
  return { backend, url: backend.url, executions };
}

function answerWell(_req: IncomingMessage, res: ServerResponse, whole: Promise<string>): void {
  void whole.then((hash) => {
    res.setHeader('X-Hash', hash);
    res.end(`executed ${hash}`);
  });
}
