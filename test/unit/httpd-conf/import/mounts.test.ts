import { describe, expect, test } from '@jest/globals';
import { definitionsOf, importText, mountsOf, noticeOf } from './support.ts';

const c = 'BalancerMember balancer://c http://a\n';

describe('where a mount is', () => {
  test.each([
    ['ProxyPass /app balancer://c', '/app', ''],
    ['ProxyPass /app/ balancer://c/', '/app/', '/'],
    ['ProxyPass "/app" "balancer://C/sub"', '/app', '/sub'],
    ['ProxyPassMatch ^(/.*)$ balancer://c$1', '/', '/'],
    ['ProxyPassMatch ^(.*)$ balancer://c$1', '/', '/'],
    ['ProxyPassMatch ^/(.*)$ balancer://c/$1', '/', '/'],
    ['ProxyPassMatch ^/app/(.*)$ balancer://c/$1', '/app/', '/'],
    ['ProxyPassMatch ^/app/(.*)$ balancer://c/sub/$1', '/app/', '/sub/'],
    ['ProxyPassMatch ^/a\\.b(/.*)$ balancer://c/sub$1', '/a.b/', '/sub/'],
    ['ProxyPassMatch ^/app(/.*)?$ balancer://c$1', '/app', ''],
    ['ProxyPassMatch ^/app/ balancer://c', '/app/', '/app/'],
    ['ProxyPass ~ ^/app/(.*)$ balancer://c/$1', '/app/', '/'],
  ])('%s', (line, at, to) => {
    expect(mountsOf(c + line)).toEqual([
      { kind: 'balancer', at, to, definition: { name: 'c', members: ['http://a'] } },
    ]);
  });

  test.each([
    ['ProxyPassMatch ^/app balancer://c', '/app', { to: '', appendsPath: true }],
    ['ProxyPassMatch \\.png$ balancer://c', '/x.png', { to: '', appendsPath: true }],
    ['ProxyPassMatch ^/(a|b)(/.*)?$ balancer://c/z$2', '/a/x', { to: '/z$2' }],
    ['ProxyPassMatch ^/app(.*)$ balancer://c/$1', '/appx', { to: '/$1' }],
    ['ProxyPassMatch (?i)^/app/(.*)$ balancer://c/$1', '/APP/x', { to: '/$1' }],
    ['ProxyPassMatch ^/app/(.*)$ balancer://c//$1', '/app/x', { to: '//$1' }],
    ['ProxyPassMatch ^/a.b/(.*)$ balancer://c/$1', '/axb/x', { to: '/$1' }],
  ])('%s stays a pattern', (line, path, rest) => {
    const [mount] = importText(c + line).mounts;
    expect(mount).toMatchObject({ kind: 'balancer', ...rest });
    expect((mount!.at as RegExp).test(path)).toBe(true);
  });

  test.each([
    ['ProxyPass /p/ balancer://c', /httpd looks for a balancer cx and answers 500, here it is \/x/],
    ['ProxyPass / balancer://c', /for \/x httpd looks for a balancer cx/],
    ['ProxyPass / http://b', /httpd asks for a host whose name ends in x/],
    ['ProxyPass /p/ http://b/t', /httpd asks for \/tx, here it is \/t\/x/],
    ['ProxyPass /p http://b/t/', /httpd asks for \/t\/\/x, here it is \/t\/x/],
  ])('%s is told what httpd would do', (line, why) => {
    expect(noticeOf(c + line, 2)).toMatch(/^different: /);
    expect(noticeOf(c + line, 2)).toMatch(why);
    expect(noticeOf(c + line, 2, { compat: 'httpd' })).toMatch(/^taken: /);
  });

  test.each([
    ['ProxyPassMatch ^/m(.*)$ balancer://c$1', 'c', "balancer's"],
    ['ProxyPassMatch ^/m(.+)$ http://b:80$1', 'b', "server's"],
  ])('%s is a path behind the name, whatever a request holds', (line, name, whose) => {
    expect(mountsOf(c + line)).toMatchObject([{ to: '$1', definition: { name } }]);
    expect(noticeOf(c + line, 2)).toMatch(/^different: mount /);
    expect(noticeOf(c + line, 2)).toContain(`in httpd what has none is a part of the ${whose} name`);
  });

  test.each([
    ['ProxyPass /q http://b/a?x=', '/a%3Fx='],
    ['ProxyPass /q balancer://c/a?x=', '/a%3Fx='],
    ['ProxyPassMatch ^/q(.*)$ http://b/a?x=$1', '/a\\%3Fx=$1'],
  ])('%s: a ? is a part of the path, as in httpd', (line, to) => {
    expect(mountsOf(c + line)).toMatchObject([{ to }]);
    expect(noticeOf(c + line, 2)).toMatch(/^taken: .*its \? is sent as %3F/);
  });

  test.each([
    ['ProxyPass /q http://b/a%20b', '/a%20b'],
    ['ProxyPassMatch ^/q(.*)$ http://b/a%20b/%1$1', '/a\\%20b/\\%1$1'],
  ])('%s: a % is no group of a condition', (line, to) => {
    expect(mountsOf(c + line)).toMatchObject([{ to }]);
    expect(noticeOf(c + line, 2)).toMatch(/^different: .*httpd encodes each % once more/);
  });

  test('slashes at the ends of members are told once for a balancer that is asked', () => {
    const members = 'BalancerMember http://a/ route=a\nBalancerMember http://b/ route=b\n';
    const text = `<Proxy balancer://c>\n${members}</Proxy>\n<Proxy balancer://d>\n${members}</Proxy>\nProxyPass /x/ balancer://c/`;
    expect(noticeOf(text, 2)).toMatch(/^different: .*httpd would ask for \/\/x where this asks for \/x/);
    for (const line of [3, 6, 7]) expect(noticeOf(text, line)).toMatch(/^taken: /);
    expect(noticeOf(text, 2, { compat: 'httpd' })).toMatch(/^taken: /);
  });

  test('names that nobody asks for are told, and an empty ServerAlias is none', () => {
    const text = '<VirtualHost *:80>\nServerAlias\nServerAlias a b/c\n</VirtualHost>';
    const { hosts, problems } = importText(text);
    expect([hosts[0]?.serverAlias, problems]).toEqual([['a'], []]);
    expect(noticeOf(text, 2)).toBe('taken: no host more');
    expect(noticeOf(text, 3)).toBe("different: host a; no client asks for a host 'b/c'");
  });

  test.each([
    'ProxyPassMatch ^/(.*)$ http://$1/x',
    'ProxyPassMatch ^/(a.*)$ http://host$1',
    'ProxyPassMatch ^(/a|b)$ http://host$1',
    'ProxyPassMatch ^(/?a)$ http://host$1',
    'ProxyPassMatch ^/(.*)$ http://host.$1/',
    'ProxyPassMatch ^/(.*)$ http://host:$1/',
    'ProxyPassMatch ^/([a-z]+)/ balancer://$1/',
    'ProxyPassMatch ^[(](/x)(y)$ http://host$2',
    'ProxyPassMatch ^/m(.*)$ http://host:$1',
    'ProxyPassMatch ^/m(.*)$ balancer://c-$1',
    'ProxyPassMatch ^/m(.*)/n$ http://host$1.internal/',
  ])('%s would let a request choose', (line) => {
    const { problems } = importText(c + line);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^2:\d+ a request would choose/);
  });

  test('a group that begins with a slash may follow the host', () => {
    expect(mountsOf('ProxyPassMatch ^(/.*\\.gif)$ http://host:8000$1')).toEqual([
      {
        kind: 'balancer',
        at: /^(\/.*\.gif)$/s,
        to: '$1',
        definition: { name: 'host:8000', members: ['http://host:8000'] },
      },
    ]);
  });
});

