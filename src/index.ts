/**
 * The balancer: `createBalancer` makes Express middleware of a definition, `attachUpgrades` sends WebSockets through the app.
 *
 * @module express-proxy-balancer
 */
export {
  createBalancer,
  type AddedName,
  type Balancer,
  type BalancerMethods,
  type CloseOptions,
} from './balancer.ts';
export { attachUpgrades, type App } from './attach-upgrades.ts';
export { BalancerError, type BalancerErrorCode, type BalancerErrorDetails } from './errors.ts';
export type { WarningCode } from './warnings/codes.ts';
export type { BalancerOptions, ConfigurableOptions } from './definition/balancer-change.ts';
export { DefinitionError, type Problem } from './definition/problem.ts';
export type {
  BalancerDefinition,
  Duration,
  Ejection,
  FailoverOn,
  HashFunction,
  HashKey,
  HttpProxyMiddleware,
  LbMethod,
  Logger,
  MethodName,
  PathPattern,
  PathQuestion,
  PathRewrite,
  PathRewriter,
  RouteCookie,
} from './definition/definition.ts';
export type { ChangeableParameters, MemberChange, MemberChangeOptions } from './definition/member-change.ts';
export type {
  HandlerMember,
  HcAnswer,
  HcExpectation,
  HcFunction,
  LocalHandler,
  MemberDefinition,
  MemberParameters,
  ServerMember,
  TlsOptions,
} from './definition/member-definition.ts';
export type { Drained, DrainOptions } from './roster/drain.ts';
export type {
  BalancerEventName,
  BalancerEvents,
  BalancerListener,
  EventOrigin,
  RequestEventOrigin,
} from './events.ts';
export type { Explanation } from './explain.ts';
export type { ChoiceReason } from './choice/choose-member.ts';
export type { Why } from './choice/explain.ts';
export type { FailureKind } from './forward/outcome.ts';
export type { Next } from './handle-request.ts';
export type { AttemptFacts, AttemptOutcome, BalancerFacts } from './facts.ts';
export type { MemberSnapshot } from './member/snapshot.ts';
export type { StatusText } from './member/status.ts';
