import { describe, expect, test } from '@jest/globals';
import type { Body } from '../../../src/request/body.ts';
import type { Inbound } from '../../../src/request/inbound.ts';
import { compileRewriteRequest, type RequestSettings } from '../../../src/rewrite/rewrite-request.ts';
import { createInbound, createMember, fields, lines } from './support.ts';

const none: Body = { kind: 'none', counted: false };
const member = createMember('http://127.0.0.1:19011/');
const settings: RequestSettings = {
  proxypreservehost: false,
  xForwarded: true,
  forwarded: false,
  proxyvia: 'Off',
  pseudonym: 'proxy.example:19000',
  proxymaxforwards: -1,
  compat: undefined,
};
const silent = { xForwarded: false } as const;

function rewrite(facts: Partial<Inbound>, changes: Partial<RequestSettings> = {}, body = none, to = member) {
  const rewriteRequest = compileRewriteRequest({ ...settings, ...changes }, 'proxy.example');
  return rewriteRequest(createInbound(facts), to, body);
}

function headersOf(facts: Partial<Inbound>, changes?: Partial<RequestSettings>, body?: Body): string[] {
  return lines(rewrite(facts, changes, body).headers);
}

const framing = createInbound({
  method: 'POST',
  headers: fields('Host: front.example', 'content-LENGTH: 99', 'Content-Type: text/plain', 'X-A: 1'),
});

describe('the path', () => {
  test.each([
    ['http://b/', '/foo', '', '/foo'],
    ['http://b', '/', '', '/'],
    ['http://b/media/', '/foo/1.css', '?v=2', '/media/foo/1.css?v=2'],
    ['http://b/media', '/', '?', '/media/?'],
    ['http://b/media', '/a%2Fb%20c/', '?x=a%20b&y=%2F?', '/media/a%2Fb%20c/?x=a%20b&y=%2F?'],
  ])('of %s and %s%s is joined with one slash, the rest byte for byte', (url, path, query, expected) => {
    expect(rewrite({ path, query }, {}, none, createMember(url)).path).toBe(expected);
  });

  // Reference 2.9, 15.1; those of the mount path are in test/integration/compat.test.ts.
  test.each([
    ['U15', 'http://b/media/', '/foo', '/media//foo'],
    ['U16', 'http://b/media', '/foo', '/media/foo'],
    ['U17', 'http://b/media/', '/sub', '/media//sub'],
    ['U19', 'http://b', '/foo', '/foo'],
    ['U20', 'http://b', '//foo', '//foo'],
    ['a member with a slash', 'http://b/', '/foo', '//foo'],
    ['a member with a slash behind its port', 'http://B:80/', '/', '//'],
    ['a member behind a socket', 'unix:/run/a.sock|http://b', '/foo', '/foo'],
    ['a member behind a socket, with a slash', 'unix:/run/a.sock|http://b/', '/foo', '//foo'],
  ])("%s: with compat: 'httpd', %s and %s are put together as they are", (_id, url, path, expected) => {
    const to = { ...createMember(url.replace(/^.*\|/, '')), definition: { url } };
    expect(rewrite({ path }, { compat: 'httpd' }, none, to).path).toBe(expected);
  });
});

