import { describe, expect, test } from '@jest/globals';
import type { DefinitionError } from '../../../src/index.ts';
import type { Deed } from '../../../src/changes/change.ts';
import { readChangeRequest } from '../../../src/changes/read-request.ts';
import { catchError } from '../../support/catch-error.ts';
import { minute } from './support.ts';

const read = (kind: Deed['kind'], body?: unknown) =>
  readChangeRequest(kind, { balancer: 'app', member: 'a' }, body);

describe('what is asked for in JSON', () => {
  test.each<readonly [kind: Deed['kind'], body: unknown, deed: Deed]>([
    ['change', { loadfactor: 2 }, { kind: 'change', balancer: 'app', member: 'a', set: { loadfactor: 2 } }],
    ['change', { route: null }, { kind: 'change', balancer: 'app', member: 'a', set: { route: null } }],
    [
      'change',
      { hcexpect: [200] },
      { kind: 'change', balancer: 'app', member: 'a', set: { hcexpect: [200] } },
    ],
    ['drain', undefined, { kind: 'drain', balancer: 'app', member: 'a', deadlineMs: undefined }],
    ['drain', { deadline: 90 }, { kind: 'drain', balancer: 'app', member: 'a', deadlineMs: 90_000 }],
    ['drain', { deadline: '10m' }, { kind: 'drain', balancer: 'app', member: 'a', deadlineMs: 10 * minute }],
    ['remove', {}, { kind: 'remove', balancer: 'app', member: 'a' }],
    [
      'add',
      { url: 'http://d' },
      { kind: 'add', balancer: 'app', member: { url: 'http://d' }, name: undefined },
    ],
    // Here it is the balancer's own option.
    ['configure', { deadline: 5 }, { kind: 'configure', balancer: 'app', set: { deadline: 5 } }],
  ])('%s %j is read', (kind, body, deed) => {
    expect(read(kind, body)).toEqual({ deed, reason: undefined, forMs: undefined });
  });

  test.each<readonly [value: unknown, forMs: number | undefined]>([
    [1, 1000],
    ['20m', 20 * minute],
    [null, undefined],
    ['596h', 596 * 60 * minute],
    ['8760h', 8760 * 60 * minute],
    ['0.5h', 30 * minute],
    ['7200s', 120 * minute],
  ])('for %j it is %s ms', (value, forMs) => {
    expect(read('drain', { for: value, reason: ' new disks ' })).toMatchObject({
      forMs,
      reason: 'new disks',
    });
  });

  test.each<readonly [kind: Deed['kind'], body: unknown, path: string, advice: string]>([
    ['change', undefined, 'change', '{ "loadfactor": 2 }'],
    ['change', [], 'change', '{ "loadfactor": 2 }'],
    ['change', 'D', 'change', '{ "loadfactor": 2 }'],
    ['change', { reason: 'x' }, 'change', '{ "loadfactor": 2 }'],
    ['configure', {}, 'change', 'lbmethod'],
    ['add', {}, 'member.url', "write 'http://host:3000'"],
    ['add', { reason: 'x' }, 'member.url', "write 'http://host:3000'"],
    ['change', { loadfaktor: 2 }, 'change.loadfaktor', 'write loadfactor'],
    ['change', { loadfactor: 2, reson: 'x' }, 'change.reson', 'write reason'],
    ['change', { loadfactor: 2, expires: '20m' }, 'change.expires', 'write for'],
    ['drain', { deadlin: '20m' }, 'change.deadlin', 'write deadline'],
    ['drain', { until: '20m' }, 'change.until', 'write for'],
    ['drain', { loadfactor: 2 }, 'change.loadfactor', 'leave it out'],
    ['remove', { deadline: '20m' }, 'change.deadline', 'leave it out'],
    ['drain', { for: 0 }, 'change.for', "write '1s' or more"],
    ['drain', { for: '500ms' }, 'change.for', "write '1s' or more"],
    ['drain', { for: '8761h' }, 'change.for', "write at most '8760h'"],
    ['drain', { for: 7200 }, 'change.for', "'7200s'"],
    ['drain', { for: '20 min' }, 'change.for', "write '20m'"],
    ['drain', { for: '20' }, 'change.for', "write 20 or '20s'"],
    ['drain', { for: true }, 'change.for', "'30s'"],
    ['drain', { deadline: -5 }, 'change.deadline', 'write'],
    ['drain', { reason: 7 }, 'change.reason', 'write a few words'],
    ['drain', { reason: 'a\u0000b' }, 'change.reason', 'write a few words'],
    ['drain', { reason: 'a\u202eb' }, 'change.reason', 'write a few words'],
    ['drain', { reason: 'a\nb' }, 'change.reason', 'write a few words'],
    ['drain', { reason: '\u200b' }, 'change.reason', 'write a few words'],
    ['drain', { reason: ' \u200d\ufe0f ' }, 'change.reason', 'write a few words'],
    ['drain', { reason: 'a\u200fb' }, 'change.reason', 'write a few words'],
    ['drain', { for: '20m', deadline: '30m' }, 'change.deadline', 'shorter than for'],
    ['drain', { for: 1200, deadline: '20m' }, 'change.deadline', 'shorter than for'],
    ['drain', { reason: 'x'.repeat(501) }, 'change.reason', 'write fewer'],
    ['add', { url: 'ftp://d' }, 'member.url', 'write http:// or https://'],
    ['add', { url: 'javascript:alert(1)' }, 'member.url', 'http://host:3000/base/'],
    ['add', { url: 'file:///etc/passwd' }, 'member.url', 'write http:// or https://'],
    ['add', { url: 'unix:/run/docker.sock|http://localhost' }, 'member.url', 'balancer.add'],
    ['add', { url: ' unix:/run/docker.sock|http://localhost' }, 'member.url', 'balancer.add'],
    ['add', { url: 'http://ann:secret@d' }, 'member.url', 'leave them out'],
    ['add', { url: 7000 }, 'member.url', "'http://localhost:7000'"],
    ['add', { loadfactor: 2 }, 'member.url', "'http://host:3000'"],
    ['add', { url: 'http://d', handler: 'x' }, 'member.handler', 'balancer.add'],
    ['add', { url: 'https://d', tls: { rejectUnauthorized: false } }, 'member.tls', 'memberDefaults'],
    ['add', { url: 'http://d', hcexpect: { body: 'ok' } }, 'member.hcexpect', 'write a list of statuses'],
    ['change', { hcexpect: 'ok' }, 'change.hcexpect', 'write a list of statuses'],
    ['configure', { routeregex: '!(.*)$' }, 'routeregex', 'by the program'],
    ['configure', { routeCookie: { secret: 'hush' } }, 'routeCookie', 'by the program'],
  ])('%s %j is refused with advice', (kind, body, path, advice) => {
    const [problem, ...others] = (catchError(() => read(kind, body)) as DefinitionError).problems;
    expect(problem).toMatchObject({ path });
    expect(problem!.advice).toContain(advice);
    expect(others).toEqual([]);
  });

  test('may have a deadline before its end, and none where it has no end', () => {
    expect(read('drain', { for: '20m', deadline: '1199s' })).toMatchObject({ forMs: 20 * minute });
    expect(read('drain', { deadline: '30m', for: null })).toMatchObject({ forMs: undefined });
    // A balancer's own option of that name has nothing to do with it.
    expect(read('configure', { deadline: 5, for: 1 })).toMatchObject({ forMs: 1000 });
  });

  test('is refused with all that is wrong with it', () => {
    const body = { loadfaktor: 2, reason: 1, for: 'soon', hcexpect: {} };
    const { problems } = catchError(() => read('change', body)) as DefinitionError;
    expect(problems.map(({ path }) => path)).toEqual([
      'change.for',
      'change.reason',
      'change.loadfaktor',
      'change.hcexpect',
    ]);
  });

  test('shows no secret when it is refused', () => {
    const bodies = [
      ['add', { url: 'http://ann:hush@d' }],
      ['add', { url: 'https://d', tls: { key: 'hush' } }],
      ['configure', { routeCookie: { secret: 'hush' } }],
    ] as const;
    for (const [kind, body] of bodies) {
      expect((catchError(() => read(kind, body)) as Error).message).not.toContain('hush');
    }
  });

  test.each([
    ['deep', JSON.parse('['.repeat(20) + ']'.repeat(20)) as unknown],
    ['wide', Array.from({ length: 6000 }, () => 1)],
    ['long', 'x'.repeat(20_000)],
    ['no number', NaN],
    ['no JSON', new Map()],
    ['a pattern', /x/],
  ])('is no more than JSON of some size: %s', (_what, value) => {
    const { problems } = catchError(() => read('change', { hcheaders: value })) as DefinitionError;
    expect(problems.map(({ path }) => path)).toEqual(['change']);
  });

  test('is a copy that nobody can change', () => {
    const body = { hcheaders: { Host: 'a' } };
    const { deed } = read('change', body);
    body.hcheaders.Host = 'b';
    expect(deed).toMatchObject({ set: { hcheaders: { Host: 'a' } } });
    expect(Object.isFrozen((deed as { set: { hcheaders: object } }).set.hcheaders)).toBe(true);
  });

  test('changes no prototype', () => {
    const error = catchError(() =>
      read('change', JSON.parse('{ "__proto__": { "disabled": true }, "lbset": 1 }')),
    );
    expect((error as DefinitionError).problems).toHaveLength(1);
    expect(({} as Record<string, unknown>)['disabled']).toBeUndefined();
  });
});
