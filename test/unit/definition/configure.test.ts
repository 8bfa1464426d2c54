import { describe, expect, test } from '@jest/globals';
import { buildSettings } from '../../../src/definition/build-settings.ts';
import { readDefinition } from '../../../src/definition/check-definition.ts';
import { configureDefinition } from '../../../src/definition/configure.ts';
import type { BalancerDefinition } from '../../../src/definition/definition.ts';
import { optionNames } from '../../../src/definition/option-names.ts';
import { DefinitionError, type Problem } from '../../../src/definition/problem.ts';
import type { Company } from '../../../src/definition/read-member.ts';
import { catchError } from '../../support/catch-error.ts';

const place = { hostname: 'here', instance: 'abcdef' };

function join(definition: Partial<BalancerDefinition> = {}): Company {
  const members = [
    { url: 'http://a/', route: 'a' },
    { url: 'http://b/', route: 'b', max: 5 },
  ];
  const read = readDefinition({ members, ...definition });
  return { definition: read, members: buildSettings(read, place).members };
}

function findProblems(given: unknown, company: Company): readonly Problem[] {
  const error = catchError(() => configureDefinition(given, company));
  expect(error).toBeInstanceOf(DefinitionError);
  return (error as DefinitionError).problems;
}

function tell(given: unknown, definition: Partial<BalancerDefinition> = {}): readonly string[] {
  return findProblems(given, join(definition)).map(
    ({ path, problem, advice }) => `${path}: ${problem}; ${advice}`,
  );
}

describe('other options of a balancer', () => {
  test('take the place of those that they name, and leave the others as they are', () => {
    const company = join({ lbmethod: 'random', maxattempts: 3, hold: '5s' });
    const next = configureDefinition({ lbmethod: 'bybusyness', maxattempts: null, deadline: '1m' }, company);
    const { members } = company.definition;
    expect({ ...next }).toEqual({ lbmethod: 'bybusyness', hold: '5s', deadline: '1m', members });
  });

  test('that are undefined are left out', () => {
    const next = configureDefinition({ hold: undefined, deadline: 3 }, join({ hold: '5s' }));
    expect(next).toMatchObject({ hold: '5s', deadline: 3 });
  });

  test.each<readonly [what: string, given: object]>([
    ['nothing', {}],
    ['what holds already', { hold: '5s', failonstatus: [500], routeregex: /!(.*)/ }],
    ['the default of what is at its default', { deadline: null, ejection: null }],
  ])('make no other definition of %s', (_what, given) => {
    const company = join({ hold: '5s', failonstatus: [500], stickysession: 'SID', routeregex: /!(.*)/ });
    expect(configureDefinition(given, company)).toBe(company.definition);
  });

  test('are copied: what becomes of them later changes nothing', () => {
    const failonstatus = [500];
    const next = configureDefinition({ failonstatus }, join());
    failonstatus.push(503);
    expect(next.failonstatus).toEqual([500]);
  });

  test('are read once', () => {
    let reads = 0;
    const given = {
      get hold() {
        reads += 1;
        return reads === 1 ? '5s' : 'never';
      },
    };
    expect(configureDefinition(given, join()).hold).toBe('5s');
  });

  const alone = ['name', 'members', 'memberDefaults', 'proxytimeout', 'httpProxyMiddleware', 'logger'];
  const elsewhere = [...alone, 'upgrade', 'resolver', 'compat', 'allowMembers'];

  test('are all that a definition has, but for who the members are and how they are connected to', () => {
    const company = join();
    const refused = optionNames.balancer.filter((option) => {
      try {
        configureDefinition({ [option]: null }, company);
        return false;
      } catch {
        return true;
      }
    });
    expect(refused.toSorted()).toEqual([...elsewhere, 'state'].toSorted());
  });

  test.each(elsewhere)('do not have %s among them, and say what to write instead', (option) => {
    const [problem] = findProblems({ [option]: null }, join());
    expect(problem).toMatchObject({ path: option, advice: expect.stringContaining('balancer.') as unknown });
  });
});

