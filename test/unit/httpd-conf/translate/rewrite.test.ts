import { describe, expect, test } from '@jest/globals';
import type { Condition } from '../../../../src/httpd-conf/httpd-conf.ts';
import { createLedger } from '../../../../src/httpd-conf/ledger.ts';
import { compileConditions } from '../../../../src/httpd-conf/mount/conditions.ts';
import { compileSubstitute } from '../../../../src/httpd-conf/mount/substitute.ts';
import { readRewrites, type RewriteMount } from '../../../../src/httpd-conf/translate/rewrite.ts';
import { itemsOf } from '../../../support/conf.ts';
import { tooLong } from '../../../support/too-long.ts';

type Read = Readonly<{
  mounts: readonly RewriteMount[];
  notices: readonly string[];
  problems: readonly string[];
}>;

function read(text: string, main?: string, isBare = false): Read {
  const ledger = createLedger();
  const items = itemsOf(isBare ? text : `RewriteEngine On\n${text}`);
  const mounts = readRewrites(items, ledger, main === undefined ? {} : { main: itemsOf(main) });
  return {
    mounts,
    notices: ledger
      .notices()
      .toSorted((a, b) => a.line - b.line)
      .map(({ line, kind, why }) => `${line} ${kind}: ${why}`),
    problems: ledger.problems().map(({ problem }) => problem),
  };
}

type Request = Readonly<{ path: string } & Record<string, string>>;

/** What becomes of a request: cookies, and then where it goes. */
function follow({ mounts }: Read, { path, ...variables }: Request): readonly string[] {
  const done: string[] = [];
  for (const mount of mounts) {
    const found = mount.at.exec(path);
    if ((found === null) !== (mount.negated ?? false)) continue;
    const { holds, groups } = compileConditions(mount.conditions ?? [])({
      readVariable: (name) => (name === 'REQUEST_URI' ? path : (variables[name] ?? '')),
      ruleGroups: found ?? [],
    });
    if (!holds) continue;
    switch (mount.kind) {
      case 'cookie':
        done.push(mount.cookie);
        break;
      case 'route-cookie':
        break;
      case 'status':
        return [...done, String(mount.status)];
      case 'next':
        return [...done, 'next'];
      case 'proxy': {
        const made = compileSubstitute(mount.to)(found ?? [], groups);
        return [...done, `${mount.origin}${made.path}${made.query ?? ''}`];
      }
    }
  }
  return done;
}

const go = (text: string, path: string, more: Readonly<Record<string, string>> = {}): string =>
  follow(read(text), { path, ...more }).join(' ');

