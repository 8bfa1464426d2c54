import { describeWithHttpd } from './httpd.ts';
import { describeSame, toHost } from './side-by-side.ts';

describeWithHttpd('rules come in the order of httpd', () => {
  describeSame(
    'U36: of sections the last that fits wins, before what stands outside of them',
    ({ a, b, c }) => `
      ProxyPass /loc/x ${c}/outside
      <Location /loc>
        ProxyPass ${b}/L
      </Location>
      <Location /loc/deep>
        ProxyPass ${a}/D
      </Location>
      <Location /loc/ex>
        ProxyPass !
      </Location>
      <Location /hidden/deep>
        ProxyPass ${a}/D
      </Location>
      <Location /hidden/ex>
        ProxyPass !
      </Location>
      <Location /hidden>
        ProxyPass ${b}/L
      </Location>
      <Location /twice>
        ProxyPass ${a}/1
      </Location>
      <Location /twice>
        ProxyPass ${b}/2
      </Location>
      <Location /ex>
        ProxyPass !
      </Location>
      ProxyPass /ex ${c}/outside
      ProxyPass /loc/y !
    `,
    [
      ['/loc/x', '200 b /L/x'],
      ['/loc/deep/x', '200 a /D/x'],
      ['/loc/ex/x', '404'],
      ['/locx', '404'],
      ['/hidden/deep/x', '200 b /L/deep/x'],
      ['/hidden/ex/x', '200 b /L/ex/x'],
      ['/twice/x', '200 b /2/x'],
      ['/ex/x', '404'],
      ['/loc/y', '200 b /L/y'],
    ],
  );

  describeSame(
    'sections with patterns stand among the others',
    ({ a, b }) => `
      <LocationMatch ^/first/(.*)$>
        ProxyPassMatch ${a}/M/$1
      </LocationMatch>
      <Location /first>
        ProxyPass ${b}/L
      </Location>
      <Location /last>
        ProxyPass ${b}/L
      </Location>
      <LocationMatch ^/last/(.*)$>
        ProxyPassMatch ${a}/M/$1
      </LocationMatch>
      <Location ~ "^/tilde/(.*)$">
        ProxyPassMatch ${a}/T/$1
      </Location>
      <LocationMatch ^/whole/.*$>
        ProxyPassMatch ${a}/W
      </LocationMatch>
      <LocationMatch ^/plain/(.*)$>
        ProxyPass ${a}/P/$1
      </LocationMatch>
    `,
    [
      ['/first/deep/x', '200 b /L/deep/x'],
      ['/first', '200 b /L'],
      ['/last/deep/x', '200 a /M/deep/x'],
      ['/last', '200 b /L'],
      ['/tilde/x', '200 a /T/x'],
      ['/whole/x', '200 a /W/whole/x'],
      ['/plain/x', '200 a /P/x'],
    ],
  );

  describeSame(
    'slashes of a section and its target',
    ({ b }) => `
      <Location /l/>
        ProxyPass ${b}/L/
      </Location>
      <Location /m/>
        ProxyPass ${b}/L
      </Location>
      <Location /n>
        ProxyPass ${b}/L/
      </Location>
    `,
    [
      ['/l/x', '200 b /L/x'],
      ['/l', '404'],
      ['/m/x', '200 b /Lx'],
      ['/n/x', '200 b /L//x'],
      ['/n', '200 b /L/'],
    ],
  );

  describeSame(
    'rewriting first, then sections, then the others in the order of the file',
    ({ a, b, c }) => `
      ProxyPass /r/no !
      RewriteEngine On
      RewriteRule ^/r/(.*)$ ${a}/RW/$1 [P]
      <Location /r>
        ProxyPass ${b}/L
      </Location>
      ProxyPass / ${c}/S/
    `,
    [
      ['/r/x', '200 a /RW/x'],
      ['/r/no/x', '200 a /RW/no/x'],
      ['/r', '200 b /L'],
      ['/s', '200 c /S/s'],
    ],
  );

  describeSame(
    'U38: the main server before the virtual host, but for sections',
    ({ a, b, port }) => `
      ProxyPass /x ${a}/main
      ProxyPass /no !
      ProxyPass /z ${a}/main
      <Location /in-both>
        ProxyPass ${a}/main
      </Location>
      <Location /main-only>
        ProxyPass ${a}/main
      </Location>
      <Location /shorter/deep>
        ProxyPass ${a}/main
      </Location>
      <VirtualHost *:${port}>
        ServerName v.example
        ProxyPass /x ${b}/vhost
        ProxyPass /x/y !
        ProxyPass /y ${b}/vhost
        ProxyPass /no ${b}/vhost
        ProxyPass /main-only ${b}/vhost
        <Location /in-both>
          ProxyPass ${b}/vhost
        </Location>
        <Location /shorter>
          ProxyPass ${b}/vhost
        </Location>
        <Location /z>
          ProxyPass ${b}/vhost
        </Location>
      </VirtualHost>
    `,
    [
      [toHost('v.example', '/x/1'), '200 a /main/1'],
      [toHost('v.example', '/x/y'), '200 a /main/y'],
      [toHost('v.example', '/y/1'), '200 b /vhost/1'],
      [toHost('v.example', '/no/1'), '404'],
      [toHost('v.example', '/main-only/1'), '200 a /main/1'],
      [toHost('v.example', '/in-both/1'), '200 b /vhost/1'],
      [toHost('v.example', '/shorter/deep/1'), '200 b /vhost/deep/1'],
      [toHost('v.example', '/z/1'), '200 b /vhost/1'],
    ],
  );

  describeSame(
    'rewrite rules are their own server’s, the engine is inherited',
    ({ a, b, port }) => `
      RewriteEngine On
      RewriteRule ^/r/(.*)$ ${a}/main/$1 [P]
      <VirtualHost *:${port}>
        ServerName none.example
        ProxyPass /r ${b}/own
      </VirtualHost>
      <VirtualHost *:${port}>
        ServerName own.example
        RewriteRule ^/r/(.*)$ ${a}/vhost/$1 [P]
        ProxyPass /r ${b}/own
      </VirtualHost>
      <VirtualHost *:${port}>
        ServerName off.example
        RewriteEngine Off
        RewriteRule ^/r/(.*)$ ${a}/vhost/$1 [P]
        ProxyPass /r ${b}/own
      </VirtualHost>
    `,
    [
      [toHost('none.example', '/r/1'), '200 b /own/1'],
      [toHost('own.example', '/r/1'), '200 a /vhost/1'],
      [toHost('off.example', '/r/1'), '200 b /own/1'],
    ],
    { drops: [/^RewriteRule .*\/main\//, /^RewriteRule .*\/vhost\//] },
  );
});
