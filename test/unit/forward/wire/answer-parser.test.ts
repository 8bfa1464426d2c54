import { describe, expect, test } from '@jest/globals';
import { createRandom } from '../../../support/seeded-random.ts';
import { readAnswer } from './read-answers.ts';

const ok = 'HTTP/1.1 200 OK\r\n';
const chunked = `${ok}Transfer-Encoding: chunked\r\n\r\n`;

describe('an answer is read', () => {
  test('with its fields as they came, in order, and without the space around values', () => {
    const story = readAnswer([
      `${ok}X-A: 1\r\nx-a:\t 2 \r\nX-Empty:\r\nX-\xdf: \xe9\r\n\r\n`.replace('X-\xdf', 'X-B'),
    ]);
    expect(story).toMatchObject({ status: 200, reason: 'OK', refused: undefined });
    expect(story.headers).toEqual(['X-A', '1', 'x-a', '2', 'X-Empty', '', 'X-B', '\xe9']);
  });

  test.each<[string, string, Parameters<typeof readAnswer>[1], object]>([
    ['counted', `${ok}Content-Length: 2\r\n\r\nok`, {}, { body: 'ok', left: 0, isKept: true }],
    ['counted as nothing', `${ok}Content-Length: 0\r\n\r\n`, {}, { body: '', left: 0, isKept: true }],
    [
      'in chunks',
      `${chunked}2\r\nok\r\n1;a="b"\r\n!\r\n0\r\n\r\n`,
      {},
      { body: 'ok!', left: 0, isKept: true },
    ],
    [
      'in chunks with blanks before an extension',
      `${chunked}2 \t;a\r\nok\r\n0 ;b\r\n\r\n`,
      {},
      { body: 'ok', left: 0 },
    ],
    ['in chunks with trailers', `${chunked}0\r\nX-T: 1\r\n\r\n`, {}, { trailers: ['X-T', '1'], left: 0 }],
    [
      'in chunks of upper case and leading zeros',
      `${chunked}00A\r\n0123456789\r\n0\r\n\r\n`,
      {},
      { body: '0123456789' },
    ],
    [
      'up to the end of the connection',
      `${ok}\r\nall of it`,
      {},
      { body: 'all of it', left: 0, isKept: false },
    ],
    ['none to HEAD', `${ok}Content-Length: 9\r\n\r\n`, { isHead: true }, { body: '', left: 0 }],
    ['none of chunks to HEAD', chunked, { isHead: true }, { body: '', left: 0 }],
    ['none with 204', 'HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n', {}, { body: '', left: 0 }],
    ['none with 304', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n', {}, { body: '', left: 0 }],
    ['without a reason', 'HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n', {}, { status: 200, reason: '' }],
    ['of HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n', {}, { isKept: false }],
    [
      'of HTTP/1.0 that keeps',
      'HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: Keep-Alive\r\n\r\n',
      {},
      { isKept: true },
    ],
    ['that closes', `${ok}Content-Length: 0\r\nConnection: x, Close\r\n\r\n`, {}, { isKept: false }],
    [
      'behind interim answers',
      `HTTP/1.1 102 P\r\n\r\nHTTP/1.1 103 E\r\nLink: a\r\n\r\n${ok}\r\n`,
      {},
      { interims: [102, 103], status: 200 },
    ],
    [
      'behind 100, which nobody is told of',
      `HTTP/1.1 100 Continue\r\n\r\n${ok}\r\n`,
      {},
      { interims: [], status: 200 },
    ],
    [
      'with a head as long as it may be',
      `${ok}X: ${'x'.repeat(60)}\r\n\r\n`,
      { maxHeadBytes: 84 },
      { status: 200 },
    ],
    [
      'with a head that is longer than what is looked at in one go',
      `${ok}X: ${'x'.repeat(9_000)}\r\n\r\nbody`,
      {},
      { body: 'body' },
    ],
  ])('%s', (_what, bytes, options, expected) => {
    expect(readAnswer([bytes], options)).toMatchObject({ refused: undefined, ...expected });
  });

  test.each([
    [`${ok}Content-Length: 2\r\n\r\nok${ok}`, ok.length],
    [`${chunked}0\r\n\r\nx`, 1],
    [`${ok}Content-Length: 0\r\n\r\n\r\n`, 2],
  ])('and what comes behind it is told, and is no content', (bytes, left) => {
    expect(readAnswer([bytes])).toMatchObject({ left, refused: undefined });
  });

  test('up to a switch of protocols, whose bytes are left alone', () => {
    const story = readAnswer(['HTTP/1.1 101 S\r\nUpgrade: x\r\n\r\n\0\x01HTTP']);
    expect(story).toMatchObject({ switched: '\0\x01HTTP', headers: ['Upgrade', 'x'], status: undefined });
  });

  test.each([
    ['in its head', `${ok}Content-Le`],
    ['in counted content', `${ok}Content-Length: 3\r\n\r\nok`],
    ['in a chunk', `${chunked}3\r\nok`],
    ['before its last chunk', `${chunked}2\r\nok\r\n`],
    ['in its trailers', `${chunked}0\r\nX: 1\r\n`],
  ])('and has no end where the connection has one %s', (_where, bytes) => {
    expect(readAnswer([bytes])).toMatchObject({ left: undefined, refused: undefined });
  });
});

describe('an answer is refused', () => {
  const fields = (lines: string): string => `${ok}${lines}\r\n\r\n`;
  test.each([
    ['another protocol', '220 mail.example ESMTP\r\n\r\n'],
    ['another protocol that ends no line', 'SSH-2.0-OpenSSH_9'],
    ['another version', 'HTTP/2.0 200 OK\r\n\r\n'],
    ['a later version', 'HTTP/1.2 200 OK\r\n\r\n'],
    ['a version in lower case', 'http/1.1 200 OK\r\n\r\n'],
    ['an empty line in front', `\r\n${ok}\r\n`],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n'],
    ['a status of letters', 'HTTP/1.1 2x0 OK\r\n\r\n'],
    ['a status below 100', 'HTTP/1.1 099 OK\r\n\r\n'],
    ['two spaces before the status', 'HTTP/1.1  200 OK\r\n\r\n'],
    ['a control character in the reason', 'HTTP/1.1 200 O\x01K\r\n\r\n'],
    ['a line without a colon', fields('no colon')],
    ['a field without a name', fields(': 1')],
    ['a space before the colon', fields('X-A : 1')],
    ['a space in front of the name', fields(' X-A: 1')],
    ['a line that goes on', fields('X-A: 1\r\n 2')],
    ['a bare LF behind a line', 'HTTP/1.1 200 OK\nX: 1\r\n\r\n'],
    ['a bare LF for the end of the head', `${ok}X: 1\r\n\n`],
    ['a bare CR in a value', fields('X-A: 1\r2')],
    ['NUL in a value', fields('X-A: \0')],
    ['NUL in a name', fields('X\0A: 1')],
    ['DEL in a value', fields('X-A: \x7f')],
    ['a byte beyond ASCII in a name', fields('X-\xe9: 1')],
    ['a length that is none', fields('Content-Length: 2x')],
    ['an empty length', fields('Content-Length:')],
    ['a length with a sign', fields('Content-Length: +2')],
    ['a negative length', fields('Content-Length: -2')],
    ['a length beyond counting', fields('Content-Length: 99999999999999999999')],
    ['two lengths in a field', fields('Content-Length: 2, 2')],
    ['two lengths', fields('Content-Length: 2\r\nContent-Length: 3')],
    ['a length twice', fields('Content-Length: 2\r\nContent-Length: 2')],
    ['a length beside chunks', fields('Content-Length: 2\r\nTransfer-Encoding: chunked')],
    ['another coding', fields('Transfer-Encoding: gzip, chunked')],
    ['a coding twice', fields('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked')],
    ['a coding that only looks like one', fields('Transfer-Encoding: xchunked')],
    ['a coding in HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['a coding of an interim answer that is none', 'HTTP/1.1 103 E\r\nTransfer-Encoding: x\r\n\r\n'],
    ['a chunk without a size', `${chunked}\r\nok`],
    ['a chunk whose size is no number', `${chunked}zz\r\n`],
    ['a chunk whose size has a prefix', `${chunked}0x2\r\nok\r\n`],
    ['a chunk whose size has a sign', `${chunked}-2\r\nok\r\n`],
    ['a chunk beyond counting', `${chunked}${'f'.repeat(16)}\r\n`],
    ['a chunk whose size has no end', `${chunked}${'0'.repeat(17)}`],
    ['a space behind a size', `${chunked}2 \r\nok\r\n`],
    ['a space in a size', `${chunked}1 0\r\n`],
    ['a space before a size', `${chunked} 2\r\n`],
    ['blanks without an end', `${chunked}2${' '.repeat(16_386)}`],
    ['a size that ends in a bare LF', `${chunked}2\nok\r\n`],
    ['a size that ends in a bare CR', `${chunked}2\rok\r\n`],
    ['a chunk that is longer than its size', `${chunked}2\r\nok!\r\n`],
    ['a chunk that ends in a bare LF', `${chunked}2\r\nok\n`],
    ['a control character in an extension', `${chunked}2;a\0\r\nok\r\n`],
    ['an extension without an end', `${chunked}2;${'a'.repeat(16_385)}`],
    ['a trailer that is no field', `${chunked}0\r\nno colon\r\n\r\n`],
    ['trailers that are too long', `${chunked}0\r\nX: ${'x'.repeat(16_384)}\r\n\r\n`],
    ['a head that is too long', fields(`X: ${'x'.repeat(16_384)}`)],
    ['a head without an end', `${ok}X: ${'x'.repeat(16_384)}`],
    ['the eleventh 100', `${'HTTP/1.1 100 Continue\r\n\r\n'.repeat(11)}${ok}\r\n`],
  ])('for %s', (_what, bytes) => {
    expect(readAnswer([bytes]).refused).toEqual(expect.any(String));
    // Nor does it take the last byte to tell.
    expect(readAnswer(Array.from(bytes)).refused).toEqual(expect.any(String));
  });

  test('one byte beyond what its head may have', () => {
    const bytes = `${ok}X: ${'x'.repeat(60)}\r\n\r\n`;
    expect(readAnswer([bytes], { maxHeadBytes: bytes.length }).refused).toBeUndefined();
    expect(readAnswer([bytes], { maxHeadBytes: bytes.length - 1 }).refused).toMatch(/more than/);
  });
});

test('however the bytes are cut, the same is told', () => {
  const random = createRandom(7);
  const samples = [
    `HTTP/1.1 103 E\r\nLink: <a>\r\n\r\n${chunked}5;x=y\r\nwhole\r\n0a\r\n\r\n0\r\n\r\nend\r\n0\r\nX-T: 1\r\nX-U: \xe9\r\n\r\n`,
    `HTTP/1.1 100 Continue\r\n\r\n${ok}Content-Length: 12\r\nX: ${'y'.repeat(3_000)}\r\n\r\nHTTP/1.1 200behind`,
    `${ok}Connection: close\r\n\r\nup to\r\n\r\nthe end`,
    `${ok}X: 1\r\nbroken\r\n\r\n`,
    `${chunked}3\r\nabc\r\nxx\r\n`,
  ];
  for (const sample of samples) {
    const whole = { ...readAnswer([sample]), left: 0 };
    for (let i = 0; i < 60; i += 1) {
      const pieces: string[] = [];
      for (let at = 0; at < sample.length;) {
        const next = at + 1 + random.below(random.oneOf([1, 3, 40, 2_500]));
        pieces.push(sample.slice(at, next));
        at = next;
      }
      // How much of what follows the end has come with it depends on the cuts.
      expect({ ...readAnswer(pieces), left: 0 }).toEqual(whole);
    }
  }
});
