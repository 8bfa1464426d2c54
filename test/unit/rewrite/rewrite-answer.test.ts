import { describe, expect, test } from '@jest/globals';
import type { Inbound } from '../../../src/request/inbound.ts';
import { compileRewriteAnswer, type AnswerSettings } from '../../../src/rewrite/rewrite-answer.ts';
import { createInbound, createMember, fields, lines } from './support.ts';

const B1 = 'http://127.0.0.1:19011';
const F = 'http://front.example:19000';
const members = [createMember(`${B1}/`)];
const settings: AnswerSettings = {
  reverse: true,
  reverseUrls: [],
  reverseTable: [],
  proxypreservehost: false,
  cookieDomain: true,
  cookiePath: true,
  proxyvia: 'Off',
  pseudonym: 'proxy.example:19000',
  upgrade: new Set(['websocket']),
  compat: undefined,
};

type Situation = Readonly<{
  status?: number;
  from?: Partial<Inbound>;
  settings?: Partial<AnswerSettings>;
  routeCookie?: string;
}>;

function rewrite(
  headers: string[],
  { status = 200, from, settings: changes, routeCookie }: Situation = {},
): string[] {
  const rewriteAnswer = compileRewriteAnswer({ ...settings, ...changes }, members);
  const answer = { status, reason: '', headers: fields(...headers) };
  const inbound = createInbound({ mountPath: '/mirror/foo', ...from });
  return lines(rewriteAnswer(answer, inbound, members[0]!, routeCookie).headers);
}

// Reference 15.7 and 15.9, as far as the head decides them.
describe('addresses of members', () => {
  test.each([200, 201, 302])(
    'L20, L22: are mapped in every field that holds one, with status %d too',
    (status) => {
      const names = ['Location', 'content-location', 'URI', 'Destination', 'LOCATION'];
      const headers = names.map((name) => `${name}: ${B1}/q`);
      expect(rewrite(headers, { status })).toEqual(names.map((name) => `${name}: ${F}/mirror/foo/q`));
    },
  );

  test('L21 differs: are mapped in Refresh and Link, not elsewhere', () => {
    expect(rewrite([`Refresh: 5; url=${B1}/q`, `Link: <${B1}/q>; rel=next`, `X-Url: ${B1}/q`])).toEqual([
      `Refresh: 5; url=${F}/mirror/foo/q`,
      `Link: <${F}/mirror/foo/q>; rel=next`,
      `X-Url: ${B1}/q`,
    ]);
  });

  test('stay with proxypassreverse off', () => {
    const headers = [`Location: ${B1}/q`, `Refresh: 5; url=${B1}/q`, `Link: <${B1}/q>`];
    expect(rewrite(headers, { settings: { reverse: false } })).toEqual(headers);
  });
});

describe('cookies', () => {
  test('C10: are rewritten each by itself, ours behind them', () => {
    const headers = ['Set-Cookie: a=1; Path=/', 'X-A: 1', 'set-cookie: b=2; Domain=127.0.0.1'];
    expect(rewrite(headers, { routeCookie: 'ROUTEID=app1; Path=/' })).toEqual([
      'Set-Cookie: a=1; Path=/mirror/foo',
      'X-A: 1',
      'set-cookie: b=2',
      'Set-Cookie: ROUTEID=app1; Path=/',
    ]);
  });

  test('stay with both switches off', () => {
    const off = { cookieDomain: false, cookiePath: false };
    expect(rewrite(['Set-Cookie: a=1; Path=/'], { settings: off })).toEqual(['Set-Cookie: a=1; Path=/']);
  });
});

describe("with compat: 'httpd'", () => {
  const httpd: Partial<AnswerSettings> = {
    compat: 'httpd',
    reverseTable: [[`${B1}/`, '/mirror/foo/']],
    cookiePath: [['/', '/mirror/foo/']],
  };

  test.each([302, 200, 201])('L20, L22: the four fields are mapped, with status %d', (status) => {
    const names = ['Location', 'Content-Location', 'URI', 'Destination'];
    const headers = names.map((name) => `${name}: ${B1}/q`);
    expect(rewrite(headers, { status, settings: httpd })).toEqual(
      names.map((name) => `${name}: ${F}/mirror/foo/q`),
    );
  });

  test('L21: and no others', () => {
    const headers = [`Refresh: 0; url=${B1}/q`, `Link: <${B1}/q>; rel=next`, `X-Custom: ${B1}/q`];
    expect(rewrite(headers, { settings: httpd })).toEqual(headers);
  });

  test('C10: each cookie is rewritten by itself', () => {
    expect(rewrite(['Set-Cookie: a=1; Path=/x', 'Set-Cookie: b=2; Path=/y'], { settings: httpd })).toEqual([
      'Set-Cookie: a=1; Path=/mirror/foo/',
      'Set-Cookie: b=2; Path=/mirror/foo/',
    ]);
  });

  test('L17: without rules nothing is derived from members and mount paths', () => {
    const headers = [`Location: ${B1}/q/z`, 'Set-Cookie: a=1; Path=/; Domain=127.0.0.1'];
    expect(rewrite(headers, { settings: { compat: 'httpd' } })).toEqual(headers);
  });
});

