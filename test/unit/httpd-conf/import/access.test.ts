import { describe, expect, test } from '@jest/globals';
import type { AccessSection } from '../../../../src/httpd-conf/httpd-conf.ts';
import { importText } from './support.ts';

/** Sections without their places. */
function sectionsOf(text: string): readonly object[] {
  const { access, problems } = importText(text);
  expect(problems).toEqual([]);
  return access.map(({ place: _place, ...section }: AccessSection) => section);
}

/** What `<Proxy>` sections are asked by, of each mount; its definition's name where that is all. */
function urlsOf(text: string): readonly unknown[] {
  return importText(text).mounts.map((mount) =>
    mount.kind === 'balancer' ? (mount.url ?? `balancer://${mount.definition?.name}`) : undefined,
  );
}

const nobody = { order: 'allow,deny', allow: [], deny: [] };

test('a section with Order and Require becomes two, each of which must let pass', () => {
  expect(sectionsOf('<Location /x>\nDeny from 10\nRequire all denied\n</Location>')).toEqual([
    { at: '/x', by: 'order', rule: { order: 'deny,allow', allow: [], deny: ['10.0.0.0/8'] } },
    { at: '/x', rule: nobody },
  ]);
});

test('Satisfy Any stands with Order', () => {
  expect(sectionsOf('<Location /x>\nRequire all denied\nSatisfy Any\n</Location>')).toEqual([
    { at: '/x', by: 'order', satisfy: 'any', rule: { order: 'deny,allow', allow: [], deny: [] } },
    { at: '/x', rule: nobody },
  ]);
});

describe('what a <Proxy> is for', () => {
  test.each<[section: string, url: unknown]>([
    ['Proxy *', undefined],
    ['Proxy balancer://App', 'balancer://app'],
    ['Proxy balancer://App/Admin', 'balancer://app/Admin'],
    ['Proxy http://a/secret', 'http://a/secret'],
    ['Proxy http://*', new RegExp(String.raw`^http\:\/\/.*$`, 's')],
    ['Proxy http://a.b/?x/*.gif', new RegExp(String.raw`^http\:\/\/a\.b\/.x\/.*\.gif$`, 's')],
    ['ProxyMatch ^http://a/', /^http:\/\/a\//],
  ])('%s', (section, url) => {
    const name = section.split(' ')[0]!;
    const [first] = importText(`<${section}>\nRequire all denied\n</${name}>`).access;
    expect(first!.url).toEqual(url);
    expect(first!.at).toBeUndefined();
  });

  test('mounts say where they lead to, each use of a macro its own', () => {
    const rules = `
      <Proxy balancer://App>
        BalancerMember http://a
      </Proxy>
      <Macro P $at $url>
        ProxyPass $at $url
      </Macro>
      Use P /1 http://One/x
      Use P /2 http://two:80/x
      ProxyPass /3 balancer://App/x
      ProxyPassMatch ^/4(/.*)$ ws://three$1
      RewriteEngine On
      RewriteRule ^/5/(.*)$ http://four/$1 [P]`;
    const closed = '<Proxy http://one>\nRequire all denied\n</Proxy>';
    expect(urlsOf(`${rules}\n${closed}`)).toEqual([
      'http://four',
      'http://One',
      'http://two:80',
      'balancer://app',
      'ws://three',
    ]);
    // Nobody asks.
    expect(importText(rules).mounts.some((mount) => 'url' in mount)).toBe(false);
  });
});
