import { describe, expect, test } from '@jest/globals';
import { findRemoteSign, isLoopback } from '../../../../src/manager/door/loopback.ts';

const ask = (rawHeaders: string[], remoteAddress: string | undefined = '127.0.0.1', httpVersion = '1.1') =>
  findRemoteSign({ rawHeaders, httpVersion, socket: { remoteAddress } });

test.each(['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1', '::FFFF:127.1.2.3'])(
  '%s is this machine',
  (address) => {
    expect(isLoopback(address)).toBe(true);
  },
);

test.each([
  '',
  '10.0.0.1',
  '128.0.0.1',
  '::',
  '::2',
  '::ffff:10.0.0.1',
  '127.0.0.1.evil.example',
  '127.x',
  'localhost',
])('%j is not', (address) => {
  expect(isLoopback(address)).toBe(false);
});

describe('who asks from this machine', () => {
  test.each([
    ['a browser', ['Host', 'localhost', 'User-Agent', 'Mozilla/5.0', 'Accept', '*/*']],
    ['a header that names a proxy in its value', ['Host', 'localhost', 'X-Note', 'X-Forwarded-For']],
  ])('%s is let in', (_who, rawHeaders) => {
    expect(ask(rawHeaders)).toBeUndefined();
  });

  test.each([
    'X-Forwarded-For',
    'x-forwarded-for',
    'X-Forwarded-Host',
    'X-Forwarded-Proto',
    'Forwarded',
    'X-Real-IP',
    'Via',
    'True-Client-IP',
    'CF-Connecting-IP',
    'X-Envoy-External-Address',
  ])('%s means that a proxy stands between', (name) => {
    expect(ask(['Host', 'localhost', name, '127.0.0.1'])).toBe(
      `it came through a proxy, which has added ${name}`,
    );
  });

  test('nginx, as it is without further settings, is known by its HTTP/1.0', () => {
    expect(ask(['Host', 'localhost:3000', 'Connection', 'close'], '127.0.0.1', '1.0')).toMatch(/HTTP\/1\.0/);
  });

  test.each(['10.0.0.1', '::ffff:10.0.0.1', 'fd00::1', ''])('%j is another machine', (address) => {
    expect(ask(['Host', 'localhost'], address)).toBe('it comes from another machine');
  });

  test('a socket without an address is none of this machine', () => {
    expect(findRemoteSign({ rawHeaders: [], httpVersion: '1.1', socket: {} })).toBe(
      'it comes from another machine',
    );
  });
});
