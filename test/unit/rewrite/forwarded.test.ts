import { describe, expect, test } from '@jest/globals';
import type { Inbound } from '../../../src/request/inbound.ts';
import { isForwardedField } from '../../../src/rewrite/forwarded.ts';
import { compileRewriteRequest } from '../../../src/rewrite/rewrite-request.ts';
import { createInbound, createMember, fields, lines } from './support.ts';

type Mode = 'x-forwarded' | 'forwarded' | 'both';

function added(mode: Mode, facts: Partial<Inbound>): string[] {
  const settings = {
    proxypreservehost: false,
    xForwarded: mode !== 'forwarded',
    forwarded: mode !== 'x-forwarded',
    proxyvia: 'Off',
    pseudonym: 'p',
    proxymaxforwards: -1,
    compat: undefined,
  } as const;
  const rewriteRequest = compileRewriteRequest(settings, 'me.example');
  const { headers } = rewriteRequest(createInbound(facts), createMember('http://b/'), {
    kind: 'none',
    counted: false,
  });
  return lines(headers).slice(1);
}

describe('X-Forwarded-*', () => {
  test('tell the mount path, where there is one', () => {
    expect(added('x-forwarded', { mountPath: '/static', protocol: 'https' })).toEqual([
      'X-Forwarded-For: 127.0.0.1',
      'X-Forwarded-Host: front.example:19000',
      'X-Forwarded-Server: me.example',
      'X-Forwarded-Proto: https',
      'X-Forwarded-Prefix: /static',
    ]);
  });

  test.each([
    ['/outer', '/static', '/outer/static'],
    ['/outer/', '/static', '/outer/static'],
    ['/outer/', '', '/outer/'],
    ['', '/static', '/static'],
  ])('prefix %j of a trusted peer and mount path %j are %j', (theirs, mountPath, expected) => {
    const headers = fields(`X-Forwarded-Prefix: ${theirs}`);
    expect(added('x-forwarded', { trusted: true, mountPath, headers })).toContain(
      `X-Forwarded-Prefix: ${expected}`,
    );
  });

  test('keep the protocol that a trusted peer tells of', () => {
    const headers = fields('X-Forwarded-Proto: https, http');
    expect(added('x-forwarded', { trusted: true, headers })).toContain('X-Forwarded-Proto: https, http');
    expect(added('x-forwarded', { headers })).toContain('X-Forwarded-Proto: http');
  });

  test.each([
    'X-Forwarded-Port',
    'x-forwarded-user',
    'X-FORWARDED-SSL',
    'Forwarded',
    'X_Forwarded_For',
    'X-Forwarded_Host',
    'X.Forwarded.For',
    'x~forwarded~for',
  ])('%s of a peer that is not trusted is dropped, whatever is added', (name) => {
    for (const mode of ['x-forwarded', 'forwarded', 'both'] as const) {
      expect(added(mode, { headers: [name, 'forged'] }).join()).not.toContain('forged');
    }
  });

  test('others of a trusted peer pass, but for spellings that a member would take for ours', () => {
    const headers = fields('X-Forwarded-Port: 444', 'Forwarded: for=1.2.3.4', 'X_Forwarded_For: forged');
    const left = added('x-forwarded', { trusted: true, headers });
    expect(left).toEqual(expect.arrayContaining(['X-Forwarded-Port: 444', 'Forwarded: for=1.2.3.4']));
    expect(left.join()).not.toContain('forged');
  });

  test.each([
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['2001:db8::1', '2001:db8::1'],
    ['::ffff:0:1', '::ffff:0:1'],
  ])('a client at %s is %s', (remoteAddress, expected) => {
    expect(added('x-forwarded', { remoteAddress })).toContain(`X-Forwarded-For: ${expected}`);
  });

  test('of a client without address, at a Unix socket, tell what came before it', () => {
    const headers = fields('X-Forwarded-For: 1.2.3.4');
    expect(added('x-forwarded', { remoteAddress: '', trusted: true, headers })).toContain(
      'X-Forwarded-For: 1.2.3.4',
    );
    expect(added('x-forwarded', { remoteAddress: '' }).join()).not.toContain('X-Forwarded-For');
  });
});

describe('Forwarded (RFC 7239)', () => {
  test.each<[Partial<Inbound>, string]>([
    [{ host: 'front.example' }, 'for=127.0.0.1;host=front.example;proto=http'],
    [{ host: 'front.example:8080' }, 'for=127.0.0.1;host="front.example:8080";proto=http'],
    [{ host: undefined, remoteAddress: '2001:db8::1' }, 'for="[2001:db8::1]";proto=http'],
    [{ host: 'f', remoteAddress: '::ffff:1.2.3.4', protocol: 'https' }, 'for=1.2.3.4;host=f;proto=https'],
    [{ host: 'f', remoteAddress: '' }, 'for=unknown;host=f;proto=http'],
    [{ host: 'a"b\\c' }, 'for=127.0.0.1;host="a\\"b\\\\c";proto=http'],
  ])('of %j is %s', (facts, expected) => {
    expect(added('forwarded', facts)).toEqual([`Forwarded: ${expected}`]);
  });

  test('is appended to a trusted peer’s, whose X-Forwarded-* pass', () => {
    const headers = fields('Forwarded: for=1.2.3.4', 'X-Forwarded-For: 1.2.3.4', 'forwarded: for=5.6.7.8');
    expect(added('forwarded', { trusted: true, host: 'f', headers })).toEqual([
      'Forwarded: for=1.2.3.4, for=5.6.7.8, for=127.0.0.1;host=f;proto=http',
      'X-Forwarded-For: 1.2.3.4',
    ]);
  });

  test('stands beside X-Forwarded-* when both are asked for', () => {
    expect(added('both', { host: 'f' }).map((line) => line.split(':')[0])).toEqual([
      'X-Forwarded-For',
      'X-Forwarded-Host',
      'X-Forwarded-Server',
      'X-Forwarded-Proto',
      'Forwarded',
    ]);
  });
});

test.each([
  ['X-Forwarded-For', true],
  ['x_forwarded_for', true],
  ['FORWARDED', true],
  ['X-Forwarded', false],
  ['X-Forwarded-', false],
  ['X-Forwarder-For', false],
  ['X-Frame-Options', false],
  ['X-Requested-With', false],
  ['Forward', false],
  ['X', false],
  ['', false],
])('whether %j tells of the way: %s', (name, expected) => {
  expect(isForwardedField(name)).toBe(expected);
});
