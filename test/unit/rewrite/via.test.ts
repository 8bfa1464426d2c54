import { expect, test } from '@jest/globals';
import { hasPassedHere } from '../../../src/rewrite/via.ts';
import { fields } from './support.ts';

test.each([
  [['Via: 1.1 me'], true],
  [['Via: 1.0 fred, 1.1 me'], true],
  [['Via: 1.0 fred', 'VIA: HTTP/1.1  me (express-proxy-balancer)'], true],
  [['Via: 1.1\tme'], true],
  [['Via: 1.1 other (a, (nested) 1.1 me)'], false],
  [['Via: 1.1 other (a \\) , 1.1 me)'], false],
  [['Via: 1.1 other (a), 1.1 me(b)'], true],
  [['Via: 1.1 me2, 1.1 notme'], false],
  [['Via: 1.1 ME'], false],
  [['Via: me 1.1'], false],
  [['Via: 1.1 other)', 'X-Via: 1.1 me'], false],
  [['Accept: */*'], false],
])('whether %j has been at "me": %s', (headers, expected) => {
  expect(hasPassedHere(fields(...headers), 'me')).toBe(expected);
});
