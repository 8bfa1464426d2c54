import { describe, expect, test } from '@jest/globals';
import type { Settings } from '../../../src/definition/settings.ts';
import type { Inbound } from '../../../src/request/inbound.ts';
import { compileMapUrl, type ReverseSettings } from '../../../src/rewrite/location.ts';
import { createInbound, createMember } from './support.ts';

const B1 = 'http://127.0.0.1:19011';
const B2 = 'http://127.0.0.1:19012';
const F = 'http://front.example:19000';

type Case = Readonly<{
  members: string[];
  mountPath: string;
  urls?: string[];
  table?: Settings['reverseTable'];
  preserve?: boolean;
  from?: Partial<Inbound>;
}>;

/** The value that a client gets when the first member answers with `value`. */
function map(
  value: string,
  { members, mountPath, urls = [], table = [], preserve = false, from = {} }: Case,
): string {
  const settings: ReverseSettings = {
    reverse: true,
    reverseUrls: urls,
    reverseTable: table,
    proxypreservehost: preserve,
  };
  const all = members.map(createMember);
  return compileMapUrl(settings, all)!(value, createInbound({ mountPath, ...from }), all[0]!);
}

// Reference 15.7; rule paths are mount paths here, and the trailing slashes of both sides mean nothing.
describe('L1 to L3, L19: one member without a path below /mirror/foo', () => {
  const foo: Case = { members: [`${B1}/`], mountPath: '/mirror/foo' };
  test.each([
    ['L1', `${B1}/quux`, `${F}/mirror/foo/quux`],
    ['L2', 'HTTP://127.0.0.1:19011/Quux?x=1#f', `${F}/mirror/foo/Quux?x=1#f`],
    ['L3 differs: a slash that is missing leaks no address', B1, `${F}/mirror/foo`],
    ['L3', 'https://127.0.0.1:19011/q', 'https://127.0.0.1:19011/q'],
    ['L3 differs: relative values stay relative, but are mapped', '/quux', '/mirror/foo/quux'],
    ['L3', 'quux', 'quux'],
    [
      'L3 differs: the member’s host without scheme',
      '//127.0.0.1:19011/q',
      '//front.example:19000/mirror/foo/q',
    ],
  ])('%s: %s becomes %s', (_, value, expected) => {
    expect(map(value, foo)).toBe(expected);
  });

  test.each([
    ['www.pub.example:8080', 'http', 'http://www.pub.example:8080/mirror/foo/quux'],
    ['Pub.example:80', 'http', 'http://Pub.example/mirror/foo/quux'],
    ['pub.example:443', 'https', 'https://pub.example/mirror/foo/quux'],
    ['pub.example:80', 'https', 'https://pub.example:80/mirror/foo/quux'],
    ['[::1]:8080', 'http', 'http://[::1]:8080/mirror/foo/quux'],
    [undefined, 'http', '/mirror/foo/quux'],
    ['evil"<x>', 'http', '/mirror/foo/quux'],
  ] as const)('L19: for a client that asked %s by %s it is %s', (host, protocol, expected) => {
    expect(map(`${B1}/quux`, { ...foo, from: { host, protocol } })).toBe(expected);
  });
});

