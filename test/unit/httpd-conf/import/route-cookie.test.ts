import { describe, expect, test } from '@jest/globals';
import { definitionsOf, importText, noticeOf } from './support.ts';

const write = (
  value: string,
  sessions: string,
): string => `Header add Set-Cookie "${value}" env=BALANCER_ROUTE_CHANGED
<Proxy balancer://c>
  BalancerMember http://a route=1
  BalancerMember http://b route=2
  ProxySet ${sessions}
</Proxy>
ProxyPass /x balancer://c`;

const cookie = 'ROUTEID=.%{BALANCER_WORKER_ROUTE}e; path=/';

describe('the cookie that Header sets', () => {
  test.each([
    [cookie, 'stickysession=ROUTEID', { stickysession: 'ROUTEID' }],
    [cookie, 'stickysession=ROUTEID|rid', { stickysession: 'ROUTEID|rid' }],
    [
      'ROUTEID=app!%{BALANCER_WORKER_ROUTE}e',
      'stickysession=ROUTEID stickysessionsep=!',
      { stickysession: 'ROUTEID', stickysessionsep: '!' },
    ],
    [
      'ROUTEID=%{BALANCER_WORKER_ROUTE}e',
      'stickysession=ROUTEID stickysessionsep=Off',
      { stickysession: 'ROUTEID', stickysessionsep: 'Off' },
    ],
  ])('is read by stickysession too: %s, %s', (value, sessions, expected) => {
    for (const options of [{}, { compat: 'httpd' }] as const) {
      const text = write(value, sessions);
      const [definition] = definitionsOf(text, options);
      expect(definition).toMatchObject({ ...expected, routeCookie: { name: 'ROUTEID' } });
      expect(importText(text, options).notices.filter(({ kind }) => kind === 'dropped')).toEqual([]);
      expect(noticeOf(text, 5, options)).toMatch(/^taken/);
    }
  });

  test.each([
    ['ROUTEID=%{BALANCER_WORKER_ROUTE}e', 'stickysession=ROUTEID'],
    ['ROUTEID=a.b.%{BALANCER_WORKER_ROUTE}e', 'stickysession=ROUTEID'],
    [cookie, 'stickysession=ROUTEID stickysessionsep=!'],
    [cookie, 'stickysession=ROUTEID stickysessionsep=Off'],
  ])(
    'is read by routeCookie alone where stickysession would not find the route: %s, %s',
    (value, sessions) => {
      const text = write(value, sessions);
      const [definition] = definitionsOf(text);
      expect(definition).toMatchObject({ routeCookie: { name: 'ROUTEID' } });
      expect(definition).not.toHaveProperty('stickysession');
      expect(noticeOf(text, 5)).toMatch(
        /routeCookie reads ROUTEID; the parameter ROUTEID of URLs is not read/,
      );
    },
  );
});

describe('sessions without routes', () => {
  const withLine = (line: string, more = ''): string =>
    `<Proxy balancer://c>\nBalancerMember http://a\nProxySet ${line}\n</Proxy>\nProxyPass /x balancer://c ${more}`;

  test.each([
    ['stickysession=SID', '', 3, /^dropped: stickysession is left out: no member has a route/],
    ['stickysession=SID nofailover=On', '', 3, /^dropped: /],
    ['stickysession=SID lbmethod=bytraffic', '', 3, /^different: .*stickysession is left out: no member has/],
    ['lbmethod=bytraffic', 'stickysession=SID', 5, /^different: .*stickysession is left out: no member has/],
  ])('ProxySet %s, ProxyPass %s: what else a line says is taken', (line, more, number, expected) => {
    expect(noticeOf(withLine(line, more), number)).toMatch(expected);
  });
});
