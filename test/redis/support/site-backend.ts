import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen, type Backend, type Place } from '../../support/backend.ts';

/** A backend that only counts: a load leaves nothing else behind. */
export type SiteBackend = Backend &
  Readonly<{
    /** Checks that have come, by the worker that says it sends them. */
    checks(): Readonly<Record<string, number>>;
    /** Requests for `/held` that are not answered yet. */
    held(): number;
    /** Answers them, and those that come. */
    release(): void;
  }>;

/** The header by which a worker says that a check is its own. */
export const checkHeader = 'x-checked-by';

export async function startSiteBackend(name: string, place: Place = {}): Promise<SiteBackend> {
  const checks: Record<string, number> = {};
  const held = new Set<ServerResponse>();
  let connections = 0;
  let isOpen = false;

  function answer(req: IncomingMessage, res: ServerResponse): void {
    const checkedBy = req.headers[checkHeader];
    if (typeof checkedBy === 'string') checks[checkedBy] = (checks[checkedBy] ?? 0) + 1;
    if (req.url === '/held' && !isOpen) {
      held.add(res);
      res.once('close', () => held.delete(res));
      return;
    }
    res.setHeader('X-Backend', name).end(name);
  }

  const server = createServer(answer);
  server.keepAliveTimeout = 0;
  server.on('connection', () => {
    connections += 1;
  });
  const backend = await listen(server, [], () => connections, place);
  return Object.assign(backend, {
    checks: () => checks,
    held: () => held.size,
    release() {
      isOpen = true;
      for (const res of held) res.end(name);
    },
  });
}
