import {
  writeApache22Guide,
  writeApache24Guide,
  writeApeGuide,
  writeRouteIdGuide,
} from '../support/guides.ts';
import { describeWithHttpd } from './httpd.ts';
import { describeSame, type Row } from './side-by-side.ts';

const portOf = (url: string): number => Number(new URL(url).port);
/** Names of attributes are case-insensitive. */
const spell = (line: string): string => line.replaceAll('; Path=', '; path=');

const front = 'http://www.site.example';

function ask(target: string, cookie?: string): Row {
  return [{ target, headers: { Host: 'www.site.example', ...(cookie && { Cookie: cookie }) } }];
}

function answered(target: string, headers: readonly (readonly [string, string])[], expected?: string): Row {
  return [{ target, headers: { Host: 'www.site.example' }, order: { status: 302, headers } }, expected];
}

describeWithHttpd('what is out there does the same without compat', () => {
  describeSame(
    'servlet containers behind a balancer, with a standby and a manager',
    ({ a, b, c }) => `
      ProxyRequests Off
      ProxyPreserveHost On
      <Proxy "balancer://tomcat">
        BalancerMember "${a}" route=node1 loadfactor=50 retry=5 timeout=300 connectiontimeout=5 keepalive=On ping=3
        BalancerMember "${b}" route=node2 loadfactor=50 retry=5 timeout=300 min=5 smax=10 max=50
        BalancerMember "${c}" route=node3 status=+H
        ProxySet stickysession=JSESSIONID|jsessionid scolonpathdelim=On maxattempts=2
      </Proxy>
      ProxyPass "/shop/static" "!"
      ProxyPass "/shop" "balancer://tomcat/shop" nofailover=Off
      ProxyPassReverse "/shop" "balancer://tomcat/shop"
      ProxyPassReverseCookiePath "/shop" "/shop"
    `,
    [
      ask('/shop/cart;jsessionid=AB.node2?x=1'),
      ask('/shop'),
      ask('/shop/', 'JSESSIONID=9.node1'),
      ask('/shop/x', 'JSESSIONID=9.node3'),
      ask('/shop/static/logo.png'),
      ask('/shopping'),
      answered('/shop/x', [['Location', '{a}/shop/y']]),
    ],
    { options: {} },
  );

  describeSame(
    'a site of several servers by themselves, one of them for whatever is left',
    ({ a, b, c, port }) => `
      <VirtualHost *:${port}>
        ServerName www.site.example
        ServerAlias
        UseCanonicalName Off
        AllowEncodedSlashes NoDecode
        ProxyPreserveHost On
        ProxyPass /jira ${b}/jira connectiontimeout=5 timeout=300
        ProxyPassReverse /jira ${b}/jira
        ProxyPassReverse /jira http://www.site.example/jira
        ProxyPass /longpolling/ ${c}/longpolling/ retry=0
        ProxyPassMatch ^/(?!assets/)v(\\d)/(.*)$ ${c}/$1/$2
        ProxyPass / ${a}/ nocanon
        ProxyPassReverse / ${a}/
      </VirtualHost>
    `,
    [
      ask('/'),
      ask('/jira'),
      ask('/jira/browse/X-1?filter=a%2Fb'),
      ask('/jiras'),
      ask('/job/a%2Fb/1'),
      ask('/longpolling/poll'),
      ask('/longpolling'),
      ask('/v2/x'),
      answered('/jira/x', [['Location', '{b}/jira/y']]),
      answered('/x', [['Location', '{a}/y?z']]),
    ],
    { options: {} },
  );
});

describeWithHttpd('the guides do the same', () => {
  describeSame(
    'Helicon Ape, with a separator for the routeregex that httpd does not know',
    ({ a, b, port }) =>
      writeApeGuide(
        { static1: portOf(a), static2: portOf(b), app1: portOf(a), app2: portOf(b), port },
        'stickysessionsep=!',
      ),
    [
      ask('/static/a.css?v=1'),
      ask('/static/a.css'),
      ask('/static/b/c.css'),
      ask('/static'),
      ask('/forum/'),
      ask('/forum/?x=y'),
      ...['data!app1', 'data!app2', 'data', 'data!x!app1', 'data!app3'].map((id) =>
        ask('/forum', `sessionid=${id}`),
      ),
      answered('/static/x', [['Location', '{a}/media/y']]),
      answered('/static/x', [['Location', '{b}/media/y']]),
      answered('/x', [['Location', '{b}/y']]),
      answered('/x', [['Location', 'http://elsewhere.example/y']]),
      answered('/x', [['Set-Cookie', 'sessionid=d!app1; Domain=app1.site.example; Path=/']]),
      answered('/static/x', [['Set-Cookie', 'seen=1; domain=static2.site.example']]),
    ],
  );

  describeSame('Apache 2.4', ({ a, b }) => writeApache24Guide({ http1: portOf(a), http2: portOf(b) }), [
    ask('/'),
    ask('/x?y'),
    ask('/x/z'),
    ...['balancer.http1', 'balancer.http2', 'balancer.http2', 'balancer.http3', 'http1'].map((id) =>
      ask('/x', `BALANCEID=${id}`),
    ),
    answered('/x', [['Location', '{a}/y']]),
    answered('/x', [['Location', '{b}/y']]),
    answered('/x', [['Set-Cookie', 'BALANCEID=balancer.http1; path=/; domain=inside.example']]),
  ]);

  describeSame('Apache 2.2', ({ a, b }) => writeApache22Guide({ http1: portOf(a), http2: portOf(b) }), [
    ask('/balancer-manager'),
    ask('/balancer-managers'),
    ask('/x'),
    ask('/x', 'BALANCEID=balancer.http2'),
    ask('/x', 'BALANCEID=balancer.http2'),
    ask('/x'),
    answered('/x', [['Location', '{a}/y']]),
  ]);

  describeSame(
    'Apache 2.2, one server down: its sessions are not moved',
    ({ b, dead }) => writeApache22Guide({ http1: portOf(dead), http2: portOf(b) }),
    [
      ask('/x', 'BALANCEID=balancer.http1'),
      ask('/x', 'BALANCEID=balancer.http1'),
      ask('/x', 'BALANCEID=balancer.http2'),
      ask('/x'),
    ],
  );

  describeSame(
    'Apache 2.2, the manager for somebody else',
    ({ a, b }) => writeApache22Guide({ http1: portOf(a), http2: portOf(b), operator: '192.0.2.1' }),
    [['/balancer-manager', '403']],
  );

  describeSame(
    'the manual’s ROUTEID',
    ({ a, b }) => writeRouteIdGuide({ one: portOf(a), two: portOf(b) }),
    [
      ask('/test'),
      ask('/test/x?y'),
      ask('/test/x', 'ROUTEID=.2'),
      ask('/test/x', 'ROUTEID=.9'),
      ask('/testing'),
      answered('/test/x', [['Location', '{a}/y']]),
      answered('/test/x', [['Location', '{b}']]),
    ],
    { spell },
  );

  describeSame(
    'the manual’s ROUTEID, one server down',
    ({ b, dead }) => writeRouteIdGuide({ one: portOf(dead), two: portOf(b) }),
    [
      ask('/test', 'ROUTEID=.1'),
      ask('/test', 'ROUTEID=.2'),
      [{ target: '/test/', headers: { Host: 'www.site.example' } }, '200 b / {ROUTEID=.2; path=/}'],
      answered('/test/', [['Location', '{b}/y']], `302 b / -> ${front}/test/y {ROUTEID=.2; path=/}`),
    ],
    { spell },
  );
});