describe('the order of mounts', () => {
  test('sections of hosts, of the main server, then the main server, then hosts', () => {
    const text = `
ProxyPass /main http://m
<Location /l1>
ProxyPass http://l1
</Location>
<Location /l2>
ProxyPass !
</Location>
<VirtualHost *:80>
ServerName h
RewriteEngine On
RewriteRule ^/rw/(.*)$ http://r/$1 [P]
ProxyPass /h1 http://h1
ProxyPass /h2 !
<Location /hl1>
ProxyPass http://hl1
</Location>
<Location /hl2>
ProxyPass http://hl2
</Location>
</VirtualHost>`;
    expect(importText(text).mounts.map(({ at }) => at)).toEqual([
      '/rw/',
      '/hl2',
      '/hl1',
      '/l2',
      '/l1',
      '/main',
      '/h1',
      '/h2',
    ]);
  });

  test('a host has its name, its ports and whether it is for https', () => {
    const text = `Listen 127.0.0.1:8443 https
<VirtualHost *:443 [::1]:8443>
ServerName https://WWW.Example.com:443
ServerAlias example.com *.example.com
SSLEngine on
ProxyPassInherit Off
</VirtualHost>
<VirtualHost *>
</VirtualHost>`;
    expect(importText(text).hosts).toMatchObject([
      {
        serverName: 'www.example.com',
        serverAlias: ['example.com', '*.example.com'],
        ports: [443, 8443],
        isTls: true,
        inherits: false,
      },
      { serverName: undefined, serverAlias: [], ports: [], isTls: false, inherits: true },
    ]);
    expect(importText(text).listen).toMatchObject([{ address: '127.0.0.1', port: 8443 }]);
  });

  test.each([
    ['Listen 18443 https', '*:18443', '', true],
    ['Listen 18443 HTTPS', '*:18443', '', true],
    ['Listen 18443', '*:18443', '', false],
    ['Listen 18443 https', '*:80', '', false],
    ['Listen 18443 https', '*:18443', 'SSLEngine off', false],
    ['Listen 80', '*:80', 'SSLEngine on', true],
    ['', '*:443', '', true],
    ['Listen 443 http', '*:443', '', false],
    ['Listen 443', '*:443', 'SSLEngine off', false],
    ['Listen 18443 https', '*', '', false],
  ])('a host is for https where its port is: %s, <VirtualHost %s>, %s', (listen, address, more, isTls) => {
    const { hosts } = importText(`${listen}\n<VirtualHost ${address}>\n${more}\n</VirtualHost>`);
    expect(hosts.map((host) => host.isTls)).toEqual([isTls]);
  });

  test('Listen keeps its protocol, in lower case', () => {
    expect(importText('Listen 18443 HTTPS\nListen 80').listen.map(({ protocol }) => protocol)).toEqual([
      'https',
      undefined,
    ]);
  });

  test('a manager whose path is proxied is told that nobody gets there', () => {
    const section = '<Location /bm>\nSetHandler balancer-manager\n</Location>\n';
    expect(noticeOf(`${section}ProxyPass / http://b/`, 2)).toMatch(
      /nobody gets there: .* line 4; write ProxyPass \/bm ! before/,
    );
    expect(noticeOf(`${section}ProxyPass /bm !\nProxyPass / http://b/`, 2)).not.toMatch(/nobody gets there/);
  });
});

