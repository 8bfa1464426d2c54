import { describe, expect, test } from '@jest/globals';
import { describe as describeValue, unreadable } from '../../../src/definition/describe.ts';
import { printProblem } from '../../../src/definition/problem.ts';
import { problemsOf } from './support.ts';

describe('a value in a few words', () => {
  test.each<[unknown, string]>([
    ['a', "'a'"],
    ["it's", "'it\\'s'"],
    ['say "x"', `'say "x"'`],
    ['a\nb\u2028\u007f', "'a\\nb\\u2028\\u007f'"],
    ['a\u202eb\u200b\ufeff', "'a\\u202eb\\u200b\\ufeff'"],
    ['x'.repeat(80), `'${'x'.repeat(59)}…'`],
    ['\ud800', "'\ufffd'"],
    [-0, '-0'],
    [1.5, '1.5'],
    [10n, '10n'],
    [true, 'true'],
    [null, 'null'],
    [undefined, 'missing'],
    [Symbol('x'), 'a symbol'],
    [() => 1, 'a function'],
    [/a\/b/i, '/a\\/b/i'],
    [new RegExp(['\u001b', '\u202e', '\ud800'].join('')), '/\\u001b\\u202e\\ud800/'],
    [[], '[]'],
    [[500, 'a', null], "[500, 'a', null]"],
    [[1, 2, 3, 4, 5, 6], 'a list of 6'],
    [[{}], 'a list of 1'],
    [{}, 'an object'],
    [new Date(), 'a Date'],
    [new Map(), 'a Map'],
    [new Set(), 'a Set'],
    [Promise.resolve(), 'a Promise'],
    [Buffer.from('x'), 'a Buffer'],
    [new URL('http://u:p@h'), 'a URL object'],
    [new Proxy([], {}), 'an object'],
    [unreadable, 'unreadable'],
    ['http://user:pw@host/x', "'http://…@host/x'"],
    ['unix:/x|http://user:p@w@host', "'unix:/x|http://…@host'"],
    ['-----BEGIN PRIVATE KEY-----\nMIG', "'-----BEGIN …'"],
  ])('%p', (value, words) => {
    expect(describeValue(value)).toBe(words);
  });
});

describe('no secret is shown', () => {
  const secret = 'hush-hush';
  const pem = `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`;
  const members = [{ url: 'https://a', route: 'a' }];

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['of the route cookie', { routeCookie: { secret: [secret, 5] } }],
    ['under a wrong name', { routeCookie: { secrets: secret } }],
    ['on the balancer', { cookieSecret: secret }],
    ['for AJP', { members: [{ url: 'http://a', secret }] }],
    ['in a URL', { members: [`http://user:${secret}@a`] }],
    ['in a URL without scheme', { members: [`//user:${secret}@a`] }],
    ['in a wrong URL', { members: [`http://user:${secret}@a:b`] }],
    ['in a URL with a slash', { members: [`http://user:${secret}/x@a`] }],
    ['as a key', { memberDefaults: { tls: { key: secret } } }],
    ['as a key in the wrong place', { key: pem, members: [{ url: 'https://a', pem }] }],
    ['as a passphrase', { memberDefaults: { tls: { passphrase: secret } } }],
    ['as a misspelt passphrase', { memberDefaults: { tls: { passfrase: secret, pem: secret } } }],
    ['as a pfx', { memberDefaults: { tls: { pfx: [secret], passphrase: `${secret}\n` } } }],
    ['as all of tls', { memberDefaults: { tls: pem } }],
    ['as all of tls, but no PEM', { members: [{ url: 'https://a', tls: secret }] }],
    ['as a key that OpenSSL refuses', { memberDefaults: { tls: { key: pem, cert: pem } } }],
    [
      "of http-proxy-middleware's",
      { httpProxyMiddleware: { auht: `user:${secret}`, target: `http://user:${secret}@h` } },
    ],
  ])('%s', (_where, options) => {
    const lines = problemsOf({ members, ...options }).map(printProblem);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.join('\n')).not.toContain(secret);
  });
});
