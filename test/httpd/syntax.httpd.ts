import { expect, test } from '@jest/globals';
import { HttpdConfError } from '../../src/httpd-conf/conf-error.ts';
import { readHttpdConf } from '../../src/httpd-conf/read-httpd-conf.ts';
import { describeWithHttpd, refusalOf } from './httpd.ts';
import { describeSame } from './side-by-side.ts';

describeWithHttpd('a configuration is read as by httpd', () => {
  describeSame(
    'lines, quotes and comments',
    ({ a }) =>
      [
        `ProxyPass \\`,
        `  /a ${a}/1`,
        `ProxyPass /b "${a}/x\\`,
        `y"`,
        '# a comment that goes on \\',
        `ProxyPass /c ${a}/3`,
        `ProxyPass /d ${a}/4\\`,
        '5',
        `ProxyPass '/e' '${a}/5'`,
        `ProxyPass "/f\\"q" "${a}/6"`,
        `ProxyPass "/g\\\\h" ${a}/7`,
        `  pRoXyPaSs /h ${a}/8  `,
        `ProxyPass /i "${a}/x\\`,
        `   y"`,
      ].join('\n'),
    [
      ['/a', '200 a /1'],
      ['/b', '200 a /xy'],
      ['/c', '404'],
      ['/d', '200 a /45'],
      ['/e', '200 a /5'],
      ['/f%22q', '200 a /6'],
      ['/h', '200 a /8'],
      ['/i', '200 a /x%20%20%20y'],
    ],
  );

  describeSame(
    'variables',
    ({ a, port }) => `
      Define V one
      ProxyPass /b ${a}/\${V}
      Define V two
      ProxyPass /c ${a}/\${V}/x
      <IfDefine NOPE>
        Define W no
      </IfDefine>
      <IfDefine !NOPE>
        Define W yes
      </IfDefine>
      ProxyPass /d ${a}/\${W}
      Define WORDS "two words"
      ProxyPass "/e" "${a}/\${WORDS}"
      <VirtualHost *:${port}>
        Define INSIDE inside
        ProxyPass /f ${a}/\${INSIDE}
      </VirtualHost>
      ProxyPass /g ${a}/\${INSIDE}
    `,
    [
      ['/b', '200 a /one'],
      ['/c', '200 a /two/x'],
      ['/d', '200 a /yes'],
      ['/e/x', '200 a /two%20words/x'],
      ['/f', '200 a /inside'],
      ['/g', '200 a /inside'],
    ],
  );

  describeSame(
    'sections that ask',
    ({ a }) => `
      <IfModule mod_proxy.c>
        ProxyPass /a ${a}/1
      </IfModule>
      <IfModule proxy_module>
        ProxyPass /b ${a}/2
      </IfModule>
      <IfModule !mod_proxy.c>
        ProxyPass /c ${a}/3
      </IfModule>
      <IfModule !mod_nope.c>
        <ifmodule "mod_proxy_balancer.c">
          ProxyPass /d ${a}/4
        </IFMODULE>
      </IfModule>
      <IfModule MOD_PROXY.C>
        ProxyPass /e ${a}/5
      </IfModule>
      <IfModule mod_proxy>
        ProxyPass /f ${a}/6
      </IfModule>
      <IfVersion >= 2.4>
        ProxyPass /g ${a}/7
      </IfVersion>
      <IfVersion < 2.4.3>
        ProxyPass /h ${a}/8
      </IfVersion>
      <IfVersion /^2\\.4/>
        ProxyPass /i ${a}/9
      </IfVersion>
      <IfVersion !< 2.4>
        ProxyPass /j ${a}/10
      </IfVersion>
    `,
    [
      ['/a', '200 a /1'],
      ['/b', '200 a /2'],
      ['/c', '404'],
      ['/d', '200 a /4'],
      ['/e', '404'],
      ['/f', '404'],
      ['/g', '200 a /7'],
      ['/h', '404'],
      ['/i', '200 a /9'],
      ['/j', '200 a /10'],
    ],
  );
});

const proxy = '<Proxy balancer://c>\nBalancerMember http://127.0.0.1:1\n</Proxy>\n';

describeWithHttpd('what httpd does not start with is a problem', () => {
  test.each([
    ['an unknown parameter', 'ProxyPass /a http://127.0.0.1:1 foo=1', 1],
    ['a parameter without a value', 'ProxyPass /a http://127.0.0.1:1 retry', 1],
    ['a comment behind a directive', 'ProxyPass /a http://127.0.0.1:1 # comment', 1],
    ['a section that is not closed', '\n<Location /a>\nProxyPass http://127.0.0.1:1', 2],
    ['a section that is closed by another', '<Location /a>\n</Proxy>', 2],
    [
      'a load factor of 101',
      '<Proxy balancer://c>\nBalancerMember http://127.0.0.1:1 loadfactor=101\n</Proxy>',
      2,
    ],
    ['a method in other letters', `${proxy}ProxyPass /a balancer://c lbmethod=byRequests`, 4],
    ['a method that is not there', `${proxy}ProxyPass /a balancer://c lbmethod=byluck`, 4],
    ['an lbset of 100', '<Proxy balancer://c>\nBalancerMember http://127.0.0.1:1 lbset=100\n</Proxy>', 2],
    [
      'a status letter that is none',
      '<Proxy balancer://c>\nBalancerMember http://127.0.0.1:1 status=+X\n</Proxy>',
      2,
    ],
    ['ProxyPass with a path in a section', '<Location /a>\nProxyPass /b http://127.0.0.1:1\n</Location>', 2],
    ['ProxyPass without a path outside of one', 'ProxyPass http://127.0.0.1:1', 1],
    ['ProxyPassMatch with a pattern that is none', 'ProxyPassMatch ^/(a http://127.0.0.1:1', 1],
    ['BalancerMember outside of a section without a balancer', 'BalancerMember http://127.0.0.1:1', 1],
    ['ProxyPreserveHost maybe', 'ProxyPreserveHost Maybe', 1],
  ])('%s', async (_name, text, line) => {
    expect(await refusalOf(text)).toMatch(new RegExp(`line ${line} |httpd\\.conf:${line}:`));
    expect(problemLinesOf(text)).toContain(line);
  });
});

function problemLinesOf(text: string): readonly number[] {
  try {
    readHttpdConf(text, { compat: 'httpd' });
  } catch (error) {
    if (error instanceof HttpdConfError) return error.problems.map(({ line }) => line);
    throw error;
  }
  return [];
}
