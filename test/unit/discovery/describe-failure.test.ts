import { expect, test } from '@jest/globals';
import { describeFailure } from '../../../src/discovery/describe-failure.ts';
import type { Question } from '../../../src/discovery/dns-answer.ts';

function describe(
  code: string,
  resolve: Question['resolve'] = 'A',
  resolver: readonly string[] = [],
): string {
  const error = Object.assign(new Error(`queryA ${code} app.internal`), { code });
  return describeFailure(error, { name: 'app.internal', resolve }, resolver);
}

test('a failure is told in words, with the code, the name and what to check', () => {
  expect(describe('ENOTFOUND')).toBe(
    'DNS knows no such name (queryA ENOTFOUND app.internal); ' +
      'check that it is whole, since search domains are not tried, and that a server is up behind it',
  );
});

test.each([
  ['ENODATA', 'A', "whether resolve: 'SRV' is meant"],
  ['ENODATA', 'SRV', "whether resolve: 'A' is meant"],
  ['ETIMEOUT', 'A', "check that the system's DNS servers can be reached"],
  ['ECONNREFUSED', 'A', "check that the system's DNS servers can be reached"],
  ['EBADNAME', 'A', 'check the host in url'],
  ['ESERVFAIL', 'A', "check what the system's DNS servers answer"],
] as const)('%s for %s says: %s', (code, resolve, advice) => {
  expect(describe(code, resolve)).toContain(advice);
});

test('the servers that were asked are named where the definition names them', () => {
  expect(describe('ETIMEOUT', 'A', ['10.0.0.53', '[::1]:5353'])).toContain(
    'check that 10.0.0.53, [::1]:5353 can be reached',
  );
});
