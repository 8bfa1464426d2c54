import type { BalancerDefinition } from '../../src/index.ts';
import { createBalancer } from '../../src/index.ts';
import { expectFailover, expectServed, expectStatus, startMembers, watch } from '../../src/testing/index.ts';

// Compiled, never run: what must compile, and after each `@ts-expect-error` what must not.

declare function accept(value: unknown): void;

const two = await startMembers(2);
two.app1.hang();
two[1].hang();
// @ts-expect-error there are two
accept(two.app3);
// @ts-expect-error there are two
accept(two[2]);

const named = await startMembers(['blue', 'green']);
named.green.fail(503, { times: 1 });
// @ts-expect-error a member of that name is not there
accept(named.red);
const balancer = createBalancer({ members: named.definitions });
await expectStatus(balancer, { blue: 'E' });
// @ts-expect-error a member of that name is not there
await expectStatus(balancer, { red: 'E' });
expectServed(named, { blue: 1 });
// @ts-expect-error a member of that name is not there
expectServed(named, { red: 1 });
expectFailover(await watch(balancer, 'request').next(), ['blue', 'green']);
expectFailover(await watch(balancer, 'request').next(), [named.blue, 'green', named.green]);
// @ts-expect-error a member of that name is not there
expectFailover(await watch(balancer, 'request').next(), [named.blue, two.app1]);
// @ts-expect-error a member of that name is not there
expectFailover(await watch(balancer, 'request').next(), ['blue', 'red']);
// @ts-expect-error an event of that name is not there
watch(balancer, 'requests');

const handled = await startMembers({ shop: (_req, res) => res.end('shop') });
handled.shop.hang();
// @ts-expect-error a member of that name is not there
accept(handled.app1);

const count: number = named.length;
const some = await startMembers(count);
for (const member of some) member.hang();
some[0]?.hang();
export const definition: BalancerDefinition = { members: some.definitions };