describe('L4 to L18: bases, origins, several members', () => {
  test.each<[string, Case, string, string]>([
    ['L4', { members: [`${B1}/app`], mountPath: '/m2' }, '/app/x', '/m2/x'],
    ['L4 differs: boundary', { members: [`${B1}/app`], mountPath: '/m2' }, '/application', '/application'],
    [
      'L4 differs: foreign host',
      { members: [B1], urls: ['/app'], mountPath: '/m2' },
      'http://unrelated/app/zz',
      'http://unrelated/app/zz',
    ],
    [
      'L5',
      { members: ['https://backend.example:8443/x'], mountPath: '/m3' },
      'https://backend.example:8443/x/y',
      `${F}/m3/y`,
    ],
    [
      'L6',
      { members: ['https://backend.example/x'], mountPath: '/m4' },
      'https://backend.example/x/y',
      `${F}/m4/y`,
    ],
    [
      'L6 differs: boundary',
      { members: ['https://backend.example/x'], mountPath: '/m4' },
      'https://backend.example/xy',
      'https://backend.example/xy',
    ],
    [
      'L6',
      { members: ['https://backend.example/x'], mountPath: '/m4' },
      'http://backend.example/x/y',
      'http://backend.example/x/y',
    ],
    [
      'L8',
      { members: [`${B1}/foo/bar`, `${B2}/foo/bar/`], mountPath: '/bash' },
      `${B1}/foo/bar/that`,
      `${F}/bash/that`,
    ],
    [
      'L8',
      { members: [`${B1}/foo/bar`, `${B2}/foo/bar/`], mountPath: '/bash' },
      `${B2}/foo/bar`,
      `${F}/bash`,
    ],
    [
      'L8 differs: boundary',
      { members: [`${B1}/foo/bar`], mountPath: '/bash' },
      `${B1}/foo/barn`,
      `${B1}/foo/barn`,
    ],
    ['L8', { members: [`${B1}/foo/bar`], mountPath: '/bash' }, `${B1}/foo/that`, `${B1}/foo/that`],
    ['L9', { members: [`${B1}/foo/bar`], mountPath: '/bash' }, `${B1}/FOO/bar/x`, `${F}/bash/x`],
    [
      'L9 differs: any case',
      { members: [`${B1}/foo/bar`], mountPath: '/bash' },
      `${B1}/foo/BAR/x`,
      `${F}/bash/x`,
    ],
    ['L10', { members: [B1, B2], mountPath: '' }, `${B1}/x`, `${F}/x`],
    ['L10', { members: [B1, B2], mountPath: '' }, B1, `${F}/`],
    ['L10', { members: [B1, B2], mountPath: '' }, `${B2}/x?y#z`, `${F}/x?y#z`],
    ['L10', { members: [B1, B2], mountPath: '' }, `${B2}?y#z`, `${F}/?y#z`],
    ['L11', { members: [B1], mountPath: '/p' }, `${B1}/x`, `${F}/p/x`],
    ['L11', { members: [B1], mountPath: '/p' }, B1, `${F}/p`],
    [
      'L11 differs: boundary of the port',
      { members: [B1], mountPath: '/p' },
      'http://127.0.0.1:190110/x',
      'http://127.0.0.1:190110/x',
    ],
    ['L12 N, L13 N: one slash', { members: [`${B1}/`], mountPath: '/p' }, `${B1}/x`, `${F}/p/x`],
    [
      'L14',
      { members: ['http://Back.example:80/X'], mountPath: '/p' },
      'http://back.example/X/y',
      `${F}/p/y`,
    ],
    [
      'L14 differs: the default port said',
      { members: ['http://Back.example:80/X'], mountPath: '/p' },
      'http://back.example:80/X/y',
      `${F}/p/y`,
    ],
    [
      'L14',
      { members: ['http://Back.example:80/X'], mountPath: '/p' },
      'http://back.example/x/y',
      `${F}/p/y`,
    ],
    ['L14', { members: ['http://back.example'], mountPath: '/p' }, 'http://back.example:/y', `${F}/p/y`],
    ['L15, L17: nobody’s', { members: [B1], mountPath: '/p' }, `${B2}/x`, `${B2}/x`],
    ['L16', { members: [`${B1}/q`], mountPath: '/p' }, `${B1}/q/z`, `${F}/p/z`],
    ['L16', { members: [`${B1}/q`], mountPath: '/p' }, `${B1}/other`, `${B1}/other`],
    ['L18 N: longest first', { members: [B1, `${B1}/q`], mountPath: '/p' }, `${B1}/q/z`, `${F}/p/z`],
    ['IPv6', { members: ['http://[::1]:81/'], mountPath: '/p' }, 'http://[::1]:81/x', `${F}/p/x`],
  ])('%s: %j, %s becomes %s', (_, rule, value, expected) => {
    expect(map(value, rule)).toBe(expected);
  });
});

