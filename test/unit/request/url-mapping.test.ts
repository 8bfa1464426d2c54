import { expect, test } from '@jest/globals';
import { joinPath, readClientPath, splitTarget } from '../../../src/request/path.ts';

/** A mount path as Express strips it, a member's base, and what is asked for. */
function map(mount: string, basePath: string, requested: string): string {
  const url = requested.slice(mount.length);
  const target = splitTarget(url.startsWith('/') ? url : `/${url}`);
  if (target.kind !== 'origin') return '400';
  const read = readClientPath(target.path);
  return 'path' in read ? joinPath(basePath, read.path) + target.query : '400';
}

/**
 * Reference 15.1, for a balancer mounted at a path. Not here, and why:
 * U2 U4: whether a mount path matches is Express's question.
 * U7: the missing slash of httpd's plain concatenation; ours is U6's and U16's joint.
 * U8 U36 U39: exclusions, see exclude.test.ts.
 * U10-U14: ProxyPassMatch has no counterpart but a RegExp mount and pathRewrite.
 * U23 U24 U38: the order of rules is that of app.use().
 * U25 U26: mapping=encoded and servlet: the mount path is Express's.
 * U34: AllowEncodedSlashes On loses an encoding; ours is always NoDecode (U35).
 * U37: RewriteRule is not part of this.
 */
test.each([
  ['U1', '/m1', '/t', '/m1/foo', '/t/foo', ''],
  ['U3', '/m2', '/t', '/m2', '/t/', 'a mounted app is asked for /'],
  ['U3', '/m2', '/t', '/m2/', '/t/', ''],
  ['U3', '/m2', '/t', '/m2/foo', '/t/foo', ''],
  ['U5', '/m2', '/t', '/m2//foo', '/t/foo', ''],
  ['U6', '/m3', '/t', '/m3', '/t/', ''],
  ['U6', '/m3', '/t', '/m3/foo', '/t/foo', 'one slash at the joint'],
  ['U9', '/m6', '', '/m6/%61', '/%61', ''],
  ['U9', '/m6', '', '/m6/a/../b', '400', 'a client resolves its dot segments itself'],
  ['U9', '/m6', '', '/m6/a;b', '/a;b', ''],
  ['U15', '/static', '/media', '/static/foo/1.css?v=2', '/media/foo/1.css?v=2', 'one slash at the joint'],
  ['U16', '/static', '/media', '/static/foo', '/media/foo', ''],
  ['U17', '/sc', '/media/sub', '/sc/foo', '/media/sub/foo', 'one slash at the joint'],
  ['U17', '/sc', '/media/sub', '/sc', '/media/sub/', 'one slash at the joint'],
  ['U18', '/se', '/media', '/se/foo', '/media/foo', ''],
  ['U18', '/se', '/media', '/se', '/media/', ''],
  ['U19', '/sg', '', '/sg/foo', '/foo', ''],
  ['U19', '/sg', '', '/sg', '/', ''],
  ['U20', '/sh', '', '/sh/foo', '/foo', 'one slash at the joint'],
  ['U20', '/sh', '', '/sh', '/', ''],
  ['U21', '/si', '', '/si/foo', '/foo', 'no 500'],
  ['U22', '', '', '/', '/', ''],
  ['U22', '', '', '/foo', '/foo', 'no 500'],
  ['U27', '/q', '/q', '/q?', '/q/?', 'a mounted app is asked for /'],
  ['U27', '/q', '/q', '/q/?', '/q/?', ''],
  ['U27', '/q', '/q', '/q/a?b?c', '/q/a?b?c', ''],
  ['U28', '/q', '/q', '/q/a%20b', '/q/a%20b', ''],
  ['U28', '/q', '/q', '/q/a%25b', '/q/a%25b', ''],
  ['U28', '/q', '/q', '/q/a%3Fb', '/q/a%3Fb', ''],
  ['U28', '/q', '/q', '/q/a%5Cb', '/q/a%5Cb', ''],
  ['U28', '/q', '/q', '/q/a%0Ab', '/q/a%0Ab', ''],
  ['U29', '/q', '/q', '/q/a%3Bb', '/q/a%3Bb', 'encoded as the client did'],
  ['U29', '/q', '/q', '/q/a%2Bb', '/q/a%2Bb', 'encoded as the client did'],
  ['U29', '/q', '/q', '/q/a%26b%3Dc', '/q/a%26b%3Dc', 'encoded as the client did'],
  ['U29', '/q', '/q', '/q/a%41', '/q/a%41', 'encoded as the client did'],
  ['U29', '/q', '/q', '/q/a~b%7Eb', '/q/a~b%7Eb', 'encoded as the client did'],
  ['U30', '/q', '/q', '/q/a|b', '/q/a|b', 'encoded as the client did'],
  ['U30', '/q', '/q', '/q/a{b}', '/q/a{b}', 'encoded as the client did'],
  ['U30', '/q', '/q', '/q/\xc3\xa9', '/q/\xc3\xa9', 'encoded as the client did'],
  ['U31', '/q', '/q', '/q//a', '/q/a', ''],
  ['U31', '/q', '/q', '/q/./a', '400', 'resolved with compat'],
  ['U31', '/q', '/q', '/q/a/../b', '400', 'resolved with compat'],
  ['U31', '/q', '/q', '/q/a/%2e%2e/b', '400', 'resolved with compat'],
  ['U32', '/q', '/q', '/q/a?x=a%20b&y=%2F&z=a+b', '/q/a?x=a%20b&y=%2F&z=a+b', ''],
  ['U32', '/q', '/q', '/q/a?x=a|b"<>', '/q/a?x=a|b"<>', ''],
  ['U33', '/q', '/q', '/q/a%2Fb', '/q/a%2Fb', 'as with NoDecode'],
  ['U33', '/q', '/q', '/q/a%00b', '400', '404 in httpd'],
  ['U33', '/q', '/q', '/q/a%zz', '400', ''],
  ['U33', '/q', '/q', '/q#f', '400', ''],
  ['U35', '/q', '/q', '/q/a%2fb%20c', '/q/a%2fb%20c', ''],
  ['U35', '/q', '/q', '/q/a%252Fb', '/q/a%252Fb', 'no encoding is lost'],
  ['-', '/static', '/media', '/static/../secret', '400', 'below a mount path, / is as far up as it goes'],
  ['-', '/static', '/media', '/static/a/..%2f..%2fsecret', '400', ''],
])('%s: %s over %s maps %s to %s %s', (_id, mount, basePath, requested, upstream) => {
  expect(map(mount, basePath, requested)).toBe(upstream);
});
