import type { Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { skipContinue } from '../../../src/forward/skip-continue.ts';

const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const go = 'HTTP/1.1 100 Continue\r\nX-A: 1\r\n\r\n';

/** What a reader gets of these pieces, each of which has come by itself; null where there was nothing for it. */
function readThrough(
  pieces: readonly string[],
  { isDue = true, maxHeadBytes = 1000 } = {},
): (string | null)[] {
  const coming = pieces.map((piece) => Buffer.from(piece));
  const socket = { read: () => coming.shift() ?? null } as unknown as Socket;
  const expectAnswer = skipContinue(socket, maxHeadBytes);
  if (isDue) expectAnswer();
  return pieces.map(() => (socket.read() as Buffer | null)?.toString() ?? null);
}

describe('a connection on which an answer is due', () => {
  test.each<[string, string[], (string | null)[]]>([
    ['has no 100', [answer], [answer]],
    ['has a 100 of its own', [go, answer], [null, answer]],
    ['has a 100 in one piece with the answer', [go + answer], [answer]],
    ['has a 100 cut in its status', ['HTTP/1.1 1', '00 Continue\r\n\r\n', answer], [null, null, answer]],
    ['has a 100 cut behind its status', ['HTTP/1.1 100', ' Continue\r\n\r\n' + answer], [null, answer]],
    [
      'has a 100 cut in its end',
      ['HTTP/1.1 100 Continue\r\n\r', '\n' + answer.slice(0, 5), answer.slice(5)],
      [null, null, answer],
    ],
    ['has an answer cut in its version', ['HTTP/1', '.1 200 OK\r\n\r\n'], [null, 'HTTP/1.1 200 OK\r\n\r\n']],
    ['has several', [go + go, go + answer], [null, answer]],
    [
      'has another 1xx',
      ['HTTP/1.1 103 Early Hints\r\n\r\n', answer],
      ['HTTP/1.1 103 Early Hints\r\n\r\n', answer],
    ],
    ['has a status of four digits', ['HTTP/1.1 1000 OK\r\n\r\n'], ['HTTP/1.1 1000 OK\r\n\r\n']],
    ['has content that looks like a 100', [answer, go], [answer, go]],
    ['has no HTTP', ['hello'], ['hello']],
    ['has eleven, one more than there may be', [go.repeat(11)], [go]],
  ])('%s', (_what, pieces, expected) => {
    expect(readThrough(pieces)).toEqual(expected);
  });

  test('has a 100 without an end, which the parser is to refuse', () => {
    const endless = `HTTP/1.1 100 Continue\r\nX-A: ${'a'.repeat(50)}`;
    expect(readThrough([endless.slice(0, 30), endless.slice(30)], { maxHeadBytes: 40 })).toEqual([
      null,
      endless,
    ]);
  });
});

test('a connection on which no answer is due is left as it is', () => {
  expect(readThrough([go, answer], { isDue: false })).toEqual([go, answer]);
});
