import fc from 'fast-check';
import { describe, expect, test } from '@jest/globals';
import { readDefinition } from '../../../src/definition/check-definition.ts';
import type { BalancerDefinition } from '../../../src/definition/definition.ts';
import { HttpdConfError } from '../../../src/httpd-conf/conf-error.ts';
import { printModule } from '../../../src/httpd-conf/convert/print-module.ts';
import { readHttpdConf } from '../../../src/httpd-conf/read-httpd-conf.ts';
import { readHcExpr } from '../../../src/httpd-conf/translate/hc-expr.ts';
import { translatePcre } from '../../../src/httpd-conf/translate/pcre.ts';
import { hold } from '../../support/runs.ts';
import { makeConf, mountAt, runModule } from '../httpd-conf/convert/support.ts';
import { anyDefinition } from './any-definition.ts';

/** What a module makes of it when it is run: the definitions that its balancers are created with. */
function runPrinted(code: string): readonly unknown[] {
  const created: unknown[] = [];
  const createBalancer = (definition: unknown): unknown => {
    created.push(definition);
    return () => undefined;
  };
  runModule(code, {
    'express-proxy-balancer': { createBalancer },
    'express-proxy-balancer/httpd-conf': {},
    'express-proxy-balancer/manager': {},
  });
  return created;
}

/** Functions have a text only where they were read from a configuration. */
function isPrintable(value: unknown): boolean {
  if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint') return false;
  if (typeof value !== 'object' || value === null || value instanceof RegExp) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = Array.isArray(value) || prototype === null || prototype === Object.prototype;
  return isPlain && Object.values(value).every(isPrintable);
}

test('a definition that is printed as a program is the same when that is run', () => {
  let printed = 0;
  hold(
    400,
    fc.property(anyDefinition, (value) => {
      let definition: BalancerDefinition;
      try {
        definition = readDefinition(value);
      } catch {
        return;
      }
      if (!isPrintable(definition)) return;
      printed += 1;
      const code = printModule(makeConf({ mounts: [mountAt('/', { definition })] }), {
        source: 'httpd.conf',
      });
      // Of a realm of its own, as it was not checked yet.
      expect(runPrinted(code).map(readDefinition)).toEqual([definition]);
    }),
  );
  expect(printed).toBeGreaterThan(60);
});

describe('any text', () => {
  const words = [
    ...[
      'ProxyPass',
      'ProxyPassReverse',
      'ProxySet',
      'BalancerMember',
      'ProxyPassMatch',
      'RewriteRule',
      'RewriteCond',
      'RewriteEngine on',
    ],
    ...[
      '<Proxy balancer://c>',
      '</Proxy>',
      '<Location /a>',
      '</Location>',
      '<VirtualHost *:80>',
      '</VirtualHost>',
      'Header set',
      'Require',
    ],
    ...[
      '/',
      '/a',
      '!',
      'balancer://c',
      'balancer://c/',
      'http://a.b',
      'http://a.b/x',
      'route=a',
      'retry=5',
      'timeout=1000ms',
      'status=+H',
    ],
    ...[
      'stickysession=S|s',
      'lbmethod=byrequests',
      'loadfactor=2',
      'nofailover=On',
      '"',
      '\\',
      '^/(.*)$',
      '$1',
      '[P,L]',
      '%{HTTP_HOST}',
      '${X}',
    ],
    ...[
      'ProxyPassReverseCookiePath',
      'ProxyHCExpr ok',
      '{%{REQUEST_STATUS} =~ /^[23]/}',
      'ServerName',
      'Use',
      '<Macro m $a>',
      '</Macro>',
      'é',
    ],
  ];
  const anyText = fc
    .array(
      fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom(...words) },
        { weight: 3, arbitrary: fc.constant('\n') },
        fc.string({ maxLength: 4 }),
      ),
      { maxLength: 40 },
    )
    .map((all) => all.join(' ').replaceAll(' \n ', '\n'));

  test('is read as a configuration and written as a program, or refused as one', () => {
    let read = 0;
    hold(
      600,
      fc.property(anyText, (text) => {
        try {
          const conf = readHttpdConf(text, { env: {} });
          read += 1;
          const code = printModule(conf, { source: 'httpd.conf' });
          expect(code.length).toBeGreaterThan(0);
          for (const mount of conf.mounts) if (mount.kind === 'balancer') readDefinition(mount.definition);
        } catch (error) {
          expect(error).toBeInstanceOf(HttpdConfError);
        }
      }),
    );
    expect(read).toBeGreaterThan(20);
  });

  test('is a pattern or an expression, or none, and is so without a throw', () => {
    const pieces = [
      ...'abc.*+?^$()[]{}|\\-:=!<>#'.split(''),
      '(?:',
      '(?i)',
      '(?<n>',
      '\\d',
      '\\Q',
      '\\E',
      '[:alpha:]',
      '{2,3}',
      '\\1',
      '\\x{41}',
      "hc('body')",
      '%{REQUEST_STATUS}',
      ' =~ ',
      ' -in ',
      '&&',
      "'",
      '/',
    ];
    const anyPattern = fc.oneof(
      fc.array(fc.constantFrom(...pieces), { maxLength: 14 }).map((all) => all.join('')),
      fc.string({ unit: 'binary' }),
    );
    hold(
      2_000,
      fc.property(anyPattern, fc.constantFrom('', 'i', 'x', 'imsx'), (text, flags) => {
        const pattern = translatePcre(text, flags);
        if (pattern instanceof RegExp) pattern.test('abc');
        else expect([pattern.problem, pattern.advice].every((part) => part !== '')).toBe(true);
        const expected = readHcExpr(text);
        if (typeof expected === 'function') expected({ status: 200, headers: {}, body: '' });
      }),
    );
  });
});
