import { describe, expect, test } from '@jest/globals';
import { optionsFor } from '../../../../src/forward/hpm/member-options.ts';
import { memberAt } from '../../../support/recorder.ts';

describe('the target that http-proxy-middleware is given', () => {
  test('is a URL like any other, whose parts are not made anew whenever they are read', () => {
    const { target } = optionsFor({}, memberAt('http://member.test:3000/base'));
    const expected = new URL('http://member.test:3000/base/');
    expect(target).toBeInstanceOf(URL);
    expect(target).toHaveProperty('href', expected.href);
    for (const part of ['protocol', 'host', 'hostname', 'port', 'pathname', 'search'] as const) {
      expect(Object.getOwnPropertyDescriptor(target, part)?.value).toBe(expected[part]);
    }
  });

  test.each([
    ['http://[::1]:3000/base', '::1'],
    // No request can go to it; it stands for this machine.
    ['http://[::]:3000/base', '::1'],
    ['http://[2001:db8::1]:3000/base', '2001:db8::1'],
  ])('of %s has no brackets, which Node would look up as part of a name', (url, hostname) => {
    const { target } = optionsFor({}, memberAt(url));
    expect(target).toEqual({ protocol: 'http:', hostname, port: '3000', pathname: '/base/', search: '' });
  });
});