describe('relative values', () => {
  const media: Case = { members: ['http://b/media'], mountPath: '/static' };
  const root: Case = { members: ['http://b'], mountPath: '/p' };
  test.each<[string, Case, string, string]>([
    ['a path below the base goes below the mount path', media, '/media/x?y=/media#z', '/static/x?y=/media#z'],
    ['so does the base itself', media, '/media', '/static'],
    ['so does the base with a query', media, '/media?x', '/static?x'],
    ['a path beside the base stays', media, '/other', '/other'],
    ['a longer name stays', media, '/mediator', '/mediator'],
    ['another case stays', media, '/MEDIA/x', '/MEDIA/x'],
    ['a member of the root is prefixed', root, '/x', '/p/x'],
    ['the root itself as well', root, '/', '/p/'],
    ['a path that has the mount path already stays', root, '/p/x', '/p/x'],
    ['the mount path itself stays', root, '/p', '/p'],
    ['a name that only begins like the mount path does not', root, '/px', '/p/px'],
    ['the root at the root stays', { ...root, mountPath: '' }, '/x', '/x'],
    ['a base at the root is cut off', { ...media, mountPath: '' }, '/media/x', '/x'],
    ['a base that is all of it is the root', { ...media, mountPath: '' }, '/media', '/'],
    ['base and mount path alike stay', { ...media, mountPath: '/media' }, '/media/x', '/media/x'],
    ['a base inside the mount path is the member’s', { ...media, mountPath: '/m' }, '/media/x', '/m/x'],
    [
      'a base longer than the mount path wins',
      { members: ['http://b/p/q'], mountPath: '/p' },
      '/p/q/x',
      '/p/x',
    ],
    ['beside it, the mount path stays', { members: ['http://b/p/q'], mountPath: '/p' }, '/p/x', '/p/x'],
    [
      'a mount path longer than the base stays',
      { members: ['http://b/p'], mountPath: '/p/q' },
      '/p/q/x',
      '/p/q/x',
    ],
    ['else the base is the member’s', { members: ['http://b/p'], mountPath: '/p/q' }, '/p/x', '/p/q/x'],
    [
      'what would be read as a host stays a path',
      { ...media, mountPath: '' },
      '/media//evil/x',
      '/.//evil/x',
    ],
    ['a relative path stays', root, '../x', '../x'],
    ['a name stays', root, 'quux', 'quux'],
    ['a query stays', root, '?x', '?x'],
    ['a fragment stays', root, '#x', '#x'],
    ['nothing stays', root, '', ''],
    ['a foreign host stays', root, '//evil/x', '//evil/x'],
    ['a member’s host without scheme', root, '//B:80/x', '//front.example:19000/p/x'],
    [
      'for https members the port is another',
      { members: ['https://b'], mountPath: '/p' },
      '//b:443',
      '//front.example:19000/p',
    ],
  ])('%s: %j, %s becomes %s', (_, rule, value, expected) => {
    expect(map(value, rule)).toBe(expected);
  });

  test('are those of the member that answered', () => {
    const members = ['http://a/one', 'http://b/two'];
    expect(map('/one/x', { members, mountPath: '/p' })).toBe('/p/x');
    expect(map('/two/x', { members, mountPath: '/p' })).toBe('/two/x');
    expect(map('http://b/two/x', { members, mountPath: '/p' })).toBe(`${F}/p/x`);
  });

  test('without scheme, the host may be a member’s by the other scheme', () => {
    const members = ['https://a', 'http://b'];
    expect(map('//b/x', { members, mountPath: '/p' })).toBe('//front.example:19000/p/x');
  });

  test('what stays a path for a client without Host cannot become a host', () => {
    expect(map('http://b//evil/x', { members: ['http://b'], mountPath: '', from: { host: undefined } })).toBe(
      '/.//evil/x',
    );
  });
});

