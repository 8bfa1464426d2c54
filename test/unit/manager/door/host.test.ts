import { describe, expect, test } from '@jest/globals';
import { isAllowedHost, parseHost, readHost, type HostRule } from '../../../../src/manager/door/host.ts';

describe('a host is compared in one form', () => {
  test.each([
    ['Ops.Example', 'ops.example', undefined],
    ['ops.example.', 'ops.example', undefined],
    ['ops.example:8080', 'ops.example', 8080],
    ['LOCALHOST:80', 'localhost', 80],
    ['[::1]:3000', '[::1]', 3000],
    ['[0:0:0:0:0:0:0:1]', '[::1]', undefined],
    ['[::FFFF:127.0.0.1]', '[::ffff:7f00:1]', undefined],
    ['127.0.0.1', '127.0.0.1', undefined],
    ['127.1', '127.0.0.1', undefined],
    ['0x7f.0.0.1', '127.0.0.1', undefined],
    ['under_score.example', 'under_score.example', undefined],
  ])('%s', (text, name, port) => {
    expect(parseHost(text)).toEqual({ name, port });
  });

  test.each([
    '',
    ' ',
    '.',
    'a..',
    'a b',
    'a,b',
    'a:',
    'a:0',
    'a:65536',
    'a:80:80',
    'a@b',
    'a/b',
    'a?b',
    'a#b',
    'a\\b',
    '%6cocalhost',
    'löcalhost',
    '::1',
    '[::1',
    '[::zz]',
    '[1.2.3.4]',
    '1.2.3.4.5',
    '999.1.1.1',
    'a127.0.0.1',
    'http://a',
  ])('%j is none', (text) => {
    expect(parseHost(text)).toBeUndefined();
  });
});

describe('a request is for one host', () => {
  const host = { name: 'a.example', port: undefined };

  test.each([
    [['Host', 'a.example'], undefined],
    [['HOST', 'A.example.'], 'a.example'],
    [[':authority', 'a.example'], undefined],
    [[':authority', 'a.example', 'host', 'a.example'], undefined],
    [['X-Host', 'evil.example', 'Host', 'a.example'], undefined],
  ])('%j, %s', (rawHeaders, authority) => {
    expect(readHost(rawHeaders, authority)).toEqual(host);
  });

  test.each([
    ['there is none', [], undefined],
    ['there is none beside the target', [], 'nothing at all'],
    ['there are two, though alike', ['Host', 'a.example', 'Host', 'a.example'], undefined],
    ['there are two', ['Host', 'a.example', 'host', 'evil.example'], undefined],
    ['it is a list', ['Host', 'a.example, evil.example'], undefined],
    ['it is empty', ['Host', ''], undefined],
    ['the target names another', ['Host', 'a.example'], 'evil.example'],
    ['the target names another port', ['Host', 'a.example:1'], 'a.example:2'],
    ['HTTP/2 names another', [':authority', 'evil.example', 'host', 'a.example'], undefined],
  ])('refused: %s', (_why, rawHeaders, authority) => {
    expect(readHost(rawHeaders, authority)).toBeUndefined();
  });
});

describe('names under which the manager is reached', () => {
  const isAllowed = (text: string, rule: HostRule): boolean => isAllowedHost(parseHost(text)!, rule);
  const machine: HostRule = { kind: 'this-machine' };
  const name = (...texts: string[]): HostRule => ({
    kind: 'named',
    hosts: texts.map((text) => parseHost(text)!),
  });

  test.each([
    'localhost',
    'localhost.',
    'LocalHost:3000',
    'app.localhost:1',
    '127.0.0.1',
    '127.9.9.9:80',
    '[::1]:8',
  ])('%s is this machine', (text) => {
    expect(isAllowed(text, machine)).toBe(true);
  });

  test.each([
    'evil.example',
    'localhost.evil.example',
    'notlocalhost',
    '127.0.0.1.evil.example',
    '128.0.0.1',
    '0.0.0.0',
    '10.0.0.1',
    '[::2]',
    '[::]',
    '[::ffff:7f00:1]',
  ])('%s is not', (text) => {
    expect(isAllowed(text, machine)).toBe(false);
  });

  test('any may be any', () => {
    expect(isAllowed('whatever.example:99', { kind: 'any' })).toBe(true);
  });

  test.each([
    ['ops.example', 'ops.example', true],
    ['ops.example', 'OPS.example.:8443', true],
    ['ops.example', 'evil.example', false],
    ['ops.example', 'x.ops.example', false],
    ['ops.example', 'ops.example.evil', false],
    ['ops.example:8080', 'ops.example:8080', true],
    ['ops.example:8080', 'ops.example:8081', false],
    ['ops.example:8080', 'ops.example', false],
    ['ops.example:443', 'ops.example', true],
    ['ops.example:80', 'ops.example', true],
    ['[fd00::1]', '[fd00:0::1]:99', true],
    ['10.0.0.5', '10.0.0.6', false],
  ])('hosts: [%j] and %s', (allowed, asked, expected) => {
    expect(isAllowed(asked, name('other.example', allowed))).toBe(expected);
  });
});
