import { expect, test } from '@jest/globals';
import { keepTrailers } from '../../../src/request/trailers.ts';

test('passes trailers on in their order and spelling, duplicates too', () => {
  const raw = ['X-Sum', '1', 'digest', 'a=b', 'X-Sum', '2'];
  expect(keepTrailers(raw)).toEqual([
    ['X-Sum', '1'],
    ['digest', 'a=b'],
    ['X-Sum', '2'],
  ]);
});

// RFC 9110 6.5.1
test.each([
  'Transfer-Encoding',
  'Content-Length',
  'Connection',
  'Trailer',
  'Host',
  'Cookie',
  'Authorization',
  'If-None-Match',
  'X-Forwarded-For',
  'x_forwarded_proto',
  'X.Forwarded.For',
  'Content_Length',
  'Transfer_Encoding',
  'Max_Forwards',
  'If_Match',
  'Forwarded',
  'Via',
])('passes no %s on as a trailer', (name) => {
  expect(keepTrailers([name, 'x', 'X-Sum', '1'])).toEqual([['X-Sum', '1']]);
});

test('what Connection names is no trailer that goes on (RFC 9110 7.6.1)', () => {
  expect(keepTrailers(['X-Hop', '1', 'X-Sum', '1'], new Set(['x-hop']))).toEqual([['X-Sum', '1']]);
});
