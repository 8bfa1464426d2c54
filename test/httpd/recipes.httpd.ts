import { describeWithHttpd } from './httpd.ts';
import { describeSame, settingCookies, withCookie, type Places, type Row } from './side-by-side.ts';

const write =
  (header: string) =>
  ({ a, b }: Places): string => `
    <Proxy balancer://c>
      BalancerMember ${a} route=1
      BalancerMember ${b} route=2
      ProxySet stickysession=ROUTEID
    </Proxy>
    ${header}
    ProxyPass /p balancer://c
  `;

/** Names of attributes are case-insensitive. */
const spell = (line: string): string => line.replaceAll('; Path=', '; path=');

const rows: readonly Row[] = [
  ['/p'],
  withRoute('.2'),
  withRoute('.9'),
  withRoute('zz'),
  withRoute('x.2'),
  withRoute('x.9'),
  withRoute('2'),
  withRoute('.2; ROUTEID=.1'),
  withRoute('2; ROUTEID=.1'),
  ['/p?ROUTEID=x.2'],
  ['/p;ROUTEID=.2'],
  [{ ...withCookie('ROUTEID=.1'), target: '/p?ROUTEID=.2' }],
  [{ ...withCookie('ROUTEID=.1'), target: '/p?ROUTEID=2' }],
  [{ target: '/p', order: { status: 404 } }],
  [{ ...settingCookies(['own=1']) }],
  ['/other', '404'],
];

function withRoute(value: string): Row {
  return [withCookie(`ROUTEID=${value}`)];
}

describeWithHttpd('cookies of the proxy are those of httpd', () => {
  describeSame(
    'the manual’s ROUTEID',
    write('Header add Set-Cookie "ROUTEID=.%{BALANCER_WORKER_ROUTE}e; path=/" env=BALANCER_ROUTE_CHANGED'),
    [
      ['/p', '200 a / {ROUTEID=.1; path=/}'],
      [withCookie('ROUTEID=.2'), '200 b /'],
      [withCookie('ROUTEID=.9'), '200 a / {ROUTEID=.1; path=/}'],
      [withCookie('ROUTEID=zz'), '200 b / {ROUTEID=.2; path=/}'],
      [{ target: '/p', order: { status: 404 } }, '404 a / {ROUTEID=.1; path=/}'],
      [settingCookies(['own=1']), '200 b / {own=1} {ROUTEID=.2; path=/}'],
      ['/other', '404'],
      [withCookie('ROUTEID=x.1'), '200 a /'],
      ['/p?ROUTEID=x.1', '200 a /?ROUTEID=x.1'],
    ],
    { spell },
  );

  describeSame(
    'with attributes',
    write(
      'Header add Set-Cookie "ROUTEID=.%{BALANCER_WORKER_ROUTE}e; path=/; HttpOnly; Secure; SameSite=Lax" env=BALANCER_ROUTE_CHANGED',
    ),
    rows,
    { spell },
  );

  describeSame(
    'mod_rewrite’s CO',
    ({ a }) => `
      ProxyPass / ${a}/
      RewriteEngine On
      RewriteRule ^/a - [CO=BALANCEID:balancer.http1:.front.example]
      RewriteRule ^/b/(.*) - [CO=N:$1:front.example:0:/p:secure:httponly]
      RewriteRule ^/d - [CO=;Y;a:b;front.example;;/]
      RewriteRule ^/e - [CO=Z:1:front.example:0:/:0:0:Lax]
    `,
    [
      [
        settingCookies(['own=1'], '/a'),
        '200 a /a {BALANCEID=balancer.http1; path=/; domain=.front.example} {own=1}',
      ],
      [settingCookies([], '/b/v'), '200 a /b/v {N=v; path=/p; domain=front.example; secure; HttpOnly}'],
      [settingCookies([], '/d'), '200 a /d {Y=a:b; path=/; domain=front.example}'],
      [settingCookies([], '/e'), '200 a /e {Z=1; path=/; domain=front.example; SameSite=Lax}'],
      [settingCookies(['own=1'], '/f'), '200 a /f {own=1}'],
    ],
  );

  const balancer = ({ a, b }: Places): string => `
    <Proxy balancer://c>
      BalancerMember ${a} route=a
      BalancerMember ${b} route=b
    </Proxy>
  `;
  const manager = '<Location /balancer-manager>\nSetHandler balancer-manager\n</Location>';

  describeSame(
    'the manager behind everything is not reached',
    (places) => `${balancer(places)}\nProxyPass / balancer://c/\nProxyPass /balancer-manager !\n${manager}`,
    [['/balancer-manager', '200 a /balancer-manager']],
  );

  describeSame(
    'the manager that is excluded first is',
    (places) => `${balancer(places)}\nProxyPass /balancer-manager !\nProxyPass / balancer://c/\n${manager}`,
    [
      ['/balancer-manager', '200'],
      ['/balancer-managerx', '200 a /balancer-managerx'],
      ['/x', '200 b /x'],
    ],
  );

  describeSame(
    'the manager that is excluded in its section is',
    (places) =>
      `${balancer(places)}\nProxyPass / balancer://c/\n${manager.replace('SetHandler', 'ProxyPass !\nSetHandler')}`,
    [['/balancer-manager', '200']],
  );

  describeSame(
    'the manager of one virtual host',
    (places) => `
      ${balancer(places)}
      <VirtualHost *:${places.port}>
        ServerName front.example
        ${manager}
      </VirtualHost>
      <VirtualHost *:${places.port}>
        ServerName other.example
      </VirtualHost>
    `,
    [
      ['/balancer-manager', '200'],
      [{ target: '/balancer-manager', headers: { Host: 'other.example' } }, '404'],
    ],
  );

  describeSame(
    'rewriting everything goes before the manager',
    (places) => `
      ${balancer(places)}
      ProxyPass /balancer-manager !
      RewriteEngine On
      RewriteRule ^/(.*)$ balancer://c/$1 [P]
      ${manager}
    `,
    [['/balancer-manager', '200 a /balancer-manager']],
  );
});
