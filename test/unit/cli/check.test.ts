import { describe, expect, test } from '@jest/globals';
import { askConf } from '../../../src/cli/ask-conf.ts';
import { UsageError } from '../../../src/cli/io.ts';
import { readQuestion } from '../../../src/cli/made-up-request.ts';
import { createPaint, printSafely } from '../../../src/cli/paint.ts';
import { printAnswer } from '../../../src/cli/print-answer.ts';
import { printNotices, printSum, sumUp } from '../../../src/cli/print-notices.ts';
import type { HttpdConf, Notice } from '../../../src/httpd-conf/httpd-conf.ts';
import { deadUrl } from '../../support/backend.ts';

const plain = createPaint(false);

const notices: readonly Notice[] = [
  { kind: 'taken', directive: 'ProxyPass / balancer://a', file: 'httpd.conf', line: 9, why: 'mount / to a' },
  { kind: 'dropped', directive: 'Evil \u001b[2J\u202e', file: 'more.conf', line: 1, why: 'not known here' },
  { kind: 'different', directive: 'ProxyTimeout 5', file: 'httpd.conf', line: 10, why: 'a difference' },
];

describe('notices', () => {
  test('stand below their files, with a word and a sign for each kind', () => {
    expect(printNotices(notices, plain)).toBe(`httpd.conf
  ✓ taken       9  ProxyPass / balancer://a
                   mount / to a
  ~ different  10  ProxyTimeout 5
                   a difference

more.conf
  ✗ dropped    1  Evil \\u{1b}[2J\\u{202e}
                  not known here
`);
  });

  test('may be very many', () => {
    const many = Array.from({ length: 300_000 }, (_, i): Notice => ({ ...notices[0]!, line: i }));
    expect(printNotices(many, plain)).toContain('  299999  ProxyPass');
  });

  test('are summed up', () => {
    expect(printSum(sumUp(notices), plain)).toBe(
      '3 directives: 1 taken, 1 taken with a difference, 1 dropped',
    );
    expect(printSum(sumUp([]), plain)).toBe('0 directives: 0 taken, 0 taken with a difference, 0 dropped');
  });

  test('have colours where they are wanted', () => {
    const paint = createPaint(true);
    expect(printNotices(notices.slice(0, 1), paint)).toContain('\u001b[32m✓ taken');
    expect(printSum(sumUp(notices), paint)).toContain('\u001b[31m1 dropped\u001b[39m');
  });
});

test('what a file says cannot move the cursor', () => {
  expect(printSafely('a\tb\u009b\u0007\r\n\u2028\ufeff😀é')).toBe(
    'a b\\u{9b}\\u{7}\\u{d}\\u{a}\\u{2028}\\u{feff}😀é',
  );
});

describe('which request is asked about', () => {
  test('cookies are joined, and Host may be another one', () => {
    const { url, method, headers } = readQuestion({
      url: 'https://example.com:8443/app?x=1',
      cookie: ['a=b', 'c=d'],
      header: ['Accept: text/html', 'host: other.example', 'accept: */*', 'Cookie: e=f'],
      method: 'POST',
    })!;
    expect([url.href, method]).toEqual(['https://example.com:8443/app?x=1', 'POST']);
    expect(headers).toEqual([
      ['host', 'other.example'],
      ['Accept', 'text/html, */*'],
      ['Cookie', 'e=f; a=b; c=d'],
    ]);
  });

  test('none without --url', () => {
    expect(readQuestion({})).toBeUndefined();
  });

  test.each([
    [{ cookie: ['a=b'] }, '--cookie is of a request: write --url'],
    [{ method: 'GET' }, '--method is of a request'],
    [{ url: '/app' }, 'write a whole URL, such as http://example.com/app'],
    [{ url: 'ftp://a/' }, 'write a whole URL'],
    [{ url: 'http://user@a/' }, 'write a whole URL'],
    [{ url: 'http://a/', header: ['x'] }, "write 'Name: value'"],
    [{ url: 'http://a/', header: ['a b: c'] }, "write 'Name: value'"],
    [{ url: 'http://a/', header: ['a: c\r\nd: e'] }, "write 'Name: value'"],
    [{ url: 'http://a/', cookie: ['x'] }, "write 'name=value'"],
    [{ url: 'http://a/', cookie: ['x=y\n'] }, "write 'name=value'"],
    [{ url: 'http://a/', method: 'G T' }, 'write GET, POST'],
  ])('%p is refused', (values, told) => {
    expect(() => readQuestion(values)).toThrow(UsageError);
    expect(() => readQuestion(values)).toThrow(told);
  });
});

