import { describe, expect, test } from '@jest/globals';
import type { StickySettings } from '../../../src/definition/settings.ts';
import { findSession, type SessionFacts } from '../../../src/request/session.ts';

const SID: StickySettings = {
  cookie: 'SID',
  parameter: 'SID',
  separator: '.',
  separatorMatch: 'first',
  routeregex: undefined,
  scolonpathdelim: false,
};
const twoNames: StickySettings = { ...SID, cookie: 'JSESSIONID', parameter: 'jsessionid' };
const scolon: StickySettings = { ...twoNames, scolonpathdelim: true };
const last: StickySettings = { ...SID, separatorMatch: 'last' };
const bang: StickySettings = { ...SID, separator: '!' };
const off: StickySettings = { ...SID, separator: undefined };

type Asked = Readonly<{ path?: string; query?: string; cookies?: readonly string[] }>;

function factsOf({ path = '/', query = '', cookies = [] }: Asked): SessionFacts {
  return {
    path,
    pathToMember: path,
    query,
    headers: cookies.flatMap((line) => ['Cookie', line]),
    parsedCookies: undefined,
  };
}

function findRoute(
  sticky: StickySettings,
  asked: Asked,
  routes: readonly string[] = ['a', 'b', 'c'],
): string {
  const session = findSession(factsOf(asked), sticky, (route) => routes.includes(route));
  if (session === undefined) return 'none';
  return routes.includes(session.route) ? session.route : `${session.route} miss`;
}

const cookie = (...cookies: string[]): Asked => ({ cookies });
const query = (text: string, ...cookies: string[]): Asked => ({ query: text, cookies });
const path = (text: string, ...cookies: string[]): Asked => ({ path: text, cookies });

