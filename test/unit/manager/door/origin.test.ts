import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { parseHost } from '../../../../src/manager/door/host.ts';
import { findForeignSign, isEmbedded } from '../../../../src/manager/door/origin.ts';

type Wishes = Readonly<{ host?: string; isTls?: boolean; isDirect?: boolean }>;

function ask(
  headers: IncomingHttpHeaders,
  { host = 'ops.example', isTls = false, isDirect = false }: Wishes = {},
) {
  // All that is looked at of a socket.
  const socket = (isTls ? { encrypted: true } : {}) as unknown as Socket;
  return findForeignSign({ headers, socket }, parseHost(host)!, isDirect);
}

describe('a change is of the pages of the manager', () => {
  test.each<[string, IncomingHttpHeaders, Wishes?]>([
    ['fetch metadata say so', { 'sec-fetch-site': 'same-origin' }],
    ['and a proxy has replaced Host', { 'sec-fetch-site': 'same-origin', origin: 'https://public.example' }],
    ['Origin is Host', { origin: 'http://ops.example' }],
    [
      'Origin is Host, which has its default port',
      { origin: 'http://ops.example' },
      { host: 'ops.example:80' },
    ],
    ['Origin is Host with its port', { origin: 'http://ops.example:3000' }, { host: 'OPS.example.:3000' }],
    ['a proxy takes TLS off', { origin: 'https://ops.example' }],
    ['over TLS', { origin: 'https://ops.example' }, { isTls: true }],
    ['IPv6', { origin: 'http://[::1]:3000' }, { host: '[0::1]:3000' }],
    [
      'both are right',
      { 'sec-fetch-site': 'same-origin', origin: 'http://localhost:1' },
      { host: 'localhost:1', isDirect: true },
    ],
  ])('%s', (_how, headers, wishes = {}) => {
    expect(ask(headers, wishes)).toBeUndefined();
  });

  test.each<[string, IncomingHttpHeaders, Wishes?]>([
    ['another site', { 'sec-fetch-site': 'cross-site', origin: 'http://ops.example' }],
    ['another host of the site', { 'sec-fetch-site': 'same-site', origin: 'http://ops.example' }],
    ['typed by hand', { 'sec-fetch-site': 'none' }],
    ['made up', { 'sec-fetch-site': 'same-origin, same-origin' }],
    ['empty', { 'sec-fetch-site': '' }],
    ['another Origin', { origin: 'http://evil.example' }],
    ['no Origin worth the name', { origin: 'null' }],
    ['an empty Origin', { origin: '' }],
    ['another port', { origin: 'http://ops.example:81' }],
    ['the default port of the other scheme', { origin: 'https://ops.example' }, { host: 'ops.example:80' }],
    ['no TLS, although it was sent over TLS', { origin: 'http://ops.example' }, { isTls: true }],
    ['a subdomain', { origin: 'http://x.ops.example' }],
    ['a longer name', { origin: 'http://ops.example.evil.example' }],
    ['a user in front', { origin: 'http://ops.example@evil.example' }],
    ['a path behind', { origin: 'http://ops.example/' }],
    ['another scheme', { origin: 'file://ops.example' }],
    ['a list', { origin: 'http://ops.example, http://evil.example' }],
    [
      'a proxy that says nothing, before loopback-only',
      { 'sec-fetch-site': 'same-origin', origin: 'https://public.example' },
      { isDirect: true },
    ],
  ])('refused: %s', (_how, headers, wishes = {}) => {
    expect(ask(headers, wishes)).toEqual(expect.any(String));
  });

  test('a script is told what to send', () => {
    expect(ask({})).toContain('-H "Origin: http://ops.example"');
    expect(ask({}, { host: 'ops.example:8443', isTls: true })).toContain(
      '-H "Origin: https://ops.example:8443"',
    );
  });
});

describe('what is only read', () => {
  test.each<[string, IncomingHttpHeaders, boolean]>([
    ['a script', {}, false],
    [
      'the page itself',
      { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
      false,
    ],
    [
      'an address that was typed',
      { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
      false,
    ],
    [
      'a link of another site',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
      false,
    ],
    [
      'a frame',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
      true,
    ],
    [
      'an image',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
      true,
    ],
    [
      'a stream',
      { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
      true,
    ],
  ])('%s', (_how, headers, expected) => {
    expect(isEmbedded({ headers })).toBe(expected);
  });
});
