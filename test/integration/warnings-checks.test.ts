import { afterEach, describe, expect, test } from '@jest/globals';
import type { BalancerDefinition } from '../../src/index.ts';
import { ask } from '../support/ask.ts';
import { startBackend } from '../support/backend.ts';
import { startFront, type Front } from '../support/front.ts';
import { tidyUp, until } from '../support/idle.ts';

afterEach(tidyUp);

/** Two backends that have no /health, and what is logged of them. */
async function startWithoutHealth(definition: Partial<BalancerDefinition> = {}) {
  const answer: Parameters<typeof startBackend>[1] = (req, res) => {
    res.statusCode = req.url === '/health' ? 404 : 200;
    res.end();
  };
  const backends = [await startBackend('a', answer), await startBackend('b', answer)];
  const lines: string[] = [];
  const logger = { ...console, warn: (line: string) => void lines.push(line) };
  const front: Front = await startFront({
    name: 'shop',
    logger,
    members: backends.map(({ url }) => url),
    memberDefaults: { hcmethod: 'GET', hcuri: '/health', hcinterval: '100ms' },
    ...definition,
  });
  const checks = (): number => Math.min(...backends.map(({ received }) => received.length));
  return { backends, lines, front, checks };
}

describe('checks that all members fail by the same answer', () => {
  test('are warned of once, with what was asked, while requests go on', async () => {
    const { lines, front, checks } = await startWithoutHealth();
    await until(() => lines.length > 0);
    expect(checks()).toBeGreaterThanOrEqual(2);
    expect(lines[0]).toMatch(/^\[shop\] the health checks of all members fail alike.* has answered 404\b/);
    expect(lines[0]).toMatch(/http:\/\/127\.0\.0\.1:\d+\/health'/);
    expect(lines[0]).toMatch(/\(WARN_BALANCER_CHECKS_FAIL\), see .*#warn_balancer_checks_fail$/);
    expect(front.balancer.view().map(({ status }) => status)).toEqual(['C', 'C']);
    const before = checks();
    await until(() => checks() > before + 1);
    expect(lines).toHaveLength(1);
    expect((await ask(front.port)).status).toBe(200);
  });

  test.each<[string, Partial<BalancerDefinition>]>([
    ['where it is switched off', { warnings: { WARN_BALANCER_CHECKS_FAIL: false } }],
    ['where the check is right', { memberDefaults: { hcmethod: 'GET', hcuri: '/', hcinterval: '100ms' } }],
  ])('are not, %s', async (_where, definition) => {
    const { lines, checks } = await startWithoutHealth(definition);
    await until(() => checks() > 3);
    expect(lines).toEqual([]);
  });
});

describe('Retry-After of a 503, where checks bring members back', () => {
  test('is the time to the next check, not that of the retry', async () => {
    const { backends, front } = await startWithoutHealth({
      memberDefaults: { hcmethod: 'TCP', hcinterval: 20, hcpasses: 2 },
    });
    await Promise.all(backends.map((backend) => backend.stop()));
    const { status, headers } = await ask(front.port);
    expect([status, headers['retry-after']]).toEqual([503, '40']);
  });
});
