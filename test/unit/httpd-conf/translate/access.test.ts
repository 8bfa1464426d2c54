import { describe, expect, test } from '@jest/globals';
import type { AccessRule } from '../../../../src/httpd-conf/httpd-conf.ts';
import { createLedger } from '../../../../src/httpd-conf/ledger.ts';
import { isAccessItem, readAccess, type AccessReading } from '../../../../src/httpd-conf/translate/access.ts';
import { itemsOf } from '../../../support/conf.ts';
import { tooLong } from '../../../support/too-long.ts';

function read(text: string): Readonly<{
  rule: AccessReading | undefined;
  kinds: readonly string[];
  whys: string;
  problems: readonly string[];
}> {
  const items = itemsOf(text);
  const ledger = createLedger();
  const rule = readAccess(items, ledger);
  return {
    rule,
    kinds: ledger.notices().map(({ kind }) => kind),
    whys: ledger
      .notices()
      .map(({ why }) => why)
      .join('\n'),
    problems: ledger.problems().map(({ problem }) => problem),
  };
}

/** What Order says before what Require says. */
function print(reading: AccessReading | undefined): string {
  const { order, satisfy, require } = reading ?? {};
  const parts = [order, require].flatMap((rule) => (rule ? [printRule(rule)] : []));
  return parts.length === 0
    ? 'says nothing'
    : parts.join(satisfy ? ' or ' : ' and ') + (parts.length === 1 && satisfy ? ' or' : '');
}

/** `+` whom Allow names, `-` whom Deny names. */
function printRule(rule: AccessRule): string {
  const { order, allow, deny } = rule;
  return [order, ...allow.map((text) => `+${text}`), ...deny.map((text) => `-${text}`)].join(' ');
}

const nobody = 'allow,deny';
const all = (text: string): string => `<RequireAll>\n${text}\n</RequireAll>`;
const any = (text: string): string => `<RequireAny>\n${text}\n</RequireAny>`;
const none = (text: string): string => `<RequireNone>\n${text}\n</RequireNone>`;

describe('what can be decided is', () => {
  test.each([
    ['ProxyPass / http://a/', 'says nothing'],
    ['Require all granted', 'allow,deny +all'],
    ['require ALL Granted', 'allow,deny +all'],
    ['Require all denied', nobody],
    ['Require ip 10.1.2.3', 'allow,deny +10.1.2.3'],
    ['Require ip 10.1', 'allow,deny +10.1.0.0/16'],
    ['Require ip 10.', 'allow,deny +10.0.0.0/8'],
    ['Require ip 10 172.20 192.168.2', 'allow,deny +10.0.0.0/8 +172.20.0.0/16 +192.168.2.0/24'],
    ['Require ip 10.1.0.0/255.255.0.0 10.2.0.0/16', 'allow,deny +10.1.0.0/16 +10.2.0.0/16'],
    ['Require ip 2001:db8::/32 ::1', 'allow,deny +2001:db8::/32 +::1'],
    ['Require local', 'allow,deny +local'],
    ['Require host localhost', 'allow,deny +local'],
    ['Order deny,allow\nDeny from all\nAllow from LOCALHOST', 'deny,allow +local -all'],
    ['Require ip 10\nRequire ip 192.168', 'allow,deny +10.0.0.0/8 +192.168.0.0/16'],
    ['Require ip 10\nRequire all granted', 'allow,deny +all'],
    [any('Require ip 10\nRequire local'), 'allow,deny +10.0.0.0/8 +local'],
    [all('Require all granted\nRequire not ip 10.6'), 'allow,deny +all -10.6.0.0/16'],
    [all('Require ip 10\nRequire not ip 10.6'), 'allow,deny +10.0.0.0/8 -10.6.0.0/16'],
    [all('Require ip 10\nRequire ip 10.6'), 'allow,deny +10.6.0.0/16'],
    [all('Require ip 10.6\nRequire ip 10 192.168'), 'allow,deny +10.6.0.0/16'],
    [all('Require ip 10\nRequire ip 192.168'), nobody],
    [all('Require ip 2001:db8::/32\nRequire ip 2001:db8:0:0:1::/80'), 'allow,deny +2001:db8:0:0:1::/80'],
    [
      all(`Require all granted\n${none('Require ip 10.6\nRequire ip 10.7')}`),
      'allow,deny +all -10.6.0.0/16 -10.7.0.0/16',
    ],
    [
      all(`${any('Require ip 10\nRequire ip 11')}\nRequire not ip 10.6`),
      'allow,deny +10.0.0.0/8 +11.0.0.0/8 -10.6.0.0/16',
    ],
    [`Require ip 9\n${all('Require ip 10')}`, 'allow,deny +9.0.0.0/8 +10.0.0.0/8'],
    [all('Require all granted\nRequire not all denied'), 'allow,deny +all'],
    [all('Require all granted\nRequire not all granted'), nobody],
    // Order's defaults.
    ['Order deny,allow', 'deny,allow'],
    ['Order allow,deny', nobody],
    ['Order mutual-failure\nAllow from 10', 'allow,deny +10.0.0.0/8'],
    ['Allow from 10', 'deny,allow +10.0.0.0/8'],
    ['Deny from all', 'deny,allow -all'],
    [
      'Order deny,allow\nDeny from all\nAllow from 10.1 192.168.1.1',
      'deny,allow +10.1.0.0/16 +192.168.1.1 -all',
    ],
    ['Order Allow,Deny\nAllow from all\nDeny from 10.0.0.0/255.0.0.0', 'allow,deny +all -10.0.0.0/8'],
    ['Order deny,allow\nDeny from all\nOrder allow,deny\nAllow from All', 'allow,deny +all -all'],
    // Both kinds together.
    ['Order deny,allow\nRequire ip 10', 'deny,allow and allow,deny +10.0.0.0/8'],
    ['Deny from all\nRequire all granted', 'deny,allow -all and allow,deny +all'],
    [
      'Deny from all\nAllow from 10\nRequire ip 11\nSatisfy any',
      'deny,allow +10.0.0.0/8 -all or allow,deny +11.0.0.0/8',
    ],
    [
      'Deny from all\nAllow from 10\nRequire ip 11\nSatisfy all',
      'deny,allow +10.0.0.0/8 -all and allow,deny +11.0.0.0/8',
    ],
    // A section with Satisfy stands for the Order of those around it.
    ['Satisfy any', 'deny,allow or'],
    ['Satisfy all\nRequire ip 10', 'deny,allow and allow,deny +10.0.0.0/8'],
  ])('%s', (text, expected) => {
    const { rule, problems, kinds } = read(text);
    expect(print(rule)).toBe(expected);
    expect(problems).toEqual([]);
    expect(kinds).not.toContain('dropped');
  });
});