describe('a mount path behind a member’s own origin means nothing', () => {
  test('as the path is in the member’s terms', () => {
    expect(map('http://b/p/x', { members: ['http://b'], mountPath: '/p' })).toBe(`${F}/p/p/x`);
  });
});

describe('values that are not what they seem stay', () => {
  test.each([
    'http:\\\\b\\x',
    '/\\evil',
    '/\tx',
    'http://b/\u0001',
    '/\u007f',
    'http://user@b/x',
    'http://b:80:80/x',
    'http://b:x/',
    'http:///x',
    '///b/x',
    'http:/b/x',
    'http:x',
    'javascript:alert(1)',
    'ftp://b/x',
    'http://b.evil/x',
    'http://[b/x',
  ])('%j', (value) => {
    expect(map(value, { members: ['http://b'], mountPath: '/p' })).toBe(value);
  });
});

describe('proxypassreverse', () => {
  test.each([
    ['http://old.example/base/x', `${F}/p/x`],
    ['http://old.example/base', `${F}/p`],
    ['http://old.example/x', 'http://old.example/x'],
    ['https://old.example/base/x', 'https://old.example/base/x'],
    ['http://b/app/x', `${F}/p/x`],
    ['/app/x', '/p/x'],
    ['/media/x', '/p/x'],
    ['http://old.example/app/x', 'http://old.example/app/x'],
  ])('has further URLs stand for the mount path: %s becomes %s', (value, expected) => {
    const urls = ['http://OLD.example:80/base/', '/app'];
    expect(map(value, { members: ['http://b/media'], urls, mountPath: '/p' })).toBe(expected);
  });

  test('switched off, there is no mapping', () => {
    expect(
      compileMapUrl({ reverse: false, reverseUrls: [], reverseTable: [], proxypreservehost: false }, []),
    ).toBeUndefined();
  });
});

describe('with proxypreservehost, a member that writes the public host', () => {
  const rule: Case = {
    members: ['http://b/media'],
    mountPath: '/static',
    preserve: true,
    from: { host: 'pub.example' },
  };
  test.each([
    ['http://pub.example/media/x?y', 'http://pub.example/static/x?y'],
    ['HTTP://PUB.example:80/media/x', 'HTTP://PUB.example:80/static/x'],
    ['//pub.example/media', '//pub.example/static'],
    ['http://pub.example/static/x', 'http://pub.example/static/x'],
    ['http://pub.example/login', 'http://pub.example/login'],
    ['https://pub.example/media/x', 'https://pub.example/media/x'],
    ['http://other.example/media/x', 'http://other.example/media/x'],
    ['http://b/media/x', 'http://pub.example/static/x'],
  ])('means its own path by it: %s becomes %s', (value, expected) => {
    expect(map(value, rule)).toBe(expected);
  });

  test('means nothing by it otherwise', () => {
    const value = 'http://pub.example/media/x';
    expect(map(value, { ...rule, preserve: false })).toBe(value);
    expect(map(value, { ...rule, from: { host: undefined } })).toBe(value);
  });

  test('a base that is all of it is the root', () => {
    expect(map('http://pub.example/media', { ...rule, mountPath: '' })).toBe('http://pub.example/');
  });
});

