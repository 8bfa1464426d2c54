import fc from 'fast-check';
import type { RawHeaders } from '../../../src/rewrite/headers.ts';

function codes(from: number, to: number): readonly string[] {
  return Array.from({ length: to - from + 1 }, (_, i) => String.fromCharCode(from + i));
}

/** What Node's parser lets through in a field's value: a tab, and bytes that are no control characters. */
const valueCharacters = ['\t', ...codes(0x20, 0x7e), ...codes(0x80, 0xff)];
const tokenCharacters = "!#$%&'*+-.^_`|~0123456789abcXYZ".split('');

/** Pieces with a meaning somewhere, so that chance finds what is read otherwise than it is meant. */
const pieces = [
  ...[
    ';',
    ',',
    '"',
    '\\',
    '<',
    '>',
    '=',
    ' ',
    '\t',
    '//',
    '/',
    '?',
    '#',
    ':',
    '@',
    '%2e',
    '%2F',
    '%00',
    '%',
    '..',
    '.',
  ],
  ...[
    '\u0080',
    '\u0085',
    '\u00a0',
    '\u00ff',
    '(',
    ')',
    '[',
    ']',
    '[::1]',
    'url=',
    '0;',
    'rel=x',
    ' Path=',
    ' Domain=',
  ],
  ...[
    'http:',
    'https:',
    'HTTP://',
    'member.example',
    'front.example',
    '/app',
    '/mount',
    '/app/x',
    'sid',
    'a.b',
    ':8080',
  ],
];

/** Any text of bytes that can stand in a field's value, trimmed as parsers trim it. */
export const anyValue: fc.Arbitrary<string> = fc
  .oneof(
    fc.string({ unit: fc.constantFrom(...valueCharacters), maxLength: 30 }),
    fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((all) => all.join('')),
  )
  .map((value) => value.replace(/^[ \t]+|[ \t]+$/g, ''));

export const anyToken: fc.Arbitrary<string> = fc.string({
  unit: fc.constantFrom(...tokenCharacters),
  minLength: 1,
  maxLength: 12,
});

const knownNames = [
  ...[
    'Connection',
    'Keep-Alive',
    'Proxy-Connection',
    'TE',
    'Trailer',
    'Transfer-Encoding',
    'Upgrade',
    'Host',
    'Expect',
  ],
  ...[
    'Content-Length',
    'Content-Type',
    'Content-Encoding',
    'Cookie',
    'Via',
    'Max-Forwards',
    'Proxy-Authorization',
  ],
  ...[
    'X-Forwarded-For',
    'X_Forwarded_For',
    'X-Forwarded-Proto',
    'X-Forwarded-Prefix',
    'X-Forwarded-Else',
    'Forwarded',
  ],
  ...[
    'Location',
    'Content-Location',
    'URI',
    'Destination',
    'Refresh',
    'Link',
    'Set-Cookie',
    'Proxy-Authenticate',
    'X-A',
  ],
];

const anyName = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...knownNames, ...knownNames.map((name) => name.toLowerCase())) },
  anyToken,
);

/** What Connection may name: fields that are there, among others. */
const anyNomination = fc
  .array(fc.oneof(fc.constantFrom('close', 'keep-alive', '', 'Upgrade'), anyName), { maxLength: 4 })
  .map((names) => names.join(', '));

/** A head's fields, as Node's parser may hand them over. */
export const anyHeaders: fc.Arbitrary<RawHeaders> = fc
  .array(
    fc.oneof(
      { weight: 5, arbitrary: fc.tuple(anyName, anyValue) },
      fc.tuple(fc.constantFrom('Connection', 'connection'), anyNomination),
    ),
    { maxLength: 10 },
  )
  .map((all) => all.flat());
