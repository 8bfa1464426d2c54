import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import type { BalancerError } from '../../../../src/errors.ts';
import type { Condition } from '../../../../src/httpd-conf/httpd-conf.ts';
import { compileConditions } from '../../../../src/httpd-conf/mount/conditions.ts';
import { isVariable, readVariables } from '../../../../src/httpd-conf/mount/variables.ts';
import { tooLong } from '../../../support/too-long.ts';

const ask = (
  conditions: readonly Condition[],
  variables: Readonly<Record<string, string>> = {},
  ruleGroups: readonly string[] = [],
) => compileConditions(conditions)({ readVariable: (name) => variables[name] ?? '', ruleGroups });

type Compare = Exclude<Condition['matches'], RegExp>['compare'];

describe('one condition', () => {
  test.each([
    [/^www\./, 'www.a', true],
    [/^www\./, 'a', false],
    [/B/i, 'abc', true],
  ])('%s of %s: %s, and the other way round when negated', (matches, text, holds) => {
    expect(ask([{ test: text, matches }]).holds).toBe(holds);
    expect(ask([{ test: text, matches, negated: true }]).holds).toBe(!holds);
  });

  test.each<[string, Compare, string, boolean, boolean]>([
    ['a', '=', 'a', false, true],
    ['A', '=', 'a', false, false],
    ['A', '=', 'a', true, true],
    ['', '=', '', false, true],
    // httpd: the longer text is the greater one.
    ['1000', '>', '99', false, true],
    ['99', '>', '100', false, false],
    ['b', '>', 'a', false, true],
    ['b', '<', 'aa', false, true],
    ['b', '<', 'aa', true, false],
    ['a', '>=', 'a', false, true],
    ['a', '<=', 'a', false, true],
    ['a', '<', 'a', false, false],
    ['B', '<=', 'b', true, true],
    ['443', '-eq', '443', false, true],
    ['0443x', '-eq', ' 443', false, true],
    ['', '-eq', '0', false, true],
    ['6', '-gt', '5', false, true],
    ['5', '-gt', '5', false, false],
    ['5', '-ge', '5', false, true],
    ['-7', '-lt', '5', false, true],
    ['5', '-le', '5', false, true],
    ['10', '-lt', '9', false, false],
  ])('%s %s %s, without case: %s', (text, compare, other, nc, holds) => {
    expect(ask([{ test: text, matches: { compare, text: other, nc } }]).holds).toBe(holds);
  });

  test('a pattern with memory answers alike each time', () => {
    const matches = /a/g;
    expect([1, 2, 3].map(() => ask([{ test: 'a', matches }]).holds)).toEqual([true, true, true]);
  });

  test('is read when it is made ready, and not for each request', () => {
    const condition = { test: '%{A}', matches: /^b$/ };
    const holds = compileConditions([condition]);
    condition.test = 'changed';
    const facts = { readVariable: () => 'b', ruleGroups: [] };
    expect([holds(facts).holds, holds(facts).holds]).toEqual([true, true]);
  });

  test('no pattern sees more of a text than httpd would have let in', () => {
    expect(ask([{ test: '%{A}', matches: /b/ }], { A: `${'a'.repeat(8192)}b` }).holds).toBe(false);
    const started = performance.now();
    const askSlowly = (): boolean =>
      ask([{ test: '%{A}', matches: /^.*a.*ab$/ }], { A: 'a'.repeat(1e6) }).holds;
    // On a busy machine it is given up.
    let told: unknown;
    try {
      told = askSlowly();
    } catch (error) {
      told = (error as BalancerError).code;
    }
    expect([false, 'ERR_BALANCER_BAD_REQUEST']).toContain(told);
    expect(performance.now() - started).toBeLessThan(tooLong);
  });
});

