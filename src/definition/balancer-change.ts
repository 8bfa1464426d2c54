import type { BalancerDefinition } from './definition.ts';

/** What `configure` changes: every option that does not say who the members are, or how they are connected to. */
export type ConfigurableOptions = Omit<
  BalancerDefinition,
  | 'name'
  | 'compat'
  | 'members'
  | 'memberDefaults'
  | 'proxytimeout'
  | 'httpProxyMiddleware'
  | 'logger'
  | 'upgrade'
  | 'resolver'
  | 'state'
  | 'allowMembers'
>;

/** What is to be different about a balancer. What is left out stays as it is; `null` is the option's default. */
export type BalancerOptions = {
  readonly [Name in keyof ConfigurableOptions]?: ConfigurableOptions[Name] | null;
};
