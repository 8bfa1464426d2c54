import { describe, expect, test } from '@jest/globals';
import { linesFor, sticky } from './support.ts';

describe('routeCookie', () => {
  test.each<[unknown, string]>([
    [
      'ROUTEID',
      "routeCookie is 'ROUTEID': it must be a record of options; write true or { name: 'ROUTEID', … }",
    ],
    [
      { name: 'a b' },
      "routeCookie.name is 'a b': it must be the name of a cookie: letters, digits and !#$%&'*+-.^_`|~; write a name such as 'ROUTEID'",
    ],
    [
      { secret: '' },
      'routeCookie.secret is a string: an empty secret is none; write a long random text, or a list of such texts',
    ],
    [
      { secret: ['hush', ''] },
      'routeCookie.secret is a list of 2: an empty secret is none; write a long random text, or a list of such texts',
    ],
    [
      { secret: [] },
      'routeCookie.secret is an empty list: the list is empty; write a long random text, or a list of such texts',
    ],
    [
      { secret: 5 },
      'routeCookie.secret is a number: it must be a text or a list of texts; write a long random text, or a list of such texts',
    ],
    [
      { path: 'a' },
      "routeCookie.path is 'a': it must be a path of the browser's; write '/', or a path that begins with / and has no ; in it",
    ],
    [
      { domain: 'http://a' },
      "routeCookie.domain is 'http://a': it must be a domain, without scheme or port; write it so: 'example.com'",
    ],
    [
      { maxAge: 500 },
      'routeCookie.maxAge is 500: it must be a lifetime in milliseconds; write a whole number from 1000 up',
    ],
    [
      { expires: 'tomorrow' },
      "routeCookie.expires is 'tomorrow': it must be a valid Date; write new Date(…), or maxAge",
    ],
    [
      { expires: new Date(NaN) },
      'routeCookie.expires is a Date: it must be a valid Date; write new Date(…), or maxAge',
    ],
    [{ sameSite: 'Lax' }, "routeCookie.sameSite is 'Lax': there is no such value; write 'lax'"],
    [{ secure: 'Auto' }, "routeCookie.secure is 'Auto': there is no such value; write 'auto'"],
    [{ signed: true }, 'routeCookie.signed is true: a secret makes it signed; write secret'],
    [{ secrets: ['hush'] }, 'routeCookie.secrets is a list of 1: there is no such option; write secret'],
    [{ httponly: true }, 'routeCookie.httponly is true: there is no such option; write httpOnly'],
    [{ encode: String }, 'routeCookie.encode is a function: a route needs no encoding; leave it out'],
    [
      { name: '__Host-r', path: '/', domain: 'a.b' },
      "routeCookie.domain is 'a.b': browsers refuse a __Host- cookie with a domain; leave it out",
    ],
    [
      { name: '__Host-r' },
      "routeCookie.path is missing: browsers want a __Host- cookie to be for '/'; write '/'",
    ],
    [
      { name: '__Host-r', path: '/', secure: false },
      "routeCookie.secure is false: browsers want a __Host- cookie to be secure; write true or 'auto'",
    ],
    [
      { name: '__Secure-r', secure: false },
      "routeCookie.secure is false: browsers want a __Secure- cookie to be secure; write true or 'auto'",
    ],
    [
      { sameSite: 'none', secure: false },
      "routeCookie.secure is false: browsers want a cookie with sameSite 'none' to be secure; write true or 'auto'",
    ],
    [
      { partitioned: true, secure: false },
      "routeCookie.secure is false: browsers want a partitioned cookie to be secure; write true or 'auto'",
    ],
  ])('%j is answered in one line', (routeCookie, line) => {
    expect(linesFor({ routeCookie })).toEqual([line]);
  });

  test.each(['a,b', 'a;b', 'a b', 'a"b', 'a\\b', 'ä', 'a%20b'])('cannot carry the route %j', (route) => {
    const lines = linesFor({ routeCookie: true, members: [{ url: 'http://a', route }] });
    expect(lines).toEqual([
      expect.stringMatching(/^members\[0\]\.route is .*: routeCookie cannot carry it; write it without/),
    ]);
    expect(linesFor({ ...sticky, members: [{ url: 'http://a', route }] })).toEqual([]);
  });

  test("must not be the application's cookie", () => {
    const line = (name: string): string =>
      `routeCookie.name is '${name}': it is stickysession's cookie too, so the balancer would overwrite the application's; write another name, or leave stickysession out: routeCookie reads its cookie itself`;
    expect(linesFor({ stickysession: 'ROUTEID', routeCookie: true })).toEqual([line('ROUTEID')]);
    expect(linesFor({ stickysession: 'r | p', routeCookie: { name: 'r' } })).toEqual([line('r')]);
  });

  test.each<[object, boolean]>([
    [{ routeCookie: { prefix: '.' } }, true],
    [{ routeCookie: { prefix: 'sess.' } }, true],
    [{ routeCookie: { prefix: 'a.b.' } }, false],
    [{ routeCookie: { prefix: 'a.b.' }, separatorMatch: 'last' }, true],
    [{ routeCookie: { prefix: '.b' } }, false],
    [{ routeCookie: { prefix: '!' }, stickysessionsep: '!' }, true],
    [{ routeCookie: { prefix: '.' }, stickysessionsep: '!' }, false],
    [{ routeCookie: true, stickysessionsep: 'Off' }, true],
    [{ routeCookie: { prefix: '.' }, stickysessionsep: 'Off' }, false],
    [{ routeCookie: { prefix: '!' }, routeregex: /!(.*)$/ }, false],
    [{ routeCookie: { prefix: '.', secret: 'hush' } }, false],
  ])('may be the cookie that stickysession reads in the same way: %j, %s', (options, isFine) => {
    const lines = linesFor({ stickysession: 'ROUTEID', ...options });
    expect(lines.filter((line) => line.startsWith('routeCookie'))).toHaveLength(isFine ? 0 : 1);
  });

  test.each([['a b'], ['50%'], ['a;b'], [1]])(
    'a prefix that no cookie can carry is refused: %j',
    (prefix) => {
      expect(linesFor({ routeCookie: { prefix } })[0]).toContain('a text that a cookie can carry');
    },
  );
});
