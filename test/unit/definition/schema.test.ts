import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import ts from 'typescript';
import { buildSchema } from '../../../scripts/schema/build-schema.ts';
import type { JsonSchema } from '../../../scripts/schema/json-schema.ts';
import { balancerChecks } from '../../../src/definition/check-definition.ts';
import { checkMember } from '../../../src/definition/check-member.ts';
import { copyDefinition } from '../../../src/definition/copy-definition.ts';
import { optionNames } from '../../../src/definition/option-names.ts';
import { isOptions, type Options } from '../../../src/definition/problem.ts';
import { build, problemsOf } from './support.ts';
import { isException, isPattern } from './schema-exceptions.ts';

const schema = buildSchema();
const formats = { regex: isPattern };
const validate = new Ajv({ strict: true, strictTypes: false, formats }).compile(schema);

/** A record of a definition: its options, the schema's record of them, and a definition with one of them. */
type Record_ = Readonly<{
  names: readonly string[];
  properties: JsonSchema['properties'];
  /** Options that JSON has no value of. */
  unsayable: readonly string[];
  wrap(option: string, value: unknown): Options;
}>;

const https = { url: 'https://app1' };
const onMember = (options: Options): Options => ({ members: [{ ...https, ...options }] });
const beside = (options: Options): Options => ({ members: ['http://a'], ...options });
const definitionOf = (name: string): JsonSchema['properties'] => schema.definitions![name]!.properties;

const hashKeyOptions: JsonSchema['properties'] = Object.assign(
  {},
  ...((schema.properties!['hashKey'] as JsonSchema).anyOf ?? []).map(({ properties }) => properties),
) as JsonSchema['properties'];

const records: Readonly<Record<string, Record_>> = {
  balancer: {
    names: optionNames.balancer,
    properties: schema.properties,
    unsayable: ['state'],
    wrap: (option, value) => beside({ [option]: value }),
  },
  member: {
    names: optionNames.member,
    properties: definitionOf('ServerMember'),
    unsayable: ['handler'],
    wrap: (option, value) => onMember({ [option]: value }),
  },
  memberDefaults: {
    names: optionNames.memberDefaults,
    properties: (schema.properties!['memberDefaults'] as JsonSchema).properties,
    unsayable: [],
    wrap: (option, value) => beside({ memberDefaults: { [option]: value } }),
  },
  ejection: {
    names: optionNames.ejection,
    properties: definitionOf('Ejection'),
    unsayable: [],
    wrap: (option, value) => beside({ ejection: { [option]: value } }),
  },
  routeCookie: {
    names: optionNames.routeCookie,
    properties: definitionOf('RouteCookie'),
    unsayable: ['expires'],
    wrap: (option, value) => beside({ routeCookie: { [option]: value } }),
  },
  failoverOn: {
    names: optionNames.failoverOn,
    properties: definitionOf('FailoverOn'),
    unsayable: [],
    wrap: (option, value) => beside({ failoverOn: { [option]: value } }),
  },
  hashKey: {
    names: optionNames.hashKey,
    properties: hashKeyOptions,
    unsayable: [],
    wrap: (option, value) => beside({ hashKey: { [option]: value } }),
  },
  hcexpect: {
    names: optionNames.hcexpect,
    properties: definitionOf('HcExpectation'),
    unsayable: [],
    wrap: (option, value) => onMember({ hcexpect: { [option]: value } }),
  },
  tls: {
    names: optionNames.tls,
    properties: definitionOf('TlsOptions'),
    unsayable: [],
    wrap: (option, value) => onMember({ tls: { [option]: value } }),
  },
};

/** What each option says by itself; what options say together no schema can. */
function problemsAlone(definition: Options): readonly unknown[] {
  const copy = copyDefinition(definition);
  if (!isOptions(copy)) return ['no record'];
  return Object.entries(copy).flatMap(([name, value]): readonly unknown[] => {
    if (name === 'members' && Array.isArray(value) && value.length > 0)
      return value.flatMap((member, i) => checkMember(member, `members[${i}]`));
    const check = Object.hasOwn(balancerChecks, name)
      ? balancerChecks[name as keyof typeof balancerChecks]
      : () => ['unknown'];
    return check(value, name);
  });
}

