import { describeWithHttpd } from './httpd.ts';
import { describeSame, toHost } from './side-by-side.ts';

describeWithHttpd('who may ask is decided as by httpd', () => {
  describeSame(
    'Require, the last section that fits',
    ({ a }) => `
      ProxyPass / ${a}/
      <Location /a>
        Require all denied
      </Location>
      <Location /b/open>
        Require all granted
      </Location>
      <Location /b>
        Require all denied
      </Location>
      <Location /c>
        Require all denied
      </Location>
      <Location /c/open>
        Require all granted
      </Location>
      <Location /d/>
        Require all denied
      </Location>
      <Location /e>
        Require ip 10.0.0.0/8
        Require local
      </Location>
      <Location /f>
        Require ip 127.0.0.1
      </Location>
      <Location /g>
        Require ip 10
      </Location>
      <LocationMatch \\.secret$>
        Require all denied
      </LocationMatch>
    `,
    [
      ['/a', '403'],
      ['/a/x', '403'],
      ['/ax', '200 a /ax'],
      ['/%61', '403'],
      ['/x/../a', '403'],
      ['//a', '403'],
      ['/A', '200 a /A'],
      ['/a;x', '200 a /a;x'],
      ['/b/open', '403'],
      ['/c', '403'],
      ['/c/open', '200 a /c/open'],
      ['/d', '200 a /d'],
      ['/d/', '403'],
      ['/d/x', '403'],
      ['/e', '200 a /e'],
      ['/f', '200 a /f'],
      ['/g', '403'],
      ['/x/y.secret', '403'],
      ['/x/y.secrets', '200 a /x/y.secrets'],
    ],
  );

  describeSame(
    'Order, Allow and Deny',
    ({ a }) => `
      ProxyPass / ${a}/
      <Location /x>
        Order deny,allow
        Deny from all
        Allow from 127.0.0.1
      </Location>
      <Location /y>
        Order deny,allow
        Deny from all
      </Location>
      <Location /z>
        Order allow,deny
        Allow from all
        Deny from 127
      </Location>
      <Location /w>
        Order allow,deny
      </Location>
      <Location /v>
        Deny from all
      </Location>
      <Location /u>
        Deny from all
      </Location>
      <Location /u/open>
        Allow from all
      </Location>
    `,
    [
      ['/x', '200 a /x'],
      ['/y', '403'],
      ['/z', '403'],
      ['/w', '403'],
      ['/v', '403'],
      ['/u', '403'],
      ['/u/open', '200 a /u/open'],
      ['/t', '200 a /t'],
    ],
  );

  describeSame(
    'sections of paths after those of what is proxied, wherever they stand',
    ({ a }) => `
      ProxyPass /p ${a}
      ProxyPass /q ${a}
      <Location /p/open>
        Require all granted
      </Location>
      <Proxy *>
        Require all denied
      </Proxy>
    `,
    [
      ['/p/a', '403'],
      ['/p/open/x', '200 a /open/x'],
      ['/q', '403'],
      ['/not-proxied', '404'],
    ],
  );

  describeSame(
    'a section of a path denies what is proxied',
    ({ a }) => `
      ProxyPass /p ${a}
      ProxyPass /no !
      <Location />
        Require all denied
      </Location>
      <Proxy *>
        Require all granted
      </Proxy>
    `,
    [
      ['/p/a', '403'],
      ['/no', '403'],
      ['/not-proxied', '403'],
    ],
  );

  describeSame(
    'the section of a balancer is for that one',
    ({ a, b }) => `
      <Proxy balancer://c>
        BalancerMember ${a}
        Require all denied
      </Proxy>
      <Proxy balancer://d>
        BalancerMember ${b}
      </Proxy>
      ProxyPass /p balancer://c
      ProxyPass /q balancer://d
      ProxyPass /r ${a}
    `,
    [
      ['/p/a', '403'],
      ['/q/a', '200 b /a'],
      ['/r/a', '200 a /a'],
    ],
  );

  describeSame(
    'Order and Require must both let pass',
    ({ a }) => `
      ProxyPass / ${a}/
      <Proxy *>
        Order deny,allow
        Allow from all
      </Proxy>
      <Location /denied>
        Require all denied
      </Location>
      <Location /denied/open>
        Allow from all
      </Location>
      <Location /both>
        Order deny,allow
        Deny from all
        Require all granted
      </Location>
      <Location /old>
        Order deny,allow
        Deny from all
      </Location>
      <Location /old/open>
        Require all granted
      </Location>
    `,
    [
      ['/x', '200 a /x'],
      ['/denied', '403'],
      ['/denied/open', '403'],
      ['/both', '403'],
      ['/old', '403'],
      ['/old/open', '403'],
    ],
  );

  describeSame(
    'Satisfy Any, with and without sections around and below',
    ({ a }) => `
      ProxyPass / ${a}/
      <Location /alone>
        Require all denied
      </Location>
      <Location /alone/any>
        Satisfy Any
      </Location>
      <Location /one>
        Order deny,allow
        Deny from all
        Require all granted
        Satisfy Any
      </Location>
      <Location /other>
        Order deny,allow
        Allow from 127
        Require all denied
        Satisfy Any
      </Location>
      <Location /none>
        Order deny,allow
        Deny from all
        Require all denied
        Satisfy Any
      </Location>
      <Location /none/granted>
        Require all granted
      </Location>
      <Location /one/denied>
        Require all denied
      </Location>
      <Location /one/all>
        Satisfy All
      </Location>
      <Location /one/order>
        Deny from all
      </Location>
      <Location /norequire>
        Order deny,allow
        Deny from all
        Satisfy Any
      </Location>
    `,
    [
      ['/alone/x', '403'],
      ['/alone/any', '200 a /alone/any'],
      ['/one', '200 a /one'],
      ['/other', '200 a /other'],
      ['/none', '403'],
      ['/none/granted', '200 a /none/granted'],
      ['/one/denied', '403'],
      ['/one/all', '200 a /one/all'],
      ['/one/order', '403'],
      ['/norequire', '200 a /norequire'],
    ],
  );

  describeSame(
    'a section of a balancer is for its mounts alone, however they are nested',
    ({ a, b }) => `
      <Proxy balancer://closed>
        BalancerMember ${a}
        Require all denied
      </Proxy>
      <Proxy balancer://open>
        BalancerMember ${b}
        Require all granted
      </Proxy>
      <Proxy balancer://silent>
        BalancerMember ${b}
      </Proxy>
      ProxyPass /a/closed balancer://closed
      ProxyPass /a balancer://open
      ProxyPass /b/silent balancer://silent
      ProxyPass /b balancer://closed
      ProxyPassMatch ^/(.*)\\.m$ balancer://closed/$1
    `,
    [
      ['/a/closed/x', '403'],
      ['/a/x', '200 b /x'],
      ['/b/silent/x', '200 b /x'],
      ['/b/x', '403'],
      ['/x.m', '403'],
    ],
  );

  describeSame(
    'a section of a URL is for whatever is asked for that begins so',
    ({ a, b, c }) => `
      <Proxy balancer://bb>
        BalancerMember ${b}
      </Proxy>
      <Proxy balancer://Cc>
        BalancerMember ${c}
      </Proxy>
      <Proxy ${a}/secret>
        Require all denied
      </Proxy>
      <Proxy balancer://bb/hidden>
        Require all denied
      </Proxy>
      <Proxy balancer://c>
        Order allow,deny
        Allow from 10
      </Proxy>
      <Proxy http://*/wild/*.gif>
        Require all denied
      </Proxy>
      <ProxyMatch ^${c}/private>
        Require all denied
      </ProxyMatch>
      <ProxyMatch ^${c}/p.*\\.gif$>
        Require all denied
      </ProxyMatch>
      RewriteEngine On
      RewriteRule ^/rewritten/(.*)$ ${a}/$1 [P]
      ProxyPass /bb/ balancer://bb/
      ProxyPass /cc balancer://cc
      ProxyPassMatch ^/m/(.*)$ ${a}/$1
      ProxyPass /c/p ${c}/p
      ProxyPass /c ${c}
      ProxyPass /d ${c}/private
      ProxyPass / ${a}/
    `,
    [
      ['/secret', '403'],
      ['/secret/x', '403'],
      ['/secrets', '403'],
      ['/%73ecret', '403'],
      ['//secret', '403'],
      ['/x/../secret', '403'],
      ['/open', '200 a /open'],
      ['/m/secret', '403'],
      ['/m/open', '200 a /open'],
      ['/bb/hidden', '403'],
      ['/bb/x', '200 b /x'],
      ['/cc/x', '403'],
      ['/wild/x/y.gif', '403'],
      ['/wild/x.png', '200 a /wild/x.png'],
      ['/c/x', '200 c /x'],
      ['/c/private/x', '403'],
      ['/c/pict.gif', '403'],
      ['/c/x.gif', '200 c /x.gif'],
      ['/c/p/x.gif', '403'],
      ['/c/p/x', '200 c /p/x'],
      ['/d/x', '403'],
      ['/rewritten/secret', '403'],
      ['/rewritten/open', '200 a /open'],
    ],
  );

  describeSame(
    'the host of the target goes before the Host header',
    ({ a }) => `
      RewriteEngine On
      RewriteCond %{HTTP_HOST} ^internal\\.example$
      RewriteRule ^/h - [F]
      RewriteCond %{HTTP:Host} ^internal\\.example$
      RewriteRule ^/v - [F]
      RewriteCond %{SERVER_NAME} ^internal\\.example$
      RewriteRule ^/n - [F]
      ProxyPass / ${a}/
    `,
    [
      [toHost('internal.example', '/h'), '403'],
      [toHost('x.example', 'http://internal.example/h'), '403'],
      [toHost('x.example', 'http://internal.example/v'), '403'],
      [toHost('x.example', 'http://internal.example/n'), '403'],
      [toHost('internal.example', 'http://x.example/h'), '200 a /h'],
    ],
  );

  describeSame(
    'sections of a virtual host after those of the main server',
    ({ a, port }) => `
      ProxyPass / ${a}/
      <Location /z>
        Require all denied
      </Location>
      <Location /y>
        Require all denied
      </Location>
      <VirtualHost *:${port}>
        ServerName front.example
        <Location /z>
          Require all granted
        </Location>
      </VirtualHost>
    `,
    [
      ['/z', '200 a /z'],
      ['/y', '403'],
    ],
  );
});
