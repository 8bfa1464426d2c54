import type { Random } from '../../../support/seeded-random.ts';

/** What one reader takes for an end, a blank or nothing, and another does not. */
const tricky = [
  ...[
    '\r',
    '\n',
    '\r\n',
    '\r\n\r\n',
    '\n\n',
    '\r\r\n',
    '\0',
    ' ',
    '\t',
    '\v',
    '\f',
    '\x7f',
    '\x80',
    '\xa0',
    '\xff',
    ':',
    ' :',
  ],
  ...[
    ',',
    ';',
    '"',
    '\\',
    '/',
    '//',
    '?',
    '#',
    '%',
    '%00',
    '%2e',
    '%0d%0a',
    '..',
    '@',
    '*',
    '0',
    '1',
    '-1',
    '+1',
    '0x1',
    'ffffffff',
  ],
  ...[
    'HTTP/1.1',
    'HTTP/1.0',
    'HTTP/2.0',
    'http://evil.example/',
    'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
    '0\r\n\r\n',
    'chunked',
  ],
];

/** Fields that decide where a request ends, whom it is for, and what of it goes on. */
const fields = [
  ...[
    'Content-Length: 0',
    'Content-Length: 5',
    'Content-Length: 5, 5',
    'Content-Length: +5',
    'Content-Length: 99999999999',
  ],
  ...[
    'Content-Length : 5',
    'content-length:5 ',
    'Content_Length: 5',
    'Transfer-Encoding: chunked',
    'Transfer-Encoding: identity',
  ],
  ...[
    'Transfer-Encoding: gzip, chunked',
    'Transfer-Encoding : chunked',
    'Transfer-Encoding: xchunked',
    'Transfer-Encoding:\tchunked',
  ],
  ...[
    'Transfer-Encoding: "chunked"',
    'transfer_encoding: chunked',
    'Host: evil.example',
    'Host: a, b',
    'Host:',
    'Host: a b',
  ],
  ...[
    'Connection: close',
    'Connection: Upgrade',
    'Connection: Content-Length',
    'Connection: Transfer-Encoding, Host',
  ],
  ...[
    'Connection: Cookie, X-Forwarded-For, Via',
    'Upgrade: websocket',
    'Expect: 100-continue',
    'Expect: nothing',
    'Trailer: Host',
  ],
  ...[
    'Max-Forwards: 0',
    'Max-Forwards: x',
    'Via: 1.1 (((',
    'Proxy-Connection: keep-alive',
    ' folded: yes',
    '\tfolded',
    ': no name',
  ],
  ...['no colon', 'X Y: z', 'X\x00Y: z', 'X: \x00', 'X: \r y', 'X: \n y', `X-Long: ${'l'.repeat(20_000)}`],
];

type Mutation = (text: string, random: Random, other: string) => string;

const cut = (text: string, from: number, to: number, between = ''): string =>
  text.slice(0, from) + between + text.slice(to);

function replaceOne(text: string, what: string, by: string, random: Random): string {
  const places = [...text.matchAll(new RegExp(what, 'g'))].map(({ index }) => index);
  if (places.length === 0) return text;
  const at = random.oneOf(places);
  return cut(text, at, at + what.length, by);
}

const mutations: readonly Mutation[] = [
  (text, random) => {
    const at = random.below(text.length);
    return cut(text, at, at + 1, String.fromCharCode(text.charCodeAt(at) ^ (1 << random.below(8))));
  },
  (text, random) => {
    const at = random.below(text.length);
    return cut(text, at, at + 1, String.fromCharCode(random.below(256)));
  },
  (text, random) => {
    const at = random.below(text.length);
    return cut(text, at, at + 1 + random.below(random.happens(80) ? 4 : 60));
  },
  (text, random) => {
    const at = random.below(text.length + 1);
    return cut(text, at, at, random.oneOf(tricky));
  },
  (text, random) => {
    const at = random.below(text.length);
    return cut(text, at, at, text.slice(at, at + 1 + random.below(80)));
  },
  (text, random, other) => text.slice(0, random.below(text.length)) + other.slice(random.below(other.length)),
  (text, random) =>
    replaceOne(
      text,
      '\r\n',
      random.oneOf(['\n', '\r', '\r\r\n', '\n\r', '\r\n ', ' \r\n', '\0\r\n', '']),
      random,
    ),
  (text, random) =>
    replaceOne(text, ':', random.oneOf([' :', '\t:', '\0:', '::', '', '=', ':\x0b', ':\r\n ']), random),
  (text, random) => replaceOne(text, ' ', random.oneOf(['  ', '\t', '\xa0', '', '\0', '\r', '\n']), random),
  (text, random) => replaceOne(text, '\r\n', `\r\n${random.oneOf(fields)}\r\n`, random),
  (text, random) => replaceOne(text, '\r\n', `\r\n${random.oneOf(fields)}\r\n`, random),
  (text, random) => {
    const lines = text.split('\r\n');
    const [line] = lines.splice(random.below(lines.length), random.happens(50) ? 1 : 0);
    lines.splice(random.below(lines.length + 1), 0, line ?? random.oneOf(lines));
    return lines.join('\r\n');
  },
  (text, random) =>
    text.replace(/\d+/, (digits) => String(Number(digits) + random.oneOf([-1, 1, 7, 2 ** 31, 2 ** 53]))),
  (text, random) => text.slice(0, random.below(text.length)),
  (text, _random, other) => text + other,
];

/** Bytes that somebody has been at: a few times, in any way. */
export function mutate(text: string, other: string, random: Random): string {
  let mutated = text;
  const times = random.happens(50) ? 1 : 1 + random.below(4);
  for (let i = 0; i < times && mutated !== ''; i += 1)
    mutated = random.oneOf(mutations)(mutated, random, other);
  return mutated;
}