describe('what shares a definition', () => {
  test('mounts of one balancer with the same directives', () => {
    const { mounts } = importText(
      `${c}ProxyPass /x balancer://c\nProxyPass /y balancer://c/y\nProxyPass /z http://b:1/z\nProxyPass /w http://b:1/w`,
    );
    const definitions = mounts.map((mount) => (mount.kind === 'balancer' ? mount.definition : undefined));
    expect(new Set(definitions).size).toBe(2);
    expect(definitions[0]).toBe(definitions[1]);
    expect(definitions[2]).toBe(definitions[3]);
    expect(mounts[2]).toMatchObject({ to: '/z', definition: { name: 'b:1', members: ['http://b:1'] } });
  });

  test('two hosts with a balancer of the main server, each with its own derived ProxyPassReverse', () => {
    const host = (name: string): string =>
      `<VirtualHost *:80>\nServerName ${name}\nProxyPass / balancer://c/\nProxyPassReverse / balancer://c/\n</VirtualHost>\n`;
    expect(definitionsOf(c + host('a') + host('b'))).toEqual([{ name: 'c', members: ['http://a'] }]);
  });

  test('a balancer of a host is nobody else’s', () => {
    const text = `<VirtualHost *:80>\nBalancerMember balancer://c http://a\n</VirtualHost>\nProxyPass / balancer://c/`;
    expect(importText(text).problems).toEqual([expect.stringMatching(/^4:13 there is no balancer c here/)]);
  });

  test('directives of a section are for its paths alone', () => {
    const text = `${c}ProxyPass / balancer://c/\n<Location /app>\nProxyPreserveHost On\n</Location>`;
    expect(mountsOf(text)).toEqual([
      {
        kind: 'balancer',
        at: '/app',
        to: '/app',
        definition: {
          name: 'c',
          members: ['http://a'],
          proxypreservehost: true,
          proxypassreverse: { 'balancer://c/': '/' },
        },
      },
      { kind: 'balancer', at: '/', to: '/', definition: { name: 'c-2', members: ['http://a'] } },
    ]);
    expect(noticeOf(text, 1)).toMatch(/it becomes 2 definitions/);
  });

  test('directives of a section where nothing is proxied are dropped', () => {
    expect(
      noticeOf(`${c}ProxyPass /x balancer://c\n<Location /y>\nProxyPreserveHost On\n</Location>`, 4),
    ).toMatch(/^dropped: .*nothing is proxied there/);
  });

  test('a host whose directives differ has mounts of its own before those that it inherits', () => {
    const text = `${c}ProxyPass /x balancer://c\n<VirtualHost *:80>\nServerName h\nProxyPreserveHost On\n</VirtualHost>\n<VirtualHost *:80>\nServerName g\n</VirtualHost>`;
    expect(mountsOf(text)).toEqual([
      {
        kind: 'balancer',
        host: 'h',
        at: '/x',
        to: '',
        definition: { name: 'c', members: ['http://a'], proxypreservehost: true },
      },
      { kind: 'balancer', at: '/x', to: '', definition: { name: 'c-2', members: ['http://a'] } },
    ]);
  });
});

