import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { debug } from '../../src/debug.ts';
import { buildSettings } from '../../src/definition/build-settings.ts';
import { findStatusFault } from '../../src/definition/check-status.ts';
import type { BalancerDefinition } from '../../src/definition/definition.ts';
import { statusOf, type BalancerErrorCode } from '../../src/errors.ts';
import { eventNames, type BalancerEventName } from '../../src/events.ts';
import type * as library from '../../src/index.ts';
import { parseStatus, printStatus, Status } from '../../src/member/status.ts';
import { addServerTiming } from '../../src/server-timing.ts';
import { readCode, readPage } from '../support/pages.ts';

const root = join(import.meta.dirname, '../..');
const { text: readme, readSection, readTable } = readPage('README.md');
const nameOf = ([cell = '']: readonly string[]): string => readCode(cell)[0] ?? cell;

type Manifest = Readonly<{
  engines: Readonly<Record<string, string>>;
  scripts: Readonly<Record<string, string>>;
  dependencies: Readonly<Record<string, string>>;
  peerDependencies: Readonly<Record<string, string>>;
  peerDependenciesMeta: Readonly<Record<string, unknown>>;
}>;

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;

type NamedMethod = Exclude<NonNullable<BalancerDefinition['lbmethod']>, (...args: never) => unknown>;

/** Every method that has a name. */
const methods: Readonly<Record<NamedMethod, true>> = {
  byrequests: true,
  bytraffic: true,
  bybusyness: true,
  byresponsetime: true,
  random: true,
  byhash: true,
};

/** What every event tells besides the name of its balancer. */
const eventFields: {
  readonly [Name in BalancerEventName]: Readonly<
    Record<Exclude<keyof library.BalancerEvents[Name], 'balancer'>, true>
  >;
} = {
  state: { member: true, url: true, from: true, to: true, cause: true },
  attempt: { method: true, path: true, attempt: true },
  request: {
    method: true,
    path: true,
    status: true,
    error: true,
    member: true,
    route: true,
    sticky: true,
    routeChanged: true,
    waitedMs: true,
    durationMs: true,
    attempts: true,
  },
  failover: { method: true, path: true, from: true, to: true, outcome: true },
  ejection: { member: true, url: true, timeMs: true },
  queue: { what: true, reason: true, waiting: true, waitedMs: true },
  members: { added: true, removed: true },
};

const factNames: Readonly<Record<keyof library.BalancerFacts, true>> = {
  name: true,
  sticky: true,
  route: true,
  member: true,
  memberRoute: true,
  routeChanged: true,
  arrivedAt: true,
  waitedMs: true,
  attempts: true,
};

describe('each row has as many cells as its head', () => {
  test.each([
    'Balancer',
    'Member',
    'Failover and recovery',
    'Balancing methods',
    'The life of a member',
    'What happened to a request',
    'Errors by code',
    'Two senders',
    'I want to …',
  ])('%s', (heading) => {
    const [head, ...rows] = readTable(heading);
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.filter((row) => row.length !== head!.length)).toEqual([]);
  });
});

