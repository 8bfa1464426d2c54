import { describe, expect, test } from '@jest/globals';
import { readAnswers } from '../../../bench/load/answer-reader.ts';

/** What is told of these bytes, in pieces of so many. */
function readIn(pieceBytes: number, text: string): [status: number, bodyBytes: number][] {
  const told: [number, number][] = [];
  const reader = readAnswers((status, bodyBytes) => told.push([status, bodyBytes]));
  const bytes = Buffer.from(text, 'latin1');
  const lent = Buffer.alloc(pieceBytes);
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    // As a connection does it: each piece comes in the same buffer.
    const length = bytes.copy(lent, 0, at, at + pieceBytes);
    reader.read(lent.subarray(0, length));
    lent.fill('!');
  }
  return told;
}

const answers = [
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
  'HTTP/1.1 204 No Content\r\n\r\n',
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n',
  '5\r\nhello\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n',
  'HTTP/1.1 502 Bad Gateway\r\nX: y\r\ncontent-length:0\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n\r\r\n0\r\nTrailer: 1\r\n\r\n',
].join('');

describe('a reader of answers', () => {
  test.each([1, 2, 3, 7, 64, 1_000])('finds each answer and its bytes in pieces of %d', (pieceBytes) => {
    expect(readIn(pieceBytes, answers)).toEqual([
      [200, 5],
      [204, 0],
      [201, 15],
      [502, 0],
      [200, 1],
    ]);
  });

  test('counts the bytes of an answer that is still coming', () => {
    const reader = readAnswers(() => undefined);
    reader.read(Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello'));
    expect(reader.bodyBytes()).toBe(5);
  });

  test.each([
    ['what is no answer', 'SSH-2.0-OpenSSH\r\n\r\n', /no answer begins so: "SSH-2\.0/],
    ['an answer that tells no length', 'HTTP/1.1 200 OK\r\n\r\n', /tells no length/],
    [
      'a chunk without a size',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n',
      /no chunk begins/,
    ],
    [
      'a chunk that is longer than it says',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nhello\r\n',
      /longer than it says/,
    ],
    ['a head without an end', `HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(20_000)}`, /does not end/],
  ])('refuses %s', (_what, text, problem) => {
    expect(() => readIn(text.length, text)).toThrow(problem);
  });
});
