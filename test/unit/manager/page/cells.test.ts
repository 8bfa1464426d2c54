import { expect, test } from '@jest/globals';
import { listCells } from '../../../../src/manager/page/cells.ts';
import { makeBalancer, makeHealth, makeMember, makeReport, reportedAt } from './make-report.ts';

// A member that is up counts failed checks only, one that is down passed ones.
test.each([
  ['a member that is up, and passes', true, 0, 0, 'passes'],
  ['a member that is up, and has failed once', false, 0, 1, 'failed 1 of 3'],
  ['a member that is down, and fails', false, 0, 0, 'fails'],
  ['a member that is down, and has passed once', true, 1, 0, 'passed 1 of 2'],
])('health of %s', (_what, isPassed, passed, failed, text) => {
  const last = { at: reportedAt - 1_000, passed: isPassed, why: '200' };
  const member = makeMember('app1', { health: { ...makeHealth(), passed, failed, last } });
  const cells = listCells(makeReport({ balancers: [makeBalancer('shop', [member])] }));
  expect(cells.get('m/shop/app1/health')).toEqual({ text, kind: isPassed ? 'ok' : 'bad' });
});

test('health before the first check', () => {
  const member = makeMember('app1', { health: { ...makeHealth(), last: undefined } });
  const cells = listCells(makeReport({ balancers: [makeBalancer('shop', [member])] }));
  expect(cells.get('m/shop/app1/health')).toEqual({ text: 'no check yet', kind: 'none' });
});
