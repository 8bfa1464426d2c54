import { describe, expect, test } from '@jest/globals';
import type { BalancerDefinition } from '../../../src/definition/definition.ts';
import { DefinitionError, printProblem } from '../../../src/definition/problem.ts';
import { readMember } from '../../../src/definition/read-member.ts';
import type { MemberSettings } from '../../../src/definition/settings.ts';
import { build, members } from './support.ts';

const handler = (): void => undefined;

function add(value: unknown, options: Partial<BalancerDefinition> = {}): MemberSettings {
  const definition: BalancerDefinition = { members, ...options };
  return readMember(value, { definition, members: build(definition).members });
}

function linesOf(value: unknown, options: Partial<BalancerDefinition> = {}): readonly string[] {
  try {
    add(value, options);
  } catch (error) {
    if (error instanceof DefinitionError) return error.problems.map(printProblem);
    throw error;
  }
  return [];
}

describe('a member that is added', () => {
  test('is built like those that are there', () => {
    const definition: BalancerDefinition = {
      members: [...members, { url: 'http://app3', route: 'app3', loadfactor: 2 }],
      memberDefaults: { retry: 5, hcmethod: 'GET' },
      proxytimeout: 7,
    };
    const { members: all } = build(definition);
    const added = readMember(definition.members[2], { definition, members: all.slice(0, 2) });
    // Each check has a function of its own.
    const isExpected = expect.any(Function);
    expect(added).toEqual({ ...all[2], health: { ...all[2]!.health, isExpected } });
    expect(Object.isFrozen(added)).toBe(true);
  });

  test('gets a name that is free', () => {
    expect(add('http://app3').name).toBe('http://app3');
    expect(add({ url: 'http://app3', route: 'app1', lbset: 1 }).name).toBe('http://app3');
    expect(add({ handler }).name).toBe('handler');
    expect(add({ url: 'http://app3', route: 'app1' }, { compat: 'httpd' }).name).toBe('http://app3');
    expect(add({ handler, route: 'app1', status: 'H' }).name).toBe('handler');
    expect(add({ handler }, { members: [...members, { handler }] }).name).toBe('handler-2');
  });

  test.each<[unknown, string]>([
    ...[undefined, null].map((nobody): [unknown, string] => [
      nobody,
      `member is ${nobody === null ? 'null' : 'missing'}: there is no member here; write a URL such as 'http://host:3000', or { url, … }`,
    ]),
    ['app3:80', "member is 'app3:80': its scheme is missing; write 'http://app3:80'"],
    [
      'http://app1:80/',
      "member is 'http://app1:80/': 'app1' is the same server; write balancer.change('app1', …)",
    ],
    [
      { url: 'HTTP://APP2' },
      "member.url is 'HTTP://APP2': 'app2' is the same server; write balancer.change('app2', …)",
    ],
    [
      { url: 'http://app3', route: 'app1' },
      "member.route is 'app1': 'app1' has this route too; write another route, or status: 'H' on the one that stands in for the other",
    ],
    [
      { url: 'http://app3', route: 'app3', redirect: 'ap1' },
      "member.redirect is 'ap1': no other member has this route; write 'app1'",
    ],
    [
      { url: 'http://app3', acquire: 5 },
      'member.acquire is 5: nobody waits for a member without max; write max too, or leave it out',
    ],
    [{ url: 'http://app3', weight: 2 }, 'member.weight is 2: there is no such option; write loadfactor'],
    [
      { url: 'http://app3', hcuri: '/x' },
      "member.hcuri is '/x': it says how health is checked, and it is not; write hcmethod: 'GET' too, or leave it out",
    ],
    [
      { url: 'http://app3', retryMax: 5 },
      'member.retryMax is 5: it is shorter than retry (60 s); write a longer time, or false where retry is not to grow',
    ],
    [
      { url: 'https://app3', tls: { key: '-----BEGIN' } },
      'member.tls is an object: key has no cert; write cert too',
    ],
  ])('%j is answered in one line', (value, line) => {
    expect(linesOf(value)).toEqual([line]);
  });

  test('keeps to what the balancer and its members have in common', () => {
    expect(linesOf({ url: 'http://app3', route: 'ä' }, { routeCookie: true })).toEqual([
      "member.route is 'ä': routeCookie cannot carry it; write it without blanks, controls, letters beyond ASCII and \" , ; \\ %",
    ]);
    expect(linesOf({ url: 'http://app3', retry: 9 }, { memberDefaults: { retry: 5, retryMax: 5 } })).toEqual([
      'member.retry is 9: it is longer than retryMax; write retryMax too',
    ]);
    expect(linesOf({ url: 'http://app3', hcuri: '/x' }, { memberDefaults: { hcmethod: 'GET' } })).toEqual([]);
  });

  test.each<[string, unknown, string]>([
    ['it says no', () => false, 'this server is not allowed; ask for it in allowMembers'],
    [
      'it throws an error',
      () => {
        throw new TypeError('no list yet');
      },
      'allowMembers has failed: no list yet; mend the function',
    ],
    [
      'it throws anything else',
      () => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- What anybody may throw.
        throw 'up';
      },
      "allowMembers has failed: 'up'; mend the function",
    ],
    [
      'it is async',
      () => Promise.resolve(true),
      'allowMembers has failed: allowMembers returns a promise: write a function that answers at once; mend the function',
    ],
  ])('is told why allowMembers refuses it: %s', (_what, ask, why) => {
    const allowMembers = ask as NonNullable<BalancerDefinition['allowMembers']>;
    expect(linesOf('http://app3', { allowMembers })).toEqual([`member.url is 'http://app3': ${why}`]);
  });

  test('is told all its faults at once', () => {
    const read = (): unknown => add({ url: 'x', loadfactor: 0, lbset: -1 }, { name: 'app' });
    expect(read).toThrow(
      /^The new member of balancer 'app' is wrong:\n {2}member\.url .*\n.*loadfactor.*\n.*lbset/,
    );
  });
});