describe('what is mapped back', () => {
  test.each([
    ['ProxyPassReverse /x balancer://c', undefined],
    ['ProxyPassReverse /x/ http://a/', undefined],
    ['ProxyPassReverse /x/y http://A:80/y', undefined],
    ['ProxyPassReverse /y http://a/', { 'http://a/': '/y' }],
    ['ProxyPassReverse /x http://old.internal', { 'http://old.internal': '/x' }],
    ['ProxyPassReverse /bash balancer://c/bar', { 'balancer://c/bar': '/bash' }],
    ['ProxyPassReverse /x /internal', { '/internal': '/x' }],
    [
      'ProxyPassReverse https://other.example/x http://abs.example/',
      { 'http://abs.example/': 'https://other.example/x' },
    ],
  ])('%s', (line, table) => {
    expect(definitionsOf(`${c}ProxyPass /x balancer://c\n${line}`)).toEqual([
      { name: 'c', members: ['http://a'], ...(table && { proxypassreverse: table }) },
    ]);
  });

  test('with compat all rules are written, in their order, and the first of two wins', () => {
    const text = `${c}ProxyPass /x balancer://c\nProxyPassReverse / http://a/\nProxyPassReverse /x balancer://c\nProxyPassReverse /z http://a/`;
    const [definition] = definitionsOf(text, { compat: 'httpd' });
    expect(definition).toMatchObject({ compat: 'httpd', upgrade: false });
    expect(Object.entries(definition!.proxypassreverse!)).toEqual([
      ['http://a/', '/'],
      ['balancer://c', '/x'],
    ]);
  });

  test('the cookie pair is a table; the path is not written where it is derived', () => {
    const text = `${c}ProxyPass /x balancer://c\nProxyPassReverseCookieDomain a.internal a.example\nProxyPassReverseCookiePath / /x`;
    expect(definitionsOf(text)).toEqual([
      { name: 'c', members: ['http://a'], proxypassreversecookiedomain: { 'a.internal': 'a.example' } },
    ]);
    expect(definitionsOf(`${text}\nProxyPassReverseCookiePath /y /z`)[0]).toMatchObject({
      proxypassreversecookiepath: { '/': '/x', '/y': '/z' },
    });
  });
});

