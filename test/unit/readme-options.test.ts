import { expect, describe, test } from '@jest/globals';
import { buildSettings } from '../../src/definition/build-settings.ts';
import type { BalancerDefinition } from '../../src/definition/definition.ts';
import { optionNames } from '../../src/definition/option-names.ts';
import { readCode, readPage } from '../support/pages.ts';

const { readTable } = readPage('README.md');
const nameOf = ([cell = '']: readonly string[]): string => readCode(cell)[0] ?? cell;

test.each([
  ['Balancer', optionNames.balancer],
  ['Member', optionNames.member],
])('%s: every option has a row, and every row is an option', (heading, names) => {
  expect(readTable(heading).slice(1).map(nameOf).toSorted()).toEqual(names.toSorted());
});

test.each(['Balancer', 'Member'])("%s: httpd's default stands beside that of its own options", (heading) => {
  // Named alike, but httpd has none of them.
  const relatives = [
    'resolver',
    'members',
    'hctimeout',
    'hcheaders',
    'hold',
    'deadline',
    'ejection',
    'resolve',
  ];
  const [head, ...rows] = readTable(heading);
  expect(head![2]).toBe('httpd');
  const own = rows.filter((row) => /^[a-z]+$/.test(nameOf(row)) && !relatives.includes(nameOf(row)));
  const bare = own.filter((row) => row[2] === '—' || row[2] === '').map(nameOf);
  expect(bare).toEqual(heading === 'Balancer' ? ['compat', 'logger', 'warnings'] : ['handler']);
});

test.each([
  ['Balancer', 'failoverOn', optionNames.failoverOn],
  ['Balancer', 'routeCookie', optionNames.routeCookie],
  ['Balancer', 'ejection', optionNames.ejection],
  ['Member', 'tls', optionNames.tls],
])('%s: %s: what it lists exists', (heading, name, options) => {
  const row = readTable(heading).find((each) => nameOf(each) === name)!;
  const listed = readCode(row.at(-1)!).find((code) => code.startsWith('{'))!;
  const keys = listed
    .slice(1, -1)
    .split(',')
    .map((entry) => entry.split(':', 1)[0]!.trim());
  const isOpen = keys.at(-1) === '…';
  expect(options).toEqual(expect.arrayContaining(keys.filter((key) => key !== '…')));
  if (!isOpen) expect(keys.toSorted()).toEqual(options.toSorted());
});

describe('each default is what leaving the option out means', () => {
  const member = { url: 'http://app1.site.com/', route: 'a' };
  const bare: BalancerDefinition = { stickysession: 'SID', members: [member] };
  const statuses = Array.from({ length: 500 }, (_, i) => i + 100);

  /** Settings that can be compared. */
  function build(definition: BalancerDefinition): unknown {
    const settings = buildSettings(definition, { hostname: 'front', instance: '1' });
    return {
      ...settings,
      errorOverride: statuses.filter(settings.errorOverride),
      // What was written is not what it means.
      members: settings.members.map((member) => ({ ...member, definition: undefined })),
    };
  }

  /** Defaults that are no values, and those that another row gives. */
  const words = ['none', '—', 'members − 1', 'Express’s', "Express's", '4 s, or as announced'];
  const others: Readonly<Record<string, unknown>> = { proxytimeout: 60, timeout: 60, console };
  const rows = ['Balancer', 'Member'].flatMap((heading) =>
    readTable(heading)
      .slice(1)
      .map((row) => [heading, nameOf(row), row[1]!] as const),
  );

  test('defaults are values, or words that say why they are none', () => {
    const odd = rows.filter(([, , text]) => readCode(text).length === 0 && !words.includes(text));
    expect(odd).toEqual([]);
  });

  test.each(rows.filter(([, , text]) => readCode(text).length === 1))('%s: %s: %s', (heading, name, text) => {
    const [code = ''] = readCode(text);
    const value: unknown = code in others ? others[code] : JSON.parse(code.replaceAll("'", '"'));
    const definition =
      heading === 'Balancer'
        ? { ...bare, [name]: value }
        : { ...bare, members: [{ ...member, [name]: value }] };
    expect(build(definition)).toEqual(build(bare));
  });
});
