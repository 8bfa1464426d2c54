import { ask, hashOf, makeBody, type Told } from './ask.ts';
import { startBackend, type Backend } from './backend.ts';
import { until } from './idle.ts';

/** An answer under load, and what it should have said. */
export type Exchange = Readonly<{ path: string; told: Told; expected: string }>;

/** Requests that follow each other until they are stopped. */
export type Traffic = Readonly<{
  /** Resolves when so many more have been answered. */
  goesOn(more?: number): Promise<void>;
  /** Resolves with all that were asked. */
  stop(): Promise<readonly Exchange[]>;
}>;

/** A body of each size that matters: within one packet, and beyond what is kept for replay. */
const bodies = [makeBody(1_000), makeBody(100_000)];

/** GETs and POSTs side by side, each of its own path, as many at a time. */
export function startTraffic(port: number, parallel = 4, headers: Record<string, string> = {}): Traffic {
  const exchanges: Exchange[] = [];
  let count = 0;
  let isOver = false;

  async function loop(): Promise<void> {
    while (!isOver) {
      const path = `/${count++}`;
      const body = count % 2 === 0 ? undefined : bodies[(count >> 1) % 2];
      const told = await ask(port, { path, headers, ...(body && { method: 'POST', body }) });
      exchanges.push({ path, told, expected: hashOf(body ?? Buffer.alloc(0)) });
    }
  }

  const loops = Array.from({ length: parallel }, loop);
  return {
    async goesOn(more = 20) {
      const before = exchanges.length;
      await until(() => exchanges.length >= before + more);
    },
    async stop() {
      isOver = true;
      await Promise.all(loops);
      return exchanges;
    },
  };
}

/** A backend that says what it was sent, and who it is. */
export function startEcho(name: string): Promise<Backend> {
  return startBackend(name, (_req, res, { body }) => {
    res.setHeader('X-Backend', name);
    // A turn later, so that requests are under way when something changes.
    setImmediate(() => res.end(hashOf(body)));
  });
}

/** What went wrong: requests that were not answered with what they should be, or executed not once. */
export function findFaults(exchanges: readonly Exchange[], backends: readonly Backend[]): readonly string[] {
  const executions = new Map<string, number>();
  for (const { url } of backends.flatMap(({ received }) => received)) {
    executions.set(url, (executions.get(url) ?? 0) + 1);
  }
  return exchanges.flatMap(({ path, told, expected }) => {
    const times = executions.get(path) ?? 0;
    const isRight = told.status === 200 && told.text === expected && told.whole && times === 1;
    return isRight ? [] : [`${path}: ${told.status} ${told.text}, executed ${times} times`];
  });
}

/** Who has answered, and how often. */
export function countServers(exchanges: readonly Exchange[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { told } of exchanges) {
    const name = String(told.headers['x-backend']);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
