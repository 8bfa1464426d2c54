import { afterEach, describe, expect, test } from '@jest/globals';
import { createBalancer, type Balancer, type BalancerDefinition } from '../../../src/index.ts';
import { execInTime } from '../../../src/patterns/exec-in-time.ts';
import { createPatternWatch, type PatternSettings } from '../../../src/patterns/pattern-watch.ts';

const open: Balancer[] = [];
afterEach(() => Promise.all(open.splice(0).map((balancer) => balancer.close())));

function createTold(definition: Omit<BalancerDefinition, 'members'>) {
  const told: string[] = [];
  const warn = (...words: unknown[]): void => void told.push(words.join(' '));
  const logger = { info: () => undefined, warn, error: () => undefined };
  const balancer: Balancer = createBalancer({
    name: 'shop',
    members: [{ url: 'http://a.test/', route: 'a' }],
    ...definition,
    logger,
  });
  open.push(balancer);
  return { told, balancer };
}

describe('at createBalancer', () => {
  test.each<[where: string, definition: Omit<BalancerDefinition, 'members'>]>([
    ['routeregex', { stickysession: 'SID', routeregex: /^(\w+\s?)+$/ }],
    ['exclude', { exclude: ['/x', /^(\w+\s?)+$/] }],
    ['pathRewrite', { pathRewrite: { '^(\\w+\\s?)+$': '/' } }],
    ['httpProxyMiddleware.pathRewrite', { httpProxyMiddleware: { pathRewrite: { '^(\\w+\\s?)+$': '/' } } }],
  ])(
    'a %s that a client could have us try for ever is warned of, with what to write',
    (where, definition) => {
      const { told } = createTold(definition);
      expect(told).toHaveLength(1);
      expect(told[0]).toContain(`[shop] ${where}: /^(\\w+\\s?)+$/ takes for ever over`);
      expect(told[0]).toContain('such as a+ for (a+)+');
    },
  );

  test('patterns that are all right are not, nor functions and texts', () => {
    const { told } = createTold({
      stickysession: 'SID',
      routeregex: /!(.*)$/,
      exclude: ['/x', /^\/(?:a|b)+\/$/, () => false],
      pathRewrite: (path) => path,
    });
    expect(told).toEqual([]);
  });
});

test('a change warns of what it brings, and of nothing again', () => {
  const { told, balancer } = createTold({ exclude: [/^\/(a+)+$/] });
  balancer.configure({ timeout: 10 });
  expect(told).toHaveLength(1);
  balancer.configure({ exclude: [/^\/(a+)+$/, /^\/(?:b|b)+$/] });
  expect(told).toHaveLength(2);
  expect(told[1]).toContain('(?:b|b)+');
});

test('what only traffic shows is warned of then, once', () => {
  const told: string[] = [];
  const watch = createPatternWatch((words) => void told.push(words));
  const pattern = /^.*a.*b.*c.*d$/;
  const settings: PatternSettings = {
    sticky: undefined,
    exclude: [pattern],
    pathRewrite: undefined,
    httpProxyMiddleware: undefined,
  };
  watch.follow(settings);
  const text = 'abc'.repeat(1_300);
  expect(execInTime(pattern, text)).toBeUndefined();
  watch.follow(settings);
  expect(execInTime(pattern, text)).toBeUndefined();
  expect(told).toEqual([
    expect.stringMatching(/^exclude: .* was given up over 3900 letters of a client's: .* 400/),
  ]);
});
