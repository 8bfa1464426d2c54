export { createBalancer, type Balancer, type CloseOptions } from './balancer.ts';
export { attachUpgrades, type App } from './attach-upgrades.ts';
export { BalancerError, type BalancerErrorCode } from './errors.ts';
export { DefinitionError } from './definition/definition-error.ts';
export type { Problem } from './definition/check-definition.ts';
export type {
  BalancerDefinition,
  Duration,
  FailoverOn,
  HttpProxyMiddleware,
  Logger,
  MemberDefinition,
  MemberParameters,
  PathPattern,
  PathRewrite,
  RouteCookie,
  TlsOptions,
} from './definition/definition.ts';
export type { AttemptFacts, AttemptOutcome, BalancerFacts } from './facts.ts';
export type { MemberSnapshot } from './member/snapshot.ts';