describe('several', () => {
  const is = (text: string, more: Partial<Condition> = {}): Condition => ({
    test: text,
    matches: /^y/,
    ...more,
  });
  const or = { or: true };

  test.each([
    [[], true],
    [[is('y'), is('y')], true],
    [[is('y'), is('n')], false],
    [[is('n', or), is('y')], true],
    [[is('y', or), is('n')], true],
    [[is('n', or), is('n')], false],
    [[is('n', or), is('n', or), is('y'), is('y')], true],
    [[is('y', or), is('n', or), is('n'), is('n')], false],
    [[is('y'), is('n', or), is('n')], false],
    // httpd lets OR at the end hold whatever it says; nobody can mean that.
    [[is('n', or)], false],
    [[is('y', or)], true],
  ])('%j hold: %s', (conditions, holds) => {
    expect(ask(conditions).holds).toBe(holds);
  });

  test('groups are those of the last pattern that has matched', () => {
    const groups = (...conditions: readonly Condition[]) => [...ask(conditions).groups];
    expect(groups({ test: 'ab', matches: /(a)(b)/ })).toEqual(['ab', 'a', 'b']);
    expect(
      groups({ test: 'ab', matches: /(a)/ }, { test: 'x', matches: { compare: '=', text: 'x' } }),
    ).toEqual(['a', 'a']);
    expect(groups({ test: 'ab', matches: /(a)/ }, { test: 'x', matches: /(y)/, negated: true })).toEqual([
      'a',
      'a',
    ]);
    expect(groups({ test: 'ab', matches: /(a)/, or: true }, { test: 'b', matches: /(b)/ })).toEqual([
      'a',
      'a',
    ]);
    expect(groups({ test: 'ab', matches: /(a)/ }, { test: 'b', matches: /(b)/ })).toEqual(['b', 'b']);
    expect(groups({ test: 'ab', matches: /(a)/ }, { test: 'b', matches: /x/ })).toEqual([]);
  });

  test('each sees the groups of the one before, and of the rule', () => {
    const chain: readonly Condition[] = [
      { test: '%{HOST}', matches: /^(\w+)\.example$/ },
      { test: '%1-$2', matches: { compare: '=', text: 'www-b' } },
    ];
    expect(ask(chain, { HOST: 'www.example' }, ['', 'a', 'b']).holds).toBe(true);
    expect(ask(chain, { HOST: 'web.example' }, ['', 'a', 'b']).holds).toBe(false);
  });

  test('what a client sends is put in once: it is no variable', () => {
    expect(
      ask([{ test: '%{A}', matches: { compare: '=', text: '%{B}$1' } }], { A: '%{B}$1', B: 'x' }, ['', 'y'])
        .holds,
    ).toBe(true);
  });
});

type Made = Readonly<{ url?: string; headers?: readonly string[]; address?: string; more?: object }>;

function makeRequest({
  url = '/a?b=c',
  headers = [],
  address = '10.1.2.3',
  more = {},
}: Made = {}): IncomingMessage {
  const socket = new Socket();
  Object.defineProperties(socket, {
    remoteAddress: { value: address },
    remotePort: { value: 4711 },
    localAddress: { value: '10.0.0.1' },
  });
  const req = new IncomingMessage(socket);
  req.method = 'POST';
  req.url = url;
  req.httpVersion = '1.1';
  req.rawHeaders.push(...headers);
  for (let i = 0; i < headers.length; i += 2) req.headers[headers[i]!.toLowerCase()] = headers[i + 1]!;
  return Object.assign(req, more);
}