const place = (line: number): { file: string; line: number } => ({ file: 'httpd.conf', line });

const conf = (parts: Partial<HttpdConf> = {}): HttpdConf => ({
  mounts: [
    { kind: 'next', at: '/none', place: place(4) },
    {
      kind: 'balancer',
      at: '/app',
      to: '/sub',
      place: place(5),
      definition: {
        name: 'mycluster',
        stickysession: 'ID',
        members: [
          { url: 'http://app1.site.com/base/', route: 'app1' },
          { url: 'http://app2.site.com/', route: 'app2', status: '+D' },
          { url: 'http://app3.site.com:8080', route: 'app3' },
        ],
      },
    },
  ],
  hosts: [],
  access: [],
  notices: [],
  listen: [],
  ...parts,
});

const ask = (url: string, cookie: string[] = [], of = conf()): ReturnType<typeof askConf> =>
  askConf(of, readQuestion({ url, cookie })!);

describe('what would become of a request', () => {
  test('mount, member, the URL it would be asked for, and why nobody else', async () => {
    const answer = await ask('http://example.com/app/x?y=1', ['ID=1.app1']);
    expect(answer).toMatchObject({
      mount: { at: '/app', kind: 'balancer', file: 'httpd.conf', line: 5 },
      isAllowed: true,
      balancer: 'mycluster',
      member: 'app1',
      memberUrl: 'http://app1.site.com/base/sub/x?y=1',
    });
    const printed = printAnswer(answer, plain);
    expect(printed).toContain('GET http://example.com/app/x?y=1, asked from 127.0.0.1\n');
    expect(printed).toContain('(httpd.conf:5)');
    expect(printed).toContain('  Asked for: http://app1.site.com/base/sub/x?y=1\n');
    expect(printed).toContain('  Not app2: it is disabled (D)\n');
    expect(printed).toContain('  Not app3: the session is bound to another member\n');
    expect(printed).not.toContain('Not app1');
  });

  test("httpd's joins are shown where they hold", async () => {
    const members = ['http://app1.site.com/base/'];
    const mounts = conf().mounts.map((mount) =>
      mount.kind === 'balancer' ? { ...mount, definition: { members, compat: 'httpd' as const } } : mount,
    );
    const { memberUrl } = await ask(
      'http://example.com/app/x',
      [],
      conf({ mounts: mounts as HttpdConf['mounts'] }),
    );
    expect(memberUrl).toBe('http://app1.site.com/base//sub/x');
  });

  test.each([
    ['http://example.com/none/x', 'next'],
    ['http://example.com/', undefined],
  ])('%s goes to no member', async (url, kind) => {
    const { mount, balancer, member, memberUrl, text } = await ask(url);
    expect(mount?.kind).toBe(kind);
    expect([balancer, member, memberUrl]).toEqual([undefined, undefined, undefined]);
    expect(text).toContain('left to the app');
  });

  test('the host is that of the URL, and its port decides between hosts of one name', async () => {
    const host = (line: number, port: number, isTls: boolean): HttpdConf['hosts'][number] => ({
      serverName: 'example.com',
      serverAlias: [],
      ports: [port],
      isTls,
      inherits: true,
      place: place(line),
    });
    const of = conf({ hosts: [host(1, 80, false), host(2, 443, true)] });
    expect((await ask('http://example.com/app', [], of)).text).toContain('example.com (httpd.conf:1)');
    expect((await ask('https://example.com/app', [], of)).text).toContain('example.com (httpd.conf:2)');
  });

  test('nobody is asked: neither members nor DNS', async () => {
    const url = await deadUrl();
    const member = { hcmethod: 'GET', hcinterval: '100ms', warmUp: '/warm' } as const;
    const definition = {
      members: [{ url, ...member }, { url: 'http://no.such.name.invalid', resolve: 'A', ...member } as const],
      memberDefaults: member,
    };
    const answer = await ask(
      'http://h/',
      [],
      conf({ mounts: [{ kind: 'balancer', at: '/', to: '', definition }] }),
    );
    // One that is to be warmed up first would not be chosen.
    expect(answer.member).toBeDefined();
    expect(answer.members.map(({ url: each }) => each)).toEqual([url, 'http://no.such.name.invalid']);
  });
});
