import { describe, expect, test } from '@jest/globals';
import { definitionsOf, importText, memberWith, noticeOf } from './support.ts';

const withMember = (parameters: string): string =>
  `<Proxy balancer://c>\nBalancerMember http://a ${parameters}\n</Proxy>\nProxyPass /x balancer://c`;
const withBalancer = (parameters: string): string =>
  `<Proxy balancer://c>\nBalancerMember http://a route=a\nProxySet ${parameters}\n</Proxy>\nProxyPass /x balancer://c`;

describe('parameters of members', () => {
  test.each([
    ['route=a', { route: 'a' }],
    ['ROUTE=A', { route: 'A' }],
    ['loadfactor=2.5', { loadfactor: 2.5 }],
    ['lbset=99', { lbset: 99 }],
    ['status=+h', { status: '+H' }],
    ['status=DI', { status: 'DI' }],
    ['retry=0', { retry: 0 }],
    ['retry=3600', { retry: 3600 }],
    ['retry=7200', { retry: '7200s' }],
    ['retry=99999999', { retry: '596h' }],
    ['timeout=5', { timeout: 5 }],
    ['timeout=500ms', { timeout: '500ms' }],
    ['ttl=90s', { ttl: 90 }],
    ['connectiontimeout=2', { connectiontimeout: 2 }],
    ['connectiontimeout=200ms', { connectiontimeout: '200ms' }],
    ['connectiontimeout=1min', { connectiontimeout: '1m' }],
    ['max=10 acquire=500', { max: 10, acquire: 500 }],
    ['acquire=2s max=10', { max: 10, acquire: '2s' }],
    ['keepalive=ON', { keepalive: true }],
    ['disablereuse=on', { disablereuse: true }],
    ['enablereuse=off', { disablereuse: true }],
    ['responsefieldsize=32768', { responsefieldsize: 32_768 }],
    ['route=a route=b', { route: 'b' }],
    [
      'hcmethod=get11 hcuri=/h hcinterval=500ms hcpasses=2 hcfails=3',
      { hcmethod: 'GET11', hcuri: '/h', hcinterval: '500ms', hcpasses: 2, hcfails: 3 },
    ],
    ['hcmethod=GET hcuri=/', { hcmethod: 'GET', hcuri: '/' }],
    ['hcmethod=GET hcuri=//h', { hcmethod: 'GET', hcuri: '/h' }],
    ['hcmethod=GET hcuri=h hcfails=0', { hcmethod: 'GET', hcuri: '/h', hcfails: 1 }],
    ['route="a"', { route: 'a' }],
  ])('%s', (parameters, options) => {
    expect(memberWith(parameters)).toEqual({ url: 'http://a', ...options });
  });

  test('units that httpd takes for seconds are told, and mean what they say', () => {
    expect(noticeOf(withMember('retry=500ms'), 2)).toMatch(
      /^different: .*httpd reads 500 seconds, here it is the 500 ms/,
    );
  });

  test.each([
    ['retry=700h', /httpd reads 700 seconds, here it is the 700 h that is written; no timer/],
    ['retry=9999999s', /retry: no timer of Node is longer than 596 hours/],
    ['timeout=9999999', /timeout: no timer/],
    ['ttl=9999999', /ttl: no timer/],
    ['connectiontimeout=700h', /connectiontimeout: no timer/],
    ['acquire=700h max=1', /acquire: no timer/],
    ['acquire=99999999999 max=1', /acquire: no timer/],
    ['hcmethod=GET hcinterval=700h', /hcinterval: no timer/],
  ])('a time that is too long for a timer is told: %s', (parameters, why) => {
    expect(noticeOf(withMember(parameters), 2)).toMatch(/^different: /);
    expect(noticeOf(withMember(parameters), 2)).toMatch(why);
  });

  test.each([
    ['acquire=5s max=1', '5s'],
    ['acquire=50 max=1', 50],
    ['acquire=50ms max=1', '50ms'],
  ])('a wait for a place has its own unit: %s', (parameters, acquire) => {
    expect(memberWith(parameters)).toMatchObject({ acquire });
  });

  test.each([
    ['ping=5', /ping is left out: a request is sent at once/],
    ['min=1', /min is left out: connections are opened/],
    ['flushwait=10', /flushwait is left out: every piece/],
    ['secret=x', /secret is left out: it is for AJP/],
    ['acquire=5', /acquire is left out: nobody waits/],
    ['redirect=x', /redirect is left out: it is for sessions with the route/],
    ['route=a redirect=x', /redirect is left out: no other member/],
    ['hcuri=/x', /hcuri is left out: without hcmethod/],
    ['hcmethod=TCP hcuri=/x', /hcuri is left out: TCP connects/],
    ['hcmethod=OPTIONS hcuri=/x', /hcuri is left out: OPTIONS asks/],
  ])('%s does nothing, and that is told', (parameters, why) => {
    expect(noticeOf(withMember(parameters), 2)).toMatch(/^different: member http:\/\/a of c/);
    expect(noticeOf(withMember(parameters), 2)).toMatch(why);
  });

  test('a line says what it has become first, and then what is left out of it', () => {
    expect(noticeOf(withMember('ping=5 route=a'), 2)).toMatch(
      /^different: member http:\/\/a of c, route a; ping is left out: /,
    );
  });

  test('a ProxySet of nothing else is dropped', () => {
    const text =
      'ProxyPass /x http://a\n<Proxy http://a>\nProxySet ping=5\nProxySet ping=5 timeout=3\n</Proxy>';
    expect(noticeOf(text, 3)).toMatch(/^dropped: ping is left out/);
    expect(noticeOf(text, 4)).toMatch(/^different: .*timeout 3; ping is left out/);
  });

  test('ProxyTimeout may be less than a second', () => {
    expect(definitionsOf('ProxyTimeout 500ms\nProxyPass /x http://a')).toEqual([
      { name: 'a', members: ['http://a'], proxytimeout: '500ms' },
    ]);
  });

  test('a server by itself is always tried, which is what retry=0 says', () => {
    expect(noticeOf('ProxyPass /x http://a retry=0', 1)).toMatch(/^taken: /);
    expect(noticeOf('ProxyPass /x http://a retry=5', 1)).toMatch(/^different: .*retry is left out/);
    expect(definitionsOf('ProxyPass /x http://a retry=0')).toEqual([{ name: 'a', members: ['http://a'] }]);
  });

  test.each([
    ['loadfactor=0.5', '2:25 a load factor is a number from 1 to 100'],
    ['loadfactor=101', '2:25 a load factor'],
    ['lbset=100', '2:25 it is no whole number'],
    [`route=${'x'.repeat(64)}`, '2:25 a route has 1 to 63 bytes'],
    ['timeout=0', '2:25 it is less than 1 s'],
    ['retry=abc', '2:25 it is no time in seconds'],
    ['ping=0', '2:25 it is no time at all'],
    ['hcmethod=CPING', '2:25 CPING is for AJP'],
    ['hcinterval=50ms', '2:25 httpd allows no less'],
    ['hcexpr=none', '2:25 no ProxyHCExpr before it'],
    ['status=Z', '2:25 Z is no status letter'],
    ['iobuffersize=100', '2:25 it is less than 512'],
    ['keepalive=maybe', '2:25 it is On or Off'],
    ['loadfaktor=2', "2:25 there is no worker parameter 'loadfaktor'; write loadfactor"],
    ['nofailover=On', '2:25 nofailover is a parameter of a balancer'],
    ['nonsense', '2:25 it is no parameter'],
    ['__proto__=x', "2:25 there is no worker parameter '__proto__'"],
  ])('%s is wrong', (parameters, problem) => {
    const { problems } = importText(withMember(parameters));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });

  test('a template is copied as it is, and what follows it wins', () => {
    const template = 'ProxyHCTemplate t hcmethod=GET hcuri=/t hcfails=3';
    expect(memberWith('hctemplate=t hcuri=/mine', template)).toEqual({
      url: 'http://a',
      hcmethod: 'GET',
      hcuri: '/mine',
      hcfails: 3,
    });
    expect(memberWith('hcuri=/mine hctemplate=t', template)).toMatchObject({ hcuri: '/t' });
  });

  test('a template without a method connects', () => {
    expect(memberWith('hctemplate=t', 'ProxyHCTemplate t hcinterval=5')).toEqual({
      url: 'http://a',
      hcmethod: 'TCP',
      hcinterval: 5,
    });
  });

  test('members of one route: the first keeps it, and with compat both do', () => {
    const text = `<Proxy balancer://c>\nBalancerMember http://a route=r\nBalancerMember http://b route=r\nProxySet stickysession=S\n</Proxy>\nProxyPass /x balancer://c`;
    expect(definitionsOf(text)[0]!.members).toEqual([{ url: 'http://a', route: 'r' }, 'http://b']);
    expect(noticeOf(text, 3)).toMatch(/^different: .*http:\/\/a has route r too/);
    expect(definitionsOf(text, { compat: 'httpd' })[0]!.members).toEqual([
      { url: 'http://a', route: 'r' },
      { url: 'http://b', route: 'r' },
    ]);
  });

  test('a server is a member once; one whose URL begins like another is a member of its own', () => {
    const text = `<Proxy balancer://c>\nBalancerMember http://a:80\nBalancerMember http://A/\nBalancerMember http://a:80/x\n</Proxy>\nProxyPass /x balancer://c`;
    expect(definitionsOf(text)[0]!.members).toEqual(['http://a:80', 'http://a:80/x']);
    expect(noticeOf(text, 3)).toMatch(/^dropped: .*the same server is a member already/);
    expect(noticeOf(text, 4)).toMatch(/^different: .*httpd would share http:\/\/a:80 /);
  });

  test('ws: is http: with upgrades; a scheme that is not spoken is left out', () => {
    const text = `<Proxy balancer://c>\nBalancerMember wss://a\nBalancerMember ajp://b:8009\nBalancerMember unix:/run/a.sock|http://localhost/x\n</Proxy>\nProxyPass /x balancer://c`;
    expect(definitionsOf(text)[0]).toEqual({
      name: 'c',
      members: ['https://a', 'unix:/run/a.sock|http://localhost/x'],
      upgrade: 'websocket',
    });
    expect(noticeOf(text, 3)).toMatch(/^dropped: ajp:\/\/ is not spoken here/);
  });
});

