import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../../../src/cli/io.ts';
import { parseCall } from '../../../src/cli/parse-call.ts';
import { readOptions } from '../../../src/cli/read-conf.ts';

test('options may stand before and behind FILE, in short and in long', () => {
  const { file, values } = parseCall('serve', [
    '--listen',
    '8080',
    '-DTEST',
    'httpd.conf',
    '-D',
    'PORT=80',
    '--define=X',
    '--listen=[::1]:81',
    '--log',
  ])!;
  expect(file).toBe('httpd.conf');
  expect(values).toEqual({ listen: ['8080', '[::1]:81'], define: ['TEST', 'PORT=80', 'X'], log: true });
});

test('FILE may be standard input', () => {
  expect(parseCall('check', ['-', '--quiet'])?.file).toBe('-');
});

test('help is wanted whatever else is said', () => {
  expect(parseCall('check', ['--help'])).toBeUndefined();
  expect(parseCall('convert', ['httpd.conf', '-h'])).toBeUndefined();
});

test.each([
  [[], 'check needs a FILE'],
  [['a', 'b'], "takes one FILE, and 'b' is a second"],
  [['a', '--quite'], "Unknown option '--quite': write --quiet"],
  [['a', '--listen', '80'], "Unknown option '--listen'"],
  [['a', '--url'], "'--url <value>' argument missing"],
  [['a', '--json=yes'], "'--json' does not take an argument"],
])('%p is answered with what is wrong', (args, told) => {
  expect(() => parseCall('check', args)).toThrow(UsageError);
  expect(() => parseCall('check', args)).toThrow(told);
});

describe('how the configuration is read', () => {
  test('names are defined with values and without', () => {
    expect(readOptions({ define: ['TEST', 'no-ssl', 'E=', 'A=1=2', '__proto__=x'] }).defines).toStrictEqual(
      Object.fromEntries([
        ['TEST', undefined],
        ['no-ssl', undefined],
        ['E', ''],
        ['A', '1=2'],
        ['__proto__', 'x'],
      ]),
    );
  });

  test('what is not said is left to its default', () => {
    expect(readOptions({})).toEqual({ defines: {} });
    expect(readOptions({ compat: 'httpd', 'server-root': '/etc' })).toEqual({
      defines: {},
      compat: 'httpd',
      serverRoot: '/etc',
    });
  });

  test.each([
    [{ compat: 'ape' }, "--compat is 'ape'"],
    [{ define: ['=x'] }, "-D is '=x'"],
    [{ define: ['a b'] }, '-D'],
    [{ define: ['a:b=c'] }, "-D is 'a:b=c'"],
  ])('%p is refused', (values, told) => {
    expect(() => readOptions(values)).toThrow(UsageError);
    expect(() => readOptions(values)).toThrow(told);
  });
});
