import { describe, expect, test } from '@jest/globals';
import type { DefinitionError } from '../../../src/index.ts';
import type { Deed } from '../../../src/changes/change.ts';
import { readChangeForm } from '../../../src/changes/read-form.ts';
import { catchError } from '../../support/catch-error.ts';
import { minute } from './support.ts';

const read = (kind: Deed['kind'], fields: Record<string, string>) =>
  readChangeForm(kind, { balancer: 'app', member: 'a', token: 't', ...fields });

const setOf = (kind: Deed['kind'], fields: Record<string, string>): unknown =>
  (read(kind, fields).deed as { set?: unknown }).set;

describe('a form', () => {
  test.each<readonly [kind: Deed['kind'], fields: Record<string, string>, set: unknown]>([
    ['change', { loadfactor: '2', 'was.loadfactor': '1' }, { loadfactor: 2 }],
    ['change', { loadfactor: '1.5', 'was.loadfactor': '1' }, { loadfactor: 1.5 }],
    ['change', { loadfactor: '1', 'was.loadfactor': '1', lbset: '3', 'was.lbset': '0' }, { lbset: 3 }],
    ['change', { route: '', 'was.route': 'app1' }, { route: null }],
    ['change', { route: '1', 'was.route': '' }, { route: '1' }],
    ['change', { route: 'on', 'was.route': '' }, { route: 'on' }],
    ['change', { route: ' app2 ', 'was.route': 'app1' }, { route: 'app2' }],
    ['change', { disabled: 'on', 'was.disabled': 'off' }, { disabled: true }],
    ['change', { disabled: 'off', 'was.disabled': 'on' }, { disabled: false }],
    ['change', { disabled: 'off', 'was.disabled': 'off', drain: 'on' }, { drain: true }],
    ['change', { retry: '30', 'was.retry': '' }, { retry: 30 }],
    ['change', { retry: '500ms', 'was.retry': '60' }, { retry: '500ms' }],
    ['change', { retryMax: 'off', 'was.retryMax': '' }, { retryMax: false }],
    ['change', { hcexpect: '200, 204', 'was.hcexpect': '' }, { hcexpect: [200, 204] }],
    [
      'change',
      { hcheaders: 'Host: a\r\nAccept: x:y', 'was.hcheaders': '' },
      { hcheaders: { Host: 'a', Accept: 'x:y' } },
    ],
    ['change', { hcheaders: 'Host: a\r\nB: c', 'was.hcheaders': 'Host: a\nB: c', lbset: '1' }, { lbset: 1 }],
    ['change', { hcheaders: 'nonsense', 'was.hcheaders': '' }, { hcheaders: 'nonsense' }],
    ['configure', { failonstatus: '500 503', 'was.failonstatus': '' }, { failonstatus: [500, 503] }],
    ['configure', { nofailover: 'on', 'was.nofailover': 'off' }, { nofailover: true }],
    ['configure', { stickysessionsep: 'Off', 'was.stickysessionsep': '' }, { stickysessionsep: 'Off' }],
    ['configure', { proxyvia: 'On', 'was.proxyvia': 'Off' }, { proxyvia: 'On' }],
    ['configure', { maxattempts: '', 'was.maxattempts': '3' }, { maxattempts: null }],
    ['configure', { deadline: '10', 'was.deadline': '' }, { deadline: 10 }],
    ['configure', { maxattempts: 'many', 'was.maxattempts': '' }, { maxattempts: 'many' }],
  ])('for %s %j sets %j', (kind, fields, set) => {
    expect(setOf(kind, fields)).toEqual(set);
  });

  test('takes nothing back that somebody else has set since it was made', () => {
    const fields = { loadfactor: '1', 'was.loadfactor': '1', lbset: '4', 'was.lbset': '0' };
    expect(setOf('change', fields)).toEqual({ lbset: 4 });
  });

  test('says for how long, and why', () => {
    expect(read('drain', { for: '20m', deadline: '90', reason: ' new\r\n disks ' })).toEqual({
      deed: { kind: 'drain', balancer: 'app', member: 'a', deadlineMs: 90_000 },
      reason: 'new disks',
      forMs: 20 * minute,
    });
    expect(read('drain', { for: '', deadline: '', reason: '' })).toEqual({
      deed: { kind: 'drain', balancer: 'app', member: 'a', deadlineMs: undefined },
      reason: undefined,
      forMs: undefined,
    });
  });

  test('has a reason without what nobody sees, and none where that is all of it', () => {
    expect(read('drain', { reason: 'new\u00ad\u200b dis\u202eks' }).reason).toBe('new disks');
    expect(read('drain', { reason: '\u200b\u200d' }).reason).toBeUndefined();
  });

  test('adds a member, with the fields that are filled in', () => {
    const fields = {
      url: 'http://d.internal:3000',
      route: '7',
      loadfactor: '2',
      lbset: '',
      resolve: '',
      status: 'D',
    };
    expect(read('add', fields).deed).toEqual({
      kind: 'add',
      balancer: 'app',
      member: { url: 'http://d.internal:3000', route: '7', loadfactor: 2, status: 'D' },
      name: undefined,
    });
  });

  test.each([
    ['change', {}],
    ['change', { loadfactor: '1', 'was.loadfactor': '1', reason: 'x', for: '20m' }],
    ['configure', { timeout: '', 'was.timeout': '' }],
  ] as const)('in which nothing is another one is refused: %s %j', (kind, fields) => {
    const { problems } = catchError(() => read(kind, fields)) as DefinitionError;
    expect(problems).toMatchObject([{ problem: 'every field is as it was', advice: 'change one of them' }]);
  });

  test.each([
    ['add', { url: 'http://ann:hush@d' }, 'member.url'],
    ['add', { url: '' }, 'member.url'],
    ['add', { url: ' ', route: 'x' }, 'member.url'],
    ['change', { disabled: 'on', deadline: '10m' }, 'change.deadline'],
    ['remove', { deadline: '10m' }, 'change.deadline'],
    ['drain', { deadline: '10m', for: '5m' }, 'change.deadline'],
    ['change', { loadfactor: '2', for: 'soon' }, 'change.for'],
    ['change', { loadfaktor: '2' }, 'change.loadfaktor'],
    ['change', { hcexpect: '', 'was.hcexpect': '', hcuri: '/x', reason: 'x'.repeat(600) }, 'change.reason'],
  ] as const)('is checked as JSON is: %s %j', (kind, fields, path) => {
    const { problems } = catchError(() => read(kind, fields)) as DefinitionError;
    expect(problems.map((problem) => problem.path)).toEqual([path]);
  });

  test('that is none is refused', () => {
    for (const form of [undefined, 'x', []]) {
      expect(catchError(() => readChangeForm('change', form))).toMatchObject({
        code: 'ERR_BALANCER_DEFINITION',
      });
    }
  });
});
