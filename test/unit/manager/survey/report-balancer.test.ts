import { describe, expect, test } from '@jest/globals';
import { buildSettings } from '../../../../src/definition/build-settings.ts';
import { readDefinition } from '../../../../src/definition/check-definition.ts';
import type { BalancerDefinition } from '../../../../src/index.ts';
import { reportBalancer } from '../../../../src/manager/survey/report-balancer.ts';
import { createTally } from '../../../../src/tally/create-tally.ts';

function report(options: Omit<BalancerDefinition, 'members'>, paths: readonly string[] = []) {
  const members = [{ url: 'http://a:1', route: 'a' }];
  const definition = readDefinition({ ...options, members });
  const tally = createTally().balancer;
  tally.noteEnd(200, undefined, 1);
  tally.noteEnd(undefined, undefined, 1);
  tally.noteEnd(503, 'ERR_BALANCER_NO_MEMBER', 1);
  return reportBalancer(buildSettings(definition, { hostname: 'here', instance: 'x' }), {
    id: 'app~2',
    definition,
    paths,
    waiting: 1,
    inFlight: 3,
    tally,
    rate: 0.5,
    members: [],
  });
}

describe('the report of a balancer', () => {
  test('has its settings, and counts what has ended', () => {
    expect(report({ name: 'app' })).toEqual({
      id: 'app~2',
      name: 'app',
      paths: [],
      lbmethod: 'byrequests',
      stickysession: undefined,
      routeCookie: undefined,
      nofailover: false,
      forcerecovery: true,
      maxattempts: undefined,
      timeout: 0,
      options: {},
      waiting: 1,
      queueLength: 1000,
      inFlight: 3,
      requests: 3,
      errors: 1,
      rate: 0.5,
      members: [],
    });
  });

  test.each<[options: Omit<BalancerDefinition, 'members'>, reported: object]>([
    [{ stickysession: 'S' }, { stickysession: 'S' }],
    [{ stickysession: 'S|s' }, { stickysession: 'S|s' }],
    [
      { routeCookie: { name: 'R', secret: 'x' } },
      { routeCookie: 'R', options: { routeCookie: { name: 'R', secret: '…' } } },
    ],
    [
      { timeout: '1500ms', maxattempts: 0 },
      { timeout: 1.5, maxattempts: 0, options: { timeout: '1500ms', maxattempts: 0 } },
    ],
    [{ lbmethod: ([first]) => first }, { lbmethod: 'function', options: { lbmethod: 'function' } }],
  ])('of %j tells %j', (options, reported) => {
    expect(report(options)).toMatchObject(reported);
  });

  test('cuts mount paths that a client has made long', () => {
    const [path] = report({}, [`/${'x'.repeat(9_999)}`]).paths;
    expect(path).toHaveLength(200);
  });
});