describe('settings', () => {
  test.each([
    ['ProxyPreserveHost On', { proxypreservehost: true }],
    ['proxyaddheaders off', { proxyaddheaders: false }],
    ['ProxyVia full', { proxyvia: 'Full' }],
    ['ProxyTimeout 4000', { proxytimeout: '4000s' }],
    ['Timeout 30', { proxytimeout: 30 }],
    ['Timeout 30\nProxyTimeout 20', { proxytimeout: 20 }],
    ['ProxyErrorOverride On', { proxyerroroverride: true }],
    ['ProxyErrorOverride On 502 503', { proxyerroroverride: [502, 503] }],
    ['ProxyMaxForwards 10', { proxymaxforwards: 10 }],
    ['<Proxy "*">\nProxyVia Block\n</Proxy>', { proxyvia: 'Block' }],
    ['<Proxy balancer://c>\nProxyVia Block\n</Proxy>', { proxyvia: 'Block' }],
    ['<Proxy balancer://cc>\nProxyVia Block\n</Proxy>', {}],
    ['<Location />\nProxyVia Block\n</Location>', { proxyvia: 'Block' }],
  ])('%s', (lines, options) => {
    expect(definitionsOf(`${c}ProxyPass /x balancer://c\n${lines}`)).toEqual([
      { name: 'c', members: ['http://a'], ...options },
    ]);
  });

  test('certificates of members are verified unless SSLProxyVerify says none, and that is told', () => {
    const text = 'BalancerMember balancer://c https://a\nSSLProxyEngine On\nProxyPass /x balancer://c';
    expect(definitionsOf(text)).toEqual([{ name: 'c', members: ['https://a'] }]);
    expect(noticeOf(text, 1)).toMatch(/^different: .*certificates of members are verified/);
    expect(definitionsOf(`${text}\nSSLProxyVerify none`)).toEqual([
      { name: 'c', members: ['https://a'], memberDefaults: { tls: { rejectUnauthorized: false } } },
    ]);
  });

  test('a server by itself takes the parameters of its sections, the last ones winning', () => {
    const text = `<Proxy http://b/>\nProxySet timeout=5 max=3\n</Proxy>\nProxySet http://b/ timeout=6\nProxyPass /x http://b/x max=4`;
    expect(definitionsOf(text)).toEqual([{ name: 'b', members: [{ url: 'http://b', max: 4, timeout: 6 }] }]);
  });

  test('a balancer without members that are spoken to answers 503', () => {
    const text =
      '<Proxy balancer://c>\nBalancerMember ajp://a\n</Proxy>\nProxyPass /x balancer://c\nProxyPass /y fcgi://b/';
    expect(definitionsOf(text)).toEqual([
      { name: 'c', members: [{ url: 'http://no-member.invalid', status: 'S' }] },
      { name: 'b', members: [{ url: 'http://no-member.invalid', status: 'S' }] },
    ]);
    expect(noticeOf(text, 4)).toMatch(/each request gets 503/);
    expect(noticeOf(text, 5)).toMatch(/^dropped: fcgi/);
  });
});
