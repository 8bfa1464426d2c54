import { describe, expect, test } from '@jest/globals';
import type { HcAnswer } from '../../../src/definition/member-definition.ts';
import { judgeProbe } from '../../../src/health/judge-probe.ts';
import type { ProbeResult } from '../../../src/health/probe.ts';
import { buildHealth } from './support.ts';

function answered(status: number, body = '', headers: HcAnswer['headers'] = {}): ProbeResult {
  return { kind: 'answered', answer: { status, headers, body } };
}

describe('a check', () => {
  test.each([
    [200, true],
    [204, true],
    [302, true],
    [399, true],
    [199, false],
    [400, false],
    [404, false],
    [503, false],
  ])('that is answered with %i passes unless told otherwise: %s', (status, passed) => {
    expect(judgeProbe(answered(status), buildHealth())).toEqual({ passed, why: String(status) });
  });

  // K8
  test('passes with 404 where 2xx to 4xx are expected', () => {
    const health = buildHealth({ isExpected: ({ status }) => status >= 200 && status < 500 });
    expect(judgeProbe(answered(404), health)).toEqual({ passed: true, why: '404' });
    expect(judgeProbe(answered(500), health)).toEqual({ passed: false, why: '500' });
  });

  // K7
  test('fails for what stands in the body', () => {
    const health = buildHealth({ readsBody: true, isExpected: ({ body }) => !body.includes('maint') });
    expect(judgeProbe(answered(200, 'in maintenance'), health)).toEqual({
      passed: false,
      why: '200, but the answer does not match',
    });
    expect(judgeProbe(answered(200, 'fine'), health)).toEqual({ passed: true, why: '200' });
  });

  test('names the status alone where that is bad by itself', () => {
    const health = buildHealth({ readsBody: true, isExpected: () => false });
    expect(judgeProbe(answered(503, 'fine'), health)).toEqual({ passed: false, why: '503' });
  });

  test('can look at the headers', () => {
    const health = buildHealth({ isExpected: ({ headers }) => headers['x-ready'] === 'yes' });
    expect(judgeProbe(answered(200, '', { 'x-ready': 'yes' }), health).passed).toBe(true);
    expect(judgeProbe(answered(200), health).passed).toBe(false);
  });

  test('of the connection passes when there is one', () => {
    expect(judgeProbe({ kind: 'connected' }, buildHealth({ request: undefined }))).toEqual({
      passed: true,
      why: 'connected',
    });
  });

  test('that has failed says why, whatever is expected', () => {
    const cause = new Error('no connection: ECONNREFUSED');
    expect(judgeProbe({ kind: 'failed', cause }, buildHealth({ isExpected: () => true }))).toEqual({
      passed: false,
      why: 'no connection: ECONNREFUSED',
    });
  });
});

describe('a function of the user', () => {
  const judgeBy = (isExpected: () => unknown): unknown =>
    // What JavaScript may hand in, and TypeScript would not.
    judgeProbe(answered(200), buildHealth({ readsBody: true, isExpected: isExpected as () => boolean }));

  test.each<[string, () => unknown, string]>([
    [
      'throws',
      () => {
        throw new TypeError('no such field');
      },
      'hcexpect threw TypeError: no such field',
    ],
    [
      'throws what is no error',
      () => {
        throw Object.create(null);
      },
      'hcexpect threw an object',
    ],
    ['returns nothing', () => undefined, 'hcexpect returned nothing instead of true or false'],
    ['returns what is only truthy', () => 1, 'hcexpect returned 1 instead of true or false'],
    [
      'is async and fails',
      () => Promise.reject(new Error('later')),
      'hcexpect returned a Promise instead of true or false',
    ],
  ])('that %s fails the check, and the definition is at fault', (_name, isExpected, why) => {
    expect(judgeBy(isExpected)).toEqual({ passed: false, why, isMistake: true });
  });

  test('that is async and fails does not end the process', async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown): unknown => unhandled.push(error);
    process.on('unhandledRejection', note);
    judgeBy(() => Promise.reject(new Error('later')));
    await new Promise((resolve) => setTimeout(resolve, 10));
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });
});
