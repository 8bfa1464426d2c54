import { AggregatorRegistry, Registry, register, type OpenMetricsContentType } from 'prom-client';
import { createBalancer, type Balancer } from '../../src/index.ts';
import { registerMetrics, type MetricsOptions, type MetricsRegistry } from '../../src/metrics/index.ts';

// Compiled, never run: what must compile, and after each `@ts-expect-error` what must not.

declare function accept<Type>(value: Type): Type;

const balancer = createBalancer({ members: [{ url: 'http://app1/', route: 'app1' }, 'http://app2/'] });
const other = createBalancer({ members: ['http://app3/'] });

// Any registry of prom-client will do, and any list.

const unregister = registerMetrics(register, [balancer, other]);
accept<() => void>(unregister);
registerMetrics(new Registry(), [balancer]);
registerMetrics(new Registry<OpenMetricsContentType>(), new Set<Balancer>([balancer, other]));
registerMetrics(new AggregatorRegistry(), new Map([['app', balancer]]).values());
registerMetrics(register, () => [balancer, other]);
accept<MetricsRegistry>(register);
// @ts-expect-error: it is no registry
registerMetrics({}, [balancer]);
// @ts-expect-error: it is no list
registerMetrics(register, balancer);
// @ts-expect-error: there is no list
registerMetrics(register);
// @ts-expect-error: it is no balancer
registerMetrics(register, ['http://app1/']);
// @ts-expect-error: nobody waits for it
registerMetrics(register, () => Promise.resolve([balancer]));

// Options are those that there are.

registerMetrics(register, [balancer], { prefix: 'edge_', maxMembers: 50 });
accept<MetricsOptions>({});
// @ts-expect-error: it is spelt otherwise
registerMetrics(register, [balancer], { maxmembers: 50 });
// @ts-expect-error: it is a number
registerMetrics(register, [balancer], { maxMembers: '50' });