describe('what cannot be decided here lets nobody in, and says so', () => {
  test.each([
    ['Require valid-user', nobody],
    ['Require user ann', nobody],
    ['Require ldap-group cn=x', nobody],
    ['Require host example.com', nobody],
    ['Require host localhost example.com', nobody],
    ['Require forward-dns a.example', nobody],
    ['Require env x', nobody],
    ['Require expr true', nobody],
    ['Require method GET', nobody],
    ['Require nonsense', nobody],
    ['Require ip 10.0.0.1/255.0.255.0', nobody],
    ['Require valid-user\nRequire ip 10', 'allow,deny +10.0.0.0/8'],
    [all('Require ip 10\nRequire valid-user'), nobody],
    [all('Require all granted\nRequire not host evil.example'), nobody],
    [all('Require all granted\nRequire not ip 10.0.0.1/255.0.255.0'), nobody],
    [all(`Require all granted\n${none('Require env bad')}`), nobody],
    [all(`Require all granted\n${none(all('Require ip 10\nRequire env x'))}`), 'allow,deny +all -10.0.0.0/8'],
    [
      all(`Require all granted\n${none(all('Require ip 10\nRequire not ip 10.6'))}`),
      'allow,deny +all -10.0.0.0/8',
    ],
    ['Order allow,deny\nAllow from example.com', nobody],
    ['Order allow,deny\nAllow from env=ok 10.1', 'allow,deny +10.1.0.0/16'],
    ['Order allow,deny\nAllow from all\nDeny from env=!ok', 'allow,deny +all -all'],
    ['Order deny,allow\nDeny from .evil.example', 'deny,allow -all'],
    ['Deny from evil.example\nAllow from 10', 'deny,allow +10.0.0.0/8 -all'],
    [
      'Satisfy any\nOrder allow,deny\nAllow from 10\nRequire valid-user',
      'allow,deny +10.0.0.0/8 or allow,deny',
    ],
    ['AuthMerging And\nRequire all granted', nobody],
    ['AuthMerging And\nAllow from all\nRequire all granted', 'deny,allow +all and allow,deny'],
  ])('%s', (text, expected) => {
    const { rule, kinds, problems } = read(text);
    expect(print(rule)).toBe(expected);
    expect(problems).toEqual([]);
    // What is left out of an exclusion only keeps more out.
    if (!text.includes('not ip 10.6')) expect(kinds).toContain('dropped');
  });

  test.each([
    [all('Require local\nRequire ip 127.0.0.1'), nobody],
    [
      any(`${all('Require ip 10\nRequire not ip 10.6')}\n${all('Require ip 11\nRequire not ip 11.6')}`),
      nobody,
    ],
    ['Deny from 10\nAllow from 10.6\n<Limit GET>\nOrder allow,deny\nAllow from 10\n</Limit>', nobody],
  ])('nor does what is too much for one list: %s', (text, expected) => {
    expect(print(read(text).rule)).toBe(expected);
    expect(read(text).whys).toMatch(/nobody comes in: write one list/);
  });

  test('passwords are said to be asked for nowhere, and a middleware is advised', () => {
    const { rule, whys, kinds } = read('AuthType Basic\nAuthName "x"\nAuthUserFile /x\nRequire valid-user');
    expect(print(rule)).toBe(nobody);
    expect(kinds).toEqual(['dropped', 'dropped', 'dropped', 'dropped']);
    expect(whys).toMatch(/nobody is asked for a password here.*middleware/);
  });

  test('without Require a password is asked for by nobody in httpd either', () => {
    expect(read('AuthType Basic\nAuthName x').rule).toBeUndefined();
  });

  test('what holds for some methods holds for all', () => {
    expect(print(read('<Limit GET POST>\nRequire ip 10\n</Limit>').rule)).toBe('allow,deny +10.0.0.0/8');
    expect(print(read('Require ip 10\n<LimitExcept GET>\nRequire all denied\n</LimitExcept>').rule)).toBe(
      nobody,
    );
    expect(print(read('Require all denied\n<Limit GET>\nRequire all granted\n</Limit>').rule)).toBe(nobody);
    expect(print(read('Deny from all\nRequire ip 10\n<Limit GET>\nAllow from 10\n</Limit>').rule)).toBe(
      'deny,allow -all and allow,deny +10.0.0.0/8',
    );
    expect(read('<Limit GET>\nProxyPass /x http://a/\n</Limit>').rule).toBeUndefined();
  });
});

