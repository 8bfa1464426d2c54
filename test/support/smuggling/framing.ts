import { AFTER, chunk, CHUNKED, COUNTED, HIDDEN, post, writeHead, type Smuggling } from './case.ts';

const whole = [`POST /a ${HIDDEN}`, AFTER];

/** Lengths and codings that contradict each other, or that somebody may fail to see. */
export const contradictions: readonly Smuggling[] = [
  { what: 'CL.TE', bytes: post(['Content-Length: 6', CHUNKED], '0\r\n\r\nG'), reaches: [] },
  { what: 'CL.TE, a whole request', bytes: post([COUNTED, CHUNKED], `0\r\n\r\n${HIDDEN}`), reaches: [] },
  { what: 'TE.CL', bytes: post([CHUNKED, 'Content-Length: 4'], chunk(HIDDEN)), reaches: [] },
  {
    what: 'TE and a length of nothing',
    bytes: post([CHUNKED, 'Content-Length: 0'], chunk(HIDDEN)),
    reaches: [],
  },
  {
    what: 'TE and a length named away',
    bytes: post([CHUNKED, COUNTED, 'Connection: Content-Length'], chunk(HIDDEN)),
    reaches: [],
  },
  {
    what: 'a length, named away',
    bytes: post([COUNTED, 'Connection: Content-Length'], HIDDEN),
    reaches: whole,
  },
  {
    what: 'chunks, their coding named away',
    bytes: post([CHUNKED, 'Connection: Transfer-Encoding'], chunk(HIDDEN)),
    reaches: whole,
  },
  { what: 'two lengths', bytes: post([COUNTED, 'Content-Length: 0'], HIDDEN), reaches: [] },
  { what: 'one length twice', bytes: post([COUNTED, COUNTED], HIDDEN), reaches: [] },
  // RFC 9112 6.1: the framing of such a message is faulty, and the connection ends.
  {
    what: 'chunks in HTTP/1.0',
    bytes: writeHead('POST /a HTTP/1.0', CHUNKED, 'Connection: keep-alive') + chunk(HIDDEN),
    reaches: [],
  },
  {
    what: 'a length in HTTP/1.0',
    bytes: writeHead('POST /a HTTP/1.0', COUNTED, 'Connection: keep-alive') + HIDDEN,
    reaches: whole,
  },
  {
    what: 'a length with an underscore',
    bytes: post(['Content_Length: 0', COUNTED], HIDDEN),
    reaches: whole,
  },
  {
    what: 'only a length with an underscore',
    bytes: writeHead('POST /a HTTP/1.1', `Content_Length: ${HIDDEN.length}`),
    reaches: ['POST /a', AFTER],
  },
  {
    what: 'a coding with an underscore beside a length',
    bytes: post(['Transfer_Encoding: chunked', COUNTED], HIDDEN),
    reaches: whole,
  },
  {
    what: 'only a coding with an underscore',
    bytes: writeHead('GET /a HTTP/1.1', 'Transfer_Encoding: chunked'),
    reaches: ['GET /a', AFTER],
  },
  {
    what: 'names that only an environment takes for lengths',
    bytes: post([COUNTED, 'Content.Length: 0', 'Content+Length: 0', "Transfer'Encoding: chunked"], HIDDEN),
    reaches: whole,
  },
];

/** What the lenient parser takes: the first is refused by us, and its end is known. */
const lenientCodings: Readonly<Record<string, Partial<Smuggling>>> = {
  'chunked, chunked': { leniently: [AFTER] },
  '\r\n chunked': { leniently: whole },
};

/** TE.TE: a coding that one sees and another does not, beside a length of everything. */
export const codings: readonly Smuggling[] = [
  'xchunked',
  'chunkedx',
  'chunk',
  'cow',
  '',
  '"chunked"',
  "'chunked'",
  'chunked;q=1',
  'chunked, identity',
  'chunked, chunked',
  'chunked,',
  'chunked identity',
  'identity',
  'chunked\x0b',
  '\x0bchunked',
  'chunked\0',
  '\0chunked',
  'chunked\x0c',
  'chunked\xa0',
  'c\xe7unked',
  'chunked\r\n identity',
  '\r\n chunked',
].flatMap((value) => [
  {
    what: `Transfer-Encoding: ${JSON.stringify(value)} beside a length`,
    bytes: post([COUNTED, `Transfer-Encoding: ${value}`], HIDDEN),
    reaches: [],
  },
  {
    what: `Transfer-Encoding: ${JSON.stringify(value)} alone`,
    bytes: post([`Transfer-Encoding: ${value}`], chunk(HIDDEN)),
    reaches: [],
    ...(lenientCodings[value] ?? {}),
  },
]);

/** A name with a blank in front of it is refused by us; what ends a head ends it before any length. */
const lenientLines: Readonly<Record<string, Partial<Smuggling>>> = {
  ' Transfer-Encoding: chunked': { leniently: [AFTER] },
  '\tTransfer-Encoding: chunked': { leniently: [AFTER] },
  'X: x\n\rTransfer-Encoding: chunked': { leniently: ['POST /a'] },
};

