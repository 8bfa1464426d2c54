import type { Random } from '../../../support/seeded-random.ts';

const methods = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'PROPFIND',
  'M-SEARCH',
  'QUERY',
];

const targets = [
  ...[
    '/',
    '/a',
    '/a/b?c=d',
    '/a%20b',
    '/a/./b',
    '/a/../b',
    '/%2e%2e/a',
    '/a%2fb',
    '//a',
    '/a;x=y',
    '/?',
    '/a?b?c',
    '*',
  ],
  ...[
    'http://front.example/a',
    'https://other.example:81/a/..?x',
    'http://front.example',
    '/\xe9',
    '/a\\b',
    '/..;/a',
  ],
];

const fields = [
  ...[
    'Accept: */*',
    'Cookie: sid=1.m; a="b c"',
    'Cookie: x=y',
    'Via: 1.1 somebody (a, b)',
    'Max-Forwards: 5',
  ],
  ...[
    'X-Forwarded-For: 192.0.2.7',
    'Forwarded: for=192.0.2.7',
    'Connection: keep-alive',
    'Connection: X-Mine, close',
  ],
  ...[
    'X-Mine: 1',
    'TE: trailers',
    'Keep-Alive: timeout=5',
    'Accept-Encoding: gzip',
    'X-Empty:',
    'X-Bytes: \xe9\xff\x80',
  ],
  ...[
    'Authorization: Basic YTpi',
    'If-None-Match: "x"',
    'Range: bytes=0-1',
    'Idempotency-Key: 1',
    'Referer: http://x/y',
  ],
];

/** A request, or several on one connection, that nothing is wrong with; one character a byte. */
export function writeValid(random: Random): string {
  const count = random.happens(70) ? 1 : 2 + random.below(2);
  return Array.from({ length: count }, () => writeOne(random)).join('');
}

function writeOne(random: Random): string {
  if (random.happens(6)) return writeUpgrade(random);
  const version = random.happens(8) ? 'HTTP/1.0' : 'HTTP/1.1';
  const body = random.happens(50)
    ? ''
    : random.oneOf(['x', 'name=value', 'GET / HTTP/1.1\r\n\r\n', 'y'.repeat(3_000)]);
  const lines = [
    `${random.oneOf(methods)} ${random.oneOf(targets)} ${version}`,
    'Host: front.example',
    ...Array.from({ length: random.below(5) }, () => random.oneOf(fields)),
  ];
  if (random.happens(5)) lines.push('Expect: 100-continue');
  if (body === '' && random.happens(70)) return [...lines, '', ''].join('\r\n');
  if (version === 'HTTP/1.0' || random.happens(50)) {
    return [...lines, `Content-Length: ${body.length}`, '', body].join('\r\n');
  }
  return [...lines, 'Transfer-Encoding: chunked', '', writeChunks(body, random)].join('\r\n');
}

function writeChunks(body: string, random: Random): string {
  let text = '';
  for (let at = 0; at < body.length;) {
    const part = body.slice(at, at + 1 + random.below(body.length));
    text += `${part.length.toString(16)}${random.happens(10) ? ';a="b"' : ''}\r\n${part}\r\n`;
    at += part.length;
  }
  return `${text}0\r\n${random.happens(20) ? 'X-Trailer: 1\r\n' : ''}\r\n`;
}

function writeUpgrade(random: Random): string {
  const protocol = random.oneOf(['websocket', 'websocket', 'h2c', 'WebSocket, other']);
  const lines = ['GET /ws HTTP/1.1', 'Host: front.example', 'Connection: Upgrade', `Upgrade: ${protocol}`];
  return [...lines, 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', '', ''].join(
    '\r\n',
  );
}
