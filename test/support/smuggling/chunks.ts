import { AFTER, chunk, CHUNKED, HIDDEN, post, type Smuggling } from './case.ts';

const n = HIDDEN.length.toString(16);
const last = '0\r\n\r\n';
const whole = [`POST /a ${HIDDEN}`, AFTER];

function sizes(
  values: readonly string[],
  reaches: readonly string[],
  leniently = reaches,
): readonly Smuggling[] {
  return values.map((value) => ({
    what: `a chunk of ${JSON.stringify(value)}`,
    bytes: post([CHUNKED], `${value}\r\n${HIDDEN}\r\n${last}`),
    reaches,
    leniently,
  }));
}

/** Sizes of chunks that one takes for a number and another does not. */
export const badSizes = sizes(
  [
    '',
    `0x${n}`,
    `+${n}`,
    `-${n}`,
    '-1',
    `${n}_`,
    `_${n}`,
    ` ${n}`,
    `\t${n}`,
    `${n}g`,
    `${n}.0`,
    `${n}\0`,
    `${n}\x0b`,
    `\0${n}`,
    `${n}\xa0`,
    `${n},0`,
    'zz',
    'ffffffffffffffff1',
    `1${'0'.repeat(16 - n.length)}${n}`,
    'f'.repeat(64),
  ],
  [],
);

/** Members get them written anew. */
export const lenientSizes = sizes([`${n} `, `${n}\t`, `${n} ;a`], [], whole);

export const goodSizes = sizes([n.toUpperCase(), `00${n}`, `${'0'.repeat(40)}${n}`], whole);

/** More than comes. */
export const unfinishedSizes: readonly Smuggling[] = [
  `1${n}`,
  `1000000${n}`,
  `2000000000000${n}`,
  'ffffffffffffffff',
].map((value) => ({
  what: `a chunk of ${value}`,
  bytes: post([CHUNKED], `${value}\r\n${HIDDEN}\r\n${last}`),
  reaches: [],
  waits: true,
}));

/** What stands behind a chunk's size. */
export const extensions: readonly Smuggling[] = [
  ...[';a', ';a=b', ';a="b"', ';a="b;c"', ';a="\\""', ';a=b;c=d', `;a=${'b'.repeat(4_000)}`].map(
    (extension) => ({
      what: `the extension ${JSON.stringify(extension.slice(0, 20))}`,
      bytes: post([CHUNKED], `${n}${extension}\r\n${HIDDEN}\r\n0${extension}\r\n\r\n`),
      reaches: whole,
    }),
  ),
  ...[
    ';a="b\r\n',
    ';a="b\n',
    ';a="\r"',
    ';a\n',
    ';\n',
    ';a=b\nc',
    ';a\0',
    ';a\r',
    ';\r',
    ';a\x0b',
    ';;',
    `;a=${'b'.repeat(20_000)}`,
  ].map((extension) => ({
    what: `the extension ${JSON.stringify(extension.slice(0, 20))}`,
    bytes: post([CHUNKED], `${n}${extension}\r\n${HIDDEN}\r\n${last}`),
    reaches: [],
  })),
];

function endings(
  pairs: readonly (readonly [string, string])[],
  leniently: readonly string[],
): readonly Smuggling[] {
  return pairs.map(([what, body]) => ({ what, bytes: post([CHUNKED], body), reaches: [], leniently }));
}

/** Ends of lines and of chunks that one sees where another does not. */
export const ends: readonly Smuggling[] = [
  ...endings(
    [
      ['two letters for a line end behind a chunk', `${n}\r\n${HIDDEN}XX${last}`],
      ['only LF at the end', `${n}\r\n${HIDDEN}\r\n0\n\n`],
      ['no line end at the end', `${n}\r\n${HIDDEN}\r\n0\r\n`],
      ['a byte behind a chunk', `${n}\r\n${HIDDEN}x\r\n${last}`],
      ['a line end in front of a size', `\r\n${n}\r\n${HIDDEN}\r\n${last}`],
    ],
    [],
  ),
  ...endings(
    [
      ['no line end behind a chunk', `${n}\r\n${HIDDEN}${last}`],
      ['a lone LF behind a chunk', `${n}\r\n${HIDDEN}\n${last}`],
      ['a lone CR behind a chunk', `${n}\r\n${HIDDEN}\r${last}`],
      ['a lone LF behind a size', `${n}\n${HIDDEN}\r\n${last}`],
      ['a lone CR behind a size', `${n}\r${HIDDEN}\r\n${last}`],
      ['a lone LF behind the last size', `${n}\r\n${HIDDEN}\r\n0\n\r\n`],
      ['a lone LF for the last line', `${n}\r\n${HIDDEN}\r\n0\r\n\n`],
      ['a lone CR for the last line', `${n}\r\n${HIDDEN}\r\n0\r\n\r`],
    ],
    whole,
  ),
];

const before = `${n}\r\n${HIDDEN}\r\n0\r\n`;

function endWith(
  lines: readonly string[],
  reaches: readonly string[],
  leniently = reaches,
): readonly Smuggling[] {
  return lines.map((line) => ({
    what: `the trailer ${JSON.stringify(line)}`,
    bytes: post([CHUNKED, 'Connection: X-Named-Away'], `${before}${line}\r\n\r\n`),
    reaches,
    leniently,
  }));
}

/** Fields behind the last chunk; members get none that they could take for one of the head. */
export const trailers: readonly Smuggling[] = [
  ...endWith(
    [
      'Content_Length: 0',
      'Transfer_Encoding: chunked',
      'Host: evil',
      'Keep-Alive: timeout=1',
      'Upgrade: h2c',
      'Trailer: Host',
      'TE: trailers',
      'X-Forwarded-For: 6.6.6.6',
      'X_Forwarded_For: 6.6.6.6',
      'X.Forwarded.For: 6.6.6.6',
      'Forwarded: for=6.6.6.6',
      'Via: 1.1 evil',
      'Authorization: Basic x',
      'Cookie: a=b',
      'Expect: 100-continue',
      'Max-Forwards: 0',
      'Max_Forwards: 0',
      'X-Named-Away: x',
    ],
    whole,
  ),
  // Node goes by them as if they stood in the head, and then knows no more where the next request begins.
  ...endWith(['Content-Length: 0', 'Transfer-Encoding: chunked'], [], whole),
  ...endWith(['Connection: close', 'Proxy-Connection: close'], whole.slice(0, 1), whole).map(
    (each) => ({ ...each, isCut: true }) as const,
  ),
  ...endWith(['X: y\n', 'X: \0', 'X: y\r\n folded'], [], whole),
  ...endWith(['X : y', 'X: y\rZ: z', 'X', ': y', ' X: y', 'X\0: y', 'GET /hidden HTTP/1.1'], []),
  {
    what: 'chunks within a chunk',
    bytes: post([CHUNKED], chunk(chunk(HIDDEN))),
    reaches: [`POST /a ${chunk(HIDDEN)}`, AFTER],
  },
];
