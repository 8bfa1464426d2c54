import { describe, expect, test } from '@jest/globals';
import { linesFor, linesForMember } from './support.ts';

describe('resolve', () => {
  test.each<[Readonly<Record<string, unknown>>]>([
    [{ resolve: 'A' }],
    [{ url: 'http://_http._tcp.app.internal/base/', resolve: 'SRV' }],
    [{ url: 'http://app3:8080', resolve: 'A' }],
  ])('%j passes', (given) => {
    expect(linesForMember(given)).toEqual([]);
  });

  test.each<[Readonly<Record<string, unknown>>, string]>([
    [{ resolve: 'a' }, "members[2].resolve is 'a': there is no such value; write 'A'"],
    [{ resolve: true }, "members[2].resolve is true: there is no such value; write 'A' or 'SRV'"],
    [
      { url: 'http://app3:80', resolve: 'SRV' },
      "members[2].resolve is 'SRV': SRV records tell the ports; leave the port out of url, or write 'A'",
    ],
    [
      { url: 'http://app3:8080/x', resolve: 'SRV' },
      "members[2].resolve is 'SRV': SRV records tell the ports; leave the port out of url, or write 'A'",
    ],
    [
      { url: 'http://10.0.0.1', resolve: 'A' },
      "members[2].resolve is 'A': the host is an address already; leave it out",
    ],
    [
      { url: 'http://[::1]', resolve: 'SRV' },
      "members[2].resolve is 'SRV': the host is an address already; leave it out",
    ],
    [
      { url: 'unix:/a|http://h/', resolve: 'A' },
      "members[2].resolve is 'A': a socket has no name in DNS; leave it out",
    ],
  ])('%j is answered in one line', (given, line) => {
    expect(linesForMember(given)).toEqual([line]);
  });
});

describe('a resolver', () => {
  test.each<[Readonly<Record<string, unknown>>]>([
    [{ resolver: '10.0.0.2', members: [{ url: 'http://a', resolve: 'A' }] }],
    [{ resolver: '10.0.0.2:5353', members: [{ url: 'http://a', resolve: 'A' }] }],
    [{ resolver: '::1', members: [{ url: 'http://a', resolve: 'A' }] }],
    [{ resolver: '[::1]:5353', members: [{ url: 'http://a', resolve: 'A' }] }],
    [{ resolver: ['10.0.0.2', '10.0.0.3'], members: [{ url: 'http://a', resolve: 'A' }] }],
  ])('%j passes', (given) => {
    expect(linesFor(given)).toEqual([]);
  });

  test.each<[Readonly<Record<string, unknown>>, string]>([
    [
      { resolver: '10.0.0.2:0', members: [{ url: 'http://a', resolve: 'A' }] },
      "resolver is '10.0.0.2:0': there is no such port; write an address such as '10.0.0.2', '10.0.0.2:5353' or '[fd00::2]:5353'",
    ],
    [
      { resolver: '10.0.0.2:99999', members: [{ url: 'http://a', resolve: 'A' }] },
      "resolver is '10.0.0.2:99999': there is no such port; write an address such as '10.0.0.2', '10.0.0.2:5353' or '[fd00::2]:5353'",
    ],
    [
      { resolver: 'dns.example', members: [{ url: 'http://a', resolve: 'A' }] },
      "resolver is 'dns.example': it must be the address of a DNS server: a name would have to be resolved first; write an address such as '10.0.0.2', '10.0.0.2:5353' or '[fd00::2]:5353'",
    ],
    [
      { resolver: '[10.0.0.2]:53', members: [{ url: 'http://a', resolve: 'A' }] },
      "resolver is '[10.0.0.2]:53': it must be the address of a DNS server: a name would have to be resolved first; write an address such as '10.0.0.2', '10.0.0.2:5353' or '[fd00::2]:5353'",
    ],
    [
      { resolver: 5, members: [{ url: 'http://a', resolve: 'A' }] },
      "resolver is 5: it must be the address of a DNS server; write an address such as '10.0.0.2', '10.0.0.2:5353' or '[fd00::2]:5353'",
    ],
    [
      { resolver: [], members: [{ url: 'http://a', resolve: 'A' }] },
      "resolver is []: the list is empty; leave it out for the system's",
    ],
    [
      { resolver: ['10.0.0.2', 'x'], members: [{ url: 'http://a', resolve: 'A' }] },
      "resolver[1] is 'x': it must be the address of a DNS server: a name would have to be resolved first; write an address such as '10.0.0.2', '10.0.0.2:5353' or '[fd00::2]:5353'",
    ],
    [
      { resolver: '10.0.0.2' },
      "resolver is '10.0.0.2': no member is resolved by it; write resolve: 'A' on a member, or leave it out",
    ],
  ])('%j is answered in one line', (given, line) => {
    expect(linesFor(given)).toEqual([line]);
  });
});