describe('rules with P become mounts', () => {
  test.each([
    ['RewriteRule ^/app/(.*)$ balancer://c/$1 [P]', '/app/x', 'balancer://c/x'],
    ['RewriteRule ^/app/(.*)$ balancer://c/$1 [P]', '/other', ''],
    ['RewriteRule ^/app/(.*)$ balancer://c/sub/$1 [proxy,last]', '/app/x', 'balancer://c/sub/x'],
    ['RewriteRule ^/APP/(.*)$ balancer://c/$1 [NC,P]', '/app/x', 'balancer://c/x'],
    ['RewriteRule ^(/.*)$ balancer://c$1 [P]', '/x', 'balancer://c/x'],
    ['RewriteRule ^(.*)$ balancer://c$1 [P]', '/x', 'balancer://c/x'],
    ['RewriteRule ^/.* balancer://c$0 [P]', '/x', 'balancer://c/x'],
    ['RewriteRule ^/x(/.*)?$ http://h:8080$1 [P]', '/x', 'http://h:8080/'],
    ['RewriteRule !^/no balancer://c/all [P]', '/x', 'balancer://c/all'],
    ['RewriteRule !^/no balancer://c/all [P]', '/no', ''],
    ['RewriteRule ^ balancer://c%{REQUEST_URI} [P]', '/x', 'balancer://c/x'],
    ['RewriteRule ^/(.*) balancer://c/%{HTTP_HOST}/$1 [P]', '/x', 'balancer://c/h.example/x'],
    [
      'RewriteCond %{HTTP_HOST} ^(\\w+)\\.\nRewriteRule ^/(.*) balancer://c/%1/%{REQUEST_METHOD}/$1 [P]',
      '/x',
      'balancer://c/h/GET/x',
    ],
    ['RewriteRule ^/(.*) wss://h/$1 [P]', '/x', 'wss://h/x'],
    ['RewriteRule ^/(.*) balancer://c/$1?a=$1 [P]', '/x', 'balancer://c/x?a=x'],
  ])('%s: %s goes to %s', (text, path, expected) => {
    expect(go(text, path, { HTTP_HOST: 'h.example', REQUEST_METHOD: 'GET' })).toBe(expected);
  });

  test.each([
    ['balancer://c/x [P]', 'keep', '/x'],
    ['balancer://c/x?a=1 [P]', 'keep', '/x?a=1'],
    ['balancer://c/x?a=1 [P,QSA]', 'append', '/x?a=1'],
    ['balancer://c/x? [P]', 'drop', '/x'],
    ['balancer://c/x [P,QSD]', 'drop', '/x'],
    ['balancer://c/x?a=1 [P,QSD]', 'drop', '/x?a=1'],
    ['balancer://c/x? [P,QSA]', 'append', '/x'],
  ])('%s: the query is to %s', (rest, query, to) => {
    const [mount] = read(`RewriteRule ^/y ${rest}`).mounts;
    expect(mount).toMatchObject({ kind: 'proxy', query, to, origin: 'balancer://c' });
  });

  test('upgrades of the classic recipe go the way of the rest', () => {
    const text = [
      'RewriteCond %{HTTP:Upgrade} =websocket [NC]',
      'RewriteRule /(.*) ws://backend/$1 [P,L]',
      'RewriteCond %{HTTP:Upgrade} !=websocket [NC]',
      'RewriteRule /(.*) http://backend/$1 [P,L]',
    ].join('\n');
    expect(go(text, '/chat', { 'HTTP:Upgrade': 'WebSocket' })).toBe('ws://backend/chat');
    expect(go(text, '/chat')).toBe('http://backend/chat');
    expect(read(text).notices.every((notice) => / taken: /.test(notice))).toBe(true);
  });

  test.each([
    ['/y', 'it leads to this very server'],
    ['fcgi://h/$1', 'fcgi: is not spoken here'],
    ['%{HTTP_HOST}/x', 'the scheme or the host would be chosen by the client'],
    ['http://%{HTTP_HOST}/$1', 'there is no host in it'],
    ['http://$1/', 'there is no host in it'],
    ['http://app$1/', 'the host could be changed by the client'],
    ['http://app%1/', 'the host could be changed by the client'],
    ['balancer://c$1', 'the host could be changed by the client'],
    ['http://u:p@h/', 'there is no host in it'],
    ['http:///x', 'there is no host in it'],
    ['balancer://c/../x', 'there are dot segments in it'],
    ['balancer://c/%{ENV:x}', '%{ENV:x} is not known here'],
    ['balancer://c/%{TIME_HOUR}', '%{TIME_HOUR} is not known here'],
    ['balancer://c/${lower:$1}', 'RewriteMap is not known here'],
  ])('but not to %s', (target, why) => {
    const { mounts, notices } = read(`RewriteRule ^/a(.*)$ ${target} [P]`);
    expect(mounts).toEqual([]);
    expect(notices[1]).toContain(`2 dropped: ${why}`);
  });
});