// Reference 15.6.
describe('header fields', () => {
  test('H1: say the member in Host and the client in X-Forwarded-*', () => {
    expect(
      headersOf({ host: 'front.example', headers: fields('Host: front.example', 'Accept: */*') }),
    ).toEqual([
      'Host: 127.0.0.1:19011',
      'Accept: */*',
      'X-Forwarded-For: 127.0.0.1',
      'X-Forwarded-Host: front.example',
      'X-Forwarded-Server: proxy.example',
      'X-Forwarded-Proto: http',
    ]);
  });

  test('H2: keep the client’s Host with proxypreservehost', () => {
    const host = 'www.front.example:8080';
    const headers = headersOf({ host, headers: fields(`Host: ${host}`) }, { proxypreservehost: true });
    expect(headers[0]).toBe(`Host: ${host}`);
    expect(headers).toContain(`X-Forwarded-Host: ${host}`);
  });

  test.each([false, true])(
    'H3: name the member where the client named no host (preserve: %s)',
    (preserve) => {
      const headers = headersOf({ host: undefined, httpVersion: '1.0' }, { proxypreservehost: preserve });
      expect(headers[0]).toBe('Host: 127.0.0.1:19011');
      expect(headers.some((line) => line.startsWith('X-Forwarded-Host'))).toBe(false);
    },
  );

  test('H4: append to the X-Forwarded-* of a trusted peer', () => {
    const headers = fields(
      'X-Forwarded-For: 1.2.3.4',
      'X-Forwarded-Host: orig.example',
      'X-Forwarded-Server: s1',
    );
    expect(headersOf({ host: 'front.example', trusted: true, headers })).toEqual([
      'Host: 127.0.0.1:19011',
      'X-Forwarded-For: 1.2.3.4, 127.0.0.1',
      'X-Forwarded-Host: orig.example, front.example',
      'X-Forwarded-Server: s1, proxy.example',
      'X-Forwarded-Proto: http',
    ]);
  });

  test('H4: replace the X-Forwarded-* of any other peer', () => {
    const headers = fields(
      'X-Forwarded-For: 1.2.3.4',
      'X-Forwarded-Host: orig.example',
      'X-Forwarded-Server: s1',
    );
    expect(headersOf({ host: 'front.example', headers })).toEqual(headersOf({ host: 'front.example' }));
  });

  test('H5: merge repeated lines of a trusted peer', () => {
    const headers = fields('X-Forwarded-For: 1.2.3.4', 'x-forwarded-for: 5.6.7.8');
    expect(headersOf({ trusted: true, headers })).toContain('X-Forwarded-For: 1.2.3.4, 5.6.7.8, 127.0.0.1');
  });

  test('H6: pass what came and add nothing with proxyaddheaders off', () => {
    const headers = fields('X-Forwarded-For: 1.2.3.4', 'Forwarded: for=1.2.3.4');
    expect(headersOf({ headers }, silent)).toEqual(['Host: 127.0.0.1:19011', ...lines(headers)]);
  });

  test('H7: end at this hop when they are hop-by-hop or Connection names them', () => {
    const headers = fields(
      'Connection: close, X-Foo, Keep-Alive',
      'X-Foo: 1',
      'Keep-Alive: timeout=5',
      'TE: trailers',
      'Trailer: X-T',
      'Upgrade: h2c',
      'Proxy-Connection: keep-alive',
      'Transfer-Encoding: chunked',
      'X-Bar: 2',
    );
    expect(headersOf({ headers }, silent)).toEqual(['Host: 127.0.0.1:19011', 'X-Bar: 2']);
  });

  test('H8: are the client’s to name away, ours are not', () => {
    const headers = fields(
      'Cookie: a=1',
      'Connection: close, Cookie, X-Forwarded-For',
      'Authorization: Basic x',
      'X-Forwarded-For: 1.2.3.4',
      'connection: authorization',
    );
    const left = headersOf({ trusted: true, headers });
    expect(left).toContain('X-Forwarded-For: 127.0.0.1');
    expect(left.filter((line) => /^(cookie|authorization)/i.test(line))).toEqual([]);
  });

  test('H9: Connection takes neither Host nor the length of the body nor our Via away', () => {
    const headers = fields(
      'Host: f',
      'Connection: Host, Content-Length, Via',
      'Content-Length: 3',
      'Via: 1.1 up',
    );
    const body: Body = { kind: 'bytes', bytes: Buffer.from('abc'), contentType: undefined };
    expect(headersOf({ method: 'POST', headers }, { ...silent, proxyvia: 'On' }, body)).toEqual([
      'Host: 127.0.0.1:19011',
      'Content-Length: 3',
      'Via: 1.1 proxy.example:19000',
    ]);
  });

  test('H10, H17: credentials for a proxy and expectations stay here', () => {
    const headers = fields('Proxy-Authorization: Basic x', 'Expect: 100-continue', 'X-A: 1');
    expect(headersOf({ headers }, silent)).toEqual(['Host: 127.0.0.1:19011', 'X-A: 1']);
  });

  test.each([
    ['TRACE', '5', '4'],
    ['OPTIONS', '1', '0'],
    ['GET', '5', '5'],
    ['GET', 'abc', 'abc'],
    ['TRACE', 'abc', 'abc'],
  ])('H11: %s with Max-Forwards %s goes on with %s', (method, value, expected) => {
    const headers = fields(`Max-Forwards: ${value}`);
    expect(headersOf({ method, headers }, silent)).toContain(`Max-Forwards: ${expected}`);
  });

  test('H14: Via gets a line of its own behind those that came', () => {
    const headers = fields('Via: 1.1 up', 'X-A: 1');
    expect(headersOf({ headers }, { ...silent, proxyvia: 'On' })).toEqual([
      'Host: 127.0.0.1:19011',
      'Via: 1.1 up',
      'X-A: 1',
      'Via: 1.1 proxy.example:19000',
    ]);
  });

  test('H15: Via says the client’s version, and what we are with Full', () => {
    expect(headersOf({ httpVersion: '1.0' }, { ...silent, proxyvia: 'Full' })).toEqual([
      'Host: 127.0.0.1:19011',
      'Via: 1.0 proxy.example:19000 (express-proxy-balancer)',
    ]);
  });

  test('H16: Via is taken out with Block', () => {
    const headers = fields('Via: 1.1 up');
    expect(headersOf({ headers }, { ...silent, proxyvia: 'Block' })).toEqual(['Host: 127.0.0.1:19011']);
  });

  test('H28: keep order, spelling and repetitions', () => {
    const headers = fields('x-A: 1', 'USER-agent: u', 'X-a: 2', 'accept: */*', 'x-forwarded: no', 'X_Y: 1');
    expect(headersOf({ headers }, silent)).toEqual(['Host: 127.0.0.1:19011', ...lines(headers)]);
    expect(headersOf({ headers }).slice(0, 7)).toEqual(['Host: 127.0.0.1:19011', ...lines(headers)]);
  });

  test('several Cookie lines become one at the place of the first', () => {
    const headers = fields('cookie: a=1; b=2', 'X-A: 1', 'Cookie: c=3', 'COOKIE: d=4');
    expect(headersOf({ headers }, silent)).toEqual([
      'Host: 127.0.0.1:19011',
      'cookie: a=1; b=2; c=3; d=4',
      'X-A: 1',
    ]);
  });

  test('an upgrade passes its Sec-WebSocket-* and leaves Connection and Upgrade to the sender', () => {
    const headers = fields('Connection: keep-alive, Upgrade', 'Upgrade: WebSocket', 'Sec-WebSocket-Key: k');
    const outbound = rewrite({ headers, upgrade: 'WebSocket' }, silent);
    expect(lines(outbound.headers)).toEqual(['Host: 127.0.0.1:19011', 'Sec-WebSocket-Key: k']);
    expect(outbound.upgrade).toBe('WebSocket');
  });

  test('the client’s request is never edited', () => {
    const headers = Object.freeze([
      ...fields('Host: f', 'Cookie: a=1', 'Cookie: b=2', 'X-Forwarded-For: 9.9.9.9'),
    ]);
    const inbound = Object.freeze(createInbound({ headers }));
    compileRewriteRequest(settings, 'proxy.example')(inbound, member, none);
    expect(lines(headers)).toEqual(['Host: f', 'Cookie: a=1', 'Cookie: b=2', 'X-Forwarded-For: 9.9.9.9']);
  });
});