describe('a mapping to below the members’ own paths', () => {
  const shop: Case = { members: [`${B1}/base/`, B2], mountPath: '/shop', from: { memberPath: '/store' } };
  test.each([
    [`${B1}/base/store/cart`, `${F}/shop/cart`],
    [`${B1}/base/store`, `${F}/shop`],
    [`${B2}/store/cart?x#y`, `${F}/shop/cart?x#y`],
    ['/base/store/cart', '/shop/cart'],
    ['//127.0.0.1:19011/base/store/', '//front.example:19000/shop/'],
    // What lies beside it is at no public path that we know of.
    [`${B1}/base/stores`, `${B1}/base/stores`],
    [`${B1}/base/other`, `${B1}/base/other`],
    ['/base/other', '/base/other'],
    ['/store/cart', '/store/cart'],
    // Written by a member that heeds X-Forwarded-Prefix.
    ['/shop/cart', '/shop/cart'],
  ])('%s becomes %s', (value, expected) => {
    expect(map(value, shop)).toBe(expected);
  });

  test('goes below further URLs of the members too', () => {
    const old: Case = { ...shop, urls: ['http://old/x/', '/y'] };
    expect(map('http://old/x/store/a', old)).toBe(`${F}/shop/a`);
    expect(map('/y/store/a', old)).toBe('/shop/a');
    expect(map('http://old/x/a', old)).toBe('http://old/x/a');
  });

  test('is made anew for each, also when there are many', () => {
    for (let i = 0; i < 100; i += 1) {
      const from = { memberPath: `/p${i}` };
      expect(map(`${B1}/p${i}/x`, { members: [B1], mountPath: '/m', from })).toBe(`${F}/m/x`);
    }
  });
});

describe('a table of URLs', () => {
  const table = [
    ['http://old.internal/', '/app/'],
    ['http://old.internal:8080/deep/', 'https://other.example/d/'],
    ['balancer://balancer/bar', '/bash'],
    ['/internal', '/public'],
    [`${B1}/base/special`, '/special'],
    [`${B1}/base`, '/never'],
    ['/to-root/', '/'],
  ] as const;
  const cased: Case = { members: [`${B1}/base`, `${B2}/`], mountPath: '/m', table };
  test.each([
    ['a URL', 'http://old.internal/x?y', `${F}/app/x?y`],
    ['a URL without its slash', 'http://old.internal', `${F}/app/`],
    ['a URL in another case, with its default port', 'HTTP://OLD.internal:80/x', `${F}/app/x`],
    ['another scheme', 'https://old.internal/x', 'https://old.internal/x'],
    ['another port', 'http://old.internal:81/x', 'http://old.internal:81/x'],
    ['a public URL', 'http://old.internal:8080/deep/x', 'https://other.example/d/x'],
    ['whole segments only', 'http://old.internal:8080/deeper', 'http://old.internal:8080/deeper'],
    ['below every member', `${B1}/base/bar/that`, `${F}/bash/that`],
    ['below every member, the other', `${B2}/bar`, `${F}/bash`],
    ['below every member, as a path', '/base/bar/x', '/bash/x'],
    ['not below a member', `${B1}/bar/x`, `${B1}/bar/x`],
    ['a path', '/internal/x', '/public/x'],
    ['a path behind a member', `${B2}/internal/x`, `${F}/public/x`],
    ['a path behind another host', 'http://unrelated/internal/x', 'http://unrelated/internal/x'],
    ['the longest', `${B1}/base/special/x`, `${F}/special/x`],
    ['the longest, as a path', '/base/special/x', '/special/x'],
    ['what is derived wins a tie', `${B1}/base/x`, `${F}/m/x`],
    ['what is derived wins a tie, as a path', '/base/x', '/m/x'],
    ['no table, no change', `${B2}/y`, `${F}/m/y`],
    ['no host out of a path', '/to-root//evil.example/x', '/.//evil.example/x'],
    ['what is public already', '/m/internal', '/m/internal'],
  ])('%s: %s becomes %s', (_what, value, expected) => {
    expect(map(value, cased)).toBe(expected);
  });

  test('is heeded behind the public host where members get it', () => {
    const preserving: Case = { ...cased, preserve: true };
    expect(map(`${F}/internal/x`, preserving)).toBe(`${F}/public/x`);
  });
});