describe('conditions', () => {
  test.each([
    ['%{HTTP_HOST} ^www [NC]', { HTTP_HOST: 'WWW.a' }, { HTTP_HOST: 'a' }],
    ['%{HTTP_HOST} !^www', { HTTP_HOST: 'a' }, { HTTP_HOST: 'www' }],
    ['%{HTTPS} =on', { HTTPS: 'on' }, { HTTPS: 'off' }],
    ['%{HTTPS} !=on', { HTTPS: 'off' }, { HTTPS: 'on' }],
    ['%{QUERY_STRING} =""', { QUERY_STRING: '' }, { QUERY_STRING: 'a' }],
    ['%{QUERY_STRING} !^$', { QUERY_STRING: 'a' }, { QUERY_STRING: '' }],
    ['%{SERVER_PORT} -eq443', { SERVER_PORT: '443' }, { SERVER_PORT: '80' }],
    ['%{SERVER_PORT} "-ne 443"', { SERVER_PORT: '80' }, { SERVER_PORT: '443' }],
    ['%{SERVER_PORT} "!-ne 443"', { SERVER_PORT: '443' }, { SERVER_PORT: '80' }],
    ['%{SERVER_PORT} "-lt 1024"', { SERVER_PORT: '80' }, { SERVER_PORT: '8080' }],
    ['%{REMOTE_ADDR} >=9', { REMOTE_ADDR: '10' }, { REMOTE_ADDR: '8' }],
    ['$1 ^x [NV]', { path: '/x' }, { path: '/y' }],
    ['%{REQUEST_METHOD}\\%1 ^GET%1$', { REQUEST_METHOD: 'GET' }, { REQUEST_METHOD: 'PUT' }],
  ])('%s', (condition, yes, no) => {
    const rule = read(`RewriteCond ${condition}\nRewriteRule ^/(.*) balancer://c/ [P]`);
    expect(rule.problems).toEqual([]);
    expect(follow(rule, { path: '/a', ...yes })).toEqual(['balancer://c/']);
    expect(follow(rule, { path: '/a', ...no })).toEqual([]);
  });

  test.each([
    ['%{REQUEST_FILENAME} -f', '-f asks for files'],
    ['%{REQUEST_URI} !-U', '-U asks for files'],
    ['%{REQUEST_FILENAME} !-f\nRewriteCond %{ENV:x} 1', '%{ENV:x} is not known here'],
    ['%{DOCUMENT_ROOT}%{REQUEST_URI} -d', '%{DOCUMENT_ROOT} is not known here'],
    ['%{HTTP_X_FORWARDED_PROTO} https', 'write %{HTTP:X-Forwarded-Proto}'],
    ['%{ENV:x} 1', '%{ENV:x} is not known here'],
    ['%{TIME_HOUR} >22', '%{TIME_HOUR} is not known here'],
    ['%{LA-U:REMOTE_USER} a', 'is not known here'],
    ['expr "true"', 'expressions are not known here'],
    ['${m:$1} x', 'RewriteMap is not known here'],
    ['%{REQUEST_URI} -U', '-U asks for files'],
  ])('that cannot be understood leave their rule out: %s', (condition, why) => {
    const { mounts, notices } = read(`RewriteCond ${condition}\nRewriteRule ^/(.*) balancer://c/ [P]`);
    expect(mounts).toEqual([]);
    const [engine, ...others] = notices;
    expect(engine).toMatch(/^1 taken: /);
    expect(others.map((notice) => / dropped: /.test(notice))).toEqual(others.map(() => true));
    expect(others.at(-2)).toContain(why);
    expect(others.at(-1)).toContain(why);
  });

  test.each([
    ['%{REQUEST_FILENAME} !-f'],
    ['%{DOCUMENT_ROOT}%{REQUEST_URI} !-d'],
    ['%{DOCUMENT_ROOT}/system/maintenance.html !-s', '%{REQUEST_FILENAME} !-l'],
    ['%{REQUEST_FILENAME} !-f [OR]', '%{ENV:x} 1'],
    ['%{REQUEST_FILENAME} -f [OR]', '%{HTTPS} =on [OR]', '%{REQUEST_FILENAME} !-d'],
    ['%{REQUEST_FILENAME} !-f [OR]'],
  ])('that ask for missing files always hold: %s %s %s', (...tests) => {
    const lines = tests.map((test) => `RewriteCond ${test}`);
    const { mounts, notices } = read([...lines, 'RewriteRule ^/(.*) balancer://c/$1 [P]'].join('\n'));
    expect(mounts).toHaveLength(1);
    expect(mounts[0]).toMatchObject({ kind: 'proxy', origin: 'balancer://c' });
    expect(mounts[0]).not.toHaveProperty('conditions');
    const [, ...others] = notices;
    expect(others.at(-1)).toMatch(
      / different: .*; no files are looked for here: express\.static goes in front$/,
    );
    expect(others.slice(0, -1).every((notice) => /^\d different: left out: /.test(notice))).toBe(true);
  });

  test('beside one for missing files the others are asked', () => {
    const text = [
      'RewriteCond %{REQUEST_FILENAME} !-f',
      'RewriteCond %{HTTPS} =on [OR]',
      'RewriteCond %{HTTP_HOST} ^www',
      'RewriteCond %{REQUEST_FILENAME} !-d',
      'RewriteRule ^/(.*) balancer://c/$1 [P]',
    ].join('\n');
    expect(go(text, '/x', { HTTPS: 'on' })).toBe('balancer://c/x');
    expect(go(text, '/x', { HTTP_HOST: 'www.a' })).toBe('balancer://c/x');
    expect(go(text, '/x')).toBe('');
    expect(read(text).notices[2]).toMatch(/^3 taken: /);
  });

  test('one that gives groups is asked before one for missing files', () => {
    const text =
      'RewriteCond %{HTTP_HOST} ^(\\w+)\\. [OR]\nRewriteCond %{REQUEST_FILENAME} !-f\nRewriteRule ^ balancer://c/-%1 [P]';
    expect(go(text, '/x', { HTTP_HOST: 'a.b' })).toBe('balancer://c/-a');
    expect(go(text, '/x', { HTTP_HOST: 'b' })).toBe('balancer://c/-');
  });

  test('rules after one for missing files that ends the rewriting are not reached', () => {
    const { notices } = read(
      'RewriteCond %{REQUEST_FILENAME} !-f\nRewriteRule ^ - [L]\nRewriteRule ^ balancer://c/ [P]',
    );
    expect(notices[3]).toMatch(/^4 dropped: it is never reached/);
  });

  test('OR at the end is not taken at its word', () => {
    const { notices } = read('RewriteCond %{HTTPS} =on [OR]\nRewriteRule ^/a balancer://c/ [P]');
    expect(notices[1]).toMatch(/^2 different: .*OR has no condition after it/);
    expect(go('RewriteCond %{HTTPS} =on [OR]\nRewriteRule ^/a balancer://c/ [P]', '/a')).toBe('');
  });

  test('without a rule do nothing', () => {
    expect(read('RewriteCond %{HTTPS} =on').notices[1]).toBe('2 dropped: no RewriteRule comes after it');
  });
});

