import { describe, expect, test } from '@jest/globals';
import { optionNames } from '../../../../src/definition/option-names.ts';
import { changeable } from '../../../../src/definition/read-change.ts';
import { DefinitionError } from '../../../../src/definition/problem.ts';
import { readChangeForm } from '../../../../src/changes/read-form.ts';
import {
  balancerGroups,
  handlerGroups,
  memberFlags,
  memberGroups,
  newMemberFields,
} from '../../../../src/manager/page/fields.ts';
import { isDone, tellDone } from '../../../../src/manager/page/messages.ts';
import { listParts } from './list-parts.ts';
import { completeFields, readFields, readRefused } from '../../../../src/manager/page/read-fields.ts';
import { lastingFlags } from '../../../../src/changes/flags.ts';
import type { BalancerReport, MemberReport } from '../../../../src/manager/survey/report.ts';
import { readTags } from './look-at-html.ts';
import { makeBalancer, makeMember, makeReport } from './make-report.ts';

const viewer = { base: '/bm', token: 't', isReadOnly: false };

/** The fields that a browser would send of a form nobody has touched. */
function readForm(
  member: MemberReport,
  form: string,
  balancer: Partial<BalancerReport> = {},
): Record<string, string> {
  const report = makeReport({ balancers: [makeBalancer('app', [member], balancer)], changes: [] });
  const text = [...listParts(report, viewer).values()].find((part) => part.includes(`<form id="${form}"`))!;
  const own = text.slice(text.indexOf(`<form id="${form}"`)).split('</form>', 1)[0]!;
  const fields: Record<string, string> = {};
  for (const { name, attributes } of readTags(own)) {
    if (name !== 'input') continue;
    if (attributes.get('type') === 'checkbox' && !attributes.has('checked')) continue;
    fields[attributes.get('name')!] = attributes.get('value')!;
  }
  for (const [, name, options] of own.matchAll(/<select name="(\w+)"[^>]*>(.*?)<\/select>/gs)) {
    const words = [...options!.matchAll(/<option( value="[^"]*")?([^>]*)>([^<]*)/g)];
    const chosen = words.find(([, , state]) => state!.includes('selected')) ?? words[0]!;
    fields[name!] = chosen[1] === undefined ? chosen[3]! : chosen[1].slice(8, -1);
  }
  return fields;
}

const names = (groups: typeof memberGroups): string[] =>
  groups.flatMap(({ fields }) => fields.map(({ name }) => name));

describe('the fields', () => {
  test('of members are options that a change can set', () => {
    expect(names(memberGroups).filter((name) => !changeable.includes(name))).toEqual([]);
    expect(names(handlerGroups).filter((name) => !changeable.includes(name))).toEqual([]);
    expect(memberFlags.map(({ name }) => name).sort()).toEqual(Object.keys(lastingFlags).sort());
  });

  test('of new members and of balancers are options of theirs', () => {
    expect(newMemberFields.filter(({ name }) => !optionNames.member.includes(name))).toEqual([]);
    expect(names(balancerGroups).filter((name) => !optionNames.balancer.includes(name))).toEqual([]);
  });
});

describe('a form that nobody has touched', () => {
  test.each<[string, Partial<MemberReport>]>([
    ['a plain member', {}],
    [
      'one with everything set',
      {
        max: 5,
        redirect: 'b',
        loadfactor: 1.5,
        status: 'DIN',
        parameters: { retry: '5s', timeout: 30, hcmethod: 'GET', hcuri: '/', hcpasses: 2, retryMax: false },
      },
    ],
    ['a function of the app', { isHandler: true, url: 'handler' }],
  ])('changes nothing: %s', (_, other) => {
    const fields = completeFields(readForm(makeMember('app1', other), 'm/app/app1/edit'));
    expect(() => readChangeForm('change', fields)).toThrow('every field is as it was');
  });

  test.each<[string, Partial<BalancerReport>]>([
    ['a plain balancer', {}],
    [
      'one with everything set',
      {
        nofailover: true,
        forcerecovery: false,
        maxattempts: 3,
        timeout: 5,
        options: {
          lbmethod: 'function',
          failonstatus: [500, 503],
          hold: '5s',
          proxyvia: 'On',
          serverTiming: true,
        },
      },
    ],
  ])('configures nothing: %s', (_, other) => {
    const fields = completeFields(readForm(makeMember('app1'), 'b/app/settings', other));
    expect(() => readChangeForm('configure', fields)).toThrow('every field is as it was');
  });
});

describe('a form that was filled in', () => {
  const member = makeMember('app1', { status: 'D', max: 5, parameters: { retry: 60 } });
  const untouched = readForm(member, 'm/app/app1/edit');

  test.each([
    ['a number', { loadfactor: '2.5' }, { loadfactor: 2.5 }],
    ['a time', { retry: '5s' }, { retry: '5s' }],
    ['a field that was emptied', { max: '' }, { max: null }],
    ['a flag', { drain: 'on' }, { drain: true }],
    ['a choice', { hcmethod: 'HEAD' }, { hcmethod: 'HEAD' }],
  ])('asks for what is different: %s', (_, filled, set) => {
    const { deed } = readChangeForm('change', completeFields({ ...untouched, ...filled }));
    expect(deed).toEqual({ kind: 'change', balancer: 'app', member: 'app1', set });
  });

  test('clears a flag whose check was taken away', () => {
    const others = Object.fromEntries(Object.entries(untouched).filter(([name]) => name !== 'disabled'));
    const { deed } = readChangeForm('change', completeFields(others));
    expect(deed).toMatchObject({ set: { disabled: false } });
  });

  test('adds a member with what was written, and nothing else', () => {
    const fields = { ...readForm(member, 'b/app/add'), url: 'http://app9:3000', loadfactor: '2', for: '20m' };
    expect(readChangeForm('add', completeFields(fields))).toEqual({
      deed: {
        kind: 'add',
        balancer: 'app',
        member: { url: 'http://app9:3000', loadfactor: 2 },
        name: undefined,
      },
      reason: undefined,
      forMs: 1_200_000,
    });
  });

  test('drains until the deadline, and removes', () => {
    const quick = readForm(makeMember('app1'), 'm/app/app1/quick');
    expect(readChangeForm('drain', completeFields({ ...quick, deadline: '10m' })).deed).toEqual({
      kind: 'drain',
      balancer: 'app',
      member: 'app1',
      deadlineMs: 600_000,
    });
    expect(readChangeForm('remove', completeFields(quick)).deed).toEqual({
      kind: 'remove',
      balancer: 'app',
      member: 'app1',
    });
  });

  test.each([
    ['', 'disabled', 'on', { disabled: true }],
    ['D', 'disabled', 'off', { disabled: false }],
    ['N', 'drain', 'off', { drain: false }],
    ['E', 'inError', 'off', { inError: false }],
  ])('with the letters %j has a button that sets %s %s', (status, name, value, set) => {
    const report = makeReport({
      balancers: [makeBalancer('app', [makeMember('app1', { status })])],
      changes: [],
    });
    const part = listParts(report, viewer).get('m/app/app1')!;
    expect(part).toContain(`name="${name}" value="${value}">`);
    const quick = readForm(makeMember('app1', { status }), 'm/app/app1/quick');
    expect(readChangeForm('change', completeFields({ ...quick, [name]: value })).deed).toMatchObject({ set });
  });

  test('a member from DNS has no button to remove it', () => {
    const member = makeMember('app1', { isFromDns: true });
    const part = listParts(makeReport({ balancers: [makeBalancer('app', [member])] }), viewer).get(
      'm/app/app1',
    )!;
    expect(part).not.toContain('forms/remove');
  });
});

describe('reading fields', () => {
  test.each([[undefined], ['text'], [[1]], [null], [{ a: 1, b: ['x'] }]])(
    'finds none in %j',
    (body: unknown) => {
      expect(readFields(body)).toEqual({});
    },
  );

  test('a refused form keeps what was filled in, but for the token', () => {
    const error = new DefinitionError([
      { path: 'change.hcuri', given: '', problem: '', advice: '' },
      { path: 'member.url', given: '', problem: '', advice: '' },
      { path: 'failonstatus[0]', given: '', problem: '', advice: '' },
    ]);
    expect(readRefused({ form: 'f', token: 'secret', hcuri: 'x' }, error)).toEqual({
      form: 'f',
      fields: { hcuri: 'x' },
      faulty: new Set(['hcuri', 'url', 'failonstatus']),
    });
  });

  test.each(['', 'constructor', '__proto__', '<script>', 'DRAIN'])(
    '%j is no code of something done',
    (code) => {
      expect(isDone(code)).toBe(false);
    },
  );

  test('a code of something done has its words', () => {
    expect(isDone('drain') && tellDone('drain')).toContain('is drained');
  });
});