/** The name of the coding's field, spelt so that one sees it and another does not. */
export const codingNames: readonly Smuggling[] = [
  'Transfer-Encoding : chunked',
  'Transfer-Encoding\t: chunked',
  'Transfer-Encoding\x0b: chunked',
  'Transfer-Encoding\0: chunked',
  'Transfer-Encoding\xa0: chunked',
  'Transfer\0-Encoding: chunked',
  'Transfer Encoding: chunked',
  'Transfer-Encoding\n: chunked',
  'Transfer-Encoding\r\n: chunked',
  '\x0bTransfer-Encoding: chunked',
  '\0Transfer-Encoding: chunked',
  ' Transfer-Encoding: chunked',
  '\tTransfer-Encoding: chunked',
  'X: x\nTransfer-Encoding: chunked',
  'X: x\rTransfer-Encoding: chunked',
  'X: x\n\rTransfer-Encoding: chunked',
  'X: x\r\rTransfer-Encoding: chunked',
  '"Transfer-Encoding": chunked',
  'Transfer-Encoding chunked',
].map((line) => ({
  what: `${JSON.stringify(line)} beside a length`,
  bytes: post([line, COUNTED], HIDDEN),
  reaches: [],
  ...(lenientLines[line] ?? {}),
}));

/** Codings that are well written, if unusual. */
export const goodCodings: readonly Smuggling[] = [
  'CHUNKED',
  'cHuNkEd',
  ' chunked',
  '\tchunked',
  'chunked ',
].map((value) => ({
  what: `Transfer-Encoding: ${JSON.stringify(value)}`,
  bytes: post([`Transfer-Encoding: ${value}`], chunk(HIDDEN)),
  reaches: whole,
}));

const n = HIDDEN.length;

/** Lengths that one takes for a number and another does not. */
export const lengths: readonly Smuggling[] = [
  '',
  `${n}, ${n}`,
  `${n},`,
  `0, ${n}`,
  `${n} ${n}`,
  `${n};`,
  `+${n}`,
  `-${n}`,
  '-1',
  `0x${n.toString(16)}`,
  `${n}.0`,
  `${n}e0`,
  `"${n}"`,
  `${n}\0`,
  `\0${n}`,
  `${n}\x0b`,
  `\x0b${n}`,
  `${n}\xa0`,
  `${n}\r\n 0`,
  'NaN',
  `${n}_`,
  String(2n ** 64n + BigInt(n)),
  `1${'0'.repeat(100)}`,
].map((value) => ({
  what: `Content-Length: ${JSON.stringify(value)}`,
  bytes: post([`Content-Length: ${value}`], HIDDEN),
  reaches: [],
}));

/** Lengths that RFC 9110 8.6 allows. */
export const goodLengths: readonly Smuggling[] = [`00${n}`, `${n} `, `\t${n}`].map((value) => ({
  what: `Content-Length: ${JSON.stringify(value)}`,
  bytes: post([`Content-Length: ${value}`], HIDDEN),
  reaches: whole,
}));

/** More than comes: the bytes behind it are the body's. */
export const unfinished: readonly Smuggling[] = [
  String(n + 1_000),
  String(2n ** 32n + BigInt(n)),
  String(2n ** 53n + 1n),
  String(2n ** 64n - 1n),
].map((value) => ({
  what: `Content-Length: ${value}`,
  bytes: post([`Content-Length: ${value}`], HIDDEN),
  reaches: [],
  waits: true,
}));

/** CL.0 and 0.CL: bodies where a member may look for none, and none where it may look for one. */
export const bodies: readonly Smuggling[] = [
  ...['GET', 'HEAD', 'DELETE', 'OPTIONS', 'PROPFIND', 'QUERY', 'TRACE'].flatMap((method) => [
    {
      what: `a ${method} with a counted body`,
      bytes: writeHead(`${method} /a HTTP/1.1`, COUNTED) + HIDDEN,
      reaches: [`${method} /a ${HIDDEN}`, AFTER],
    },
    {
      what: `a ${method} with a body in chunks`,
      bytes: writeHead(`${method} /a HTTP/1.1`, CHUNKED) + chunk(HIDDEN),
      reaches: [`${method} /a ${HIDDEN}`, AFTER],
    },
    {
      what: `a ${method} with a length of nothing`,
      bytes: writeHead(`${method} /a HTTP/1.1`, 'Content-Length: 0'),
      reaches: [`${method} /a`, AFTER],
    },
    {
      what: `a ${method} with no more than a last chunk`,
      bytes: writeHead(`${method} /a HTTP/1.1`, CHUNKED) + '0\r\n\r\n',
      reaches: [`${method} /a`, AFTER],
    },
  ]),
  {
    what: 'a POST without a body',
    bytes: writeHead('POST /a HTTP/1.1'),
    reaches: ['POST /a', AFTER],
  },
  {
    what: 'a GET without a length, and a body',
    bytes: writeHead('GET /a HTTP/1.1') + HIDDEN,
    reaches: ['GET /a', 'GET /hidden', AFTER],
  },
];