describe('the tables', () => {
  test('methods: every method has a row, and every row is a method', () => {
    const names = readTable('Balancing methods').slice(1).map(nameOf);
    expect(names.filter((name) => name.startsWith("'"))).toEqual(names.slice(0, -1));
    expect(names.at(-1)).toBe('a function');
    expect(names.slice(0, -1)).toEqual(Object.keys(methods).map((name) => `'${name}'`));
    const option = readTable('Balancer').find((row) => nameOf(row) === 'lbmethod')!;
    const listed = [...readCode(option[1]!), ...readCode(option.at(-1)!)].filter((code) =>
      code.startsWith("'"),
    );
    expect(listed).toEqual(names.slice(0, -1));
    const members = ['http://localhost:4001/'] as const;
    for (const name of names.slice(0, -1)) {
      const lbmethod = name.slice(1, -1) as keyof typeof methods;
      const definition = { lbmethod, members } as BalancerDefinition;
      expect(buildSettings(definition, { hostname: 'front', instance: '1' }).lbmethod).toBe(lbmethod);
    }
  });

  test('status: every flag has a row with its letter and word, which mean the same', () => {
    const rows = readTable('The life of a member')
      .slice(1)
      .map(([letter = '', word = '']) => [readCode(letter)[0], readCode(word)[0]!] as const);
    const flags = rows.filter(([letter]) => letter !== undefined);
    for (const [letter, word] of flags) expect(printStatus(parseStatus(word))).toBe(letter);
    const all = flags.reduce((set, [letter]) => set | parseStatus(letter!), 0);
    expect(all).toBe(Object.values(Status).reduce((set, flag) => set | flag, 0));
    expect(rows.filter(([letter]) => letter === undefined)).toEqual([[undefined, 'enabled']]);
    expect(printStatus(parseStatus('enabled', all))).toBe(printStatus(parseStatus('-D-S-N', all)));
    expect(readSection('The life of a member')).toContain('Clears `D`, `S` and `N`.');

    const [, , , meaning = ''] = readTable('Member').find((row) => nameOf(row) === 'status')!;
    const listed = readCode(meaning).filter((code) => /^[A-Z]$/.test(code));
    expect(listed.toSorted()).toEqual(flags.map(([letter]) => letter).toSorted());
    for (const code of readCode(meaning)) expect(findStatusFault(code.replaceAll("'", ''))).toBeUndefined();
  });

  test('events: every event has a row with what it tells', () => {
    const rows = readTable('What happened to a request').slice(1);
    expect(rows.map(nameOf)).toEqual(eventNames);
    for (const row of rows) {
      const fields = Object.keys(eventFields[nameOf(row) as BalancerEventName]);
      expect([nameOf(row), readCode(row[2]!)]).toEqual([nameOf(row), fields]);
    }
    expect(Object.keys(eventFields)).toEqual(eventNames);
  });

  test('errors: every code has a row with its status, and every row is a code', () => {
    const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => readFileSync(join(root, 'src', path), 'utf8'));
    const codes = new Set(sources.flatMap((source) => source.match(/\bERR_BALANCER_[A-Z_]+\b/g) ?? []));
    const rows = readTable('Errors by code').slice(1);
    expect(rows.map(nameOf).toSorted()).toEqual([...codes].toSorted());

    const odd = { ERR_BALANCER_MEMBER_STATUS: 'the member’s', ERR_BALANCER_DEFINITION: '–' } as const;
    const told = rows.map((row) => [nameOf(row), row[1]!.replaceAll("'", '’')]);
    const real = rows
      .map(nameOf)
      .map((code) => [
        code,
        code in odd ? odd[code as keyof typeof odd] : String(statusOf(code as BalancerErrorCode)),
      ]);
    expect(told).toEqual(real);
  });
});

describe('the words', () => {
  test('Node and Express are those of package.json', () => {
    const line = readme.split('\n').find((each) => each.startsWith('Needs Node'))!;
    expect(readCode(line)[0]).toBe(manifest.engines['node']!.replaceAll(/(?<=\d)(?:\.0)+(?= |$)/g, ''));
    expect(manifest.peerDependencies['express']).toBe('^4.17.0 || ^5.0.0');
    expect(readme).toContain('\nWorks in Express 5, Express 4.17+,');
  });

  test('the scripts that are named exist', () => {
    const names = [...readme.matchAll(/npm (?:run ([\w:-]+)|(start|test)\b)/g)].map(
      ([, script, short]) => (script ?? short)!,
    );
    expect(new Set(names)).toEqual(new Set(['start', 'test', 'demo', 'start:cluster', 'test:faults']));
    expect(Object.keys(manifest.scripts)).toEqual(expect.arrayContaining(names));
  });

  test('debug has the namespaces that are listed', () => {
    const line = readme.split('\n').find((each) => each.startsWith('`DEBUG='))!;
    const [setting, ...names] = readCode(line);
    expect(names).toEqual(Object.keys(debug));
    const namespaces = Object.values(debug).map(({ namespace }) => namespace);
    expect(namespaces).toEqual(names.map((name) => setting!.slice('DEBUG='.length).replace('*', name)));
  });

  test('the facts of a request are those that are listed', () => {
    const line = readme.split('\n').find((each) => each.startsWith('`name`, `sticky`'))!;
    expect(readCode(line)).toEqual(Object.keys(factNames));
  });

  test('Server-Timing looks as it is shown', () => {
    const line = readme.split('\n').find((each) => each.startsWith('`serverTiming: true`'))!;
    const shown = readCode(line).find((code) => code.startsWith('Server-Timing: '))!;
    const facts = {
      memberRoute: 'app1',
      waitedMs: 0,
      attempts: [{}, {}],
    } as unknown as library.BalancerFacts;
    const { headers } = addServerTiming({ status: 200, reason: 'OK', headers: [] }, facts, 20.7);
    expect(headers.join(': ')).toBe(shown);
  });

  test('the rooms and files that are named exist', () => {
    const names = readCode(readSection('How it is built'));
    const paths = names.filter((name) => /^[\w-]+(?:\/|\.ts)$/.test(name));
    expect(paths.length).toBeGreaterThan(5);
    const sources = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true }).map((entry) =>
      entry.isDirectory() ? `${entry.name}/` : entry.name,
    );
    expect(paths.filter((path) => !sources.includes(path))).toEqual([]);
  });
});