describe('parameters of balancers', () => {
  test.each([
    ['lbmethod=bybusyness', { lbmethod: 'bybusyness' }],
    ['stickysession=S', { stickysession: 'S' }],
    ['stickysession=S|s scolonpathdelim=On', { stickysession: 'S|s', scolonpathdelim: true }],
    ['stickysession=S stickysessionsep=!', { stickysession: 'S', stickysessionsep: '!' }],
    [
      'stickysession=S stickysessionsep=off nofailover=on',
      { stickysession: 'S', stickysessionsep: 'Off', nofailover: true },
    ],
    ['maxattempts=0 timeout=3', { maxattempts: 0, timeout: 3 }],
    ['failonstatus=500,503 failontimeout=On', { failonstatus: [500, 503], failontimeout: true }],
    ['forcerecovery=Off', { forcerecovery: false }],
    ['maxattempts=1 maxattempts=2', { maxattempts: 2 }],
  ])('%s', (parameters, options) => {
    expect(definitionsOf(withBalancer(parameters))).toEqual([
      { name: 'c', members: [{ url: 'http://a', route: 'a' }], ...options },
    ]);
  });

  test.each([
    ['growth=5', /growth is left out: the list of members/],
    ['nonce=None', /nonce is left out: the manager protects/],
    ['lbmethod=heartbeat', /heartbeats are superseded/],
    ['nofailover=On', /nofailover is left out: without stickysession/],
    ['stickysession=-', /stickysession is left out: - stands for none/],
  ])('%s does nothing, and that is told', (parameters, why) => {
    expect(noticeOf(withBalancer(parameters), 3)).toMatch(/^dropped: /);
    expect(noticeOf(withBalancer(parameters), 3)).toMatch(why);
  });

  test.each([
    ['lbmethod=bytrafic', 'write bytraffic'],
    ['stickysessionsep=ab', 'a separator is one character'],
    ['timeout=0', 'it is less than 1 s'],
    ['failonstatus=9', 'a list of statuses'],
    ['growth=0', 'a whole number from 1 to 100'],
    ['retry=5', 'retry is a parameter of members'],
    ['stikysession=x', 'write stickysession'],
    ['routeregex=(', 'not closed'],
    ['stickysession=a|b|c', 'it has more than two names'],
  ])('%s is wrong', (parameters, problem) => {
    const { problems } = importText(withBalancer(parameters));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });

  test('ProxyPass to a balancer sets its timeout, to a server the timeout of that', () => {
    const text = `BalancerMember balancer://c http://a\nProxyPass /x balancer://c timeout=3\nProxyPass /y http://b/t timeout=4`;
    expect(definitionsOf(text)).toEqual([
      { name: 'c', members: ['http://a'], timeout: 3 },
      { name: 'b', members: [{ url: 'http://b', timeout: 4 }] },
    ]);
  });

  test('sessions that no member has a route for are not bound', () => {
    const text = `<Proxy balancer://c>\nBalancerMember http://a\nProxySet stickysession=S nofailover=On\n</Proxy>\nProxyPass /x balancer://c`;
    expect(definitionsOf(text)).toEqual([{ name: 'c', members: ['http://a'] }]);
    expect(noticeOf(text, 3)).toMatch(/^dropped: .*no member has a route/);
  });
});
