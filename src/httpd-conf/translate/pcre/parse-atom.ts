import { readUntilEnd, readClass } from './parse-class.ts';
import { readCodeEscape, readOctal, refuseEscape } from './parse-escape.ts';
import { readGroup } from './parse-group.ts';
import { readQuantifier } from './parse-quantifier.ts';
import { readReference } from './parse-reference.ts';
import type { Modes, Parsing } from './parse.ts';
import { findShorthand } from './ranges.ts';
import { mayRead, peek } from './reader.ts';
import { refuse } from './refusal.ts';
import type { Node } from './tree.ts';

/** What may be followed by a quantifier, which concerns the last of the nodes; or modes for what follows. */
export type Atom = Readonly<{ nodes: readonly Node[] } | { modes: Modes }>;

const lineStart = '(?:^|(?<=\\n)(?!$))';

/** Reads the next part of a pattern that is not at its end. */
export function readAtom(parsing: Parsing, modes: Modes): Atom {
  const { reader } = parsing;
  const at = reader.at;
  if (mayRead(reader, '\\')) return { nodes: readEscape(parsing, modes) };
  if (mayRead(reader, '(')) return readGroup(parsing, modes);
  if (mayRead(reader, '[')) return { nodes: [readClass(reader, modes.i)] };
  // httpd's default options: a dot is any character, and $ the very end (RegexDefaultOptions).
  if (mayRead(reader, '.')) return { nodes: [modes.s ? { kind: 'any' } : notLineFeed] };
  if (mayRead(reader, '^')) return { nodes: [anchor(modes.m ? lineStart : '^')] };
  if (mayRead(reader, '$')) return { nodes: [anchor(modes.m ? '(?=\\n|$)' : '$')] };
  const quantifier = readQuantifier(reader);
  if (quantifier) {
    const sign = reader.text.slice(at, reader.at);
    refuse(
      'a quantifier has nothing in front of it',
      `write .${sign} for any characters, or \\${sign}`,
      at,
      sign.length,
    );
  }
  const text = String.fromCodePoint(reader.text.codePointAt(at)!);
  reader.at += text.length;
  return { nodes: [{ kind: 'letter', text, isCaseless: modes.i }] };
}

const notLineFeed: Node = {
  kind: 'class',
  isNegated: true,
  items: [{ from: 10, to: 10 }],
  isCaseless: false,
};

function anchor(source: string): Node {
  return { kind: 'anchor', source };
}

const anchors: ReadonlyMap<string, string> = new Map([
  ['A', '^'],
  ['Z', '(?=\\n?$)'],
  ['z', '$'],
  ['b', '\\b'],
  ['B', '\\B'],
]);

function readEscape(parsing: Parsing, { i }: Modes): readonly Node[] {
  const { reader } = parsing;
  const at = reader.at - 1;
  if (mayRead(reader, 'Q'))
    return Array.from(readUntilEnd(reader), (text) => ({ kind: 'letter', text, isCaseless: i }));
  const reference = readReference(parsing, i, at);
  if (reference) return [reference];
  const code = /[0-7]/.test(peek(reader)) ? readOctal(reader, at) : readCodeEscape(reader);
  if (code !== undefined) return [{ kind: 'letter', text: String.fromCharCode(code), isCaseless: i }];
  const source = anchors.get(peek(reader));
  const items = findShorthand(peek(reader));
  if (source === undefined && !items) refuseEscape(reader, at);
  reader.at += 1;
  if (source !== undefined) return [anchor(source)];
  return [{ kind: 'class', isNegated: false, items: items!, isCaseless: false }];
}
