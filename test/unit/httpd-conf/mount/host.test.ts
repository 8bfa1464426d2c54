import { describe, expect, test } from '@jest/globals';
import type { IncomingMessage } from 'node:http';
import { chooseHost, isLike, readComing, readHostName } from '../../../../src/httpd-conf/mount/host.ts';
import type { VirtualHost } from '../../../../src/httpd-conf/httpd-conf.ts';

function host(serverName: string | undefined, others: Partial<VirtualHost> = {}): VirtualHost {
  const place = { file: 'httpd.conf', line: 1 };
  return { serverName, serverAlias: [], ports: [], isTls: false, inherits: true, place, ...others };
}

const first = host('first.example');
const shop = host('shop.example', { serverAlias: ['www.shop.example', '*.shop.example'] });
const wild = host(undefined, { serverAlias: ['*.example', 'app?.test'] });
const hosts = [first, shop, wild];

function choose(name: string | undefined, among: readonly VirtualHost[] = hosts): VirtualHost | undefined {
  return chooseHost(among, { name, port: 3000, isTls: false }, () => true);
}

describe('a request is for the host', () => {
  test.each<[why: string, name: string | undefined, expected: VirtualHost]>([
    ['whose ServerName it has', 'shop.example', shop],
    ['whose ServerAlias it has', 'www.shop.example', shop],
    ['whose wildcard it fits', 'a.b.shop.example', shop],
    ['whose wildcard for one character it fits', 'app1.test', wild],
    ['that is first where nobody has the name', 'app12.test', first],
    ['that is first where there is no name', undefined, first],
    ['that is first where the name is none', 'shop.example,x', first],
    ['that comes first of two that have it', 'first.example', first],
  ])('%s: %s', (_why, name, expected) => {
    expect(choose(name)).toBe(expected);
  });

  test('whose wildcard comes first in the file, as httpd, rather than that which has the very name', () => {
    const late = host('late.example');
    expect(choose('late.example', [first, wild, late])).toBe(wild);
  });
});

describe('of several hosts of one name', () => {
  const plain = host('a.example', { ports: [80] });
  const tls = host('a.example', { ports: [443], isTls: true });
  const other = host('a.example', { ports: [8080] });

  test.each<
    [
      why: string,
      port: number | undefined,
      isTls: boolean,
      hosts: readonly VirtualHost[],
      expected: VirtualHost,
    ]
  >([
    ['the one for the port', 8080, false, [plain, tls, other], other],
    ['the one for the port, whatever the scheme', 443, false, [plain, tls], tls],
    ['the one for the scheme', 3000, true, [plain, tls], tls],
    ['the one for the scheme', 3000, false, [tls, plain], plain],
    ['the one for the scheme, where no port is known', undefined, true, [plain, tls], tls],
    ['the first that has mounts', 3000, true, [plain, other], other],
  ])('%s', (_why, port, isTls, among, expected) => {
    const chosen = chooseHost(among, { name: 'a.example', port, isTls }, (each) => each === other);
    expect(chosen).toBe(expected);
  });

  test('the first, where nothing tells them apart', () => {
    expect(chooseHost([plain, other], { name: 'a.example', port: 1, isTls: true }, () => false)).toBe(plain);
  });

  test('a name that nobody has is for the first of the port, or of the scheme', () => {
    const coming = { name: 'x.example', port: 443, isTls: true };
    expect(chooseHost([plain, tls], coming, () => true)).toBe(tls);
    expect(chooseHost([plain, tls], { ...coming, port: 3000 }, () => true)).toBe(tls);
    expect(chooseHost([], coming, () => true)).toBeUndefined();
  });
});

test.each<[host: string, name: string]>([
  ['WWW.Example.com', 'www.example.com'],
  ['example.com:8080', 'example.com'],
  ['example.com.', 'example.com'],
  ['example.com.:80', 'example.com'],
  ['example.com:', 'example.com'],
  ['[::1]:80', '[::1]'],
  ['[::1]', '[::1]'],
])('%s is the host %s', (host, name) => {
  expect(readHostName(host)).toBe(name);
});

test.each<[name: string, alias: string, expected: boolean]>([
  ['abc', 'abc', true],
  ['abc', '*', true],
  ['', '*', true],
  ['abc', 'a*', true],
  ['abc', '*c', true],
  ['abc', 'a?c', true],
  ['abc', 'a??c', false],
  ['abc', 'a*b', false],
  ['abcbc', 'a*bc', true],
  ['abc', '***', true],
  ['a.b', 'a?b', true],
  ['axb', 'a.b', false],
  ['abc', 'ab', false],
  ['ab', 'abc', false],
  ['abc', '', false],
])('%s like %s: %p', (name, alias, expected) => {
  expect(isLike(name, alias)).toBe(expected);
});

test('a hostile name takes no time', () => {
  expect(isLike('a'.repeat(16_000), `${'*a'.repeat(200)}b`)).toBe(false);
});

describe('how a request comes', () => {
  const read = (req: object): ReturnType<typeof readComing> => readComing(req as IncomingMessage);

  test('is told by Host and the socket', () => {
    const socket = { localPort: 8443, encrypted: true };
    expect(read({ url: '/', headers: { host: 'A.example:8443' }, socket })).toEqual({
      name: 'a.example',
      port: 8443,
      isTls: true,
    });
  });

  test('is told by the target before Host, and by Express before the socket', () => {
    const socket = { localPort: 80 };
    const req = { url: 'http://B.example/x', headers: { host: 'a.example' }, socket, protocol: 'https' };
    expect(read(req)).toEqual({ name: 'b.example', port: 80, isTls: true });
  });

  test('may have no name', () => {
    expect(read({ url: '/', headers: {}, socket: {} })).toEqual({
      name: undefined,
      port: undefined,
      isTls: false,
    });
  });
});
