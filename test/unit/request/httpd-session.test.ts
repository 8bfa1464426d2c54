import { describe, expect, test } from '@jest/globals';
import type { StickySettings } from '../../../src/definition/settings.ts';
import { compileFindHttpdSession } from '../../../src/request/httpd-session.ts';
import type { Session, SessionFacts } from '../../../src/request/session.ts';

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
const bang: StickySettings = { ...SID, separator: '!' };
const off: StickySettings = { ...SID, separator: undefined };

const findSession = compileFindHttpdSession('mycluster');

function find(
  sticky: StickySettings | undefined,
  target: string,
  ...cookies: readonly string[]
): Session | undefined {
  const at = target.includes('?') ? target.indexOf('?') : target.length;
  const facts: SessionFacts = {
    // What the member is asked for is looked at, whatever the client has asked for.
    path: '/;SID=never.z',
    pathToMember: target.slice(0, at),
    query: target.slice(at),
    headers: cookies.flatMap((line) => ['Cookie', line]),
    parsedCookies: { cookies: { SID: 'never.z' }, signedCookies: {} },
  };
  return findSession(facts, sticky, (route) => route === 'never');
}

const cookie = (line: string): readonly [string, string] => ['/', line];

// Reference 15.2, all of httpd's own; `none` is no route, and no later cookie is asked.
test.each<
  readonly [id: string, sticky: StickySettings, asked: readonly [string, ...string[]], route: string]