describe('findSession', () => {
  /** Reference 15.2. The last column says why a value is not httpd's. */
  test.each<[id: string, sticky: StickySettings, asked: Asked, route: string, why: string]>([
    ['S1', SID, {}, 'none', ''],
    ['S2', SID, cookie('SID=abc.b'), 'b', ''],
    ['S3', SID, cookie('SID=abc'), 'none', ''],
    ['S3', SID, cookie('SID=b'), 'none', ''],
    ['S4', SID, cookie('SID=.c'), 'c', ''],
    ['S5', SID, cookie('SID=x.y.b'), 'y.b miss', ''],
    ['S5', SID, cookie('SID=x.b.y'), 'b.y miss', ''],
    ['S5', last, cookie('SID=x.y.b'), 'b', 'N: separatorMatch last'],
    ['S5', last, cookie('SID=x.b.y'), 'y miss', 'N: separatorMatch last'],
    ['S6', SID, cookie('SID=abc.B'), 'B miss', ''],
    ['S6', SID, cookie('sid=abc.b'), 'none', ''],
    ['S6', SID, cookie('XSID=abc.b'), 'none', ''],
    ['S6', SID, cookie('X-SID=abc.b'), 'none', ''],
    ['S7', SID, cookie('foo=1; SID=abc.c'), 'c', ''],
    ['S7', SID, cookie('foo=1;SID=abc.c'), 'c', ''],
    ['S7', SID, cookie('foo=1,SID=abc.c'), 'c', ''],
    ['S8', SID, cookie('SID = abc.c'), 'c', ''],
    ['S8', SID, cookie('SID= abc.c'), 'c', ''],
    ['S9', SID, cookie('SID=abc.c ; x=1'), 'c', 'N: values are trimmed'],
    ['S10', SID, cookie('SID="abc.c"'), 'c', 'N: quotes are taken off'],
    ['S11', SID, cookie('SID=abc%2Ec'), 'c', 'N: values are decoded'],
    ['S12', SID, cookie('SID=abc.c; SID=abc.b'), 'c', ''],
    ['S13', SID, cookie('SID=abc; SID=abc.b'), 'b', 'N: every cookie of the name'],
    ['S13', SID, cookie('SID=; SID=abc.b'), 'b', 'N: every cookie of the name'],
    ['S13', SID, cookie('SID=abc.zz; SID=abc.b'), 'b', 'N: every cookie of the name'],
    ['S14', SID, cookie('SID;SID=abc.b'), 'b', 'N: parsed, not scanned for'],
    ['S14', SID, cookie('SID; SID=abc.b'), 'b', ''],
    ['S15', SID, cookie('foo=SID=abc.b'), 'none', ''],
    ['S15', SID, cookie('foo= SID=abc.b'), 'none', 'N: that is the value of foo'],
    ['S16', SID, cookie('SIDX=abc.b; SID=abc.c'), 'c', ''],
    ['S17', SID, cookie('SID=abc.'), 'none', ''],
    ['S18', SID, cookie('SID=abc.b,c'), 'b', ''],
    ['S19', SID, cookie('a=1', 'SID=z.b'), 'b', ''],
    ['S20', SID, query('?SID=q.b', 'SID=abc.c'), 'b', ''],
    ['S21', SID, query('?SID=q', 'SID=abc.c'), 'c', 'N: a value without a route binds nobody'],
    ['S22', SID, query('?SID=', 'SID=abc.c'), 'c', ''],
    ['S23', SID, query('?xSID=q.b'), 'none', 'N: whole names'],
    ['S23', SID, query('?a=SID=q.b'), 'none', 'N: whole names'],
    ['S23', SID, path('/SID=q.b'), 'none', 'N: a segment is no parameter'],
    ['S24', SID, query('?a=1&SID=q.b&z=1'), 'b', ''],
    ['S24', SID, query('?SID=q.a&SID=q.b'), 'a', ''],
    ['S24', SID, query('?SID=&SID=q.b'), 'b', ''],
    ['S25', SID, query('?SID=&x.b'), 'none', 'N: the value is empty'],
    ['S26', SID, path('/p;SID=q.b'), 'b', ''],
    ['S26', SID, { path: '/p;SID=q.b', query: '?x=1' }, 'b', ''],
    ['S27', SID, path('/p;SID=q.b;z=1'), 'b', 'N: path parameters end at ;'],
    ['S27', SID, query('?SID=q.b;z=1'), 'b;z=1 miss', ''],
    ['S27', SID, path('/p;SID=q.b/foo'), 'b', 'N: path parameters end with their segment'],
    ['S28', SID, query('?SID=q%2Eb'), 'b', 'N: decoded wherever it stands'],
    ['S28', SID, path('/p;SID=q%2Eb'), 'b', ''],
    ['S29', scolon, path('/p;jsessionid=abc.b;foo=1'), 'b', ''],
    ['S30', scolon, path('/p;JSESSIONID=abc.b'), 'none', ''],
    ['S30', scolon, cookie('jsessionid=abc.c'), 'none', ''],
    ['S31', scolon, cookie('JSESSIONID=abc.c'), 'c', ''],
    ['S32', scolon, path('/p;jsessionid=abc.b', 'JSESSIONID=abc.c'), 'b', ''],
    ['S33', scolon, path('/p;jsessionid=abc', 'JSESSIONID=abc.c'), 'c', 'N: as S21'],
    ['S34', twoNames, path('/p;jsessionid=abc.b;foo=1'), 'b', 'N: as S27'],
    ['S35', bang, cookie('SID=data!b'), 'b', ''],
    ['S35', bang, cookie('SID=data!x!b'), 'x!b miss', ''],
    ['S35', bang, cookie('SID=data.b'), 'none', ''],
    ['S35', bang, cookie('SID=d.a!c'), 'c', ''],
    ['S36', off, cookie('SID=b'), 'b', ''],
    ['S36', off, cookie('SID=abc.b'), 'abc.b miss', ''],
  ])('%s', (_id, sticky, asked, route) => {
    expect(findRoute(sticky, asked)).toBe(route);
  });

  test.each([
    ['S37', ['b.x', 'x'], 'SID=abc.b.x', 'b.x'],
    ['S37', ['b.x', 'x'], 'SID=abc.x', 'x'],
    ['S38', ['n', 'n', 'n'], 'SID=1.n', 'n'],
  ])('%s: among the routes %j, %s is bound to %s', (_id, routes, line, route) => {
    expect(findRoute(SID, cookie(line), routes)).toBe(route);
  });

  test('S39: without stickysession a request is bound to nobody', () => {
    expect(findSession(factsOf(cookie('SID=abc.b')), undefined, () => true)).toBeUndefined();
  });

  test.each([
    ['S40', /!(.*)$/, 'sessionid=data!app2', 'app2'],
    ['S41', /!(.*)$/, 'sessionid=a!b!app1', 'b!app1 miss'],
    ['S42', /!([^!]*)$/, 'sessionid=a!b!app1', 'app1'],
    ['whole match', /app\d$/, 'sessionid=a!b!app1', 'app1'],
    ['decoded value', /!(.*)$/, 'sessionid=data%21app2', 'app2'],
    ['group that did not take part', /x|(app3)/, 'sessionid=x', 'none'],
    ['no match', /!(.*)$/, 'sessionid=data.app1', 'none'],
    ['only the first 4096 characters', /!(.*)$/, `sessionid=${'x'.repeat(4096)}!app1`, 'none'],
  ])('%s: routeregex %s wins over the separator', (_id, routeregex, line, route) => {
    const sticky = { ...SID, cookie: 'sessionid', routeregex };
    expect(findRoute(sticky, cookie(line), ['app1', 'app2'])).toBe(route);
  });

  test.each([
    ['parameter', path('/p;jsessionid=1.a'), 'jsessionid'],
    ['parameter', query('?jsessionid=1.a'), 'jsessionid'],
    ['cookie', cookie('JSESSIONID=1.a'), 'JSESSIONID'],
  ])('says the name of the %s that delivered the route', (_what, asked, sticky) => {
    expect(findSession(factsOf(asked), twoNames, () => true)).toMatchObject({ route: 'a', sticky });
  });

  test.each<[value: string, sticky: StickySettings, id: string | undefined]>([
    ['abc.a', SID, 'abc'],
    ['.a', SID, undefined],
    ['x.y.a', SID, 'x'],
    ['x.y.a', last, 'x.y'],
    ['x..a', last, 'x.'],
    ['a', off, undefined],
    ['data!a', { ...SID, routeregex: /!(.*)$/ }, 'data'],
    ['a~data', { ...SID, routeregex: /^(\w+)~/ }, 'data'],
    ['1-a-2', { ...SID, routeregex: /-\w+-/ }, '12'],
    ['data!a', { ...SID, routeregex: /^.*!(.*)$/ }, 'data!'],
    ['$&a', { ...SID, routeregex: /^.*(a)$/ }, '$&'],
    ['a', { ...SID, routeregex: /^.*$/ }, undefined],
  ])('knows the session by what is not its route: %s', (value, sticky, id) => {
    expect(findSession(factsOf(cookie(`SID=${value}`)), sticky, () => true)?.id).toBe(id);
  });

  test('takes the first route that a member has, wherever it stands', () => {
    const asked = {
      path: '/x;SID=1.q/y;SID=1.r',
      query: '?SID=1.s',
      cookies: ['SID=1.t; SID=1.c', 'SID=1.b'],
    };
    expect(findRoute(SID, asked)).toBe('c');
    expect(findRoute(SID, asked, ['b', 's', 'r'])).toBe('r');
    expect(findRoute(SID, asked, [])).toBe('q miss');
  });

  test('looks at no more than a hundred of a kind', () => {
    const asked: string[] = [];
    findSession(
      factsOf({ query: `?${'SID=1.x&'.repeat(1000)}`, cookies: ['SID=1.y;'.repeat(1000)] }),
      SID,
      (route) => {
        asked.push(route);
        return false;
      },
    );
    expect(asked).toEqual([...Array<string>(100).fill('x'), ...Array<string>(100).fill('y')]);
  });

  test('looks no further than it needs to', () => {
    const asked: string[] = [];
    const facts = factsOf({ query: '?SID=1.a&SID=1.b', cookies: ['SID=1.c'] });
    findSession(facts, SID, (route) => asked.push(route) > 0);
    expect(asked).toEqual(['a']);
  });

  test.each([
    ['a plus is a plus', SID, query('?SID=1.x+y'), 'x+y miss'],
    ['a malformed escape stays', SID, query('?SID=1.%zz'), '%zz miss'],
    ['an empty query', SID, query('?'), 'none'],
    ['a parameter that only begins with the name', SID, path('/p;SIDX=1.b'), 'none'],
    ['; separates in the query with scolonpathdelim', scolon, query('?x=1;jsessionid=1.b;y=.c'), 'b'],
    ['; separates nothing in the query without it', twoNames, query('?x=1;jsessionid=1.b'), 'none'],
    ['a separator of several letters', { ...SID, separator: '--' }, cookie('SID=1--b'), 'b'],
    ['an empty value that is the route', off, cookie('SID='), 'none'],
  ])('%s', (_what, sticky, asked, route) => {
    expect(findRoute(sticky, asked)).toBe(route);
  });
});