describe('variables', () => {
  const host = (text: string): Made => ({ headers: ['Host', text] });
  test.each<[string, Made, string]>([
    ['REQUEST_URI', {}, '/decoded é'],
    ['request_uri', {}, '/decoded é'],
    ['REQUEST_FILENAME', {}, '/decoded é'],
    ['REQUEST_METHOD', {}, 'POST'],
    ['QUERY_STRING', {}, 'b=c'],
    ['QUERY_STRING', { url: '/a' }, ''],
    ['QUERY_STRING', { url: 'http://h/a' }, ''],
    ['QUERY_STRING', { url: '/a?x=%41?' }, 'x=%41?'],
    ['THE_REQUEST', {}, 'POST /a?b=c HTTP/1.1'],
    ['THE_REQUEST', { url: '/', more: { originalUrl: '/x/' } }, 'POST /x/ HTTP/1.1'],
    ['SERVER_PROTOCOL', {}, 'HTTP/1.1'],
    ['REMOTE_ADDR', {}, '10.1.2.3'],
    ['REMOTE_ADDR', { address: '::ffff:10.1.2.3' }, '10.1.2.3'],
    ['REMOTE_ADDR', { headers: ['X-Forwarded-For', '1.1.1.1'] }, '10.1.2.3'],
    // Where Express trusts the proxies it is whom they name, as for Require ip.
    ['REMOTE_ADDR', { more: { app: {}, ip: '::ffff:10.9.9.9' } }, '10.9.9.9'],
    ['REMOTE_ADDR', { more: { ip: '10.9.9.9' } }, '10.1.2.3'],
    ['CONN_REMOTE_ADDR', { address: '::ffff:10.1.2.3', more: { app: {}, ip: '10.9.9.9' } }, '10.1.2.3'],
    ['IPV6', { more: { app: {}, ip: '2001:db8::1' } }, 'on'],
    ['IPV6', { address: '::1', more: { app: {}, ip: '10.9.9.9' } }, 'off'],
    ['REMOTE_PORT', {}, '4711'],
    ['SERVER_ADDR', {}, '10.0.0.1'],
    ['IPV6', {}, 'off'],
    ['IPV6', { address: '::1' }, 'on'],
    ['HTTPS', {}, 'off'],
    ['HTTPS', { headers: ['X-Forwarded-Proto', 'https'] }, 'off'],
    ['HTTPS', { more: { protocol: 'https' } }, 'on'],
    ['REQUEST_SCHEME', { more: { protocol: 'https' } }, 'https'],
    ['HTTP_HOST', host('A.example:8080'), 'A.example:8080'],
    ['SERVER_NAME', host('A.example:8080'), 'a.example'],
    ['SERVER_NAME', host('[::1]:8080'), '[::1]'],
    ['SERVER_NAME', {}, 'given.example'],
    ['SERVER_PORT', host('a:8080'), '8080'],
    ['SERVER_PORT', host('a'), '80'],
    ['SERVER_PORT', { ...host('a'), more: { protocol: 'https' } }, '443'],
    ['HTTP_USER_AGENT', { headers: ['User-Agent', 'x'] }, 'x'],
    ['HTTP_REFERER', { headers: ['referer', 'x'] }, 'x'],
    ['HTTP_COOKIE', { headers: ['Cookie', 'a=1', 'Cookie', 'b=2'] }, 'a=1; b=2'],
    ['HTTP:X-Name', { headers: ['x-name', '1', 'X-NAME', '2'] }, '1, 2'],
    ['HTTP:X-Name', { headers: ['X', 'x-name', 'Y', '2'] }, ''],
    ['HTTP:X-Name', { headers: ['X-Name', 'Ã©'] }, 'é'],
    ['constructor', {}, ''],
    ['ENV:HOME', {}, ''],
  ])('%%{%s} of %j is %s', (name, made, expected) => {
    const read = readVariables(makeRequest(made), { path: '/decoded é', serverName: 'given.example' });
    expect(read(name)).toBe(expected);
  });

  test('the port of the host that serves goes before that of the scheme', () => {
    const read = readVariables(makeRequest(), { path: '/', serverPort: 8443, query: '?given' });
    expect(read('SERVER_PORT')).toBe('8443');
    expect(read('QUERY_STRING')).toBe('given');
  });

  test.each([
    ['HTTP_HOST', true],
    ['http:x', true],
    ['HTTP:', false],
    ['HTTP_X_FORWARDED_PROTO', false],
    ['TIME_HOUR', false],
    ['ENV:x', false],
    ['toString', false],
    ['', false],
  ])('%s is known: %s', (name, known) => {
    expect(isVariable(name)).toBe(known);
  });
});
