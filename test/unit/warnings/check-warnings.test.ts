import { describe, expect, test } from '@jest/globals';
import { createBalancer, type BalancerDefinition } from '../../../src/index.ts';
import { warningCodes } from '../../../src/warnings/codes.ts';
import { build, linesFor } from '../definition/support.ts';

describe('warnings', () => {
  test.each<[BalancerDefinition['warnings'], readonly string[]]>([
    [undefined, []],
    [true, []],
    [{}, []],
    [{ WARN_BALANCER_TRUST_PROXY: true }, []],
    [{ WARN_BALANCER_TRUST_PROXY: false }, ['WARN_BALANCER_TRUST_PROXY']],
    [false, warningCodes],
  ])('%j silences %j', (warnings, silenced) => {
    const settings = build(warnings === undefined ? {} : { warnings });
    expect([...settings.silenced]).toEqual(silenced);
  });

  test('are silent where there is no logger, so that nobody looks', () => {
    expect([...build({ logger: false, warnings: true }).silenced]).toEqual(warningCodes);
  });

  test.each<[unknown, string]>([
    [
      { WARN_BALANCER_TRUST_PROXI: false },
      'warnings.WARN_BALANCER_TRUST_PROXI is false: there is no such warning; write WARN_BALANCER_TRUST_PROXY',
    ],
    [
      { trustProxy: false },
      'warnings.trustProxy is false: there is no such warning; write WARN_BALANCER_TRUST_PROXY',
    ],
    [
      { 'cookie-domain': false },
      "warnings['cookie-domain'] is false: there is no such warning; write WARN_BALANCER_COOKIE_DOMAIN",
    ],
    [
      { xForwardedForHeader: false },
      'warnings.xForwardedForHeader is false: there is no such warning; leave it out; docs/troubleshooting.md lists them',
    ],
    [
      { WARN_BALANCER_COOKIE_PATH: 'off' },
      "warnings.WARN_BALANCER_COOKIE_PATH is 'off': it must be true or false; write false",
    ],
    [
      'WARN_BALANCER_COOKIE_PATH',
      "warnings is 'WARN_BALANCER_COOKIE_PATH': it must be a record of options; write false, or { WARN_BALANCER_COOKIE_PATH: false }",
    ],
    [
      'off',
      "warnings is 'off': it must be a record of options; write false, or { WARN_BALANCER_TRUST_PROXY: false }",
    ],
  ])('%j is wrong', (warnings, line) => {
    expect(linesFor({ warnings })).toEqual([line]);
  });

  test.each(['warning', 'validate'])('are offered to who writes %s', (word) => {
    expect(linesFor({ [word]: false })).toEqual([
      `${word} is false: there is no such option; write warnings`,
    ]);
  });

  test('can be changed while the balancer runs, and nothing of a wrong change holds', async () => {
    const balancer = createBalancer({ members: ['http://a.test'], logger: false });
    balancer.configure({ warnings: { WARN_BALANCER_TRUST_PROXY: false } });
    expect(() => {
      // @ts-expect-error: there is no such warning
      balancer.configure({ warnings: { WARN_BALANCER_TRUST: false } });
    }).toThrow('write WARN_BALANCER_TRUST_PROXY');
    await balancer.close();
  });
});
