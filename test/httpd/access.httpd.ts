import { describeWithHttpd } from './httpd.ts';
import { describeSame } from './side-by-side.ts';

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
