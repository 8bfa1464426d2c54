/** What becomes of an answer: it is passed on, or told to be none, or cut where it stops being one. */
export type Fate = 'relayed' | 'refused' | 'cut';

/** `method` is POST where none is given, so that nothing is repeated. */
export type HostileAnswer = Readonly<{
  what: string;
  bytes: string;
  fate: Fate;
  /** Over http-proxy-middleware, where that is something else: Node's client reads there. */
  hpm?: Fate;
  /** The connection ends behind it; so it does where the fate is to be cut. */
  ends?: true;
  method?: 'GET' | 'HEAD';
  /** Default: `ok`. */
  body?: string;
}>;

const ok = 'HTTP/1.1 200 OK\r\n';
const counted = `${ok}Content-Length: 2\r\n`;
const chunked = `${ok}Transfer-Encoding: chunked\r\n\r\n`;
/** What nobody is to get. */
export const evil = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\nSet-Cookie: evil=1\r\n\r\nevil';

/** A second answer behind the first: who gets the first gets nothing of it, nor does anybody else. */
export const smuggled: readonly HostileAnswer[] = [
  { what: 'behind counted content', bytes: `${counted}\r\nok${evil}`, fate: 'relayed' },
  { what: 'behind a line end that is too much', bytes: `${counted}\r\nok\r\n${evil}`, fate: 'relayed' },
  { what: 'behind chunks', bytes: `${chunked}2\r\nok\r\n0\r\n\r\n${evil}`, fate: 'relayed' },
  { what: 'behind nothing', bytes: `${ok}Content-Length: 0\r\n\r\n${evil}`, fate: 'relayed', body: '' },
  {
    what: 'behind the head of an answer to HEAD',
    bytes: `${counted}\r\n${evil}`,
    fate: 'relayed',
    method: 'HEAD',
    body: '',
  },
  {
    what: 'behind the chunks of an answer to HEAD',
    bytes: `${chunked}${evil}`,
    fate: 'relayed',
    method: 'HEAD',
    body: '',
  },
  { what: 'behind 204', bytes: `HTTP/1.1 204 No\r\n\r\n${evil}`, fate: 'relayed', body: '' },
  {
    what: 'in the content of 204',
    bytes: `HTTP/1.1 204 No\r\nContent-Length: ${evil.length}\r\n\r\n${evil}`,
    fate: 'relayed',
    body: '',
  },
  {
    what: 'in the chunks of 204',
    bytes: `HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n${evil}`,
    fate: 'relayed',
    body: '',
  },
  { what: 'behind 304', bytes: `HTTP/1.1 304 No\r\n\r\n${evil}`, fate: 'relayed', body: '' },
  {
    what: 'in the content of 304',
    bytes: `HTTP/1.1 304 No\r\nContent-Length: ${evil.length}\r\n\r\n${evil}`,
    fate: 'relayed',
    body: '',
  },
  {
    what: 'behind one that closes',
    bytes: `${ok}Connection: close\r\nContent-Length: 2\r\n\r\nok${evil}`,
    fate: 'relayed',
    hpm: 'cut',
  },
  { what: 'in place of trailers', bytes: `${chunked}2\r\nok\r\n0\r\n${evil}`, fate: 'cut' },
  { what: 'in place of a chunk', bytes: `${chunked}2\r\nok\r\n${evil}`, fate: 'cut' },
  { what: 'behind a chunk that is too long', bytes: `${chunked}2\r\nok!${evil}`, fate: 'cut' },
  { what: 'behind 101', bytes: `HTTP/1.1 101 S\r\n\r\n${evil}`, fate: 'refused' },
  {
    what: 'behind 101 in all its form',
    bytes: `HTTP/1.1 101 S\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n${evil}`,
    fate: 'refused',
  },
  {
    what: 'in the content of 101',
    bytes: `HTTP/1.1 101 S\r\nContent-Length: ${evil.length}\r\n\r\n${evil}`,
    fate: 'refused',
  },
];

const broken = (value: string): readonly HostileAnswer[] =>
  ['Location', 'Set-Cookie', 'Refresh', 'Link', 'X-Any'].map((name) => ({
    what: `${JSON.stringify(value)} in ${name}`,
    bytes: `${counted}${name}: ${value}Set-Cookie: evil=1\r\n\r\nok`,
    fate: 'refused',
  }));

/** Values and reasons that would be more than one line to somebody. */
export const splitting: readonly HostileAnswer[] = [
  ...['/a\n', '/a\r', '/a\0', '/a\r\r\n', '/a\n\r', '/a\r\n ', '/a\r\n\t', '/a\x0b\x01', '/a\x7f'].flatMap(
    broken,
  ),
  ...['\r', '\n', '\0', '\x01', '\x7f', '\n\r'].map((mark): HostileAnswer => ({
    what: `${JSON.stringify(mark)} in the reason`,
    bytes: `HTTP/1.1 200 O${mark}Set-Cookie: evil=1\r\nContent-Length: 2\r\n\r\nok`,
    fate: 'refused',
  })),
  ...['X Y', 'X\t', 'X(', 'X\x80', '"X"', 'X\0', '', ' X', 'X\x7f', 'X,Y', 'X;'].map(
    (name): HostileAnswer => ({
      what: `the name ${JSON.stringify(name)}`,
      bytes: `${counted}${name}: 1\r\n\r\nok`,
      fate: 'refused',
    }),
  ),
];

