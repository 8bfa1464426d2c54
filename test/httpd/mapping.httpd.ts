import { describeWithHttpd } from './httpd.ts';
import { describeSame, type Places, type Row } from './side-by-side.ts';

// The ids are those of the reference's section 15.1.
describeWithHttpd('paths are mapped as by httpd', () => {
  describeSame(
    'prefixes and direct workers',
    ({ a, b }) => `
      ProxyPass /m1/ ${a}/t/
      ProxyPass /m2 ${a}/t
      ProxyPass /m3 ${a}/t/
      ProxyPass /m4/ ${a}/t
      ProxyPass /m5/ex !
      ProxyPass /m5 ${a}
      ProxyPass /m6/ ${a}/ nocanon
      ProxyPass /o1 ${a}/first
      ProxyPass /o1/long ${b}/second
      ProxyPass /o2/long ${b}/second
      ProxyPass /o2 ${a}/first
      ProxyPass /q ${a}/q
      ProxyPass /r ${a}/a?b=
    `,
    [
      ['/m1/foo', '200 a /t/foo'],
      ['/m1', '404'],
      ['/m1foo', '404'],
      ['/m2', '200 a /t'],
      ['/m2/', '200 a /t/'],
      ['/m2/foo', '200 a /t/foo'],
      ['/m2foo', '404'],
      ['/M2/foo', '404'],
      ['/m2//foo', '200 a /t/foo'],
      ['/m3', '200 a /t/'],
      ['/m3/foo', '200 a /t//foo'],
      ['/m4/foo', '200 a /tfoo'],
      ['/m5/ex/1', '404'],
      ['/m5/ex', '404'],
      ['/m5/extra', '200 a /extra'],
      ['/m5', '200 a /'],
      ['/m6/%61', '200 a /%61'],
      ['/m6/a;b', '200 a /a;b'],
      ['/o1/long/x', '200 a /first/long/x'],
      ['/o2/long/x', '200 b /second/x'],
      ['/o2/longer', '200 a /first/longer'],
      ['/q?', '200 a /q?'],
      ['/q/?', '200 a /q/?'],
      ['/q/a?b?c', '200 a /q/a?b?c'],
      ['/q/a%20b', '200 a /q/a%20b'],
      ['/q/a%25b', '200 a /q/a%25b'],
      ['/q/a%3Fb', '200 a /q/a%3Fb'],
      ['/q//a', '200 a /q/a'],
      ['/q/a//b', '200 a /q/a/b'],
      ['/q/./a', '200 a /q/a'],
      ['/q/a/../b', '200 a /q/b'],
      ['/q/a/%2e%2e/b', '200 a /q/b'],
      ['/q/a?x=a%20b&y=%2F&z=a+b', '200 a /q/a?x=a%20b&y=%2F&z=a+b'],
      ['/%71/a', '200 a /q/a'],
      ['/r/x?y', '200 a /a%3Fb=/x?y'],
      [{ target: '/q/x', method: 'OPTIONS' }, '200 a /q/x'],
      [{ target: '/q/x', method: 'DELETE' }, '200 a /q/x'],
      [{ target: '/q/x', method: 'POST', body: 'x' }, '200 a /q/x'],
    ],
  );

  describeSame(
    'prefixes, and members with paths of their own',
    ({ a }) => `
      <Proxy balancer://media-slash>
        BalancerMember ${a}/media/
      </Proxy>
      <Proxy balancer://media>
        BalancerMember ${a}/media
      </Proxy>
      <Proxy balancer://plain>
        BalancerMember ${a}
      </Proxy>
      <Proxy balancer://slash>
        BalancerMember ${a}/
      </Proxy>
      ProxyPass /static/ balancer://media-slash/
      ProxyPass /st/ balancer://media/
      ProxyPass /sc balancer://media-slash/sub
      ProxyPass /sd balancer://media-slash
      ProxyPass /se balancer://media
      ProxyPass /sf balancer://media/sub
      ProxyPass /sg balancer://plain
      ProxyPass /sh balancer://plain/
      ProxyPass /si/ balancer://plain/
      ProxyPass /sj balancer://slash
    `,
    [
      ['/static/foo/1.css?v=2', '200 a /media//foo/1.css?v=2'],
      ['/static/', '200 a /media//'],
      ['/static', '404'],
      ['/st/foo', '200 a /media/foo'],
      ['/sc/foo', '200 a /media//sub/foo'],
      ['/sc', '200 a /media//sub'],
      ['/sd', '200 a /media//'],
      ['/se/foo', '200 a /media/foo'],
      ['/se/', '200 a /media/'],
      ['/se', '200 a /media/'],
      ['/sf/foo', '200 a /media/sub/foo'],
      ['/sf', '200 a /media/sub'],
      ['/sg/foo', '200 a /foo'],
      ['/sg', '200 a /'],
      ['/sh/foo', '200 a //foo'],
      ['/sh', '200 a /'],
      ['/sh/', '200 a //'],
      ['/si/foo', '200 a /foo'],
      ['/si/', '200 a /'],
      ['/sj', '200 a //'],
      ['/sj/x', '200 a //x'],
    ],
  );

  describeSame(
    'patterns',
    ({ a, b }) => `
      <Proxy balancer://c4>
        BalancerMember ${a}
      </Proxy>
      ProxyPassMatch ^/m7/(.*)$ ${a}/r/$1
      ProxyPassMatch ^/m8/.*\\.gif$ ${a}
      ProxyPassMatch ^/m8b/.*\\.gif$ ${a}/base
      ProxyPassMatch \\.png$ balancer://c4
      ProxyPassMatch ^/m9/(a|b)(/.*)?$ balancer://c4/z$2
      ProxyPassMatch ^/m10/no/ !
      ProxyPassMatch ^/m10/(.*)$ ${b}/$1
      ProxyPassMatch ^/m11/(a)?(b)$ ${a}/t/$1/$2/$9/\\$1/&/x
      ProxyPassMatch ^/m12(/.*)$ balancer://c4$1
      ProxyPassMatch ^/m14/.*$ balancer://c4/base
      ProxyPassMatch (?i)^/M15/ ${a}
      ProxyPassMatch ^/m16(.*)$ balancer://c4$1
      ProxyPassMatch ^/m17(.*)$ ${b}$1
      ProxyPassMatch ^/m18(.*)$ ${b}/a?b=$1
    `,
    [
      ['/m7/foo%20bar?q=1', '200 a /r/foo%20bar?q=1'],
      ['/m7/x/../y', '200 a /r/y'],
      ['/m7/', '200 a /r/'],
      ['/m8/a/b.gif?z', '200 a /m8/a/b.gif?z'],
      ['/m8b/a/b.gif?z', '200 a /base/m8b/a/b.gif?z'],
      ['/m8/a/b.jpg', '404'],
      ['/x/y.png?z=1', '200 a /x/y.png?z=1'],
      ['/m9/a/foo', '200 a /z/foo'],
      ['/m9/a', '200 a /z'],
      ['/m9/c', '404'],
      ['/m10/no/x', '404'],
      ['/m10/nox', '200 b /nox'],
      ['/m11/b', '200 a /t//b//$1/&/x'],
      ['/m11/ab', '200 a /t/a/b//$1/&/x'],
      ['/m12/x', '200 a /x'],
      ['/m14/x?y', '200 a /base/m14/x?y'],
      ['/m15/x', '200 a /m15/x'],
      ['/m16/x?y', '200 a /x?y'],
      ['/m16', '200 a /'],
      ['/m17/x', '200 b /x'],
      ['/m17', '200 b /'],
      ['/m18/x?y', '200 b /a%3Fb=/x?y'],
      ['/m7/a%20?%61', '200 a /r/a%20?%61'],
    ],
  );

  describeSame('everything', ({ a }: Places) => `ProxyPass / ${a}/`, [
    ['/', '200 a /'],
    ['/x', '200 a /x'],
    ['/?y', '200 a /?y'],
    ['http://front.example/z', '200 a /z'],
  ] satisfies Row[]);

  describeSame(
    'rewriting to a proxy',
    ({ a, b }) => `
      <Proxy balancer://c>
        BalancerMember ${b}
      </Proxy>
      RewriteEngine On
      RewriteRule ^/a/(.*)$ ${a}/RW/$1?a=b [P]
      RewriteRule ^/rwq/(.*)$ ${a}/RW/$1?a=b [QSA,P]
      RewriteRule ^/c/(.*)$ ${a}/RW/$1 [P,L]
      RewriteRule ^/d/(.*)$ ${a}/RW/$1? [P]
      RewriteRule ^/e/(.*)$ ${a}/RW/$1 [P,QSD]
      RewriteRule ^/f balancer://c%{REQUEST_URI} [P]
      RewriteRule ^/g$ balancer://c [P]
      RewriteRule ^/h$ balancer://c/ [P]
      RewriteRule ^/i/ - [F]
      RewriteRule ^/j/ - [G]
      RewriteRule ^/K/ ${a}/k [P,NC]
      RewriteCond %{QUERY_STRING} (^|&)x=(\\w+)
      RewriteRule ^/l/(.*)$ ${a}/%2/$1 [P]
      RewriteCond %{HTTP_HOST} ^front
      RewriteRule !^/(m|n) ${a}/neg [P]
    `,
    [
      ['/a/x%20y?c=d', '200 a /RW/x%20y?a=b'],
      ['/rwq/a?c=d', '200 a /RW/a?a=b&c=d'],
      ['/c/x?c=d', '200 a /RW/x?c=d'],
      ['/d/x?c=d', '200 a /RW/x'],
      ['/e/x?c=d', '200 a /RW/x'],
      ['/f/x?c=d', '200 b /f/x?c=d'],
      ['/g', '200 b /'],
      ['/h', '200 b /'],
      ['/i/', '403'],
      ['/j/', '410'],
      ['/k/', '200 a /k'],
      ['/l/z?x=12', '200 a /12/z?x=12'],
      ['/l/z', '200 a /neg'],
      ['/m/z', '404'],
    ],
  );
});