describe('Satisfy Any', () => {
  const some = (text: string): string => `<Limit GET>\n${text}\n</Limit>`;

  test('without Order, Allow and Deny is said to let everybody in', () => {
    expect(read('Require all denied\nSatisfy Any').whys).toMatch(/everybody comes in/);
    expect(read('Deny from all\nSatisfy Any').whys).not.toMatch(/everybody comes in/);
  });

  test.each([
    [
      'does not hold for some methods alone',
      `Require ip 10\n${some('Deny from all\nSatisfy Any')}`,
      'deny,allow -all and allow,deny +10.0.0.0/8',
    ],
    [
      'holds around a Limit that has it too',
      `Satisfy Any\nRequire ip 10\n${some('Deny from all\nSatisfy Any')}`,
      'deny,allow -all or allow,deny +10.0.0.0/8',
    ],
    [
      'does not hold where some methods have Satisfy All',
      `Satisfy Any\nRequire ip 10\n${some('Deny from all\nSatisfy All')}`,
      'deny,allow -all and allow,deny +10.0.0.0/8',
    ],
  ])('%s', (_name, text, expected) => {
    expect(print(read(text).rule)).toBe(expected);
  });
});

describe('what httpd does not start with is a problem', () => {
  test.each([
    ['Require', 'it says not whom'],
    ['Require ip', 'it says not whom'],
    ['Require all', 'it must be granted or denied'],
    ['Require all maybe', 'it must be granted or denied'],
    ['Require ip foo', '"foo" is no address'],
    ['Require ip 300.1.2.3', '"300.1.2.3" is no address'],
    ['Require ip 10.1.2.3.4', '"10.1.2.3.4" is no address'],
    ['Require ip 10..1', '"10..1" is no address'],
    ['Require ip 10.1/16', '"10.1/16" is no address'],
    ['Require ip 10.0.0.0/33', '"10.0.0.0/33" is no address'],
    ['Require ip 10.0.0.0/255.0.0', '"10.0.0.0/255.0.0" is no address'],
    ['Require ip 2001:db8::/129', '"2001:db8::/129" is no address'],
    ['Allow from 10.0.0.0/33', '"10.0.0.0/33" is no address'],
    ['Allow from host.example/8', '"host.example/8" is no address'],
    ['Require not ip 10', 'Require not can let nobody in, and in <Location> and its like one is enough'],
    [none('Require ip 10'), '<RequireNone> can let nobody in, and in <Location> and its like one is enough'],
    [any('Require not ip 10'), 'Require not can let nobody in, and in <RequireAny> one is enough'],
    [all(''), 'there is no Require in <RequireAll>'],
    [all('Require not ip 10'), 'there are only such in it that can let nobody in'],
    ['Order deny, allow', 'it is no order'],
    ['Order random', 'it is no order'],
    ['Allow', 'it says not whom'],
    ['Allow from', 'it says not whom'],
    ['Deny 10.1', 'it says not whom'],
    ['Satisfy some', 'it must be All or Any'],
    ['AuthMerging Xor', 'it must be Off, And or Or'],
  ])('%s', (text, problem) => {
    expect(read(text).problems).toEqual([problem]);
  });
});

test('all that has to do with access is known as such, and nothing else', () => {
  const known =
    'Require\nOrder\nAllow\nDeny\nSatisfy\nAuthType\nAuthzX\n<RequireAny>\n</RequireAny>\n<Limit GET>\nDeny\n</Limit>';
  expect(itemsOf(known).map(isAccessItem)).not.toContain(false);
  expect(
    itemsOf('ProxyPass\n<Limit GET>\nA\n</Limit>\n<Location />\n</Location>').map(isAccessItem),
  ).not.toContain(true);
});

test('very many addresses take no long time', () => {
  const many = Array.from({ length: 5000 }, (_, i) => `Require ip 10.${i >> 8}.${i & 255}.1`).join('\n');
  const started = performance.now();
  expect(read(many).rule?.require?.allow).toHaveLength(5000);
  expect(print(read(all(`${any(many)}\n${any(many)}`)).rule)).toBe(nobody);
  expect(performance.now() - started).toBeLessThan(tooLong);
});
