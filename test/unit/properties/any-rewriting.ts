import { validateHeaderName, validateHeaderValue } from 'node:http';
import fc from 'fast-check';
import { expect } from '@jest/globals';
import type { Settings } from '../../../src/definition/settings.ts';
import type { Inbound } from '../../../src/request/inbound.ts';
import type { RawHeaders } from '../../../src/rewrite/headers.ts';
import { build } from '../definition/support.ts';
import { createInbound } from '../rewrite/support.ts';
import { anyHeaders } from './any-http.ts';

/** Members to rewrite for. */
export const urls = [
  'http://member.example/app',
  'http://other.example:8080',
  'https://member.example/',
  'http://[::1]:81/a/b/',
];

/** Definitions that rewrite each in its own way. */
export const anySettings: fc.Arbitrary<Settings> = fc
  .constantFrom(
    {},
    { proxyaddheaders: 'both' as const, proxyvia: 'Full' as const, proxypreservehost: true },
    {
      proxyaddheaders: false,
      proxyvia: 'Block' as const,
      proxypassreverse: ['/inner', 'http://x.example/y'],
    },
    { compat: 'httpd' as const, proxyvia: 'On' as const },
    {
      proxyvia: 'On' as const,
      proxypassreversecookiepath: { '/app': '/mount/', '/': '/' },
      proxypassreversecookiedomain: { 'member.example': 'front.example' },
    },
  )
  .map((definition) => build({ members: urls, ...definition }));

/** What may have been asked for, wherever the balancer is mounted. */
export const anyInbound: fc.Arbitrary<Inbound> = fc
  .record({
    method: fc.constantFrom('GET', 'HEAD', 'POST', 'OPTIONS'),
    httpVersion: fc.constantFrom('1.0', '1.1'),
    mountPath: fc.constantFrom('', '/mount', '/app', '/a;b', '/é'),
    host: fc.constantFrom(
      'front.example',
      'member.example',
      'FRONT.example:80',
      '[::1]:81',
      'a%20b',
      undefined,
    ),
    protocol: fc.constantFrom('http', 'https'),
    remoteAddress: fc.constantFrom('192.0.2.1', '::ffff:192.0.2.1', '2001:db8::1', 'fe80::1%eth0', ''),
    trusted: fc.boolean(),
    memberPath: fc.constantFrom('', '/below'),
    headers: anyHeaders,
  })
  .map(createInbound);

/** The names of fields, in lower case. */
export const namesIn = (headers: RawHeaders): readonly string[] =>
  headers.filter((_text, i) => i % 2 === 0).map((name) => name.toLowerCase());

/** RFC 9110 7.6.1, RFC 9112 6.1 and 7.4. */
export const endsHere: ReadonlySet<string> = new Set(
  'connection keep-alive proxy-connection te trailer transfer-encoding upgrade'.split(' '),
);

/** Node writes these fields, to the byte. */
export function expectAccepted(headers: RawHeaders): void {
  for (let i = 0; i < headers.length; i += 2) {
    validateHeaderName(headers[i]!);
    validateHeaderValue(headers[i]!, headers[i + 1]!);
    // Node lets letters beyond a byte through that it cannot write.
    expect(headers[i]! + headers[i + 1]!).toMatch(/^[\t -~\x80-\xff]*$/);
  }
}