const lengths = (fate: Fate, ...values: readonly string[]): readonly HostileAnswer[] =>
  values.map((value) => ({
    what: `Content-Length: ${value}`,
    bytes: `${ok}Content-Length: ${value}\r\n\r\nok`,
    fate,
  }));

const codings = (...values: readonly string[]): readonly HostileAnswer[] =>
  values.map((value) => ({
    what: `Transfer-Encoding: ${JSON.stringify(value)}`,
    bytes: `${ok}Transfer-Encoding: ${value}\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
    fate: 'refused',
  }));

const sizes = (...values: readonly string[]): readonly HostileAnswer[] =>
  values.map((value) => ({
    what: `a chunk of ${JSON.stringify(value)}`,
    bytes: `${chunked}2\r\nok\r\n${value}\r\nok\r\n0\r\n\r\n`,
    fate: 'cut',
  }));

/** Lengths that are none, or not those of the content. */
export const framing: readonly HostileAnswer[] = [
  ...lengths('refused', '-1', '-2', '+2', '0x2', '2x', '2 2', '2, 2', '2,3', '2;', '', '1e1', '2.0', '"2"'),
  ...lengths(
    'refused',
    '18446744073709551616',
    '9'.repeat(40),
    '2\r\nContent-Length: 2',
    '3\r\nContent-Length: 2',
  ),
  // More than can be counted exactly; Node's client has 64 bits.
  ...lengths('refused', '9007199254740993', '9223372036854775808').map((row) => ({
    ...row,
    hpm: 'cut' as const,
  })),
  ...lengths('cut', '3', '999999999999999'),
  ...lengths('relayed', '2', '02', '000000000000002'),
  {
    what: 'a length beside chunks',
    bytes: `${counted}Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
    fate: 'refused',
  },
  {
    what: 'chunks beside a length',
    bytes: `${ok}Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
    fate: 'refused',
  },
  ...codings(
    'gzip',
    'gzip, chunked',
    'chunked, gzip',
    'chunked, chunked',
    'chunked,',
    ',chunked',
    'xchunked',
    'chunkedx',
  ),
  ...codings(
    'chunked;q=1',
    '"chunked"',
    'identity',
    'identity, chunked',
    'chunked\r\nTransfer-Encoding: chunked',
    '',
  ),
  {
    what: 'chunks in HTTP/1.0',
    bytes: 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
    fate: 'refused',
  },
  ...sizes(
    '',
    ' 2',
    '0x2',
    '+2',
    '-2',
    '2.0',
    '2_',
    'g',
    '2 2',
    '\t2',
    '"2"',
    'ff',
    '\u0662',
    '2,2',
    '2\n',
    '2\r',
  ),
  ...sizes(
    'ffffffff',
    'fffffffffffffffff',
    '10000000000000002',
    '7fffffffffffffff',
    '2;a\nb',
    '2;\0',
    '1',
    '3',
  ),
];

/** What is no HTTP/1. */
export const strangers: readonly HostileAnswer[] = [
  { what: 'the content of HTTP/0.9', bytes: '<html>ok</html>', fate: 'refused' },
  { what: 'the preface of HTTP/2', bytes: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', fate: 'refused' },
  { what: 'a frame of HTTP/2', bytes: '\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x64', fate: 'refused' },
  { what: 'an alert of TLS', bytes: '\x15\x03\x01\0\x02\x02\x28', fate: 'refused' },
  { what: 'a request', bytes: 'GET /evil HTTP/1.1\r\nHost: b\r\n\r\n', fate: 'refused' },
  {
    what: 'HTTP/2 in the words of HTTP/1',
    bytes: 'HTTP/2 200\r\nContent-Length: 2\r\n\r\nok',
    fate: 'refused',
  },
  { what: 'HTTP/1.2', bytes: 'HTTP/1.2 200 OK\r\nContent-Length: 2\r\n\r\nok', fate: 'refused' },
  { what: 'a version of its own', bytes: 'HTTP/1.10 200 OK\r\nContent-Length: 2\r\n\r\nok', fate: 'refused' },
  { what: 'another name', bytes: 'ICY 200 OK\r\nContent-Length: 2\r\n\r\nok', fate: 'refused' },
  { what: 'an empty line in front', bytes: `\r\n${counted}\r\nok`, fate: 'refused', hpm: 'relayed' },
  { what: 'an empty line', bytes: '\r\n\r\n', fate: 'refused', ends: true },
  { what: 'nothing', bytes: '', fate: 'refused', ends: true },
  { what: 'no status', bytes: 'HTTP/1.1 OK\r\n\r\n', fate: 'refused' },
  { what: 'a status of two digits', bytes: 'HTTP/1.1 20 OK\r\n\r\n', fate: 'refused' },
  { what: 'a status of four digits', bytes: 'HTTP/1.1 2000 OK\r\n\r\n', fate: 'refused' },
  { what: 'a negative status', bytes: 'HTTP/1.1 -20 OK\r\n\r\n', fate: 'refused' },
];
