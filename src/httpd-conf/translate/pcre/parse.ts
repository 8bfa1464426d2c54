import { readAtom } from './parse-atom.ts';
import { readQuantifier } from './parse-quantifier.ts';
import { createReader, isDone, mayRead, peek, readUntil, type Reader } from './reader.ts';
import { refuse } from './refusal.ts';
import type { Branches, Node } from './tree.ts';

/** What `(?i)` and the like have set where the reader is. */
export type Modes = Readonly<{ i: boolean; m: boolean; s: boolean; x: boolean }>;

/** A pattern on its way to a tree. */
export type Parsing = {
  readonly reader: Reader;
  /** How many groups have been opened that capture. */
  groups: number;
  /** Those of them that are closed: what can be referred to. */
  readonly closed: Set<number>;
  readonly names: Map<string, number>;
  depth: number;
};

const deepest = 200;

/** The tree of a pattern, and how many of its groups capture. */
export function parsePattern(text: string, modes: Modes): Readonly<{ branches: Branches; groups: number }> {
  const parsing: Parsing = {
    reader: createReader(text),
    groups: 0,
    closed: new Set(),
    names: new Map(),
    depth: 0,
  };
  const branches = readBranches(parsing, modes);
  if (!isDone(parsing.reader)) {
    refuse('a ) closes nothing', 'write \\) for the character, or leave it out', parsing.reader.at);
  }
  return { branches, groups: parsing.groups };
}

/** Reads alternatives, up to a `)` or the end. Modes set within hold until there. */
export function readBranches(parsing: Parsing, given: Modes): Branches {
  const { reader } = parsing;
  parsing.depth += 1;
  if (parsing.depth > deepest)
    refuse('its groups are nested too deeply', 'write fewer within each other', reader.at);
  const branches: Node[][] = [[]];
  let modes = given;
  while (!isDone(reader) && peek(reader) !== ')') {
    if (mayRead(reader, '|')) {
      branches.push([]);
      continue;
    }
    if (isSkipped(reader, modes)) continue;
    const atom = readAtom(parsing, modes);
    if ('modes' in atom) {
      modes = atom.modes;
      continue;
    }
    const nodes = [...atom.nodes];
    const last = nodes.pop();
    if (last) branches.at(-1)!.push(...nodes, readRepeats(reader, last, modes));
  }
  parsing.depth -= 1;
  return branches;
}

/** Comments, and with `(?x)` blanks; `\E` without `\Q` is nothing. */
function isSkipped(reader: Reader, { x }: Modes): boolean {
  const start = reader.at;
  if (mayRead(reader, '(?#')) {
    readUntil(reader, ')', 'a comment', start);
    return true;
  }
  if (mayRead(reader, '\\E')) return true;
  if (!x) return false;
  if (mayRead(reader, '#')) {
    const end = reader.text.indexOf('\n', reader.at);
    reader.at = end === -1 ? reader.text.length : end + 1;
    return true;
  }
  if (!/\s/.test(peek(reader))) return false;
  reader.at += 1;
  return true;
}

/** A node with the quantifiers behind it. */
function readRepeats(reader: Reader, node: Node, modes: Modes): Node {
  let repeated = node;
  for (;;) {
    while (isSkipped(reader, modes));
    const at = reader.at;
    const quantifier = readQuantifier(reader);
    if (!quantifier) return repeated;
    if (node.kind === 'anchor' || node.kind === 'look') {
      refuse('there is nothing to repeat in a place', 'write what is to be repeated in front of it', at);
    }
    const { min, max, mode } = quantifier;
    const repeat: Node = { kind: 'repeat', node: repeated, min, max, isLazy: mode === 'lazy', at };
    repeated = mode === 'possessive' ? { kind: 'atomic', branches: [[repeat]], at } : repeat;
  }
}
