export { registerMetrics, type ListOfBalancers, type MetricsRegistry } from './register-metrics.ts';
export type { MetricsOptions } from './metrics-options.ts';
