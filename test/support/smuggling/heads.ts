import { AFTER, chunk, COUNTED, HIDDEN, post, writeHead, type Smuggling } from './case.ts';

const whole = ['GET /a', AFTER];

function withLines(
  lines: readonly string[],
  reaches: readonly string[],
  leniently = reaches,
): readonly Smuggling[] {
  return lines.map((line) => ({
    what: JSON.stringify(line),
    bytes: writeHead('GET /a HTTP/1.1', line),
    reaches,
    leniently,
  }));
}

/** Lines of a head that one takes for one thing and another for another. */
export const lines: readonly Smuggling[] = [
  ...withLines(
    [
      'X : 1',
      'X\t: 1',
      ': 1',
      'X',
      'X 1',
      'X: 1\rY: 2',
      'X: 1\r\rGET /hidden HTTP/1.1',
      'X\0: 1',
      '\0: 1',
      'X\x7f: 1',
      'X\xe9: 1',
      'X\xa0: 1',
      'X(: 1',
      'X[]: 1',
      'X/Y: 1',
      'X@Y: 1',
      'X"Y": 1',
      'X,Y: 1',
      '\xb2: 1',
    ],
    [],
  ),
  // Refused by us, and the connection goes on.
  ...withLines([' X: 1', 'X: \0', 'X: 1\0', 'X: \x7f', 'X: \x01', 'X: \x1b[2J'], [], [AFTER]),
  // Members get it in one line, or as what it has been taken for.
  ...withLines(['X: 1\r\n Y: 2', 'X: 1\r\n\tY: 2', 'X: 1\r\n ', 'X: 1\nY: 2'], [], whole),
  // Of two heads, the second has no Host.
  ...withLines(['X: 1\n\nGET /hidden HTTP/1.1'], [], whole),
  ...withLines(
    ['X: 1\n\r\nGET /hidden HTTP/1.1\r\nHost: a', 'X: 1\r\n\nGET /hidden HTTP/1.1\nHost: a'],
    [],
    [...whole, 'GET /hidden'],
  ),
  ...withLines(
    [
      'X:',
      'X:1',
      'X: \t 1 \t ',
      'X: a\tb',
      'X: \xe9\xff\x80',
      // Two letters whose bytes, cut down to one each, were CR and LF.
      'X: \xe5\x98\x8a\xe5\x98\x8d',
      'X: %0d%0aContent-Length:%200',
      "!#$%&'*+-.^_`|~1: 1",
      'X-Http-Method-Override: DELETE',
    ],
    whole,
  ),
];

function begin(
  starts: readonly string[],
  reaches: readonly string[],
  leniently = reaches,
): readonly Smuggling[] {
  return starts.map((start) => ({
    what: JSON.stringify(start),
    bytes: writeHead(start),
    reaches,
    leniently,
  }));
}

/** Start lines, each with everything that a request needs behind it. */
export const starts: readonly Smuggling[] = [
  ...begin(
    [
      'get /a HTTP/1.1',
      'GeT /a HTTP/1.1',
      'FOO /a HTTP/1.1',
      'G\0T /a HTTP/1.1',
      'GET\0 /a HTTP/1.1',
      'GET\t/a\tHTTP/1.1',
      'GET\x0b/a\x0bHTTP/1.1',
      ' GET /a HTTP/1.1',
      'GET /a HTTP/1.1 ',
      'GET /a HTTP/1.1\x0b',
      'GET /a HTTP/1.1\0',
      'GET /a b HTTP/1.1',
      'GET /a\tb HTTP/1.1',
      'GET /a HTTP/1.1 HTTP/1.1',
      'GET /a\nHTTP/1.1',
      'GET /a\rHTTP/1.1',
      'GET /a',
      'GET /a HTTP/',
      'GET /a HTTP/1',
      'GET /a HTTP/0.9',
      'GET /a HTTP/1.2',
      'GET /a HTTP/1.10',
      'GET /a HTTP/11',
      'GET /a HTTP/01.1',
      'GET /a HTTP/1,1',
      'GET /a HTTP/2',
      'GET /a HTTP/2.0',
      'GET /a HTTP/3.0',
      'GET /a http/1.1',
      'GET /a HTTPS/1.1',
      'GET /a ICE/1.0',
      'CONNECT /a HTTP/1.1',
      'CONNECT evil.example:443 HTTP/1.1',
      'PRI * HTTP/2.0',
    ],
    [],
  ),
  ...begin(['GET /a HTTP/1.1\nX: 1', 'GET /a HTTP/1.1\rX: 1'], [], whole),
  // Node does not mind, and members get it with one blank.
  ...begin(['GET  /a HTTP/1.1', 'GET /a  HTTP/1.1'], whole),
  // Node takes these protocols for HTTP/1.0, and so does whoever is behind it.
  ...[...begin(['GET /a RTSP/1.0'], ['GET /a'], whole), ...begin(['SOURCE /a ICE/1.0'], ['SOURCE /a'])].map(
    (each) => ({ ...each, isCut: true }) as const,
  ),
];