describe('what ends the rewriting', () => {
  const all = 'RewriteRule ^/(.*) balancer://c/$1 [P]';
  test.each([
    [`RewriteRule ^/static - [L]\n${all}`, '/static', ''],
    [`RewriteRule ^/static - [END]\n${all}`, '/x', 'balancer://c/x'],
    [`RewriteRule !^/app - [L]\n${all}`, '/x', ''],
    [`RewriteRule !^/app - [L]\n${all}`, '/app', 'balancer://c/app'],
    [`RewriteRule ^/static - [P]\n${all}`, '/static', ''],
    [`RewriteRule ^/x fcgi://h/ [P]\n${all}`, '/x', ''],
    [`RewriteRule ^/x - [F]\n${all}`, '/x', '403'],
    [`RewriteRule ^/x - [G]\n${all}`, '/x', '410'],
    [`RewriteRule ^/x whatever [forbidden]\n${all}`, '/x', '403'],
    [`RewriteRule ^/x - [R=404]\n${all}`, '/x', '403'],
    [`RewriteRule ^/x /index.html [L]\n${all}`, '/x', 'next'],
    [`RewriteRule ^/x /y [R=301,L]\n${all}`, '/x', 'next'],
    [`RewriteRule ^/x http://h/y\n${all}`, '/x', 'next'],
    [`RewriteRule ^/x /y\n${all}`, '/x', 'balancer://c/x'],
    [`${all}\nRewriteRule ^/x /y`, '/x', 'balancer://c/x'],
    ['RewriteRule ^/x /y', '/x', 'next'],
    [`RewriteRule ^ - [L]\n${all}`, '/x', ''],
    [`RewriteRule ^/x - [S=1]\nRewriteRule ^/ balancer://skipped/ [P]\n${all}`, '/x', 'balancer://c/x'],
    [`RewriteRule ^/x - [S=1]\nRewriteRule ^/ balancer://skipped/ [P]\n${all}`, '/y', 'balancer://skipped/'],
    [
      `RewriteRule ^/x - [C]\nRewriteRule x(.)$ balancer://chained/$1 [P]\n${all}`,
      '/xxz',
      'balancer://chained/z',
    ],
    [`RewriteRule ^/x - [C]\nRewriteRule y$ balancer://chained/ [P]\n${all}`, '/by', 'balancer://c/by'],
    [`RewriteRule ^/np - [E=no-proxy:1]\nRewriteRule ^/np/p balancer://c/ [P]`, '/np/p', 'balancer://c/'],
    [`RewriteRule ^/np - [E=no-proxy:1]\nRewriteRule ^/np/p balancer://c/ [P]`, '/np/q', 'next'],
  ])('%s: %s comes to %s', (text, path, expected) => {
    expect(go(text, path)).toBe(expected);
  });

  test.each([
    ['a', 'b', 'c', ''],
    ['a', 'x', 'c', ''],
    ['x', 'b', 'c', ''],
    ['x', 'x', 'c', 'balancer://c/x'],
    ['a', 'b', 'x', 'balancer://c/x'],
    ['x', 'x', 'x', 'balancer://c/x'],
  ])(
    'an end with (A=a or B=b) and C=c, for %s %s %s, leaves the rest to the rule after it',
    (a, b, c, expected) => {
      const text = [
        'RewriteCond %{HTTP:A} =a [OR]',
        'RewriteCond %{HTTP:B} =b',
        'RewriteCond %{HTTP:C} =c',
        'RewriteRule ^/ - [L]',
        all,
      ].join('\n');
      expect(go(text, '/x', { 'HTTP:A': a, 'HTTP:B': b, 'HTTP:C': c })).toBe(expected);
    },
  );

  test('a rule sees no groups of the ends before it', () => {
    const text = [
      'RewriteCond %{HTTP:A} !^(b)$',
      'RewriteRule ^/ - [L]',
      'RewriteRule ^/(.*) balancer://c/$1-%1 [P]',
    ].join('\n');
    expect(go(text, '/x', { 'HTTP:A': 'b' })).toBe('balancer://c/x-');
  });

  test.each([
    ['RewriteCond %{REQUEST_URI} -f\nRewriteRule ^ - [L]', 'may end the rewriting before it'],
    ['RewriteCond $1 a\nRewriteRule ^/(.*) - [L]', 'cannot be told apart here'],
    ['RewriteCond %{ENV:x} 1\nRewriteRule ^ - [S=1]', 'may skip it'],
    ['RewriteCond %{ENV:x} 1\nRewriteRule ^ - [C]', 'is chained to'],
    ['RewriteRule ^/a /b [C]', 'whose URL it would see'],
    ['RewriteRule ^ - [L]', 'it is never reached'],
    ['RewriteRule ^/(.*) balancer://a/ [P]', 'it is never reached'],
    ['RewriteRule ^ - [S=1]', 'skips it for every request'],
  ])('where it cannot be told for which requests, no rule runs after it: %s', (text, why) => {
    const { mounts, notices } = read(`${text}\n${all}`);
    expect(mounts.filter(({ item }) => item.text === all)).toEqual([]);
    expect(notices.at(-1)).toMatch(/ dropped: /);
    expect(notices.at(-1)).toContain(why);
  });

  test('a refusal that cannot be understood is said to let in whom it keeps out', () => {
    const { mounts, notices } = read(`RewriteCond %{ENV:bad} 1\nRewriteRule ^ - [F]\n${all}`);
    expect(mounts.map(({ kind }) => kind)).toEqual(['proxy']);
    expect(notices[2]).toMatch(/dropped: .*whom it keeps out comes in: refuse them in a middleware/);
  });

  test('rules that change the URL say what becomes of it', () => {
    expect(read(`RewriteRule ^/a /b\n${all}`).notices[1]).toMatch(
      /^2 dropped: the URL is changed for a proxy only/,
    );
    expect(read('RewriteRule ^/a /b [R]').notices[1]).toMatch(/^2 different: .*res\.redirect/);
    expect(read('RewriteRule ^/a /b [L]').notices[1]).toMatch(/^2 different: .*express\.static/);
    expect(read('RewriteRule ^/a - [E=x:1]').notices[1]).toMatch(/^2 dropped: E: variables/);
    expect(read('RewriteRule ^/a -').notices[1]).toBe('2 dropped: it does nothing');
  });

  test('thousands of rules are read at once, with few conditions each', () => {
    const many = Array.from(
      { length: 3000 },
      (_, i) => `RewriteRule ^/a${i} - [L]\nRewriteRule ^/b${i} balancer://c/ [P]`,
    );
    const started = performance.now();
    const { mounts } = read(many.join('\n'));
    expect(Math.max(...mounts.map(({ conditions = [] }) => conditions.length))).toBeLessThan(100);
    expect(performance.now() - started).toBeLessThan(tooLong);
  });
});

