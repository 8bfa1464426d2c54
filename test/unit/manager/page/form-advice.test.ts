import { describe, expect, test } from '@jest/globals';
import { createBalancer, DefinitionError, type Balancer } from '../../../../src/index.ts';
import type { Deed } from '../../../../src/changes/change.ts';
import { createChangeLog } from '../../../../src/changes/create-change-log.ts';
import { readChangeForm } from '../../../../src/changes/read-form.ts';
import { createLister } from '../../../../src/manager/listed.ts';
import {
  balancerGroups,
  memberFlags,
  memberGroups,
  newMemberFields,
} from '../../../../src/manager/page/fields.ts';
import { adviseForForms } from '../../../../src/manager/page/form-advice.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

describe('advice for a program, as a form follows it', () => {
  test.each([
    ['write null', 'leave the field empty'],
    ['leave it out', 'leave the field empty'],
    ["write 'http://host:3000'", 'write http://host:3000'],
    ["write it so: 'http://host:3000/base/'", 'write http://host:3000/base/'],
    ['write null for no limit', 'leave the field empty for no limit'],
    [
      'write null for 5 s, or hcinterval where that is shorter',
      'leave the field empty for 5 s, or write hcinterval where that is shorter',
    ],
    ['write stickysession too, or write null', 'write stickysession too, or leave the field empty'],
    ['write redirect: null too', 'leave redirect empty too'],
    ['write nofailover: null too', 'uncheck nofailover too'],
    ["write hcmethod: 'GET' too, or leave it out", 'set hcmethod to GET too, or leave the field empty'],
    ["write it without, or separatorMatch: 'first'", 'write it without, or set separatorMatch to first'],
    [
      'write acquire: 0 for members that nobody is to wait for',
      'set acquire to 0 for members that nobody is to wait for',
    ],
    [
      'write max on a member or in memberDefaults, or write null',
      'set max of a member, or leave the field empty',
    ],
    [
      'write a longer time, or false where retry is not to grow',
      'write a longer time, or off where retry is not to grow',
    ],
    [
      "write seconds (30) or a text like '500ms', '30s', '2m', '1h'",
      'write seconds (30) or a time like 500ms, 30s, 2m, 1h',
    ],
    ["write '1s' or more", 'write 1s or more'],
    ['write a list of statuses such as [200, 204]', 'write statuses such as 200, 204'],
    [
      "write one such as '.', or 'Off' where the whole value is the route",
      "write one such as '.', or Off where the whole value is the route",
    ],
    [
      "write a number from 1 to 100, or status: 'N' for no new requests",
      'write a number from 1 to 100, or check drain for no new requests',
    ],
    [
      "write another route, or status: 'H' on the one that stands in for the other",
      'write another route, or check hotStandby of the one that stands in for the other',
    ],
    ["write { url, route: 'app1' } for the members", 'give the members routes first'],
    ['set it by the program, or write null', 'only the program can set it; leave the field empty'],
    ['add it by balancer.add', 'only the program can add it'],
    ['write balancer.drain(name, { deadline: … })', 'press Drain, or leave the field empty'],
    ["write balancer.change('a', …)", 'change that member in its own form'],
    ['write balancer.change(member, { loadfactor: … })', 'set loadfactor in the form of a member'],
    ['write balancer.configure({ lbmethod: … })', 'set lbmethod in the settings of the balancer'],
    ['write balancer.change(member, …) or balancer.update(definition)', 'set it in the form of each member'],
    [
      'write balancer.change(member, { timeout: … }) or balancer.update(definition)',
      'set timeout in the form of each member',
    ],
    [
      'write balancer.add(…) or balancer.remove(…)',
      'add a member by the form for it, or press Remove at one',
    ],
    ['write balancer.update(definition)', 'it stands in the program’s definition, and cannot be set here'],
    ["write true or { name: 'ROUTEID', … }", 'it stands in the program’s definition, and cannot be set here'],
    ["write a path such as '/health'", 'write a path such as /health'],
    ['change one of them', 'change one of them'],
    ["write it in url: 'http://host:3000/base/'", 'set url to http://host:3000/base/'],
    ["write httpd's own", "write httpd's own"],
  ])('%s', (advice, told) => {
    expect(adviseForForms(advice)).toBe(told);
  });
});

describe('whatever is wrong with a form', () => {
  const texts = [
    '',
    'x',
    '-',
    '-1',
    '1e99',
    'off',
    '500 x',
    '20 min',
    '99999999',
    '0',
    'a;b|c|d',
    'unix:/x|http://y',
    '99999h',
    'b',
  ];
  const change = [...memberGroups.flatMap(({ fields }) => fields), ...memberFlags];
  const configure = balancerGroups.flatMap(({ fields }) => fields);
  const forms: readonly (readonly [Deed['kind'], readonly Readonly<{ name: string }>[]])[] = [
    ['change', [...change, { name: 'deadline' }, { name: 'for' }]],
    ['configure', configure],
    ['add', [{ name: 'url' }, ...newMemberFields]],
    ['drain', [{ name: 'deadline' }, { name: 'for' }]],
    ['remove', [{ name: 'deadline' }, { name: 'for' }]],
  ];

  test.each([
    ['with sessions', { stickysession: 'sid', stickysessionsep: '!', nofailover: true }],
    ['with the last separator', { stickysession: 'sid', separatorMatch: 'last' }],
  ] as const)('is told without a word of code: a balancer %s', async (_what, options) => {
    const balancer: Balancer = createBalancer({
      ...options,
      name: 'app',
      logger: false,
      members: [
        { url: 'http://a', route: 'a' },
        { url: 'http://b', route: 'b', redirect: 'a' },
      ],
    });
    const log = createChangeLog({
      balancers: createLister(() => [balancer]),
      mayAppear: false,
      allowMembers: undefined,
      onChange: undefined,
      initialChanges: undefined,
      logger: silent,
    });
    const told = new Set<string>();
    for (const [kind, fields] of forms)
      for (const { name } of fields)
        for (const text of texts) {
          const url = kind === 'add' && name !== 'url' ? { url: 'http://c' } : {};
          const was = text === '' ? { [`was.${name}`]: '7' } : {};
          try {
            const made = log.make(
              readChangeForm(kind, { balancer: 'app', member: 'b', ...url, ...was, [name]: text }),
              'ann',
            );
            if (made.state === 'in-force') log.undo(made.id, 'ann');
          } catch (error) {
            if (!(error instanceof DefinitionError)) throw error;
            for (const { advice } of error.problems) told.add(adviseForForms(advice));
          }
        }
    log.close();
    await balancer.close();
    expect(told.size).toBeGreaterThan(30);
    expect(
      [...told].filter((advice) => /balancer\.|\bnull\b|[{}[\]]|=>|[a-z]: ['\d]|'\w/.test(advice)),
    ).toEqual([]);
  });
});
