import type { Random } from '../seeded-random.ts';

/** Answers that are all right. */
export const samples = [
  'HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX-A: b c\r\n\r\nbody',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: T\r\n\r\n2\r\nbo\r\n2;x=1\r\ndy\r\n0\r\nT: 1\r\n\r\n',
  'HTTP/1.0 404 Not Found\r\nConnection: close\r\n\r\nbody',
  'HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n',
  'HTTP/1.1 200 OK\r\nConnection: keep-alive, x\r\nContent-Length: 0\r\n\r\n',
] as const;

/** What matters to whoever reads them. */
const scraps = [
  '\r',
  '\n',
  '\r\n',
  '\0',
  ' ',
  '\t',
  ':',
  ';',
  ',',
  '0',
  '1',
  '9',
  'f',
  '\x7f',
  '\xe9',
  'Content-Length: 1\r\n',
  'Transfer-Encoding: chunked\r\n',
  'chunked',
  'HTTP/1.1 ',
  '\r\n ',
] as const;

/** Puts scraps in, and takes bytes out, at one to three places. */
export function mutate(sample: string, random: Random): string {
  let text = sample;
  for (let i = random.below(3); i >= 0; i -= 1) {
    const at = random.below(text.length);
    const gone = random.happens(60) ? random.below(3) : 0;
    text = text.slice(0, at) + (random.happens(80) ? random.oneOf(scraps) : '') + text.slice(at + gone);
  }
  return text;
}

type Mutation = (text: string, random: Random) => string;

const mutations: readonly Mutation[] = [
  mutate,
  mutate,
  // A bit is turned over.
  (text, random) => {
    const at = random.below(text.length);
    const code = text.charCodeAt(at) ^ (1 << random.below(8));
    return text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1);
  },
  // A part comes twice.
  (text, random) => {
    const from = random.below(text.length);
    const to = from + random.below(text.length - from + 1);
    return text.slice(0, to) + text.slice(from, to) + text.slice(to);
  },
  // The front of one, the back of another.
  (text, random) => {
    const other = random.oneOf(samples);
    return text.slice(0, random.below(text.length)) + other.slice(random.below(other.length));
  },
  // It breaks off.
  (text, random) => text.slice(0, random.below(text.length)),
  // Another comes behind it.
  (text, random) => text + random.oneOf(samples),
];

/** An answer that is as it should be, now and then; mostly it is not. */
export function makeAnswer(random: Random): string {
  let text: string = random.oneOf(samples);
  if (random.happens(10)) return text;
  for (let i = random.below(2); i >= 0; i -= 1) {
    if (text.length > 0) text = random.oneOf(mutations)(text, random);
  }
  return text;
}