describe('cookies', () => {
  test.each([
    ['CO=A:1:x.example', 'A=1; path=/; domain=x.example'],
    ['cookie=A:1:.x.example:0:/p', 'A=1; path=/p; domain=.x.example'],
    [
      'CO=A:1:x.example:60:/p:secure:HttpOnly:Lax',
      'A=1; path=/p; domain=x.example; Max-Age=3600; secure; HttpOnly; SameSite=Lax',
    ],
    ['CO=A:1:x.example:60:/p:1:true:false', 'A=1; path=/p; domain=x.example; Max-Age=3600; secure; HttpOnly'],
    ['CO=A:1:x.example:-5', 'A=1; path=/; domain=x.example; Max-Age=0'],
    ['CO=;A;1:2;x.example;60', 'A=1:2; path=/; domain=x.example; Max-Age=3600'],
    ['CO=A::1::x.example', 'A=1; path=/; domain=x.example'],
    ['CO=A:$1:x.example', 'A=$1; path=/; domain=x.example'],
    ['CO=A:50\\%:x.example', 'A=50\\%; path=/; domain=x.example'],
  ])('%s', (flag, cookie) => {
    const { mounts } = read(`RewriteRule ^/(.*) - [${flag}]`);
    expect(mounts).toMatchObject([{ kind: 'cookie', cookie }]);
  });

  test('variables become groups of a condition', () => {
    const [mount] = read('RewriteRule ^/ - [CO=A:%{HTTP:X}:%{SERVER_NAME}]').mounts;
    expect(mount).toMatchObject({ cookie: 'A=%1; path=/; domain=%2' });
    const { groups } = compileConditions(mount!.conditions as readonly Condition[])({
      readVariable: (name) => `of ${name}`,
      ruleGroups: [],
    });
    expect([...groups].slice(1)).toEqual(['of HTTP:X', 'of SERVER_NAME']);
  });

  test.each(['CO', 'CO=A', 'CO=A:1', 'CO=A b:1:x', 'CO=$1:1:x', 'CO=A:1:x:$1', 'CO=A:%{ENV:x}:x'])(
    'not so: %s',
    (flag) => {
      const { mounts, notices } = read(`RewriteRule ^/(.*) - "[${flag}]"`);
      expect(mounts).toEqual([]);
      expect(notices[1]).toMatch(/^2 dropped: CO: /);
    },
  );

  test('come first where the rule is for a proxy too, and the first of a name is the only one', () => {
    const text = 'RewriteRule ^/a(.*) balancer://c/ [P,CO=A:1:x]';
    expect(go(text, '/a')).toBe('A=1; path=/; domain=x balancer://c/');
    const twice = 'RewriteRule ^/a - [CO=A:1:x]\nRewriteRule ^/ - [CO=A:2:x,CO=B:2:x]';
    expect(go(twice, '/a')).toBe('A=1; path=/; domain=x B=2; path=/; domain=x');
    expect(go(twice, '/b')).toBe('A=2; path=/; domain=x B=2; path=/; domain=x');
  });

  test('a route that is not known yet is meant as a route cookie', () => {
    const { mounts, notices } = read(
      'RewriteRule .* - [CO=BALANCEID:balancer.%{ENV:BALANCER_WORKER_ROUTE}:.example.com:60:/app:1]',
    );
    expect(mounts).toMatchObject([
      {
        kind: 'route-cookie',
        routeCookie: {
          name: 'BALANCEID',
          domain: '.example.com',
          path: '/app',
          maxAge: 3_600_000,
          secure: true,
        },
      },
    ]);
    expect(notices[1]).toMatch(
      /^2 different: the route is not known yet.*routeCookie: \{ name: "BALANCEID" \}/,
    );
  });

  test("a backend's line is taken as it is, and said to be one", () => {
    const { mounts, notices } = read('RewriteRule .* - [CO=BALANCEID:balancer.http1:.example.com]');
    expect(mounts).toMatchObject([{ cookie: 'BALANCEID=balancer.http1; path=/; domain=.example.com' }]);
    expect(notices[1]).toMatch(/^2 taken: .*binds everybody to http1: such a line is for a backend/);
  });
});

