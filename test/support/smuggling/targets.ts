import { AFTER, COUNTED, HIDDEN, writeHead, type Smuggling } from './case.ts';

function aim(targets: readonly string[], reaches: readonly string[]): readonly Smuggling[] {
  return targets.map((target) => ({
    what: JSON.stringify(target),
    bytes: writeHead(`GET ${target} HTTP/1.1`),
    reaches,
  }));
}

/** Targets that nobody serves, or that hold what ends a line or a target. */
export const badTargets: readonly Smuggling[] = [
  // Node ends the connection.
  ...aim(
    [
      '/a\0',
      '/a\x0b',
      '/a\x7f',
      '/a\x1f',
      '/\xe9',
      '/a?b=\xe9',
      '',
      'a',
      '?a',
      'evil.example:80',
      'http:/a',
      'http:a',
      'http://a\\@evil.example/a',
      'http://a b/a',
      'javascript:alert(1)',
      '\\a',
    ],
    [],
  ),
  // We do not, for the next request begins where we know.
  ...aim(
    ['/a#b', '/a?b#c', 'ftp://a/a', 'http://', 'http:///a', 'http://me@a/a', 'http://a:b/a', '/..', '/%00'],
    [AFTER],
  ),
];

/** Targets that name nothing of a member's; the app has them, and the connection goes on. */
export const otherTargets: readonly Smuggling[] = [
  { what: 'GET *', bytes: writeHead('GET * HTTP/1.1'), reaches: [AFTER] },
  { what: 'OPTIONS *', bytes: writeHead('OPTIONS * HTTP/1.1'), reaches: [AFTER] },
  {
    what: 'OPTIONS * with a body',
    bytes: writeHead('OPTIONS * HTTP/1.1', COUNTED) + HIDDEN,
    reaches: [AFTER],
  },
];

export const goodTargets: readonly Smuggling[] = [
  ['http://a/a', '/a'],
  ['http://other.example/a', '/a'],
  ['HTTP://a:80/a?b', '/a?b'],
  ['http://a', '/'],
  ['http://a?b', '/?b'],
  ['/http://evil.example/', '/http://evil.example/'],
  ['//evil.example/a', '/evil.example/a'],
  ['/%0d%0aX:%20y', '/%0d%0aX:%20y'],
  ['/a?%00', '/a?%00'],
  ['/a?b=c?d', '/a?b=c?d'],
].map(([target, got]) => ({
  what: JSON.stringify(target),
  bytes: writeHead(`GET ${target!} HTTP/1.1`),
  reaches: [`GET ${got!}`, AFTER],
}));

const websocket = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];
const h2c = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk'];

/** Upgrades that no member takes part in: what stands behind them is neither a member's nor a request any more. */
export const upgrades: readonly Smuggling[] = [
  {
    what: 'a WebSocket that is refused, and a request behind it',
    bytes: writeHead('GET /a HTTP/1.1', ...websocket) + HIDDEN,
    reaches: ['GET /a'],
  },
  {
    what: 'a WebSocket of a version that nobody speaks',
    bytes: writeHead('GET /a HTTP/1.1', ...websocket.with(2, 'Sec-WebSocket-Version: 777')) + HIDDEN,
    reaches: ['GET /a'],
  },
  {
    what: 'a WebSocket by POST with a body',
    bytes: writeHead('POST /a HTTP/1.1', ...websocket, COUNTED) + HIDDEN,
    reaches: [`POST /a ${HIDDEN}`, AFTER],
  },
  {
    what: 'a WebSocket with chunks',
    bytes: writeHead('GET /a HTTP/1.1', ...websocket, 'Transfer-Encoding: chunked') + '0\r\n\r\n',
    reaches: ['GET /a', AFTER],
  },
  {
    what: 'h2c, and the preface of HTTP/2 behind it',
    bytes: writeHead('GET /a HTTP/1.1', ...h2c) + 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    reaches: ['GET /a'],
    isCut: true,
  },
  {
    what: 'h2c, and a request behind it',
    bytes: writeHead('GET /a HTTP/1.1', ...h2c) + HIDDEN,
    reaches: ['GET /a', 'GET /hidden', AFTER],
  },
  {
    what: 'h2c with a body',
    bytes: writeHead('POST /a HTTP/1.1', ...h2c, COUNTED) + HIDDEN,
    reaches: [`POST /a ${HIDDEN}`, AFTER],
  },
  {
    what: 'an Upgrade that Connection does not name',
    bytes: writeHead('GET /a HTTP/1.1', 'Upgrade: websocket') + HIDDEN,
    reaches: ['GET /a', 'GET /hidden', AFTER],
  },
  {
    what: 'a Connection: Upgrade to nothing',
    bytes: writeHead('GET /a HTTP/1.1', 'Connection: Upgrade') + HIDDEN,
    reaches: ['GET /a', 'GET /hidden', AFTER],
  },
];
