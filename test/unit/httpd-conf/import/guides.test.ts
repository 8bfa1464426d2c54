import { describe, expect, test } from '@jest/globals';
import { definitionsOf, importText, mountsOf } from './support.ts';

const ape = `
<VirtualHost *:80>
  ServerName www.site.com
  ProxyPass /static/ balancer://static-balancer/
  ProxyPass / balancer://app-balancer/ stickysession=sessionid routeregex=!(.*)$
  ProxyPassReverse /static/ http://static1.site.com/media/
  ProxyPassReverse / http://app1.site.com/
  ProxyPassReverseCookieDomain app1.site.com www.site.com
  <Proxy balancer://static-balancer/>
    BalancerMember http://static1.site.com/media/
    BalancerMember http://static2.site.com/media/
  </Proxy>
  <Proxy balancer://app-balancer/>
    BalancerMember http://app1.site.com/ route=app1
    BalancerMember http://app2.site.com/ route=app2
  </Proxy>
</VirtualHost>`;

const classic = `
<Proxy balancer://mycluster>
  BalancerMember http://10.0.0.1:8080 route=http1
  BalancerMember http://10.0.0.2:8080 route=http2
  ProxySet stickysession=BALANCEID
</Proxy>
ProxyPassMatch ^(/.*)$ balancer://mycluster$1
ProxyPassReverse / http://10.0.0.1:8080/
ProxyPassReverse / http://10.0.0.2:8080/`;

const older = `
ProxyRequests Off
ProxyPass /balancer-manager !
ProxyPass / balancer://mycluster/ stickysession=JSESSIONID|jsessionid nofailover=On
<Proxy balancer://mycluster>
  BalancerMember http://192.168.0.1 route=n1
  BalancerMember http://192.168.0.2 route=n2
  ProxySet lbmethod=byrequests
</Proxy>
<Location /balancer-manager>
  SetHandler balancer-manager
  Order deny,allow
  Deny from all
  Allow from 127.0.0.1
</Location>`;

const recipe = `
Header add Set-Cookie "ROUTEID=.%{BALANCER_WORKER_ROUTE}e; path=/" env=BALANCER_ROUTE_CHANGED
<Proxy "balancer://mycluster">
  BalancerMember "http://192.168.1.50:80" route=1
  BalancerMember "http://192.168.1.51:80" route=2
  ProxySet stickysession=ROUTEID
</Proxy>
ProxyPass "/test" "balancer://mycluster"
ProxyPassReverse "/test" "balancer://mycluster"`;

describe('the four guides', () => {
  test("Ape's balancers choose by response time, and find routes by routeregex", () => {
    expect(mountsOf(ape)).toEqual([
      {
        host: 'www.site.com',
        kind: 'balancer',
        at: '/static/',
        to: '/',
        definition: {
          name: 'static-balancer',
          members: ['http://static1.site.com/media/', 'http://static2.site.com/media/'],
          lbmethod: 'byresponsetime',
          proxypassreversecookiedomain: { 'app1.site.com': 'www.site.com' },
        },
      },
      {
        host: 'www.site.com',
        kind: 'balancer',
        at: '/',
        to: '/',
        definition: {
          name: 'app-balancer',
          members: [
            { url: 'http://app1.site.com/', route: 'app1' },
            { url: 'http://app2.site.com/', route: 'app2' },
          ],
          lbmethod: 'byresponsetime',
          stickysession: 'sessionid',
          routeregex: /!(.*)$/s,
          proxypassreversecookiedomain: { 'app1.site.com': 'www.site.com' },
        },
      },
    ]);
  });

  test('a ProxyPassMatch for all paths is a mount at the root, and what it derives is not written', () => {
    expect(mountsOf(classic)).toEqual([
      {
        kind: 'balancer',
        at: '/',
        to: '/',
        definition: {
          name: 'mycluster',
          members: [
            { url: 'http://10.0.0.1:8080', route: 'http1' },
            { url: 'http://10.0.0.2:8080', route: 'http2' },
          ],
          stickysession: 'BALANCEID',
        },
      },
    ]);
    expect(importText(classic).notices.map(({ kind }) => kind)).toEqual(Array(7).fill('taken'));
  });

  test('the manager of 2.2 is mounted last, with its access rule', () => {
    const { access, notices } = importText(older);
    expect(mountsOf(older)).toEqual([
      { kind: 'next', at: '/balancer-manager' },
      expect.objectContaining({ kind: 'balancer', at: '/' }),
      { kind: 'manager', at: '/balancer-manager' },
    ]);
    expect(definitionsOf(older)).toEqual([
      {
        name: 'mycluster',
        members: [
          { url: 'http://192.168.0.1', route: 'n1' },
          { url: 'http://192.168.0.2', route: 'n2' },
        ],
        lbmethod: 'byrequests',
        stickysession: 'JSESSIONID|jsessionid',
        nofailover: true,
      },
    ]);
    expect(access).toMatchObject([
      { at: '/balancer-manager', rule: { order: 'deny,allow', allow: ['127.0.0.1'], deny: ['all'] } },
    ]);
    expect(notices.filter(({ kind }) => kind === 'dropped')).toEqual([]);
  });

  test("the manual's cookie is the balancer's own", () => {
    expect(definitionsOf(recipe)).toEqual([
      {
        name: 'mycluster',
        members: [
          { url: 'http://192.168.1.50:80', route: '1' },
          { url: 'http://192.168.1.51:80', route: '2' },
        ],
        stickysession: 'ROUTEID',
        routeCookie: { name: 'ROUTEID', path: '/', prefix: '.' },
      },
    ]);
  });

  test("that Ape's balancers choose by response time is told once", () => {
    const told = importText(ape).notices.filter(({ why }) => why.includes('as in Ape'));
    expect(told.map(({ kind, directive }) => [kind, directive])).toEqual([
      ['different', expect.stringContaining('routeregex')],
    ]);
  });

  test.each([ape, classic, older, recipe])('none has a problem, and each line has one verdict', (text) => {
    const { problems, notices } = importText(text);
    expect(problems).toEqual([]);
    const lines = text.split('\n').flatMap((line, i) => (/^\s*(<\/|$)/.test(line) ? [] : [i + 1]));
    expect(notices.map(({ line }) => line).toSorted((a, b) => a - b)).toEqual(lines);
  });
});
