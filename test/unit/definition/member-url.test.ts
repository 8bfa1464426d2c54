import { describe, expect, test } from '@jest/globals';
import { parseMemberUrl } from '../../../src/definition/member-url.ts';

describe("a member's URL", () => {
  test.each([
    [
      'http://app1.site.com',
      { url: 'http://app1.site.com', host: 'app1.site.com', port: 80, basePath: '', path: '/' },
    ],
    ['http://app1.site.com/', { url: 'http://app1.site.com', origin: 'http://app1.site.com', path: '/' }],
    [
      'HTTP://App1.Site.com:80/',
      { url: 'http://app1.site.com', protocol: 'http:', hostname: 'app1.site.com' },
    ],
    [
      'http://h:8080/media/',
      { url: 'http://h:8080/media/', host: 'h:8080', port: 8080, basePath: '/media', path: '/media/' },
    ],
    ['http://h/Media', { url: 'http://h/Media', basePath: '/Media', path: '/Media' }],
    ['http://h/a//', { basePath: '/a', path: '/a//' }],
    ['http://h/a%2Fb/', { basePath: '/a%2Fb' }],
    ['https://h:443', { url: 'https://h', protocol: 'https:', port: 443, host: 'h' }],
    ['https://h:80', { url: 'https://h:80', port: 80, host: 'h:80' }],
    [
      'http://[::1]:3000/x',
      { url: 'http://[::1]:3000/x', hostname: '::1', host: '[::1]:3000', origin: 'http://[::1]:3000' },
    ],
    ['http://[::1]', { hostname: '::1', host: '[::1]', port: 80 }],
    ['http://127.0.0.1:3000', { hostname: '127.0.0.1', socketPath: undefined }],
    [
      'unix:/var/run/app.sock|http://localhost/base/',
      {
        url: 'unix:/var/run/app.sock|http://localhost/base/',
        socketPath: '/var/run/app.sock',
        origin: 'http://localhost',
        host: 'localhost',
        basePath: '/base',
      },
    ],
    ['UNIX:/a.sock|https://h', { url: 'unix:/a.sock|https://h', protocol: 'https:' }],
  ])('%s is understood', (text, parts) => {
    expect(parseMemberUrl(text)).toMatchObject(parts);
  });

  test.each([
    ['localhost:3000', 'its scheme is missing', "write 'http://localhost:3000'"],
    ['app.internal/base', 'its scheme is missing', "write 'http://app.internal/base'"],
    ['//app:80/x', 'its scheme is missing', "write 'http://app:80/x'"],
    ['http:app:80', 'its scheme is missing', "write 'http://app:80'"],
    ['https:/app', 'its scheme is missing', "write 'https://app'"],
    ['[::1]:3000', 'its scheme is missing', "write 'http://[::1]:3000'"],
    [':3000', 'its scheme is missing', "write 'http://localhost:3000'"],
    ['3000', 'its scheme is missing', "write 'http://localhost:3000'"],
    [3000, 'a port alone is no URL', "write 'http://localhost:3000'"],
    ['mailto:x', 'its scheme is missing', "write it so: 'http://host:3000/base/'"],
    ['/static', 'a path alone names no server', "write it so: 'http://host:3000/base/'"],
    ['', 'it is empty', "write it so: 'http://host:3000/base/'"],
    ['ws://h', 'upgrades go to the same members as everything else', 'write http:// for ws://'],
    ['wss://h', 'upgrades go to the same members as everything else', 'write https:// for wss://'],
    ['balancer://app', 'a member is one server, not a balancer', "write its members' URLs"],
    ['ajp://h', 'ajp:// is not spoken here', 'write http:// or https://'],
    ['fcgi://h', 'fcgi:// is not spoken here', 'write http:// or https://'],
    ['http://', 'it has no host', "write it so: 'http://host:3000/base/'"],
    ['http:///x', 'it has no host', "write it so: 'http://host:3000/base/'"],
    [
      'http://h:99999',
      'it is no URL (host, port or brackets are wrong)',
      "write it so: 'http://host:3000/base/'",
    ],
    [
      'http://[::1',
      'it is no URL (host, port or brackets are wrong)',
      "write it so: 'http://host:3000/base/'",
    ],
    ['http://h:0/', 'nobody listens on port 0', 'write the port that the server listens on'],
    ['http://h\\x', 'a URL has no backslashes', 'write / for them'],
    [' http://h', 'a URL has no blanks or control characters', 'take them out'],
    ['http://h/a b', 'a URL has no blanks or control characters', 'take them out'],
    ['http://h/\0', 'a URL has no blanks or control characters', 'take them out'],
    [
      'unix:/x.sock',
      'the URL that is spoken through the socket is missing',
      "write 'unix:/x.sock|http://localhost/'",
    ],
    [
      'unix:x.sock|http://h',
      'the path of a socket begins at the root',
      "write 'unix:/path/to.sock|http://localhost/'",
    ],
    ['unix:/x.sock|h', 'its scheme is missing', "write 'http://h'"],
    [null, 'it is no URL', "write it so: 'http://host:3000/base/'"],
    [new URL('http://h'), 'a URL is written as a text', 'write its href'],
    [70_000, 'it is no URL', "write it so: 'http://host:3000/base/'"],
  ])('%s is refused, with what to write', (text, problem, advice) => {
    expect(parseMemberUrl(text)).toEqual({ problem, advice });
  });

  test.each(['http://h/?q=1', 'http://h#x', 'http://h/a?', 'https://h/a#'])(
    '%s is refused for what follows the path',
    (text) => {
      expect(parseMemberUrl(text)).toHaveProperty('advice', 'leave out what follows the path');
    },
  );

  test.each(['http://user:secret@h/', 'http://user@h', 'http://@h', 'user:secret@h:80'])(
    '%s is refused for what it would show in logs',
    (text) => {
      expect(parseMemberUrl(text)).toHaveProperty('problem', expect.stringMatching(/password/));
    },
  );
});
