import { describe, expect, test } from '@jest/globals';
import { linesFor, members, problemsOf, sticky } from './support.ts';

describe('sessions', () => {
  test.each<[Readonly<Record<string, unknown>>, string]>([
    [{ ...sticky }, 'stickysession'],
    [{ routeCookie: true }, 'routeCookie'],
    [{ routeCookie: { name: 'R' } }, 'routeCookie'],
  ])('%j wants a route', (options, path) => {
    expect(problemsOf({ members: ['http://a', { url: 'http://b' }], ...options })).toEqual([
      expect.objectContaining({
        path,
        problem: 'no member has a route',
        advice: "write { url, route: 'app1' } for the members",
      }),
    ]);
  });

  test.each(['stickysessionsep', 'separatorMatch', 'routeregex', 'scolonpathdelim'])(
    '%s without stickysession means nothing',
    (option) => {
      const value = { stickysessionsep: '!', separatorMatch: 'last', routeregex: /x/, scolonpathdelim: true }[
        option
      ];
      const problem = expect.objectContaining({
        path: option,
        problem: 'it says how stickysession is read, and there is none',
        advice: 'write stickysession too, or leave it out',
      });
      expect(problemsOf({ members, [option]: value })).toEqual([problem]);
      expect(problemsOf({ members, routeCookie: true, [option]: value })).toEqual([problem]);
      expect(problemsOf({ members, ...sticky, [option]: value })).toEqual([]);
    },
  );

  test.each(['-', ' - '])('%j is httpd’s word for none, and no cookie', (stickysession) => {
    expect(problemsOf({ members, stickysession })).toMatchObject([
      { path: 'stickysession', problem: expect.stringContaining('takes') as unknown, advice: 'leave it out' },
    ]);
    expect(problemsOf({ members, stickysession: 'a-b' })).toEqual([]);
  });

  test('nofailover without any session means nothing', () => {
    expect(linesFor({ nofailover: true })).toEqual([
      'nofailover is true: no session is bound to a member without stickysession or routeCookie; write stickysession too, or leave it out',
    ]);
    expect(linesFor({ nofailover: false, scolonpathdelim: false })).toEqual([]);
  });

  test('a misspelt stickysession is the only fault of what depends on it', () => {
    expect(linesFor({ stickySession: 'sid', nofailover: true, routeregex: /x/ })).toEqual([
      "stickySession is 'sid': there is no such option; write stickysession",
    ]);
  });

  test('a route that the last separator would cut is refused', () => {
    const dotted = { ...sticky, members: [{ url: 'http://a', route: 'b.x' }] };
    expect(linesFor({ ...dotted, separatorMatch: 'last' })).toEqual([
      "members[0].route is 'b.x': after the last '.' it is never found whole; write it without, or separatorMatch: 'first'",
    ]);
    expect(linesFor(dotted)).toEqual([]);
    expect(linesFor({ ...dotted, separatorMatch: 'last', stickysessionsep: '!' })).toEqual([]);
    expect(linesFor({ ...dotted, separatorMatch: 'last', stickysessionsep: 'Off' })).toEqual([]);
    expect(linesFor({ ...dotted, separatorMatch: 'last', routeregex: /x/ })).toEqual([]);
  });
});