export const heads: readonly Smuggling[] = [
  { what: 'line ends of LF only', bytes: 'GET /a HTTP/1.1\nHost: a\n\n', reaches: [], leniently: whole },
  { what: 'line ends of CR only', bytes: 'GET /a HTTP/1.1\rHost: a\r\r', reaches: [] },
  { what: 'an end of LF only', bytes: 'GET /a HTTP/1.1\r\nHost: a\r\n\n', reaches: [], leniently: whole },
  { what: 'HTTP/0.9', bytes: 'GET /a\r\n', reaches: [] },
  { what: 'empty lines in front', bytes: `\r\n\r\n${writeHead('GET /a HTTP/1.1')}`, reaches: whole },
  { what: 'a blank line in front', bytes: ` \r\n${writeHead('GET /a HTTP/1.1')}`, reaches: [] },
  {
    what: 'a byte order mark in front',
    bytes: `\xef\xbb\xbf${writeHead('GET /a HTTP/1.1')}`,
    reaches: [],
  },
  {
    what: 'the preface of HTTP/2',
    bytes: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0',
    reaches: [],
  },
  {
    what: 'a first field that is folded',
    bytes: 'GET /a HTTP/1.1\r\n Host: a\r\nHost: b\r\n\r\n',
    reaches: [],
    leniently: [AFTER],
  },
  { what: 'a length in another case', bytes: post(['cONTENT-lENGTH: 0'], ''), reaches: ['POST /a', AFTER] },
  {
    what: 'HTTP/1.0 without Host',
    bytes: 'GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n',
    reaches: whole,
  },
  // RFC 9112 9.6: the lenient parser takes what no request is any more.
  {
    what: 'a request behind the last one',
    bytes: writeHead('GET /a HTTP/1.1', 'Connection: close') + HIDDEN,
    reaches: ['GET /a'],
    leniently: ['GET /a', 'GET /hidden', AFTER],
    isCut: true,
  },
  // RFC 9110 10.1.1: Node says 100 at once.
  {
    what: 'a body announced by Expect',
    bytes: post(['Expect: 100-continue', COUNTED], HIDDEN),
    reaches: [`POST /a ${HIDDEN}`, AFTER],
  },
  {
    what: 'a body announced by Expect, and refused',
    bytes: post(['Expect: 100-continue', 'Host: b', COUNTED], HIDDEN),
    reaches: [AFTER],
  },
  {
    what: 'an expectation of nothing',
    bytes: writeHead('GET /a HTTP/1.1', 'Expect: 100-continue'),
    reaches: whole,
  },
  {
    what: 'an expectation that nobody knows, and a body',
    bytes: post(['Expect: the-worst', COUNTED], HIDDEN),
    reaches: [AFTER],
  },
  {
    what: 'a counted body behind two hosts',
    bytes: post(['Host: b', COUNTED], HIDDEN),
    reaches: [AFTER],
  },
  {
    what: 'chunks behind an unknown coding',
    bytes: post(['Transfer-Encoding: gzip, chunked'], chunk(HIDDEN)),
    reaches: [AFTER],
  },
  {
    what: 'a body behind a path that climbs',
    bytes: writeHead('POST /../a HTTP/1.1', COUNTED) + HIDDEN,
    reaches: [AFTER],
  },
];
