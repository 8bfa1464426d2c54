import { expect, test } from '@jest/globals';
import { missingMaxForwards, readMaxForwards } from '../../../src/rewrite/max-forwards.ts';
import { fields } from './support.ts';

// Reference H11 and H12, for the methods that RFC 9110 7.6.2 names.
test.each([
  ['TRACE', ['Max-Forwards: 5'], { kind: 'forward', left: 4 }],
  ['OPTIONS', ['max-forwards: 1'], { kind: 'forward', left: 0 }],
  ['TRACE', ['Max-Forwards: 0'], { kind: 'here' }],
  ['OPTIONS', ['Max-Forwards: 00'], { kind: 'here' }],
  ['TRACE', ['Max-Forwards: abc'], { kind: 'invalid' }],
  ['OPTIONS', ['Max-Forwards: -1'], { kind: 'invalid' }],
  ['OPTIONS', ['Max-Forwards: 1.5'], { kind: 'invalid' }],
  ['OPTIONS', ['Max-Forwards:'], { kind: 'invalid' }],
  ['OPTIONS', ['Max-Forwards: 1', 'Max-Forwards: 2'], { kind: 'invalid' }],
  ['TRACE', [`Max-Forwards: ${'9'.repeat(400)}`], { kind: 'forward', left: 2 ** 31 - 2 }],
  ['TRACE', [], { kind: 'absent' }],
  ['GET', ['Max-Forwards: 0'], { kind: 'absent' }],
  ['trace', ['Max-Forwards: 0'], { kind: 'absent' }],
])('%s with %j is %j', (method, headers, expected) => {
  expect(readMaxForwards(method, fields(...headers))).toEqual(expected);
});

// httpd adds it to all methods; here it is for those that heed it.
test.each([
  [5, 'TRACE', [], '5'],
  [0, 'OPTIONS', [], '0'],
  [-1, 'TRACE', [], undefined],
  [5, 'GET', [], undefined],
  [5, 'TRACE', ['max-forwards: 3'], undefined],
])('proxymaxforwards %d: %s with %j gets %s', (hops, method, headers, expected) => {
  expect(missingMaxForwards(hops, method, fields(...headers))).toBe(expected);
});
