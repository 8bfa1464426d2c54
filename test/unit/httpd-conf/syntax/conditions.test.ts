import { describe, expect, test } from '@jest/globals';
import type { HttpdConfOptions } from '../../../../src/httpd-conf/httpd-conf.ts';
import { itemsOf, noticesOf, parseText, problemsOf, wordsOf } from '../../../support/conf.ts';

/** Whether what is in a section counts. */
function holds(section: string, before = '', options: HttpdConfOptions = {}): boolean {
  const name = /^<(\w+)/.exec(section)![1]!;
  return wordsOf(itemsOf(`${before}\n${section}\nYes\n</${name}>`, options))
    .flat()
    .includes('Yes');
}

describe('IfModule', () => {
  test.each([
    'mod_proxy.c',
    'proxy_module',
    'mod_proxy_http.c',
    'mod_proxy_balancer.c',
    'proxy_hcheck_module',
    'mod_proxy_wstunnel.c',
    'lbmethod_byrequests_module',
    'mod_lbmethod_bytraffic.c',
    'mod_lbmethod_bybusyness.c',
    'mod_slotmem_shm.c',
    'mod_headers.c',
    'rewrite_module',
    'mod_authz_core.c',
    'mod_authz_host.c',
    'mod_access_compat.c',
    'mod_unixd.c',
    'core.c',
    'mod_so.c',
    'mod_version.c',
    'mod_ssl.c',
    'ssl_module',
  ])('holds for %s, whose work is done here', (module) => {
    expect(holds(`<IfModule ${module}>`)).toBe(true);
    expect(holds(`<IfModule !${module}>`)).toBe(false);
  });

  test.each([
    'mod_dav.c',
    'dav_module',
    'mpm_event_module',
    'prefork.c',
    'mod_php5.c',
    'Mod_proxy.c',
    'constructor',
    'proxy',
  ])('does not hold for %s', (module) => {
    expect(holds(`<IfModule ${module}>`)).toBe(false);
    expect(holds(`<IfModule !${module}>`)).toBe(true);
  });

  test.each([
    ['dav_module modules/mod_dav.so', 'mod_dav.c'],
    ['dav_module modules/mod_dav.so', 'dav_module'],
    ['mpm_event_module modules/mod_mpm_event.so', 'event.c'],
    ['php_module "C:\\\\php\\\\libphp.so"', 'mod_php.c'],
    ['php_module modules/libphp.so', 'libphp.c'],
  ])('holds for what LoadModule %s names: %s', (loaded, module) => {
    expect(holds(`<IfModule ${module}>`, `LoadModule ${loaded}`)).toBe(true);
  });

  test('holds for what is loaded before it only', () => {
    const text = '<IfModule dav_module>\nA\n</IfModule>\nLoadModule dav_module mod_dav.so';
    expect(wordsOf(itemsOf(text))).toEqual([['LoadModule', 'dav_module', 'mod_dav.so']]);
  });

  test.each(['dav', 'dav_module', 'mod_dav.c'])('holds for what the option modules names as %s', (name) => {
    expect(holds('<IfModule mod_dav.c>', '', { modules: [name] })).toBe(true);
    expect(holds('<IfModule dav_module>', '', { modules: [name] })).toBe(true);
  });

  test.each([
    ['<IfModule "mod_proxy.c">', true],
    ['<IfModule  mod_proxy.c >', true],
    ['<IfModule ! mod_proxy.c>', false],
    ['<IfModule !!mod_proxy.c>', true],
    ['<IfModule mod_proxy.c mod_foo.c>', true],
    ['<ifmodule mod_proxy.c> # here', true],
  ])('%s is read as httpd reads it', (section, is) => {
    expect(holds(section)).toBe(is);
  });

  test('tells that it looks at no more than the name', () => {
    expect(noticesOf('<IfModule mod_proxy.c mod_foo.c>\n</IfModule>')).toEqual([
      '1 different: mod_proxy.c counts as there; only mod_proxy.c is looked at, as in httpd',
    ]);
  });

  test('needs a name', () => {
    const told = '1:1 <IfModule> needs to know of what; write <IfModule NAME> or <IfModule !NAME>';
    expect(problemsOf('<IfModule>\n</IfModule>')).toEqual([told]);
    expect(problemsOf('<IfModule !>\n</IfModule>')).toEqual([told.replace('1:1', '1:11')]);
  });

  test('what is wrong within a condition that cannot be read is told too', () => {
    expect(problemsOf('<IfVersion x>\n=\n</IfVersion>')).toHaveLength(2);
  });
});

