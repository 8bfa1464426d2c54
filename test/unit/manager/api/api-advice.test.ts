import { expect, test } from '@jest/globals';
import { adviseForApi } from '../../../../src/manager/api/api-advice.ts';

test.each([
  ['write balancer.drain(name, { deadline: … })', 'send it to POST …/members/:member/drain'],
  ["write balancer.change('app2', …)", 'send PATCH …/members/app2'],
  ["write balancer.change('http://a/', …)", 'send PATCH …/members/http%3A%2F%2Fa%2F'],
  ["write balancer.change('http://…@a/', …)", 'send PATCH …/members/:member'],
  ['write balancer.change(member, { loadfactor: … })', 'send { "loadfactor": … } to PATCH …/members/:member'],
  [
    'write balancer.change(member, { timeout: … }) or balancer.update(definition)',
    'send { "timeout": … } to PATCH …/members/:member, or write balancer.update(definition) in the program',
  ],
  [
    'write balancer.change(member, …) or balancer.update(definition)',
    'send it to PATCH …/members/:member, or write balancer.update(definition) in the program',
  ],
  ['write balancer.configure({ lbmethod: … })', 'send { "lbmethod": … } to PATCH /api/balancers/:balancer'],
  ['write balancer.add(…) or balancer.remove(…)', 'send POST …/members or DELETE …/members/:member'],
  ['write balancer.update(definition)', 'write balancer.update(definition) in the program'],
  ['write balancer.drain(name, { idle: … })', 'write balancer.drain(name, { idle: … }) in the program'],
  ['add it by balancer.add', 'add it by balancer.add in the program'],
  ['write null', 'write null'],
  ["write '1s' or more", "write '1s' or more"],
])('%s', (advice, told) => {
  expect(adviseForApi(advice)).toBe(told);
});
