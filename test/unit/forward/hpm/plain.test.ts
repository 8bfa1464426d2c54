import { describe, expect, test } from '@jest/globals';
import { isPlain, isPlainRequest } from '../../../../src/forward/hpm/plain.ts';
import type { HttpProxyMiddleware } from '../../../../src/index.ts';
import { outboundTo, memberAt } from '../../../support/recorder.ts';

describe('options', () => {
  test.each<[HttpProxyMiddleware]>([
    [{}],
    [{ changeOrigin: true, headers: { 'X-A': '1' }, auth: 'a:b', secure: false }],
    [{ pathFilter: '/api', ignorePath: true, proxyTimeout: 1, ejectPlugins: true }],
  ])('that do no more than make requests let nobody look: %j', (options) => {
    expect(isPlain(options)).toBe(true);
  });

  test.each<[HttpProxyMiddleware]>([
    [{ on: { proxyRes: () => undefined } }],
    [{ plugins: [] }],
    [{ logger: console }],
    [{ pathRewrite: { a: 'b' } }],
    [{ followRedirects: true }],
    [{ selfHandleResponse: true }],
    [{ cookieDomainRewrite: 'a.test' }],
    [{ autoRewrite: true }],
    [{ timeout: 1 }],
    // Another version’s, whatever it does.
    [{ unheardOf: true } as HttpProxyMiddleware],
  ])('that look at requests or change answers are not of that kind: %o', (options) => {
    expect(isPlain({ changeOrigin: true, ...options })).toBe(false);
  });
});

test.each([
  ['GET', undefined, true],
  ['POST', undefined, true],
  // httpxy says that these are empty where it finds no length.
  ['DELETE', undefined, false],
  ['OPTIONS', undefined, false],
  ['GET', 'websocket', false],
])('a %s with an upgrade to %s may be handed over as it is spelt: %s', (method, upgrade, expected) => {
  expect(isPlainRequest(outboundTo(memberAt('http://member.test'), { method, upgrade }))).toBe(expected);
});
