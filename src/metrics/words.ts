import type { BalancerErrorCode } from '../errors.ts';
import type { BalancerEvents } from '../events.ts';

// Records rather than lists, so that the compiler misses a name that is missing.

/** The value of `reason` for each code of an error. */
export const errorWords: Readonly<Record<BalancerErrorCode, string>> = {
  ERR_BALANCER_BAD_REQUEST: 'bad_request',
  ERR_BALANCER_UNSUPPORTED_CODING: 'unsupported_coding',
  ERR_BALANCER_LOOP: 'loop',
  ERR_BALANCER_BODY_CONSUMED: 'body_consumed',
  ERR_BALANCER_ANSWERED: 'answered',
  ERR_BALANCER_NO_MEMBER: 'no_member',
  ERR_BALANCER_NO_FAILOVER: 'no_failover',
  ERR_BALANCER_OVERLOAD: 'overload',
  ERR_BALANCER_LBMETHOD: 'lbmethod',
  ERR_BALANCER_CONNECT: 'connect',
  ERR_BALANCER_CONNECT_TIMEOUT: 'connect_timeout',
  ERR_BALANCER_TIMEOUT: 'timeout',
  ERR_BALANCER_DEADLINE: 'deadline',
  ERR_BALANCER_RESET: 'reset',
  ERR_BALANCER_BAD_ANSWER: 'bad_answer',
  ERR_BALANCER_MEMBER_STATUS: 'member_status',
  ERR_BALANCER_CLOSED: 'closed',
};

/** The value of `event` for each thing that happens in the queue. */
export const queueWords: Readonly<Record<BalancerEvents['queue']['what'], string>> = {
  waiting: 'waiting',
  served: 'served',
  expired: 'expired',
  refused: 'refused',
  left: 'left',
};
