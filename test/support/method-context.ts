import type { IncomingMessage } from 'node:http';
import type { MethodContext } from '../../src/choice/method.ts';

/** What a method may look at, for a request about which nothing is known. */
export function buildContext(now: number, overrides: Partial<MethodContext> = {}): MethodContext {
  // A method that looks at more of a request than its headers is handed one.
  const req: unknown = { headers: {} };
  return { now, random: () => 0.5, req: req as IncomingMessage, ...overrides };
}
