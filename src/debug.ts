import createDebug from 'debug';

const root = createDebug('express-proxy-balancer');

/** What is printed for `DEBUG=express-proxy-balancer:…`, a namespace per part. */
export const debug = {
  /** What was read of a request, and what was refused. */
  request: root.extend('request'),
  /** Who was chosen, and why. */
  choice: root.extend('choice'),
  /** How attempts ended. */
  forward: root.extend('forward'),
  /** How members' states changed. */
  member: root.extend('member'),
  /** What DNS told of members, and when it is asked again. */
  discovery: root.extend('discovery'),
  /** How health checks ended. */
  health: root.extend('health'),
} as const;
