import { describeWithHttpd } from './httpd.ts';
import { describeSame, redirectedTo, settingCookies, type Row } from './side-by-side.ts';

const front = 'http://front.example';

/** A Location, what the client gets (undefined: the same), and the path that is asked for. */
const redirect = (backend: string, client = backend, target = '/p'): Row => [
  redirectedTo(backend, target),
  `302 a ${target === '/p' ? '/' : target.replace('/p', '')} -> ${client}`,
];

// The ids are those of the reference's section 15.7.
describeWithHttpd('redirects are mapped back as by httpd', () => {
  describeSame('L1: a URL', ({ a }) => `ProxyPass /p ${a}\nProxyPassReverse /mirror/foo/ ${a}/`, [
    redirect('{a}/quux', `${front}/mirror/foo/quux`),
    redirect('{a}/Quux?x=1#f', `${front}/mirror/foo/Quux?x=1#f`),
    redirect('{a}'), // L3
    redirect('https://127.0.0.1:1/q'),
    redirect('/quux'),
    redirect('quux'),
    redirect('//127.0.0.1:1/q'),
    [
      redirectedTo('{a}/quux', '/p', 'www.pub.example:8080'),
      '302 a / -> http://www.pub.example:8080/mirror/foo/quux',
    ],
    [
      { target: '/p', order: { headers: [['Content-Location', '{a}/q']] } },
      `200 a / at ${front}/mirror/foo/q`,
    ],
    [{ target: '/p', order: { headers: [['Location', '{a}/q']] } }, `200 a / -> ${front}/mirror/foo/q`],
    [
      { target: '/p', order: { status: 201, headers: [['Location', '{a}/q']] } },
      `201 a / -> ${front}/mirror/foo/q`,
    ],
  ]);

  describeSame(
    'paths and URLs that are no members',
    ({ a }) => `
      ProxyPass /p ${a}
      ProxyPassReverse /m2 /app
      ProxyPassReverse /m3 https://backend.example:8443/x
      ProxyPassReverse /m4 https://backend.example/x
      ProxyPassReverse https://other.example/abs http://abs.example/
    `,
    [
      redirect('/app/x', `${front}/m2/x`), // L4
      redirect('/application', `${front}/m2lication`),
      redirect('http://unrelated/app/zz', `${front}/m2/zz`),
      redirect('https://backend.example:8443/x/y', `${front}/m3/y`),
      redirect('https://backend.example/x/y', `${front}/m4/y`), // L6
      redirect('https://backend.example/xy', `${front}/m4y`),
      redirect('http://backend.example/x/y'),
      redirect('http://abs.example/foo', 'https://other.example/absfoo'), // L7
    ],
  );

  const underFoo: readonly (readonly [backend: string, client?: string])[] = [
    ['{a}/foo/bar/that', `${front}/bash/that`],
    ['{b}/foo/bar', `${front}/bash`],
    ['{a}/foo/barn', `${front}/bashn`],
    ['{a}/foo/that'],
    ['{a}/FOO/bar/x', `${front}/bash/x`], // L9
  ];
  describeSame(
    'L8: a balancer with a path',
    ({ a, b }) => `
      <Proxy balancer://c>
        BalancerMember ${a}/foo
        BalancerMember ${b}/foo/ status=+D
      </Proxy>
      ProxyPass /p balancer://c
      ProxyPassReverse /bash balancer://c/bar
    `,
    [...underFoo, ['{a}/foo/BAR/x'] as const].map(([backend, client = backend]): Row => [
      redirectedTo(backend),
      `302 a /foo/ -> ${client}`,
    ]),
  );
  describeSame(
    'L8: another balancer with a path',
    ({ a, b }) => `
      <Proxy balancer://c>
        BalancerMember ${a}/foo
        BalancerMember ${b}/foo/
      </Proxy>
      ProxyPass /p ${a}
      ProxyPassReverse /bash balancer://c/bar
    `,
    underFoo.map(([backend, client]) => redirect(backend, client)),
  );

  const balancer = (path: string, real: string, member = '') => {
    const rows = ['{a}/x', '{a}', '{b}/x?y#z', '{a}0/x', '{b}/X/y', '{a}//x', '{a}//'].map(
      (location): Row => [redirectedTo(location)],
    );
    describeSame(
      `${path} ${real}, member with "${member}"`,
      ({ a, b }) => `
        <Proxy balancer://c>
          BalancerMember ${a}${member}
          BalancerMember ${b}${member} status=+D
        </Proxy>
        ProxyPass /p balancer://c/w
        ProxyPassReverse ${path} ${real}
      `,
      rows,
    );
    describeSame(
      `${path} ${real}, member with "${member}", and another balancer is asked`,
      ({ a, b }) => `
        <Proxy balancer://c>
          BalancerMember ${a}${member}
          BalancerMember ${b}${member}
        </Proxy>
        ProxyPass /p ${a}/w
        ProxyPassReverse ${path} ${real}
      `,
      rows,
    );
  };
  balancer('/', 'balancer://c'); // L10
  balancer('/', 'balancer://c/');
  balancer('/', 'balancer://c', '/');
  balancer('/p', 'balancer://c'); // L11
  balancer('/p/', 'balancer://c/'); // L12
  balancer('/p', 'balancer://c', '/'); // L13
  balancer('/p', 'balancer://c', '/X');
  balancer('/p', 'balancer://nobody'); // L15

  describeSame(
    'rules in sections, and their order',
    ({ a, b }) => `
      <Location /p>
        ProxyPass ${a}
        ProxyPassReverse ${a}/q
      </Location>
      <Location /elsewhere>
        ProxyPassReverse ${a}/r
      </Location>
      ProxyPass /s ${a}
      ProxyPassReverse / ${b}/
      ProxyPassReverse /s ${b}/q
    `,
    [
      redirect('{a}/q/z', `${front}/p/z`), // L16
      redirect('{a}/other'),
      redirect('{a}/r/z'), // L17
      redirect('{b}/q/z', `${front}/q/z`), // L18
    ],
    { drops: [/^ProxyPassReverse .*\/r$/] },
  );

  describeSame(
    'server-level rules before those of sections, outer sections before inner ones',
    ({ a }) => `
      ProxyPass /x ${a}
      ProxyPass /y ${a}
      ProxyPassReverse /server/ ${a}/s/
      <Location /x>
        ProxyPassReverse ${a}/
      </Location>
      <Location /x/y>
        ProxyPassReverse ${a}/y/
      </Location>
    `,
    [
      [redirectedTo('{a}/s/q', '/x'), `302 a / -> ${front}/server/q`],
      [redirectedTo('{a}/q', '/x'), `302 a / -> ${front}/xq`],
      [redirectedTo('{a}/y/q', '/x/y/z'), `302 a /y/z -> ${front}/xy/q`],
      [redirectedTo('{a}/s/q', '/y'), `302 a / -> ${front}/server/q`],
      [redirectedTo('{a}/q', '/y'), '302 a / -> {a}/q'],
    ],
  );

  describeSame(
    'rules of the main server before those of the virtual host',
    ({ a, port }) => `
      ProxyPassReverse /main/ ${a}/m/
      <VirtualHost *:${port}>
        ServerName v.example
        ProxyPass /x ${a}
        ProxyPassReverse /vhost/ ${a}/
      </VirtualHost>
    `,
    [
      [redirectedTo('{a}/m/q', '/x', 'v.example'), '302 a / -> http://v.example/main/q'],
      [redirectedTo('{a}/q', '/x', 'v.example'), '302 a / -> http://v.example/vhost/q'],
    ],
  );
});

