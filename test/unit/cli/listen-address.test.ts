import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../../../src/cli/io.ts';
import {
  ListenError,
  parseAddress,
  printAddress,
  readListen,
  type Address,
} from '../../../src/cli/listen-address.ts';
import type { Listen, VirtualHost } from '../../../src/httpd-conf/httpd-conf.ts';

test.each<readonly [string, Address, string]>([
  ['8080', { address: undefined, port: 8080 }, '*:8080'],
  [':8080', { address: undefined, port: 8080 }, '*:8080'],
  ['*:80', { address: undefined, port: 80 }, '*:80'],
  ['127.0.0.1:0', { address: '127.0.0.1', port: 0 }, '127.0.0.1:0'],
  ['localhost:65535', { address: 'localhost', port: 65_535 }, 'localhost:65535'],
  ['[::1]:8080', { address: '::1', port: 8080 }, '[::1]:8080'],
])('--listen %s', (text, address, printed) => {
  expect(parseAddress(text)).toEqual(address);
  expect(printAddress(address)).toBe(printed);
});

test.each(['', 'x', '70000', '127.0.0.1', '::1:8080', '[::g]:80', '[1.2.3]:80', '80 ', '-1', 'a b:80'])(
  '--listen %j is refused with what to write',
  (text) => {
    expect(() => parseAddress(text)).toThrow(UsageError);
    expect(() => parseAddress(text)).toThrow('127.0.0.1:8080');
  },
);

describe('without --listen', () => {
  const place = { file: 'httpd.conf', line: 1 };
  const listen = (port: number, address?: string): Listen => ({ address, port, place });
  const host = (port: number, isTls: boolean): VirtualHost => ({
    serverName: 'a',
    serverAlias: [],
    ports: [port],
    isTls,
    inherits: false,
    place,
  });

  test('it is where Listen says', () => {
    const { addresses } = readListen({ listen: [listen(80), listen(8080, '10.0.0.1')], hosts: [] });
    expect(addresses).toEqual([
      { address: undefined, port: 80 },
      { address: '10.0.0.1', port: 8080 },
    ]);
  });

  test('it is this machine where nothing is said', () => {
    const { addresses } = readListen({ listen: [], hosts: [] });
    expect(addresses).toEqual([{ address: '127.0.0.1', port: 8080 }]);
  });

  test('ports for https are left out, and told of', () => {
    const conf = {
      listen: [listen(80), listen(443), listen(8443), listen(9443)],
      hosts: [host(8443, true), host(9443, true), host(9443, false)],
    };
    const { addresses, notServed } = readListen(conf);
    expect(addresses.map(({ port }) => port)).toEqual([80, 9443]);
    expect(notServed.map(({ port }) => port)).toEqual([443, 8443]);
  });

  test('Listen may say for what its port is; hosts know better', () => {
    const conf = {
      listen: [
        { ...listen(18443), protocol: 'https' },
        { ...listen(443), protocol: 'http' },
        { ...listen(8443), protocol: 'https' },
      ],
      hosts: [host(8443, false)],
    };
    const { addresses, notServed } = readListen(conf);
    expect(addresses.map(({ port }) => port)).toEqual([443, 8443]);
    expect(notServed.map(({ port }) => port)).toEqual([18443]);
  });
});

test.each([
  ['EADDRINUSE', 'the port is taken; write another one, such as --listen 81'],
  ['EACCES', 'ports below 1024 need rights that this process has not; write --listen 8080'],
  ['EADDRNOTAVAIL', 'this machine has no such address'],
  ['EOTHER', 'the cause'],
])('%s is told with what to do', (code, told) => {
  const error = new ListenError(
    { address: '127.0.0.1', port: 80 },
    Object.assign(new Error('the cause'), { code }),
  );
  expect(error.message).toContain(`cannot listen on 127.0.0.1:80: ${told}`);
});
