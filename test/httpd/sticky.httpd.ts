import { describeWithHttpd } from './httpd.ts';
import { describeSame, withCookie, type Places, type Row } from './side-by-side.ts';

const write =
  (parameters: string, routes: readonly [string, string, string] = ['a', 'b', 'c']) =>
  ({ a, b, c }: Places): string => `
    <Proxy balancer://m>
      BalancerMember ${a} route=${routes[0]}
      BalancerMember ${b} route=${routes[1]}
      BalancerMember ${c} route=${routes[2]}
    </Proxy>
    ProxyPass /p balancer://m ${parameters}
  `;

/** Bound by a cookie, or balanced; where it is balanced, both choose the same. */
const byCookie = (cookie: string, member?: string): Row => [
  withCookie(cookie),
  member === undefined ? undefined : `200 ${member} /`,
];
const byPath = (target: string, member?: string, cookie?: string): Row => [
  { target: `/p${target}`, headers: cookie === undefined ? {} : { Cookie: cookie } },
  member === undefined ? undefined : `200 ${member} ${target.startsWith('?') ? `/${target}` : target}`,
];

// The ids are those of the reference's section 15.2.
describeWithHttpd('the route is found as by httpd', () => {
  describeSame('in a cookie', write('stickysession=SID'), [
    ['/p'], // S1
    byCookie('SID=abc.b', 'b'),
    byCookie('SID=abc'), // S3
    byCookie('SID=b'),
    byCookie('SID=.c', 'c'),
    byCookie('SID=x.y.b'), // S5
    byCookie('SID=x.b.y'),
    byCookie('SID=abc.B'),
    byCookie('sid=abc.b'),
    byCookie('XSID=abc.b'),
    byCookie('X-SID=abc.b'),
    byCookie('foo=1; SID=abc.c', 'c'), // S7
    byCookie('foo=1;SID=abc.c', 'c'),
    byCookie('foo=1,SID=abc.c', 'c'),
    byCookie('SID = abc.c', 'c'),
    byCookie('SID= abc.c', 'c'),
    byCookie('SID=abc.c ; x=1'),
    byCookie('SID="abc.c"'), // S10
    byCookie('SID=abc%2Ec'),
    byCookie('SID=abc.c; SID=abc.b', 'c'),
    byCookie('SID=abc; SID=abc.b'), // S13
    byCookie('SID=; SID=abc.b'),
    byCookie('SID=abc.zz; SID=abc.b'),
    byCookie('SID;SID=abc.b'),
    byCookie('SID; SID=abc.b', 'b'),
    byCookie('foo=SID=abc.b'), // S15
    byCookie('foo= SID=abc.b', 'b'),
    byCookie('SIDX=abc.b; SID=abc.c', 'c'),
    byCookie('SID=abc.'),
    byCookie('SID=abc.b,c', 'b'),
  ]);

  describeSame('in the URL', write('stickysession=SID'), [
    byPath('/x?SID=q.b', 'b', 'SID=abc.c'), // S20
    byPath('/x?SID=q', undefined, 'SID=abc.c'),
    byPath('/x?SID=', 'c', 'SID=abc.c'),
    byPath('/x?xSID=q.b', 'b'), // S23
    byPath('/x?a=SID=q.b', 'b'),
    byPath('/SID=q.b', 'b'),
    byPath('/x?a=1&SID=q.b&z=1', 'b'),
    byPath('/x?SID=q.a&SID=q.b', 'a'),
    byPath('/x?SID=&SID=q.b', 'b'),
    byPath('/x?SID=&x.b', 'b'), // S25
    byPath('/p;SID=q.b', 'b'),
    byPath('/p;SID=q.b?x=1', 'b'),
    byPath('/p;SID=q.b;z=1'),
    byPath('/x?SID=q.b;z=1'),
    byPath('/p;SID=q.b/foo'),
    byPath('/x?SID=q%2Eb'), // S28
  ]);

  describeSame(
    'with two names and path parameters',
    write('stickysession=JSESSIONID|jsessionid scolonpathdelim=On'),
    [
      byPath('/p;jsessionid=abc.b;foo=1', 'b'), // S29
      byPath('/p;JSESSIONID=abc.b'),
      byCookie('jsessionid=abc.c'),
      byCookie('JSESSIONID=abc.c', 'c'),
      byPath('/p;jsessionid=abc.b', 'b', 'JSESSIONID=abc.c'),
      byPath('/p;jsessionid=abc', undefined, 'JSESSIONID=abc.c'),
    ],
  );

  describeSame('with two names and no path parameters', write('stickysession=JSESSIONID|jsessionid'), [
    byPath('/p;jsessionid=abc.b;foo=1'), // S34
    byPath('/p;jsessionid=abc.b', 'b'),
  ]);

  describeSame('with another separator', write('stickysession=SID stickysessionsep=!'), [
    byCookie('SID=data!b', 'b'), // S35
    byCookie('SID=data!x!b'),
    byCookie('SID=data.b'),
    byCookie('SID=d.a!c', 'c'),
  ]);

  describeSame('without a separator', write('stickysession=SID stickysessionsep=Off'), [
    byCookie('SID=b', 'b'), // S36
    byCookie('SID=abc.b'),
  ]);

  describeSame('routes with the separator in them', write('stickysession=SID', ['b.x', 'x', 'y']), [
    byCookie('SID=abc.b.x', 'a'), // S37
    byCookie('SID=abc.x', 'b'),
  ]);

  describeSame('members that share a route', write('stickysession=SID', ['n', 'n', 'n']), [
    byCookie('SID=1.n', 'a'), // S38
    byCookie('SID=1.n', 'a'),
    byCookie('SID=1.n', 'a'),
    ['/p'],
    ['/p'],
    ['/p'],
  ]);

  describeSame('no stickysession', write(''), [byCookie('SID=abc.b', 'a'), byCookie('SID=abc.b', 'b')]); // S39
});
