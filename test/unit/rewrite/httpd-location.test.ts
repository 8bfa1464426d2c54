import { describe, expect, test } from '@jest/globals';
import { compileHttpdMapUrl } from '../../../src/rewrite/httpd-location.ts';
import type { Inbound } from '../../../src/request/inbound.ts';
import type { MemberSettings, Settings } from '../../../src/definition/settings.ts';
import { createInbound, createMember } from './support.ts';

const B1 = 'http://127.0.0.1:19011';
const B2 = 'http://127.0.0.1:19012';
const F = 'http://front.example:19000';

type Case = Readonly<{ table: Settings['reverseTable']; members?: readonly string[] }>;

function membersOf({ members = [B1, B2] }: Case): readonly MemberSettings[] {
  // The text of the definition counts, and `new URL` has changed it.
  return members.map((url) => ({ ...createMember(url), definition: { url } }));
}

function map(value: string, given: Case, facts: Partial<Inbound> = {}): string {
  const members = membersOf(given);
  // Mount paths mean nothing to it.
  const inbound = createInbound({ mountPath: '/mounted', memberPath: '/there', ...facts });
  return compileHttpdMapUrl({ reverseTable: given.table }, members)!(value, inbound, members[0]!);
}

const foo: Case = { table: [[`${B1}/`, '/mirror/foo/']] };
const m2: Case = { table: [['/app', '/m2']] };
const m3: Case = { table: [['https://backend.example:8443/x', '/m3']] };
const m4: Case = { table: [['https://backend.example/x', '/m4']] };
const bash: Case = { table: [['balancer://c/bar', '/bash']], members: [`${B1}/foo`, `${B2}/foo/`] };
const root: Case = { table: [['balancer://c', '/']] };
const rootSlash: Case = { table: [['balancer://c/', '/']] };
const p: Case = { table: [['balancer://c', '/p']] };
const pSlash: Case = { table: [['balancer://c/', '/p/']], members: [B1] };
const back: Case = { table: [['balancer://c', '/p']], members: ['http://Back.example:80/X'] };

// Reference 15.7, to the letter; those of other headers and statuses are in rewrite-answer.test.ts.
test.each<readonly [id: string, rules: Case, value: string, expected: string]>([
  ['L1', foo, `${B1}/quux`, `${F}/mirror/foo/quux`],
  ['L2', foo, 'HTTP://127.0.0.1:19011/Quux?x=1#f', `${F}/mirror/foo/Quux?x=1#f`],
  ['L3', foo, B1, B1],
  ['L3', foo, 'https://127.0.0.1:19011/q', 'https://127.0.0.1:19011/q'],
  ['L3', foo, '/quux', '/quux'],
  ['L3', foo, 'quux', 'quux'],
  ['L3', foo, '//127.0.0.1:19011/q', '//127.0.0.1:19011/q'],
  ['L4', m2, '/app/x', `${F}/m2/x`],
  ['L4', m2, '/application', `${F}/m2lication`],
  ['L4', m2, 'http://unrelated/app/zz', `${F}/m2/zz`],
  ['L4, another case', m2, '/APP/x', `${F}/m2/x`],
  ['L4, no path', m2, 'http://unrelated', 'http://unrelated'],
  ['L5', m3, 'https://backend.example:8443/x/y', `${F}/m3/y`],
  ['L6', m4, 'https://backend.example/x/y', `${F}/m4/y`],
  ['L6', m4, 'https://backend.example/xy', `${F}/m4y`],
  ['L6', m4, 'http://backend.example/x/y', 'http://backend.example/x/y'],
  [
    'L7',
    { table: [['http://abs.example/', 'https://other.example/abs']] },
    'http://abs.example/foo',
    'https://other.example/absfoo',
  ],
  ['L8', bash, `${B1}/foo/bar/that`, `${F}/bash/that`],
  ['L8', bash, `${B2}/foo/bar`, `${F}/bash`],
  ['L8', bash, `${B1}/foo/barn`, `${F}/bashn`],
  ['L8', bash, `${B1}/foo/that`, `${B1}/foo/that`],
  ['L9', bash, `${B1}/FOO/bar/x`, `${F}/bash/x`],
  ['L9', bash, `${B1}/foo/BAR/x`, `${B1}/foo/BAR/x`],
  ['L10', root, `${B1}/x`, `${F}/x`],
  ['L10', root, B1, `${F}/`],
  ['L10', root, `${B2}/x?y#z`, `${F}/x?y#z`],
  ['L10', rootSlash, `${B1}/x`, `${F}/x`],
  ['L11', p, `${B1}/x`, `${F}/p/x`],
  ['L11', p, B1, `${F}/p`],
  ['L11', p, 'http://127.0.0.1:190110/x', `${F}/p0/x`],
  ['L12', pSlash, `${B1}/x`, `${F}/p//x`],
  ['L13', { ...p, members: [`${B1}/`] }, `${B1}/x`, `${F}/px`],
  ['L13', { ...p, members: [`${B1}/`] }, B1, B1],
  ['L14', back, 'http://back.example/X/y', `${F}/p/y`],
  ['L14', back, 'http://back.example:80/X/y', 'http://back.example:80/X/y'],
  ['L14', back, 'http://back.example/x/y', `${F}/p/y`],
  ['L16', { table: [[`${B1}/q`, '/p']] }, `${B1}/q/z`, `${F}/p/z`],
  ['L16', { table: [[`${B1}/q`, '/p']] }, `${B1}/other`, `${B1}/other`],
  [
    'L18',
    {
      table: [
        [`${B1}/`, '/'],
        [`${B1}/q`, '/p'],
      ],
    },
    `${B1}/q/z`,
    `${F}/q/z`,
  ],
  [
    'a path rule between',
    {
      table: [
        ['/nothing', '/'],
        [`${B1}/q`, '/p'],
      ],
    },
    `${B1}/q/z`,
    `${F}/p/z`,
  ],
])('%s: by %j, %s becomes %s', (_id, rules, value, expected) => {
  expect(map(value, rules)).toBe(expected);
});

describe('the host', () => {
  test.each([
    ['www.pub.example:8080', 'http', 'http://www.pub.example:8080/mirror/foo/quux'],
    ['pub.example:80', 'http', 'http://pub.example/mirror/foo/quux'],
    ['pub.example', 'https', 'https://pub.example/mirror/foo/quux'],
    // httpd has a configured name for those; a path is as good.
    [undefined, 'http', '/mirror/foo/quux'],
    ['evil"<x>', 'http', '/mirror/foo/quux'],
  ] as const)('L19: is what the client asked for: %s by %s', (host, protocol, expected) => {
    expect(map(`${B1}/quux`, foo, { host, protocol })).toBe(expected);
  });

  test('is never another by a path that begins with two slashes', () => {
    const bare: Case = { table: [['http://b', '/']] };
    expect(map('http://b/evil.example/x', bare, { host: undefined })).toBe('/.//evil.example/x');
  });
});

test('a member that was added since is looked at too', () => {
  const [known, late] = membersOf({ table: [], members: [B1, B2] });
  const mapUrl = compileHttpdMapUrl({ reverseTable: p.table }, [known!])!;
  expect(mapUrl(`${B2}/x`, createInbound(), late!)).toBe(`${F}/p/x`);
  expect(mapUrl(`${B2}/x`, createInbound(), known!)).toBe(`${B2}/x`);
});

test('nothing is derived', () => {
  expect(compileHttpdMapUrl({ reverseTable: [] }, membersOf(p))).toBeUndefined();
});
