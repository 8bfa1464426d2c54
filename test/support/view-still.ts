import type { MemberSnapshot } from '../../src/index.ts';
import type { Front } from './front.ts';

/** A view without what time alone changes. */
export function viewStill({
  balancer,
}: Pick<Front, 'balancer'>): readonly Omit<MemberSnapshot, 'responseMs' | 'retryInMs'>[] {
  return balancer.view().map(({ responseMs: _mean, retryInMs: _due, ...still }) => still);
}
