import { describe, expect, test } from '@jest/globals';
import type { AccessRule } from '../../../../src/httpd-conf/httpd-conf.ts';
import { compileAccess, readSubnet } from '../../../../src/httpd-conf/mount/access.ts';

const rule = (order: AccessRule['order'], allow: readonly string[], deny: readonly string[]): AccessRule => ({
  order,
  allow,
  deny,
});

describe('who comes in', () => {
  const from = (...allow: readonly string[]): AccessRule => rule('allow,deny', allow, []);
  test.each([
    [from('all'), '10.1.2.3', true],
    [from('all'), '::1', true],
    [from(), '10.1.2.3', false],
    [from('10.1'), '10.1.255.255', true],
    [from('10.1'), '10.2.0.0', false],
    [from('10.1.2.3'), '10.1.2.3', true],
    [from('10.1.2.3'), '10.1.2.30', false],
    [from('10.0.0.0/8'), '::ffff:10.9.9.9', true],
    [from('10.0.0.0/8'), '::ffff:a09:909', true],
    [from('10.0.0.0/8'), '0:0:0:0:0:ffff:10.9.9.9', true],
    [from('10.0.0.0/8'), '::ffff:11.9.9.9', false],
    [from('::ffff:10.0.0.0/104'), '10.9.9.9', true],
    [from('2001:db8::/32'), '2001:DB8:1::2', true],
    [from('2001:db8::/32'), '2001:db9::', false],
    // Of IPv6 the whole is not of IPv4 anything.
    [from('::/0'), '10.1.2.3', false],
    [from('::/0'), '::ffff:10.1.2.3', false],
    [from('0.0.0.0/0'), '::1', false],
    [from('fe80::/10'), 'fe80::1%eth0', true],
    [from('local'), '127.8.8.8', true],
    [from('local'), '::1', true],
    [from('local'), '::ffff:127.0.0.1', true],
    [from('local'), '10.0.0.1', false],
    [from('nonsense', '10.1'), '10.1.0.1', true],
    [from('nonsense'), '10.1.0.1', false],
    // deny,allow: Allow wins, and nobody named means in.
    [rule('deny,allow', [], []), '10.1.2.3', true],
    [rule('deny,allow', [], ['10']), '10.1.2.3', false],
    [rule('deny,allow', ['10.1'], ['10']), '10.1.2.3', true],
    [rule('deny,allow', ['10.1'], ['all']), '11.1.2.3', false],
    [rule('deny,allow', [], ['fe80::/10']), 'fe80::1%eth0', false],
    [rule('deny,allow', [], ['nonsense']), '10.1.2.3', false],
    // allow,deny: Deny wins, and nobody named means out.
    [rule('allow,deny', ['all'], ['10']), '10.1.2.3', false],
    [rule('allow,deny', ['all'], ['10']), '::ffff:10.1.2.3', false],
    [rule('allow,deny', ['10'], ['10.1']), '10.1.2.3', false],
    [rule('allow,deny', ['10'], ['10.1']), '10.2.2.3', true],
    [rule('allow,deny', ['all'], ['nonsense']), '10.1.2.3', false],
  ])('%j: %s is let in: %s', (each, address, expected) => {
    expect(compileAccess(each)(address)).toBe(expected);
  });

  test.each([
    '',
    'unknown',
    '10.1',
    '10.1.2.3.4',
    '10.1.2.3, 1.1.1.1',
    ' 10.1.2.3',
    '[::1]',
    '10.1.2.3:80',
    '1'.repeat(100_000),
  ])('what is no address does not come in, whatever the rule: %s', (address) => {
    expect(compileAccess(rule('allow,deny', ['all'], []))(address)).toBe(false);
    expect(compileAccess(rule('deny,allow', [], []))(address)).toBe(false);
  });
});

describe('networks', () => {
  test.each([
    ['10.1.2.3', '10.1.2.3/32'],
    ['10', '10.0.0.0/8'],
    ['10.', '10.0.0.0/8'],
    ['010.1', '10.1.0.0/16'],
    ['10.1.0.0/16', '10.1.0.0/16'],
    ['10.1.0.0/255.255.0.0', '10.1.0.0/16'],
    ['10.1.0.0/0.0.0.0', '10.1.0.0/0'],
    ['::1', '::1/128'],
    ['2001:db8::/32', '2001:db8::/32'],
    ['::ffff:10.0.0.0/104', '10.0.0.0/8'],
    ...[
      '',
      '10..1',
      '256',
      '1.2.3.4.5',
      '10.1/16',
      '10.1.0.0/33',
      '10.1.0.0/',
      '10.1.0.0/a',
      '10.1.0.0/8/8',
      '10.0.0.0/255.0.255.0',
      '::1/129',
      '::1/::',
      'fe80::1%x',
      'localhost',
      '10.1.2.x',
      '1e1',
    ].map((text) => [text, undefined] as const),
  ])('%s is read as %s', (text, expected) => {
    const subnet = readSubnet(text);
    expect(subnet && `${subnet.network}/${subnet.prefix}`).toBe(expected);
  });
});