describe('findSession, with what cookie-parser has left', () => {
  function findParsed(
    cookies: Readonly<Record<string, unknown>>,
    signedCookies: Readonly<Record<string, unknown>>,
    line: string,
    routes = ['a', 'b', 'c'],
  ): string | undefined {
    const facts = { ...factsOf(cookie(line)), parsedCookies: { cookies, signedCookies } };
    return findSession(facts, SID, (route) => routes.includes(route))?.route;
  }

  test('takes a signed cookie first, then a plain one, then further ones of the header', () => {
    expect(findParsed({}, { SID: '1.a' }, 'SID=s%3A1.a.signature')).toBe('a');
    expect(findParsed({ SID: '1.b' }, {}, 'SID=1.b; SID=1.c')).toBe('b');
    expect(findParsed({ SID: '1.x' }, {}, 'SID=1.x; SID=1.c')).toBe('c');
    expect(findParsed({ SID: '1.b' }, { SID: '1.a' }, '')).toBe('a');
  });

  test('does not ask the header when a signature has failed', () => {
    expect(findParsed({}, { SID: false }, 'SID=s%3A1.a.forged; SID=1.b')).toBeUndefined();
    expect(findParsed({}, { SID: false }, 'x=1,SID=1.b')).toBeUndefined();
    expect(findParsed({}, { other: false }, 'SID=1.b')).toBe('b');
  });

  test('asks the header where there is an object', () => {
    expect(findParsed({ SID: { json: true } }, {}, 'SID=1.b')).toBe('b');
  });

  test('does not take what every object has for a cookie', () => {
    const facts = { ...factsOf({}), parsedCookies: { cookies: {}, signedCookies: {} } };
    expect(findSession(facts, { ...off, cookie: 'constructor' }, () => true)).toBeUndefined();
  });
});