const directory = import.meta.dirname;

/** Every value of JSON that a test of definitions gives to an option, by the option's name. */
function collectValues(): ReadonlyMap<string, readonly unknown[]> {
  const found = new Map<string, unknown[]>();
  for (const name of readdirSync(directory).filter((each) => each.endsWith('.test.ts'))) {
    const text = readFileSync(join(directory, name), 'utf8');
    const visit = (node: ts.Node): void => {
      if (ts.isPropertyAssignment(node)) {
        const value = readJson(node.initializer);
        const option = node.name.getText().replaceAll(/^['"]|['"]$/g, '');
        if (value !== undefined) found.set(option, [...(found.get(option) ?? []), value]);
      }
      ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true));
  }
  return found;
}

/** A literal as JSON has it; undefined for anything else. */
function readJson(node: ts.Expression): unknown {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isNumericLiteral(node)) return Number(node.text.replaceAll('_', ''));
  if (ts.isPrefixUnaryExpression(node) && ts.isNumericLiteral(node.operand))
    return -Number(node.operand.text);
  if (node.kind === ts.SyntaxKind.TrueKeyword) return true;
  if (node.kind === ts.SyntaxKind.FalseKeyword) return false;
  if (node.kind === ts.SyntaxKind.NullKeyword) return null;
  if (ts.isArrayLiteralExpression(node)) {
    const elements = node.elements.map(readJson);
    return elements.includes(undefined) ? undefined : elements;
  }
  if (!ts.isObjectLiteralExpression(node)) return undefined;
  const entries = node.properties.map((property): [string, unknown] =>
    ts.isPropertyAssignment(property)
      ? [property.name.getText().replaceAll(/^['"]|['"]$/g, ''), readJson(property.initializer)]
      : ['', undefined],
  );
  return entries.some(([, value]) => value === undefined) ? undefined : Object.fromEntries(entries);
}

/** Every bound of the schema, and the numbers around it. */
function listBounds(node: unknown): readonly number[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) =>
    /^(exclusiveM|m)(in|ax)imum$/.test(key) && typeof value === 'number'
      ? [value - 1, value - 0.5, value, value + 0.5, value + 1]
      : listBounds(value),
  );
}

const byName = collectValues();
const generic: readonly unknown[] = [
  ...new Set(listBounds(schema)),
  ...[null, true, false, '', ' ', 'x', 'X', '-', '5', 'on', 'On', 'Off', 'none', 'ANY', 'http', '//x'],
  ...['0s', '0.0ms', '1ms', '1.5s', '30s', '2m', '1h', '596h', '597h', '0.1ms', '50ms', '30 s', '5d', '.5s'],
  ...['http://a', 'https://a:8/b/', 'HTTP://a', 'unix:/s|http://a', 'unix:s|http://a', 'http://', 'ftp://a'],
  ...[
    'http://u@a',
    'http://a?q',
    'http://a b',
    'http://:80',
    'http://[::1]:3000',
    '/a',
    '/a?b',
    '/a#b',
    '/../a',
  ],
  ...[
    '/%2e/a',
    '/a*',
    '^/a',
    '(',
    '/x/',
    '/x/i',
    'a b',
    'a|b',
    'a|b|c',
    'D',
    '+H-E',
    'HR',
    'H,drain',
    'drian',
  ],
  ...['a\u0000b', 'ä', 'ä'.repeat(40), 'x'.repeat(63), 'x'.repeat(64), '10.0.0.2', '10.0.0.2:53', '[::1]:53'],
  ...['*.internal', '*', 'a.internal:3000', 'balancer://x/', '-----BEGIN CERTIFICATE-----', 'POST', 'post'],
  ...[[], [''], ['x'], ['/a'], [200], [503], [100], [599, 600], [null], [[]], {}, { x: 'y' }, { x: 1 }],
  ...[{ '(': 'x' }, { '^/a': '/b' }, { '/a': '/b' }, { 'http://a/': '/b' }, { 'a.b': '' }, { Host: 'a' }],
  ...[{ header: 'x' }, { cookie: 'x' }, { header: 'x', cookie: 'y' }, { status: [200], body: 'ok' }],
];

function expectAgreement(place: string, option: string, value: unknown): void {
  const definition = records[place]!.wrap(option, value);
  const isValid = validate(definition);
  const problems = problemsAlone(definition);
  const what = `${place}.${option}: ${JSON.stringify(value)}`;
  if (problems.length === 0 && !isValid)
    throw new Error(`the schema alone refuses ${what}: ${JSON.stringify(validate.errors)}`);
  if (problems.length > 0 && isValid && !isException(place, option, value))
    throw new Error(`the schema alone takes ${what}: ${JSON.stringify(problems)}`);
}

describe.each(Object.entries(records))('the options of %s', (place, { names, properties, unsayable }) => {
  test('are all in the schema, but for those that JSON has no value of', () => {
    const known = Object.keys(properties ?? {}).filter((name) => name !== '$schema');
    expect(known.toSorted()).toEqual(names.filter((name) => !unsayable.includes(name)).toSorted());
  });

  test('are described, each with its docstring', () => {
    const bare = Object.entries(properties ?? {}).filter(
      ([, each]) => typeof each !== 'object' || !/\w/.test(each.description ?? ''),
    );
    expect(bare.map(([name]) => name)).toEqual([]);
  });

  test('are refused by the schema as the checks refuse them, and taken likewise', () => {
    for (const option of names.filter((name) => !unsayable.includes(name)))
      for (const value of [...(byName.get(option) ?? []), ...generic]) expectAgreement(place, option, value);
  });

  test('that are misspelt are refused by both', () => {
    for (const option of ['zzz', 'Members', 'loadFactor', '__proto__', ' name']) {
      const definition = JSON.parse(
        JSON.stringify(records[place]!.wrap('zzz', 1)).replace('zzz', option),
      ) as Options;
      expect([option, validate(definition), problemsAlone(definition).length > 0]).toEqual([
        option,
        false,
        true,
      ]);
    }
  });
});

test('the two agree over whatever anybody writes', () => {
  const places = Object.keys(records);
  const value = fc.oneof(
    fc.constantFrom(...generic, ...[...byName.values()].flat()),
    fc.array(fc.constantFrom(...generic), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom('/a', '^/b', 'http://a/', 'a.b', 'Host', 'x y'),
      fc.constantFrom(...generic),
      {
        maxKeys: 2,
      },
    ),
    fc.jsonValue({ maxDepth: 2 }),
    fc.string({
      unit: fc.constantFrom(
        ...'0 1 5 9 s m h . / : * - + | , ! H D R % e \\ [ ] @ # ? = a x'.split(' '),
        ' ',
      ),
    }),
  );
  fc.assert(
    fc.property(fc.constantFrom(...places), fc.nat(), value, (place, at, given) => {
      const names = records[place]!.names.filter((name) => !records[place]!.unsayable.includes(name));
      expectAgreement(place, names[at % names.length]!, given);
    }),
    { numRuns: 5000 },
  );
}, 120_000);

describe('the options of http-proxy-middleware', () => {
  const carry = (httpProxyMiddleware: unknown) => beside({ httpProxyMiddleware });
  const properties = definitionOf('HttpProxyMiddleware');

  test('are all there, so that an editor offers them', () => {
    const names = Object.entries(properties!).flatMap(([name, each]) => (each === false ? [] : [name]));
    expect(names.toSorted()).toEqual(optionNames.httpProxyMiddleware.toSorted());
  });

  test.each([
    { changeOrigin: true, secure: false, proxyTimeout: 5000, hostRewrite: 'a', followRedirects: 5 },
    { pathFilter: ['/a', '/b'], pathRewrite: { '^/a': '/b' }, headers: { 'X-A': 'b' } },
    { cookieDomainRewrite: '', cookiePathRewrite: { '/a': '/b' }, ssl: { ca: 'x' }, agent: false },
    { ofALaterVersion: 1 },
  ])('are taken by both: %j', (options) => {
    expect([validate(carry(options)), problemsAlone(carry(options))]).toEqual([true, []]);
  });

  test.each([
    { target: 'http://a' },
    { router: {} },
    { forward: 'http://a' },
    { ws: true },
    { xfwd: true },
    { http2: true },
    { buffer: {} },
    { prependPath: false },
    { pathRewrite: { '(': '/b' } },
  ])('are refused by both: %j', (options) => {
    expect([validate(carry(options)), problemsAlone(carry(options)).length > 0]).toEqual([false, true]);
  });
});

describe('defaults and words', () => {
  test('a default in the schema is a value that may be written', () => {
    for (const [place, { properties, wrap, unsayable }] of Object.entries(records)) {
      for (const [option, each] of Object.entries(properties ?? {})) {
        if (typeof each !== 'object' || each.default === undefined || unsayable.includes(option)) continue;
        expect([place, option, validate(wrap(option, each.default))]).toEqual([place, option, true]);
      }
    }
    expect(schema.properties).toMatchObject({
      lbmethod: { default: 'byrequests' },
      replayBytes: { default: 65_536 },
      proxytimeout: { default: '60s' },
      forcerecovery: { default: true },
      hashBalance: { default: 1.25 },
    });
  });

  test('an option has its own description, and not that of its type', () => {
    const { memberDefaults, pathRewrite } = schema.properties as Readonly<Record<string, JsonSchema>>;
    expect(memberDefaults!.description).toMatch(/^Parameters for all members/);
    expect(pathRewrite!.description).toContain('the first pattern that matches');
  });

  test('an editor is offered the words of an option', () => {
    const { lbmethod, proxyvia, compat } = schema.properties as Readonly<Record<string, JsonSchema>>;
    expect(lbmethod!.enum).toEqual([
      'byrequests',
      'bytraffic',
      'bybusyness',
      'byresponsetime',
      'random',
      'byhash',
    ]);
    expect(proxyvia!.enum).toEqual(['Off', 'On', 'Full', 'Block']);
    expect(compat).toMatchObject({ const: 'httpd' });
    expect(definitionOf('ServerMember')!['status']).toMatchObject({
      anyOf: [{ enum: expect.arrayContaining(['hot-standby', 'H']) as unknown }, { type: 'string' }],
    });
  });
});

describe('a definition that is kept in a file', () => {
  test('may name its schema for an editor, and nothing comes of it', () => {
    const $schema = './node_modules/express-proxy-balancer/dist/definition.schema.json';
    expect(validate({ $schema, members: ['http://a'] })).toBe(true);
    expect(problemsOf({ $schema, members: ['http://a'] })).toEqual([]);
    expect(problemsOf({ $schema: 5, members: ['http://a'] })).toMatchObject([{ path: '$schema' }]);
    expect(problemsOf({ members: [{ $schema, url: 'http://a' }] })).toMatchObject([
      { path: 'members[0].$schema' },
    ]);
  });

  test('says a pattern by its source', () => {
    const { sticky, members } = build({
      stickysession: 'sid',
      routeregex: '!(\\w+)$',
      members: [{ url: 'http://a', route: 'a', hcmethod: 'GET', hcexpect: { body: '"status":\\s*"ok"' } }],
    });
    expect(sticky!.routeregex).toEqual(/!(\w+)$/);
    const { isExpected } = members[0]!.health!;
    const answer = (body: string) => ({ status: 200, headers: {}, body });
    expect([isExpected(answer('{"status": "ok"}')), isExpected(answer('{"status": "no"}'))]).toEqual([
      true,
      false,
    ]);
  });
});
