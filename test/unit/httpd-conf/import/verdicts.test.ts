import { describe, expect, test } from '@jest/globals';
import { otherDirectives } from '../../../../src/httpd-conf/import/other-directives.ts';
import { importText, noticeOf } from './support.ts';
import { tooLong } from '../../../support/too-long.ts';

describe('every line gets a verdict', () => {
  test.each([
    ['LoadModule proxy_module modules/mod_proxy.so', 'taken: '],
    ['LoadModule ssl_module modules/mod_ssl.so', 'taken: its work is done here'],
    ['LoadModule mpm_event_module modules/mod_mpm_event.so', 'taken: its directives decide'],
    ['LoadModule php_module modules/libphp.so', 'taken: its directives decide'],
    ['ProxyTimeout 700h', 'different: proxytimeout 596h; no timer of Node'],
    ['Timeout 700h', 'different: proxytimeout 596h where ProxyTimeout says nothing; no timer of Node'],
    ['ProxyTimeout 60', 'taken: proxytimeout 60'],
    ['ProxyMaxForwards -1', 'taken: proxymaxforwards -1'],
    ['ProxyMaxForwards 0', 'different: proxymaxforwards 0; Max-Forwards is added'],
    ['Listen 18443 https', 'different: it is for https'],
    ['Listen 18443 http', 'taken: serve listens on 18443'],
    ['Listen 443', 'different: it is for https'],
    ['Listen 443 http', 'taken: serve listens on 443'],
    [
      'Header add Set-Cookie "ROUTEID=.%{BALANCER_WORKER_ROUTE}e; path=/" env=BALANCER_ROUTE_CHANGED',
      "different: routeCookie: { name: 'ROUTEID', prefix: '.', path: '/' }; the cookie is also HttpOnly",
    ],
    [
      'Header add Set-Cookie "R=%{BALANCER_WORKER_ROUTE}e; path=/; HttpOnly; Secure; SameSite=Lax" env=BALANCER_ROUTE_CHANGED',
      "taken: routeCookie: { name: 'R', ",
    ],
    ['KeepAlive On', "taken: Node's HTTP server keeps connections"],
    ['KeepAlive Off', "dropped: Node's HTTP server keeps connections"],
    ['UseCanonicalName Off', 'taken: hosts are told apart'],
    ['UseCanonicalName On', 'dropped: hosts are told apart'],
    ['AllowEncodedSlashes NoDecode', 'taken: a path is sent on as'],
    ['SSLEngine off', 'taken: clients are spoken to in HTTP'],
    ['constructor off', 'dropped: it is not known here'],
    ['User www-data', 'taken: the process is started by the operator'],
    ['ErrorDocument 503 /sorry.html', "dropped: error pages are the app's"],
    ['SSLCertificateFile /etc/ssl/a.pem', 'dropped: TLS towards clients'],
    ['ProxyRequests On', 'dropped: this is no forward proxy'],
    ['ProxyRequests Off', 'taken: '],
    ['BalancerPersist On', 'dropped: changes are kept by the app'],
    ['BalancerGrowth 5', 'dropped: the list of members has no fixed length'],
    ['ProxySourceAddress 10.0.0.1', 'dropped: '],
    ['ProxyBadHeader Ignore', 'dropped: '],
    ['ProxyBadHeader IsError', 'taken: '],
    ['SetHandler server-status', 'dropped: its figures are in registerMetrics'],
    ['Frobnicate 1', 'dropped: it is not known here'],
    ['<Directory />', 'dropped: it is for files'],
  ])('%s', (line, verdict) => {
    const text = line.startsWith('<Directory') ? `${line}\nOptions None\n</Directory>` : line;
    expect(noticeOf(text, 1).startsWith(verdict)).toBe(true);
  });

  test('what stands in a section that does nothing is told one by one', () => {
    const text = '<Directory />\n<Files x>\nProxyPass http://a\n</Files>\n</Directory>';
    expect(importText(text).notices.map(({ kind, line }) => [kind, line])).toEqual([
      ['dropped', 1],
      ['dropped', 2],
      ['dropped', 3],
    ]);
  });

  test.each([
    ['ProxyPas / http://a', "1:1 there is no directive 'ProxyPas'; write ProxyPass"],
    ['BalanceMember http://a', 'write BalancerMember'],
    ['<Loction /x>\n</Loction>', 'write <Location>'],
    ['ProxyPass', '1:1 ProxyPass needs a path and a target'],
    ['ProxyPass /x', '1:11 ProxyPass needs a path and a target'],
    ['ProxyPass /x http://h:70000/', '1:14 it is no URL'],
    ['ProxyPass /x http://u:p@h/', '1:14 a URL with a user name or password'],
    ['BalancerMember http://a', '1:1 it does not say whose member this is'],
    ['ProxySet timeout=1', '1:1 it does not say whose parameters'],
    ['ProxyPass /x balancer://nobody/', '1:14 there is no balancer nobody here'],
    [
      '<Location /x>\nProxyPass /x http://a\n</Location>',
      '2:11 in <Location> the path is that of the section',
    ],
    ['<Location /x>\n<Location /y>\n</Location>\n</Location>', '<Location> cannot stand in another section'],
    ['<VirtualHost *:99999>\n</VirtualHost>', '1:14 there is no such port'],
    ['<VirtualHost>\n</VirtualHost>', '1:1 it has no address'],
    ['Listen no', '1:8 it is no port'],
    ['ProxyVia Onn', '1:10 it is Off, On, Full or Block; write On'],
    ['ProxyErrorOverride On 302', 'statuses that are overridden'],
    ['ProxyTimeout 0', 'it is no time at all'],
  ])('%s is wrong', (text, problem) => {
    const { problems } = importText(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });

  test.each([
    ['<Proxy foo>\n</Proxy>', 1, "dropped: nothing is proxied to 'foo'"],
    ['<Proxy /x>\nRequire all denied\n</Proxy>', 2, /^dropped: nothing is proxied to '\/x'/],
    ['<Proxy foo://h timeout=5>\nProxySet retry=5\n</Proxy>', 2, /^dropped: .*nothing is proxied to 'foo:/],
    ['<Proxy http:///x>\n</Proxy>', 1, "dropped: nothing is proxied to 'http:///x'"],
    ['<Proxy "balancer://a b">\nBalancerMember http://a\n</Proxy>', 1, /^dropped: nothing is proxied to/],
    ['<Proxy>\n</Proxy>', 1, 'taken: whatever is proxied'],
    ['<Proxy "">\n</Proxy>', 1, 'taken: whatever is proxied'],
    ['<Proxy http:>\n</Proxy>', 1, "taken: what is proxied to URLs that begin with 'http:'"],
    ['<Proxy http://h:99999 retry=5>\n</Proxy>', 1, /^different: .*; its parameters are left out: /],
    ['<Proxy http://h/*>\n</Proxy>', 1, "taken: what is proxied to 'http://h/*'"],
    ['<Proxy http://h*>\nProxySet timeout=5\n</Proxy>', 2, /^dropped: /],
    ['<Proxy http://h/x>\nBalancerMember http://a\n</Proxy>', 2, /^dropped: 'http:\/\/h\/x' is no balancer/],
  ])('httpd starts with %s: line %d', (text, line, verdict) => {
    expect(importText(text).problems).toEqual([]);
    expect(noticeOf(text, line)).toEqual(
      typeof verdict === 'string' ? verdict : expect.stringMatching(verdict),
    );
  });

  test.each([
    ['<Proxy foo timeout=5>\n</Proxy>', '1:12 parameters are for one URL'],
    ['<Proxy * timeout=5>\n</Proxy>', '1:10 parameters are for one URL'],
    ['<Proxy http://h/* timeout=5>\n</Proxy>', '1:19 parameters are for one URL'],
    ['<Proxy http:///x timeout=5>\n</Proxy>', '1:18 parameters are for one URL'],
    ['<Proxy foo>\nProxySet timeout=5\n</Proxy>', '2:10 its scheme is missing'],
    ['<Proxy foo>\nBalancerMember http://a\n</Proxy>', '2:1 it does not say whose member this is'],
    ['<Proxy *>\nBalancerMember http://a\n</Proxy>', '2:1 it does not say whose member this is'],
  ])('httpd does not start with %s', (text, problem) => {
    expect(importText(text).problems).toEqual([expect.stringContaining(problem)]);
  });

  test('a <Proxy> with the beginning of a URL keeps out whom it keeps out in httpd', () => {
    const [section] = importText('<Proxy ht>\nRequire all denied\n</Proxy>').access;
    expect(section).toMatchObject({ url: 'ht' });
    expect(importText('<Proxy>\nRequire all denied\n</Proxy>').access).toHaveLength(1);
    expect(importText('<Proxy foo>\nRequire all denied\n</Proxy>').access).toEqual([]);
  });

  test('Timeout says who decides towards clients', () => {
    expect(noticeOf('Timeout 30', 1)).toMatch(
      /^different: .*the server of the app decides.*; serve ends a client that is silent for a minute$/,
    );
  });

  test('a misspelt balancer is answered with the right name', () => {
    const { problems } = importText(
      'BalancerMember balancer://mycluster http://a\nProxyPass / balancer://myclutser/',
    );
    expect(problems).toEqual([expect.stringMatching(/write balancer:\/\/mycluster$/)]);
  });

  test('what a definition would refuse is a problem where it was written', () => {
    const text =
      'BalancerMember balancer://c http://a\nProxyPass /x balancer://c\nProxyPassReverseCookiePath / nopath';
    expect(importText(text).problems).toEqual([expect.stringMatching(/^3:28 proxypassreversecookiepath/)]);
  });

  test('reasons are sentences without a mark at their end', () => {
    expect(otherDirectives.size).toBeGreaterThan(150);
    for (const { why } of otherDirectives.values()) expect(why).toMatch(/^[^+].*[^.;,\s]$/);
  });
});

describe('hostile text', () => {
  const lines = [
    '<VirtualHost *:80>',
    '</VirtualHost>',
    '<Location /a>',
    '</Location>',
    '<Proxy balancer://c>',
    '</Proxy>',
    '<Proxy *>',
    'BalancerMember http://a route=r',
    'BalancerMember balancer://c http://b status=+H',
    'ProxySet lbmethod=byrequests',
    'ProxyPass /x balancer://c',
    'ProxyPass balancer://c/y',
    'ProxyPass ! !',
    'ProxyPassMatch ^/(.*)$ http://h/$1',
    'ProxyPassReverse / http://a/',
    'ProxyPassReverse balancer://c',
    'ProxyPassReverseCookiePath / /__proto__',
    'ProxyPassReverseCookieDomain __proto__ constructor',
    'ServerName __proto__',
    'SetHandler balancer-manager',
    'Require all denied',
    'ProxyHCTemplate __proto__ hcmethod=GET',
    'BalancerMember http://q hctemplate=constructor',
    'RewriteEngine On',
    'RewriteRule ^/(.*)$ balancer://c/$1 [P]',
    'ProxyVia On',
    'toString x',
    '__proto__ y',
    'ProxyPass /%00 http://[::1]:1/%2f',
    'ProxyPass "" ""',
    'BalancerMember ""',
    '<Location "">',
    'Header add Set-Cookie x',
  ];

  test('whatever is put together ends in verdicts or problems, never in an exception', () => {
    let seed = 7;
    const draw = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((seed / 2_147_483_648) * below);
    };
    let right = 0;
    for (let i = 0; i < 1500; i += 1) {
      const text = Array.from({ length: 1 + draw(14) }, () => lines[draw(lines.length)]!).join('\n');
      const { problems, notices } = importText(text);
      if (problems.length > 0) continue;
      right += 1;
      const written = text.split('\n').filter((line) => !line.startsWith('</')).length;
      expect([text, notices.length]).toEqual([text, written]);
    }
    expect(right).toBeGreaterThan(20);
  });

  test('many members are compared with each other no longer than they may be', () => {
    const lines = Array.from({ length: 60_000 }, (_, i) => `BalancerMember http://h${100_000 + i}`);
    const began = performance.now();
    const { problems } = importText(['<Proxy balancer://c>', ...lines, '</Proxy>'].join('\n'));
    expect(problems).toEqual([expect.stringMatching(/^5002:16 there are 60000 members/)]);
    // Each with each it was minutes.
    expect(performance.now() - began).toBeLessThan(tooLong);
  });

  test('too much is a problem, at once', () => {
    const text = Array.from({ length: 20_000 }, (_, i) => `ProxyPass /p${i} http://h${i}/`).join('\n');
    expect(importText(text).problems).toEqual([
      expect.stringMatching(/^2001:18 there are 20000 mappings, and this is the first beyond 2000/),
    ]);
  });
});