describe('IfDefine', () => {
  test.each([
    ['Define X', '<IfDefine X>', true],
    ['Define X', '<IfDefine !X>', false],
    ['Define X 1', '<IfDefine "X">', true],
    ['Define X', '<IfDefine x>', false],
    ['Define X\nUnDefine X', '<IfDefine X>', false],
    ['', '<IfDefine X>', false],
    ['', '<IfDefine !X>', true],
    ['', '<IfDefine toString>', false],
  ])('after %j %s', (before, section, is) => {
    expect(holds(section, before)).toBe(is);
  });

  test.each([[['X']], [{ X: '' }], [{ X: undefined }]])(
    'holds for what is defined from the start: %j',
    (defines) => {
      expect(holds('<IfDefine X>', '', { defines })).toBe(true);
      expect(holds('<IfDefine Y>', '', { defines })).toBe(false);
    },
  );
});

describe('IfVersion', () => {
  // What httpd 2.4.71 says.
  test.each([
    ['>= 2.4', true],
    ['2.4', false],
    ['= 2.4', false],
    ['!= 2.4', true],
    ['!>= 2.4', false],
    ['> 2.4.10', true],
    ['< 2.5', true],
    ['<= 2.4', false],
    ['< 2.2', false],
    ['>= 2.4.', true],
    ['> 3', false],
    ['~ ^2\\.4', true],
    ['= /^2.4/', true],
    ['== /^2.2/', false],
    ['!~ ^2', false],
    ['!= /^2.4/', false],
    ['/^2/', true],
    ['~ /^2/', false],
    ['>= "2.4"', true],
  ])('%s', (asked, is) => {
    expect(holds(`<IfVersion ${asked}>`)).toBe(is);
  });

  test.each([
    ['! 2.4', '! is no operator; write =, <, <=, >, >= or ~, each with or without a ! before it'],
    ['=> 2.4', '=> is no operator; write =, <, <=, >, >= or ~, each with or without a ! before it'],
    ['>=2.4', '>=2.4 is no version; write a blank between: >= 2.4'],
    ['>= 2.4.x', '2.4.x is no version; write major, minor and patch as numbers: 2.4 or 2.4.10'],
    ['>= 2.4.1.1', '2.4.1.1 is no version; write major, minor and patch as numbers: 2.4 or 2.4.10'],
    ['= /2', 'the pattern is not closed; write it between slashes: /^2\\.4/'],
    ['~ (', 'the pattern cannot be read; write a regular expression: ^2\\.4'],
    ['~ (.*)*x', 'the pattern is not a simple one; write one like ^2\\.4, or compare with >= and <'],
    ['~ .{1000000}', 'the pattern is not a simple one; write one like ^2\\.4, or compare with >= and <'],
    ['>= 2.4 2.5', '<IfVersion> takes an operator and a version; write <IfVersion >= 2.4>'],
  ])('%s is wrong', (asked, problem) => {
    expect(problemsOf(`<IfVersion ${asked}>\n</IfVersion>`)).toEqual([`1:12 ${problem}`]);
  });
});

describe('other conditions', () => {
  test.each([
    ['<IfDirective proxypass>', true],
    ['<IfDirective !ProxyPass>', false],
    ['<IfDirective FancyIndexing>', false],
    ['<IfSection Location>', true],
    ['<IfSection Files>', false],
    ['<IfDirective Location>', false],
  ])('%s', (section, is) => {
    expect(holds(section)).toBe(is);
  });

  test('a text looks at no files', () => {
    expect(noticesOf('<IfFile /etc/passwd>\nA\n</IfFile>')).toEqual([
      '1 taken: left out with its directive: a text without a file looks at no files, unless the option serverRoot is given',
    ]);
  });

  test('what holds is told with its reason', () => {
    expect(noticesOf('<IfModule mod_proxy.c>\n<IfVersion >= 2.4>\nA\n</IfVersion>\n</IfModule>')).toEqual([
      '1 taken: mod_proxy.c counts as there',
      '2 taken: read as httpd 2.4, which fits >= 2.4',
    ]);
  });

  test('what holds leaves no trace among the items', () => {
    const { items } = parseText('<Proxy *>\n<IfModule mod_proxy.c>\nA\n</IfModule>\n</Proxy>');
    expect(wordsOf(items)).toEqual([['Proxy', '*', [['A']]]]);
  });
});
