import { quote } from '../../../definition/describe.ts';
import type { Atom } from './parse-atom.ts';
import { judgeName, judgeGroup } from './parse-reference.ts';
import { readBranches, type Modes, type Parsing } from './parse.ts';
import { mayRead, peek, readBy } from './reader.ts';
import { refuse } from './refusal.ts';
import type { Branches, LookOpening } from './tree.ts';

const lookOpenings: readonly LookOpening[] = ['(?=', '(?!', '(?<=', '(?<!'];

/** Reads a group, its `(` being read, or modes. */
export function readGroup(parsing: Parsing, modes: Modes): Atom {
  const { reader } = parsing;
  const at = reader.at - 1;
  if (peek(reader) === '*') refuse('JavaScript knows no (*VERB)', 'leave it out', at, 2);
  if (!mayRead(reader, '?')) return readCapture(parsing, modes, undefined, at);
  const opening = lookOpenings.find((each) => mayRead(reader, each.slice(2)));
  if (opening) return { nodes: [{ kind: 'look', opening, branches: readInner(parsing, modes, at), at: at }] };
  if (mayRead(reader, '>'))
    return { nodes: [{ kind: 'atomic', branches: readInner(parsing, modes, at), at }] };
  const named = readBy(reader, /P?<(\w+)>|'(\w+)'/y);
  if (named) return readCapture(parsing, modes, named[1] ?? named[2], at);
  const referred = readBy(reader, /P=(\w+)\)/y);
  if (referred) {
    const length = reader.at - at;
    const group = judgeGroup(parsing, judgeName(parsing, referred[1]!, at, length), at, length);
    return { nodes: [{ kind: 'reference', group, isCaseless: modes.i, at }] };
  }
  return readModes(parsing, modes, at);
}

function readInner(parsing: Parsing, modes: Modes, at: number): Branches {
  const branches = readBranches(parsing, modes);
  if (!mayRead(parsing.reader, ')'))
    refuse('a group is not closed', 'write ) behind it, or \\( for the character', at);
  return branches;
}

function readCapture(parsing: Parsing, modes: Modes, name: string | undefined, at: number): Atom {
  parsing.groups += 1;
  const number = parsing.groups;
  if (name !== undefined) {
    if (/^\d/.test(name) || name.length > 32)
      refuse(`${quote(name)} is no name of a group`, 'write a shorter one that begins with a letter', at);
    if (parsing.names.has(name)) refuse(`there are two groups ${quote(name)}`, 'write another name', at);
    parsing.names.set(name, number);
  }
  const branches = readInner(parsing, modes, at);
  parsing.closed.add(number);
  return { nodes: [{ kind: 'group', number, name, branches }] };
}

/** `(?i)` for what follows, `(?i:…)` for what is in it, `(?:…)`. */
function readModes(parsing: Parsing, modes: Modes, at: number): Atom {
  const { reader } = parsing;
  const [whole, on = '', off = '', end] =
    readBy(reader, /([imsx]*)(?:-([imsx]*))?([:)])/y) ?? ([] as (string | undefined)[]);
  if (whole === undefined) refuseGroup(parsing, at);
  const has = (mode: keyof Modes): boolean => (modes[mode] || on.includes(mode)) && !off.includes(mode);
  const changed: Modes = { i: has('i'), m: has('m'), s: has('s'), x: has('x') };
  if (end === ')') return { modes: changed };
  const branches = readInner(parsing, changed, at);
  return { nodes: [{ kind: 'group', number: undefined, name: undefined, branches }] };
}

function refuseGroup({ reader }: Parsing, at: number): never {
  const [what, advice] = groupAdvice.find(([begin]) => begin.test(reader.text.slice(at)))!.slice(1) as [
    string,
    string,
  ];
  refuse(`JavaScript knows no ${what}`, advice, at, 3);
}

const groupAdvice: readonly (readonly [RegExp, string, string])[] = [
  [/^\(\?\|/, '(?|…), groups of one number', 'write (…|…) and one $n for each alternative'],
  [
    /^\(\?(?:R|0|[+-]?\d|&|P>)/,
    'recursion in patterns',
    'write the pattern out as often as it may be nested',
  ],
  [/^\(\?\(/, 'conditions in patterns', 'write the alternatives out: (?:…|…)'],
  [/^\(\?C/, 'callouts', 'leave it out'],
  [/^\(\?[a-zA-Z^-]*[UJn^]/, 'such modes', 'write *? and +? for U, and (?:…) for n'],
  [/^/, 'such a group', 'write (?:…), or \\( for the character'],
];