/** A cookie of the backend, and what the client gets (undefined: the same). */
const cookie = (backend: string, client = backend): Row => [settingCookies([backend]), `200 a / {${client}}`];

// The ids are those of the reference's section 15.8.
describeWithHttpd('cookies are mapped back as by httpd', () => {
  describeSame(
    'domains and paths',
    ({ a }) => `
      ProxyPass /p ${a}
      ProxyPassReverseCookieDomain backend.example public.example
      ProxyPassReverseCookieDomain internal.local .pub.example
      ProxyPassReverseCookiePath / /mirror/foo/
      ProxyPassReverseCookiePath /app /m2
    `,
    [
      cookie('a=1; Path=/', 'a=1; Path=/mirror/foo/'),
      cookie('a=1; path=/app/x', 'a=1; path=/mirror/foo/'),
      cookie(
        'a=1; Domain=backend.example; Path=/x; HttpOnly',
        'a=1; Domain=public.example; Path=/mirror/foo/; HttpOnly',
      ),
      cookie('a=1; domain=.backend.example'),
      cookie('a=1; domain=BACKEND.EXAMPLE', 'a=1; domain=public.example'),
      cookie('a=1; domain=backend.example.org', 'a=1; domain=public.example'),
      cookie('a=1; domain=internal.local', 'a=1; domain=.pub.example'),
      cookie('a=1'), // C7
      cookie('a=1; path=foo'),
      cookie('a=1; path="/"'),
      cookie('a=1; Path = /'),
      cookie('a=1; Path=/; Path=/b', 'a=1; Path=/; Path=/mirror/foo/'),
      cookie('a=1; PATH=/ ;x', 'a=1; PATH=/mirror/foo/;x'),
      [
        settingCookies(['a=1; path=/', 'b=2; path=/x']),
        '200 a / {a=1; path=/mirror/foo/} {b=2; path=/mirror/foo/}',
      ],
    ],
  );

  describeSame(
    'paths, the longer one first',
    ({ a }) => `
      ProxyPass /p ${a}
      ProxyPassReverseCookiePath /app/ /m2/
      ProxyPassReverseCookiePath / /p
    `,
    [
      cookie('a=1; path=/app/x', 'a=1; path=/m2/'),
      cookie('a=1; path=/app', 'a=1; path=/p'),
      cookie('a=1; path=/APP/x', 'a=1; path=/p'),
    ],
  );

  describeSame(
    'server-level rules before those of sections',
    ({ a }) => `
      ProxyPass /x ${a}
      <Location /x>
        ProxyPassReverseCookiePath / /section
      </Location>
      ProxyPassReverseCookiePath /s /server
    `,
    [
      [settingCookies(['a=1; path=/s'], '/x'), '200 a / {a=1; path=/server}'],
      [settingCookies(['a=1; path=/t'], '/x'), '200 a / {a=1; path=/section}'],
    ],
  );
});
