/** What is warned of, in a few words each. */
const warnings = {
  WARN_BALANCER_CREATED_PER_REQUEST: 'balancers of one definition are created again and again',
  WARN_BALANCER_BODY_CONSUMED: 'a body was read before, and is lost',
  WARN_BALANCER_BODY_REMADE: 'a body was read before, and was made again from what a parser left',
  WARN_BALANCER_TRUST_PROXY: 'requests come through another proxy that nobody is said to trust',
  WARN_BALANCER_DOUBLED_PATH: 'a member was asked for its own path twice, and has no such page',
  WARN_BALANCER_UNKNOWN_ROUTE: 'a session names a route that no member has',
  WARN_BALANCER_NO_ROUTE: 'sessions are to stick, and a member has no route',
  WARN_BALANCER_COOKIE_WITHOUT_ROUTE: 'the session cookie of a member names no member',
  WARN_BALANCER_COOKIE_DOMAIN: 'the session cookie is for another host than the one that was asked for',
  WARN_BALANCER_COOKIE_PATH: 'the session cookie is for other paths than the mount path',
  WARN_BALANCER_COOKIE_SECURE: 'the session cookie is for https only, and was sent by http',
  WARN_BALANCER_INTERNAL_REDIRECT: 'a redirect leads past the balancer to a member',
  WARN_BALANCER_CHECKS_FAIL: 'all members fail their health checks by the same answer, and always have',
  WARN_BALANCER_UPGRADE_NOT_ATTACHED: 'a WebSocket came as a plain request',
  WARN_BALANCER_UPGRADE_CONTESTED: 'upgrades have two takers',
  WARN_BALANCER_SLOW_PATTERN: 'a pattern takes too long over what clients send',
} as const;

/** A code of a warning; codes do not change between versions. */
export type WarningCode = keyof typeof warnings;

/** Every code. */
export const warningCodes = Object.keys(warnings) as readonly WarningCode[];
