export { createBalancer, type Balancer, type CloseOptions } from './balancer.ts';
export { attachUpgrades, type App } from './attach-upgrades.ts';
export { BalancerError, type BalancerErrorCode } from './errors.ts';
export { DefinitionError, type Problem } from './definition/problem.ts';
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
