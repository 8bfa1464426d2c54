/**
 * Metrics of balancers for a registry of `prom-client`.
 *
 * @module express-proxy-balancer/metrics
 */
export { registerMetrics, type ListOfBalancers, type MetricsRegistry } from './register-metrics.ts';
export type { MetricsOptions } from './metrics-options.ts';