describe('hop-by-hop fields', () => {
  test('P1: end here, the rest keeps order, spelling and repetitions', () => {
    const headers = [
      'Connection: X-Foo, Trailer',
      'X-Foo: 1',
      'Keep-Alive: timeout=5',
      'Proxy-Authenticate: Basic',
      'Trailer: X-T',
      'TE: trailers',
      'Upgrade: h2c',
      'Proxy-Connection: close',
      'Transfer-Encoding: chunked',
      'proxy-authentication-info: i',
      'WWW-Authenticate: A',
      'www-authenticate: B',
      'Date: d',
      'SERVER: s',
    ];
    expect(rewrite(headers)).toEqual(headers.slice(9));
  });

  test('P2: even those that hurt, but not ours', () => {
    const headers = ['Set-Cookie: a=1', 'Content-Type: x/y', 'Connection: Set-Cookie, Content-Type'];
    expect(rewrite(headers, { routeCookie: 'R=1' })).toEqual(['Set-Cookie: R=1']);
  });

  // RFC 9110 15.5.22: without Upgrade it would call for nothing.
  test('W5: 426 calls for protocols that may be switched to, or else for what the member says', () => {
    const upgraded = ['Connection: Upgrade', 'Upgrade: WebSocket'];
    expect(rewrite(['Upgrade: h2c, WebSocket', 'Connection: Upgrade'], { status: 426 })).toEqual(upgraded);
    expect(rewrite(['Upgrade: h2c'], { status: 426 })).toEqual(['Connection: Upgrade', 'Upgrade: h2c']);
    expect(rewrite([], { status: 426 })).toEqual([]);
    expect(rewrite(['Upgrade: WebSocket'], { status: 200 })).toEqual([]);
    const any = { upgrade: new Set(['*']) };
    expect(rewrite(['Upgrade: h2c', 'Upgrade: x'], { status: 426, settings: any })).toContain(
      'Upgrade: h2c, x',
    );
  });

  test('W1: 101 keeps the switch', () => {
    const headers = ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Accept: x'];
    expect(rewrite(headers, { status: 101 })).toEqual([
      'Sec-WebSocket-Accept: x',
      'Connection: Upgrade',
      'Upgrade: websocket',
    ]);
  });
});

describe('the length', () => {
  test.each<[string, string[], Situation, string[]]>([
    ['is kept', ['Content-Length: 5'], {}, ['Content-Length: 5']],
    ['of HEAD is kept', ['Content-Length: 5'], { from: { method: 'HEAD' } }, ['Content-Length: 5']],
    ['P5: of 304 is dropped', ['Content-Length: 5'], { status: 304 }, []],
    ['of 204 is dropped', ['Content-Length: 0'], { status: 204 }, []],
    ['P11: loses against chunks', ['Content-Length: 99', 'Transfer-Encoding: chunked'], {}, []],
    ['P12: is the first of several', ['Content-Length: 2', 'content-length: 3'], {}, ['Content-Length: 2']],
  ])('%s', (_, headers, situation, expected) => {
    expect(rewrite(headers, situation)).toEqual(expected);
  });
});

describe('Trailer', () => {
  test.each<[string, string[], Situation, boolean]>([
    ['stays where trailers can follow', ['Transfer-Encoding: chunked'], {}, true],
    ['stays where the length is not told', ['Transfer-Encoding: chunked', 'Content-Length: 3'], {}, true],
    ['goes where a length is told', ['Content-Length: 3'], {}, false],
    ['goes for HEAD', [], { from: { method: 'HEAD' } }, false],
    ['goes with 304', ['Content-Length: 3'], { status: 304 }, false],
    ['goes for a client of HTTP/1.0', [], { from: { httpVersion: '1.0' } }, false],
  ])('%s', (_, headers, situation, stays) => {
    expect(rewrite(['Trailer: X-T', ...headers], situation).includes('Trailer: X-T')).toBe(stays);
  });
});

describe('Via', () => {
  test.each([
    ['Off', ['Via: 1.0 back']],
    ['Block', ['Via: 1.0 back']],
    ['On', ['Via: 1.0 back', 'Via: 1.1 proxy.example:19000']],
    ['Full', ['Via: 1.0 back', 'Via: 1.1 proxy.example:19000 (express-proxy-balancer)']],
  ] as const)('H14, H16: %s makes it %j', (proxyvia, expected) => {
    expect(rewrite(['Via: 1.0 back'], { settings: { proxyvia } })).toEqual(expected);
  });
});

test('P4: status and reason are the member’s', () => {
  const rewriteAnswer = compileRewriteAnswer(settings, members);
  const answer = { status: 299, reason: 'Strange Reason', headers: [] };
  expect(rewriteAnswer(answer, createInbound(), members[0]!, undefined)).toEqual(answer);
});
