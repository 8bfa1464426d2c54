import { BalancerError } from '../errors.ts';
import { execInTime } from './exec-in-time.ts';

/**
 * Asks a pattern of what clients send.
 *
 * @throws {BalancerError} 400 when it takes too long: httpd takes that for no match, which would let past a rule that denies.
 */
export function execPattern(pattern: RegExp, text: string): RegExpExecArray | null {
  const found = execInTime(pattern, text);
  if (found === undefined) {
    throw new BalancerError('ERR_BALANCER_BAD_REQUEST', { detail: 'a pattern takes too long over it' });
  }
  return found;
}