>([
  ['S1', SID, ['/'], 'none'],
  ['S2', SID, cookie('SID=abc.b'), 'b'],
  ['S3', SID, cookie('SID=abc'), 'none'],
  ['S3', SID, cookie('SID=b'), 'none'],
  ['S4', SID, cookie('SID=.c'), 'c'],
  ['S5', SID, cookie('SID=x.y.b'), 'y.b'],
  ['S5', SID, cookie('SID=x.b.y'), 'b.y'],
  ['S6', SID, cookie('SID=abc.B'), 'B'],
  ['S6', SID, cookie('sid=abc.b'), 'none'],
  ['S6', SID, cookie('XSID=abc.b'), 'none'],
  ['S6', SID, cookie('X-SID=abc.b'), 'none'],
  ['S7', SID, cookie('foo=1; SID=abc.c'), 'c'],
  ['S7', SID, cookie('foo=1;SID=abc.c'), 'c'],
  ['S7', SID, cookie('foo=1,SID=abc.c'), 'c'],
  ['S8', SID, cookie('SID = abc.c'), 'c'],
  ['S8', SID, cookie('SID= abc.c'), 'c'],
  ['S9', SID, cookie('SID=abc.c ; x=1'), 'c '],
  ['S10', SID, cookie('SID="abc.c"'), 'c"'],
  ['S11', SID, cookie('SID=abc%2Ec'), 'none'],
  ['S12', SID, cookie('SID=abc.c; SID=abc.b'), 'c'],
  ['S13', SID, cookie('SID=abc; SID=abc.b'), 'none'],
  ['S13', SID, cookie('SID=; SID=abc.b'), 'none'],
  ['S13', SID, cookie('SID=abc.zz; SID=abc.b'), 'zz'],
  ['S14', SID, cookie('SID;SID=abc.b'), 'none'],
  ['S14', SID, cookie('SID; SID=abc.b'), 'b'],
  ['S15', SID, cookie('foo=SID=abc.b'), 'none'],
  ['S15', SID, cookie('foo= SID=abc.b'), 'b'],
  ['S16', SID, cookie('SIDX=abc.b; SID=abc.c'), 'c'],
  ['S17', SID, cookie('SID=abc.'), 'none'],
  ['S18', SID, cookie('SID=abc.b,c'), 'b'],
  ['S19', SID, ['/', 'a=1', 'SID=z.b'], 'b'],
  ['S20', SID, ['/?SID=q.b', 'SID=abc.c'], 'b'],
  ['S21', SID, ['/?SID=q', 'SID=abc.c'], 'none'],
  ['S22', SID, ['/?SID=', 'SID=abc.c'], 'c'],
  ['S23', SID, ['/?xSID=q.b'], 'b'],
  ['S23', SID, ['/?a=SID=q.b'], 'b'],
  ['S23', SID, ['/SID=q.b'], 'b'],
  ['S24', SID, ['/?a=1&SID=q.b&z=1'], 'b'],
  ['S24', SID, ['/?SID=q.a&SID=q.b'], 'a'],
  ['S24', SID, ['/?SID=&SID=q.b'], 'b'],
  ['S25', SID, ['/?SID=&x.b'], 'b'],
  ['S26', SID, ['/p;SID=q.b'], 'b'],
  ['S26', SID, ['/p;SID=q.b?x=1'], 'b'],
  ['S27', SID, ['/p;SID=q.b;z=1'], 'b;z=1'],
  ['S27', SID, ['/?SID=q.b;z=1'], 'b;z=1'],
  ['S27', SID, ['/p;SID=q.b/foo'], 'b/foo'],
  ['S28', SID, ['/?SID=q%2Eb'], 'none'],
  ['S28', SID, ['/p;SID=q%2Eb'], 'b'],
  ['S29', scolon, ['/p;jsessionid=abc.b;foo=1'], 'b'],
  ['S30', scolon, ['/p;JSESSIONID=abc.b'], 'none'],
  ['S30', scolon, cookie('jsessionid=abc.c'), 'none'],
  ['S31', scolon, cookie('JSESSIONID=abc.c'), 'c'],
  ['S32', scolon, ['/p;jsessionid=abc.b', 'JSESSIONID=abc.c'], 'b'],
  ['S33', scolon, ['/p;jsessionid=abc', 'JSESSIONID=abc.c'], 'none'],
  ['S34', twoNames, ['/p;jsessionid=abc.b;foo=1'], 'b;foo=1'],
  ['S35', bang, cookie('SID=data!b'), 'b'],
  ['S35', bang, cookie('SID=data!x!b'), 'x!b'],
  ['S35', bang, cookie('SID=data.b'), 'none'],
  ['S35', bang, cookie('SID=d.a!c'), 'c'],
  ['S36', off, cookie('SID=b'), 'b'],
  ['S36', off, cookie('SID=abc.b'), 'abc.b'],
  ['S37', SID, cookie('SID=abc.b.x'), 'b.x'],
  ['S37', SID, cookie('SID=abc.x'), 'x'],
  // What the vectors do not say.
  ['only delimiters are no value', SID, ['/?SID=&?&', 'SID=abc.c'], 'c'],
  ['nothing behind the name at the end', SID, cookie('SID'), 'none'],
  ['nothing behind the equals sign at the end', SID, cookie('a=1; SID='), 'none'],
  ['a letter of ours that is no blank of C', SID, cookie('\u00a0SID=abc.b'), 'none'],
  ['an empty name of the parameter', { ...SID, parameter: '' }, ['/?=q.b', 'SID=abc.c'], 'c'],
  ['an empty name of the cookie', { ...SID, cookie: '' }, cookie('=abc.c'), 'none'],
  [
    'the name of the balancer is part of what is searched',
    { ...SID, parameter: 'mycluster/a' },
    ['/a=q.b'],
    'b',
  ],
])('%s: %o with %j is %s', (_id, sticky, asked, route) => {
  const [target, ...cookies] = asked;
  expect(find(sticky, target, ...cookies)?.route ?? 'none').toBe(route);
});

describe('besides the route', () => {
  test('S29, S31: the name that has delivered it is told', () => {
    expect(find(scolon, '/p;jsessionid=abc.b')).toEqual({ route: 'b', sticky: 'jsessionid', id: 'abc' });
    expect(find(scolon, '/', 'JSESSIONID=abc.c')).toEqual({ route: 'c', sticky: 'JSESSIONID', id: 'abc' });
  });

  test('S39: without stickysession nothing is looked for', () => {
    expect(find(undefined, '/?SID=q.b', 'SID=abc.b')).toBeUndefined();
  });

  test('Ape’s routeregex reads the value that was found', () => {
    expect(find({ ...SID, routeregex: /!(.*)$/ }, '/', 'SID=data!b; SID=x!c')?.route).toBe('b');
  });

  test('what a client makes up takes no longer than it is long', () => {
    const before = process.cpuUsage();
    find(SID, `/${'SID;'.repeat(200_000)}?${'SID'.repeat(200_000)}`, 'SID;'.repeat(200_000));
    expect(process.cpuUsage(before).user).toBeLessThan(2_000_000);
  });
});
