import type { BalancerDefinition, MemberParameters } from '../../src/index.ts';
import { hashOf } from './ask.ts';
import { startBackend, type Backend } from './backend.ts';
import { startToldFront, type ToldFront } from './stories.ts';

/** A front over two members: `a`, which every request tries first, and `b`, which serves when `a` does not. */
export function startPair(
  first: string,
  second: string,
  definition: Partial<BalancerDefinition> = {},
  parametersOfFirst: MemberParameters = {},
): Promise<ToldFront> {
  return startToldFront({
    ...definition,
    members: [
      { url: first, route: 'a', retry: 0, ...parametersOfFirst },
      { url: second, route: 'b', lbset: 1 },
    ],
  });
}

/** A healthy backend that says what it was sent. */
export function startHashing(): Promise<Backend> {
  return startBackend('b', (_req, res, { body }) => {
    res.setHeader('X-Hash', hashOf(body));
    res.end('b');
  });
}