describe('wrong options of a balancer', () => {
  test.each<readonly [what: string, given: unknown, told: readonly string[]]>([
    ['no record', 'random', ["options: it must be a record of options; write { lbmethod: 'random' }"]],
    [
      'members',
      { members: ['http://c/'] },
      ['members: members come and go one by one; write balancer.add(…) or balancer.remove(…)'],
    ],
    [
      'a misspelt option',
      { lbMethod: 'random', maxatempts: 2 },
      [
        'lbMethod: there is no such option; write lbmethod',
        'maxatempts: there is no such option; write maxattempts',
      ],
    ],
    [
      'a misspelt option that it cannot have',
      { resolvr: '10.0.0.2' },
      ['resolvr: there is no such option; write balancer.update(definition)'],
    ],
    [
      'a parameter of members',
      { loadfactor: 2, weight: 2 },
      [
        'loadfactor: it is a parameter of members; write balancer.change(member, { loadfactor: … })',
        'weight: there is no such option; write balancer.change(member, { loadfactor: … })',
      ],
    ],
    [
      'a parameter of members that needs other connections',
      { ttl: 5, tls: {}, secure: false },
      [
        'ttl: it is a parameter of members; write balancer.update(definition)',
        'tls: it is a parameter of members; write balancer.update(definition)',
        'secure: TLS to the members has a record of its own; write balancer.update(definition)',
      ],
    ],
    [
      'what a definition would leave out',
      { deadline: 0, hashKey: 'ip', routeCookie: { name: '__Host-r', path: '/', domain: 'site.com' } },
      [
        'deadline: it is no time at all; write null for no deadline',
        'routeCookie.domain: browsers refuse a __Host- cookie with a domain; leave it out',
        "hashKey: it is for byhash; write lbmethod: 'byhash' too, or write null",
      ],
    ],
  ])('are told all, with what to write: %s', (_what, given, told) => {
    expect(tell(given)).toEqual(told);
  });

  test('that leave others without a meaning say what to take away too', () => {
    const bound = { stickysession: 'SID', routeregex: /!(.*)$/, nofailover: true };
    expect(tell({ stickysession: null }, bound)).toEqual([
      'routeregex: it says how stickysession is read, and there is none; write routeregex: null too',
      'nofailover: no session is bound to a member without stickysession or routeCookie; write nofailover: null too',
    ]);
    expect(tell({ lbmethod: null }, { lbmethod: 'byhash', hashBalance: 2 })).toEqual([
      'hashBalance: it is for byhash; write hashBalance: null too',
    ]);
    const all = { stickysession: null, routeregex: null, nofailover: null };
    expect(configureDefinition(all, join(bound))).not.toHaveProperty('stickysession');
  });

  test('that contradict what they cannot change are refused', () => {
    const carried = { httpProxyMiddleware: { changeOrigin: true } };
    expect(tell({ proxypreservehost: true }, carried)).toEqual([
      'httpProxyMiddleware.changeOrigin: proxypreservehost: true says the opposite; leave one of them out',
    ]);
  });

  test('that a member does not go with name the member', () => {
    const members = [
      { url: 'http://a/', route: 'a' },
      { url: 'http://b/', route: 'the second' },
    ];
    expect(findProblems({ routeCookie: true }, join({ members }))).toMatchObject([
      { path: "members['the second'].route", given: "'the second'", problem: 'routeCookie cannot carry it' },
    ]);
  });

  test('do not show a secret', () => {
    const [problem] = findProblems({ routeCookie: { secret: 5 }, sercet: 'hush' }, join());
    expect(JSON.stringify([problem, findProblems({ secret: 'hush' }, join())])).not.toContain('hush');
  });

  test('are those of the change alone: what fits no more since members have gone is not its fault', () => {
    const company = join({ stickysession: 'SID', queueTimeout: 3 });
    const left = company.members.slice(0, 1).map((member) => ({
      ...member,
      route: undefined,
      definition: { url: 'http://a/' },
    }));
    const now = { ...company, members: left };
    expect(configureDefinition({ lbmethod: 'random' }, now)).toMatchObject({ lbmethod: 'random' });
    expect(findProblems({ queueTimeout: 4, stickysession: 'OTHER' }, now).map(({ path }) => path)).toEqual([
      'stickysession',
      'queueTimeout',
    ]);
  });

  test.each<readonly [what: string, given: unknown]>([
    [
      'a getter that throws',
      {
        get hold(): never {
          throw new Error('no');
        },
      },
    ],
    [
      'a proxy',
      new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error('no');
          },
        },
      ),
    ],
    ['__proto__', JSON.parse('{ "__proto__": { "hold": 5 } }') as unknown],
    ['a list', [1]],
  ])('are told, however they come: %s', (_what, given) => {
    expect(findProblems(given, join())).not.toEqual([]);
  });
});