// H21, H23, H25, as far as the head decides them.
describe('the length of the body', () => {
  test.each<[string, Body, string | undefined]>([
    ['a counted stream', { kind: 'stream', length: 40_000 } as Body, '40000'],
    ['a stream of unknown length', { kind: 'stream', length: undefined } as Body, undefined],
    ['what a parser left', { kind: 'bytes', bytes: Buffer.from('é'), contentType: undefined }, '2'],
    ['a body that was said to be empty', { kind: 'none', counted: true }, '0'],
    ['no body', none, undefined],
  ])('of %s stands at the place of the client’s, once', (_, body, length) => {
    const counted = length === undefined ? [] : [`content-LENGTH: ${length}`];
    const expected = ['Host: 127.0.0.1:19011', ...counted, 'Content-Type: text/plain', 'X-A: 1'];
    expect(
      headersOf({ ...framing, headers: [...framing.headers, 'Content-Length', '99'] }, silent, body),
    ).toEqual(expected);
  });

  test('stands last where the client sent chunks', () => {
    const body: Body = { kind: 'bytes', bytes: Buffer.from('abc'), contentType: undefined };
    expect(headersOf({ headers: fields('Transfer-Encoding: chunked', 'X-A: 1') }, silent, body)).toEqual([
      'Host: 127.0.0.1:19011',
      'X-A: 1',
      'Content-Length: 3',
    ]);
  });
});

describe('what a body parser left', () => {
  const bytes = Buffer.from('{}');

  test('has the type it was put into bytes as, and no coding', () => {
    const headers = fields('content-type: x/y', 'Content-Encoding: gzip', 'Content-Type: x/z');
    expect(headersOf({ headers }, silent, { kind: 'bytes', bytes, contentType: 'application/json' })).toEqual(
      ['Host: 127.0.0.1:19011', 'content-type: application/json', 'Content-Length: 2'],
    );
  });

  test('has a type where the client gave none', () => {
    expect(headersOf({}, silent, { kind: 'bytes', bytes, contentType: 'application/json' })).toEqual([
      'Host: 127.0.0.1:19011',
      'Content-Type: application/json',
      'Content-Length: 2',
    ]);
  });

  test('keeps the client’s type otherwise', () => {
    const headers = fields('Content-Type: text/plain', 'Content-Encoding: gzip');
    expect(headersOf({ headers }, silent, { kind: 'bytes', bytes, contentType: undefined })).toEqual([
      'Host: 127.0.0.1:19011',
      'Content-Type: text/plain',
      'Content-Length: 2',
    ]);
  });

  test('a body that streams keeps its coding', () => {
    const headers = fields('Content-Encoding: gzip');
    expect(headersOf({ headers }, silent)).toContain('Content-Encoding: gzip');
  });
});