describe('the engine', () => {
  const rule = 'RewriteRule ^/(.*) balancer://c/$1 [P]';
  const count = (text: string, main?: string): number => read(text, main, true).mounts.length;

  test('is off unless it is switched on, wherever that stands', () => {
    expect(count(rule)).toBe(0);
    expect(count(`${rule}\nRewriteEngine on`)).toBe(1);
    expect(count(`RewriteEngine On\n${rule}\nRewriteEngine Off`)).toBe(0);
    expect(read(rule, undefined, true).notices).toEqual([
      '1 dropped: RewriteEngine is off: write RewriteEngine On in the same server, or leave this out',
    ]);
  });

  test('of a virtual host is that of the main server unless it says so', () => {
    expect(count(rule, 'RewriteEngine On')).toBe(1);
    expect(count(`RewriteEngine Off\n${rule}`, 'RewriteEngine On')).toBe(0);
    expect(count(rule, '')).toBe(0);
  });

  test.each([
    ['', '', ['own']],
    ['RewriteOptions Inherit', '', ['own', 'main']],
    ['RewriteOptions InheritBefore', '', ['main', 'own']],
    ['', 'RewriteOptions InheritDown', ['own', 'main']],
    ['', 'RewriteOptions InheritDownBefore', ['main', 'own']],
    ['RewriteOptions IgnoreInherit', 'RewriteOptions InheritDown', ['own']],
    ['', 'RewriteOptions Inherit', ['own', 'main']],
  ])('rules of the main server are inherited with %s, and %s there', (options, mainOptions, expected) => {
    const { mounts } = read(
      `${options}\nRewriteRule ^/a balancer://own/ [P]`,
      `RewriteEngine On\n${mainOptions}\nRewriteRule ^/b balancer://main/ [P]`,
    );
    expect(mounts.map((mount) => mount.kind === 'proxy' && mount.origin)).toEqual(
      expected.map((name) => `balancer://${name}`),
    );
  });

  test.each([
    ['RewriteEngine maybe', 'it must be On or Off'],
    ['RewriteEngine', 'it must be On or Off'],
    ['RewriteBase /x', 'RewriteBase is for directories only'],
    ['RewriteOptions foo', '"foo" is no such option'],
    ['RewriteRule ^/x$', 'a RewriteRule has a pattern and a target'],
    ['RewriteRule', 'a RewriteRule has a pattern and a target'],
    ['RewriteRule ^/x$ /y L', 'flags stand in brackets, without spaces between them'],
    ['RewriteRule ^/x$ /y [L, R]', 'flags stand in brackets, without spaces between them'],
    ['RewriteRule ^/x$ /y [L,Q]', 'there is no flag "Q"'],
    ['RewriteRule ^/x$ /y [R=999]', 'R=999 is no status'],
    ['RewriteCond %{HTTP_HOST}', 'a RewriteCond has a text and a pattern'],
    ['RewriteCond %{HTTP_HOST} a [ZZ]', 'there is no flag "ZZ"'],
    ['RewriteCond %{HTTP:X-N} -gt 5', 'flags stand in brackets, without spaces between them'],
  ])('httpd does not start with %s', (text, problem) => {
    expect(read(text, undefined, true).problems).toEqual([problem]);
  });

  test.each(['[L,R=301]', '"[L, NE]"', '[DFOO]', '[B,BNP,BCTLS,NS,UNC]', '[]', '[,]'])(
    'httpd knows %s',
    (flags) => {
      expect(read(`RewriteRule ^/x$ /y ${flags}`).problems).toEqual([]);
    },
  );
});
